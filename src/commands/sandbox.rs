//! `--sandbox` and the `sandbox` commands.

use std::path::{Path, PathBuf};

use super::errors;
use crate::cli::sandbox::{How, SandboxCommand, Serve};
use crate::context::{Context, system_clock};
use crate::error::Error;
use crate::files;
use crate::iam::Identity;
use crate::iam::identity::TokenClient;
use crate::sandbox::{self, Data, OpenError, Options, Sandbox, Setup, StartError};
use crate::secret::{ExposeSecret, SecretString};
use crate::session::{self, SandboxLogin};
use crate::signals::EndSignals;

/// How a file with the variables begins.
const FIRST_EXPORT: &str = "export IBMCLOUD_IAM_API_ENDPOINT='";

/// Starts the sandbox in this process if `--sandbox` says so.
pub(super) async fn start_if_asked(context: &mut Context<'_>) -> Result<Option<Sandbox>, Error> {
    if !context.settings.sandbox {
        return Ok(None);
    }
    context.ui.note("Note: this is the sandbox, an IAM inside this program; nothing reaches IBM Cloud.");
    let data = Data::Folder(folder(context)?);
    Ok(Some(sandbox::start(Options::new(data, unix_seconds)).await?))
}

/// What a session needs to know of it.
pub(super) fn login(sandbox: &Sandbox) -> Result<SandboxLogin, Error> {
    Ok(SandboxLogin { url: sandbox.url().to_owned(), token: SecretString::from(sandbox.access_token()?) })
}

pub(super) async fn run(context: &mut Context<'_>, command: SandboxCommand) -> Result<u8, Error> {
    match command {
        SandboxCommand::Serve(options) => serve(context, options).await,
        SandboxCommand::Run(options) => super::sandbox_run::run(context, options).await,
        SandboxCommand::Passcode => passcode(context).await,
        SandboxCommand::CrToken => compute_resource_token(context),
        SandboxCommand::Reset => reset(context),
    }
}

async fn serve(context: &mut Context<'_>, options: Serve) -> Result<u8, Error> {
    let data = if options.ephemeral { Data::Ephemeral } else { Data::Folder(folder(context)?) };
    let bundle = options.how.tls.then(|| Bundle::beside(&data)).transpose()?;
    let basic = Options { listen: options.listen, ..Options::new(data, unix_seconds) };
    let started =
        wishes(basic, &options.how, || bundle.as_ref().map(|bundle| bundle.path.clone()).unwrap_or_default())?;
    let env_file = options.env_file.as_deref().map(EnvFile::reserve).transpose()?;
    let mut signals = EndSignals::watch().map_err(errors::cannot_handle_signals)?;
    let sandbox = sandbox::start(started).await?;
    let exports: String = variables(&sandbox, bundle.as_ref().map(|bundle| bundle.path.as_path()))?
        .iter()
        .map(|(name, value)| format!("export {name}='{}'\n", value.replace('\'', "'\\''")))
        .collect();
    if let Some(file) = &env_file {
        file.write(&exports)?;
    }
    context.ui.data(&exports);
    context.ui.note(&format!("The sandbox answers at {}; Ctrl-C stops it.", sandbox.url()));
    context.ui.flush();
    signals.next().await;
    Ok(0)
}

/// The certificate to trust: one a process, gone with it.
struct Bundle {
    path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl Bundle {
    fn beside(data: &Data) -> Result<Self, Error> {
        match data {
            Data::Ephemeral => {
                let folder = files::private_temporary_folder().map_err(no_folder)?;
                Ok(Self { path: folder.path().join("ca.pem"), _folder: Some(folder) })
            }
            Data::Folder(folder) => {
                files::private_folder(folder).map_err(no_folder)?;
                Ok(Self { path: folder.join(format!("ca-{}.pem", std::process::id())), _folder: None })
            }
        }
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn no_folder(error: std::io::Error) -> Error {
    Error::failed(format!("No folder can be made for the sandbox: {error}.")).caused_by(error)
}

/// Adds what the command line asks for.
pub(super) fn wishes(basic: Options, how: &How, bundle: impl FnOnce() -> PathBuf) -> Result<Options, Error> {
    let setup = match &how.config {
        None => Setup::default(),
        Some(path) => {
            let shown = path.display();
            let text = std::fs::read_to_string(path)
                .map_err(|error| Error::usage(format!("{shown} cannot be read: {error}.")))?;
            Setup::read(&text).map_err(|why| Error::usage(format!("{shown} is not right: {why}")))?
        }
    };
    let fault = |spec: &String| spec.parse().map_err(|why| Error::usage(format!("--fault: {why}.")));
    let faults = how.faults.iter().map(fault).collect::<Result<_, _>>()?;
    let log = how.log.as_deref().map(open_log).transpose()?;
    Ok(Options { seed: how.seed, setup, faults, log, tls: how.tls.then(bundle), ..basic })
}

fn open_log(path: &Path) -> Result<std::fs::File, Error> {
    files::private_options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|error| Error::failed(format!("{} cannot be written: {error}.", path.display())))
}

/// From the server that the environment names, else from the data of this program.
async fn passcode(context: &mut Context<'_>) -> Result<u8, Error> {
    let settings = &context.settings;
    let passcode = match (&settings.endpoint, &settings.api_key) {
        (Some(_), Some(key)) => {
            let identity = Identity::new(session::asked_endpoint(settings)?, &settings.http)?;
            let tokens = identity.token_for_api_key(key, TokenClient::Cli, None).await?;
            let refresh_token = tokens.refresh_token.ok_or_else(|| Error::failed("There is no refresh token."))?;
            identity.passcode(&refresh_token).await?
        }
        (Some(endpoint), None) => {
            return Err(Error::usage(format!("A passcode of {endpoint} is had with an API key only."))
                .hint("Set IBMCLOUD_API_KEY to one of its keys, or leave out the endpoint."));
        }
        _ => SecretString::from(sandbox::passcode(&folder(context)?, unix_seconds())?),
    };
    context.ui.data(&format!("{}\n", passcode.expose_secret()));
    Ok(0)
}

fn compute_resource_token(context: &mut Context<'_>) -> Result<u8, Error> {
    context.ui.data(&format!("{}\n", sandbox::compute_resource_token(unix_seconds())?));
    context.ui.note(&format!("Good for an hour, with --profile {}", sandbox::profile_id()));
    Ok(0)
}

fn reset(context: &mut Context<'_>) -> Result<u8, Error> {
    let folder = folder(context)?;
    context.ui.say("Starting over with an empty sandbox...");
    sandbox::reset(&folder, unix_seconds())?;
    context.ui.ok();
    Ok(0)
}

/// What clients of IBM's making, and we ourselves, look for.
pub(super) fn variables(sandbox: &Sandbox, bundle: Option<&Path>) -> Result<Vec<(&'static str, String)>, Error> {
    let key = sandbox.first_key()?;
    let url = sandbox.url().to_owned();
    let mut variables = vec![
        ("IBMCLOUD_IAM_API_ENDPOINT", url.clone()),
        ("IBMCLOUD_API_KEY", key.clone()),
        ("IAM_IDENTITY_URL", url.clone()),
        ("IAM_IDENTITY_AUTH_URL", url),
        ("IAM_IDENTITY_APIKEY", key),
        ("IAM_IDENTITY_ACCOUNT_ID", sandbox.account_id().to_owned()),
        ("IAM_IDENTITY_IAM_ID", sandbox.iam_id().to_owned()),
        ("IAM_IDENTITY_AUTHTYPE", "iam".to_owned()),
    ];
    if let Some(bundle) = bundle {
        // What curl and this program, Node, and Python look for.
        for name in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"] {
            variables.insert(1, (name, bundle.display().to_string()));
        }
    }
    Ok(variables)
}

fn folder(context: &Context<'_>) -> Result<PathBuf, Error> {
    Ok(context.settings.data_folder()?.join("sandbox"))
}

/// The file with the variables. It is there exactly while the server is, so that a script can wait for it.
struct EnvFile(PathBuf);

impl EnvFile {
    /// Removes one that an older server left, and nothing else.
    fn reserve(path: &Path) -> Result<Self, Error> {
        let shown = path.display();
        if path.symlink_metadata().is_ok() {
            let own = path.symlink_metadata().is_ok_and(|found| found.is_file())
                && std::fs::read(path).is_ok_and(|old| old.is_empty() || old.starts_with(FIRST_EXPORT.as_bytes()));
            if !own {
                return Err(Error::usage(format!("{shown} exists and is not such a file; it is left as it is.")));
            }
            std::fs::remove_file(path)
                .map_err(|error| Error::failed(format!("{shown} cannot be removed: {error}.")))?;
        }
        Ok(Self(path.to_owned()))
    }

    fn write(&self, exports: &str) -> Result<(), Error> {
        files::replace(&self.0, exports.as_bytes())
            .map_err(|error| Error::failed(format!("{} cannot be written: {error}.", self.0.display())))
    }
}

impl Drop for EnvFile {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = std::fs::remove_file(&self.0);
    }
}

pub(super) fn unix_seconds() -> i64 {
    system_clock().as_second()
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
                let damaged = ["not a database", "malformed"].iter().any(|word| message.contains(word));
                let hint =
                    if damaged { "Start over with 'ibmiam sandbox reset'." } else { "Check the folder and its disk." };
                Self::failed(message).hint(hint)
            }
            _ => Self::failed(message),
        }
        .caused_by(error)
    }
}
