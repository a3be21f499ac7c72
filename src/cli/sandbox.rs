//! Options of the `sandbox` commands.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

const FAULTS: &str = "\
A fault is written as words. METHOD and /PATH (a * at its end stands for anything), nth=N,
every=N or chance=0.1 say which requests it hits; one of these says what happens:
  delay=500ms         the work is begun later
  delay-after=2s      the work is done, and answered later
  status=503          this status (200 to 599) instead; with body=json|html|empty and
                      retry-after=7|date:7
  status-after=503    the work is done, and then answered with this status
  drop=before         the connection ends before anything is done
  drop=after          the connection ends when the work is done, without an answer
  drop=half           the answer breaks off in the middle
  late=2s             the connection ends at once, and the work is done later
  repeat              the work is done twice, and the second answer is given
  repeat=late:2s      the work is done at once, and once more later
  drip=50ms           the answer comes in little pieces
  garbage             the answer is not JSON
  expired             the token counts as expired; the token endpoint gives one that is
  clock=-90m          the service's clock is off
  answer-value=TEXT   the value of a key in the answer is TEXT
  request-value=TEXT  the value of a key in the request is TEXT";

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
    /// Print a one-time passcode for the sandbox's user
    Passcode,
    /// Print a compute resource token, and the trusted profile to use it with
    CrToken,
}

/// How a sandbox is set up.
#[derive(Debug, Args)]
pub struct How {
    /// Fill the account up to N keys, 10 of them the user's own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub seed: Option<u32>,

    /// Users, keys, limits, lifetimes and faults from this TOML file; docs/sandbox.toml shows all
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Misbehave on purpose, as "POST /v1/apikeys nth=1 drop=after"; can be given several times
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<String>,

    /// Append each request to this file, a JSON object a line, without secrets
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,

    /// Serve https with a certificate made on the spot; SSL_CERT_FILE names the one to trust
    #[arg(long)]
    pub tls: bool,
}

/// `sandbox serve`
#[derive(Debug, Args)]
#[command(after_help = FAULTS)]
pub struct Serve {
    /// Address on this machine; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,

    /// Keep the data in memory and forget it at the end
    #[arg(long)]
    pub ephemeral: bool,

    /// How it is set up.
    #[command(flatten)]
    pub how: How,

    /// Write the variables to this file too (mode 0600)
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
}

/// `sandbox run`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ibmiam sandbox run -- ./my-script.sh
  ibmiam sandbox run --fault 'POST /v1/apikeys nth=1 drop=after' -- ./my-script.sh")]
pub struct Run {
    /// How it is set up.
    #[command(flatten)]
    pub how: How,

    /// The command and its arguments
    #[arg(value_name = "CMD", required = true, last = true)]
    pub command: Vec<OsString>,
}
