//! Creations that were interrupted, as they are found on the disk.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::destination::Destination;
use super::error::Error;
use super::log::{Left, Log, Step, Subject, absolute};
use super::pending_file::{Found, PendingFile};
use super::record::Record;
use super::state::{PendingTrace, SETTLED_AFTER, State, Traces, is_settled};
use super::{Origin, Recorded, finish};
use crate::keyfile;
use crate::secret::{ExposeSecret, SecretString};

/// A creation whose process has ended; what is left of it is locked by this one.
#[derive(Debug)]
pub struct Interrupted {
    /// What was begun.
    pub subject: Subject,
    /// What it has come to.
    pub state: State,
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
    let found = PendingFile::find(path)?;
    if matches!(found, Found::InProgress) {
        return Err(Error::InProgress(path.to_owned()));
    }
    let left = match &found {
        Found::Recorded(_, record) => log.of_record(record),
        // The newest one's record broke off, or is elsewhere.
        _ => {
            let file = absolute(path);
            log.left().into_iter().rfind(|left| left.subject.file.as_ref() == Some(&file))
        }
    };
    Ok(Interrupted::of(path, found, left))
}

/// Finds all that were interrupted, the oldest first, with those that are over and only have to be cleared.
#[must_use]
pub fn load_all(log: &Log) -> Vec<Interrupted> {
    let mut left = log.left();
    let mut all = Vec::new();
    while !left.is_empty() {
        let one = left.remove(0);
        let Some(file) = one.subject.file.clone() else {
            all.extend(Interrupted::of(Path::new(""), Found::Nothing, Some(one)));
            continue;
        };
        // A record that broke off is the newest creation's.
        let is_newest = left.iter().all(|other| other.subject.file != one.subject.file);
        let found = match PendingFile::find(&file) {
            Ok(Found::InProgress) => continue,
            Ok(Found::Recorded(pending, record)) if one.is_of(&record) => Found::Recorded(pending, record),
            Ok(Found::BrokenOff(pending)) if is_newest => Found::BrokenOff(pending),
            // What cannot be read, whoever finishes or discards it is told.
            Ok(_) | Err(_) => Found::Nothing,
        };
        all.extend(Interrupted::of(&file, found, Some(one)));
    }
    all
}

impl Interrupted {
    fn of(path: &Path, found: Found, left: Option<Left>) -> Option<Self> {
        let (trace, pending, record) = match found {
            Found::Nothing | Found::InProgress => (PendingTrace::Absent, None, None),
            Found::BrokenOff(pending) => (PendingTrace::BrokenOff, Some(pending), None),
            Found::Recorded(pending, record) => {
                let trace = if record.value.is_some() { PendingTrace::WithValue } else { PendingTrace::WithoutValue };
                (trace, Some(pending), Some(*record))
            }
        };
        let value = record.as_ref().and_then(|record| record.value.as_ref());
        let has_value = |value: &SecretString| {
            keyfile::read(path).is_ok_and(|found| found.expose_secret() == value.expose_secret())
        };
        let file_has_value = value.is_some_and(has_value);
        let traces = Traces { pending: trace, log: left.as_ref().map(|left| left.progress.clone()), file_has_value };
        let state = traces.state()?;
        let subject = match (&left, &record) {
            (Some(left), _) => left.subject.clone(),
            (None, Some(record)) => Subject::of(record, path),
            (None, None) => Subject::unknown(path),
        };
        Some(Self { subject, state, left, pending, record })
    }

    /// Whether it is over, and only has to be cleared.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::NotSent | State::Complete)
    }

    /// The value that is kept.
    #[must_use]
    pub fn value(&self) -> Option<&SecretString> {
        self.record.as_ref()?.value.as_ref()
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

    /// True the first time, so that it is mentioned once.
    pub fn is_to_be_mentioned(&mut self) -> bool {
        let Some(left) = &mut self.left else { return false };
        let is_first = !std::mem::replace(&mut left.mentioned, true);
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
        let (Some(pending), Some(record)) = (self.pending, self.record) else {
            return Err(Error::Unfinished(path.to_owned()));
        };
        let destination = Destination::resume(path, record.plan.overwrite, pending, replaced)?;
        let is_known = self.left.is_some() && !record.is_service_made;
        let origin = if is_known { Origin::Interrupted } else { Origin::OnlyIfThere };
        let entry = self.left.map(|left| left.entry);
        Ok(Recorded { plan: record.plan, destination, entry, value: record.value, origin })
    }

    /// Notes that the service does not know the value now, and says whether it can be discarded: only what it did not
    /// know ten minutes ago either.
    ///
    /// # Errors
    /// The pending file cannot be written.
    pub fn is_unknown(&mut self, now: Timestamp) -> Result<Discard, Error> {
        let since = match self.record.as_ref().and_then(|record| record.unknown_since) {
            Some(since) if is_settled(since, now) => return Ok(Discard::Now),
            Some(since) => since,
            None => {
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
        let Self { pending, left, .. } = self;
        if let Some(pending) = pending {
            pending.remove()?;
        }
        finish(left.map(|left| left.entry), None);
        Ok(())
    }
}
