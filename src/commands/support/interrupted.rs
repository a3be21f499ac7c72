//! Rotations whose processes were killed: what the next run of the command makes of them.

use std::path::Path;

use super::login::ActiveLogin;
use super::messages::called;
use super::plan::endpoint;
use super::select::{Selector, has_form_of_id};
use super::{log, messages};
use crate::context::Context;
use crate::creation::{self, Interrupted, Recorded, Rotation, State, Subject, is_settled};
use crate::error::{Error, Kind};
use crate::hint::{Hint, Word};
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::iam::verified::{Failure, KeyChange};
use crate::text;

/// How an interrupted rotation goes on.
pub(crate) enum Continued {
    /// The new key may not exist yet; its value is saved.
    Recorded(Box<Recorded>),
    /// The new key is in its place; the old one may not be retired yet.
    Delivered(Box<Interrupted>, Rotation),
}

/// Names are not longer, in characters.
const LONGEST_NAME: usize = 255;

/// The name of a new key until its ID is on the disk: nobody else uses it.
pub(crate) fn marked_name(name: &str, run: &str) -> String {
    let suffix = format!(" (rotating {run})");
    let room = LONGEST_NAME - suffix.chars().count();
    name.chars().take(room).chain(suffix.chars()).collect()
}

/// Looks for an interrupted rotation of a key with one of these names or IDs. A new key whose value is lost is deleted,
/// so that another rotation can begin.
pub(crate) async fn find(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    keys: &[&str],
    file: Option<&Path>,
    runs_program: bool,
) -> Result<Option<Continued>, Error> {
    for logged in creation::logged(&log(&context.settings)?) {
        let Some(rotation) = logged.subject().rotation.clone().filter(|_| is_own(logged.subject(), active)) else {
            continue;
        };
        let is_meant = keys.iter().any(|key| *key == rotation.old_id || *key == rotation.name);
        if !is_meant && !keys.iter().any(|key| has_form_of_id(key)) {
            continue;
        }
        let found = match logged.load(true) {
            Ok(Some(found)) => found,
            Err(_) if is_meant => return Err(creation::Error::Rotating(rotation.name).into()),
            Ok(None) | Err(_) => continue,
        };
        if !is_meant && !found.key_id().is_some_and(|id| keys.contains(&id)) {
            continue;
        }
        match &found.state {
            State::NotSent | State::Complete => found.forget()?,
            State::Orphan { id, .. } => {
                let id = id.clone();
                clear(context, active, found, id.as_deref(), &rotation).await?;
            }
            State::Resumable => return resume(context, found, file, runs_program, &rotation).map(Some),
            State::Delivered => {
                if is_there(active, &found).await? {
                    return Ok(Some(Continued::Delivered(Box::new(found), rotation)));
                }
                context.ui.note("The new key of an interrupted rotation was deleted in the meantime.");
                found.forget()?;
            }
            State::Missing | State::Unusable => return Err(lost(found, &rotation)),
        }
    }
    Ok(None)
}

/// Whether a rotation was begun by this user at this endpoint.
fn is_own(subject: &Subject, active: &ActiveLogin) -> bool {
    let login = &active.login;
    (subject.endpoint.as_str(), subject.account_id.as_str(), subject.iam_id.as_str())
        == (endpoint(login).as_str(), login.account_id.as_str(), login.iam_id())
}

/// Goes on with a rotation whose new value is saved beside its file.
fn resume(
    context: &mut Context<'_>,
    found: Interrupted,
    file: Option<&Path>,
    runs_program: bool,
    rotation: &Rotation,
) -> Result<Continued, Error> {
    let path = found.subject.file.clone().unwrap_or_default();
    let is_same = file.is_some_and(|file| std::path::absolute(file).is_ok_and(|file| file == path));
    if runs_program || !is_same {
        let name = text::name(&rotation.name);
        let message = format!("An interrupted rotation of API key {name} writes to {}.", path.display());
        let words: [Word; 4] =
            ["api-key-rotate".into(), rotation.old_id.as_str().into(), "--file".into(), path.as_path().into()];
        return Err(Error::new(Kind::Conflict, message).hint(Hint::run("To finish it, run", words)));
    }
    let name = context.ui.name(&rotation.name);
    context.ui.say(&format!("Continuing the rotation of API key {name}..."));
    let settings = &context.settings;
    let recorded = found.resume(&path, || settings.replaced_folder().ok())?;
    Ok(Continued::Recorded(Box::new(recorded)))
}

/// Whether the new key of a rotation exists and works.
async fn is_there(active: &ActiveLogin, found: &Interrupted) -> Result<bool, Error> {
    let client = &active.login.client;
    let key = match found.key_id() {
        Some(id) => client.get_api_key(id, Include::default()).await.map(Some),
        None => found.find(client).await.map(|created| created.map(|created| created.key)),
    };
    match key {
        Ok(Some(key)) if key.disabled => {
            Err(Error::new(Kind::Conflict, format!("The new key, {}, is disabled.", called(&key)))
                .hint(Hint::run("Enable it first", ["api-key-enable", &key.id])))
        }
        Ok(key) => Ok(key.is_some()),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Deletes the new key of a rotation, whose value was on no disk. A delayed request may still create it, so the log knows
/// it for a while.
async fn clear(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    mut found: Interrupted,
    id: Option<&str>,
    rotation: &Rotation,
) -> Result<(), Error> {
    let client = &active.login.client;
    let keys: Vec<ApiKey> = match id {
        Some(id) => match client.get_api_key(id, Include::default()).await {
            Ok(key) => vec![key],
            Err(error) if error.is_not_found() => Vec::new(),
            Err(error) => return Err(error.into()),
        },
        None => Selector::own(active).named(&found.subject.name).await?,
    };
    for key in keys.iter().filter(|key| key.id != rotation.old_id) {
        match KeyChange::Delete.apply(client, &key.id).await {
            Ok(()) => {}
            Err(Failure::NotMade(error)) => return Err(messages::refused(client, key, error).await),
            Err(Failure::Unknown(error)) => return Err(messages::unknown(key, error)),
        }
        found.note_deleted();
        context.ui.note(format!(
            "An earlier rotation was interrupted, and the value of its new key is lost. ibmiam deleted {}.",
            called(key)
        ));
    }
    if id.is_some() || !keys.is_empty() || is_settled(found.subject.begun_at, (context.now)()) {
        found.forget()?;
    } else {
        // This run takes its place; no later command has to tell of it.
        found.mark_reported();
    }
    Ok(())
}

fn lost(found: Interrupted, rotation: &Rotation) -> Error {
    if let Some(error) = found.unusable {
        return error.into();
    }
    let path = found.subject.file.unwrap_or_default();
    let name = text::name(&rotation.name);
    let message = format!(
        "The rotation of API key {name} was interrupted, and the pending file with the new value is not next to {}.",
        path.display()
    );
    let words: [Word; 3] = ["api-key-recover".into(), path.as_path().into(), "--discard".into()];
    Error::failed(message)
        .hint("If its disk is not mounted, mount it, then run the command again.")
        .and_hint(Hint::run("To discard the new key's value, run", words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_name_is_not_longer_than_a_name_may_be() {
        assert_eq!(marked_name("ci", "6f1c"), "ci (rotating 6f1c)");
        assert_eq!(marked_name(&"鍵".repeat(255), "6f1c").chars().count(), LONGEST_NAME);
    }
}
