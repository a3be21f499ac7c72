//! Options of the commands around a login, and of `completion`.
#![expect(
    missing_docs,
    reason = "clap takes the doc comment of a struct for the help of its command, which is in mod.rs"
)]

use std::convert::Infallible;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};

use crate::secret::{SecretString, Storage, StorageChoice};

// `login`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ibmiam login --apikey @key_file
  pass show ibmcloud | ibmiam login --apikey -
  IBMCLOUD_API_KEY=… ibmiam login
  ibmiam login --sso
  ibmiam login --cr-token @/var/run/secrets/tokens/sa-token --profile ci")]
pub struct Login {
    /// API key to log in with; @FILE reads a file, - reads standard input [env: IBMCLOUD_API_KEY]
    #[arg(long, value_name = "KEY|@FILE|-", allow_hyphen_values = true, value_parser = secret, group = "way")]
    pub apikey: Option<SecretString>,

    /// Log in with a one-time passcode; shows the URL of the passcode page and offers to open it
    #[arg(long, group = "way")]
    pub sso: bool,

    /// One-time passcode to log in with
    #[arg(long, value_name = "CODE", allow_hyphen_values = true, value_parser = secret, group = "way")]
    pub passcode: Option<SecretString>,

    /// Compute resource token to log in with; @FILE reads a file [env: IBMCLOUD_CR_TOKEN]
    #[arg(long, value_name = "TOKEN|@FILE", allow_hyphen_values = true, value_parser = secret, group = "way")]
    pub cr_token: Option<SecretString>,

    /// Trusted profile for --cr-token [env: IBMCLOUD_CR_PROFILE]
    #[arg(long, value_name = "ID|NAME|CRN")]
    pub profile: Option<String>,

    /// Account to use, if the user has several: its ID or exact name
    #[arg(short = 'c', long, value_name = "ACCOUNT")]
    pub account: Option<String>,

    /// Do not select an account; select one later with 'target -c'
    #[arg(long, conflicts_with = "account")]
    pub no_account: bool,

    /// Endpoint to log in to: cloud.ibm.com, private.cloud.ibm.com, test.cloud.ibm.com or a URL
    #[arg(short = 'a', long = "api", value_name = "ENDPOINT")]
    pub api: Option<String>,

    /// Where to store the refresh token
    #[arg(long, value_name = "STORE", value_enum, default_value_t)]
    pub store: StorageChoice,

    /// Also store the API key in the keyring, so that the session does not expire
    #[arg(long)]
    pub keep_key: bool,

    /// Ignored; accepted for compatibility with ibmcloud
    #[arg(short = 'r', long, value_name = "REGION", hide = true)]
    pub region: Option<String>,

    /// Ignored; accepted for compatibility with ibmcloud
    #[arg(short = 'g', long, value_name = "GROUP", hide = true)]
    pub resource_group: Option<String>,

    /// Ignored; accepted for compatibility with ibmcloud
    #[arg(long, hide = true)]
    pub no_region: bool,

    /// Ignored; accepted for compatibility with ibmcloud
    #[arg(long, hide = true)]
    pub accept: bool,
}

impl ValueEnum for StorageChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Only(Storage::Keyring), Self::Only(Storage::File), Self::Only(Storage::Nowhere)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (word, help) = match self {
            Self::Auto => ("auto", "Keyring if available, otherwise a file"),
            Self::Only(storage) => (
                storage.word(),
                match storage {
                    Storage::Keyring => "System keyring",
                    Storage::File => "File that only this user can read",
                    Storage::Nowhere => "Do not store it; the session ends when its access token expires",
                },
            ),
        };
        Some(PossibleValue::new(word).help(help))
    }
}

// `target`
#[derive(Debug, Args)]
pub struct Target {
    /// Switch to this account: its ID or exact name
    #[arg(short = 'c', long, value_name = "ACCOUNT")]
    pub account: Option<String>,

    /// Ignored; accepted for compatibility with ibmcloud
    #[arg(short = 'r', long, value_name = "REGION", hide = true)]
    pub region: Option<String>,

    /// Ignored; accepted for compatibility with ibmcloud
    #[arg(short = 'g', long, value_name = "GROUP", hide = true)]
    pub resource_group: Option<String>,
}

// `session`
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = false)]
pub struct Sessions {
    /// What to do with them.
    #[command(subcommand)]
    pub command: SessionCommand,
}

// The `session` commands.
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// List the stored sessions
    List,
    /// Set the default session
    Use {
        /// Name of the session
        #[arg(value_name = "NAME")]
        name: String,
    },
}

// `exec`
#[derive(Debug, Args)]
pub struct Exec {
    /// Command to run, with its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

// `api`
#[derive(Debug, Args)]
pub struct Api {
    /// Endpoint to set: cloud.ibm.com, private.cloud.ibm.com, test.cloud.ibm.com or a URL
    #[arg(value_name = "ENDPOINT", conflicts_with = "unset")]
    pub address: Option<String>,

    /// Reset to the public endpoint
    #[arg(long)]
    pub unset: bool,
}

// `stand-in`
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = false)]
pub struct StandIn {
    /// What to do with the link.
    #[command(subcommand)]
    pub command: StandInCommand,
}

// The `stand-in` commands.
#[derive(Debug, Subcommand)]
pub enum StandInCommand {
    /// Create a link named ibmcloud to this program; never replaces another file
    Install(StandInFolder),
    /// List the programs named ibmcloud on PATH, in order
    Status,
    /// Remove the link
    Remove(StandInFolder),
}

/// Where the link is.
#[derive(Debug, Args)]
pub struct StandInFolder {
    /// Folder of the link; default: the folder of this program
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

// `completion`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  ibmiam completion install
  ibmiam completion install zsh --man
  ibmiam completion powershell >> $PROFILE")]
pub struct Completion {
    /// Shell to print the script for
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Option<Shell>,
    /// What to do instead.
    #[command(subcommand)]
    pub command: Option<CompletionCommand>,
}

// The `completion` commands.
#[derive(Debug, Subcommand)]
pub enum CompletionCommand {
    /// Install completion, and the man pages, for this user
    Install(CompletionInstall),
}

/// `completion install`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ibmiam completion install --man
  ibmiam completion install zsh
  ibmiam completion install zsh --remove")]
pub struct CompletionInstall {
    /// Shell to install the script for: bash, zsh or fish; default: the shell in SHELL
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Option<Shell>,

    /// Also install the man pages
    #[arg(long)]
    pub man: bool,

    /// Remove the files instead
    #[arg(long)]
    pub remove: bool,
}

/// Shells with a completion script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU Bash
    Bash,
    /// Z shell
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    #[value(name = "powershell")]
    PowerShell,
    /// Elvish
    Elvish,
}

impl Shell {
    /// Returns the shell with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }
}

/// Accepts every text, because the service checks the value.
#[expect(clippy::unnecessary_wraps, reason = "the form that clap asks for")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(text))
}
