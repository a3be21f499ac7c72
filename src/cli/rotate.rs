//! Options of `api-key-rotate`.
#![expect(
    missing_docs,
    reason = "clap takes the doc comment of a struct for the help of its command, which is in mod.rs"
)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::keys::{not_empty, not_together, take_operand};
use super::selection::Selection;
use super::when::Age;
use crate::error::Error;
use crate::format::FileFormat;

// `api-key-rotate`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
The new key gets the name, the description, the leak action, the session support and the lifetime \
of the old key. ibmiam logs in with the new key before it changes the old one. If a rotation is \
interrupted, run the same command again to continue.

Examples:
  ibmiam api-key-rotate ci --file ci.key
  ibmiam api-key-rotate ci -- gh secret set IBMCLOUD_API_KEY
  ibmiam api-key-rotate ci --grace 7d --dry-run
  ibmiam api-key-rotate --match 'ci-*' --older-than 90d --file-dir keys")]
// Only your own keys can be rotated.
#[command(mut_arg("owner", |arg| arg.hide(true)))]
pub struct Rotate {
    /// Name or ID of the key; default on a terminal: select from a list
    #[arg(value_name = "NAME|UUID", value_parser = not_empty)]
    pub key: Option<String>,

    /// Command that reads the new value from its standard input. If the command fails, ibmiam deletes the new key
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<OsString>,

    /// Write the new key to this file (mode 0600) instead of standard output. If the file exists, ibmiam replaces it
    /// after a login with the new key, and keeps a copy
    #[arg(long, value_name = "FILE", group = "place")]
    pub file: Option<PathBuf>,

    /// For several keys: write each new key to a file in this folder, named after the key
    #[arg(long, value_name = "DIR", conflicts_with = "file", group = "place")]
    pub file_dir: Option<PathBuf>,

    /// Format of the file
    #[arg(long, value_name = "FORMAT", value_enum, ignore_case = true, default_value_t, requires = "place")]
    pub file_format: FileFormat,

    /// How long the old key still works: a duration (12h, 7d)
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, default_value = "24h")]
    pub grace: Age,

    /// Delete the old key at once
    #[arg(long, conflicts_with_all = ["keep_old", "grace"])]
    pub delete_old: bool,

    /// Do not change the old key
    #[arg(long, conflicts_with = "grace")]
    pub keep_old: bool,

    /// Show what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Do not prompt for confirmation of --delete-old or of the rotation of several keys
    #[arg(short, long)]
    pub force: bool,

    /// Instead of a name or ID: several keys, with --file-dir or a command. The command finds the name of each key in
    /// IBMIAM_KEY_NAME, and the ID of the old key in IBMIAM_KEY_ID
    #[command(flatten)]
    pub selection: Selection,
}

impl Rotate {
    /// Takes a name that starts with a dash from the words after `--`.
    ///
    /// # Errors
    /// `Usage` if there is a command in addition to `--file` or `--file-dir`.
    pub fn settle(&mut self) -> Result<(), Error> {
        let is_dashed = |word: &OsString| word != "--" && word.to_string_lossy().starts_with('-');
        if self.key.is_none() && self.command.first().is_some_and(is_dashed) {
            self.key = Some(take_operand(&mut self.command)?);
        }
        match (&self.file, &self.file_dir) {
            _ if self.command.is_empty() => Ok(()),
            (Some(_), _) => Err(not_together("--file")),
            (_, Some(_)) => Err(not_together("--file-dir")),
            (None, None) => Ok(()),
        }
    }
}
