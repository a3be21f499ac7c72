//! The last step of a creation: the key is delivered, or deleted again.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use super::destination::Destination;
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
    /// What received it.
    pub to: Recipient,
    /// The error, if the disk did not confirm the written file, or the log entry of a rotation.
    pub unsynced: Option<io::Error>,
    /// The entry of a rotation whose old key is still to be retired.
    unfinished: Option<Entry>,
}

/// What received a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// A new file.
    File {
        /// The path as given.
        path: PathBuf,
        /// The path of the copy of the replaced file, if any.
        backup: Option<PathBuf>,
    },
    /// A pipe or a device at this path.
    Stream(PathBuf),
    /// Standard output, which this path names.
    StandardOutput(PathBuf),
    /// A program: its name and its arguments.
    Program(Vec<OsString>),
    /// The user, in the output format.
    User,
}

/// What the caller does to deliver a key.
#[derive(Debug, Clone, Copy)]
pub enum Handover<'a> {
    /// Writes these contents of a key file to standard output.
    Write(&'a str),
    /// Passes the value to a program: its name and its arguments.
    Run(&'a [OsString]),
    /// Shows the key in the output format.
    Show,
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
    /// Delivers the key. `hand_over` delivers to standard output and to programs.
    ///
    /// # Errors
    /// The key, which must be rolled back. A file that was to be replaced is still there.
    pub async fn deliver(
        self,
        hand_over: impl AsyncFnOnce(&CreatedKey, Handover<'_>) -> Result<(), Error>,
    ) -> Result<Delivered, Box<Undelivered>> {
        let Self { plan, destination, entry, created, may_return } = self;
        let contents = keyfile::render(&created, plan.format);
        if !matches!(destination, Destination::File(_)) {
            note(entry.as_ref(), &Step::Delivering);
        }
        let (mut pending, mut unsynced) = (None, None);
        let received = match destination {
            Destination::File(file) => {
                let written = keyfile::write(&file.path, &file.pending.other_name(), contents.as_bytes(), file.old);
                pending = Some(file.pending);
                written.map_err(Error::unwritable(&file.path)).map(|backup| {
                    // From here on, the key is in its file, whatever else fails.
                    unsynced = file.folder.sync().err();
                    Recipient::File { path: file.path, backup }
                })
            }
            // The reader may be slow.
            Destination::Stream { path, mut stream } => {
                let written = on_a_thread("key", move || stream.write_all(contents.as_bytes())).await.flatten();
                written.map_err(Error::unwritable(&path)).map(|()| Recipient::Stream(path))
            }
            Destination::StandardOutput(path) => {
                hand_over(&created, Handover::Write(&contents)).await.map(|()| Recipient::StandardOutput(path))
            }
            Destination::Program(words) => {
                hand_over(&created, Handover::Run(&words)).await.map(|()| Recipient::Program(words))
            }
            Destination::Shown => hand_over(&created, Handover::Show).await.map(|()| Recipient::User),
        };
        let to = match received {
            Ok(to) => to,
            Err(why) => return Err(Box::new(Undelivered { why, key: created.key, entry, pending, may_return })),
        };
        let mut delivered = Delivered { created, to, unsynced, unfinished: None };
        if delivered.unsynced.is_some() {
            // Until the disk has confirmed the file, the pending file and the entry stay.
        } else if plan.rotation().is_some() {
            // Without this step, a crash would make a key that is in use look like a key whose value is lost.
            delivered.unsynced = entry.as_ref().and_then(|entry| entry.note_durably(&Step::Delivered).err());
            // If the log does not have this step, the pending file is needed to find out that the file has the key. If
            // the pending file cannot be removed now, a later command finds and removes it.
            if delivered.unsynced.is_none() {
                let _ = pending.map_or(Ok(()), PendingFile::remove);
            }
            delivered.unfinished = entry;
        } else {
            let _ = finish(entry, pending);
        }
        Ok(delivered)
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
        let Self { why, key, entry, pending, may_return } = self;
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
            note(entry.as_ref(), &Step::Deleted);
        }
        RolledBack { why, key, failure, value_is_kept, may_return }
    }
}
