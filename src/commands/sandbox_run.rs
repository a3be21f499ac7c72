//! `sandbox run`: a sandbox of its own for one command.

use std::process::Stdio;

use super::sandbox::{unix_seconds, variables, wishes};
use crate::cli::sandbox::Run;
use crate::context::Context;
use crate::error::Error;
use crate::files;
use crate::sandbox::{self, Data, Options};
use crate::terminal::text::visible;

/// Variables of an outer login that a command in a fresh sandbox must not see.
const FOREIGN: [&str; 4] = ["IBMIAM_SANDBOX", "IBMIAM_SESSION", "IBMCLOUD_IAM_TOKEN", "IC_IAM_TOKEN"];

/// Runs a command against a sandbox of its own, which ends with it.
pub(super) async fn run(context: &mut Context<'_>, options: Run) -> Result<u8, Error> {
    let home = files::private_temporary_folder();
    let home = home.map_err(|error| Error::failed(format!("No temporary folder can be made: {error}.")))?;
    let started = wishes(Options::new(Data::Ephemeral, unix_seconds), &options.how, || home.path().join("ca.pem"))?;
    let bundle = started.tls.clone();
    let sandbox = sandbox::start(started).await?;
    let Some((program, arguments)) = options.command.split_first() else {
        return Err(Error::usage("There is no command to run."));
    };
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).stdin(Stdio::inherit()).env("IBMIAM_HOME", home.path());
    for name in FOREIGN {
        command.env_remove(name);
    }
    command.envs(variables(&sandbox, bundle.as_deref())?);
    let mut signals = Signals::watch()?;
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let shown = visible(&program.to_string_lossy()).into_owned();
            context.ui.error(&Error::failed(format!("'{shown}' cannot be run: {error}.")));
            // As a shell has it, for whoever takes the status for the command's own.
            return Ok(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 });
        }
    };
    // Ours until the wait for it has ended.
    let id = child.id();
    loop {
        tokio::select! {
            ended = child.wait() => {
                let ended = ended.map_err(|error| Error::failed(format!("The command was lost: {error}.")))?;
                return Ok(exit_status(ended));
            }
            () = signals.pass_on(id) => {}
        }
    }
}

/// Signals that ask this process to end, which is the command's to decide.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn watch() -> Result<Self, Error> {
        use tokio::signal::unix::{SignalKind, signal};
        let watch = |kind| signal(kind).map_err(|error| Error::failed(format!("Signals cannot be watched: {error}.")));
        Ok(Self {
            terminate: watch(SignalKind::terminate())?,
            hang_up: watch(SignalKind::hangup())?,
            interrupt: watch(SignalKind::interrupt())?,
        })
    }

    /// Waits for one and sends it to the command. Ctrl-C reaches the command from the terminal by itself.
    async fn pass_on(&mut self, id: Option<u32>) {
        use rustix::process::{Pid, Signal, kill_process};
        let signal = tokio::select! {
            _ = self.terminate.recv() => Signal::TERM,
            _ = self.hang_up.recv() => Signal::HUP,
            _ = self.interrupt.recv() => return,
        };
        let pid = id.and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(pid) = pid {
            // It may have ended meanwhile, which the wait for it will tell.
            let _ = kill_process(pid, signal);
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn watch() -> Result<Self, Error> {
        Ok(Self)
    }

    async fn pass_on(&mut self, _: Option<u32>) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

fn exit_status(ended: std::process::ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&ended) {
        // As a shell has it.
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    ended.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
