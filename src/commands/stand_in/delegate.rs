//! Passes unsupported commands unchanged to the next `ibmcloud` on `PATH`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::hint::Hint;
use crate::programs::become_it;
use crate::terminal::ui::Ui;
use crate::text::{reason, visible};

/// Replaces this process with the other program, with the same arguments, streams and environment, so that the caller
/// gets its status and signals directly. `what` is the name of the command for the error if there is no such program.
///
/// # Errors
/// `Usage` if there is no such program, `Failed` if it cannot be started.
pub fn run(ui: &mut Ui, arguments: &[OsString], other: Option<PathBuf>, what: &str) -> Result<u8, Error> {
    let Some(program) = other else {
        let what = visible(what);
        return Err(Error::usage(format!("ibmiam does not support '{what}', and no other ibmcloud is on PATH."))
            .hint(Hint::run("To list the supported commands, run", ["--help"])));
    };
    ui.flush();
    let mut command = Command::new(&program);
    command.args(arguments.iter().skip(1));
    become_it(command).map_err(|error| {
        Error::failed(format!("Cannot start {}: {}.", visible(&program.display().to_string()), reason(&error)))
    })
}
