//! Runs a program that gets the value of a new key, only on its standard input.

use std::ffi::OsString;
use std::io::{PipeReader, Write};
use std::process::{ExitStatus, Stdio};

use tokio::process::Command;

use crate::creation::{self, Rotation};
use crate::format::Format;
use crate::secret::{ExposeSecret, SecretString};
use crate::text::{reason, visible};

/// Runs a program with the value, without a newline, on its standard input. `words` are its name and its arguments. In
/// JSON and CSV, the program cannot write to standard output, which is for the data of this command. If this command
/// ends early, the program is killed.
///
/// # Errors
/// `Program` if the program cannot be run, does not read the value, or fails.
pub(crate) async fn feed(
    words: &[OsString],
    rotation: Option<&Rotation>,
    value: &SecretString,
    format: Format,
) -> Result<(), creation::Error> {
    let name = words.first().cloned().unwrap_or_default();
    let shown = format!("'{}'", visible(&name.to_string_lossy()));
    let failed = |why: String| creation::Error::Program { why };
    let output = if format == Format::Table { Stdio::inherit() } else { standard_error() };
    let mut command = Command::new(&name);
    let not_given = |error: std::io::Error| failed(format!("Cannot pass the API key to {shown}: {}", reason(&error)));
    let (reader, mut writer) = std::io::pipe().map_err(not_given)?;
    let input = reader.try_clone().map_err(not_given)?;
    command
        .args(words.iter().skip(1))
        .envs(rotation.into_iter().flat_map(variables))
        .stdin(input)
        .stdout(output)
        .kill_on_drop(true);
    let spawned = command.spawn();
    // The child has its own read end of the pipe.
    drop(command);
    let mut child = spawned.map_err(|error| failed(format!("Cannot run {shown}: {}", reason(&error))))?;
    // The value fits into the buffer of any pipe, so the write does not block.
    writer.write_all(value.expose_secret().as_bytes()).map_err(not_given)?;
    drop(writer);
    let ended = child.wait().await.map_err(|error| failed(format!("Cannot wait for {shown}: {}", reason(&error))))?;
    if !ended.success() {
        return Err(failed(format!("{shown} {}", describe(ended))));
    }
    if is_unread(&reader) {
        return Err(failed(format!("{shown} did not read the API key from its standard input")));
    }
    Ok(())
}

/// The environment variables that tell the program of a rotation which key it gets.
fn variables(rotation: &Rotation) -> [(&'static str, &str); 2] {
    [("IBMIAM_KEY_NAME", &rotation.name), ("IBMIAM_KEY_ID", &rotation.old_id)]
}

/// Whether the pipe still contains data.
#[cfg(unix)]
fn is_unread(reader: &PipeReader) -> bool {
    rustix::io::ioctl_fionread(reader).is_ok_and(|left| left > 0)
}

#[cfg(not(unix))]
fn is_unread(_: &PipeReader) -> bool {
    false
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
