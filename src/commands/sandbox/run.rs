//! `sandbox run`: a sandbox of its own for one command.

use std::process::Stdio;

use super::start::{folder, server_options, variables};
use crate::cli::sandbox::Run;
use crate::commands::support::messages;
use crate::config::REPLACED;
use crate::context::{Context, system_clock};
use crate::error::Error;
use crate::files;
use crate::sandbox::{self, Data, Options, Signing};
use crate::signals::ForwardedSignals;
use crate::text::{reason, visible};

/// Variables of an outer login or client that a command in a fresh sandbox must not see.
const IBMCLOUD: [&str; 9] = [
    "IBMIAM_SANDBOX",
    "IBMIAM_SESSION",
    "IBMCLOUD_IAM_TOKEN",
    "IC_IAM_TOKEN",
    "IAM_IDENTITY_CLIENT_ID",
    "IAM_IDENTITY_CLIENT_SECRET",
    "IAM_IDENTITY_DISABLE_SSL",
    "IAM_IDENTITY_SCOPE",
    "IAM_IDENTITY_BEARER_TOKEN",
];

/// Runs a command against a sandbox of its own, which ends with it.
pub(crate) async fn run(context: &mut Context<'_>, options: Run) -> Result<u8, Error> {
    let home = files::private_temporary_folder();
    let home = home.map_err(|error| Error::failed(format!("Cannot create a temporary folder: {}.", reason(&error))))?;
    // Programs that it starts have that home, and make tokens for this sandbox all the same.
    let (keys, shared) = (folder(context)?, home.path().join("sandbox"));
    let keys = if sandbox::share_signing_key(&keys, &shared).is_ok() { keys } else { shared };
    let basic = Options::new(Data::Ephemeral, Signing::Folder(keys), system_clock);
    let started = server_options(basic, &options.how, || home.path().join("ca.pem"))?;
    let bundle = started.tls.clone();
    let sandbox = sandbox::start(started).await?;
    let Some((program, arguments)) = options.command.split_first() else {
        return Err(Error::usage("No command specified."));
    };
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).stdin(Stdio::inherit()).env("IBMIAM_HOME", home.path());
    // What is replaced outside of that home outlives it.
    if let Ok(folder) = context.settings.replaced_folder() {
        command.env(REPLACED, folder);
    }
    for name in IBMCLOUD {
        command.env_remove(name);
    }
    if bundle.is_some() {
        // Other certificates of an outer environment would go before the sandbox's own.
        command.env_remove("SSL_CERT_DIR");
    }
    command.envs(variables(&sandbox, bundle.as_deref())?);
    // The sandbox is on this machine, where no proxy leads.
    for name in ["NO_PROXY", "no_proxy"] {
        let others = context.settings.no_proxy.as_ref().map(|others| format!("{others},")).unwrap_or_default();
        command.env(name, format!("{others}127.0.0.1,localhost,::1"));
    }
    let mut signals = ForwardedSignals::watch().map_err(|error| messages::cannot_handle_signals(&error))?;
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let shown = visible(&program.to_string_lossy()).into_owned();
            context.ui.error(&Error::failed(format!("Cannot run '{shown}': {}.", reason(&error))));
            // As a shell has it, for whoever takes the status for the command's own.
            return Ok(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 });
        }
    };
    // Ours until the wait for it has ended.
    let id = child.id();
    loop {
        tokio::select! {
            ended = child.wait() => {
                let ended = ended.map_err(|error| Error::failed(format!("Cannot wait for the command: {}.", reason(&error))))?;
                return Ok(exit_status(ended));
            }
            () = signals.forward(id) => {}
        }
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
