//! `sandbox serve`

use std::path::{Path, PathBuf};

use super::start::{server_options, variables};
use crate::cli::sandbox::Serve;
use crate::context::{Context, system_clock};
use crate::error::Error;
use crate::files;
use crate::format::Format;
use crate::ops::login::sandbox::folder;
use crate::ops::messages;
use crate::output::json;
use crate::sandbox::{self, Data, Options, Signing};
use crate::signals::EndSignals;
use crate::text::reason;

/// The start of a file with the variables.
const FIRST_EXPORT: &str = "export IBMCLOUD_IAM_API_ENDPOINT='";

pub(crate) async fn run(context: &mut Context<'_>, options: Serve) -> Result<u8, Error> {
    let folder = folder(context)?;
    let data = if options.ephemeral { Data::Ephemeral } else { Data::Folder(folder.clone()) };
    let bundle = options.how.tls.then(|| Bundle::beside(&data)).transpose()?;
    let basic = Options { listen: options.listen, ..Options::new(data, Signing::Folder(folder), system_clock) };
    let started =
        server_options(basic, &options.how, || bundle.as_ref().map(|bundle| bundle.path.clone()).unwrap_or_default())?;
    let env_file = options.env_file.as_deref().map(EnvFile::reserve).transpose()?;
    let mut signals = EndSignals::watch().map_err(|error| messages::cannot_handle_signals(&error))?;
    let sandbox = sandbox::start(started).await?;
    let mut variables = variables(&sandbox, bundle.as_ref().map(|bundle| bundle.path.as_path()))?;
    // Lets a script check whether the file is from the server that it started, or from an earlier server that was
    // killed.
    variables.push(("IBMIAM_SANDBOX_PID", std::process::id().to_string()));
    let exports: String =
        variables.iter().map(|(name, value)| format!("export {name}='{}'\n", value.replace('\'', "'\\''"))).collect();
    if let Some(file) = &env_file {
        file.write(&exports)?;
    }
    match context.ui.format() {
        Format::Json => {
            let object: serde_json::Map<_, _> =
                variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            context.ui.data(&json::pretty(&object));
        }
        Format::Table | Format::Csv => context.ui.data(&exports),
    }
    context.ui.note(format!("The sandbox is running at {}. To stop it, press Ctrl-C.", sandbox.url()));
    context.ui.flush();
    signals.next().await;
    Ok(0)
}

/// The file with the certificate to trust. Each process has its own file, and removes it when it ends.
struct Bundle {
    path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl Bundle {
    fn beside(data: &Data) -> Result<Self, Error> {
        match data {
            Data::Ephemeral => {
                let folder = files::private_temporary_folder().map_err(|error| no_folder(&error))?;
                Ok(Self { path: folder.path().join("ca.pem"), _folder: Some(folder) })
            }
            Data::Folder(folder) => {
                files::private_folder(folder).map_err(|error| no_folder(&error))?;
                Ok(Self { path: folder.join(format!("ca-{}.pem", std::process::id())), _folder: None })
            }
        }
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        // The server ends, so an error cannot be reported.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn no_folder(error: &std::io::Error) -> Error {
    Error::failed(format!("Cannot create a folder for the sandbox: {}.", reason(&error)))
}

/// The file with the variables. It exists only while the server runs, so that a script can wait for it.
struct EnvFile(PathBuf);

impl EnvFile {
    /// Removes the file of an earlier server. Any other existing file is an error.
    fn reserve(path: &Path) -> Result<Self, Error> {
        let shown = path.display();
        if path.symlink_metadata().is_ok() {
            let own = path.symlink_metadata().is_ok_and(|found| found.is_file())
                && std::fs::read(path).is_ok_and(|old| old.is_empty() || old.starts_with(FIRST_EXPORT.as_bytes()));
            if !own {
                return Err(Error::usage(format!(
                    "{shown} exists and is not an environment file of the sandbox. Nothing was changed."
                )));
            }
            std::fs::remove_file(path)
                .map_err(|error| Error::failed(format!("Cannot remove {shown}: {}.", reason(&error))))?;
        }
        Ok(Self(path.to_owned()))
    }

    fn write(&self, exports: &str) -> Result<(), Error> {
        files::replace(&self.0, exports.as_bytes())
            .map_err(|error| Error::failed(format!("Cannot write {}: {}.", self.0.display(), reason(&error))))
    }
}

impl Drop for EnvFile {
    fn drop(&mut self) {
        // The server ends, so an error cannot be reported.
        let _ = std::fs::remove_file(&self.0);
    }
}
