//! The command line: all flags and help texts, but no actions.
#![expect(clippy::doc_markdown, reason = "doc comments in here are help texts, which are no Markdown")]

pub mod audit;
pub mod identify;
pub mod key_command;
pub mod keys;
pub mod man;
mod parse;
pub mod rotate;
pub mod sandbox;
pub mod selection;
pub mod service;
pub mod session;
pub mod stand_in;
pub mod topics;
mod usage;
pub mod when;

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::format::{ColorChoice, Format};

pub use parse::{Parsed, lenient_global, parse};

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
    pub output: Format,

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
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
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

/// The commands.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Commands for keys of users and of service IDs.
    #[command(flatten)]
    Key(service::KeysOf),
    /// List the service IDs of the account
    ServiceIds(service::ServiceIds),
    /// Show a service ID
    ServiceId(service::ServiceIdShow),
    /// Log in and store the session
    Login(session::Login),
    /// Log out and delete the stored session
    Logout,
    /// Show the current login, or switch accounts
    Target(session::Target),
    /// List stored login sessions, or set the default session
    Session(session::Sessions),
    /// Run a command with an access token instead of an API key in its environment
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
    /// Whether the command itself handles Ctrl-C.
    #[must_use]
    pub fn ends_at_interrupt_by_itself(&self) -> bool {
        #[cfg(feature = "sandbox")]
        return matches!(self, Self::Sandbox(_));
        #[cfg(not(feature = "sandbox"))]
        false
    }
}

/// Returns the command line as clap knows it, for completion and man pages. It has the arguments of all commands;
/// [`parse()`] adds those of one command only.
#[must_use]
pub fn command() -> clap::Command {
    let mut root = Cli::command();
    root.build();
    root
}

fn seconds(text: &str) -> Result<u64, &'static str> {
    let seconds = text.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
    seconds.ok_or("use a number of seconds from 1 to 3600")
}
