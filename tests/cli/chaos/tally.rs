//! The results of all trials.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// A kind of error that a trial finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wrong {
    /// There is a key, but its value was not delivered, and no message mentions the key.
    KeyLost,
    SecondKey,
    /// A message is false.
    Words,
    Other,
}

/// The result of one trial.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) seed: u64,
    pub(super) requests: usize,
    pub(super) faults: Vec<&'static str>,
    pub(super) kills: u32,
    pub(super) recoveries: u32,
    pub(super) wrongs: Vec<(Wrong, &'static str)>,
    /// Everything that happened, for the search for the cause.
    pub(super) story: String,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    runs: usize,
    requests: usize,
    faults: BTreeMap<&'static str, usize>,
    kills: u32,
    recoveries: u32,
    /// The number of trials that found each error.
    wrongs: BTreeMap<(Wrong, &'static str), usize>,
    pub(super) failures: Vec<Report>,
}

impl Tally {
    pub(super) fn add(&mut self, report: Report) {
        self.runs += 1;
        self.requests += report.requests;
        self.kills += report.kills;
        self.recoveries += report.recoveries;
        for label in &report.faults {
            *self.faults.entry(label).or_default() += 1;
        }
        for wrong in &report.wrongs {
            *self.wrongs.entry(*wrong).or_default() += 1;
        }
        if !report.wrongs.is_empty() {
            self.failures.push(report);
        }
    }

    /// The first failures, with all that is needed to investigate them.
    pub(super) fn failures(&self, most: usize) -> String {
        let mut text = String::new();
        for report in self.failures.iter().take(most) {
            let Report { seed, wrongs, story, .. } = report;
            writeln!(text, "\n== {wrongs:?}\nagain with IBMIAM_CHAOS_RUN={seed:016x}\n{story}").unwrap();
        }
        text
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trials = |wrong| {
            let is_so = |report: &&Report| report.wrongs.iter().any(|(found, _)| *found == wrong);
            self.failures.iter().filter(is_so).count()
        };
        let faults: Vec<String> = self.faults.iter().map(|(label, count)| format!("{label} {count}")).collect();
        write!(
            f,
            "{} runs, {} requests ({}), {} kills, {} recoveries: {} keys lost, {} second keys, {} wrong words, {} other",
            self.runs,
            self.requests,
            faults.join(", "),
            self.kills,
            self.recoveries,
            trials(Wrong::KeyLost),
            trials(Wrong::SecondKey),
            trials(Wrong::Words),
            trials(Wrong::Other)
        )?;
        for ((wrong, what), count) in &self.wrongs {
            write!(f, "\n  {count} times {wrong:?}: {what}")?;
        }
        Ok(())
    }
}
