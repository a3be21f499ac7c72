//! Errors of the command line: the sentence from clap, and hints that fit the command.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory};

use super::Cli;
use crate::error::Error;
use crate::hint::Hint;
use crate::text::capitalised;

/// Whether the command that cannot be parsed is `login`, and not a command with an operand of that name.
pub(super) fn is_of_login(error: &clap::Error) -> bool {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    usage.split_whitespace().skip_while(|word| *word != "Usage:").nth(2) == Some("login")
}

/// Returns the error for a command whose subcommand is missing.
pub(super) fn missing_command(error: &clap::Error) -> Error {
    let parent = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(parent)) => parent.as_str(),
        _ => "ibmiam",
    };
    if parent.ends_with("sandbox") {
        return Error::usage("A sandbox command is missing.")
            .hint("Use 'sandbox serve', 'run', 'passcode', 'cr-token' or 'reset'.")
            .and_hint(Hint::run("For help, run", ["sandbox", "--help"]));
    }
    if parent.ends_with("stand-in") {
        return Error::usage("A stand-in command is missing.")
            .hint("Use 'stand-in install', 'stand-in status' or 'stand-in remove'.");
    }
    if parent.ends_with(" session") {
        return Error::usage("A session command is missing.")
            .hint(Hint::run("To list the sessions, run", ["session", "list"]));
    }
    Error::usage("A command is missing.").hint(Hint::run("To list the commands, run", ["--help"]))
}

/// Whether the unknown argument is meant to be an option.
pub(super) fn is_flag(error: &clap::Error) -> bool {
    matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(text)) if text.starts_with("--"))
}

/// Returns the sentence from clap without its decoration, with the best suggestion as a hint.
pub(super) fn usage(error: &clap::Error, arguments: &[OsString]) -> Error {
    let text = error.render().to_string();
    let paragraph = text.split("\n\n").next().unwrap_or(&text);
    let paragraph = paragraph.trim().trim_start_matches("error: ");
    let lines: Vec<&str> = paragraph.lines().map(str::trim).collect();
    let mut sentence = capitalised(&lines.join(" "));
    if !sentence.ends_with(['.', ']']) {
        sentence.push('.');
    }
    let suggested = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
        .into_iter()
        .find_map(|kind| suggestion(error.get(kind)?));
    let unknown = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(unknown)) => Some(unknown.as_str()),
        _ => None,
    };
    // Users often type only the verb first, for example `create`.
    let of_keys = unknown.map(|verb| format!("api-key-{verb}"));
    let of_keys = of_keys.filter(|name| Cli::command().find_subcommand(name).is_some());
    let mut error_of = Error::usage(sentence);
    if unknown == Some("version") {
        return error_of.and_hint(Hint::run("To show the version, run", ["--version"]));
    }
    let similar = of_keys.or(suggested);
    if let Some(similar) = &similar {
        error_of = error_of.and_hint(format!("Did you mean '{similar}'?"));
    }
    let root = super::command();
    let (command, words) = command_of(&root, arguments);
    let help = words.into_iter().chain(["--help".to_owned()]);
    if unknown.is_some() {
        return error_of.and_hint(Hint::run("To list the commands, run", help));
    }
    let is_dashed =
        matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(text)) if text.starts_with('-'));
    // After `--`, some commands expect a command of the user.
    let takes_dashed = command.get_positionals().next().is_some() && !command.get_positionals().any(Arg::is_last_set);
    let is_operand = similar.is_none() && takes_dashed && !arguments.iter().any(|word| word == "--");
    if error.kind() == ErrorKind::UnknownArgument && is_dashed && is_operand {
        error_of = error_of.and_hint("Put -- before an argument that starts with a dash.");
    }
    error_of.and_hint(Hint::run("For help, run", help))
}

/// Returns the command in the arguments and its words, because an error about a value does not contain it.
fn command_of<'a>(root: &'a Command, arguments: &[OsString]) -> (&'a Command, Vec<String>) {
    let mut command = root;
    let mut words = Vec::new();
    let mut arguments = arguments.iter().skip(1);
    while let Some(word) = arguments.next() {
        if takes_value(root, &word.to_string_lossy()) {
            // The value can be the name of a command.
            arguments.next();
        } else if let Some(inner) = command.find_subcommand(word) {
            words.push(inner.get_name().to_owned());
            command = inner;
        }
    }
    (command, words)
}

/// Whether a word is a global option, and its value is the next word.
fn takes_value(root: &Command, word: &str) -> bool {
    let is_it = |arg: &&Arg| {
        let long = word.strip_prefix("--");
        let short = word.strip_prefix('-').filter(|rest| rest.len() == 1).and_then(|rest| rest.chars().next());
        long.is_some() && arg.get_long() == long || short.is_some() && arg.get_short() == short
    };
    root.get_arguments().find(is_it).is_some_and(|arg| {
        arg.get_action().takes_values() && arg.get_num_args().is_none_or(|many| many.min_values() > 0)
    })
}

/// Returns the suggestion; the last one of several is the most similar.
fn suggestion(value: &ContextValue) -> Option<String> {
    match value {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.last().cloned(),
        _ => None,
    }
}
