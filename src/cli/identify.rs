//! Options of `api-key-identify`.
#![expect(
    missing_docs,
    reason = "clap takes the doc comment of a struct for the help of its command, which is in mod.rs"
)]

use clap::Args;

// `api-key-identify`
#[derive(Debug, Args)]
#[command(after_help = "\
Values are never shown: the output has the line of each one and its first four characters.

ibmiam sends every value to the service. With --scan, these are all texts that have the form of an API key, \
also those that are something else. Above 100, it asks first.

Examples:
  ibmiam api-key-identify @found.txt
  ibmiam api-key-identify @key_file
  ibmiam api-key-identify @leaked.txt --disable
  git log -p | ibmiam api-key-identify - --scan --force")]
pub struct Identify {
    /// Key file, or file with one value per line: @FILE; - means standard input
    #[arg(value_name = "@FILE|-", allow_hyphen_values = true)]
    pub source: String,

    /// Read any text, and look for what has the form of an API key
    #[arg(long)]
    pub scan: bool,

    /// Disable the keys that are found
    #[arg(long, conflicts_with = "delete")]
    pub disable: bool,

    /// Delete the keys that are found
    #[arg(long)]
    pub delete: bool,

    /// Do not prompt for confirmation
    #[arg(short, long)]
    pub force: bool,
}
