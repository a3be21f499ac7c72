//! Checks which keys match a selection.

use jiff::{SignedDuration, Timestamp};

use crate::cli::selection::{KeyState, Selection};
use crate::cli::when::Age;
use crate::context::Context;
use crate::error::Error;
use crate::iam::{ApiKey, Key, Scope, filter};
use crate::ops::keys::activity;
use crate::ops::login::ActiveLogin;
use crate::time;

/// A selection at a fixed time.
pub(crate) struct Criteria<'a> {
    selection: &'a Selection,
    is_empty: bool,
    now: Timestamp,
}

impl<'a> Criteria<'a> {
    /// Creates criteria with times relative to `now`.
    pub(crate) fn new(selection: &'a Selection, now: Timestamp) -> Self {
        Self { selection, is_empty: selection.is_empty(), now }
    }

    /// Returns the scope of `--all`: the keys of all users, or all keys of the account if the owner is a service ID.
    pub(crate) fn scope_of_all(selection: &Selection) -> Scope {
        if selection.is_of_service_id() { Scope::Account } else { Scope::Users }
    }

    /// Returns a filter for the service: the start of the name pattern, up to the first wildcard.
    pub(crate) fn filter(&self) -> Option<String> {
        let pattern = self.selection.matching.as_ref()?.as_str();
        filter::name_starts_with(pattern.split(['*', '?', '[']).next()?)
    }

    /// Whether a key matches, as far as its own fields show. Does not check `--unused-for`.
    pub(crate) fn matches(&self, key: &Key<'_>) -> bool {
        if self.is_empty {
            return true;
        }
        let Selection { matching, older_than, expires_within, expired, unused_for: _, state, owner } = self.selection;
        let is_before = |moment: &str, limit: Option<Timestamp>| {
            time::parse(moment).zip(limit).is_some_and(|(moment, limit)| moment < limit)
        };
        let expires = time::parse(&key.expires_at);
        matching.as_ref().is_none_or(|pattern| pattern.matches(&key.name))
            && older_than.is_none_or(|age| is_before(&key.created_at, self.ago(age.0)))
            && expires_within.is_none_or(|Age(age)| {
                let end = self.now.checked_add(age).ok();
                expires.zip(end).is_some_and(|(expires, end)| expires > self.now && expires <= end)
            })
            && (!expired || expires.is_some_and(|expires| expires <= self.now))
            && owner.as_ref().is_none_or(|owner| *owner == key.iam_id)
            && state.iter().all(|state| is_in(key, *state))
    }

    /// With `--unused-for`, removes keys that were used within this time. With `fresh`, asks the service about each key
    /// now.
    pub(crate) async fn retain_unused(
        &self,
        context: &mut Context<'_>,
        active: &ActiveLogin,
        keys: Vec<ApiKey>,
        fresh: bool,
    ) -> Result<Vec<ApiKey>, Error> {
        let Some(Age(age)) = self.selection.unused_for else { return Ok(keys) };
        let limit = self.ago(age);
        let used = activity::read(context, active, keys, fresh).await?;
        // A key without known activity may be in use, so it does not match.
        let is_unused = |key: &ApiKey| {
            let since = key.activity.is_some().then(|| activity::last_sign_of_life(key)).flatten();
            since.zip(limit).is_some_and(|(since, limit)| since < limit)
        };
        Ok(used.into_iter().filter(is_unused).collect())
    }

    fn ago(&self, age: SignedDuration) -> Option<Timestamp> {
        self.now.checked_sub(age).ok()
    }
}

fn is_in(key: &Key<'_>, state: KeyState) -> bool {
    match state {
        KeyState::Locked => key.locked,
        KeyState::Unlocked => !key.locked,
        KeyState::Disabled => key.disabled,
        KeyState::Enabled => !key.disabled,
        KeyState::Leaked => key.leaked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_narrow_together() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let key = ApiKey::parse(
            br#"{"id":"ApiKey-1","name":"ci-build","created_at":"2026-08-01T09:00+0000","iam_id":"IBMid-1",
                "expires_at":"2026-12-01T00:00+0000","locked":true,"disabled":false}"#,
        )
        .unwrap();
        let age = |text: &str| Some(text.parse::<Age>().unwrap());
        let base = Selection::default;
        let glob = |text: &str| Selection { matching: Some(glob::Pattern::new(text).unwrap()), ..base() };
        for (selection, expected) in [
            (base(), true),
            (glob("ci-*"), true),
            (glob("cd-*"), false),
            (Selection { older_than: age("90d"), ..base() }, true),
            (Selection { older_than: age("1y"), ..base() }, false),
            (Selection { expires_within: age("7d"), ..base() }, true),
            (Selection { expires_within: age("24h"), ..base() }, false),
            (Selection { expired: true, ..base() }, false),
            (Selection { state: vec![KeyState::Locked, KeyState::Enabled], ..base() }, true),
            (Selection { state: vec![KeyState::Locked, KeyState::Disabled], ..base() }, false),
            (Selection { owner: Some("IBMid-2".to_owned()), ..base() }, false),
            (Selection { older_than: age("90d"), ..glob("ci-*") }, true),
            (Selection { older_than: age("1y"), ..glob("ci-*") }, false),
        ] {
            assert_eq!(Criteria::new(&selection, now).matches(&key), expected, "{selection:?}");
        }
        let later = now + SignedDuration::from_hours(24 * 30);
        let expired = Selection { expired: true, ..base() };
        assert!(Criteria::new(&expired, later).matches(&key));
    }
}
