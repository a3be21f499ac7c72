//! Options of the `sandbox` commands.
#![expect(
    missing_docs,
    reason = "clap takes the doc comment of a struct for the help of its command, which is in mod.rs"
)]

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

const FAULTS: &str = "\
A fault is a list of words. METHOD and /PATH (* at the end matches any text), nth=N, every=N
or chance=0.1 select requests. One of these words sets what happens to them:
  delay=500ms         process the request after a delay
  delay-after=2s      process the request, and respond after a delay
  status=503          respond with this status (200 to 599), and do not process the request;
                      add body=json|html|empty and retry-after=7|date:7
  status-after=503    process the request, then respond with this status
  drop=before         close the connection before processing the request
  drop=after          process the request, then close the connection without a response
  drop=half           close the connection in the middle of the response
  late=2s             close the connection at once, and process the request later
  repeat              process the request twice, and return the second response
  repeat=late:2s      process the request at once, and again later
  drip=50ms           send the response slowly, in small pieces
  garbage             respond with a body that is not JSON
  expired             treat the token as expired; the token endpoint issues an expired one
  clock=-90m          shift the clock of the service
  answer-value=TEXT   replace the value of a key in the response with TEXT
  request-value=TEXT  replace the value of a key in the request with TEXT";

// `sandbox`
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = false)]
pub struct Sandbox {
    /// What to do with it.
    #[command(subcommand)]
    pub command: SandboxCommand,
}

// The `sandbox` commands.
#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Start a server and print the environment variables for clients; stop it with Ctrl-C
    Serve(Serve),
    /// Run a command against a new, temporary sandbox
    Run(Run),
    /// Permanently delete all data of the sandbox
    Reset,
    /// Print a one-time passcode for the sandbox user
    Passcode,
    /// Print a compute resource token, and the trusted profile to use with it
    CrToken,
}

/// How a sandbox is set up.
#[derive(Debug, Args)]
pub struct How {
    /// Add test keys until the account has N keys, 10 of them the sandbox user's own
    #[arg(long, value_name = "N", value_parser = number_of_keys)]
    pub seed: Option<u32>,

    /// Read users, keys, limits, lifetimes and faults from this TOML file; for an example, see docs/sandbox.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Inject a fault, for example "POST /v1/apikeys nth=1 drop=after"; can be repeated
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<String>,

    /// Append each request to this file, without secrets, as one JSON object per line
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,

    /// Use https with a temporary certificate; SSL_CERT_FILE names it for clients
    #[arg(long)]
    pub tls: bool,
}

/// `sandbox serve`
#[derive(Debug, Args)]
#[command(after_help = FAULTS)]
pub struct Serve {
    /// Loopback address to listen on; port 0 selects a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = address)]
    pub listen: SocketAddr,

    /// Keep the data in memory, and discard it at exit
    #[arg(long)]
    pub ephemeral: bool,

    /// How it is set up.
    #[command(flatten)]
    pub how: How,

    /// Also write the variables to this file (mode 0600)
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

    /// Command to run, with its arguments
    #[arg(value_name = "CMD", required = true, trailing_var_arg = true)]
    pub command: Vec<OsString>,
}

fn number_of_keys(text: &str) -> Result<u32, &'static str> {
    text.parse().ok().filter(|count| *count <= 100_000).ok_or("use a number from 0 to 100000")
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "use an IP address and a port, like 127.0.0.1:8080")
}
