//! Shell completion: what fits at the cursor. Commands, options and their values come from the command line's
//! definition; names come from what earlier commands stored. Asks no network.

mod line;
mod names;
mod script;
mod shell;

use std::ffi::OsString;
use std::path::Path;

use clap_complete::engine::CompletionCandidate;

pub use names::{Source, is_of_keys, names_service_id};
pub use script::script;
pub use shell::Shell;

/// Answers longer than that help nobody.
const MOST: usize = 200;

/// What a shell asks.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    shell: Shell,
    /// The words up to the cursor, without quotes; the last one is completed.
    pub words: Vec<OsString>,
    /// How the last word is quoted, where the shell leaves that to us.
    open: line::Open,
}

impl Request {
    /// Reads what a completion script passes: `--` first, then what it asks. `None` for a command of another kind, which
    /// the variable alone does not silence.
    #[must_use]
    pub fn read(shell: &str, arguments: &[OsString]) -> Option<Self> {
        let shell = Shell::named(shell)?;
        let asked = arguments.get(1).filter(|word| *word == "--").and(arguments.get(2..))?;
        let (words, open) = shell.words(asked);
        (!words.is_empty()).then_some(Self { shell, words, open })
    }

    /// The answer, as the script reads it.
    #[must_use]
    pub fn answer(&self, names: Source, folder: Option<&Path>) -> String {
        let mut command = names::with_names(crate::cli::command(), names);
        let index = self.words.len() - 1;
        let found = clap_complete::engine::complete(&mut command, self.words.clone(), index, folder);
        let mut candidates: Vec<(String, String)> = found.unwrap_or_default().iter().filter_map(text_of).collect();
        // Options are offered where a dash is typed, or nothing else fits.
        let is_option = |(value, _): &(String, String)| value.starts_with('-');
        if self.words[index].is_empty() && !candidates.iter().all(is_option) {
            candidates.retain(|candidate| !is_option(candidate));
        }
        let candidates = shortened(candidates);
        self.shell.answer(&candidates, &self.open)
    }
}

/// As many as are shown. The last one stays: a shell inserts what all have in common, and they are sorted.
fn shortened<T>(mut all: Vec<T>) -> Vec<T> {
    if all.len() > MOST
        && let Some(last) = all.pop()
    {
        all.truncate(MOST - 1);
        all.push(last);
    }
    all
}

/// A candidate and its description, each on one line.
fn text_of(candidate: &CompletionCandidate) -> Option<(String, String)> {
    let value = candidate.get_value().to_str()?.to_owned();
    if value.contains(crate::text::is_harmful) {
        return None;
    }
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    Some((value, help.lines().next().unwrap_or_default().to_owned()))
}
