//! `--sandbox` and the `sandbox` commands.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::cli::sandbox::{Run, SandboxCommand, Serve};
use crate::context::{Context, system_clock};
use crate::error::Error;
use crate::files;
use crate::sandbox::{self, Data, OpenError, Options, Sandbox, StartError};
use crate::secret::SecretString;
use crate::session::SandboxLogin;
use crate::terminal::text::visible;

/// A free port, for this machine alone.
const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Variables of an outer login that a command in a fresh sandbox must not see.
const FOREIGN: [&str; 4] = ["IBMIAM_SANDBOX", "IBMIAM_SESSION", "IBMCLOUD_IAM_TOKEN", "IC_IAM_TOKEN"];

/// How a file with the variables begins.
const FIRST_EXPORT: &str = "export IBMCLOUD_IAM_API_ENDPOINT='";

/// Starts the sandbox in this process if `--sandbox` says so.
pub(super) async fn start_if_asked(context: &mut Context<'_>) -> Result<Option<Sandbox>, Error> {
    if !context.settings.sandbox {
        return Ok(None);
    }
    context.ui.note("Note: this is the sandbox, an IAM inside this program; nothing reaches IBM Cloud.");
    let data = Data::Folder(folder(context)?);
    let options = Options { data, listen: ANY_PORT, seed: None, now: unix_seconds };
    Ok(Some(sandbox::start(&options).await?))
}

/// What a session needs to know of it.
pub(super) fn login(sandbox: &Sandbox) -> Result<SandboxLogin, Error> {
    Ok(SandboxLogin { url: sandbox.url().to_owned(), token: SecretString::from(sandbox.access_token()?) })
}

pub(super) async fn run(context: &mut Context<'_>, command: SandboxCommand) -> Result<u8, Error> {
    match command {
        SandboxCommand::Serve(options) => serve(context, options).await,
        SandboxCommand::Run(options) => run_command(context, options).await,
        SandboxCommand::Reset => reset(context),
    }
}

async fn serve(context: &mut Context<'_>, options: Serve) -> Result<u8, Error> {
    let data = if options.ephemeral { Data::Ephemeral } else { Data::Folder(folder(context)?) };
    let started = Options { data, listen: options.listen, seed: options.seed, now: unix_seconds };
    let sandbox = sandbox::start(&started).await?;
    let exports: String =
        variables(&sandbox)?.iter().map(|(name, value)| format!("export {name}='{value}'\n")).collect();
    if let Some(path) = &options.env_file {
        write_env_file(path, &exports)?;
    }
    context.ui.data(&exports);
    context.ui.note(&format!("The sandbox answers at {}; Ctrl-C stops it.", sandbox.url()));
    context.ui.flush();
    let stopped = tokio::signal::ctrl_c().await;
    stopped.map_err(|error| Error::failed(format!("Ctrl-C cannot be watched for: {error}.")))?;
    Ok(0)
}

/// Runs a command against a sandbox of its own, which ends with it.
async fn run_command(context: &mut Context<'_>, options: Run) -> Result<u8, Error> {
    let started = Options { data: Data::Ephemeral, listen: ANY_PORT, seed: options.seed, now: unix_seconds };
    let sandbox = sandbox::start(&started).await?;
    let home = files::private_temporary_folder();
    let home = home.map_err(|error| Error::failed(format!("No temporary folder can be made: {error}.")))?;
    let Some((program, arguments)) = options.command.split_first() else {
        return Err(Error::usage("There is no command to run."));
    };
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).stdin(Stdio::inherit()).env("IBMIAM_HOME", home.path());
    for name in FOREIGN {
        command.env_remove(name);
    }
    command.envs(variables(&sandbox)?);
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

fn reset(context: &mut Context<'_>) -> Result<u8, Error> {
    let folder = folder(context)?;
    context.ui.say("Starting over with an empty sandbox...");
    sandbox::reset(&folder, unix_seconds())?;
    context.ui.ok();
    Ok(0)
}

/// What clients of IBM's making, and we ourselves, look for.
fn variables(sandbox: &Sandbox) -> Result<Vec<(&'static str, String)>, Error> {
    let key = sandbox.first_key()?;
    let url = sandbox.url().to_owned();
    Ok(vec![
        ("IBMCLOUD_IAM_API_ENDPOINT", url.clone()),
        ("IBMCLOUD_API_KEY", key.clone()),
        ("IAM_IDENTITY_URL", url.clone()),
        ("IAM_IDENTITY_AUTH_URL", url),
        ("IAM_IDENTITY_APIKEY", key),
        ("IAM_IDENTITY_ACCOUNT_ID", sandbox.account_id().to_owned()),
        ("IAM_IDENTITY_IAM_ID", sandbox.iam_id().to_owned()),
        ("IAM_IDENTITY_AUTHTYPE", "iam".to_owned()),
    ])
}

fn folder(context: &Context<'_>) -> Result<PathBuf, Error> {
    Ok(context.settings.data_folder()?.join("sandbox"))
}

/// Over an older one of its own kind, but over nothing else.
fn write_env_file(path: &Path, exports: &str) -> Result<(), Error> {
    let shown = path.display();
    if path.symlink_metadata().is_ok() {
        let own = path.symlink_metadata().is_ok_and(|found| found.is_file())
            && std::fs::read(path).is_ok_and(|old| old.is_empty() || old.starts_with(FIRST_EXPORT.as_bytes()));
        if !own {
            return Err(Error::usage(format!("{shown} exists and is not such a file; it is left as it is.")));
        }
    }
    files::replace(path, exports.as_bytes())
        .map_err(|error| Error::failed(format!("{shown} cannot be written: {error}.")))
}

fn unix_seconds() -> i64 {
    system_clock().as_second()
}

fn exit_status(ended: std::process::ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&ended) {
        // As a shell has it.
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    ended.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        let mut message = error.to_string();
        if let Some(first) = message.get(..1) {
            message.replace_range(..1, &first.to_ascii_uppercase());
        }
        message.push('.');
        match &error {
            StartError::NotLoopback(_) => Self::usage(message)
                .hint("Listen on 127.0.0.1 or [::1]; the sandbox's tokens are worth nothing elsewhere."),
            StartError::Open(OpenError::Newer(_)) => {
                Self::failed(message).hint("Use that version, or start over with 'ibmiam sandbox reset'.")
            }
            StartError::Open(OpenError::Unusable { .. }) => {
                Self::failed(message).hint("Check the folder, or start over with 'ibmiam sandbox reset'.")
            }
            _ => Self::failed(message),
        }
        .caused_by(error)
    }
}
