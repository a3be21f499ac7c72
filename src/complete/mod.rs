//! Shell completion: the candidates for the word at the cursor. Commands, options and their values come from the
//! definition of the command line; names come from the cache that earlier commands wrote. Sends no requests.

mod line;
mod names;
mod script;
mod shell;

use std::ffi::OsString;
use std::path::Path;

use clap_complete::engine::CompletionCandidate;

use crate::cli::session::Shell;
pub use names::{Source, is_of_keys, names_service_id};
pub use script::script;

/// The request of a shell.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    shell: Shell,
    /// The words up to the cursor, without quotes; the last one is completed.
    pub words: Vec<OsString>,
    /// How the last word is quoted, for shells that leave the quoting to this program.
    open: line::Open,
}

impl Request {
    /// Reads the arguments of a completion script: `--` first, then the request. Returns `None` for any other command,
    /// so that the variable alone does not disable commands.
    #[must_use]
    pub fn read(shell: &str, arguments: &[OsString]) -> Option<Self> {
        let shell = Shell::named(shell)?;
        let asked = arguments.get(1).filter(|word| *word == "--").and(arguments.get(2..))?;
        let (words, open) = shell.words(asked);
        (!words.is_empty()).then_some(Self { shell, words, open })
    }

    /// Returns the response in the format that the script reads.
    #[must_use]
    pub fn answer(&self, names: Source, folder: Option<&Path>) -> String {
        let mut command = names::with_names(crate::cli::command(), names);
        let index = self.words.len() - 1;
        let found = clap_complete::engine::complete(&mut command, self.words.clone(), index, folder);
        let mut candidates: Vec<(String, String)> = found.unwrap_or_default().iter().filter_map(text_of).collect();
        // Options are offered only if a dash is typed or nothing else matches.
        let is_option = |(value, _): &(String, String)| value.starts_with('-');
        if self.words[index].is_empty() && !candidates.iter().all(is_option) {
            candidates.retain(|candidate| !is_option(candidate));
        }
        let candidates = names::shortened(candidates);
        self.shell.answer(&candidates, &self.open)
    }
}

/// Returns a candidate and its description, each on one line; `None` if a terminal would interpret characters of the
/// candidate.
fn text_of(candidate: &CompletionCandidate) -> Option<(String, String)> {
    let value = candidate.get_value().to_str()?.to_owned();
    if value.contains(crate::text::is_harmful) {
        return None;
    }
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    Some((value, help.lines().next().unwrap_or_default().to_owned()))
}
