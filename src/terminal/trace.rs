//! Where the trace of requests and answers goes.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Error;
use crate::files;
use crate::hint::{Hint, Word};
use crate::text::visible;

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

/// Opens it; what a server sent reaches a terminal or a file harmless.
///
/// # Errors
/// `Failed` for a file that cannot be written, or that is not for this user alone.
pub fn sink(to: &TraceTo) -> Result<Option<Arc<Sink>>, Error> {
    let path = match to {
        TraceTo::Nowhere => return Ok(None),
        TraceTo::StandardError => {
            // A stream that is gone has nobody to read it.
            return Ok(Some(Arc::new(|text| drop(std::io::stderr().write_all(harmless(text).as_bytes())))));
        }
        TraceTo::File(path) => path,
    };
    let shown = path.display();
    let file = files::append_own(path)
        .map_err(|error| Error::failed(format!("Cannot write the trace to {shown}: {error}.")))?;
    let file = file.ok_or_else(|| {
        Error::failed(format!("Cannot write the trace to {shown}, because it is not a private file of yours."))
            .hint("Use another file, or remove this one.")
            .and_hint(Hint::shell("If it is yours, run", [Word::from("chmod"), "600".into(), path.as_path().into()]))
    })?;
    Ok(Some(Arc::new(move |text| drop((&file).write_all(harmless(text).as_bytes())))))
}

fn harmless(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}
