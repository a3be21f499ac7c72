//! Options of the `api-key-…` commands.
#![expect(
    missing_docs,
    reason = "clap takes the doc comment of a struct for the help of its command, which is in mod.rs"
)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::selection::Selection;
use super::when::When;
use crate::error::Error;
use crate::format::{FileFormat, KeyColumn};

// `api-key-create`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ibmiam api-key-create MyKey -d \"this is my API key\" --file key_file
  ibmiam api-key-create ci --expires 90d --output json | jq -r .apikey
  ibmiam api-key-create ci -- gh secret set IBMCLOUD_API_KEY
  ibmiam api-key-create ci --file - --file-format raw | gh secret set IBMCLOUD_API_KEY")]
// A name that starts with a dash is after `--`, so clap does not require it before.
#[command(override_usage = "ibmiam api-key-create [OPTIONS] <NAME> [-- <CMD>...]")]
pub struct Create {
    /// Name of the new key; does not have to be unique
    #[arg(value_parser = not_empty, required_unless_present = "command")]
    pub name: Option<String>,

    /// Command that reads the value of the key from its standard input. If the command fails, ibmiam deletes the key
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<OsString>,

    /// Description of the key
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub description: Option<String>,

    /// Write the key to this file (mode 0600) instead of standard output; - means standard output
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Format of the file
    #[arg(long, value_name = "FORMAT", value_enum, ignore_case = true, default_value_t, requires = "file")]
    pub file_format: FileFormat,

    /// Replace FILE if it exists; ibmiam keeps a copy of the old file
    #[arg(long, requires = "file")]
    pub overwrite: bool,

    /// Create the key in locked state
    #[arg(long)]
    pub lock: bool,

    /// Create the key in disabled state
    #[arg(long)]
    pub disabled: bool,

    /// What IBM Cloud does if the key leaks; default: disable
    #[arg(long, value_name = "ACTION", value_enum, ignore_case = true)]
    pub action_if_leaked: Option<ActionIfLeaked>,

    /// When the key expires: never, a duration (90d, 12h, 2w, 1y), a date (2027-01-31) or a time
    /// (2027-01-31T10:00+0000)
    #[arg(short, long, value_name = "WHEN")]
    pub expires: Option<When>,

    /// Let IAM manage sessions for logins with this key
    #[arg(long)]
    pub support_sessions: bool,

    /// Let the service generate the value. If the response is lost, the value is lost too
    #[arg(long)]
    pub server_generated: bool,
}

impl Create {
    /// Takes the name, and the command that gets the value. A name that starts with a dash is after `--`.
    ///
    /// # Errors
    /// `Usage` if the name is empty or not valid UTF-8, or if there is a command in addition to `--file`.
    pub fn take_name(&mut self) -> Result<(String, Vec<OsString>), Error> {
        let mut command = std::mem::take(&mut self.command);
        let name = match self.name.take() {
            Some(name) => name,
            None => take_operand(&mut command)?,
        };
        if !command.is_empty() && self.file.is_some() {
            return Err(not_together("--file"));
        }
        Ok((name, command))
    }
}

/// Takes an operand from the words after `--`. The user's command is then after a second `--`.
///
/// # Errors
/// `Usage` if the operand is empty or not valid UTF-8.
pub(super) fn take_operand(words: &mut Vec<OsString>) -> Result<String, Error> {
    let first = words.remove(0).into_string().unwrap_or_default();
    if words.first().is_some_and(|word| word == "--") {
        words.remove(0);
    }
    not_empty(&first).map_err(|_| Error::usage("The name of the key is empty or not valid UTF-8."))
}

/// Returns the error for an option that names a place for the value, in addition to a command.
pub(super) fn not_together(option: &str) -> Error {
    Error::usage(format!("{option} and a command cannot be used together.")).hint("Leave out one of them.")
}

// `api-key-recover`
#[derive(Debug, Args)]
pub struct Recover {
    /// File passed to api-key-create; default: list all interrupted creations and prompt for each
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Discard the creation. Run the command twice, ten minutes apart: ibmiam deletes the value if both checks find no
    /// key with it
    #[arg(long)]
    pub discard: bool,
}

// `api-key-update`
#[derive(Debug, Args)]
pub struct Update {
    /// Name or ID of the key; default on a terminal: select from a list
    #[arg(value_name = "NAME|UUID", value_parser = not_empty)]
    pub key: Option<String>,

    /// New name
    #[arg(short, long, value_name = "NEW", allow_hyphen_values = true, value_parser = not_empty)]
    pub name: Option<String>,

    /// New description; "" clears it
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub description: Option<String>,

    /// What IBM Cloud does if the key leaks
    #[arg(long, value_name = "ACTION", value_enum, ignore_case = true)]
    pub action_if_leaked: Option<ActionIfLeaked>,

    /// When the key expires: never, a duration (90d, 12h, 2w, 1y), a date (2027-01-31) or a time
    /// (2027-01-31T10:00+0000)
    #[arg(short, long, value_name = "WHEN")]
    pub expires: Option<When>,
}

// `api-key-lock`, `-unlock`, `-disable`, `-enable`, `-delete`
#[derive(Debug, Args)]
pub struct Targets {
    /// Names or IDs of the keys; default on a terminal: select from a list
    #[arg(value_name = "NAME|UUID", value_parser = not_empty)]
    pub keys: Vec<String>,

    /// Do not prompt for confirmation
    #[arg(short, long)]
    pub force: bool,

    /// Show which keys would be changed, and change nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Select keys of all users in the account; requires an administrator
    #[arg(short, long)]
    pub all: bool,

    /// Instead of names and IDs.
    #[command(flatten)]
    pub selection: Selection,
}

// `api-key-delete`
#[derive(Debug, Args)]
pub struct Delete {
    /// The keys, and whether to ask.
    #[command(flatten)]
    pub targets: Targets,

    /// Do not fail if there is no such key
    #[arg(long)]
    pub ignore_not_found: bool,
}

// `api-key-list`
#[derive(Debug, Default, Args)]
pub struct List {
    /// List only keys whose name contains TEXT
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub name: Option<String>,

    /// List only keys whose description contains TEXT
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub description: Option<String>,

    /// List the keys of all users in the account; requires an administrator
    #[arg(short, long)]
    pub all: bool,

    /// Sort the list by this field
    #[arg(long, value_name = "FIELD", value_enum, ignore_case = true)]
    pub sort: Option<Sort>,

    /// Reverse the order
    #[arg(long)]
    pub reverse: bool,

    /// Show more columns, and do not cut texts
    #[arg(long, conflicts_with = "uuid")]
    pub wide: bool,

    /// Show these columns, separated by commas, and do not cut texts
    #[arg(long, value_name = "COLUMNS", value_enum, value_delimiter = ',', ignore_case = true)]
    #[arg(conflicts_with_all = ["uuid", "wide"])]
    pub columns: Vec<KeyColumn>,

    /// Print only the IDs, one per line
    #[arg(long)]
    pub uuid: bool,

    /// Which keys.
    #[command(flatten)]
    pub selection: Selection,
}

// `api-key-show`
#[derive(Debug, Args)]
pub struct Show {
    /// Name or ID of the key; default on a terminal: select from a list
    #[arg(value_name = "NAME|UUID", value_parser = not_empty)]
    pub key: Option<String>,

    /// Print only the ID
    #[arg(long, conflicts_with_all = ["activity", "history"])]
    pub uuid: bool,

    /// Show when and how often the key was used
    #[arg(long)]
    pub activity: bool,

    /// Show the history of changes
    #[arg(long)]
    pub history: bool,
}

/// What the service does with a leaked key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ActionIfLeaked {
    /// Do nothing
    None,
    /// Disable the key
    Disable,
    /// Delete the key
    Delete,
}

impl ActionIfLeaked {
    /// Returns the value in requests to the service.
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
    /// Least recently modified first
    Modified,
    /// The next one to expire first
    Expires,
}

pub(super) fn not_empty(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        return Err("the value is empty");
    }
    Ok(text.to_owned())
}
