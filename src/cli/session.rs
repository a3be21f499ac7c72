//! Options of the commands around a login, and of `completion`.

use std::convert::Infallible;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::secret::SecretString;

/// `login`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ibmiam login --apikey @key_file
  pass show ibmcloud | ibmiam login --apikey -
  IBMCLOUD_API_KEY=… ibmiam login
  ibmiam login --sso
  ibmiam login --cr-token @/var/run/secrets/tokens/sa-token --profile ci")]
pub struct Login {
    /// API key: @FILE reads a key file, - standard input; else IBMCLOUD_API_KEY
    #[arg(long, value_name = "KEY|@FILE|-", allow_hyphen_values = true, value_parser = secret, group = "way")]
    pub apikey: Option<SecretString>,

    /// Log in with a one-time passcode from a page that is shown, and opened if you like
    #[arg(long, group = "way")]
    pub sso: bool,

    /// Log in with this one-time passcode
    #[arg(long, value_name = "CODE", allow_hyphen_values = true, value_parser = secret, group = "way")]
    pub passcode: Option<SecretString>,

    /// Log in with a compute resource's token, or @FILE [env: IBMCLOUD_CR_TOKEN]
    #[arg(long, value_name = "TOKEN|@FILE", allow_hyphen_values = true, value_parser = secret, group = "way")]
    pub cr_token: Option<SecretString>,

    /// The trusted profile for --cr-token [env: IBMCLOUD_CR_PROFILE]
    #[arg(long, value_name = "ID|NAME|CRN")]
    pub profile: Option<String>,

    /// The account, where there are several: its id or its exact name
    #[arg(short = 'c', long, value_name = "ACCOUNT")]
    pub account: Option<String>,

    /// Choose no account yet; 'target -c' does later
    #[arg(long, conflicts_with = "account")]
    pub no_account: bool,

    /// Where to log in, as cloud.ibm.com, private.cloud.ibm.com, test.cloud.ibm.com or a URL
    #[arg(short = 'a', long = "api", value_name = "ENDPOINT")]
    pub api: Option<String>,

    /// Where the refresh token is kept; auto is a keyring if there is one, else a private file
    #[arg(long, value_name = "STORE", value_enum, default_value_t)]
    pub store: StoreChoice,

    /// Keep the API key, too, in the keyring, so that the session does not end
    #[arg(long)]
    pub keep_key: bool,

    /// Accepted for ibmcloud's sake; regions mean nothing here
    #[arg(short = 'r', long, value_name = "REGION", hide = true)]
    pub region: Option<String>,

    /// Accepted for ibmcloud's sake; resource groups mean nothing here
    #[arg(short = 'g', long, value_name = "GROUP", hide = true)]
    pub resource_group: Option<String>,

    /// Accepted for ibmcloud's sake
    #[arg(long, hide = true)]
    pub no_region: bool,

    /// Accepted for ibmcloud's sake
    #[arg(long, hide = true)]
    pub accept: bool,
}

/// Places for a refresh token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum StoreChoice {
    /// A keyring if there is one, else a file, and says so
    #[default]
    Auto,
    /// The system's keyring
    Keyring,
    /// A file for this user alone
    File,
    /// Nowhere: the session ends with its access token
    None,
}

/// `target`
#[derive(Debug, Args)]
pub struct Target {
    /// Switch the session to another of the user's accounts: its id or its exact name
    #[arg(short = 'c', long, value_name = "ACCOUNT")]
    pub account: Option<String>,

    /// Accepted for ibmcloud's sake; regions mean nothing here
    #[arg(short = 'r', long, value_name = "REGION", hide = true)]
    pub region: Option<String>,

    /// Accepted for ibmcloud's sake; resource groups mean nothing here
    #[arg(short = 'g', long, value_name = "GROUP", hide = true)]
    pub resource_group: Option<String>,
}

/// `session`
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = false)]
pub struct Sessions {
    /// What to do with them.
    #[command(subcommand)]
    pub command: SessionCommand,
}

/// The `session` commands.
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// List the stored sessions: account, user, endpoint, where they are kept, until when
    List,
    /// Use this session where none is named
    Use {
        /// The session
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// `exec`
#[derive(Debug, Args)]
pub struct Exec {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// `api`
#[derive(Debug, Args)]
pub struct Api {
    /// cloud.ibm.com, private.cloud.ibm.com, test.cloud.ibm.com or a URL; without it the endpoint is shown
    #[arg(value_name = "ENDPOINT", conflicts_with = "unset")]
    pub address: Option<String>,

    /// Go back to the public endpoint
    #[arg(long)]
    pub unset: bool,
}

/// `stand-in`
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = false)]
pub struct StandIn {
    /// What to do with the link.
    #[command(subcommand)]
    pub command: StandInCommand,
}

/// The `stand-in` commands.
#[derive(Debug, Subcommand)]
pub enum StandInCommand {
    /// Make a link named ibmcloud to this program; never over anything else
    Install(StandInPlace),
    /// Tell which programs named ibmcloud are on PATH, in order
    Status,
    /// Remove the link
    Remove(StandInPlace),
}

/// Where the link is.
#[derive(Debug, Args)]
pub struct StandInPlace {
    /// The folder for the link, that of this program if not given
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `completion`
#[derive(Debug, Args)]
pub struct Completion {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
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

/// Anything is taken; what it is worth, the service knows.
#[expect(clippy::unnecessary_wraps, reason = "the form that clap asks for")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(text))
}
