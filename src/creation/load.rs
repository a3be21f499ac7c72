//! Creations that were interrupted, as they are found on the disk.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::destination::Destination;
use super::entries::{LOCK_TIMEOUT, Left, Listed};
use super::error::Error;
use super::log::{Log, Step};
use super::pending_file::{Found, PendingFile};
use super::record::Record;
use super::state::{PendingTrace, SETTLED_AFTER, State, Traces, is_settled};
use super::subject::{Subject, absolute};
use super::{Origin, Recorded, finish, register};
use crate::iam::{self, Client, CreatedKey};
use crate::keyfile;

/// A creation whose process has ended; what is left of it is locked by this one.
#[derive(Debug)]
pub struct Interrupted {
    /// What was begun.
    pub subject: Subject,
    /// What it has come to.
    pub state: State,
    /// Why the pending file cannot be used.
    pub unusable: Option<Error>,
    left: Option<Left>,
    pending: Option<PendingFile>,
    record: Option<Record>,
}

/// What to do with a value that the service does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discard {
    /// Nothing can be on its way any more.
    Now,
    /// Ask again at this moment or later.
    After(Timestamp),
}

/// Finds what was interrupted on its way to a file; `None` if nothing was.
///
/// # Errors
/// The creation is in progress, or its pending file cannot be used.
pub fn load(log: &Log, path: &Path) -> Result<Option<Interrupted>, Error> {
    let found = PendingFile::find(path, LOCK_TIMEOUT)?;
    if matches!(found, Found::InProgress) {
        return Err(Error::InProgress(path.to_owned()));
    }
    let left = match &found {
        Found::Recorded(_, record) => log.of_record(record, LOCK_TIMEOUT)?,
        // The newest one's record broke off, or is elsewhere.
        _ => {
            let file = absolute(path);
            let newest = log.list().into_iter().rfind(|listed| listed.subject.file.as_ref() == Some(&file));
            newest.map_or(Ok(None), |listed| listed.take(LOCK_TIMEOUT))?
        }
    };
    Ok(Interrupted::of(path, Ok(found), left))
}

/// A creation that the log tells of. Its process may live.
#[derive(Debug)]
pub struct Logged {
    listed: Listed,
    /// No later one is into the same file.
    is_newest: bool,
}

/// All creations that the log tells of, the oldest first.
#[must_use]
pub fn logged(log: &Log) -> Vec<Logged> {
    let mut newest = HashSet::new();
    let mut all: Vec<Logged> = log
        .list()
        .into_iter()
        .rev()
        .map(|listed| {
            let is_newest = listed.subject.file.clone().is_none_or(|file| newest.insert(file));
            Logged { listed, is_newest }
        })
        .collect();
    all.reverse();
    all
}

impl Logged {
    /// What was begun.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.listed.subject
    }

    /// Locks it and looks what is left of it; `None` if that is nothing by now. Another process that only looks, too, is
    /// waited for if `patient`.
    ///
    /// # Errors
    /// It is in progress in another process.
    pub fn load(&self, patient: bool) -> Result<Option<Interrupted>, Error> {
        let timeout = if patient { LOCK_TIMEOUT } else { Duration::ZERO };
        let Some(left) = self.listed.take(timeout)? else { return Ok(None) };
        let Some(file) = left.subject.file.clone() else {
            return Ok(Interrupted::of(Path::new(""), Ok(Found::Nothing), Some(left)));
        };
        let found = match PendingFile::find(&file, timeout) {
            Ok(Found::InProgress) if self.is_newest => return Err(Error::InProgress(file)),
            Ok(Found::Recorded(pending, record)) if self.listed.is_of(&record) => Ok(Found::Recorded(pending, record)),
            // A record that broke off is the newest creation's.
            Ok(Found::BrokenOff(pending)) if self.is_newest => Ok(Found::BrokenOff(pending)),
            Ok(Found::BrokenOff(others)) => {
                others.leave();
                Ok(Found::Nothing)
            }
            Ok(_) => Ok(Found::Nothing),
            Err(error) => Err(error),
        };
        Ok(Interrupted::of(&file, found, Some(left)))
    }
}

impl Interrupted {
    fn of(path: &Path, found: Result<Found, Error>, left: Option<Left>) -> Option<Self> {
        let mut unusable = None;
        let (trace, pending, record) = match found {
            Err(error) => {
                unusable = Some(error);
                (PendingTrace::Unusable, None, None)
            }
            Ok(Found::Nothing | Found::InProgress) => (PendingTrace::Absent, None, None),
            Ok(Found::BrokenOff(pending)) => (PendingTrace::BrokenOff, Some(pending), None),
            Ok(Found::Recorded(pending, record)) => {
                let trace = if record.value.is_some() { PendingTrace::WithValue } else { PendingTrace::WithoutValue };
                (trace, Some(pending), Some(*record))
            }
        };
        let value = record.as_ref().and_then(|record| record.value.as_ref());
        let file_has_value = value.is_some_and(|value| keyfile::has_value(path, value));
        let traces = Traces { pending: trace, log: left.as_ref().map(|left| left.progress.clone()), file_has_value };
        let mut state = traces.state()?;
        let subject = match (&left, &record) {
            (Some(left), _) => left.subject.clone(),
            (None, Some(record)) => Subject::of(&record.plan, Some(path)),
            (None, None) => Subject::unknown(path),
        };
        let is_finished = left.as_ref().is_some_and(|left| left.progress.finished);
        if subject.rotation.is_some() && state == State::Complete && !is_finished {
            // Its process ended just before it could note so.
            state = State::Delivered;
        }
        Some(Self { subject, state, unusable, left, pending, record })
    }

    /// Whether it is over, and only has to be cleared.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::NotSent | State::Complete)
    }

    /// Asks the service for the key with the value that is kept.
    ///
    /// # Errors
    /// The service's, and `Unreadable` for an answer about another key.
    pub async fn find(&self, client: &Client) -> Result<Option<CreatedKey>, iam::Error> {
        match self.record.as_ref().and_then(|record| Some((record, record.value.as_ref()?))) {
            Some((record, value)) => register::find(client, &record.plan.draft, value).await,
            None => Ok(None),
        }
    }

    /// The ID of the new key, if it is noted.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.left.as_ref()?.progress.key_id.as_deref()
    }

    /// Whether the log tells of it, too.
    #[must_use]
    pub fn is_logged(&self) -> bool {
        self.left.is_some()
    }

    /// Whether a key of it was deleted already: what is not found now was not there twice.
    #[must_use]
    pub fn was_deleted(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.progress.was_deleted)
    }

    /// Keeps that a key of it was deleted, and that a copy of the request may still be on its way.
    pub fn note_deleted(&mut self) {
        if let Some(left) = &mut self.left {
            left.entry.note(&Step::Deleted);
        }
    }

    /// Whether another run has taken its place. Only a key that a delayed request creates is still to be deleted.
    #[must_use]
    pub fn is_superseded(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.superseded)
    }

    /// Marks that another run takes its place.
    pub fn supersede(&mut self) {
        if let Some(left) = self.left.as_mut().filter(|left| !left.superseded) {
            left.entry.note(&Step::Superseded);
            left.superseded = true;
        }
    }

    /// Marks the creation as reported; true the first time.
    pub fn mark_reported(&mut self) -> bool {
        let Some(left) = &mut self.left else { return false };
        let is_first = !std::mem::replace(&mut left.reported, true);
        if is_first {
            left.entry.note(&Step::Mentioned);
        }
        is_first
    }

    /// Goes on with a creation whose value is kept. A file that may be overwritten will be kept in `replaced`.
    ///
    /// # Errors
    /// Something stands in the file's place that is not to be replaced; all is as it was then.
    pub fn resume(self, path: &Path, replaced: impl FnOnce() -> Option<PathBuf>) -> Result<Recorded, Error> {
        let (Some(mut pending), Some(record)) = (self.pending, self.record) else {
            return Err(Error::Unfinished(path.to_owned()));
        };
        pending.note_sent().map_err(Error::unwritable(path))?;
        let destination = Destination::resume(path, record.plan.overwrite, pending, replaced)?;
        let origin = match (record.is_service_made, &self.left) {
            (true, _) => Origin::ServiceMade,
            (false, None) => Origin::Unlogged,
            (false, Some(_)) => Origin::Interrupted,
        };
        let entry = self.left.map(|left| left.entry);
        Ok(Recorded { plan: record.plan, destination, entry, value: record.value, origin })
    }

    /// Notes that the service does not know the value now, and says whether it can be discarded: only what it did not
    /// know ten minutes ago either.
    ///
    /// # Errors
    /// The pending file cannot be written.
    pub fn is_unknown(&mut self, now: Timestamp) -> Result<Discard, Error> {
        // A clock that was set back since then counts from anew.
        let known = self.record.as_ref().and_then(|record| record.unknown_since);
        let since = match known.filter(|since| *since <= now) {
            Some(since) if is_settled(since, now) => return Ok(Discard::Now),
            Some(since) => since,
            None => {
                if let (Some(_), Some(pending)) = (known, &mut self.pending) {
                    // The later moment is not the one that counts.
                    let path = self.subject.file.clone().unwrap_or_default();
                    pending.note_sent().map_err(Error::unwritable(&path))?;
                }
                let noted = self.pending.as_mut().map_or(Ok(()), |pending| pending.note_unknown(now));
                let path = self.subject.file.clone().unwrap_or_default();
                noted.map_err(Error::unwritable(&path))?;
                now
            }
        };
        Ok(Discard::After(since.checked_add(SETTLED_AFTER).unwrap_or(now)))
    }

    /// Removes the pending file alone, which has no value: the file's name is free again, and the log still knows that
    /// there may be a key.
    ///
    /// # Errors
    /// The pending file cannot be removed.
    pub fn free_file(self) -> Result<(), Error> {
        self.pending.map_or(Ok(()), PendingFile::remove)
    }

    /// Forgets it: removes the pending file and the log's entry.
    ///
    /// # Errors
    /// The pending file cannot be removed; then the entry stays, too.
    pub fn forget(self) -> Result<(), Error> {
        finish(self.left.map(|left| left.entry), self.pending)
    }
}
