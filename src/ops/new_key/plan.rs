//! The plan of a new key: its properties and its destination.

use std::ffi::OsString;
use std::path::Path;

use jiff::Timestamp;

use crate::context::Context;
use crate::creation::{Destination, Place, Plan, Purpose};
use crate::error::Error;
use crate::files;
use crate::format::FileFormat;
use crate::iam::KeyDraft;
use crate::secret::{self, SecretString};
use crate::session::{Login, Source};
use crate::text::reason;

/// How a key is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// The format of a file.
    pub(crate) format: FileFormat,
    /// Whether an existing file may be replaced.
    pub(crate) overwrite: bool,
}

/// Returns the plan for a creation by this login.
pub(crate) fn plan(
    login: &Login,
    destination: &Destination,
    draft: KeyDraft,
    form: Form,
    purpose: Purpose,
    begun_at: Timestamp,
) -> Plan {
    Plan {
        run: Plan::new_run(),
        place: place(login),
        target: destination.target(),
        user: login.user().to_owned(),
        iam_id: login.iam_id().to_owned(),
        draft,
        format: form.format,
        overwrite: form.overwrite,
        begun_at,
        purpose,
    }
}

/// Returns where a login registers keys.
pub(crate) fn place(login: &Login) -> Place {
    match login.source {
        Source::Sandbox => Place::Sandbox,
        _ => Place::At(login.client.endpoint().clone()),
    }
}

/// Returns the destination of a new key; `program` is empty if there is none. Detects an unsuitable destination before
/// the key is created.
pub(crate) fn destination(
    context: &mut Context<'_>,
    file: Option<&Path>,
    overwrite: bool,
    program: Vec<OsString>,
) -> Result<Destination, Error> {
    let destination = match file {
        None if program.is_empty() => Destination::Shown,
        None => Destination::Program(program),
        Some(file) => {
            // Scripts for the `ibmcloud` tool expect that a file is written through a link.
            let is_stand_in = context.settings.stand_in.is_some();
            let names_open_file = file.starts_with("/dev") || file.starts_with("/proc");
            let file = match files::through_own_links(file) {
                Ok(Some(to)) if is_stand_in && !names_open_file => to,
                _ => file.to_owned(),
            };
            let replaced = || context.settings.replaced_folder().ok();
            Destination::reserve(&file, overwrite, replaced)?
        }
    };
    if destination.is_standard_output() && context.ui.is_discarded() {
        return Err(Error::usage("Standard output is closed or /dev/null, so the value of the key would be lost.")
            .hint("Pass --file FILE. No key was created."));
    }
    if matches!(destination, Destination::StandardOutput(_)) {
        context.ui.keep_out_free();
    }
    Ok(destination)
}

/// Generates a value for a new key.
pub(crate) fn new_value() -> Result<SecretString, Error> {
    let no_random = |error| Error::failed(format!("Cannot generate a random value for the key: {}.", reason(&error)));
    secret::generate().map_err(no_random)
}
