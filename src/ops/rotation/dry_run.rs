//! What a rotation would do, for `--dry-run`.

use crate::cli::rotate::Rotate;
use crate::context::Context;
use crate::creation::Rotation;
use crate::error::Error;
use crate::format::Format;
use crate::iam::{ApiKey, KeyChanges};
use crate::ops::rotation::retire::{Policy, is_retired};
use crate::output::Column;
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
        let to = match (&file, &program) {
            _ if *is_delivered => "nowhere: the interrupted run delivered it".to_owned(),
            (Some(file), _) => file.clone(),
            (None, Some(program)) => format!("standard input of {program}"),
            (None, None) => "standard output".to_owned(),
        };
        let then = match old {
            None => "does not exist".to_owned(),
            Some(old) if is_changed(&old) => policy.describe(name, old, now),
            Some(_) => "is not changed again".to_owned(),
        };
        let expires_at = expires_at.map(str::to_owned);
        let shown =
            Shown { rotation: (*rotation).clone(), expires_at, file, program, to, policy, changes, then, is_due };
        context.ui.render(&Record { missing: "never", ..Record::new(&FIELDS, &shown, 19) })?;
        Ok(())
    }
}

/// A plan as it is shown.
struct Shown {
    rotation: Rotation,
    expires_at: Option<String>,
    file: Option<String>,
    program: Option<String>,
    /// Where the value goes.
    to: String,
    policy: Policy,
    changes: KeyChanges,
    /// What happens to the old key.
    then: String,
    is_due: bool,
}

const FIELDS: [Column<Shown>; 11] = [
    Column::new("Old key", "old_id", |shown| (&shown.rotation.old_id).into()),
    Column::new("New key", "name", |shown| (&shown.rotation.name).into()),
    Column::new("Expires", "expires_at", |shown| shown.expires_at.as_deref().into()),
    Column::of(&[Format::Table], "Value goes to", "", |shown| (&shown.to).into()),
    Column::of(&[Format::Table], "Then the old key", "", |shown| (&shown.then).into()),
    Column::for_programs("file", |shown| shown.file.as_deref().into()),
    Column::for_programs("program", |shown| shown.program.as_deref().into()),
    Column::for_programs("old_key", |shown| shown.policy.word().into()),
    Column::for_programs("old_key_name", |shown| shown.changes.name.as_deref().into()),
    Column::for_programs("old_key_expires_at", |shown| shown.changes.expires_at.as_deref().into()),
    Column::for_programs("delivered", |shown| (!shown.is_due).into()),
];
