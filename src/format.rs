//! How results, messages and key files are written. The doc comments of the variants are the help of the options.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// The format of data on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Human-readable text
    #[default]
    Table,
    /// JSON
    Json,
    /// CSV
    Csv,
}

/// When to use colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// Only on a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The format of a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::doc_markdown, reason = "help texts are no Markdown")]
pub enum FileFormat {
    /// JSON object with all fields
    #[default]
    Json,
    /// One line: IBMCLOUD_API_KEY=…
    Env,
    /// Only the value
    Raw,
}

/// A column of a list of keys, with the name of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the service's fields")]
pub enum KeyColumn {
    Id,
    Name,
    Description,
    #[value(alias = "created")]
    CreatedAt,
    #[value(alias = "modified")]
    ModifiedAt,
    #[value(alias = "expires")]
    ExpiresAt,
    Locked,
    Disabled,
    Leaked,
    ActionWhenLeaked,
    SupportSessions,
    CreatedBy,
    #[value(alias = "owner")]
    IamId,
    AccountId,
    Crn,
    #[value(alias = "version")]
    EntityTag,
}
