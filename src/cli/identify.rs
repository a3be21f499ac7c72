//! Options of `api-key-identify`.
#![expect(
    missing_docs,
    reason = "clap takes the doc comment of a struct for the help of its command, which is in mod.rs"
)]

use clap::Args;

// `api-key-identify`
#[derive(Debug, Args)]
#[command(after_help = "\
The output never contains a whole value. It shows the line number and the first four characters of each value.

ibmiam sends every value to the service. With --scan, it sends every string that looks like an API key, \
including strings that are not API keys. It asks for confirmation before it sends more than 100 values.

Examples:
  ibmiam api-key-identify @found.txt
  ibmiam api-key-identify @key_file
  ibmiam api-key-identify @leaked.txt --disable
  git log -p | ibmiam api-key-identify - --scan --force")]
pub struct Identify {
    /// Key file, or file with one value per line: @FILE; - means standard input
    #[arg(value_name = "@FILE|-", allow_hyphen_values = true)]
    pub source: String,

    /// Scan any text for strings that look like an API key
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
