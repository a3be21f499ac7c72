//! Rotations whose processes were killed, and how the next run of the command handles them.

use std::path::{Path, PathBuf};

use super::login::ActiveLogin;
use super::messages::called;
use super::plan::endpoint;
use super::select::Selector;
use super::{log, messages, retire};
use crate::context::Context;
use crate::creation::{self, Interrupted, Log, Rotation, State, Subject, is_settled};
use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::iam::types::name_with;
use crate::iam::verified::{ChangeFailure, KeyChange};
use crate::text;
use crate::time;

/// An interrupted rotation of the requested key.
pub(crate) struct InterruptedRotation {
    /// The rotation: the old ID and the name of the key.
    pub(crate) rotation: Rotation,
    /// How far the rotation got.
    pub(crate) stage: Stage,
    /// The interrupted creation of the new key.
    pub(crate) creation: Interrupted,
}

/// How far an interrupted rotation got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A new key may exist, but its value is lost.
    Lost,
    /// The new value is saved in the pending file, next to the requested file.
    Saved,
    /// The new key is delivered, but the old key may not be retired yet.
    Delivered,
}

/// The start of the suffix in the name of a new key, until its ID is on disk.
pub(super) const MARK: &str = " (rotating ";

/// Returns the name of a new key until its ID is on disk. The ID of the run makes the name unique.
pub(crate) fn marked_name(name: &str, run: &str) -> String {
    name_with(name, &format!("{MARK}{run})"))
}

/// Finds interrupted rotations of a key with one of these names or IDs, in the log and beside the requested file. If one
/// of them can be continued, returns only that one. Superseded ones come last.
pub(crate) async fn find(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    keys: &[&str],
    file: Option<&Path>,
) -> Result<Vec<InterruptedRotation>, Error> {
    let log = log(&context.settings)?;
    let mut lost = Vec::new();
    for logged in creation::logged(&log) {
        let Some(rotation) = logged.subject().rotation.clone().filter(|_| is_own(logged.subject(), active)) else {
            continue;
        };
        if !is_of(&rotation, keys) {
            continue;
        }
        let creation = match logged.load(true) {
            Ok(Some(creation)) => creation,
            Ok(None) => continue,
            Err(_) => return Err(creation::Error::Rotating(rotation.name).into()),
        };
        let (creation, rotation) = match file {
            Some(file) if creation.state == State::Missing => {
                // The file may have been moved with its folder. To look there, the entry must not be locked.
                let subject = creation.subject.clone();
                drop(creation);
                let moved = beside(&log, file, active, keys).filter(|(moved, _)| moved.state != State::Missing);
                moved.ok_or_else(|| missing(&subject, &rotation))?
            }
            _ => (creation, rotation),
        };
        match classify(context, active, creation, rotation).await? {
            Some(found) if found.stage == Stage::Lost => lost.push(found),
            Some(found) => return Ok(vec![found]),
            None => {}
        }
    }
    if let Some(file) = file.filter(|file| !lost.iter().any(|lost| wrote_to(&lost.creation, Some(file))))
        && let Some((creation, rotation)) = beside(&log, file, active, keys)
        && !creation.is_logged()
        && let Some(found) = classify(context, active, creation, rotation).await?
    {
        return Ok(vec![found]);
    }
    lost.sort_by_key(|found| found.creation.is_superseded());
    Ok(lost)
}

/// Returns the rotation of the requested key that has a pending file beside `file`.
fn beside(log: &Log, file: &Path, active: &ActiveLogin, keys: &[&str]) -> Option<(Interrupted, Rotation)> {
    // Any error is reported when the file is reserved.
    let creation = creation::load(log, file).ok()??;
    let rotation = creation.subject.rotation.clone().filter(|rotation| is_of(rotation, keys))?;
    is_own(&creation.subject, active).then_some((creation, rotation))
}

fn is_of(rotation: &Rotation, keys: &[&str]) -> bool {
    keys.iter().any(|key| *key == rotation.old_id || *key == rotation.name)
}

/// Determines how far an interrupted rotation got; `None` if nothing is left of it.
async fn classify(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    creation: Interrupted,
    rotation: Rotation,
) -> Result<Option<InterruptedRotation>, Error> {
    let stage = match &creation.state {
        State::NotSent | State::Complete => {
            creation.forget()?;
            return Ok(None);
        }
        State::Orphan { .. } if creation.is_superseded() => Stage::Lost,
        State::Orphan { .. } if is_in_use(context, active, &creation, &rotation).await? => Stage::Delivered,
        State::Orphan { .. } => Stage::Lost,
        State::Resumable => Stage::Saved,
        State::Delivered if is_there(active, &creation).await? => Stage::Delivered,
        State::Delivered => {
            context.ui.note("The new key of an interrupted rotation was deleted in the meantime.");
            creation.forget()?;
            return Ok(None);
        }
        State::Missing => return Err(missing(&creation.subject, &rotation)),
        State::Unusable => {
            let missing = missing(&creation.subject, &rotation);
            return Err(creation.unusable.map_or(missing, Error::from));
        }
    };
    Ok(Some(InterruptedRotation { rotation, stage, creation }))
}

/// Whether this user started the creation of a key for the same owner, at this endpoint and in this account.
pub(super) fn is_own(subject: &Subject, active: &ActiveLogin) -> bool {
    let login = &active.login;
    let owner = subject.owner.as_ref().unwrap_or(&subject.iam_id);
    owner == active.owner.iam_id()
        && (subject.endpoint.as_str(), subject.account_id.as_str(), subject.iam_id.as_str())
            == (endpoint(login).as_str(), login.account_id.as_str(), login.iam_id())
}

/// Whether a new key whose value may have been delivered must be treated as in use: this command is logged in with it,
/// or the old key no longer works.
async fn is_in_use(
    context: &Context<'_>,
    active: &ActiveLogin,
    creation: &Interrupted,
    rotation: &Rotation,
) -> Result<bool, Error> {
    let State::Orphan { id: Some(id), maybe_delivered: true } = &creation.state else { return Ok(false) };
    if !is_there(active, creation).await? {
        return Ok(false);
    }
    if active.login.key_id().await.as_deref() == Some(id) {
        return Ok(true);
    }
    let old = match active.login.client.get_api_key(&rotation.old_id, Include::default()).await {
        Ok(old) => old,
        Err(error) if error.is_not_found() => return Ok(true),
        Err(error) => return Err(error.into()),
    };
    let is_over = time::parse(&old.expires_at).is_some_and(|end| end <= (context.now)());
    Ok(is_over || old.disabled || retire::is_retired(&old, &rotation.name))
}

/// Whether an interrupted rotation wrote to this file. Resolves links, because a file can have several paths.
pub(crate) fn wrote_to(creation: &Interrupted, file: Option<&Path>) -> bool {
    let place = |path: &Path| -> Option<PathBuf> {
        let path = std::path::absolute(path).ok()?;
        let behind = crate::files::through_own_links(&path).ok().flatten().unwrap_or(path);
        Some(behind.parent()?.canonicalize().ok()?.join(behind.file_name()?))
    };
    match (&creation.subject.file, file) {
        (Some(written), Some(file)) => written == file || place(written).is_some_and(|at| place(file) == Some(at)),
        (None, None) => true,
        _ => false,
    }
}

/// Whether the new key of a rotation exists. A disabled key is an error.
async fn is_there(active: &ActiveLogin, creation: &Interrupted) -> Result<bool, Error> {
    let client = &active.login.client;
    let key = match creation.key_id() {
        Some(id) => client.get_api_key(id, Include::default()).await.map(Some),
        None => creation.find(client).await.map(|created| created.map(|created| created.key)),
    };
    match key {
        Ok(Some(key)) if key.disabled => {
            Err(Error::new(Kind::Conflict, format!("The new key, {}, is disabled.", called(&key)))
                .hint(messages::key_hint("Enable it first", "enable", &key.id, &key.iam_id))
                .and_hint(messages::discard_rotation(&creation.subject, &creation.state)))
        }
        Ok(key) => Ok(key.is_some()),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether the request for the new key had a name that no other key has. If not, the key cannot be found by its name.
pub(crate) fn has_own_name(subject: &Subject) -> bool {
    subject.file.is_none() && subject.name.contains(MARK)
}

/// Deletes the new key of a rotation whose value is lost. If no key is found, the log entry stays, marked as superseded,
/// because a delayed request may still create the key. A later rotation or `api-key-recover` removes the entry.
pub(crate) async fn clear(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    found: InterruptedRotation,
) -> Result<(), Error> {
    let InterruptedRotation { rotation, mut creation, .. } = found;
    let client = &active.login.client;
    let (id, maybe_delivered) = match &creation.state {
        State::Orphan { id, maybe_delivered } => (id.clone(), *maybe_delivered),
        _ => (None, false),
    };
    let by_id = match &id {
        Some(id) => match client.get_api_key(id, Include::default()).await {
            Ok(key) => Some(key),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let is_by_id = by_id.is_some();
    let has_own_name = has_own_name(&creation.subject);
    let keys: Vec<ApiKey> = match by_id {
        Some(key) => vec![key],
        // The log has no ID, or its key was deleted and a delayed request may have created another key with the name of
        // that run.
        None if has_own_name => Selector::of(active).named(&creation.subject.name).await?,
        None => Vec::new(),
    };
    for key in keys.iter().filter(|key| key.id != rotation.old_id) {
        match KeyChange::Delete.apply(client, &key.id).await {
            Ok(()) => {}
            Err(ChangeFailure::NotMade(error)) => return Err(messages::refused(client, key, error).await),
            Err(ChangeFailure::Unknown(error)) => return Err(messages::unknown(key, error)),
        }
        creation.note_deleted();
        let end = if maybe_delivered { " If the value was delivered, it no longer works." } else { "" };
        context.ui.note(format!(
            "An earlier rotation was interrupted, and the value of its new key is lost. ibmiam deleted {}.{end}",
            called(key)
        ));
    }
    let is_settled = is_settled(creation.subject.begun_at, (context.now)());
    if is_by_id || !keys.is_empty() || is_settled && (has_own_name || id.is_some() || creation.was_deleted()) {
        return Ok(creation.forget()?);
    }
    if has_own_name {
        // This run replaces the interrupted one, so later commands do not report it.
        creation.mark_reported();
    }
    creation.supersede();
    Ok(())
}

fn missing(subject: &Subject, rotation: &Rotation) -> Error {
    let path = subject.file.as_deref().unwrap_or(Path::new(""));
    let name = text::name(&rotation.name);
    let message = format!(
        "The rotation of API key {name} was interrupted, and ibmiam cannot find the pending file with the new value \
         next to {}.",
        path.display()
    );
    Error::failed(message)
        .hint("If you moved the folder, pass the new path with --file. If its disk is not mounted, mount it.")
        .and_hint(Hint::run(
            "To discard the rotation, run this; if the new key exists, it is not deleted",
            messages::discard_words(Some(path)),
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_name_is_not_longer_than_a_name_may_be() {
        assert_eq!(marked_name("ci", "6f1c"), "ci (rotating 6f1c)");
        assert_eq!(marked_name(&"鍵".repeat(255), "6f1c").chars().count(), 255);
    }
}
