//! The destination of the trace of requests and responses.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::error::Error;
use crate::files;
use crate::hint::{Hint, Note, Word};
use crate::text::{reason, visible};

/// Where requests and responses are logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceTo {
    /// Nowhere.
    Nowhere,
    /// On standard error.
    StandardError,
    /// At the end of a file.
    File(PathBuf),
}

/// Writes a piece of the trace.
pub type Sink = dyn Fn(&str) + Send + Sync;

/// An open trace.
pub struct Opened {
    /// Writes the pieces; `None` if nothing is traced.
    pub sink: Option<Arc<Sink>>,
    /// Returns a note if a file does not contain the whole trace; called when the command ends.
    pub failure: Box<dyn Fn() -> Option<Note>>,
}

/// Opens the trace. Control characters in responses are escaped before they are written.
///
/// # Errors
/// `Failed` if the file cannot be written, or is not private to this user.
pub fn open(to: &TraceTo) -> Result<Opened, Error> {
    let path = match to {
        TraceTo::Nowhere => return Ok(Opened { sink: None, failure: Box::new(|| None) }),
        TraceTo::StandardError => {
            // An error is ignored, because a closed stream has no reader.
            let sink = |text: &str| drop(std::io::stderr().write_all(harmless(text).as_bytes()));
            return Ok(Opened { sink: Some(Arc::new(sink)), failure: Box::new(|| None) });
        }
        TraceTo::File(path) => path,
    };
    let shown = path.display().to_string();
    let file = files::append_own(path)
        .map_err(|error| Error::failed(format!("Cannot write the trace to {shown}: {}.", reason(&error))))?;
    let file = file.ok_or_else(|| {
        Error::failed(format!("Cannot write the trace to {shown}, because it is not a private file of yours."))
            .hint("Use another file, or remove this one.")
            .and_hint(Hint::shell("If it is yours, run", [Word::from("chmod"), "600".into(), path.as_path().into()]))
    })?;
    let first_failure = Arc::new(OnceLock::new());
    let seen = Arc::clone(&first_failure);
    let sink = move |text: &str| {
        if let Err(error) = (&file).write_all(harmless(text).as_bytes()) {
            // Only the first error is kept; the command continues.
            let _ = first_failure.set(error);
        }
    };
    let failure = move || {
        let error = seen.get()?;
        Some(format!("The trace in {shown} is incomplete: {}.", reason(error)).into())
    };
    Ok(Opened { sink: Some(Arc::new(sink)), failure: Box::new(failure) })
}

fn harmless(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}
