//! The rotations of this user that are interrupted or in progress, for commands that select several keys.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::interrupted::{self, MARK};
use super::log;
use super::login::ActiveLogin;
use crate::context::Context;
use crate::creation::{self, Interrupted, Rotation, SETTLED_AFTER};
use crate::error::Error;
use crate::iam::ApiKey;
use crate::time;

/// An interrupted rotation, without a check of its state.
pub(crate) struct Pending {
    /// The rotation: the old ID and the name of the key.
    pub(crate) rotation: Rotation,
    /// The file for the new value.
    pub(crate) file: Option<PathBuf>,
    /// The name that the request for the new key had.
    name: String,
    begun_at: Timestamp,
    new_id: Option<String>,
    is_superseded: bool,
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
        let has_own_name = self.name.contains(MARK) && key.name == self.name;
        let is_then = |created: Timestamp| created.duration_since(self.begun_at).abs() <= SETTLED_AFTER + CLOCKS_DIFFER;
        let has_name_and_time = || {
            (key.name == self.rotation.name || key.name.contains(MARK))
                && time::parse(&key.created_at).is_some_and(is_then)
        };
        // Of a rotation whose place another run has taken, only a delayed request can still create a key.
        has_own_name || !self.is_superseded && (self.new_id.as_deref() == Some(&*key.id) || has_name_and_time())
    }
}

/// The maximum difference between the service's clock and the local clock.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(10);

/// Returns all rotations of this user that are interrupted or in progress, and removes completed ones from the log.
pub(crate) fn pending(context: &Context<'_>, active: &ActiveLogin) -> Result<Vec<Pending>, Error> {
    let mut found = Vec::new();
    for logged in creation::logged(&log(&context.settings)?) {
        let subject = logged.subject();
        if let Some(rotation) = subject.rotation.clone().filter(|_| interrupted::is_own(subject, active)) {
            let creation = match logged.load(true) {
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
                file: subject.file.clone(),
                name: subject.name.clone(),
                begun_at: subject.begun_at,
                new_id: creation.as_ref().and_then(Interrupted::key_id).map(str::to_owned),
                is_superseded: creation.as_ref().is_some_and(Interrupted::is_superseded),
            });
        }
    }
    Ok(found)
}
