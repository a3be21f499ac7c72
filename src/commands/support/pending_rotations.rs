//! The rotations of this user that are interrupted or in progress, so that a command does not rotate their new keys.

use jiff::{SignedDuration, Timestamp};

use super::interrupted::{self, MARK};
use super::login::ActiveLogin;
use super::{log, messages};
use crate::context::Context;
use crate::creation::{self, Interrupted, Rotation, SETTLED_AFTER, State, Subject};
use crate::error::Error;
use crate::iam::ApiKey;
use crate::time;

/// A rotation that is interrupted or in progress, without a check of its new key.
pub(crate) struct Pending {
    /// The rotation: the old ID and the name of the key.
    pub(crate) rotation: Rotation,
    /// What the rotation is about.
    pub(crate) subject: Subject,
    new_id: Option<String>,
    is_superseded: bool,
    /// The state; `None` if another process rotates the key now.
    state: Option<State>,
}

impl Pending {
    /// Whether a run of the same rotation continues this one.
    pub(crate) fn continues(&self, key: &ApiKey) -> bool {
        !self.is_superseded && self.rotation.old_id == key.id
    }

    /// Whether a key is, or may be, the new key of this rotation.
    pub(crate) fn is_new_key(&self, key: &ApiKey) -> bool {
        if key.id == self.rotation.old_id {
            return false;
        }
        // The name contains the ID of the run, so no other key has it.
        let is_marked = self.subject.name.contains(MARK);
        if is_marked && key.name == self.subject.name {
            return true;
        }
        if self.is_superseded {
            // Another run has taken its place. Only a delayed request can still create a key.
            return false;
        }
        let is_then =
            |created: Timestamp| created.duration_since(self.subject.begun_at).abs() <= SETTLED_AFTER + CLOCKS_DIFFER;
        let may_be_new = || key.name == self.rotation.name && time::parse(&key.created_at).is_some_and(is_then);
        match (&self.new_id, &self.state) {
            (Some(id), _) => *id == *key.id,
            // The key gets its final name after its ID is in the log.
            (None, Some(_)) if is_marked => false,
            (None, _) => may_be_new(),
        }
    }

    /// Returns the error for a command that would rotate the new key of this rotation.
    pub(crate) fn stops(&self, key: &ApiKey) -> Error {
        let Some(state) = &self.state else {
            return creation::Error::Rotating(self.rotation.name.clone()).into();
        };
        let message = format!("{} may be the new key of an interrupted rotation.", messages::called(key));
        messages::unfinished_rotation(&self.subject, &self.rotation, state).context(message)
    }
}

/// The maximum difference between the service's clock and the local clock.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(10);

/// Returns all rotations of this user that are interrupted or in progress, and removes completed ones from the log. If
/// `patient`, waits for a process that only reads an entry.
pub(crate) fn pending(context: &Context<'_>, active: &ActiveLogin, patient: bool) -> Result<Vec<Pending>, Error> {
    let mut found = Vec::new();
    for logged in creation::logged(&log(&context.settings)?) {
        let subject = logged.subject();
        if let Some(rotation) = subject.rotation.clone().filter(|_| interrupted::is_own(subject, active)) {
            let creation = match logged.load(patient) {
                Ok(None) => continue,
                Ok(Some(creation)) if creation.is_over() => {
                    creation.forget()?;
                    continue;
                }
                Ok(Some(creation)) => Some(creation),
                // Another process rotates the key.
                Err(_) => None,
            };
            found.push(Pending {
                rotation,
                subject: subject.clone(),
                new_id: creation.as_ref().and_then(Interrupted::key_id).map(str::to_owned),
                is_superseded: creation.as_ref().is_some_and(Interrupted::is_superseded),
                state: creation.map(|creation| creation.state),
            });
        }
    }
    Ok(found)
}
