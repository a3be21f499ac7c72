//! The sandbox of a login, in this process.

use std::path::PathBuf;

use crate::context::{Context, system_clock};
use crate::error::Error;
use crate::hint::Hint;
use crate::sandbox::{self, Data, OpenError, Options, Sandbox, Signing, StartError};
use crate::secret::SecretString;
use crate::session::SandboxLogin;
use crate::text::capitalised;

/// Starts the sandbox in this process if `--sandbox` is set.
pub(crate) async fn start_if_asked(context: &mut Context<'_>) -> Result<Option<Sandbox>, Error> {
    if !context.settings.sandbox {
        return Ok(None);
    }
    context.ui.note("Using the sandbox, a built-in IAM server. Nothing reaches IBM Cloud.");
    let folder = folder(context)?;
    let options = Options::new(Data::Folder(folder.clone()), Signing::Folder(folder), system_clock);
    Ok(Some(sandbox::start(options).await?))
}

/// Returns the data of a sandbox that a session needs.
pub(crate) fn login(sandbox: &Sandbox) -> Result<SandboxLogin, Error> {
    Ok(SandboxLogin { url: sandbox.url().to_owned(), token: SecretString::from(sandbox.access_token()?) })
}

/// Returns the folder of the sandbox.
pub(crate) fn folder(context: &Context<'_>) -> Result<PathBuf, Error> {
    Ok(context.settings.data_folder()?.join("sandbox"))
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        let message = format!("{}.", capitalised(&error.to_string()));
        match &error {
            StartError::NotLoopback(_) => {
                Self::usage(message).hint("Listen on 127.0.0.1 or [::1]. The sandbox serves this machine only.")
            }
            StartError::Open(OpenError::Older(_)) => Self::failed(message).hint(start_again()),
            StartError::Open(OpenError::Newer(_)) => Self::failed(message)
                .hint("Use that version.")
                .and_hint(Hint::run("Or delete the data", ["sandbox", "reset"])),
            StartError::Open(OpenError::Unusable { .. }) => {
                let damaged = ["not a database", "malformed"].iter().any(|word| message.contains(word));
                let hint = if damaged { start_again() } else { "Check the folder and its disk.".into() };
                Self::failed(message).hint(hint)
            }
            _ => Self::failed(message),
        }
    }
}

fn start_again() -> Hint {
    Hint::run("To delete the data and start again, run", ["sandbox", "reset"])
}
