//! Where the trace of requests and answers goes.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::error::Error;
use crate::files;
use crate::hint::{Hint, Note, Word};
use crate::text::{reason, visible};

/// Where requests and answers are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceTo {
    /// Nowhere.
    Nowhere,
    /// On standard error.
    StandardError,
    /// At the end of a file.
    File(PathBuf),
}

/// Takes a piece of the trace.
pub type Sink = dyn Fn(&str) + Send + Sync;

/// An open trace.
pub struct Opened {
    /// Takes the pieces; `None` if nothing is traced.
    pub sink: Option<Arc<Sink>>,
    /// Reports, once the command ends, that a file does not contain the whole trace.
    pub failure: Box<dyn Fn() -> Option<Note>>,
}

/// Opens it; what a server sent reaches a terminal or a file harmless.
///
/// # Errors
/// `Failed` for a file that cannot be written, or that is not for this user alone.
pub fn open(to: &TraceTo) -> Result<Opened, Error> {
    let path = match to {
        TraceTo::Nowhere => return Ok(Opened { sink: None, failure: Box::new(|| None) }),
        TraceTo::StandardError => {
            // A stream that is gone has nobody to read it.
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
            // The first one says why; the command goes on.
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
