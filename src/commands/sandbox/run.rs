//! `sandbox run`: runs a command with a separate sandbox.

use std::process::Stdio;

use super::start::{server_options, variables};
use crate::cli::sandbox::Run;
use crate::config::REPLACED;
use crate::context::{Context, system_clock};
use crate::error::Error;
use crate::files;
use crate::ops::login::sandbox::folder;
use crate::ops::messages;
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

/// Runs a command against a separate sandbox, which ends with the command.
pub(crate) async fn run(context: &mut Context<'_>, options: Run) -> Result<u8, Error> {
    let home = files::private_temporary_folder();
    let home = home.map_err(|error| Error::failed(format!("Cannot create a temporary folder: {}.", reason(&error))))?;
    // Programs that the command starts use this home folder, and must still be able to create tokens for this sandbox.
    let (keys, shared) = (folder(context)?, home.path().join("sandbox"));
    let keys = if sandbox::share_signing_key(&keys, &shared).is_ok() { keys } else { shared };
    let basic = Options::new(Data::Ephemeral, Signing::Folder(keys), system_clock);
    let started = server_options(basic, &options.how, || home.path().join("ca.pem"))?;
    let bundle = started.tls.clone();
    let sandbox = sandbox::start(started).await?;
    let Some((program, arguments)) = options.command.split_first() else {
        return Err(Error::usage("A command is missing."));
    };
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).stdin(Stdio::inherit()).env("IBMIAM_HOME", home.path());
    // Copies of replaced files must not be deleted with the home folder.
    if let Ok(folder) = context.settings.replaced_folder() {
        command.env(REPLACED, folder);
    }
    for name in IBMCLOUD {
        command.env_remove(name);
    }
    if bundle.is_some() {
        // Other certificates of the outer environment would take precedence over the certificate of the sandbox.
        command.env_remove("SSL_CERT_DIR");
    }
    command.envs(variables(&sandbox, bundle.as_deref())?);
    // The sandbox is on this machine, so requests to it must not use a proxy.
    for name in ["NO_PROXY", "no_proxy"] {
        let others = context.settings.no_proxy.as_ref().map(|others| format!("{others},")).unwrap_or_default();
        command.env(name, format!("{others}127.0.0.1,localhost,::1"));
    }
    let mut signals = ForwardedSignals::watch().map_err(|error| messages::cannot_handle_signals(&error))?;
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let shown = visible(&program.to_string_lossy()).into_owned();
            context.report(&Error::failed(format!("Cannot run '{shown}': {}.", reason(&error))));
            // The same exit status as in a shell, because a caller may read it as the status of the command.
            return Ok(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 });
        }
    };
    // The process ID is valid until the wait for the child ends.
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
        // The same exit status as in a shell.
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    ended.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
