//! The last step of a creation: the key is delivered, or deleted again.

use std::io::{self, Write};
use std::path::PathBuf;

use super::destination::{Destination, FileSink, Sink};
use super::error::Error;
use super::log::{Entry, Step};
use super::pending_file::PendingFile;
use super::{Registered, finish, note};
use crate::blocking::on_a_thread;
use crate::iam::verified::{ChangeFailure, KeyChange};
use crate::iam::{self, ApiKey, Client, CreatedKey};
use crate::keyfile;

/// The key is delivered.
#[derive(Debug)]
pub struct Delivered {
    /// The key.
    pub created: CreatedKey,
    /// The path as given; empty if no file was requested.
    pub path: PathBuf,
    /// Whether the key went to standard output.
    pub is_shown: bool,
    /// The path of the copy of the replaced file, if any.
    pub backup: Option<PathBuf>,
    /// The error, if the disk did not confirm the written file, or the log entry of a rotation.
    pub unsynced: Option<io::Error>,
    /// The entry of a rotation whose old key is still to be retired.
    unfinished: Option<Entry>,
}

/// The key exists, but was not delivered.
#[derive(Debug)]
pub struct Undelivered {
    /// What went wrong.
    pub why: Error,
    /// The key.
    pub key: ApiKey,
    pub(super) entry: Option<Entry>,
    pub(super) pending: Option<PendingFile>,
    pub(super) may_return: bool,
}

/// The result of the rollback of a key that was not delivered.
#[derive(Debug)]
pub struct RolledBack {
    /// Why the key was not delivered.
    pub why: Error,
    /// The key.
    pub key: ApiKey,
    /// Why the key could not be deleted again; `None` if it was deleted.
    pub failure: Option<iam::Error>,
    /// Whether the value is still stored beside the key file.
    pub value_is_kept: bool,
    /// Whether a copy of the request may still be on its way, and may create the deleted key again.
    pub may_return: bool,
}

impl Registered {
    /// Delivers the key. `show` is for standard output and for programs. It receives the contents of the key file if
    /// these are to go to standard output.
    ///
    /// # Errors
    /// The key, which must be rolled back. A file that was to be replaced is still there.
    pub async fn deliver(
        self,
        show: impl AsyncFnOnce(&CreatedKey, Option<&str>) -> Result<(), Error>,
    ) -> Result<Delivered, Box<Undelivered>> {
        let Self { plan, destination, mut entry, created, may_return } = self;
        let contents = keyfile::render(&created, plan.format);
        let is_shown = destination.is_standard_output();
        let Destination { path, place } = destination;
        let mut delivered = Delivered { created, path, is_shown, backup: None, unsynced: None, unfinished: None };
        if !matches!(place, Sink::File(_)) {
            note(&mut entry, &Step::Delivering);
        }
        let unwritable = Error::unwritable(&delivered.path);
        let (result, pending) = match place {
            Sink::File(FileSink { pending, folder, old }) => {
                match keyfile::write(&delivered.path, &pending.other_name(), contents.as_bytes(), old) {
                    Ok(backup) => {
                        // From here on, the key is in its file, whatever else fails.
                        delivered.backup = backup;
                        delivered.unsynced = folder.sync().err();
                        // Until the disk has confirmed the file, the pending file stays as well.
                        (Ok(()), Some(pending).filter(|_| delivered.unsynced.is_none()))
                    }
                    Err(error) => (Err(unwritable(error)), Some(pending)),
                }
            }
            // The reader may be slow.
            Sink::Stream(mut stream) => {
                let written = on_a_thread("key", move || stream.write_all(contents.as_bytes())).await.flatten();
                (written.map_err(unwritable), None)
            }
            Sink::StandardOutput => (show(&delivered.created, Some(&contents)).await, None),
            Sink::Program | Sink::Shown => (show(&delivered.created, None).await, None),
        };
        match result {
            Ok(()) if delivered.unsynced.is_some() => Ok(delivered),
            Ok(()) if plan.rotation.is_some() => {
                // Without this step, a crash would make a key that is in use look like a key whose value is lost.
                if let Some(entry) = &mut entry {
                    delivered.unsynced = entry.note_durably(&Step::Delivered).err();
                }
                // If the log does not have this step, the pending file is needed to find out that the file has the key. If
                // the pending file cannot be removed now, a later command finds and removes it.
                if delivered.unsynced.is_none() {
                    let _ = pending.map_or(Ok(()), PendingFile::remove);
                }
                delivered.unfinished = entry;
                Ok(delivered)
            }
            Ok(()) => {
                let _ = finish(entry, pending);
                Ok(delivered)
            }
            Err(why) => Err(Box::new(Undelivered { why, key: delivered.created.key, entry, pending, may_return })),
        }
    }
}

impl Delivered {
    /// Ends a rotation after the old key is retired.
    pub fn end_rotation(&mut self) {
        // If the entry cannot be removed, it is marked as finished, and a later command removes it.
        let _ = finish(self.unfinished.take(), None);
    }
}

impl Undelivered {
    /// Deletes the key again, after unlocking it if needed, and then removes the pending data. The pending data stays
    /// if the key cannot be deleted, or if a copy of the request may still be on its way.
    pub async fn roll_back(self, client: &Client) -> RolledBack {
        let Self { why, key, mut entry, pending, may_return } = self;
        let mut deleted = KeyChange::Delete.apply(client, &key.id).await;
        if deleted.is_err() && key.locked {
            deleted = match KeyChange::Unlock.apply(client, &key.id).await {
                Ok(()) => KeyChange::Delete.apply(client, &key.id).await,
                Err(failure) => Err(failure),
            };
        }
        let failure = deleted.err().map(ChangeFailure::into_error);
        let is_left = failure.is_some() || may_return;
        let value_is_kept = is_left && pending.is_some();
        if !is_left {
            // If pending data cannot be removed now, a later command finds and removes it.
            let _ = finish(entry, pending);
        } else if failure.is_none() {
            note(&mut entry, &Step::Deleted);
        }
        RolledBack { why, key, failure, value_is_kept, may_return }
    }
}
