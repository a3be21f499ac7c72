//! What a rotation would do, for `--dry-run`.

use crate::cli::rotate::Rotate;
use crate::context::Context;
use crate::creation::Rotation;
use crate::error::Error;
use crate::format::Format;
use crate::iam::ApiKey;
use crate::ops::rotation::retire::{Policy, is_retired};
use crate::output::report::Record;

/// What a rotation would do.
pub(crate) struct RotationPlan<'a> {
    /// The old ID and the name of the key.
    pub(crate) rotation: &'a Rotation,
    /// The old key; `None` if it was deleted.
    pub(crate) old: Option<&'a ApiKey>,
    /// The expiration time of the new key; `None` if it never expires.
    pub(crate) expires_at: Option<&'a str>,
    /// Whether an interrupted run already delivered the value.
    pub(crate) is_delivered: bool,
}

impl RotationPlan<'_> {
    /// Shows the plan.
    pub(crate) fn show(&self, context: &mut Context<'_>, options: &Rotate, policy: Policy) -> Result<(), Error> {
        let Self { rotation, old, expires_at, is_delivered } = self;
        let now = (context.now)();
        let name = &rotation.name;
        let is_changed = |old: &&&ApiKey| !(is_retired(old, name) && policy != Policy::Delete);
        let changes =
            old.as_ref().filter(is_changed).and_then(|old| policy.changes(name, old, now)).unwrap_or_default();
        let is_due = !is_delivered;
        let program = options.command.first().filter(|_| is_due).map(|program| program.to_string_lossy().into_owned());
        let file = options.file.as_ref().filter(|_| is_due).map(|file| file.to_string_lossy().into_owned());
        let object = serde_json::json!({
            "old_id": rotation.old_id, "name": name, "expires_at": expires_at, "file": file, "program": program,
            "old_key": policy.word(), "old_key_name": changes.name, "old_key_expires_at": changes.expires_at,
            "delivered": is_delivered,
        });
        let fields = if context.ui.format() == Format::Table {
            let to = match (file, program) {
                _ if *is_delivered => "nowhere: the interrupted run delivered it".to_owned(),
                (Some(file), _) => file,
                (None, Some(program)) => format!("standard input of {program}"),
                (None, None) => "standard output".to_owned(),
            };
            let then = match old {
                None => "does not exist".to_owned(),
                Some(old) if is_changed(&old) => policy.describe(name, old, now),
                Some(_) => "is not changed again".to_owned(),
            };
            vec![
                ("Old key", "", rotation.old_id.clone()),
                ("New key", "", name.clone()),
                ("Expires", "", expires_at.unwrap_or("never").to_owned()),
                ("Value goes to", "", to),
                ("Then the old key", "", then),
            ]
        } else {
            vec![
                ("", "old_id", rotation.old_id.clone()),
                ("", "name", name.clone()),
                ("", "expires_at", expires_at.unwrap_or_default().to_owned()),
                ("", "file", file.unwrap_or_default()),
                ("", "program", program.unwrap_or_default()),
                ("", "old_key", policy.word().to_owned()),
                ("", "old_key_name", changes.name.unwrap_or_default()),
                ("", "old_key_expires_at", changes.expires_at.unwrap_or_default()),
                ("", "delivered", is_delivered.to_string()),
            ]
        };
        context.ui.render(&Record { fields, width: 19, object })?;
        Ok(())
    }
}
