//! Options of `api-key-audit`.
#![expect(
    missing_docs,
    reason = "clap takes the doc comment of a struct for the help of its command, which is in mod.rs"
)]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::selection::Selection;
use super::when::Age;

// `api-key-audit`
#[derive(Debug, Args)]
#[command(after_help = "\
The use of each key takes a request, so ibmiam stores it for an hour. The exit status is 10 if --fail-on finds something.

Examples:
  ibmiam api-key-audit
  ibmiam api-key-audit --all --html audit.html
  ibmiam api-key-audit --fail-on leaked,expired,old --max-age 180d
  ibmiam api-key-audit -o json | jq '.summary'")]
pub struct Audit {
    /// Check the keys of all users and service IDs in the account; requires an administrator
    #[arg(short, long)]
    pub all: bool,

    /// Check the keys of every stored session
    #[arg(long)]
    pub all_sessions: bool,

    /// Report keys that are older than this
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, default_value = "90d")]
    pub max_age: Age,

    /// Report keys that nobody has logged in with for this time
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, default_value = "30d")]
    pub unused: Age,

    /// Report keys that expire within this time
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, default_value = "14d")]
    pub expiring: Age,

    /// Ask the service for the use of all keys now
    #[arg(long)]
    pub fresh: bool,

    /// Also write the report to this file, as a web page that needs no network
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Exit with 10 if there is one of these findings, separated by commas
    #[arg(long, value_name = "FINDINGS", value_enum, value_delimiter = ',', ignore_case = true)]
    pub fail_on: Vec<FindingName>,

    /// Which keys.
    #[command(flatten)]
    pub selection: Selection,
}

/// A finding, as options name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FindingName {
    /// IBM found the key in public
    Leaked,
    /// The key has expired
    Expired,
    /// The key is at least a day old and was never used
    NeverUsed,
    /// Nobody has logged in with the key for --unused
    Unused,
    /// The key is older than --max-age
    Old,
    /// The key expires within --expiring
    Expiring,
    /// The owner has another key of the same name
    Duplicate,
    /// The key is disabled
    Disabled,
    /// The key is in use and not locked
    Unlocked,
    /// The owner has 18 or more of the 20 possible keys
    NearLimit,
}

impl FindingName {
    /// Returns all findings.
    #[must_use]
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// Returns the name of the finding on the command line.
    #[must_use]
    pub fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
