//! Why a creation cannot start, continue, or be looked up.

use std::io;
use std::path::{Path, PathBuf};

use crate::text::reason;

/// A local error. The errors of the service are in [`super::Unregistered`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file exists, and must not be replaced.
    #[error("{} already exists.", .0.display())]
    Exists(PathBuf),
    /// The path names something that cannot contain a key, and why.
    #[error("{} {why}", path.display())]
    Unsuitable {
        /// The path.
        path: PathBuf,
        /// The rest of the sentence.
        why: &'static str,
    },
    /// A pipe or terminal of another user, or a link that another user made.
    #[error("{} belongs to another user, who could read the key.", .0.display())]
    Foreign(PathBuf),
    /// A pipe without a reader.
    #[error("No program reads from the pipe {}.", .0.display())]
    NoReader(PathBuf),
    /// A file cannot be written.
    #[error("Cannot write {}: {}.", path.display(), reason(source))]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The error from the file system.
        source: io::Error,
    },
    /// A file that was to be replaced cannot be copied first.
    #[error("Cannot save a copy of {}: {}.", path.display(), reason(source))]
    Uncopyable {
        /// The file.
        path: PathBuf,
        /// The error from the file system.
        source: io::Error,
    },
    /// Another creation into the same file was interrupted, or is in progress.
    #[error("An earlier creation into {} is not finished.", .0.display())]
    Unfinished(PathBuf),
    /// Another process is creating this key.
    #[error("Another process is creating an API key in {}.", .0.display())]
    InProgress(PathBuf),
    /// Another process is creating the key of this log entry.
    #[error("Another process is creating API key {0}.")]
    Busy(String),
    /// Other users could have created or changed the pending file.
    #[error("{} is not a private file of yours, so ibmiam does not trust it.", .0.display())]
    Untrusted(PathBuf),
    /// A newer program wrote the pending file or the log entry.
    #[error("A newer version of ibmiam wrote {}.", .0.display())]
    Newer(PathBuf),
    /// The pending file or the log entry is invalid.
    #[error("{} is damaged, or has an unknown format.", .0.display())]
    Garbled(PathBuf),
    /// The pending file cannot be read.
    #[error("Cannot read {}: {}.", path.display(), reason(source))]
    Unreadable {
        /// The pending file.
        path: PathBuf,
        /// The error from the file system.
        source: io::Error,
    },
    /// The pending file cannot be removed.
    #[error("Cannot remove {}: {}.", path.display(), reason(source))]
    Irremovable {
        /// The pending file.
        path: PathBuf,
        /// The error from the file system.
        source: io::Error,
    },
    /// The log entry cannot be written. Without it, a crash would lose the key.
    #[error("Cannot record the creation in {}: {}.", folder.display(), reason(source))]
    Unrecorded {
        /// The log's folder.
        folder: PathBuf,
        /// The error from the file system.
        source: io::Error,
    },
    /// The new key's value cannot be shown.
    #[error("Cannot write the API key to standard output: {}.", reason(.0))]
    Unshown(#[source] io::Error),
    /// The program that was to receive the value failed.
    #[error("{why}.")]
    Program {
        /// A sentence without its period.
        why: String,
    },
    /// The new key does not work as it should.
    #[error("Cannot use the new API key: {0}")]
    Unusable(String),
    /// Another process is rotating the key.
    #[error("Another process is rotating API key {0}.")]
    Rotating(String),
    /// The key has another value than the one that was sent.
    #[error("The service registered the new API key with another value than the one that was sent.")]
    AlteredValue,
    /// The service made the value, and its response does not contain it.
    #[error("The service's response does not contain the value of the new API key.")]
    NoValue,
}

impl Error {
    /// Builds the error for a path that cannot be written.
    pub(super) fn unwritable(path: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::Unwritable { path: path.to_owned(), source }
    }
}
