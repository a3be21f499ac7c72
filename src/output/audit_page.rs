//! Shows an audit as one web page without external resources: style, script and charts are part of the page.

use std::fmt::Write as _;

use super::audit::AuditReport;
use crate::audit::{Audit, Bucket, Entry, Finding, ages, last_uses};
use crate::text::visible;
use crate::time;

const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/script.js");

/// The height of a bar with its gap, and the widths of labels and bars, in pixels of the drawing.
const BAR_HEIGHT: usize = 26;
const LABEL: usize = 150;
const WIDEST: usize = 280;

/// Returns the page.
#[must_use]
pub fn page(audit: &Audit) -> String {
    let at = time::wire(audit.at);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <title>API key audit, {at}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>API key audit</h1>\n<p>{at}. {} of {}, {} with findings.</p>\n",
        count(audit.entries.len(), "API key"),
        count(audit.owners.len(), "owner"),
        audit.with_findings()
    );
    page.push_str("<ul class=\"summary\" aria-label=\"Findings\">\n");
    for finding in Finding::ALL {
        let count = audit.count(finding);
        if count > 0 {
            let _ = writeln!(page, "<li><b>{count}</b> {}</li>", describe(finding, audit));
        }
    }
    page.push_str("</ul>\n<div class=\"charts\">\n");
    page.push_str(&chart("ages", "Age of the keys", &ages(&audit.entries)));
    page.push_str(&chart("uses", "Last use of the keys", &last_uses(&audit.entries)));
    page.push_str("</div>\n");
    let near: Vec<_> = audit.owners.iter().filter(|owner| owner.is_near_limit).collect();
    if !near.is_empty() {
        page.push_str("<h2>Owners near the limit of 20 keys</h2>\n<ul>\n");
        for owner in near {
            let _ = writeln!(page, "<li>{}: {} keys</li>", escape(&owner.iam_id), owner.keys);
        }
        page.push_str("</ul>\n");
    }
    page.push_str(&table(audit));
    let _ = write!(page, "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    page
}

/// Whether a file begins as a page does.
#[must_use]
pub fn is_page(text: &[u8]) -> bool {
    let head = text.get(..1024).unwrap_or(text);
    let title = b"<title>API key audit, ";
    head.starts_with(b"<!doctype html>\n") && head.windows(title.len()).any(|part| part == title)
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Returns bars with their numbers. The text alternative contains the same data.
fn chart(id: &str, title: &str, buckets: &[Bucket]) -> String {
    let most = buckets.iter().map(|bucket| bucket.count).max().unwrap_or(0).max(1);
    let values: Vec<String> = buckets.iter().map(|bucket| format!("{}: {}", bucket.label, bucket.count)).collect();
    let (width, height) = (LABEL + WIDEST + 60, buckets.len() * BAR_HEIGHT);
    let mut svg = format!(
        "<section>\n<h2>{title}</h2>\n<svg role=\"img\" aria-labelledby=\"{id}-title {id}-text\" \
         viewBox=\"0 0 {width} {height}\">\n<title id=\"{id}-title\">{title}</title>\n\
         <desc id=\"{id}-text\">{}</desc>\n",
        values.join(", ")
    );
    for (index, Bucket { label, count }) in buckets.iter().enumerate() {
        let (top, bar) = (index * BAR_HEIGHT, (count * WIDEST).div_ceil(most));
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>\
             <rect x=\"{LABEL}\" y=\"{}\" width=\"{bar}\" height=\"{}\" rx=\"2\"/>\
             <text x=\"{}\" y=\"{}\">{count}</text>",
            LABEL - 8,
            top + 17,
            top + 3,
            BAR_HEIGHT - 6,
            LABEL + bar + 6,
            top + 17
        );
    }
    svg + "</svg>\n</section>\n"
}

fn table(audit: &Audit) -> String {
    let has_sessions = audit.entries.iter().any(|entry| entry.session.is_some());
    let mut titles = vec!["Name", "Findings", "Created", "Last used", "Expires", "Owner", "ID"];
    if has_sessions {
        titles.push("Session");
    }
    let mut text = String::from(
        "<h2 id=\"keys\">Keys</h2>\n<p>All keys, the gravest findings first. Select a heading to sort.</p>\n\
         <div class=\"table\">\n<table aria-labelledby=\"keys\">\n<thead><tr>",
    );
    for title in titles {
        let _ = write!(text, "<th scope=\"col\"><button type=\"button\">{title}</button></th>");
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    let report = AuditReport { audit };
    for entry in &audit.entries {
        text.push_str(&row(entry, &report, has_sessions));
    }
    text + "</tbody>\n</table>\n</div>\n"
}

fn row(entry: &Entry, report: &AuditReport<'_>, has_sessions: bool) -> String {
    let key = &entry.key;
    let findings: String = entry
        .findings
        .iter()
        .map(|finding| format!("<span class=\"finding {}\">{}</span>", class(*finding), finding.word()))
        .collect();
    // Times sort by their seconds; missing times come last.
    let moment = |text: &str, none: &str| match time::parse(text) {
        Some(moment) => {
            let day = moment.to_zoned(jiff::tz::TimeZone::UTC).date();
            format!("<td data-sort=\"{}\"><time datetime=\"{moment}\">{day}</time></td>", moment.as_second())
        }
        None if text.is_empty() => format!("<td data-sort=\"{}\">{none}</td>", i64::MAX),
        None => format!("<td data-sort=\"{}\">{}</td>", i64::MAX, escape(text)),
    };
    let last = entry.last_use.map_or(i64::MAX, |last| last.as_secs());
    let mut text = format!(
        "<tr><th scope=\"row\">{}</th><td data-sort=\"{}\">{findings}</td>{}<td data-sort=\"{last}\">{}</td>{}\
         <td>{}</td><td class=\"id\">{}</td>",
        escape(&key.name),
        // Keys without a finding come last.
        entry.findings.first().map_or(Finding::ALL.len(), |finding| *finding as usize),
        moment(&key.created_at, "-"),
        escape(&report.last_used(entry)),
        moment(&key.expires_at, "never"),
        escape(&key.iam_id),
        escape(&key.id),
    );
    if has_sessions {
        let _ = write!(text, "<td>{}</td>", escape(entry.session.as_deref().unwrap_or_default()));
    }
    text + "</tr>\n"
}

/// Returns the severity of a finding, as a class of the style.
fn class(finding: Finding) -> &'static str {
    match finding {
        Finding::Leaked | Finding::Expired => "grave",
        Finding::NeverUsed | Finding::Unused | Finding::Old | Finding::Expiring => "warn",
        Finding::Duplicate | Finding::Disabled | Finding::Unlocked | Finding::NearLimit => "",
    }
}

/// Describes a finding in the summary, after a number.
fn describe(finding: Finding, audit: &Audit) -> String {
    let days = |duration: jiff::SignedDuration| duration.as_hours() / 24;
    match finding {
        Finding::Leaked => "leaked".to_owned(),
        Finding::Expired => "expired".to_owned(),
        Finding::NeverUsed => "never used".to_owned(),
        Finding::Unused => format!("unused for {} days", days(audit.limits.unused)),
        Finding::Old => format!("older than {} days", days(audit.limits.max_age)),
        Finding::Expiring => format!("expire within {} days", days(audit.limits.expiring)),
        Finding::Duplicate => "with the name of another key".to_owned(),
        Finding::Disabled => "disabled".to_owned(),
        Finding::Unlocked => "in use and not locked".to_owned(),
        Finding::NearLimit => "owners near the limit".to_owned(),
    }
}

/// Escapes text from the service for HTML.
fn escape(text: &str) -> String {
    let text = visible(text);
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::audit::Limits;
    use crate::iam::ApiKey;

    #[test]
    fn a_page_runs_nothing_that_a_key_is_named_and_loads_nothing() {
        let name = r#"<script>alert(1)</script>\" onmouseover=\"x'&"#;
        let key = ApiKey::parse(format!(r#"{{"id":"ApiKey-1","name":"{name}","leaked":true}}"#).as_bytes()).unwrap();
        let day = SignedDuration::from_hours(24);
        let limits = Limits { max_age: day, unused: day, expiring: day };
        let page = page(&Audit::of(vec![(None, key)], &[], limits, Timestamp::UNIX_EPOCH));
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onmouseover=&quot;x&#39;&amp;"), "{page}");
        assert_eq!(page.matches("<script>").count(), 1);
        for loaded in ["http://", "https://", "src=", "href=", "url("] {
            assert!(!page.contains(loaded), "{loaded}");
        }
        assert!(page.contains("<desc id=\"ages-text\">under 30 days: 0"), "{page}");
    }
}
