//! What is not ours: it goes to the next `ibmcloud` on the search path, as it was given.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::terminal::text::visible;
use crate::terminal::ui::Ui;

/// Becomes the other program, with the same arguments, streams and environment, so that its status and its signals are
/// its own. `what` names the command where there is no such program.
///
/// # Errors
/// `Usage` if there is none, `Failed` if it cannot be started.
pub fn run(ui: &mut Ui, arguments: &[OsString], other: Option<PathBuf>, what: &str) -> Result<u8, Error> {
    let Some(program) = other else {
        let what = visible(what);
        return Err(Error::usage(format!(
            "'{what}' is not among the commands that ibmiam stands in for, and no other ibmcloud is on PATH."
        ))
        .hint("'ibmcloud iam help' lists those that are."));
    };
    ui.flush();
    let mut command = Command::new(&program);
    command.args(arguments.iter().skip(1));
    become_it(command).map_err(|error| {
        Error::failed(format!("{} cannot be started: {error}.", visible(&program.display().to_string())))
    })
}

/// Puts another program in this one's place.
#[cfg(unix)]
pub(super) fn become_it(mut command: Command) -> std::io::Result<u8> {
    Err(std::os::unix::process::CommandExt::exec(&mut command))
}

/// Runs another program to its end.
#[cfg(not(unix))]
pub(super) fn become_it(mut command: Command) -> std::io::Result<u8> {
    let status = command.status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
