//! Creates one API key in steps. Each step is a type that the next step takes, so no step can be skipped, and all
//! pending data is written in one order, in this module.
//!
//! [`Plan`] → [`Prepared`] (the destination is reserved) → [`Recorded`] (the disk has everything that is needed to
//! finish the creation; the request may be sent) → [`Registered`] (the service has the key) → [`Delivered`], or
//! [`Undelivered`] and rolled back.
//! [`leftovers`] finds what killed runs left. Each [`Leftover`] has what can be done with it.

mod delivery;
mod destination;
mod entries;
mod error;
mod leftover;
mod log;
mod pending_file;
mod plan;
mod record;
mod register;
mod rotation_lock;
mod scan;
mod state;

use std::path::{Path, PathBuf};

pub use delivery::{Delivered, Handover, Recipient, RolledBack, Undelivered};
pub use destination::{Destination, ReservedFile};
pub use entries::Unreadable;
pub use error::Error;
pub use leftover::{Creation, Discard, Leftover, Orphan, Resumable, Unretired};
pub use log::Log;
pub use pending_file::pending_path;
pub use plan::{Place, Plan, Purpose, Rotation, Target};
pub use rotation_lock::RotationLock;
pub use scan::{Loaded, Scanned, Wait, leftovers, load};
pub use state::{SETTLED_AFTER, is_settled};

use crate::iam::{self, ApiKey, Client, CreatedKey};
use crate::secret::SecretString;
use log::{Entry, Step};
use pending_file::PendingFile;
use register::{Confirmed, NotRegistered};

/// A plan whose destination is reserved.
#[derive(Debug)]
pub struct Prepared {
    plan: Plan,
    destination: Destination,
}

/// A creation that a later command can find, and can finish if it has a file. Its request may be sent.
#[derive(Debug)]
pub struct Recorded {
    plan: Plan,
    destination: Destination,
    entry: Option<Entry>,
    /// `None` if the service makes the value.
    value: Option<SecretString>,
    origin: Origin,
}

/// Where a recorded creation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// This process. No request was sent.
    New,
    /// A killed process. A request may have been sent, and it may be sent again.
    Interrupted,
    /// A pending file without a log entry. If the service does not know its value, the file may come from a backup, and
    /// a deleted key must not be created again.
    Unlogged,
    /// A value that the service made. If the service does not know it, the key was deleted since.
    ServiceMade,
}

/// The service has the key.
#[derive(Debug)]
pub struct Registered {
    plan: Plan,
    destination: Destination,
    entry: Option<Entry>,
    created: CreatedKey,
    may_return: bool,
}

/// A creation without a key to deliver.
#[derive(Debug)]
pub struct Unregistered {
    /// The plan of the creation.
    pub plan: Plan,
    /// Whether this program made the value, and not the service.
    pub is_own_value: bool,
    /// Why there is no key to deliver.
    pub cause: Cause,
}

/// Why there is no key to deliver.
#[derive(Debug)]
pub enum Cause {
    /// No key was created, and nothing of the creation is left on the disk.
    NotCreated(iam::Error),
    /// It is not known whether the key exists or will exist.
    Open {
        /// What went wrong.
        error: iam::Error,
        /// Whether the service did not know the key at the last check.
        unknown_so_far: bool,
        /// The file beside which the value is stored; `None` if no file stores the value.
        file: Option<PathBuf>,
    },
    /// An interrupted creation whose value the service does not know, and that must not be started again.
    NotThere {
        /// Whether the key existed and was deleted since. If false, this machine has no log entry of the creation.
        was_there: bool,
        /// The file beside which the value is stored.
        file: Option<PathBuf>,
    },
    /// The key exists, but its value is not the one that it should have.
    Altered(Box<Undelivered>),
}

impl Plan {
    /// Takes a reserved destination.
    #[must_use]
    pub fn prepare(self, destination: Destination) -> Prepared {
        Prepared { plan: self, destination }
    }
}

impl Prepared {
    /// Writes what is needed to find and finish the creation: first the log entry, then the pending file. Without
    /// `value`, the service makes the value.
    ///
    /// # Errors
    /// The disk cannot be written. Then no request was sent, and nothing is left on the disk.
    pub fn record(self, log: &Log, value: Option<SecretString>) -> Result<Recorded, Error> {
        let Self { plan, mut destination } = self;
        let entry = log.begin(&plan, value.is_none())?;
        if let Destination::File(file) = &mut destination {
            let filled = file.pending.fill(&plan, value.as_ref());
            // Without this step, a later command takes a missing pending file for one that was never complete.
            let noted = filled.map_err(Error::unwritable(&file.path)).and_then(|()| {
                entry.add(&Step::Recorded).map_err(|source| Error::Unrecorded { folder: log.folder.clone(), source })
            });
            if let Err(error) = noted {
                // What cannot be removed is marked as finished, so a later command removes it.
                let _ = finish(Some(entry), destination.into_pending());
                return Err(error);
            }
        }
        Ok(Recorded { plan, destination, entry: Some(entry), value, origin: Origin::New })
    }
}

impl Recorded {
    /// Returns the file beside which the value is stored, if any.
    #[must_use]
    pub fn pending_for(&self) -> Option<&Path> {
        self.destination.file().filter(|_| self.value.is_some())
    }

    /// Returns the plan of this creation.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Registers the key, and never registers a second one.
    ///
    /// # Errors
    /// See [`Cause`].
    pub async fn register(self, client: &Client) -> Result<Registered, Box<Unregistered>> {
        let draft = &self.plan.draft;
        let registered = match (&self.value, self.origin) {
            (Some(value), Origin::New) => register::with_value(client, draft, value, false).await,
            (Some(value), origin) => match register::find(client, draft, value).await {
                Ok(Some(created)) => Ok(Confirmed { created, may_return: true }),
                Ok(None) if origin != Origin::Interrupted => Err(NotRegistered::NotThere),
                Ok(None) => register::with_value(client, draft, value, true).await,
                Err(error) => Err(NotRegistered::Unknown(error)),
            },
            (None, _) => register::without_value(client, draft).await,
        };
        match registered {
            Ok(found) => Ok(self.registered(found)),
            Err(failure) => Err(self.unregistered(failure)),
        }
    }

    /// Records what is known now. If the service made the value for a file: the ID and the value. If the value is
    /// already in the pending file, and this is no rotation: nothing. Otherwise: the ID.
    fn registered(self, found: Confirmed) -> Registered {
        let Confirmed { created, may_return } = found;
        let Self { plan, mut destination, entry, value, .. } = self;
        let made = Step::Made(created.key.id.to_string());
        match &mut destination {
            Destination::File(file) if value.is_none() => {
                note(entry.as_ref(), &made);
                // If the value cannot be stored, the key file most likely cannot be written either, and that error is
                // reported.
                if file.pending.note_value(&created.value).is_ok() {
                    note(entry.as_ref(), &Step::Kept);
                }
            }
            Destination::File(_) if plan.rotation().is_none() => {}
            Destination::Stream { .. }
            | Destination::StandardOutput(_)
            | Destination::Program(_)
            | Destination::Shown
                if plan.rotation().is_some() =>
            {
                // The key is renamed next: then only its ID tells that it is the one of this rotation. If the disk does
                // not confirm the line, only a crash of the machine loses it.
                let _ = entry.as_ref().map_or(Ok(()), |entry| entry.note_durably(&made));
            }
            _ => note(entry.as_ref(), &made),
        }
        Registered { plan, destination, entry, created, may_return }
    }

    fn unregistered(self, failure: NotRegistered) -> Box<Unregistered> {
        let file = self.pending_for().map(Path::to_owned);
        let Self { plan, destination, entry, value, origin } = self;
        let is_own_value = value.is_some();
        let cause = match failure {
            NotRegistered::NotCreated(error) if origin == Origin::New => {
                let _ = finish(entry, destination.into_pending());
                Cause::NotCreated(error)
            }
            NotRegistered::NotCreated(error) | NotRegistered::NotYet(error) => {
                Cause::Open { error, unknown_so_far: true, file }
            }
            NotRegistered::Unknown(error) => Cause::Open { error, unknown_so_far: false, file },
            NotRegistered::NotThere => Cause::NotThere { was_there: origin == Origin::ServiceMade, file },
            NotRegistered::Altered { key, may_return } => {
                note(entry.as_ref(), &Step::Made(key.id.to_string()));
                // The stored value does not belong to any key.
                note(entry.as_ref(), &Step::Altered);
                // If the pending file cannot be removed now, the log entry marks its value as worthless.
                let _ = destination.into_pending().map(PendingFile::remove);
                let why = if is_own_value { Error::AlteredValue } else { Error::NoValue };
                Cause::Altered(Box::new(Undelivered { why, key: *key, entry, pending: None, may_return }))
            }
        };
        Box::new(Unregistered { plan, is_own_value, cause })
    }
}

impl Registered {
    /// The plan of this creation.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The key.
    #[must_use]
    pub fn created(&self) -> &CreatedKey {
        &self.created
    }

    /// Replaces the key with the same key after an update.
    pub fn set_key(&mut self, key: ApiKey) -> Result<(), iam::Error> {
        self.created = CreatedKey::found(key, &self.created.value)?;
        Ok(())
    }

    /// Gives up the delivery of the key.
    #[must_use]
    pub fn refuse(self, why: Error) -> Undelivered {
        let Self { destination, entry, created, may_return, .. } = self;
        Undelivered { why, key: created.key, entry, pending: destination.into_pending(), may_return }
    }
}

/// Adds a step to the entry, if there is one. An interrupted creation may have no entry.
fn note(entry: Option<&Entry>, step: &Step) {
    if let Some(entry) = entry {
        entry.note(step);
    }
}

/// Cleans up after a creation that is over. If the process is killed in between, the log says that it is finished.
fn finish(entry: Option<Entry>, pending: Option<PendingFile>) -> Result<(), Error> {
    note(entry.as_ref(), &Step::Finished);
    pending.map_or(Ok(()), PendingFile::remove)?;
    if let Some(entry) = entry {
        entry.remove();
    }
    Ok(())
}
