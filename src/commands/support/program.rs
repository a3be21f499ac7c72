//! A program that gets the value of a new key on its standard input, and nowhere else.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::{ExitStatus, Stdio};

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::creation;
use crate::format::Format;
use crate::secret::{ExposeSecret, SecretString};
use crate::text::{reason, visible};

/// Runs a program with the value, without a line end, on its standard input. In JSON and CSV, standard output is left to
/// our own data. If this command ends early, the program is killed.
///
/// # Errors
/// `Program` if it cannot be run, or did not end with success.
pub(crate) async fn feed(words: &[OsString], value: &SecretString, format: Format) -> Result<(), creation::Error> {
    let (program, arguments) = words.split_first().map_or((OsString::new(), &[][..]), |(p, a)| (p.clone(), a));
    let shown = format!("'{}'", visible(&program.to_string_lossy()));
    let failed = |why: String| creation::Error::Program { program: shown.clone(), why };
    let output = if format == Format::Table { Stdio::inherit() } else { standard_error() };
    let mut command = Command::new(&program);
    command.args(arguments).stdin(Stdio::piped()).stdout(output).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| failed(format!("cannot be run: {}", reason(&error))))?;
    let mut written = Ok(());
    if let Some(mut input) = child.stdin.take() {
        written = input.write_all(value.expose_secret().as_bytes()).await;
        // It ends with the value.
        drop(input);
    }
    let ended = child.wait().await.map_err(|error| failed(format!("could not be waited for: {}", reason(&error))))?;
    match written {
        _ if !ended.success() => Err(failed(describe(ended))),
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            Err(failed("did not read the API key from its standard input".to_owned()))
        }
        Err(error) => Err(failed(format!("could not be given the API key: {}", reason(&error)))),
    }
}

fn standard_error() -> Stdio {
    #[cfg(unix)]
    if let Ok(stderr) = std::os::fd::AsFd::as_fd(&std::io::stderr()).try_clone_to_owned() {
        return stderr.into();
    }
    Stdio::null()
}

fn describe(ended: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&ended) {
        return format!("was ended by signal {signal}");
    }
    match ended.code() {
        Some(code) => format!("failed with exit status {code}"),
        None => "failed".to_owned(),
    }
}
