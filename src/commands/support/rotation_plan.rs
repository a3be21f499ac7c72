//! What a rotation would do, for `--dry-run`.

use super::retire::Policy;
use crate::cli::rotate::Rotate;
use crate::context::Context;
use crate::error::Error;
use crate::format::Format;
use crate::iam::ApiKey;
use crate::output::report::Record;

/// Shows what a rotation would do. `expires_at` is the expiration time of the new key.
pub(crate) fn show(
    context: &mut Context<'_>,
    options: &Rotate,
    old: &ApiKey,
    expires_at: Option<&str>,
    policy: Policy,
) -> Result<(), Error> {
    let now = (context.now)();
    let changes = policy.changes(&old.name, old, now).unwrap_or_default();
    let program = options.command.first().map(|program| program.to_string_lossy().into_owned());
    let file = options.file.as_ref().map(|file| file.to_string_lossy().into_owned());
    let object = serde_json::json!({
        "old_id": old.id, "name": old.name, "expires_at": expires_at, "file": file, "program": program,
        "old_key": policy.word(), "old_key_name": changes.name, "old_key_expires_at": changes.expires_at,
    });
    let fields = if context.ui.format() == Format::Table {
        let to = match (file, program) {
            (Some(file), _) => file,
            (None, Some(program)) => format!("standard input of {program}"),
            (None, None) => "standard output".to_owned(),
        };
        vec![
            ("Old key", "", old.id.to_string()),
            ("New key", "", old.name.to_string()),
            ("Expires", "", expires_at.unwrap_or("never").to_owned()),
            ("Value goes to", "", to),
            ("Then the old key", "", policy.describe(&old.name, old, now)),
        ]
    } else {
        vec![
            ("", "old_id", old.id.to_string()),
            ("", "name", old.name.to_string()),
            ("", "expires_at", expires_at.unwrap_or_default().to_owned()),
            ("", "file", file.unwrap_or_default()),
            ("", "program", program.unwrap_or_default()),
            ("", "old_key", policy.word().to_owned()),
            ("", "old_key_name", changes.name.unwrap_or_default()),
            ("", "old_key_expires_at", changes.expires_at.unwrap_or_default()),
        ]
    };
    context.ui.render(&Record { fields, width: 19, object })?;
    Ok(())
}
