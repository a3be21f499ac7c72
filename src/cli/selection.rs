//! Options that select keys.
#![expect(
    missing_docs,
    reason = "clap takes the doc comment of a struct for the help of its command, which is in mod.rs"
)]

use clap::{Args, ValueEnum};
use glob::Pattern;

use super::when::Age;
use crate::error::Error;

// Which keys a command works on. A key must match all options.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Selection")]
pub struct Selection {
    /// Keys whose name matches: * stands for any text, ? for one character, [a-z] for one of several
    #[arg(long = "match", value_name = "GLOB", value_parser = pattern, allow_hyphen_values = true)]
    pub matching: Option<Pattern>,

    /// Keys created longer ago than this: a duration (90d, 12h, 2w, 1y)
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub older_than: Option<Age>,

    /// Keys that expire within this time from now
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub expires_within: Option<Age>,

    /// Keys that have expired
    #[arg(long, conflicts_with = "expires_within")]
    pub expired: bool,

    /// Keys that were not used to log in for this long; sends one request per key
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub unused_for: Option<Age>,

    /// Keys in this state; if you repeat the option, keys in all of these states
    #[arg(long, value_name = "STATE", value_enum, ignore_case = true)]
    pub state: Vec<KeyState>,

    /// Keys of the user or service ID with this IAM ID; requires --all
    #[arg(long, value_name = "IAM_ID")]
    pub owner: Option<String>,
}

impl Selection {
    /// Checks that the options fit together.
    ///
    /// # Errors
    /// `Usage` for `--owner` without `--all`, or with an email address.
    pub fn check(&self, all: bool) -> Result<(), Error> {
        if self.owner.is_some() && !all {
            return Err(Error::usage("--owner requires --all."));
        }
        if self.owner.as_ref().is_some_and(|owner| owner.contains('@')) {
            return Err(Error::usage("--owner requires an IAM ID, and not an email address.")
                .hint("To find the IAM ID, look at the Owner column of 'api-key-list --all'."));
        }
        Ok(())
    }

    /// Whether the owner is a service ID.
    #[must_use]
    pub fn is_of_service_id(&self) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.starts_with("iam-"))
    }

    /// Whether no option is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { matching, older_than, expires_within, expired, unused_for, state, owner } = self;
        matching.is_none()
            && older_than.is_none()
            && expires_within.is_none()
            && !expired
            && unused_for.is_none()
            && state.is_empty()
            && owner.is_none()
    }
}

/// A state that a key can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyState {
    /// Cannot be changed
    Locked,
    /// Can be changed
    Unlocked,
    /// Cannot log in
    Disabled,
    /// Can log in
    #[value(alias = "active")]
    Enabled,
    /// Found in public by IBM
    Leaked,
}

fn pattern(text: &str) -> Result<Pattern, &'static str> {
    Pattern::new(text).map_err(|_| "use * for any text, ? for one character, and [a-z] for one of several")
}
