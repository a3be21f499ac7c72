//! The end of a rotation: the old key expires, is deleted, or is kept.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::cli::rotate::Rotate;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam::client::Include;
use crate::iam::types::name_with;
use crate::iam::{ApiKey, KeyChanges};
use crate::ops::keys::change_key::delete_old;
use crate::ops::keys::update_key::{is_up_to_date, update_key};
use crate::ops::login::ActiveLogin;
use crate::text;
use crate::time;

/// What happens to the old key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// The key is renamed, and expires after this time.
    Expire(SignedDuration),
    /// The key is deleted.
    Delete,
    /// The key is not changed.
    Keep,
}

impl Policy {
    /// Returns the policy that the command line requests.
    pub(crate) fn of(options: &Rotate) -> Self {
        match options {
            Rotate { delete_old: true, .. } => Self::Delete,
            Rotate { keep_old: true, .. } => Self::Keep,
            Rotate { grace, .. } => Self::Expire(grace.0),
        }
    }

    /// Returns the changes that retire a key named `name` at this time. An earlier expiration time stays, also if it
    /// has passed. Returns `None` if the policy does not expire the key, or if the time is out of range.
    pub(crate) fn changes(self, name: &str, key: &ApiKey, now: Timestamp) -> Option<KeyChanges> {
        let Self::Expire(grace) = self else { return None };
        let end = now.checked_add(grace).ok()?;
        let before = time::parse(&key.expires_at);
        let end = before.map_or(end, |before| before.min(end));
        Some(KeyChanges {
            name: Some(retired_name(name, now)),
            expires_at: before.is_none_or(|before| before > now).then(|| time::wire(end)),
            ..KeyChanges::default()
        })
    }

    /// What happens to the old key, for programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Expire(_) => "expire",
            Self::Delete => "delete",
            Self::Keep => "keep",
        }
    }

    /// Describes what happens to the old key, as the end of a sentence.
    pub(crate) fn describe(self, name: &str, key: &ApiKey, now: Timestamp) -> String {
        match (self, self.changes(name, key, now)) {
            (Self::Delete, _) => "is deleted".to_owned(),
            (_, Some(KeyChanges { name: Some(name), expires_at, .. })) => {
                let end = expires_at.map(|end| format!(" and expires at {end}")).unwrap_or_default();
                format!("is renamed to {}{end}", text::name(&name))
            }
            _ => "is kept as it is".to_owned(),
        }
    }
}

/// What precedes the date in the name of a retired key.
const MARK: &str = " (rotated ";

/// `NAME (rotated 2026-11-23)`
fn retired_name(name: &str, now: Timestamp) -> String {
    name_with(name, &format!("{MARK}{})", now.to_zoned(TimeZone::UTC).date()))
}

/// Retires a key that had this name before the rotation. A key that is already retired or deleted does not change.
///
/// # Errors
/// The reason why the key was not changed.
pub(crate) async fn retire(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    old_id: &str,
    name: &str,
    policy: Policy,
) -> Result<(), Error> {
    let client = &active.login.client;
    // The key may have changed since the rotation started, so each attempt reads it again.
    for attempt in 1.. {
        let key = match client.get_api_key(old_id, Include::default()).await {
            Ok(key) => key,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        match policy {
            Policy::Keep => return Ok(()),
            Policy::Delete => return delete_old(context, active, &key).await,
            Policy::Expire(_) => {}
        }
        let now = (context.now)();
        let Some(changes) = policy.changes(name, &key, now) else {
            return Err(Error::usage("--grace is too long."));
        };
        if is_up_to_date(&key, &changes) || is_retired(&key, name) {
            return Ok(());
        }
        match update_key(client, &key, &changes).await {
            Ok(updated) => {
                crate::ops::keys::completion::saw(context, active, &updated);
                let (name, end) = (context.ui.name(&updated.name), text::visible(&updated.expires_at).into_owned());
                context.ui.say(&format!("The old API key was renamed to {name} and expires at {end}"));
                return Ok(());
            }
            Err(failure) if failure.error.kind == Kind::Conflict && !key.locked && attempt < ATTEMPTS => {}
            Err(failure) => return Err(failure.error),
        }
    }
    Ok(())
}

/// Whether a key that had this name before a rotation was retired by a rotation.
pub(crate) fn is_retired(key: &ApiKey, name: &str) -> bool {
    key.name != name && looks_retired(key)
}

/// Whether a key has what a rotation gives the old key: a name like `NAME (rotated 2026-11-23)`, and an expiration.
pub(crate) fn looks_retired(key: &ApiKey) -> bool {
    let date = key.name.rsplit_once(MARK).and_then(|(_, end)| end.strip_suffix(')'));
    !key.expires_at.is_empty() && date.is_some_and(|date| date.parse::<jiff::civil::Date>().is_ok())
}

/// The maximum number of attempts for a key that changes at the same time.
const ATTEMPTS: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_key_expires_after_the_grace_period_and_never_later_than_before() {
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let key = |expires: &str| {
            ApiKey::parse(format!(r#"{{"id":"ApiKey-1","name":"ci","expires_at":"{expires}"}}"#).as_bytes()).unwrap()
        };
        let day = Policy::Expire(SignedDuration::from_hours(24));
        let changes = |expires: &str| day.changes("ci", &key(expires), now).unwrap();
        assert_eq!(changes("").name.as_deref(), Some("ci (rotated 2026-11-23)"));
        for (expires, expected) in [
            ("", "2026-11-24T09:00+0000"),
            ("2027-01-01T00:00+0000", "2026-11-24T09:00+0000"),
            ("2026-11-23T10:00+0000", "2026-11-23T10:00+0000"),
        ] {
            assert_eq!(changes(expires).expires_at.as_deref(), Some(expected));
        }
        assert_eq!(changes("2026-11-22T10:00+0000").expires_at, None, "it has expired");
        assert_eq!(Policy::Delete.changes("ci", &key(""), now), None);
        let named = |name: &str| {
            let mut key = key("2026-11-24T09:00+0000");
            key.name = name.to_owned().into();
            looks_retired(&key)
        };
        assert!(named("ci (rotated 2026-11-23)"));
        assert!(!named("deploy (rotated by hand)") && !named("ci"));
        assert!(!is_retired(&key("2026-11-24T09:00+0000"), "ci"));
        let long = "鍵".repeat(300);
        assert_eq!(retired_name(&long, now).chars().count(), 255);
        assert!(retired_name(&long, now).ends_with("鍵 (rotated 2026-11-23)"));
    }
}
