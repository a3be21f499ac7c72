//! Options of the `api-key-…` commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::when::When;

/// `api-key-create`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ibmiam api-key-create MyKey -d \"this is my API key\" --file key_file
  ibmiam api-key-create ci --expires 90d --output json | jq -r .apikey")]
pub struct Create {
    /// Name of the new key; need not be unique
    #[arg(value_parser = not_empty)]
    pub name: String,

    /// What the key is for
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub description: Option<String>,

    /// Write the key to this file (mode 0600) and to no stream; - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// What the file holds
    #[arg(long, value_name = "FORMAT", value_enum, ignore_case = true, default_value_t, requires = "file")]
    pub file_format: FileFormat,

    /// Replace FILE if it exists; a key in it is kept elsewhere
    #[arg(long, requires = "file")]
    pub overwrite: bool,

    /// Create the key locked
    #[arg(long)]
    pub lock: bool,

    /// Create the key disabled
    #[arg(long)]
    pub disabled: bool,

    /// What the service does when it finds the key published; disable if not given
    #[arg(long, value_name = "ACTION", value_enum, ignore_case = true)]
    pub action_if_leaked: Option<ActionIfLeaked>,

    /// When the key stops working: 90d, 12h, 2027-01-31 or 2027-01-31T10:00+0000
    #[arg(short, long, value_name = "WHEN")]
    pub expires: Option<When>,

    /// Logins with the key make sessions that can be seen and ended
    #[arg(long)]
    pub support_sessions: bool,

    /// Let the service make the value; a lost answer or a repeated request then leaves a key whose value nobody has
    #[arg(long)]
    pub server_generated: bool,
}

/// `api-key-recover`
#[derive(Debug, Args)]
pub struct Recover {
    /// File that the key was to be written to; without it, everything that is pending is shown and asked about
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Give up instead; a value is deleted only after the service said twice, ten minutes apart, that it does not know it
    #[arg(long)]
    pub discard: bool,
}

/// `api-key-update`
#[derive(Debug, Args)]
pub struct Update {
    /// The key
    #[arg(value_name = "NAME|UUID", value_parser = not_empty)]
    pub key: String,

    /// New name
    #[arg(short, long, value_name = "NEW", allow_hyphen_values = true, value_parser = not_empty)]
    pub name: Option<String>,

    /// New description; "" clears it
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub description: Option<String>,

    /// What the service does when it finds the key published
    #[arg(long, value_name = "ACTION", value_enum, ignore_case = true)]
    pub action_if_leaked: Option<ActionIfLeaked>,

    /// When the key stops working: 90d, 12h, 2027-01-31, 2027-01-31T10:00+0000, or never
    #[arg(short, long, value_name = "WHEN|never")]
    pub expires: Option<When>,
}

/// `api-key-lock`, `-unlock`, `-disable`, `-enable`, `-delete`
#[derive(Debug, Args)]
pub struct Targets {
    /// The keys
    #[arg(value_name = "NAME|UUID", required = true, value_parser = not_empty)]
    pub keys: Vec<String>,

    /// Do not ask
    #[arg(short, long)]
    pub force: bool,
}

/// `api-key-list`
#[derive(Debug, Args)]
pub struct List {
    /// Only keys whose name contains this
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub name: Option<String>,

    /// Only keys whose description contains this
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub description: Option<String>,

    /// The keys of all users of the account; needs an administrator
    #[arg(short, long)]
    pub all: bool,

    /// Order
    #[arg(long, value_name = "FIELD", value_enum, ignore_case = true)]
    pub sort: Option<Sort>,

    /// The other way round
    #[arg(long)]
    pub reverse: bool,

    /// More columns
    #[arg(long, conflicts_with = "uuid")]
    pub wide: bool,

    /// Ids only, one a line
    #[arg(long)]
    pub uuid: bool,
}

/// `api-key-show`
#[derive(Debug, Args)]
pub struct Show {
    /// The key
    #[arg(value_name = "NAME|UUID", value_parser = not_empty)]
    pub key: String,

    /// The id only
    #[arg(long, conflicts_with_all = ["activity", "history"])]
    pub uuid: bool,

    /// Last use and number of uses
    #[arg(long)]
    pub activity: bool,

    /// What was done to the key
    #[arg(long)]
    pub history: bool,
}

/// What a key file holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// The key with all its fields
    #[default]
    Json,
    /// One line IBMCLOUD_API_KEY=…
    Env,
    /// The value alone
    Raw,
}

/// What the service does with a key that it finds published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ActionIfLeaked {
    /// Nothing
    None,
    /// Disable it
    Disable,
    /// Delete it
    Delete,
}

impl ActionIfLeaked {
    /// The service's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Disable => "disable",
            Self::Delete => "delete",
        }
    }
}

/// Orders of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// By name
    Name,
    /// Oldest first
    Created,
    /// Least recently changed first
    Modified,
}

fn not_empty(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        return Err("it is empty");
    }
    Ok(text.to_owned())
}
