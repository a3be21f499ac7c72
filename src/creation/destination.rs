//! The destination of a new key: a file to create, a pipe or a device, a program, or standard output. It is checked and
//! reserved before the key is created.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::pending_file::PendingFile;
use super::plan::{Target, absolute};
use crate::files::{self, Folder};
use crate::keyfile::OldCopy;

/// The names of standard output, whatever it is connected to.
const STANDARD_OUTPUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// The paths that name open files of this process.
const STREAMS: [&str; 4] = ["/dev/fd", "/proc/self/fd", "/dev/stderr", "/dev/stdin"];

/// A destination for a key.
#[derive(Debug)]
pub enum Destination {
    /// A file to create.
    File(ReservedFile),
    /// A pipe or a device. It is written to, never replaced.
    Stream {
        /// The path as given.
        path: PathBuf,
        /// The opened pipe or device.
        stream: File,
    },
    /// The contents of the key file go to standard output, which this path names.
    StandardOutput(PathBuf),
    /// The value goes to the standard input of a program, which the caller runs: its name and its arguments.
    Program(Vec<OsString>),
    /// No file was requested. The key is shown in the output format.
    Shown,
}

/// A file to create, and the pending file that reserves its path.
#[derive(Debug)]
pub struct ReservedFile {
    /// The path as given.
    pub(super) path: PathBuf,
    pub(super) pending: PendingFile,
    pub(super) folder: Folder,
    /// Space for a copy of the existing file; `None` if there is none.
    pub(super) old: Option<OldCopy>,
}

impl Destination {
    /// Checks a path and reserves it. A file that may be overwritten is later saved in the folder `replaced`.
    ///
    /// # Errors
    /// The path has something that must not be replaced or written to, or it cannot be written.
    pub fn reserve(path: &Path, overwrite: bool, replaced: impl FnOnce() -> Option<PathBuf>) -> Result<Self, Error> {
        if STANDARD_OUTPUT.iter().any(|name| path == Path::new(name)) {
            return Ok(Self::StandardOutput(path.to_owned()));
        }
        at(path, overwrite, replaced, PendingFile::reserve)
    }

    /// Returns the destination of an interrupted creation.
    pub(super) fn resume(
        pending: PendingFile,
        overwrite: bool,
        replaced: impl FnOnce() -> Option<PathBuf>,
    ) -> Result<Self, Error> {
        let path = pending.target.clone();
        at(&path, overwrite, replaced, |_| Ok(pending))
    }

    /// Whether the key goes to standard output.
    #[must_use]
    pub fn is_standard_output(&self) -> bool {
        matches!(self, Self::StandardOutput(_) | Self::Shown)
    }

    /// Describes the destination for a plan.
    #[must_use]
    pub fn target(&self) -> Target {
        match self {
            Self::File(file) => Target::File(absolute(&file.path)),
            Self::Program(_) => Target::Program,
            Self::Stream { .. } | Self::StandardOutput(_) | Self::Shown => Target::Stream,
        }
    }

    /// Returns the file to create, if the destination is a file.
    #[must_use]
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(&file.path),
            _ => None,
        }
    }

    pub(super) fn into_pending(self) -> Option<PendingFile> {
        match self {
            Self::File(file) => Some(file.pending),
            _ => None,
        }
    }
}

/// Checks a path, and reserves it if a file can be created there.
fn at(
    path: &Path,
    overwrite: bool,
    replaced: impl FnOnce() -> Option<PathBuf>,
    reserve: impl FnOnce(&Path) -> Result<PendingFile, Error>,
) -> Result<Destination, Error> {
    let unwritable = Error::unwritable(path);
    let unsuitable = |why| Error::Unsuitable { path: path.to_owned(), why };
    let to_stream = |stream| Destination::Stream { path: path.to_owned(), stream };
    // These paths name the files that the caller of this process opened for it, of any kind.
    if STREAMS.iter().any(|folder| path.starts_with(folder)) {
        let found = path.metadata().map_err(unwritable)?;
        #[cfg(unix)]
        if path == Path::new("/dev/stderr") {
            // A duplicate of the file descriptor keeps its position, and the append mode if it has one.
            let stderr = std::os::fd::AsFd::as_fd(&io::stderr()).try_clone_to_owned();
            return stderr.map(File::from).map(to_stream).map_err(unwritable);
        }
        if found.is_file() {
            // Opened by this name, the file would be overwritten from its beginning.
            return Err(unsuitable("is another name for a file. Use the file itself."));
        }
        return open_stream(path, &found, false).map(to_stream);
    }
    let link = is_there(path.symlink_metadata()).map_err(unwritable)?;
    // A link may point to a pipe, such as /dev/fd/63. A link to a file is rejected, because somebody else may have
    // chosen its target.
    let behind = is_there(path.metadata()).map_err(unwritable)?;
    let names_a_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/") || path.file_name().is_none();
    match (link, behind) {
        (_, Some(found)) if found.is_dir() => Err(unsuitable("is a folder. Use a file in it.")),
        (Some(link), Some(_)) if link.is_symlink() && files::through_own_links(path).is_ok_and(|to| to.is_none()) => {
            Err(Error::Foreign(path.to_owned()))
        }
        (_, Some(found)) if !found.is_file() => open_stream(path, &found, true).map(to_stream),
        _ if names_a_folder => Err(unsuitable("is the name of a folder. Use a file in it.")),
        (Some(link), _) if link.is_symlink() => Err(unsuitable("is a symbolic link. Use the file itself.")),
        (Some(_), _) if !overwrite => Err(Error::Exists(path.to_owned())),
        (link, _) => {
            let old = link.map(|_| room_for_old(path, replaced())).transpose()?;
            let pending = reserve(path)?;
            let folder = Folder::of(path).map_err(unwritable)?;
            Ok(Destination::File(ReservedFile { path: path.to_owned(), pending, folder, old }))
        }
    }
}

/// Distinguishes "not found" from other errors.
fn is_there(found: io::Result<Metadata>) -> io::Result<Option<Metadata>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn room_for_old(path: &Path, folder: Option<PathBuf>) -> Result<OldCopy, Error> {
    File::open(path).map_err(|source| Error::Uncopyable { path: path.to_owned(), source })?;
    let folder = folder.ok_or_else(|| Error::Uncopyable {
        path: path.to_owned(),
        source: io::Error::other("no folder is available for replaced files"),
    })?;
    OldCopy::reserve(&folder).map_err(Error::unwritable(&folder))
}

/// Opens a destination that is not a file. In a shared folder, other users can create pipes and links to their own
/// terminals, so with `must_be_own` the opened file must belong to this user or root.
#[cfg(unix)]
fn open_stream(path: &Path, found: &Metadata, must_be_own: bool) -> Result<File, Error> {
    use std::os::unix::fs::FileTypeExt;
    let unwritable = Error::unwritable(path);
    if is_null(found) {
        let why = "discards its input, so the value of the key would be lost. Use a file.";
        return Err(Error::Unsuitable { path: path.to_owned(), why });
    }
    let stream = files::open_stream(path).map_err(unwritable)?.ok_or_else(|| Error::NoReader(path.to_owned()))?;
    let opened = stream.metadata().map_err(unwritable)?;
    let kind = opened.file_type();
    if !kind.is_fifo() && !kind.is_char_device() {
        let why = "is not a file, a pipe or a terminal.";
        return Err(Error::Unsuitable { path: path.to_owned(), why });
    }
    if must_be_own && !files::is_trusted_owner(&opened) {
        return Err(Error::Foreign(path.to_owned()));
    }
    Ok(stream)
}

#[cfg(unix)]
fn is_null(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    Path::new("/dev/null").metadata().is_ok_and(|null| null.rdev() == found.rdev() && null.rdev() != 0)
}

#[cfg(not(unix))]
fn open_stream(path: &Path, _: &Metadata, _: bool) -> Result<File, Error> {
    files::open_stream(path).map_err(Error::unwritable(path))?.ok_or_else(|| Error::NoReader(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_not_used_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (path, keep) = (folder.path().join("key"), folder.path().join("kept"));
        std::fs::write(&path, "old-key").unwrap();
        drop(Destination::reserve(&path, true, || Some(keep.clone())).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"old-key");
        assert_eq!(std::fs::read_dir(keep).unwrap().count(), 0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_that_is_there_is_neither_replaced_unasked_nor_without_a_folder_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "old-key").unwrap();
        assert!(matches!(Destination::reserve(&path, false, || None), Err(Error::Exists(_))));
        assert!(matches!(Destination::reserve(&path, true, || None), Err(Error::Uncopyable { .. })));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
