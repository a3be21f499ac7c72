//! Finds what killed runs left of their creations: beside a file, or with the log.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::entries::{LOCK_TIMEOUT, Left, Listed, Unreadable};
use super::error::Error;
use super::finish;
use super::leftover::{Creation, Leftover, Orphan, Resumable, Unretired};
use super::log::{Log, Step};
use super::pending_file::{Found, PendingFile};
use super::plan::{Plan, Target, absolute};
use super::state::{PendingTrace, State, Traces};
use crate::keyfile;

/// What is found at a file.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one at a time")]
pub enum Loaded {
    /// No creation.
    Nothing,
    /// A creation that sent no request. It is removed now.
    NotSent,
    /// A creation that is over. What was left of it is removed now.
    Complete,
    /// An interrupted creation.
    Left(Leftover),
}

/// Finds an interrupted creation into a file. Removes what is left of a creation that is over.
///
/// # Errors
/// The creation is in progress, its pending file cannot be used, or what is left cannot be removed.
pub fn load(log: &Log, path: &Path) -> Result<Loaded, Error> {
    let found = PendingFile::find(path, LOCK_TIMEOUT)?;
    if matches!(found, Found::InProgress) {
        return Err(Error::InProgress(path.to_owned()));
    }
    let file = absolute(path);
    let is_of_this = |listed: &Listed| match &found {
        Found::Recorded(_, record) => listed.plan.run == record.plan.run,
        // Without a complete record at this path, the newest log entry for the file is used.
        _ => listed.plan.file() == Some(&file),
    };
    let left = log.list().into_iter().rfind(is_of_this).map_or(Ok(None), |listed| listed.take(LOCK_TIMEOUT))?;
    settle(Some(path), Ok(found), left)
}

/// What the scan finds for an entry of the log.
#[derive(Debug)]
pub enum Scanned {
    /// What a killed run left.
    Left(Leftover),
    /// Another process has it at the moment, as the error says.
    Busy(Plan, Error),
    /// An entry that another version of this program left.
    Unreadable(Unreadable),
}

/// How long to wait for another process that has an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    No,
    /// As long as a process needs that only reads the entry.
    Briefly,
}

/// Finds what killed runs left of the wanted creations in the log, oldest first. Removes what is left of creations that
/// are over. Each one is locked when the iterator comes to it. Then come the entries of other versions.
pub fn leftovers(log: &Log, wait: Wait, is_wanted: impl Fn(&Plan) -> bool) -> impl Iterator<Item = Scanned> {
    let timeout = if wait == Wait::Briefly { LOCK_TIMEOUT } else { Duration::ZERO };
    let (listed, others) = log.read();
    let mut files = HashSet::new();
    let newest: Vec<bool> =
        listed.iter().rev().map(|listed| listed.plan.file().is_none_or(|file| files.insert(file.to_owned()))).collect();
    let wanted = listed.into_iter().zip(newest.into_iter().rev()).filter(move |(listed, _)| is_wanted(&listed.plan));
    let scanned = wanted.filter_map(move |(listed, is_newest)| match open(&listed, is_newest, timeout) {
        Err(error) => Some(Scanned::Busy(listed.plan, error)),
        Ok(None) => None,
        Ok(Some((file, found, left))) => match settle(file.as_deref(), found, Some(left)) {
            Ok(Loaded::Left(left)) => Some(Scanned::Left(left)),
            // What cannot be removed now is removed by a later command.
            Ok(Loaded::Nothing | Loaded::NotSent | Loaded::Complete) | Err(_) => None,
        },
    });
    let others = others.into_iter().filter_map(|(path, error)| Unreadable::take(&path, error));
    scanned.chain(others.map(Scanned::Unreadable))
}

/// What an entry leads to: the requested file, what is found beside it, and the locked entry.
type Opened = (Option<PathBuf>, Result<Found, Error>, Left);

/// Locks an entry, and finds its pending file; `None` if nothing is left by now.
///
/// # Errors
/// Another process has it.
fn open(listed: &Listed, is_newest: bool, timeout: Duration) -> Result<Option<Opened>, Error> {
    let Some(left) = listed.take(timeout)? else { return Ok(None) };
    let Some(file) = left.plan.file().map(Path::to_owned) else { return Ok(Some((None, Ok(Found::Nothing), left))) };
    let found = match PendingFile::find(&file, timeout) {
        Ok(Found::InProgress) if is_newest => return Err(Error::InProgress(file)),
        Ok(Found::Recorded(pending, record)) if record.plan.run == left.plan.run => {
            Ok(Found::Recorded(pending, record))
        }
        // An incomplete record belongs to the newest creation.
        Ok(Found::BrokenOff(pending)) if is_newest => Ok(Found::BrokenOff(pending)),
        Ok(Found::BrokenOff(others)) => {
            others.leave();
            Ok(Found::Nothing)
        }
        // What a newer version wrote belongs to another creation, too.
        Ok(_) | Err(Error::Newer(_)) => Ok(Found::Nothing),
        Err(error) => Err(error),
    };
    Ok(Some((Some(file), found, left)))
}

/// Determines what is left of a creation, and removes it if it is over.
fn settle(file: Option<&Path>, found: Result<Found, Error>, left: Option<Left>) -> Result<Loaded, Error> {
    let (trace, pending, record, error) = match found {
        Err(error) => (PendingTrace::Unusable, None, None, Some(error)),
        Ok(Found::Nothing | Found::InProgress) => (PendingTrace::Absent, None, None, None),
        Ok(Found::BrokenOff(pending)) => (PendingTrace::BrokenOff, Some(pending), None, None),
        Ok(Found::Recorded(pending, record)) => {
            let trace = if record.value.is_some() { PendingTrace::WithValue } else { PendingTrace::WithoutValue };
            (trace, Some(pending), Some(record), None)
        }
    };
    let value = record.as_ref().and_then(|record| record.value.as_ref());
    let file_has_value = file.zip(value).is_some_and(|(file, value)| keyfile::has_value(file, value));
    let file = file.map(absolute);
    let (plan, progress, entry) = match left {
        Some(Left { plan, progress, entry }) => (Some(plan), Some(progress), Some(entry)),
        None => (record.as_ref().map(|record| record.plan.clone()), None, None),
    };
    let rotation = plan.as_ref().and_then(|plan| plan.rotation().cloned());
    let log = progress.clone();
    let Some(state) = (Traces { pending: trace, log, file_has_value, is_rotation: rotation.is_some() }).state() else {
        return Ok(Loaded::Nothing);
    };
    if let State::NotSent | State::Complete = state {
        finish(entry, pending)?;
        return Ok(if state == State::NotSent { Loaded::NotSent } else { Loaded::Complete });
    }
    // Only what sent no request may have neither an entry nor a record.
    let Some(mut plan) = plan else { return Ok(Loaded::Nothing) };
    if let (Some(file), Some(_)) = (&file, &record) {
        // The folder may have been moved since.
        plan.target = Target::File(file.clone());
    }
    let progress = progress.unwrap_or_default();
    let key_id = progress.key_id().map(str::to_owned);
    let creation = Creation { plan, key_id, entry };
    Ok(Loaded::Left(match (&state, pending, record) {
        (&State::Orphan { maybe_delivered, .. }, pending, _) => {
            let (was_deleted, is_superseded) = (progress.has(&Step::Deleted), progress.has(&Step::Superseded));
            Leftover::Orphan(Orphan { creation, maybe_delivered, was_deleted, is_superseded, pending })
        }
        (State::Resumable, Some(pending), Some(record)) => {
            let is_noted = progress.has(&Step::Recorded);
            Leftover::Resumable(Resumable { creation, pending, record, is_noted })
        }
        (_, pending, record) => match (rotation, error, file) {
            (Some(rotation), ..) if state == State::Delivered => {
                Leftover::Delivered(Unretired { creation, rotation, saved: pending.zip(record) })
            }
            (_, Some(error), _) => Leftover::Unusable(creation, error),
            (_, None, Some(file)) => Leftover::Missing(creation, file),
            (_, None, None) => return Ok(Loaded::Nothing),
        },
    }))
}
