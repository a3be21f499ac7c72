//! The new key of a rotation: whether the old key can be rotated, and the properties of the new key.

use jiff::{SignedDuration, Timestamp};

use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::iam::service_ids::ServiceId;
use crate::iam::{ApiKey, KeyDraft};
use crate::ops::login::ActiveLogin;
use crate::ops::messages;
use crate::ops::rotation::retire::Policy;
use crate::text::visible;
use crate::time;

/// Checks whether a key can be rotated, before anything is created.
pub(crate) fn check(active: &ActiveLogin, old: &ApiKey, policy: Policy, now: Timestamp) -> Result<(), Error> {
    check_grace(policy, old, now)?;
    if active.owner.is_foreign(old) {
        let message = format!("{} belongs to {}.", messages::called(old), visible(&old.iam_id));
        return Err(Error::usage(message).hint(match ServiceId::id_of(&old.iam_id) {
            Some(id) => Hint::run("To rotate it, run", ["service-api-key-rotate", &old.id, id]),
            None => "Only its owner can rotate it.".into(),
        }));
    }
    if old.locked && policy != Policy::Keep {
        return Err(messages::locked(old).and_hint("Or pass --keep-old."));
    }
    if old.disabled {
        return Err(Error::new(Kind::Conflict, format!("{} is disabled.", messages::called(old)))
            .hint(messages::key_hint("Enable it first", "enable", &old.id, &old.iam_id)));
    }
    Ok(())
}

pub(crate) fn check_grace(policy: Policy, old: &ApiKey, now: Timestamp) -> Result<(), Error> {
    if matches!(policy, Policy::Expire(_)) && policy.changes(&old.name, old, now).is_none() {
        return Err(Error::usage("--grace is too long."));
    }
    // The service counts whole minutes.
    if matches!(policy, Policy::Expire(grace) if grace < SignedDuration::from_mins(1)) {
        return Err(Error::usage("--grace is less than one minute.")
            .hint("Pass a longer time, or --delete-old to delete the old key at once."));
    }
    Ok(())
}

/// Returns the draft of the new key, with the properties and the same lifetime as the old key.
pub(crate) fn draft(active: &ActiveLogin, old: &ApiKey, now: Timestamp) -> Result<KeyDraft, Error> {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let expires_at = if old.expires_at.is_empty() {
        None
    } else {
        let lifetime = time::parse(&old.expires_at).zip(time::parse(&old.created_at));
        let end = lifetime.and_then(|(end, start)| now.checked_add(end.duration_since(start)).ok());
        let unknown = || Error::failed(format!("Cannot determine the lifetime of {}.", messages::called(old)));
        Some(time::wire(end.ok_or_else(unknown)?))
    };
    Ok(KeyDraft {
        name: old.name.to_string(),
        iam_id: active.owner.iam_id().to_owned(),
        account_id: active.owner.account_id().to_owned(),
        description: filled(&old.description),
        action_when_leaked: filled(&old.action_when_leaked),
        expires_at,
        support_sessions: old.support_sessions,
        store_value: old.has_value(),
        locked: false,
        disabled: false,
    })
}
