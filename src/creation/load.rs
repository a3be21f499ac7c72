//! Finds interrupted creations on the disk.

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

/// A creation whose process has ended. This process holds the locks on what is left of it.
#[derive(Debug)]
pub struct Interrupted {
    /// What the creation is about.
    pub subject: Subject,
    /// The state of the creation.
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
    /// Discard the value: no request can be on its way any more.
    Now,
    /// Check again at this moment or later.
    After(Timestamp),
}

/// Finds an interrupted creation into a file; `None` if there is none.
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
        // Without a complete record at this path, the newest log entry for the file is used.
        _ => {
            let file = absolute(path);
            let newest = log.list().into_iter().rfind(|listed| listed.subject.file.as_ref() == Some(&file));
            newest.map_or(Ok(None), |listed| listed.take(LOCK_TIMEOUT))?
        }
    };
    Ok(Interrupted::of(path, Ok(found), left))
}

/// A creation in the log. Its process may still be running.
#[derive(Debug)]
pub struct Logged {
    listed: Listed,
    /// Whether no later creation has the same file.
    is_newest: bool,
}

/// Returns all creations in the log, oldest first.
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
    /// Returns what the creation is about.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.listed.subject
    }

    /// Locks the creation, and reads what is left of it; `None` if nothing is left by now. If `patient`, waits for
    /// another process that only reads it, too.
    ///
    /// # Errors
    /// The creation is in progress in another process.
    pub fn load(&self, patient: bool) -> Result<Option<Interrupted>, Error> {
        let timeout = if patient { LOCK_TIMEOUT } else { Duration::ZERO };
        let Some(left) = self.listed.take(timeout)? else { return Ok(None) };
        let Some(file) = left.subject.file.clone() else {
            return Ok(Interrupted::of(Path::new(""), Ok(Found::Nothing), Some(left)));
        };
        let found = match PendingFile::find(&file, timeout) {
            Ok(Found::InProgress) if self.is_newest => return Err(Error::InProgress(file)),
            Ok(Found::Recorded(pending, record)) if self.listed.is_of(&record) => Ok(Found::Recorded(pending, record)),
            // An incomplete record belongs to the newest creation.
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
            // The folder may have been moved since.
            (Some(left), Some(_)) => Subject { file: Some(absolute(path)), ..left.subject.clone() },
            (Some(left), None) => left.subject.clone(),
            (None, Some(record)) => Subject::of(&record.plan, Some(path)),
            (None, None) => Subject::unknown(path),
        };
        let is_finished = left.as_ref().is_some_and(|left| left.progress.finished);
        if subject.rotation.is_some() && state == State::Complete && !is_finished {
            // The process ended just before it could record the delivery.
            state = State::Delivered;
        }
        Some(Self { subject, state, unusable, left, pending, record })
    }

    /// Whether the creation is over, and only needs to be cleaned up.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::NotSent | State::Complete)
    }

    /// Asks the service for the key with the stored value.
    ///
    /// # Errors
    /// The error of the service, and `Unreadable` for a response about another key.
    pub async fn find(&self, client: &Client) -> Result<Option<CreatedKey>, iam::Error> {
        match self.record.as_ref().and_then(|record| Some((record, record.value.as_ref()?))) {
            Some((record, value)) => register::find(client, &record.plan.draft, value).await,
            None => Ok(None),
        }
    }

    /// Returns the ID of the new key, if it is recorded.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.left.as_ref()?.progress.key_id.as_deref()
    }

    /// Returns the expiration time that the new key is to have, if the record beside the file is there.
    #[must_use]
    pub fn expires_at(&self) -> Option<&str> {
        self.record.as_ref()?.plan.draft.expires_at.as_deref()
    }

    /// Whether the creation has a log entry.
    #[must_use]
    pub fn is_logged(&self) -> bool {
        self.left.is_some()
    }

    /// Whether a key of this creation was already deleted. If no key is found now, no second one was created so far.
    #[must_use]
    pub fn was_deleted(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.progress.was_deleted)
    }

    /// Records that a key of this creation was deleted, and that a copy of the request may still be on its way.
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

    /// Marks the creation as reported. Returns true the first time only, and false without a log entry.
    pub fn mark_reported(&mut self) -> bool {
        let Some(left) = &mut self.left else { return false };
        let is_first = !std::mem::replace(&mut left.reported, true);
        if is_first {
            left.entry.note(&Step::Mentioned);
        }
        is_first
    }

    /// Continues a creation whose value is stored. A file that may be overwritten is later saved in the folder
    /// `replaced`.
    ///
    /// # Errors
    /// The pending file cannot be written, or the path has something that must not be replaced; it is unchanged then.
    pub fn resume(mut self, path: &Path, replaced: impl FnOnce() -> Option<PathBuf>) -> Result<Recorded, Error> {
        let (Some(mut pending), Some(record)) = (self.pending, self.record) else {
            return Err(Error::Unfinished(path.to_owned()));
        };
        pending.note_sent().map_err(Error::unwritable(path))?;
        let destination = Destination::resume(path, record.plan.overwrite, pending, replaced)?;
        if let Some(left) = self.left.as_mut().filter(|left| !left.progress.recorded) {
            left.entry.add(&Step::Recorded).map_err(Error::unwritable(path))?;
        }
        let origin = match (record.is_service_made, &self.left) {
            (true, _) => Origin::ServiceMade,
            (false, None) => Origin::Unlogged,
            (false, Some(_)) => Origin::Interrupted,
        };
        let entry = self.left.map(|left| left.entry);
        Ok(Recorded { plan: record.plan, destination, entry, value: record.value, origin })
    }

    /// Records that the service does not know the value now, and returns whether the value can be discarded: only if
    /// the service did not know it ten minutes ago either.
    ///
    /// # Errors
    /// The pending file cannot be written.
    pub fn is_unknown(&mut self, now: Timestamp) -> Result<Discard, Error> {
        // If the clock was set back since then, the time starts again.
        let known = self.record.as_ref().and_then(|record| record.unknown_since);
        let since = match known.filter(|since| *since <= now) {
            Some(since) if is_settled(since, now) => return Ok(Discard::Now),
            Some(since) => since,
            None => {
                if let (Some(_), Some(pending)) = (known, &mut self.pending) {
                    // The recorded moment is later than now, and must not count.
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

    /// Removes only the pending file, which has no value. The name of the file is free again, and the log still records
    /// that there may be a key.
    ///
    /// # Errors
    /// The pending file cannot be removed.
    pub fn free_file(self) -> Result<(), Error> {
        self.pending.map_or(Ok(()), PendingFile::remove)
    }

    /// Forgets the creation: removes the pending file and the log entry.
    ///
    /// # Errors
    /// The pending file cannot be removed; then the entry stays, too.
    pub fn forget(self) -> Result<(), Error> {
        finish(self.left.map(|left| left.entry), self.pending)
    }
}
