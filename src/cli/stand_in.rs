//! Rewrites the arguments of `ibmcloud` into those of `ibmiam`, if this program was started under the name of that
//! tool.
//!
//! That tool accepts one dash before a long flag and two before a short one, and flags in any position.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use clap::{ArgAction, Command, CommandFactory};

use super::Cli;

/// The names that make this program a stand-in: the current name of the tool, and two former names.
const NAMES: [&str; 3] = ["ibmcloud", "ic", "bx"];

/// Commands of `ibmiam` that are below `iam` in that tool, besides all that begin with `api-key` or `service-`.
const BELOW_IAM: [&str; 2] = ["oauth-tokens", "bearer-token"];

/// Commands for the session. The real tool runs them if it is installed, so that commands that are handed over to it
/// are logged in.
const SESSION: [&str; 4] = ["login", "logout", "target", "api"];

/// The result of rewriting.
#[derive(Debug, PartialEq, Eq)]
pub enum Rewritten {
    /// A command of `ibmiam`. The first word is the program's name in help and errors.
    Ours(Vec<OsString>),
    /// A command that is accepted, but has no effect.
    Nothing,
    /// Help or the version, to print.
    Show(String),
    /// A command or flag that `ibmiam` does not support. Its name is for the error if the real tool is not installed.
    HandOver(String),
}

/// Returns the name that this program was started under, if it is the name of a stand-in.
#[must_use]
pub fn name(program: Option<&OsString>) -> Option<String> {
    let stem = Path::new(program?).file_stem()?.to_str()?.to_owned();
    NAMES.contains(&stem.as_str()).then_some(stem)
}

/// Rewrites arguments, of which the first one is the name of the program. `other` returns whether the real tool is
/// installed.
pub fn rewrite(name: &str, arguments: &[OsString], other: impl Fn() -> bool) -> Rewritten {
    let mut words = arguments.get(1..).unwrap_or_default().iter().peekable();
    let mut kept = Vec::new();
    let mut wants_help = false;
    let mut command = Vec::new();
    // Reads up to the last word of the command. Flags before it are global flags of the tool.
    while command.first().is_none_or(|first| first == "iam" && command.len() < 2) {
        let Some(word) = words.next() else { break };
        match word.to_str() {
            Some("-q" | "--quiet" | "-quiet") => kept.push(OsString::from("--quiet")),
            Some("-h" | "--help" | "-help" | "--h" | "help") => wants_help = true,
            Some("--version" | "-version" | "-v" | "version") if command.is_empty() => {
                return Rewritten::Show(version(name));
            }
            Some(word) if !word.starts_with('-') => command.push(word.to_owned()),
            // The value is removed, because it can be a secret, and the name can be shown in an error.
            _ => return Rewritten::HandOver(word.to_string_lossy().split('=').next().unwrap_or_default().to_owned()),
        }
    }
    let rest: Vec<&OsString> = words.collect();
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let ours = |title: String, command: &str, mut more: Vec<OsString>| {
        if wants_help {
            more.push("--help".into());
        }
        let flags = match normalised(command, &rest) {
            Ok(flags) => flags,
            Err(unknown) => return Rewritten::HandOver(unknown),
        };
        Rewritten::Ours([vec![title.into(), command.into()], more, flags].concat())
    };
    match words.as_slice() {
        ["iam", command] if is_below_iam(command) => ours(format!("{name} iam"), command, kept),
        [] if !wants_help && !arguments.is_empty() && other() => Rewritten::HandOver(String::new()),
        [] if wants_help && other() => Rewritten::HandOver("help".to_owned()),
        [] | ["iam"] => Rewritten::Show(help(name)),
        [command, ..] if *command == "config" && !other() => Rewritten::Nothing,
        [command] if SESSION.contains(command) && !other() => ours(name.to_owned(), command, kept),
        words => Rewritten::HandOver(words.join(" ")),
    }
}

fn is_below_iam(command: &str) -> bool {
    let known = Cli::command().find_subcommand(command).is_some();
    known && (command.starts_with("api-key") || command.starts_with("service-") || BELOW_IAM.contains(&command))
}

/// Returns a help text of `ibmiam` with the commands of the other tool.
#[must_use]
pub fn renamed(help: &str, name: &str) -> String {
    let mut text = help.replace("ibmiam api-key", &format!("{name} iam api-key"));
    text = text.replace("ibmiam service-", &format!("{name} iam service-"));
    for command in ["login", "logout", "target"] {
        text = text.replace(&format!("ibmiam {command}"), &format!("{name} {command}"));
    }
    text.replace("ibmiam --help", &format!("{name} iam help"))
}

fn version(name: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("{name} version {version} (ibmiam {version}, standing in for ibmcloud)\n")
}

/// Returns the help that lists the commands below `iam`.
fn help(name: &str) -> String {
    let mut text = format!(
        "NAME:\n  {name} iam - Manage API keys, by ibmiam standing in for ibmcloud\n\n\
         USAGE:\n  {name} iam COMMAND [arguments...] [command options]\n\nCOMMANDS:\n"
    );
    for command in Cli::command().get_subcommands() {
        let shown = command.get_visible_aliases().next().filter(|alias| alias.contains("api-key"));
        let shown = shown.unwrap_or(command.get_name());
        if is_below_iam(shown) {
            text.push_str(&format!("  {shown:<24} {}\n", command.get_about().cloned().unwrap_or_default()));
        }
    }
    text.push_str(&format!("\nEnter '{name} iam COMMAND --help' for a command's options.\n"));
    text
}

/// Returns the flags of a command by name, and whether each takes a value.
fn flags(command: &str) -> BTreeMap<String, bool> {
    let root = super::command();
    let Some(command) = root.find_subcommand(command) else {
        return BTreeMap::new();
    };
    let takes_value = |action: &ArgAction| matches!(action, ArgAction::Set | ArgAction::Append);
    let names = |arg: &clap::Arg| {
        let longs = arg.get_long_and_visible_aliases().unwrap_or_default().into_iter().map(str::to_owned);
        longs.chain(arg.get_short().map(String::from)).collect::<Vec<_>>()
    };
    Command::get_arguments(command)
        .flat_map(|arg| names(arg).into_iter().map(|name| (name, takes_value(arg.get_action()))))
        .collect()
}

/// Converts every flag to the form that clap accepts. The first unknown flag is the error.
fn normalised(command: &str, words: &[&OsString]) -> Result<Vec<OsString>, String> {
    let known = flags(command);
    let mut normalised = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.to_str().unwrap_or_default();
        let dashes = text.len() - text.trim_start_matches('-').len();
        if text == "--" {
            normalised.push((*word).clone());
            normalised.extend(words.by_ref().map(|word| (*word).clone()));
            break;
        }
        if dashes == 0 || text == "-" {
            normalised.push((*word).clone());
            continue;
        }
        let (name, value) = text[dashes..].split_once('=').map_or((&text[dashes..], None), |(n, v)| (n, Some(v)));
        let Some(takes_value) = known.get(name) else {
            // One dash before several letters is a long flag in that tool, but these short flags with a value are
            // common.
            let output = name.strip_prefix('o').map(str::to_ascii_lowercase);
            if dashes == 1 && output.is_some_and(|format| ["json", "csv", "table"].contains(&format.as_str())) {
                normalised.push((*word).clone());
                continue;
            }
            // A value can follow the flag of a secret without a space, so only the flag is returned.
            let shown = ["apikey", "passcode", "cr-token"].into_iter().find(|secret| name.starts_with(secret));
            return Err(format!("{}{}", &text[..dashes], shown.unwrap_or(name)));
        };
        let dashed = if name.chars().count() == 1 { format!("-{name}") } else { format!("--{name}") };
        let value_follows = *takes_value && value.is_none();
        match value {
            // A boolean flag with a value, in the spellings that the tool accepts. Any other value is an error.
            Some("0" | "f" | "F" | "false" | "False" | "FALSE") if !takes_value => {}
            Some("1" | "t" | "T" | "true" | "True" | "TRUE") if !takes_value => normalised.push(dashed.into()),
            Some(_) if !takes_value => return Err(format!("{}{name}", &text[..dashes])),
            Some(value) => normalised.push(format!("{dashed}={value}").into()),
            None => normalised.push(dashed.into()),
        }
        if value_follows {
            // The next word is the value, even if it starts with a dash.
            normalised.extend(words.next().map(|value| (*value).clone()));
        }
    }
    Ok(normalised)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rewritten(line: &str, other: bool) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        match rewrite("ibmcloud", &words, || other) {
            Rewritten::Ours(words) => {
                let words: Vec<&str> = words.iter().map(|word| word.to_str().unwrap()).collect();
                format!("ours {}", words.join(" "))
            }
            Rewritten::Nothing => "nothing".to_owned(),
            Rewritten::Show(_) => "shown".to_owned(),
            Rewritten::HandOver(what) => format!("other {what}"),
        }
    }

    #[test]
    fn our_commands_are_found_with_their_flags_anywhere_and_in_any_form() {
        for (line, expected) in [
            ("ibmcloud iam api-keys", "ours ibmcloud iam api-keys"),
            ("ibmcloud -q iam api-keys", "ours ibmcloud iam api-keys --quiet"),
            ("bx iam api-key-create k -output JSON", "ours ibmcloud iam api-key-create k --output JSON"),
            ("ibmcloud iam api-key-create --d text k", "ours ibmcloud iam api-key-create -d text k"),
            ("ibmcloud iam api-key-create k -description=x", "ours ibmcloud iam api-key-create k --description=x"),
            ("ibmcloud iam api-key-create k -d -file", "ours ibmcloud iam api-key-create k -d -file"),
            ("ibmcloud iam api-key-delete -f k", "ours ibmcloud iam api-key-delete -f k"),
            ("ibmcloud iam api-key-delete -force=false k", "ours ibmcloud iam api-key-delete k"),
            ("ibmcloud iam api-key-delete --force=0 k", "ours ibmcloud iam api-key-delete k"),
            ("ibmcloud iam api-key-delete --force=TRUE k", "ours ibmcloud iam api-key-delete --force k"),
            ("ibmcloud iam api-key-delete --force=no k", "other --force"),
            ("ibmcloud login -apikeyS3CRET", "other -apikey"),
            ("ibmcloud iam api-key-delete -- -f", "ours ibmcloud iam api-key-delete -- -f"),
            ("ibmcloud iam service-ids", "ours ibmcloud iam service-ids"),
            ("ibmcloud iam service-api-key-delete k s -force", "ours ibmcloud iam service-api-key-delete k s --force"),
            ("ibmcloud iam api-keys -ojson", "ours ibmcloud iam api-keys -ojson"),
            ("ibmcloud login -apikey -key -no-region", "ours ibmcloud login --apikey -key --no-region"),
            ("ibmcloud iam help", "shown"),
            ("ibmcloud iam", "shown"),
            ("ibmcloud help iam", "shown"),
            ("ibmcloud iam api-key-create --help", "ours ibmcloud iam api-key-create --help"),
            ("ibmcloud help iam api-key-create", "ours ibmcloud iam api-key-create --help"),
            ("ibmcloud --version", "shown"),
            ("ibmcloud version", "shown"),
            ("ibmcloud", "shown"),
            ("ibmcloud config --check-version=false", "nothing"),
        ] {
            assert_eq!(rewritten(line, false), expected, "{line}");
        }
    }

    #[test]
    fn what_is_not_ours_is_the_real_tools() {
        for (line, what) in [
            ("ibmcloud plugin list", "plugin"),
            ("ibmcloud iam service-policies", "iam service-policies"),
            ("ibmcloud iam api-keys-usage --ids x", "iam api-keys-usage"),
            ("ibmcloud --unknown iam api-keys", "--unknown"),
        ] {
            assert_eq!(rewritten(line, false), format!("other {what}"), "{line}");
            assert_eq!(rewritten(line, true), format!("other {what}"), "{line}");
        }
        for command in ["login --sso", "logout", "target", "api x", "config --list", "help"] {
            assert!(rewritten(&format!("ibmcloud {command}"), true).starts_with("other "), "{command}");
            assert!(!rewritten(&format!("ibmcloud {command}"), false).starts_with("other "), "{command}");
        }
        assert_eq!(rewritten("ibmcloud iam api-keys --new-flag", true), "other --new-flag");
        assert_eq!(rewritten("ibmcloud iam api-keys --new-flag=x", false), "other --new-flag");
        assert_eq!(rewritten("ibmcloud iam api-key-create k -dryrun", false), "other -dryrun");
        assert_eq!(rewritten("ibmcloud --apikey=s3cret login", false), "other --apikey");
    }

    #[test]
    fn only_its_names_make_it_a_stand_in() {
        let named = |program: &str| name(Some(&OsString::from(program)));
        assert_eq!(named("/usr/local/bin/ibmcloud").as_deref(), Some("ibmcloud"));
        assert_eq!(named("bx").as_deref(), Some("bx"));
        assert_eq!(named("ibmcloud.exe").as_deref(), Some("ibmcloud"));
        assert_eq!(named("ibmiam"), None);
        assert_eq!(named("my-ibmcloud"), None);
        assert_eq!(name(None), None);
    }

    proptest! {
        #[test]
        fn any_arguments_are_rewritten_or_handed_over(
            words in proptest::collection::vec("(iam|api-key-create|login|-{0,3}[a-z]{0,8}(=[ -~]{0,5})?|\\PC{0,6})", 0..8),
            other in any::<bool>(),
        ) {
            let words: Vec<OsString> = std::iter::once("ibmcloud".into()).chain(words.into_iter().map(OsString::from)).collect();
            if let Rewritten::Ours(rewritten) = rewrite("ibmcloud", &words, || other) {
                // Every operand of the result is one of the original arguments.
                let operands = |words: &[OsString]| words.iter().skip(1).filter(|word| !word.to_string_lossy().starts_with('-')).cloned().collect::<Vec<_>>();
                let before = operands(&words);
                for operand in operands(&rewritten) {
                    prop_assert!(before.contains(&operand));
                }
            }
        }
    }
}
