//! Options of `api-key-audit`.
#![expect(
    missing_docs,
    reason = "clap takes the doc comment of a struct for the help of its command, which is in mod.rs"
)]

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::selection::Selection;
use super::when::Age;
use crate::finding::Finding;

// `api-key-audit`
#[derive(Debug, Args)]
#[command(after_help = "\
ibmiam sends one request per key to read its last use, and caches the result for an hour. The exit status is 10 if \
--fail-on finds something.

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

    /// Report keys that were not used to log in for this long
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, default_value = "30d")]
    pub unused: Age,

    /// Report keys that expire within this time
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, default_value = "14d")]
    pub expiring: Age,

    /// Read the last use of all keys from the service, not from the cache
    #[arg(long)]
    pub fresh: bool,

    /// Also write the report to this file, as a self-contained web page
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Exit with status 10 if the audit has one of these findings, separated by commas
    #[arg(long, value_name = "FINDINGS", value_enum, value_delimiter = ',', ignore_case = true)]
    pub fail_on: Vec<Finding>,

    /// Which keys.
    #[command(flatten)]
    pub selection: Selection,
}

impl ValueEnum for Finding {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()).help(self.description()))
    }
}
