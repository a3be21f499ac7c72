//! Options of the `sandbox` commands.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `sandbox`
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = false)]
pub struct Sandbox {
    /// What to do with it.
    #[command(subcommand)]
    pub command: SandboxCommand,
}

/// The `sandbox` commands.
#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Serve until Ctrl-C; prints the variables for clients
    Serve(Serve),
    /// Run one command against a fresh sandbox
    Run(Run),
    /// Start over: forget every key of the sandbox
    Reset,
}

/// `sandbox serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Address on this machine; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,

    /// Keep the data in memory and forget it at the end
    #[arg(long)]
    pub ephemeral: bool,

    /// Fill the account up to N keys, 10 of them the user's own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub seed: Option<u32>,

    /// Write the variables to this file too (mode 0600)
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
}

/// `sandbox run`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  ibmiam sandbox run -- ./my-script.sh")]
pub struct Run {
    /// Fill the account up to N keys, 10 of them the user's own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub seed: Option<u32>,

    /// The command and its arguments
    #[arg(value_name = "CMD", required = true, last = true)]
    pub command: Vec<OsString>,
}
