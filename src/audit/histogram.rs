//! Counts the keys of each age, and of each time since the last use.

use jiff::SignedDuration;

use super::Entry;

/// A bar of a histogram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The label, for example `30-90 days`.
    pub label: &'static str,
    /// The number of keys.
    pub count: usize,
}

const DAY: i64 = 86_400;

/// The labels and the upper limits in days. A limit itself belongs to the next bar.
const AGES: [(&str, i64); 6] = [
    ("under 30 days", 30),
    ("30-90 days", 90),
    ("90-180 days", 180),
    ("180-365 days", 365),
    ("1-2 years", 730),
    ("over 2 years", i64::MAX / DAY),
];

const LAST_USES: [(&str, i64); 5] = [
    ("today", 1),
    ("1-7 days ago", 7),
    ("7-30 days ago", 30),
    ("30-90 days ago", 90),
    ("over 90 days ago", i64::MAX / DAY),
];

/// Counts keys by the time since they were created.
#[must_use]
pub fn ages(entries: &[Entry]) -> Vec<Bucket> {
    let known = entries.iter().filter_map(|entry| entry.age);
    counted(&AGES, known)
}

/// Counts keys by the time since the last login with them. The last bar counts keys without a known login.
#[must_use]
pub fn last_uses(entries: &[Entry]) -> Vec<Bucket> {
    let mut buckets = counted(&LAST_USES, entries.iter().filter_map(|entry| entry.last_use));
    let count = entries.iter().filter(|entry| entry.last_use.is_none()).count();
    buckets.push(Bucket { label: "never, or unknown", count });
    buckets
}

fn counted(ends: &[(&'static str, i64)], durations: impl Iterator<Item = SignedDuration>) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = ends.iter().map(|(label, _)| Bucket { label, count: 0 }).collect();
    for duration in durations {
        let index = ends.iter().position(|(_, days)| duration.as_secs() < days.saturating_mul(DAY));
        buckets[index.unwrap_or(ends.len() - 1)].count += 1;
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_is_in_one_bar() {
        let days = |days: i64| SignedDuration::from_secs(days * DAY);
        let all = [0, 29, 30, 89, 90, 364, 365, 729, 730, 5000].map(days);
        let buckets = counted(&AGES, all.into_iter());
        assert_eq!(buckets.iter().map(|bucket| bucket.count).collect::<Vec<_>>(), [2, 2, 1, 1, 2, 2]);
    }
}
