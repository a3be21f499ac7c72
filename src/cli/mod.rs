//! The command line: every flag and every help text, and nothing that acts.
#![expect(clippy::doc_markdown, reason = "doc comments in here are help texts, which are no Markdown")]

pub mod audit;
pub mod identify;
pub mod keys;
pub mod man;
pub mod rotate;
pub mod sandbox;
pub mod selection;
pub mod service;
pub mod session;
pub mod stand_in;
pub mod topics;
mod usage;
pub mod when;

use std::ffi::OsString;
#[cfg(feature = "sandbox")]
use std::io::{IsTerminal, stderr, stdin, stdout};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::error::Error;
use stand_in::Rewritten;
use usage::{is_flag, is_of_login, missing_command, usage};

/// Manage IBM Cloud API keys.
#[derive(Debug, Parser)]
#[command(
    name = "ibmiam",
    version,
    about = "Manage IBM Cloud API keys",
    long_about = "Manage IBM Cloud API keys of users and service IDs: create, list, show, update, lock, disable and delete them.\n\n\
        To try a command without an account, put --sandbox before it. The command then runs against a \
        built-in IAM server, and nothing reaches IBM Cloud.",
    subcommand_required = true,
    arg_required_else_help = false,
    disable_help_subcommand = true,
    args_override_self = true,
    max_term_width = 100,
    after_help = exit_statuses()
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

fn exit_statuses() -> String {
    format!(
        "Exit status:\n{}\nMore help:\n  ibmiam help exit-codes\n  ibmiam help environment\n  ibmiam help files",
        topics::table(&topics::EXIT_STATUS)
    )
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Output format
    #[arg(short, long, global = true, value_name = "FORMAT", value_enum, ignore_case = true, default_value_t)]
    pub output: OutputFormat,

    /// Print only data, prompts and errors [env: IBMCLOUD_QUIET]
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Login session to use [env: IBMIAM_SESSION]
    #[arg(long, global = true, value_name = "NAME")]
    pub session: Option<String>,

    /// URL of the IAM service [env: IBMCLOUD_IAM_API_ENDPOINT]
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint: Option<String>,

    /// Run against the built-in IAM server, already logged in [env: IBMIAM_SANDBOX=1]
    #[cfg_attr(not(feature = "sandbox"), arg(skip))]
    #[cfg_attr(feature = "sandbox", arg(long, global = true))]
    pub sandbox: bool,

    /// Timeout for each attempt of a request; default: 60 [env: IBMCLOUD_HTTP_TIMEOUT]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: Option<u64>,

    /// Trust only the CA certificates in this file [env: SSL_CERT_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Log requests and responses to standard error, or append them to FILE; secrets are masked [env: IBMCLOUD_TRACE]
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub trace: Option<String>,

    /// When to use color [env: IBMCLOUD_COLOR, NO_COLOR, CLICOLOR_FORCE]
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub color: Option<ColorChoice>,

    /// Never prompt; fail if a prompt would be needed
    #[arg(long, global = true)]
    pub no_input: bool,

    /// The name of the tool that this program stands in for, where it was started under one
    #[arg(skip)]
    pub stand_in: Option<String>,
}

/// Formats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Human-readable text
    #[default]
    Table,
    /// JSON
    Json,
    /// CSV
    Csv,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// Only on a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Create an API key
    ApiKeyCreate(keys::Create),
    /// Check API keys for age, use, expiration, leaks and more
    ApiKeyAudit(audit::Audit),
    /// Find out whose keys some values are, or find keys in a text
    ApiKeyIdentify(identify::Identify),
    /// Replace an API key by a new one without downtime
    ApiKeyRotate(rotate::Rotate),
    /// List interrupted API key creations, and finish or discard them
    ApiKeyRecover(keys::Recover),
    /// Update an API key's name, description, expiration or leak action
    ApiKeyUpdate(keys::Update),
    /// Lock API keys, to prevent changes and deletion
    ApiKeyLock(keys::Targets),
    /// Unlock API keys
    ApiKeyUnlock(keys::Targets),
    /// Disable API keys, to prevent logins with them
    ApiKeyDisable(keys::Targets),
    /// Enable disabled API keys
    ApiKeyEnable(keys::Targets),
    /// Permanently delete API keys
    ApiKeyDelete(keys::Delete),
    /// List API keys
    #[command(visible_alias = "api-keys")]
    ApiKeyList(keys::List),
    /// Show an API key
    #[command(visible_alias = "api-key")]
    ApiKeyShow(keys::Show),
    /// Commands for service IDs and their keys.
    #[command(flatten)]
    Service(service::ServiceCommand),
    /// Log in and store the session
    Login(session::Login),
    /// Log out and delete the stored session
    Logout,
    /// Show the current login, or switch accounts
    Target(session::Target),
    /// List stored login sessions, or set the default session
    Session(session::Sessions),
    /// Run a command with a fresh access token, and no API key, in its environment
    Exec(session::Exec),
    /// Print an access token with its label
    OauthTokens,
    /// Print only an access token
    BearerToken,
    /// Install, check or remove a link that runs ibmiam under the name ibmcloud
    StandIn(session::StandIn),
    /// Show or set the IAM endpoint for logins
    Api(session::Api),
    /// Run a local IAM server for testing
    #[cfg(feature = "sandbox")]
    Sandbox(sandbox::Sandbox),
    /// Print or install shell completion and man pages
    Completion(session::Completion),
}

impl Command {
    /// Whether Ctrl-C is part of what the command does.
    #[must_use]
    pub fn ends_at_interrupt_by_itself(&self) -> bool {
        #[cfg(feature = "sandbox")]
        return matches!(self, Self::Sandbox(_));
        #[cfg(not(feature = "sandbox"))]
        false
    }
}

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

/// The command line as clap knows it, for completion and man pages: with the arguments of all commands, which
/// [`parse`] adds for one command only.
#[must_use]
pub fn command() -> clap::Command {
    let mut root = Cli::command();
    root.build();
    root
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
        Ok(Cli { command: Command::ApiKeyCreate(_) | Command::ApiKeyRotate(_), .. })
            if arguments.last().is_some_and(|word| word == "--") =>
        {
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
