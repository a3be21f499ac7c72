//! What killed runs left of their creations.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::destination::Destination;
use super::error::Error;
use super::log::{Entry, Step};
use super::pending_file::PendingFile;
use super::plan::{Plan, Rotation};
use super::record::Record;
use super::state::{SETTLED_AFTER, is_settled};
use super::{Origin, Recorded, finish, note, register};
use crate::iam::client::Include;
use crate::iam::{self, ApiKey, Client, CreatedKey};

/// What a killed run left of a creation that is not over. This process holds the locks on it.
#[derive(Debug)]
pub enum Leftover {
    /// The value is stored, so the creation can be finished.
    Resumable(Resumable),
    /// There may be a key whose value is lost.
    Orphan(Orphan),
    /// The value was stored beside a file, but the pending file is not there: its folder was moved, or its disk is not
    /// mounted.
    Missing(Creation, PathBuf),
    /// The pending file exists, but cannot be used.
    Unusable(Creation, Error),
    /// The key is delivered, but the key that it replaces may not be retired yet.
    Delivered(Unretired),
}

/// A creation that a killed run began.
#[derive(Debug)]
pub struct Creation {
    /// The plan. Its file is where the pending file was found.
    pub plan: Plan,
    /// The ID of the new key, if it is recorded.
    pub key_id: Option<String>,
    pub(super) entry: Option<Entry>,
}

/// A creation whose value is stored.
#[derive(Debug)]
pub struct Resumable {
    /// The creation.
    pub creation: Creation,
    pub(super) pending: PendingFile,
    pub(super) record: Box<Record>,
    /// Whether the log knows that the pending file was complete.
    pub(super) is_noted: bool,
}

/// A creation whose value is lost: nothing else than its key may be left.
#[derive(Debug)]
pub struct Orphan {
    /// The creation.
    pub creation: Creation,
    /// Whether the value may have reached standard output, a pipe, a device or a program.
    pub maybe_delivered: bool,
    /// Whether a key of this creation was already deleted. If no key is found now, no second one was created so far.
    pub was_deleted: bool,
    /// Whether another run has taken its place. Only a key that a delayed request creates is still to be deleted.
    pub is_superseded: bool,
    /// A pending file without a value.
    pub(super) pending: Option<PendingFile>,
}

/// A rotation whose new key is delivered.
#[derive(Debug)]
pub struct Unretired {
    /// The creation of the new key.
    pub creation: Creation,
    /// The key that may not be retired yet.
    pub rotation: Rotation,
    /// The pending file that the run did not remove, with the value.
    pub(super) saved: Option<(PendingFile, Box<Record>)>,
}

/// What to do with a value that the service does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discard {
    /// Discard the value: no request can be on its way any more.
    Now,
    /// Check again at this moment or later.
    After(Timestamp),
}

impl Leftover {
    /// Returns the creation.
    #[must_use]
    pub fn creation(&self) -> &Creation {
        match self {
            Self::Resumable(Resumable { creation, .. })
            | Self::Orphan(Orphan { creation, .. })
            | Self::Delivered(Unretired { creation, .. })
            | Self::Missing(creation, _)
            | Self::Unusable(creation, _) => creation,
        }
    }
}

impl Creation {
    /// Marks the creation as reported. Returns false if it was reported before, or has no log entry.
    #[must_use]
    pub fn mark_reported(&self) -> bool {
        self.entry.as_ref().is_some_and(Entry::mention)
    }

    /// Whether the creation has a log entry.
    #[must_use]
    pub fn is_logged(&self) -> bool {
        self.entry.is_some()
    }

    /// Removes the log entry of a creation without a pending file.
    pub fn forget(self) {
        // Only the removal of a pending file can fail.
        let _ = finish(self.entry, None);
    }

    /// Asks the service for the key with the recorded ID, if there is one.
    ///
    /// # Errors
    /// The error of the service.
    pub async fn key(&self, client: &Client) -> Result<Option<ApiKey>, iam::Error> {
        let Some(id) = &self.key_id else { return Ok(None) };
        match client.get_api_key(id, Include::default()).await {
            Ok(key) => Ok(Some(key)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Resumable {
    /// Returns the requested file, as it was given to find this creation.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.pending.target
    }

    /// Asks the service for the key with the stored value.
    ///
    /// # Errors
    /// The error of the service, and `Unreadable` for a response about another key.
    pub async fn find(&self, client: &Client) -> Result<Option<CreatedKey>, iam::Error> {
        find(&self.record, client).await
    }

    /// Continues the creation. A file that may be overwritten is later saved in the folder `replaced`.
    ///
    /// # Errors
    /// The pending file cannot be written, or the path has something that must not be replaced; it is unchanged then.
    pub fn resume(self, replaced: impl FnOnce() -> Option<PathBuf>) -> Result<Recorded, Error> {
        let Self { creation: Creation { entry, .. }, mut pending, record, is_noted, .. } = self;
        let path = pending.target.clone();
        pending.note_sent().map_err(Error::unwritable(&path))?;
        let destination = Destination::resume(pending, record.plan.overwrite, replaced)?;
        if let Some(entry) = entry.as_ref().filter(|_| !is_noted) {
            entry.add(&Step::Recorded).map_err(Error::unwritable(&path))?;
        }
        let origin = match (record.is_service_made, &entry) {
            (true, _) => Origin::ServiceMade,
            (false, None) => Origin::Unlogged,
            (false, Some(_)) => Origin::Interrupted,
        };
        Ok(Recorded { plan: record.plan, destination, entry, value: record.value, origin })
    }

    /// Records that the service does not know the value now, and returns whether the value can be discarded: only if
    /// the service did not know it ten minutes ago either.
    ///
    /// # Errors
    /// The pending file cannot be written.
    pub fn is_unknown(&mut self, now: Timestamp) -> Result<Discard, Error> {
        let known = self.record.unknown_since;
        let since = match known.filter(|since| *since <= now) {
            Some(since) if is_settled(since, now) => return Ok(Discard::Now),
            Some(since) => since,
            None => {
                // If the clock was set back since then, the recorded moment must not count.
                let forgotten = if known.is_some() { self.pending.note_sent() } else { Ok(()) };
                let noted = forgotten.and_then(|()| self.pending.note_unknown(now));
                noted.map_err(Error::unwritable(&self.pending.target))?;
                now
            }
        };
        Ok(Discard::After(since.checked_add(SETTLED_AFTER).unwrap_or(now)))
    }

    /// Removes the value and the log entry.
    ///
    /// # Errors
    /// The pending file cannot be removed; then the entry stays, too.
    pub fn forget(self) -> Result<(), Error> {
        finish(self.creation.entry, Some(self.pending))
    }
}

impl Orphan {
    /// Takes the value as delivered, because its key is in use.
    #[must_use]
    pub fn into_delivered(self, rotation: Rotation) -> Unretired {
        Unretired { creation: self.creation, rotation, saved: None }
    }

    /// Records that a key of this creation was deleted, and that a copy of the request may still be on its way.
    pub fn note_deleted(&self) {
        note(self.creation.entry.as_ref(), &Step::Deleted);
    }

    /// Marks that another run takes its place.
    pub fn supersede(&self) {
        if !self.is_superseded {
            note(self.creation.entry.as_ref(), &Step::Superseded);
        }
    }

    /// Removes only the pending file, which has no value. The name of the file is free again, and the log still records
    /// that there may be a key.
    ///
    /// # Errors
    /// The pending file cannot be removed.
    pub fn free_file(self) -> Result<(), Error> {
        self.pending.map_or(Ok(()), PendingFile::remove)
    }

    /// Removes the pending file and the log entry.
    ///
    /// # Errors
    /// The pending file cannot be removed; then the entry stays, too.
    pub fn forget(self) -> Result<(), Error> {
        finish(self.creation.entry, self.pending)
    }
}

impl Unretired {
    /// Asks the service for the new key: by its ID, or by the value in the pending file.
    ///
    /// # Errors
    /// The error of the service, and `Unreadable` for a response about another key.
    pub async fn key(&self, client: &Client) -> Result<Option<ApiKey>, iam::Error> {
        match (&self.creation.key_id, &self.saved) {
            (None, Some((_, record))) => Ok(find(record, client).await?.map(|created| created.key)),
            _ => self.creation.key(client).await,
        }
    }

    /// Removes the pending file and the log entry.
    ///
    /// # Errors
    /// The pending file cannot be removed; then the entry stays, too.
    pub fn forget(self) -> Result<(), Error> {
        finish(self.creation.entry, self.saved.map(|(pending, _)| pending))
    }
}

/// Asks the service for the key with the value of a record.
async fn find(record: &Record, client: &Client) -> Result<Option<CreatedKey>, iam::Error> {
    match &record.value {
        Some(value) => register::find(client, &record.plan.draft, value).await,
        None => Ok(None),
    }
}
