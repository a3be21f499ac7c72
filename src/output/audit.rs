//! Shows an audit as tables, JSON and CSV.

use jiff::SignedDuration;
use serde_json::json;

use super::report::{Report, Text};
use super::screen::{FitColumn, Screen, fitted};
use super::{Cell, Column, csv, json as pretty_json, object, table};
use crate::audit::{Audit, Bucket, Entry, Finding, ages};
use crate::iam;
use crate::text::visible;
use crate::time;

/// The fields of a key for programs. The last one is only in JSON if stored sessions were audited.
const FIELDS: [Column<Entry>; 14] = [
    Column::for_programs("id", |entry| (&entry.key.id).into()),
    Column::for_programs("name", |entry| (&entry.key.name).into()),
    Column::for_programs("iam_id", |entry| (&entry.key.iam_id).into()),
    Column::for_programs("account_id", |entry| (&entry.key.account_id).into()),
    Column::for_programs("created_at", |entry| (&entry.key.created_at).into()),
    Column::for_programs("expires_at", |entry| Some(&*entry.key.expires_at).filter(|end| !end.is_empty()).into()),
    Column::for_programs("last_used", |entry| {
        entry.key.activity.as_ref().and_then(|found| found.last_authn.as_deref()).into()
    }),
    Column::for_programs("logins", |entry| Cell::number(entry.key.activity.as_ref().map(|found| found.authn_count))),
    Column::for_programs("age_days", |entry| Cell::number(entry.age.map(days))),
    Column::for_programs("locked", |entry| entry.key.locked.into()),
    Column::for_programs("disabled", |entry| entry.key.disabled.into()),
    Column::for_programs("leaked", |entry| entry.key.leaked.into()),
    Column::for_programs("findings", |entry| Cell::new(words(entry).join(" "), words(entry))),
    Column::for_programs("session", |entry| entry.session.as_deref().into()),
];

const COLUMNS: [FitColumn; 6] = [
    FitColumn { title: "Name", least: Some(8), share: 30, from: 0, rank: 0 },
    FitColumn { title: "Findings", least: Some(12), share: 40, from: 0, rank: 1 },
    FitColumn { title: "Created", least: None, share: 0, from: 0, rank: 3 },
    FitColumn { title: "Last used", least: None, share: 0, from: 0, rank: 2 },
    FitColumn { title: "Owner", least: None, share: 0, from: 0, rank: 4 },
    FitColumn { title: "ID", least: None, share: 0, from: 110, rank: 5 },
];

/// The length of the longest bar, in characters.
const BAR: usize = 40;

/// The report of an audit.
pub struct AuditReport<'a> {
    /// The audit.
    pub audit: &'a Audit,
}

impl AuditReport<'_> {
    /// Returns when a key was last used, as text for users.
    #[must_use]
    pub fn last_used(&self, entry: &Entry) -> String {
        let Some(activity) = &entry.key.activity else { return "unknown".to_owned() };
        match activity.last_authn.as_deref().and_then(time::parse) {
            Some(moment) => time::relative(moment, self.audit.at),
            None => "never".to_owned(),
        }
    }

    fn rows(&self, screen: bool) -> Vec<Vec<String>> {
        let found = self.audit.entries.iter().filter(|entry| !entry.findings.is_empty());
        found
            .map(|entry| {
                let key = &entry.key;
                let created = match time::parse(&key.created_at) {
                    Some(moment) if screen => time::relative(moment, self.audit.at),
                    _ => visible(&key.created_at).into_owned(),
                };
                let last = self.last_used(entry);
                [visible(&key.name).into_owned(), words(entry).join(" "), created, last]
                    .into_iter()
                    .chain([visible(&key.iam_id).into_owned(), visible(&key.id).into_owned()])
                    .collect()
            })
            .collect()
    }

    /// Returns the number of keys, and of each finding.
    fn summary(&self) -> String {
        let Audit { entries, owners, .. } = self.audit;
        let mut text = format!(
            "API keys: {}, owners: {}, with findings: {}\n",
            entries.len(),
            owners.len(),
            self.audit.with_findings()
        );
        for finding in Finding::ALL {
            let count = self.audit.count(finding);
            if count > 0 {
                text.push_str(&format!("  {:<12}{count:>6}\n", finding.word()));
            }
        }
        for owner in owners.iter().filter(|owner| owner.is_near_limit) {
            text.push_str(&format!("  {} has {} keys\n", visible(&owner.iam_id), owner.keys));
        }
        text
    }
}

/// Returns a histogram as lines with bars.
fn histogram(title: &str, buckets: &[Bucket]) -> String {
    let most = buckets.iter().map(|bucket| bucket.count).max().unwrap_or(0).max(1);
    let mut text = format!("{title}\n");
    for Bucket { label, count } in buckets {
        let bar = "#".repeat((count * BAR).div_ceil(most));
        text.push_str(format!("  {label:<18}{count:>6}  {bar}").trim_end());
        text.push('\n');
    }
    text
}

impl Report for AuditReport<'_> {
    fn text(&self, screen: Option<Screen>) -> Text {
        if self.audit.entries.is_empty() {
            return Text::Empty(super::key_list::NONE);
        }
        let rows = self.rows(screen.is_some());
        let mut text = match screen {
            _ if rows.is_empty() => String::new(),
            Some(screen) => fitted(&COLUMNS, &rows, screen, 1, |_| anstyle::Style::new()) + "\n\n",
            None => {
                let titles = COLUMNS.map(|column| column.title);
                let rows: Vec<_> = rows.into_iter().map(|row| row.into_iter().map(Box::from).collect()).collect();
                table::titled(&titles, &rows) + "\n\n"
            }
        };
        text.push_str(&self.summary());
        text.push('\n');
        text.push_str(histogram("Age of the keys", &ages(&self.audit.entries)).trim_end());
        Text::Plain(text)
    }

    fn json(&self) -> Result<String, iam::Error> {
        let Audit { at, limits, entries, owners } = self.audit;
        let findings: serde_json::Map<_, _> =
            Finding::ALL.iter().map(|finding| (finding.word().to_owned(), self.audit.count(*finding).into())).collect();
        let keys: Vec<_> = entries
            .iter()
            .map(|entry| object(if entry.session.is_some() { &FIELDS[..] } else { &FIELDS[..13] }, entry))
            .collect();
        let owners: Vec<_> = owners
            .iter()
            .map(|owner| {
                let findings = if owner.is_near_limit { vec![Finding::NearLimit.word()] } else { Vec::new() };
                json!({"account_id": owner.account_id, "iam_id": owner.iam_id, "keys": owner.keys, "findings": findings})
            })
            .collect();
        Ok(pretty_json::pretty(&json!({
            "audited_at": time::wire(*at),
            "limits": {
                "max_age_days": days(limits.max_age), "unused_days": days(limits.unused),
                "expiring_days": days(limits.expiring),
            },
            "summary": {
                "keys": entries.len(), "owners": owners.len(), "keys_with_findings": self.audit.with_findings(),
                "findings": findings,
            },
            "owners": owners,
            "keys": keys,
        })))
    }

    fn csv(&self) -> String {
        csv::list(&FIELDS.each_ref(), &self.audit.entries)
    }
}

/// Returns the words for the findings of a key.
fn words(entry: &Entry) -> Vec<&'static str> {
    entry.findings.iter().map(|finding| finding.word()).collect()
}

fn days(duration: SignedDuration) -> i64 {
    duration.as_hours() / 24
}
