//! Options of `login` and `completion`.

use std::convert::Infallible;

use clap::{Args, ValueEnum};

use crate::secret::SecretString;

/// `login`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ibmiam login --apikey @key_file
  pass show ibmcloud | ibmiam login --apikey -
  IBMCLOUD_API_KEY=… ibmiam login")]
pub struct Login {
    /// API key: @FILE reads a key file, - standard input; else IBMCLOUD_API_KEY
    #[arg(long, value_name = "KEY|@FILE|-", allow_hyphen_values = true, value_parser = secret)]
    pub apikey: Option<SecretString>,
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
