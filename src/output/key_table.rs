//! The list of keys as a table that fits the width of a terminal.

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

use super::screen::{FitColumn, Screen, fitted};
use crate::iam::ApiKey;
use crate::text::visible;
use crate::time;

/// The settings of a table that fits the terminal.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    /// Whether the table shows the owners.
    pub owners: bool,
    /// The time that other times are relative to.
    pub now: Timestamp,
}

const COLUMNS: [FitColumn; 7] = [
    FitColumn { title: "Name", least: Some(8), share: 30, from: 0, rank: 0 },
    FitColumn { title: "State", least: None, share: 0, from: 0, rank: 1 },
    FitColumn { title: "Created", least: None, share: 0, from: 0, rank: 3 },
    FitColumn { title: "Expires", least: None, share: 0, from: 0, rank: 2 },
    FitColumn { title: "Owner", least: None, share: 0, from: 0, rank: 4 },
    FitColumn { title: "Description", least: Some(12), share: 0, from: 0, rank: 5 },
    FitColumn { title: "ID", least: None, share: 0, from: 110, rank: 6 },
];

const STATE: usize = 1;
const OWNER: usize = 4;

/// Returns a table with one line per key. It shows the most important columns, as many as fit on the terminal.
pub(super) fn table(keys: &[ApiKey], fit: Fit, screen: Screen) -> String {
    let states: Vec<_> = keys.iter().map(|key| states(key, fit.now)).collect();
    let shown = |index: usize| index != OWNER || fit.owners;
    let rows: Vec<Vec<String>> = keys
        .iter()
        .zip(&states)
        .map(|(key, states)| {
            let words: Vec<&str> = states.iter().map(|(word, _)| *word).collect();
            let cells = [
                text(&key.name),
                words.join(", "),
                moment(&key.created_at, fit.now, "-"),
                moment(&key.expires_at, fit.now, "never"),
                text(&key.iam_id),
                text(&key.description),
                text(&key.id),
            ];
            cells.into_iter().enumerate().filter(|(index, _)| shown(*index)).map(|(_, cell)| cell).collect()
        })
        .collect();
    let columns: Vec<FitColumn> =
        COLUMNS.into_iter().enumerate().filter(|(index, _)| shown(*index)).map(|(_, column)| column).collect();
    // The most serious state comes first.
    fitted(&columns, &rows, screen, STATE, |row| states[row][0].1)
}

/// Returns the states of a key, the most serious first. A key with none of these states is active.
fn states(key: &ApiKey, now: Timestamp) -> Vec<(&'static str, Style)> {
    let is_expired = time::parse(&key.expires_at).is_some_and(|moment| moment <= now);
    let all = [
        (key.leaked, "leaked", AnsiColor::Red.on_default().bold()),
        (is_expired, "expired", AnsiColor::Red.on_default()),
        (key.disabled, "disabled", AnsiColor::Yellow.on_default()),
        (key.locked, "locked", AnsiColor::Blue.on_default()),
    ];
    let mut states: Vec<_> =
        all.into_iter().filter(|(holds, ..)| *holds).map(|(_, word, style)| (word, style)).collect();
    if states.is_empty() {
        states.push(("active", AnsiColor::Green.on_default()));
    }
    states
}

fn moment(text: &str, now: Timestamp, none: &str) -> String {
    match time::parse(text) {
        Some(moment) => time::relative(moment, now),
        None if text.is_empty() => none.to_owned(),
        None => visible(text).into_owned(),
    }
}

fn text(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { visible(text).into_owned() }
}
