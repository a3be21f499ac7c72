//! Hints about the next step: text, or a command to copy. Only this module builds and quotes command lines.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;

use crate::text::is_harmful;

/// A hint, on one line or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// A sentence.
    Text(String),
    /// The purpose of a command, and the command.
    Command {
        /// The purpose, for example "To check the key, run".
        text: String,
        /// The words of the command; the first one is the program.
        words: Vec<String>,
    },
    /// How to log in again. It depends on the login of the command: see [`crate::error::Error::log_in_with`].
    LogIn,
}

impl Hint {
    /// Creates a hint with a command of this program.
    pub fn run<W: Into<Word>>(text: impl Into<String>, words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(|word| word.into().0);
        Self::Command { text: text.into(), words: std::iter::once(PROGRAM.to_owned()).chain(words).collect() }
    }

    /// Creates a hint with a command of another program.
    pub fn shell<W: Into<Word>>(text: impl Into<String>, words: impl IntoIterator<Item = W>) -> Self {
        Self::Command { text: text.into(), words: words.into_iter().map(|word| word.into().0).collect() }
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// One word of a command line, not quoted yet.
pub struct Word(String);

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<&String> for Word {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&OsStr> for Word {
    fn from(text: &OsStr) -> Self {
        Self(text.to_string_lossy().into_owned())
    }
}

impl From<&Path> for Word {
    fn from(path: &Path) -> Self {
        path.as_os_str().into()
    }
}

/// A note or a warning, with hints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What happened.
    pub text: String,
    /// The next steps for the user.
    pub hints: Vec<Hint>,
}

impl Note {
    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl<T: Into<String>> From<T> for Note {
    fn from(text: T) -> Self {
        Self { text: text.into(), hints: Vec::new() }
    }
}

/// The name of this program in hints, if it does not stand in for another one.
const PROGRAM: &str = "ibmiam";

/// How this program was started. Commands in hints repeat the name and options, so that they use the same sandbox,
/// session and endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// The name of the tool that this program stands in for.
    pub stand_in: Option<String>,
    /// The global options that select the sandbox, session and endpoint of a command, as words.
    pub options: Vec<String>,
}

impl Invocation {
    /// Formats a hint as text.
    #[must_use]
    pub fn hint(&self, hint: &Hint) -> String {
        match hint {
            Hint::Text(text) => text.clone(),
            Hint::Command { text, words } => format!("{text}: {}", self.line(words)),
            Hint::LogIn => self.hint(&Hint::run("Log in again", ["login", "--apikey", "@FILE"])),
        }
    }

    /// Formats hints as text, one below the other.
    #[must_use]
    pub fn hints(&self, hints: &[Hint]) -> String {
        let lines: Vec<String> = hints.iter().map(|hint| self.hint(hint)).collect();
        lines.join("\n")
    }

    /// Formats a command line, quoted for a shell.
    #[must_use]
    pub fn line(&self, words: &[String]) -> String {
        let own = words.split_first().filter(|(program, _)| *program == PROGRAM);
        let own = own.map(|(_, rest)| self.own_words(rest));
        let words = own.as_deref().unwrap_or(words);
        let quoted: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        quoted.join(" ")
    }

    /// Returns the words of a command of this program, with the name and the options that it was started with.
    fn own_words(&self, rest: &[String]) -> Vec<String> {
        let command = rest.first().map_or("", String::as_str);
        let is_of_keys = command.starts_with("api-key") || command.starts_with("service-");
        let is_of_login = matches!(command, "login" | "logout" | "target");
        match &self.stand_in {
            Some(name) if is_of_keys => [name.as_str(), "iam"].map(str::to_owned).iter().chain(rest).cloned().collect(),
            Some(name) if is_of_login => std::iter::once(name).chain(rest).cloned().collect(),
            Some(name) if command == "--help" => [name.as_str(), "iam", "help"].map(str::to_owned).into(),
            None if is_of_keys || is_of_login => {
                // A session in the hint replaces the session of this command.
                let names_session = rest.iter().any(|word| word == "--session");
                let own = self.options.iter().position(|word| word == "--session").filter(|_| names_session);
                let is_kept = |index: &usize| own.is_none_or(|own| *index != own && *index != own + 1);
                let options = self.options.iter().enumerate().filter(|(index, _)| is_kept(index));
                let options = options.map(|(_, word)| word.clone());
                std::iter::once(PROGRAM.to_owned()).chain(options).chain(rest.iter().cloned()).collect()
            }
            _ => std::iter::once(PROGRAM.to_owned()).chain(rest.iter().cloned()).collect(),
        }
    }
}

/// Quotes a word for a shell, if necessary. Control characters become escapes in `$'…'`, which bash, zsh and ksh can
/// read.
#[must_use]
pub fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@,=+%".contains(&byte);
    if !word.is_empty() && !word.starts_with('=') && word.bytes().all(is_plain) {
        return Cow::Borrowed(word);
    }
    if !word.contains(is_harmful) {
        return Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")));
    }
    let mut text = String::from("$'");
    for character in word.chars() {
        match character {
            '\'' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            harmful if is_harmful(harmful) => {
                let mut bytes = [0; 4];
                let bytes = harmful.encode_utf8(&mut bytes).bytes();
                bytes.for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
            }
            other => text.push(other),
        }
    }
    text.push('\'');
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(stand_in: Option<&str>, options: &[&str]) -> Invocation {
        Invocation {
            stand_in: stand_in.map(str::to_owned),
            options: options.iter().map(|option| (*option).to_owned()).collect(),
        }
    }

    #[test]
    fn a_command_acts_where_the_command_did_that_names_it() {
        let unlock = Hint::run("Unlock it first", ["api-key-unlock", "ApiKey-1"]);
        let log_in = Hint::run("Log in", ["login", "--sso"]);
        let other = Hint::run("Set it again", ["api", "ENDPOINT"]);
        for (invocation, expected) in [
            (started(None, &[]), ["ibmiam api-key-unlock ApiKey-1", "ibmiam login --sso", "ibmiam api ENDPOINT"]),
            (
                started(None, &["--session", "my work"]),
                [
                    "ibmiam --session 'my work' api-key-unlock ApiKey-1",
                    "ibmiam --session 'my work' login --sso",
                    "ibmiam api ENDPOINT",
                ],
            ),
            (
                started(Some("ibmcloud"), &[]),
                ["ibmcloud iam api-key-unlock ApiKey-1", "ibmcloud login --sso", "ibmiam api ENDPOINT"],
            ),
        ] {
            let lines = [&unlock, &log_in, &other].map(|hint| invocation.hint(hint));
            let lines = lines.each_ref().map(|line| line.split_once(": ").unwrap().1);
            assert_eq!(lines, expected);
        }
        let named = Hint::run("Log in", ["login", "--session", "b"]);
        let invocation = started(None, &["--session", "a", "--endpoint", "http://[::1]:1"]);
        assert_eq!(invocation.hint(&named), "Log in: ibmiam --endpoint 'http://[::1]:1' login --session b");
    }

    #[test]
    fn a_name_is_one_word_for_a_shell_whatever_it_contains() {
        for (name, expected) in [
            ("ApiKey-18f773b0-db53-43f1-ad68-92c667c218fe", "ApiKey-18f773b0-db53-43f1-ad68-92c667c218fe"),
            ("ibmiam api-key", "'ibmiam api-key'"),
            ("it's; rm -rf $HOME", "'it'\\''s; rm -rf $HOME'"),
            ("", "''"),
            ("=ls", "'=ls'"),
            ("~root", "'~root'"),
            ("a\nb'c\\", "$'a\\nb\\'c\\\\'"),
            ("\u{9b}", "$'\\xc2\\x9b'"),
        ] {
            assert_eq!(quoted(name), expected);
        }
        let hint = Hint::run("Run", ["api-key-show", "ibmiam api-key"]);
        assert_eq!(started(Some("ic"), &[]).hint(&hint), "Run: ic iam api-key-show 'ibmiam api-key'");
    }

    #[test]
    fn a_shell_reads_every_quoted_word_back() {
        for word in ["it's", "$(id)`id`", "a\nb", "\u{1b}[2J", "ü\u{202e}", "!x", "a b\tc", "\\n", "{a,b}", "a=b", "#x"]
        {
            let line = format!("printf %s {}", quoted(word));
            let output = std::process::Command::new("bash").args(["-c", &line]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }
    }
}
