//! The last step of a creation: the key gets to its place, or is deleted again.

use std::io::{self, Write};
use std::path::PathBuf;

use super::destination::{Destination, FileSink, Sink};
use super::error::Error;
use super::log::{Entry, Step};
use super::pending_file::PendingFile;
use super::{Registered, finish, note};
use crate::blocking::on_a_thread;
use crate::iam::verified::{Failure, KeyChange};
use crate::iam::{self, ApiKey, Client, CreatedKey};
use crate::keyfile;

/// The key is in its place.
#[derive(Debug)]
pub struct Delivered {
    /// The key.
    pub created: CreatedKey,
    /// As it was given; empty where no file was asked for.
    pub path: PathBuf,
    /// It went to standard output.
    pub is_shown: bool,
    /// Where a copy is of the file that stood there before.
    pub backup: Option<PathBuf>,
    /// The file is there, but the disk did not confirm it.
    pub unsynced: Option<io::Error>,
    /// A rotation whose old key is still to be retired.
    unfinished: Option<Entry>,
}

/// There is a key, and it did not get to its place.
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

/// What became of a key that did not get to its place.
#[derive(Debug)]
pub struct RolledBack {
    /// Why it did not get there.
    pub why: Error,
    /// The key.
    pub key: ApiKey,
    /// Why it could not be deleted again; `None` if it was.
    pub failure: Option<iam::Error>,
    /// Whether its value is still kept beside its file.
    pub value_is_kept: bool,
    /// It was deleted, but a copy of the request may still be on its way and create it again.
    pub may_return: bool,
}

impl Registered {
    /// Brings the key to its place. `show` is for standard output and for programs: it gets the contents of the key
    /// file, if that is what is asked for.
    ///
    /// # Errors
    /// The key, which has to be rolled back; what stood in its place is still there.
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
                        // From here on the key is in its file, whatever else happens.
                        delivered.backup = backup;
                        delivered.unsynced = folder.sync().err();
                        // Until the disk has confirmed the file, the pending file stays as well.
                        (Ok(()), Some(pending).filter(|_| delivered.unsynced.is_none()))
                    }
                    Err(error) => (Err(unwritable(error)), Some(pending)),
                }
            }
            // A reader may take its time.
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
                // Without it, a crash would make a key that is in use look like one whose value is lost.
                if let Some(entry) = &mut entry {
                    delivered.unsynced = entry.note_durably(&Step::Delivered).err();
                }
                // Without that line in the log, the pending file tells that the key is in its file. One that cannot be
                // removed is removed by a later command.
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
    /// Ends a rotation: the old key is retired.
    pub fn end_rotation(&mut self) {
        // An entry that cannot be removed is finished, and a later command removes it.
        let _ = finish(self.unfinished.take(), None);
    }
}

impl Undelivered {
    /// Deletes the key again, unlocking it if that is needed, and then what is pending. That stays where a copy of the
    /// request may still be on its way.
    pub async fn roll_back(self, client: &Client) -> RolledBack {
        let Self { why, key, mut entry, pending, may_return } = self;
        let mut deleted = KeyChange::Delete.apply(client, &key.id).await;
        if deleted.is_err() && key.locked {
            deleted = match KeyChange::Unlock.apply(client, &key.id).await {
                Ok(()) => KeyChange::Delete.apply(client, &key.id).await,
                Err(failure) => Err(failure),
            };
        }
        let failure = deleted.err().map(Failure::into_error);
        let is_left = failure.is_some() || may_return;
        let value_is_kept = is_left && pending.is_some();
        if !is_left {
            // What cannot be removed now is found and removed by a later command.
            let _ = finish(entry, pending);
        } else if failure.is_none() {
            note(&mut entry, &Step::Deleted);
        }
        RolledBack { why, key, failure, value_is_kept, may_return }
    }
}
