//! The rotations of this user that are interrupted or in progress, so that a command does not rotate their new keys.

use jiff::{SignedDuration, Timestamp};

use crate::context::Context;
use crate::creation::{self, Leftover, Plan, Rotation, SETTLED_AFTER, Scanned, Wait, leftovers};
use crate::error::Error;
use crate::hint::Note;
use crate::iam::ApiKey;
use crate::ops::log;
use crate::ops::login::ActiveLogin;
use crate::ops::messages;
use crate::ops::rotation::interrupted::{self, MARK};
use crate::time;

/// A rotation that is interrupted or in progress, without a check of its new key.
pub(crate) struct Pending {
    /// The rotation: the old ID and the name of the key.
    pub(crate) rotation: Rotation,
    /// What the rotation is about.
    pub(crate) plan: Plan,
    /// What a killed run left; `None` if another process rotates the key now.
    left: Option<Left>,
}

/// What a killed run left of a rotation.
struct Left {
    new_id: Option<String>,
    is_superseded: bool,
    note: Note,
}

impl Pending {
    /// Whether a run of the same rotation continues this one.
    pub(crate) fn continues(&self, key: &ApiKey) -> bool {
        !self.is_superseded() && self.rotation.old_id == key.id
    }

    fn is_superseded(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.is_superseded)
    }

    /// Whether a key is, or may be, the new key of this rotation.
    pub(crate) fn is_new_key(&self, key: &ApiKey) -> bool {
        if key.id == self.rotation.old_id {
            return false;
        }
        // The name contains the ID of the run, so no other key has it.
        let is_marked = self.plan.draft.name.contains(MARK);
        if is_marked && key.name == self.plan.draft.name {
            return true;
        }
        if self.is_superseded() {
            // Another run has taken its place. Only a delayed request can still create a key.
            return false;
        }
        let is_then =
            |created: Timestamp| created.duration_since(self.plan.begun_at).abs() <= SETTLED_AFTER + CLOCKS_DIFFER;
        match &self.left {
            Some(Left { new_id: Some(id), .. }) => *id == *key.id,
            // The key gets its final name after its ID is in the log.
            Some(_) if is_marked => false,
            _ => key.name == self.rotation.name && time::parse(&key.created_at).is_some_and(is_then),
        }
    }

    /// Returns the error for a command that would rotate the new key of this rotation.
    pub(crate) fn stops(&self, key: &ApiKey) -> Error {
        let Some(left) = &self.left else {
            return creation::Error::Rotating(self.rotation.name.clone()).into();
        };
        let message = format!("{} may be the new key of an interrupted rotation.", messages::called(key));
        messages::conflict(left.note.clone()).context(message)
    }
}

/// The maximum difference between the service's clock and the local clock.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(10);

/// Returns all rotations of this user that are interrupted or in progress.
pub(crate) fn pending(context: &Context<'_>, active: &ActiveLogin, wait: Wait) -> Result<Vec<Pending>, Error> {
    let log = log(&context.settings)?;
    let scanned = leftovers(&log, wait, |plan| plan.rotation().is_some() && interrupted::is_own(plan, active));
    let pending = scanned.filter_map(|scanned| match scanned {
        Scanned::Unreadable(_) => None,
        Scanned::Busy(plan, _) => Some(Pending { rotation: plan.rotation().cloned()?, plan, left: None }),
        Scanned::Left(left) => {
            let (creation, rotation) = (left.creation(), left.creation().plan.rotation().cloned()?);
            let kept = Left {
                new_id: creation.key_id.clone(),
                is_superseded: matches!(&left, Leftover::Orphan(orphan) if orphan.is_superseded),
                note: messages::interrupted_rotation(&left, &rotation),
            };
            Some(Pending { plan: creation.plan.clone(), rotation, left: Some(kept) })
        }
    });
    Ok(pending.collect())
}
