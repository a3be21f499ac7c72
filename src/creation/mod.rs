//! One new key, from its plan to its place: a machine whose steps are types. A step that must come first is a type
//! that the next one takes, and what is pending is written in one order, here.
//!
//! [`Plan`] → [`Prepared`] (the place is reserved) → [`Recorded`] (the disk has what is needed to finish; the request
//! may be sent) → [`Registered`] (the service has the key) → [`Delivered`], or [`Undelivered`] and rolled back.
//! [`load()`] finds what a killed process left, and says by its [`State`] what can be done with it.

mod delivery;
mod destination;
mod entries;
mod error;
mod load;
mod log;
mod pending_file;
mod plan;
mod record;
mod register;
mod rotation_lock;
mod state;
mod subject;

use std::path::{Path, PathBuf};

pub use delivery::{Delivered, RolledBack, Undelivered};
pub use destination::Destination;
pub use error::Error;
pub use load::{Discard, Interrupted, Logged, load, logged};
pub use log::Log;
pub use pending_file::pending_path;
pub use plan::{Plan, Rotation};
pub use rotation_lock::RotationLock;
pub use state::{SETTLED_AFTER, State, is_settled};
pub use subject::Subject;

use crate::iam::{self, ApiKey, Client, CreatedKey};
use crate::secret::SecretString;
use destination::Sink;
use log::{Entry, Step};
use pending_file::PendingFile;
use record::Record;
use register::{Confirmed, NotRegistered};

/// A plan whose place is reserved.
#[derive(Debug)]
pub struct Prepared {
    plan: Plan,
    destination: Destination,
}

/// A creation that can be found again, and finished where it has a file. Its request may be sent.
#[derive(Debug)]
pub struct Recorded {
    plan: Plan,
    destination: Destination,
    entry: Option<Entry>,
    /// `None`: the service makes it.
    value: Option<SecretString>,
    origin: Origin,
}

/// Where a recorded creation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// This process; nothing was sent.
    New,
    /// A killed process; a request may have been sent. It may be sent again.
    Interrupted,
    /// A pending file that no log knows: if the service does not know its value, then the file may come from a backup,
    /// and a key that was deleted is not to come back.
    Unlogged,
    /// A value that the service made: if it does not know it, then the key was deleted since.
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

/// Why there is no key to deliver.
#[derive(Debug)]
pub enum Unregistered {
    /// No key was created, and nothing of the creation is left on the disk.
    NotCreated(iam::Error),
    /// Whether there is, or will be, a key is not known.
    Open {
        /// What went wrong.
        error: iam::Error,
        /// The service did not know the key when it was asked last.
        unknown_so_far: bool,
        /// The file beside which the value is kept; `None` if nobody has the value.
        file: Option<PathBuf>,
    },
    /// An interrupted creation, whose value the service does not know, and that is not to be begun again.
    NotThere {
        /// The key was there, and was deleted since. Else nothing on this machine knows the creation.
        was_there: bool,
    },
    /// There is a key, but not with the value that it should have.
    Altered(Box<Undelivered>),
}

impl Plan {
    /// Takes a place that was reserved.
    #[must_use]
    pub fn prepare(self, destination: Destination) -> Prepared {
        Prepared { plan: self, destination }
    }
}

impl Prepared {
    /// Writes down what is needed to find and to finish the creation: first the log's entry, then the pending file.
    /// Without a value the service makes it.
    ///
    /// # Errors
    /// The disk cannot be written; then nothing was sent, and nothing is left.
    pub fn record(self, log: &Log, value: Option<SecretString>) -> Result<Recorded, Error> {
        let Self { plan, mut destination } = self;
        let to_program = matches!(destination.place, Sink::Program);
        let mut entry = log.begin(&plan, destination.file(), to_program, value.is_none())?;
        if let Sink::File(place) = &mut destination.place {
            if let Err(error) = place.pending.fill(&Record::new(&plan, value.as_ref())) {
                entry.remove();
                return Err(Error::unwritable(destination.path())(error));
            }
            entry.note(&Step::Recorded);
        }
        Ok(Recorded { plan, destination, entry: Some(entry), value, origin: Origin::New })
    }
}

impl Recorded {
    /// The file beside which the value is kept, if it is.
    #[must_use]
    pub fn pending_for(&self) -> Option<&Path> {
        self.destination.file().filter(|_| self.value.is_some())
    }

    /// What was planned.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Gives up before anything was sent; nothing is left.
    ///
    /// # Errors
    /// The pending file cannot be removed.
    pub fn abandon(self) -> Result<(), Error> {
        finish(self.entry, self.destination.into_pending())
    }

    /// Registers the key, once and no more.
    ///
    /// # Errors
    /// See [`Unregistered`].
    pub async fn register(self, client: &Client) -> Result<Registered, Unregistered> {
        let draft = &self.plan.draft;
        let registered = match (&self.value, self.origin) {
            (Some(value), Origin::New) => register::with_value(client, draft, value, false).await,
            (Some(value), origin) => match register::find(client, draft, value).await {
                Ok(Some(created)) => Ok(Confirmed { created, may_return: true }),
                Ok(None) if origin != Origin::Interrupted => {
                    return Err(Unregistered::NotThere { was_there: origin == Origin::ServiceMade });
                }
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

    /// Writes down what is known now: for a file whose value the service made, the value; else the id.
    fn registered(self, found: Confirmed) -> Registered {
        let Confirmed { created, may_return } = found;
        let Self { plan, mut destination, mut entry, value, .. } = self;
        match &mut destination.place {
            Sink::File(place) if value.is_none() => {
                note(&mut entry, &Step::Made(created.key.id.to_string()));
                // Where it cannot be kept, the file itself will most likely not be written either, which is told.
                if place.pending.note_value(&created.value).is_ok() {
                    note(&mut entry, &Step::Kept);
                }
            }
            Sink::File(_) if plan.rotation.is_none() => {}
            // The key is renamed next: then only its ID tells that it is the one of this rotation.
            Sink::Stream(_) | Sink::StandardOutput | Sink::Program | Sink::Shown if plan.rotation.is_some() => {
                if let Some(entry) = &mut entry {
                    // If the disk does not confirm the line, only a crash of the machine loses it.
                    let _ = entry.note_durably(&Step::Made(created.key.id.to_string()));
                }
            }
            Sink::File(_) | Sink::Stream(_) | Sink::StandardOutput | Sink::Program | Sink::Shown => {
                note(&mut entry, &Step::Made(created.key.id.to_string()));
            }
        }
        Registered { plan, destination, entry, created, may_return }
    }

    fn unregistered(self, failure: NotRegistered) -> Unregistered {
        let file = self.pending_for().map(Path::to_owned);
        let (error, unknown_so_far) = match failure {
            NotRegistered::NotCreated(error) if self.origin == Origin::New => {
                let _ = finish(self.entry, self.destination.into_pending());
                return Unregistered::NotCreated(error);
            }
            NotRegistered::NotCreated(error) | NotRegistered::NotYet(error) => (error, true),
            NotRegistered::Unknown(error) => (error, false),
            NotRegistered::Altered { key, may_return } => {
                let Self { destination, mut entry, .. } = self;
                note(&mut entry, &Step::Made(key.id.to_string()));
                // The value that is kept is no key's.
                note(&mut entry, &Step::Altered);
                let kept = destination.into_pending().map(PendingFile::remove);
                // What cannot be removed now, the log knows to be worthless.
                drop(kept);
                return Unregistered::Altered(Box::new(Undelivered {
                    why: Error::AlteredValue,
                    key: *key,
                    entry,
                    pending: None,
                    may_return,
                }));
            }
        };
        Unregistered::Open { error, unknown_so_far, file }
    }
}

impl Registered {
    /// The key.
    #[must_use]
    pub fn created(&self) -> &CreatedKey {
        &self.created
    }

    /// The same key after an update.
    pub fn set_key(&mut self, key: ApiKey) -> Result<(), iam::Error> {
        self.created = CreatedKey::found(key, &self.created.value)?;
        Ok(())
    }

    /// Does not bring the key to its place.
    #[must_use]
    pub fn refuse(self, why: Error) -> Undelivered {
        let Self { destination, entry, created, may_return, .. } = self;
        Undelivered { why, key: created.key, entry, pending: destination.into_pending(), may_return }
    }
}

impl Destination {
    fn into_pending(self) -> Option<PendingFile> {
        match self.place {
            Sink::File(place) => Some(place.pending),
            Sink::Stream(_) | Sink::StandardOutput | Sink::Program | Sink::Shown => None,
        }
    }
}

/// An interrupted creation need not have an entry.
fn note(entry: &mut Option<Entry>, step: &Step) {
    if let Some(entry) = entry {
        entry.note(step);
    }
}

/// Clears up after a creation that is over. Killed in between, the log says so.
fn finish(mut entry: Option<Entry>, pending: Option<PendingFile>) -> Result<(), Error> {
    note(&mut entry, &Step::Finished);
    pending.map_or(Ok(()), PendingFile::remove)?;
    if let Some(entry) = entry {
        entry.remove();
    }
    Ok(())
}
