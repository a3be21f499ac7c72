//! Findings about API keys, computed from the data of the service without side effects.

mod histogram;

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::iam::ApiKey;
use crate::time;

pub use crate::finding::Finding;
pub use histogram::{Bucket, ages, last_uses};

/// The limits for findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A key that was created longer ago than this is old.
    pub max_age: SignedDuration,
    /// A key is unused if the last login with it was longer ago than this.
    pub unused: SignedDuration,
    /// A key that expires within this time is expiring.
    pub expiring: SignedDuration,
}

/// A key with its findings.
#[derive(Debug)]
pub struct Entry {
    /// The key, with its activity if that is known.
    pub key: ApiKey,
    /// The findings, the most serious first.
    pub findings: Vec<Finding>,
    /// The time since the key was created.
    pub age: Option<SignedDuration>,
    /// The time since the last login with the key; `None` if there was no login, or if it is not known.
    pub last_use: Option<SignedDuration>,
    /// The names of the stored sessions that see the key, separated by spaces; `None` without `--all-sessions`.
    pub session: Option<String>,
}

/// An owner of keys.
#[derive(Debug)]
pub struct Owner {
    /// The account of the keys. Each account has its own limit.
    pub account_id: String,
    /// The IAM ID of the owner.
    pub iam_id: String,
    /// The number of the owner's keys in the account.
    pub keys: usize,
    /// Whether only a few more keys, or none, can be created.
    pub is_near_limit: bool,
}

/// The fields of a key that are needed to count names and owners.
#[derive(Debug, Clone)]
pub struct Counted {
    id: String,
    account_id: String,
    iam_id: String,
    name: String,
}

impl From<&ApiKey> for Counted {
    fn from(key: &ApiKey) -> Self {
        let [id, account_id, iam_id, name] =
            [&key.id, &key.account_id, &key.iam_id, &key.name].map(ToString::to_string);
        Self { id, account_id, iam_id, name }
    }
}

/// The result of an audit.
#[derive(Debug)]
pub struct Audit {
    /// The time of the audit.
    pub at: Timestamp,
    /// The limits for findings.
    pub limits: Limits,
    /// All keys, those with the most serious findings first.
    pub entries: Vec<Entry>,
    /// The owners of the keys, those with the most keys first.
    pub owners: Vec<Owner>,
}

/// The maximum number of keys that a user can have in an account.
const MOST_KEYS: usize = 20;

/// An owner who can create fewer keys than this is near the limit.
const FREE: usize = 3;

/// A key of this age or less may be unused.
const NEW: SignedDuration = SignedDuration::from_hours(24);

impl Audit {
    /// Computes the findings for these keys, each with the session that sees it. Counts names and owners in `all` keys,
    /// which may include more keys. A key that several sessions see counts once.
    #[must_use]
    pub fn of(keys: Vec<(Option<String>, ApiKey)>, all: &[Counted], limits: Limits, at: Timestamp) -> Self {
        let mut seen = HashSet::new();
        let mut names = HashMap::<(&str, &str, &str), usize>::new();
        let mut owners = HashMap::<(&str, &str), usize>::new();
        for key in all.iter().filter(|key| seen.insert(key.id.as_str())) {
            *names.entry((&key.account_id, &key.iam_id, &key.name)).or_default() += 1;
            *owners.entry((&key.account_id, &key.iam_id)).or_default() += 1;
        }
        let mut entries = Vec::<Entry>::new();
        let mut places = HashMap::new();
        for (session, key) in keys {
            if let Some(place) = places.get(&*key.id) {
                let entry: &mut Entry = &mut entries[*place];
                if let (Some(all), Some(session)) = (&mut entry.session, session) {
                    all.push_str(&format!(" {session}"));
                }
                continue;
            }
            places.insert(key.id.to_string(), entries.len());
            let is_duplicate = names.get(&(&*key.account_id, &*key.iam_id, &*key.name)).is_some_and(|count| *count > 1);
            entries.push(Entry::of(key, session, is_duplicate, limits, at));
        }
        entries.sort_by(|a, b| {
            let gravity = |entry: &Entry| (entry.findings.is_empty(), entry.findings.first().copied());
            gravity(a).cmp(&gravity(b)).then_with(|| b.age.cmp(&a.age)).then_with(|| a.key.name.cmp(&b.key.name))
        });
        // Only owners of these keys, but with all of their keys.
        let selected: HashSet<(&str, &str)> =
            entries.iter().map(|entry| (&*entry.key.account_id, &*entry.key.iam_id)).collect();
        let mut owners: Vec<Owner> = owners
            .into_iter()
            .filter(|(owner, _)| selected.contains(owner))
            .map(|((account_id, iam_id), keys)| Owner {
                account_id: account_id.to_owned(),
                iam_id: iam_id.to_owned(),
                keys,
                is_near_limit: keys + FREE > MOST_KEYS,
            })
            .collect();
        owners.sort_by(|a, b| b.keys.cmp(&a.keys).then_with(|| a.iam_id.cmp(&b.iam_id)));
        Self { at, limits, entries, owners }
    }

    /// Returns the number of keys with a finding; for `NearLimit`, the number of owners.
    #[must_use]
    pub fn count(&self, finding: Finding) -> usize {
        if finding == Finding::NearLimit {
            return self.owners.iter().filter(|owner| owner.is_near_limit).count();
        }
        self.entries.iter().filter(|entry| entry.findings.contains(&finding)).count()
    }

    /// Returns the number of keys with findings.
    #[must_use]
    pub fn with_findings(&self) -> usize {
        self.entries.iter().filter(|entry| !entry.findings.is_empty()).count()
    }
}

impl Entry {
    fn of(key: ApiKey, session: Option<String>, is_duplicate: bool, limits: Limits, at: Timestamp) -> Self {
        let since = |moment: &str| time::parse(moment).map(|moment| at.duration_since(moment));
        let age = since(&key.created_at);
        let last_use = key.activity.as_ref().and_then(|activity| since(activity.last_authn.as_deref()?));
        let expires = time::parse(&key.expires_at);
        let was_used = key.activity.as_ref().map(|activity| activity.last_authn.is_some() || activity.authn_count > 0);
        let is_over = |duration: Option<SignedDuration>, limit| duration.is_some_and(|duration| duration > limit);
        let is_expired = expires.is_some_and(|expires| expires <= at);
        let in_use = last_use.is_some_and(|last| last <= limits.unused) && !key.disabled && !is_expired;
        let is_expiring = !is_expired && expires.is_some_and(|expires| expires.duration_since(at) <= limits.expiring);
        let findings = [
            (Finding::Leaked, key.leaked),
            (Finding::Expired, is_expired),
            (Finding::NeverUsed, was_used == Some(false) && is_over(age, NEW)),
            (Finding::Unused, is_over(last_use, limits.unused)),
            (Finding::Old, is_over(age, limits.max_age)),
            (Finding::Expiring, is_expiring),
            (Finding::Duplicate, is_duplicate),
            (Finding::Disabled, key.disabled),
            (Finding::Unlocked, in_use && !key.locked),
        ];
        let findings = findings.into_iter().filter(|(_, holds)| *holds).map(|(finding, _)| finding).collect();
        Self { key, findings, age, last_use, session }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        max_age: SignedDuration::from_hours(90 * 24),
        unused: SignedDuration::from_hours(30 * 24),
        expiring: SignedDuration::from_hours(14 * 24),
    };

    fn findings(fields: &str) -> Vec<Finding> {
        let at = "2026-11-25T12:00:00Z".parse().unwrap();
        let key = ApiKey::parse(format!(r#"{{"id":"ApiKey-1","iam_id":"IBMid-1",{fields}}}"#).as_bytes()).unwrap();
        let all = [Counted::from(&key)];
        Audit::of(vec![(None, key)], &all, LIMITS, at).entries.remove(0).findings
    }

    #[test]
    fn each_finding_has_its_condition() {
        let new = r#""created_at":"2026-11-25T09:00+0000""#;
        let old = r#""created_at":"2026-01-01T09:00+0000""#;
        let used = |moment: &str| format!(r#","activity":{{"last_authn":"{moment}","authn_count":3}}"#);
        for (fields, expected) in [
            (new.to_owned(), vec![]),
            (old.to_owned(), vec![Finding::Old]),
            (format!(r#"{new},"leaked":true"#), vec![Finding::Leaked]),
            (format!(r#"{new},"disabled":true"#), vec![Finding::Disabled]),
            (format!(r#"{new},"expires_at":"2026-11-25T11:00+0000""#), vec![Finding::Expired]),
            (format!(r#"{new},"expires_at":"2026-12-01T11:00+0000""#), vec![Finding::Expiring]),
            (format!(r#"{new},"expires_at":"2027-12-01T11:00+0000""#), vec![]),
            (format!(r#"{new},"activity":{{"authn_count":0}}"#), vec![]),
            (format!(r#"{old},"activity":{{"authn_count":0}}"#), vec![Finding::NeverUsed, Finding::Old]),
            (format!("{old}{}", used("2026-03-01T09:00+0000")), vec![Finding::Unused, Finding::Old]),
            (format!("{new}{}", used("2026-11-25T10:00+0000")), vec![Finding::Unlocked]),
            (format!(r#"{new}{},"locked":true"#, used("2026-11-25T10:00+0000")), vec![]),
        ] {
            assert_eq!(findings(&fields), expected, "{fields}");
        }
    }

    #[test]
    fn names_are_compared_within_an_owner_and_the_limit_is_an_owners() {
        let key = |number: u32, owner: &str, name: &str| {
            let text = format!(r#"{{"id":"ApiKey-{number}","iam_id":"{owner}","name":"{name}"}}"#);
            (None, ApiKey::parse(text.as_bytes()).unwrap())
        };
        let mut keys = vec![key(1, "a", "twin"), key(2, "a", "twin"), key(3, "b", "twin")];
        keys.extend((0..18).map(|number| key(100 + number, "c", &format!("k{number}"))));
        let all: Vec<Counted> = keys.iter().map(|(_, key)| Counted::from(key)).collect();
        // Audits a part of the keys. Two sessions see one of them.
        let twice = keys[1].1.clone();
        keys.truncate(4);
        keys.push((None, twice));
        let audit = Audit::of(keys, &all, LIMITS, Timestamp::UNIX_EPOCH);
        assert_eq!(audit.entries.len(), 4);
        assert_eq!((audit.count(Finding::Duplicate), audit.count(Finding::NearLimit)), (2, 1));
        assert_eq!((audit.owners[0].iam_id.as_str(), audit.owners[0].keys), ("c", 18));
        assert_eq!(audit.with_findings(), 2);
        // Owners of other keys are not in it.
        let others = Audit::of(vec![key(3, "b", "twin")], &all, LIMITS, Timestamp::UNIX_EPOCH);
        assert_eq!((others.owners.len(), others.count(Finding::NearLimit)), (1, 0));
    }
}
