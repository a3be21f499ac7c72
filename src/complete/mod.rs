//! Shell completion: what fits at the cursor. Commands, options and their values come from the command line's
//! definition; names come from what earlier commands stored. Asks no network.

mod line;
mod names;
mod script;
mod shell;

use std::ffi::OsString;
use std::path::Path;

use clap_complete::engine::CompletionCandidate;

pub use names::{Source, is_of_keys};
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
    /// Reads what a completion script passes: arguments behind `--`.
    #[must_use]
    pub fn read(shell: &str, arguments: &[OsString]) -> Option<Self> {
        let shell = Shell::named(shell)?;
        let start = arguments.iter().position(|word| word == "--")? + 1;
        let (words, open) = shell.words(&arguments[start..]);
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
        candidates.truncate(MOST);
        self.shell.answer(&candidates, &self.open)
    }
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
