//! The formats of requests and responses of each shell.

use std::ffi::OsString;

use super::line::{self, Open};
use crate::cli::session::Shell;

impl Shell {
    /// Returns the words up to the cursor. Bash passes its command line unchanged; fish passes the last word with its
    /// quotes, and PowerShell all words.
    pub(super) fn words(self, arguments: &[OsString]) -> (Vec<OsString>, Open) {
        let text = |index: usize| arguments.get(index).map(|word| word.to_string_lossy()).unwrap_or_default();
        match self {
            Self::Bash => {
                let (words, open) = line::bash(&text(0), &text(1));
                (words.into_iter().map(OsString::from).collect(), open)
            }
            Self::Fish => {
                let mut words = arguments.to_vec();
                if let Some(last) = words.last_mut() {
                    *last = line::fish_unquoted(&last.to_string_lossy()).into();
                }
                (words, Open::default())
            }
            Self::PowerShell => {
                let unquoted = |word: &OsString| powershell_unquoted(&word.to_string_lossy()).into();
                (arguments.iter().map(unquoted).collect(), Open::default())
            }
            Self::Zsh | Self::Elvish => (arguments.to_vec(), Open::default()),
        }
    }

    /// Returns the candidates with their descriptions, one per line.
    pub(super) fn answer(self, candidates: &[(String, String)], open: &Open) -> String {
        let lines = candidates.iter().filter_map(|(value, help)| match self {
            Self::Bash => line::bash_quoted(value, open),
            Self::Zsh => {
                let value = value.replace('\\', "\\\\").replace(':', "\\:");
                Some(if help.is_empty() { value } else { format!("{value}:{}", help.replace('\\', "\\\\")) })
            }
            Self::Fish => Some(format!("{value}\t{help}")),
            Self::PowerShell => Some(format!("{}\t{value}\t{help}", powershell_quoted(value))),
            Self::Elvish => Some(value.clone()),
        });
        lines.map(|line| line + "\n").collect()
    }
}

/// The characters that PowerShell reads as a single quote.
const QUOTES: [char; 5] = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];

/// Quotes a value for PowerShell. Inside single quotes, only a single quote is special, and is doubled.
fn powershell_quoted(value: &str) -> String {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "-_./".contains(one);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    let mut text = String::from("'");
    for one in value.chars() {
        text.extend(std::iter::repeat_n(one, if QUOTES.contains(&one) { 2 } else { 1 }));
    }
    text + "'"
}

fn powershell_unquoted(word: &str) -> String {
    let Some(rest) = word.strip_prefix(QUOTES) else {
        return word.trim_matches('"').to_owned();
    };
    let mut text = String::new();
    let mut characters = rest.strip_suffix('\'').unwrap_or(rest).chars().peekable();
    while let Some(one) = characters.next() {
        if QUOTES.contains(&one) {
            characters.next_if_eq(&one);
        }
        text.push(one);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_for_powershell_and_read_back() {
        for name in ["plain", "my key", "it's", "a`b", "$(x)", "q\u{2019}; calc; \u{2018}", ""] {
            assert_eq!(powershell_unquoted(&powershell_quoted(name)), name);
        }
        assert_eq!(powershell_quoted("it's"), "'it''s'");
        assert_eq!(powershell_quoted("q\u{2019};x"), "'q\u{2019}\u{2019};x'");
    }

    #[test]
    fn zsh_splits_at_the_first_colon_that_is_not_escaped() {
        let candidates = [("a:b\\c".to_owned(), "x:y".to_owned())];
        assert_eq!(Shell::Zsh.answer(&candidates, &Open::default()), "a\\:b\\\\c:x:y\n");
    }
}
