//! Rotations whose processes were killed, and how the next run of the command handles them.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::creation::{
    self, Creation, Leftover, Loaded, Log, Orphan, Plan, Resumable, Rotation, Scanned, Unretired, Wait, is_settled,
    leftovers,
};
use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::iam::types::name_with;
use crate::iam::verified::{ChangeFailure, KeyChange};
use crate::ops::keys::select::Selector;
use crate::ops::log;
use crate::ops::login::ActiveLogin;
use crate::ops::messages;
use crate::ops::messages::called;
use crate::ops::new_key::plan::place;
use crate::ops::rotation::retire;
use crate::text;
use crate::time;

/// What killed runs left of the rotation of a key.
#[expect(clippy::large_enum_variant, reason = "one at a time")]
pub(crate) enum Earlier {
    /// A rotation that this run continues.
    Continuable(Rotation, Stage),
    /// Rotations whose new values are lost, if any; those whose place another run has taken come last.
    Lost(Vec<Lost>),
}

/// How far a rotation got that this run continues.
pub(crate) enum Stage {
    /// The new value is saved in the pending file, next to the requested file.
    Saved(Resumable),
    /// The new key is delivered, but the old key may not be retired yet.
    Delivered(Unretired),
}

/// A rotation whose new value is lost. Its new key may exist.
pub(crate) struct Lost {
    /// The rotation: the old ID and the name of the key.
    pub(crate) rotation: Rotation,
    /// The creation of the new key.
    pub(crate) orphan: Orphan,
}

impl Stage {
    /// The creation of the new key.
    pub(crate) fn creation(&self) -> &Creation {
        match self {
            Self::Saved(saved) => &saved.creation,
            Self::Delivered(unretired) => &unretired.creation,
        }
    }
}

/// The start of the suffix in the name of a new key, until its ID is on disk.
pub(super) const MARK: &str = " (rotating ";

/// Returns the name of a new key until its ID is on disk. The ID of the run makes the name unique.
pub(crate) fn marked_name(name: &str, run: &str) -> String {
    name_with(name, &format!("{MARK}{run})"))
}

/// Finds interrupted rotations of a key with one of these names or IDs, in the log and beside the requested file.
pub(crate) async fn find(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    keys: &[&str],
    file: Option<&Path>,
) -> Result<Earlier, Error> {
    let log = log(&context.settings)?;
    let mut lost = Vec::new();
    for scanned in leftovers(&log, Wait::Briefly, |plan| rotation_of(plan, active, keys).is_some()) {
        let left = match scanned {
            Scanned::Left(Leftover::Missing(creation, path)) => {
                let error = missing(&creation, &path);
                // The file may have been moved with its folder. To look there, the entry must not be locked.
                drop(creation);
                let moved = file.and_then(|file| beside(&log, file, active, keys)).map(|(moved, _)| moved);
                moved.filter(|moved| !matches!(moved, Leftover::Missing(..))).ok_or(error)?
            }
            Scanned::Left(left) => left,
            Scanned::Unreadable(_) => continue,
            Scanned::Busy(plan, _) => return Err(creation::Error::Rotating(plan.key_name().to_owned()).into()),
        };
        let Some(rotation) = left.creation().plan.rotation().cloned() else { continue };
        if let Some(stage) = stage(context, active, left, &rotation, &mut lost).await? {
            return Ok(Earlier::Continuable(rotation, stage));
        }
    }
    if let Some(file) = file.filter(|file| !lost.iter().any(|lost| wrote_to(&lost.orphan.creation, Some(file))))
        && let Some((left, rotation)) = beside(&log, file, active, keys)
        && !left.creation().is_logged()
        && let Some(stage) = stage(context, active, left, &rotation, &mut lost).await?
    {
        return Ok(Earlier::Continuable(rotation, stage));
    }
    lost.sort_by_key(|lost| lost.orphan.is_superseded);
    Ok(Earlier::Lost(lost))
}

/// Returns the rotation of a creation if it is this user's rotation of a key with one of these names or IDs.
fn rotation_of<'a>(plan: &'a Plan, active: &ActiveLogin, keys: &[&str]) -> Option<&'a Rotation> {
    let is_wanted = |rotation: &&Rotation| keys.iter().any(|key| *key == rotation.old_id || *key == rotation.name);
    plan.rotation().filter(is_wanted).filter(|_| is_own(plan, active))
}

/// Returns the rotation of the requested key that has a pending file beside `file`.
fn beside(log: &Log, file: &Path, active: &ActiveLogin, keys: &[&str]) -> Option<(Leftover, Rotation)> {
    // Any error is reported when the file is reserved.
    let Ok(Loaded::Left(left)) = creation::load(log, &std::path::absolute(file).ok()?) else { return None };
    let rotation = rotation_of(&left.creation().plan, active, keys)?.clone();
    Some((left, rotation))
}

/// Determines how far an interrupted rotation got. One whose new value is lost is added to `lost`.
async fn stage(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    left: Leftover,
    rotation: &Rotation,
    lost: &mut Vec<Lost>,
) -> Result<Option<Stage>, Error> {
    let client = &active.login.client;
    match left {
        Leftover::Resumable(saved) => Ok(Some(Stage::Saved(saved))),
        Leftover::Orphan(orphan) if is_in_use(context, active, &orphan, rotation).await? => {
            Ok(Some(Stage::Delivered(orphan.into_delivered(rotation.clone()))))
        }
        Leftover::Orphan(orphan) => {
            lost.push(Lost { rotation: rotation.clone(), orphan });
            Ok(None)
        }
        Leftover::Delivered(unretired) => {
            let discard = messages::discard_rotation(&unretired.creation.plan);
            if is_usable(unretired.key(client).await?.as_ref(), discard)? {
                return Ok(Some(Stage::Delivered(unretired)));
            }
            context.ui.note("The new key of an interrupted rotation was deleted in the meantime.");
            unretired.forget()?;
            Ok(None)
        }
        Leftover::Missing(creation, path) => Err(missing(&creation, &path)),
        Leftover::Unusable(_, error) => Err(error.into()),
    }
}

/// Whether this user started the creation of a key for the same owner, at this endpoint and in this account.
pub(super) fn is_own(plan: &Plan, active: &ActiveLogin) -> bool {
    let login = &active.login;
    plan.draft.iam_id == active.owner.iam_id()
        && (&plan.place, &plan.draft.account_id, plan.iam_id.as_str())
            == (&place(login), &login.account_id, login.iam_id())
}

/// Whether a new key whose value may have been delivered must be treated as in use: this command is logged in with it,
/// or the old key no longer works.
async fn is_in_use(
    context: &Context<'_>,
    active: &ActiveLogin,
    orphan: &Orphan,
    rotation: &Rotation,
) -> Result<bool, Error> {
    if orphan.is_superseded || !orphan.maybe_delivered {
        return Ok(false);
    }
    let client = &active.login.client;
    let discard = messages::discard_lost_rotation(&orphan.creation.plan);
    if !is_usable(orphan.creation.key(client).await?.as_ref(), discard)? {
        return Ok(false);
    }
    if active.login.key_id().await == orphan.creation.key_id {
        return Ok(true);
    }
    let old = match client.get_api_key(&rotation.old_id, Include::default()).await {
        Ok(old) => old,
        Err(error) if error.is_not_found() => return Ok(true),
        Err(error) => return Err(error.into()),
    };
    let is_over = time::parse(&old.expires_at).is_some_and(|end| end <= (context.now)());
    Ok(is_over || old.disabled || retire::is_retired(&old, &rotation.name))
}

/// Whether the new key of a rotation exists. A disabled key is an error.
fn is_usable(key: Option<&ApiKey>, discard: Hint) -> Result<bool, Error> {
    match key {
        Some(key) if key.disabled => {
            Err(Error::new(Kind::Conflict, format!("The new key, {}, is disabled.", called(key)))
                .hint(messages::key_hint("Enable it first", "enable", &key.id, &key.iam_id))
                .and_hint(discard))
        }
        key => Ok(key.is_some()),
    }
}

/// Whether an interrupted rotation wrote to this file. Resolves links, because a file can have several paths.
pub(crate) fn wrote_to(creation: &Creation, file: Option<&Path>) -> bool {
    let place = |path: &Path| -> Option<PathBuf> {
        let path = std::path::absolute(path).ok()?;
        let behind = crate::files::through_own_links(&path).ok().flatten().unwrap_or(path);
        Some(behind.parent()?.canonicalize().ok()?.join(behind.file_name()?))
    };
    match (creation.plan.file(), file) {
        (Some(written), Some(file)) => written == file || place(written).is_some_and(|at| place(file) == Some(at)),
        (None, None) => true,
        _ => false,
    }
}

/// Deletes the new key of a rotation whose value is lost. If no key is found, the log entry stays, marked as superseded,
/// because a delayed request may still create the key. A later rotation or `api-key-recover` removes the entry.
pub(crate) async fn clear(context: &mut Context<'_>, active: &ActiveLogin, lost: Lost) -> Result<(), Error> {
    let Lost { rotation, orphan } = lost;
    let client = &active.login.client;
    let by_id = orphan.creation.key(client).await?;
    let is_by_id = by_id.is_some();
    let name = &orphan.creation.plan.draft.name;
    let has_own_name = orphan.creation.plan.has_own_name();
    let keys: Vec<ApiKey> = match by_id {
        Some(key) => vec![key],
        // The log has no ID, or its key was deleted and a delayed request may have created another key with the name of
        // that run.
        None if has_own_name => Selector::of(active).named(name).await?,
        None => Vec::new(),
    };
    for key in keys.iter().filter(|key| key.id != rotation.old_id) {
        match KeyChange::Delete.apply(client, &key.id).await {
            Ok(()) => {}
            Err(ChangeFailure::NotMade(error)) => return Err(messages::refused(client, key, error).await),
            Err(ChangeFailure::Unknown(error)) => return Err(messages::unknown(key, error)),
        }
        orphan.note_deleted();
        let end = if orphan.maybe_delivered { " If the value was delivered, it no longer works." } else { "" };
        context.ui.note(format!(
            "An earlier rotation was interrupted, and the value of its new key is lost. ibmiam deleted {}.{end}",
            called(key)
        ));
    }
    let is_settled = is_settled(orphan.creation.plan.begun_at, (context.now)());
    let is_known = has_own_name || orphan.creation.key_id.is_some() || orphan.was_deleted;
    if is_by_id || !keys.is_empty() || is_settled && is_known {
        return Ok(orphan.forget()?);
    }
    if has_own_name {
        // This run replaces the interrupted one, so later commands do not report it.
        let _ = orphan.creation.mark_reported();
    }
    orphan.supersede();
    Ok(())
}

/// Returns the error for a rotation whose pending file is missing.
fn missing(creation: &Creation, path: &Path) -> Error {
    let message = format!(
        "The rotation of API key {} was interrupted, and ibmiam cannot find the pending file with the new value next \
         to {}.",
        text::name(creation.plan.key_name()),
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
