//! From the arguments of the program to a command, a help text or an error.

use std::ffi::OsString;
#[cfg(feature = "sandbox")]
use std::io::{IsTerminal, stderr, stdin, stdout};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::service::ServiceCommand;
use super::stand_in::{self, Rewritten};
use super::usage::{is_flag, is_of_login, missing_command, usage};
use super::{Cli, Command, Global, OutputFormat, topics};
use crate::error::Error;

/// What a command line asks for.
#[derive(Debug)]
pub enum Parsed {
    /// A command.
    Run(Box<Cli>),
    /// Help or the version, to be printed.
    Show(String),
    /// Nothing: accepted for the mirrored tool's sake.
    Nothing,
    /// A command or a flag, named here, of the tool that this program stands in for.
    HandOver(String),
}

/// Parses the arguments, the first being the program's own name. `other` tells whether the tool is there that this
/// program stands in for, if it was started under its name.
///
/// # Errors
/// `Usage`, with a hint if there is something similar.
pub fn parse(arguments: &[OsString], other: impl Fn() -> bool) -> Result<Parsed, Error> {
    let Some(name) = stand_in::name(arguments.first()) else {
        return parse_ours(arguments);
    };
    let words = match stand_in::rewrite(&name, arguments, other) {
        Rewritten::Ours(words) => words,
        Rewritten::Nothing => return Ok(Parsed::Nothing),
        Rewritten::Show(text) => return Ok(Parsed::Show(text)),
        Rewritten::HandOver(what) => return Ok(Parsed::HandOver(what)),
    };
    Ok(match parse_ours(&words)? {
        Parsed::Run(mut cli) => {
            cli.global.stand_in = Some(name);
            Parsed::Run(cli)
        }
        Parsed::Show(help) => Parsed::Show(stand_in::renamed(&help, &name)),
        parsed => parsed,
    })
}

fn parse_ours(arguments: &[OsString]) -> Result<Parsed, Error> {
    if let [_, word] = arguments
        && (word == "--version" || word == "-V")
    {
        // Without the tree of commands, which takes longer than the rest of the program.
        return Ok(Parsed::Show(concat!("ibmiam ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
    }
    let mut arguments = arguments.to_vec();
    if arguments.get(1).is_some_and(|word| word == "help") {
        // `ibmiam help COMMAND`, as other programs have it.
        arguments.remove(1);
        if let Some(help) = arguments.get(1).and_then(|topic| topics::help(&topic.to_string_lossy())) {
            return Ok(Parsed::Show(help));
        }
        arguments.push("--help".into());
    }
    if let [_, word] = arguments.as_slice()
        && (word == "--help" || word == "-h")
    {
        return Ok(Parsed::Show(root_help(word == "--help")));
    }
    match Cli::try_parse_from(&arguments) {
        // A command in a variable that is empty: the value would be shown instead.
        Ok(cli) if lacks_program(&cli.command) && arguments.last().is_some_and(|word| word == "--") => {
            Err(Error::usage("A command is missing after --."))
        }
        Ok(cli) => Ok(Parsed::Run(Box::new(cli))),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(Parsed::Show(error.render().to_string())),
            ErrorKind::MissingSubcommand => Err(missing_command(&error)),
            // What stands there by mistake may be a key.
            ErrorKind::UnknownArgument if is_of_login(&error) && !is_flag(&error) => {
                Err(Error::usage("'login' takes options, and no arguments.")
                    .hint("Pass an API key with --apikey, or a passcode with --passcode."))
            }
            _ => Err(usage(&error, &arguments)),
        },
    }
}

/// Whether a command could pass a new key to a program, and none is given.
fn lacks_program(command: &Command) -> bool {
    match command {
        Command::ApiKeyCreate(create) => create.command.is_empty(),
        Command::ApiKeyRotate(rotate) => rotate.command.is_empty(),
        Command::Service(ServiceCommand::ServiceApiKeyCreate(of)) => of.options.command.is_empty(),
        Command::Service(ServiceCommand::ServiceApiKeyRotate(of)) => of.options.command.is_empty(),
        _ => false,
    }
}

/// The help of the program for 100 columns, which clap makes and a test keeps: to lay it out takes as long as all the rest.
#[cfg(feature = "sandbox")]
const HELP: &str = include_str!("help.txt");

/// The help of the program, as clap shows it, without copies of the global options in each command.
fn root_help(is_long: bool) -> String {
    // clap asks each of these how wide it is.
    #[cfg(feature = "sandbox")]
    if is_long && !(stdout().is_terminal() || stderr().is_terminal() || stdin().is_terminal()) {
        return HELP.to_owned();
    }
    let mut root = Cli::command().mut_args(|arg| arg.global(false));
    let help = if is_long { root.render_long_help() } else { root.render_help() };
    // The program ends with this text, so its command tree need not be freed.
    std::mem::forget(root);
    help.to_string()
}

/// The global options of a command line that cannot be parsed, as far as they can be found: they shape its error.
#[must_use]
pub fn lenient_global(arguments: &[OsString]) -> Global {
    let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().to_ascii_lowercase()).collect();
    let attached = ["--output=json", "-ojson", "-o=json"];
    let json = words.iter().any(|word| attached.contains(&word.as_str()))
        || words.windows(2).any(|pair| matches!(pair[0].as_str(), "-o" | "--output") && pair[1] == "json");
    let value = |option: &str| {
        let with_equals = format!("{option}=");
        let attached = arguments.iter().find_map(|word| word.to_str()?.strip_prefix(&with_equals));
        let after = arguments.windows(2).find(|pair| pair[0] == option).and_then(|pair| pair[1].to_str());
        attached.or(after).map(str::to_owned)
    };
    Global {
        stand_in: stand_in::name(arguments.first()),
        sandbox: arguments.iter().any(|word| word == "--sandbox"),
        session: value("--session"),
        endpoint: value("--endpoint"),
        output: if json { OutputFormat::Json } else { OutputFormat::Table },
        quiet: words.iter().any(|word| word == "-q" || word == "--quiet"),
        ..Global::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command;
    use crate::hint::Hint;

    fn parsed(line: &str) -> Result<Parsed, Error> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        parse(&words, || false)
    }

    #[test]
    fn claps_own_checks_pass() {
        command().debug_assert();
    }

    #[test]
    fn options_stand_before_and_after_operands_and_the_last_one_counts() {
        let Ok(Parsed::Run(cli)) = parsed("ibmiam -o json api-key-delete A -f B --output CSV -q -q") else {
            panic!("not parsed");
        };
        assert_eq!(cli.global.output, OutputFormat::Csv);
        let Command::ApiKeyDelete(delete) = cli.command else {
            panic!("another command");
        };
        assert_eq!((delete.targets.keys.len(), delete.targets.force), (2, true));
    }

    #[test]
    fn a_mistyped_command_is_told_with_the_nearest_one() {
        let error = parsed("ibmiam api-key-lits").unwrap_err();
        assert_eq!(error.hints[0], "Did you mean 'api-key-list'?".into());
        let error = parsed("ibmiam create").unwrap_err();
        assert_eq!(error.hints[0], "Did you mean 'api-key-create'?".into());
        let error = parsed("ibmiam --sandbox api-key-list --sort nam").unwrap_err();
        assert_eq!(error.hints.last(), Some(&Hint::run("For help, run", ["api-key-list", "--help"])));
        let error = parsed("ibmiam session list --nosuch").unwrap_err();
        assert_eq!(error.hints.last(), Some(&Hint::run("For help, run", ["session", "list", "--help"])));
    }

    #[test]
    fn a_missing_command_is_told_where_it_is_missing() {
        let missing = |line: &str| parsed(line).unwrap_err().message;
        assert_eq!(missing("ibmiam sandbox"), "A sandbox command is missing.");
        assert_eq!(missing("ibmiam --session sandbox"), "A command is missing.");
        assert_eq!(missing("ibmiam stand-in"), "A stand-in command is missing.");
    }

    #[test]
    fn two_dashes_without_a_command_are_refused() {
        for command in
            ["api-key-create k", "api-key-rotate k", "service-api-key-create k s", "service-api-key-rotate k s"]
        {
            let error = parsed(&format!("ibmiam {command} --")).unwrap_err();
            assert_eq!(error.message, "A command is missing after --.", "{command}");
            assert!(parsed(&format!("ibmiam {command} -- cmd --")).is_ok(), "{command}");
        }
    }

    #[test]
    fn the_version_is_the_one_that_clap_shows() {
        let Ok(Parsed::Show(version)) = parsed("ibmiam --version") else { panic!("not shown") };
        assert_eq!(version, Cli::command().render_version());
    }

    #[test]
    fn the_help_is_the_one_that_clap_shows() {
        for word in ["--help", "-h"] {
            let Ok(Parsed::Show(help)) = parsed(&format!("ibmiam {word}")) else { panic!("not shown") };
            assert_eq!(help, Cli::try_parse_from(["ibmiam", word]).unwrap_err().render().to_string());
        }
    }

    #[cfg(feature = "sandbox")]
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a switch for the tests themselves")]
    fn the_help_that_is_kept_is_the_one_that_clap_makes() {
        let made = Cli::command().term_width(100).render_long_help().to_string();
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/help.txt"), &made).unwrap();
        }
        assert!(HELP == made, "src/cli/help.txt is not what the code makes; UPDATE_GENERATED=1 rewrites it");
    }

    #[test]
    fn help_is_a_command_too() {
        assert!(matches!(parsed("ibmiam help"), Ok(Parsed::Show(text)) if text.contains("Commands:")));
        assert!(matches!(parsed("ibmiam help sandbox run"), Ok(Parsed::Show(text)) if text.contains("<CMD>")));
        assert!(parsed("ibmiam help nosuch").is_err());
    }

    #[test]
    fn global_options_are_found_without_parsing() {
        let wants = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            lenient_global(&words).output == OutputFormat::Json
        };
        assert!(wants("ibmiam x --output json"));
        assert!(wants("ibmiam -o JSON x"));
        assert!(wants("ibmiam x --output=Json"));
        assert!(!wants("ibmiam x -o table json"));
        assert!(lenient_global(&["ibmiam".into(), "-q".into()]).quiet);
    }
}
