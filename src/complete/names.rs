//! Completes names of keys, service IDs, accounts and sessions in operands and options.

use std::ffi::OsStr;
use std::sync::Arc;

use clap::Command;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::names::{KnownKey, Names};

/// The known names.
#[derive(Debug, Default)]
pub struct Source {
    /// The names of keys, accounts and service IDs.
    pub names: Names,
    /// The names of stored sessions.
    pub sessions: Vec<String>,
}

/// The maximum number of candidates in a response.
const MOST: usize = 200;

/// The prefix of every key ID.
const ID_PREFIX: &str = "ApiKey-";

type MakesSense = fn(&KnownKey<'_>) -> bool;

/// The commands whose operands are keys, the name of the operand, and the keys that the command can be used on.
const KEYS: [(&str, &str, MakesSense); 8] = [
    ("api-key-rotate", "key", |key| !key.locked && !key.disabled),
    ("api-key-update", "key", |key| !key.locked),
    ("api-key-lock", "keys", |key| !key.locked),
    ("api-key-unlock", "keys", |key| key.locked),
    ("api-key-disable", "keys", |key| !key.disabled),
    ("api-key-enable", "keys", |key| key.disabled),
    ("api-key-delete", "keys", |key| !key.locked),
    ("api-key-show", "key", |_| true),
];

/// Whether these words belong to a command whose operands are keys.
#[must_use]
pub fn is_of_keys(words: &[std::ffi::OsString]) -> bool {
    words.iter().any(|word| word == "api-key" || KEYS.iter().any(|(command, ..)| word == command))
}

/// Whether these words belong to a command with a service ID among its operands, and the last word can be this service
/// ID.
#[must_use]
pub fn names_service_id(words: &[std::ffi::OsString]) -> bool {
    let is_command =
        |word: &&std::ffi::OsString| is_of_keys(&[(*word).clone()]) || word.to_str().is_some_and(is_of_service_ids);
    let command = words.iter().find(is_command).and_then(|word| word.to_str());
    // The words after `--` are the user's command.
    let is_operand = !words.split_last().is_some_and(|(_, before)| before.iter().any(|word| word == "--"));
    is_operand && command.is_some_and(is_of_service_ids)
}

fn is_of_service_ids(command: &str) -> bool {
    command.starts_with("service-") && command != "service-ids"
}

/// Returns the command line with completions of names.
pub(super) fn with_names(mut command: Command, source: Source) -> Command {
    let source = Arc::new(source);
    for (name, operand, makes_sense) in KEYS {
        let source = Arc::clone(&source);
        let complete = move |typed: &OsStr| keys(&source.names, typed, makes_sense);
        command = command.mut_subcommand(name, |command| {
            command.mut_arg(operand, |operand| operand.add(ArgValueCompleter::new(complete)))
        });
    }
    command = command.mut_subcommands(|command| {
        if !is_of_service_ids(command.get_name()) {
            return command;
        }
        command.mut_args(|arg| {
            let source = Arc::clone(&source);
            let complete = move |typed: &OsStr| service_ids(&source.names, typed);
            let is_operand = arg.is_positional() && !arg.is_last_set();
            if is_operand { arg.add(ArgValueCompleter::new(complete)) } else { arg }
        })
    });
    for name in ["login", "target"] {
        let source = Arc::clone(&source);
        let complete = move |typed: &OsStr| pairs(source.names.accounts(), typed);
        command = command.mut_subcommand(name, |command| {
            command.mut_arg("account", |account| account.add(ArgValueCompleter::new(complete)))
        });
    }
    let of_sessions = |source: &Arc<Source>| {
        let source = Arc::clone(source);
        ArgValueCompleter::new(move |typed: &OsStr| {
            let names = source.sessions.iter().filter(|name| begins_with(name, typed));
            names.map(CompletionCandidate::new).collect()
        })
    };
    let of_option = of_sessions(&source);
    command = command.mut_arg("session", |session| session.add(of_option));
    command.mut_subcommand("session", |command| {
        command.mut_subcommand("use", |command| command.mut_arg("name", |name| name.add(of_sessions(&source))))
    })
}

fn begins_with(text: &str, typed: &OsStr) -> bool {
    typed.to_str().is_some_and(|typed| text.starts_with(typed))
}

/// Returns names, or IDs if the typed text is the start of an ID. Shows a name that several keys have once.
fn keys(names: &Names, typed: &OsStr, makes_sense: MakesSense) -> Vec<CompletionCandidate> {
    let fitting = || names.keys().filter(|key| makes_sense(key));
    let is_id = typed.to_str().is_some_and(|typed| !typed.is_empty() && typed.starts_with(ID_PREFIX));
    if is_id {
        let keys = fitting().filter(|key| begins_with(key.id, typed));
        return keys.map(|key| candidate(key.id, &format!("{}{}", key.name, details(&key)))).collect();
    }
    let mut found: Vec<KnownKey<'_>> = fitting().filter(|key| begins_with(key.name, typed)).collect();
    found.sort_by(|a, b| a.name.cmp(b.name));
    let chunks: Vec<&[KnownKey<'_>]> = found.chunk_by(|a, b| a.name == b.name).collect();
    let shown = shortened(chunks).into_iter().map(|keys| match keys {
        // The name would be read as an option or as the ID of another key, so the ID is shown.
        [key, ..] if key.name.starts_with('-') || key.name.starts_with(ID_PREFIX) => {
            candidate(key.id, &format!("{}{}", key.name, details(key)))
        }
        [key] => candidate(key.name, &format!("{}{}", key.id, details(key))),
        keys => candidate(keys[0].name, &format!("{} keys have this name", keys.len())),
    });
    shown.collect()
}

/// Limits the candidates to the maximum number. Keeps the last one, because a shell inserts the common start of all
/// candidates, and they are sorted.
pub(super) fn shortened<T>(mut all: Vec<T>) -> Vec<T> {
    if all.len() > MOST
        && let Some(last) = all.pop()
    {
        all.truncate(MOST - 1);
        all.push(last);
    }
    all
}

fn details(key: &KnownKey<'_>) -> String {
    let mut text = String::new();
    for (holds, state) in [(key.locked, "locked"), (key.disabled, "disabled")] {
        if holds {
            text.push_str(&format!(", {state}"));
        }
    }
    if !key.description.is_empty() {
        text.push_str(&format!("  {}", key.description));
    }
    text
}

/// Returns names, and IDs if the typed text is the start of an ID or if several service IDs have the same name.
fn service_ids(names: &Names, typed: &OsStr) -> Vec<CompletionCandidate> {
    let is_ambiguous = |name: &str| names.service_ids().filter(|(_, other)| *other == name).count() > 1;
    let (ambiguous, unique): (Vec<_>, Vec<_>) = names.service_ids().partition(|(_, name)| is_ambiguous(name));
    let ids = ambiguous.into_iter().filter(|(id, _)| begins_with(id, typed)).map(|(id, name)| candidate(id, name));
    pairs(unique.into_iter(), typed).into_iter().chain(ids).collect()
}

/// Returns names, and IDs if the typed text is the start of an ID.
fn pairs<'a>(known: impl Iterator<Item = (&'a str, &'a str)>, typed: &OsStr) -> Vec<CompletionCandidate> {
    let mut found = Vec::new();
    for (id, name) in known {
        if !name.is_empty() && begins_with(name, typed) {
            found.push(candidate(name, id));
        } else if !typed.is_empty() && begins_with(id, typed) {
            found.push(candidate(id, name));
        }
    }
    found
}

fn candidate(value: &str, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(help.to_owned().into()))
}
