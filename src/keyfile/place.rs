//! Where a key can go: a file that is to be made, a pipe or a device, standard output.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::pending::Pending;
use crate::error::{Error, Kind};
use crate::files::{Folder, private_folder};

/// Where open files of this process have names.
const STREAMS: [&str; 4] = ["/dev/fd", "/proc/self/fd", "/dev/stderr", "/dev/stdin"];

#[derive(Debug)]
pub(super) enum Place {
    /// A file to be made, and the pending file that holds its place.
    File {
        pending: Pending,
        /// Whether that has the value of the key that there is or will be.
        holds_value: bool,
        folder: Folder,
        /// Where the file that stands there now will be kept; `None` if nothing stands there.
        keep: Option<NamedTempFile>,
    },
    /// A pipe or a device: written to, never replaced.
    Stream(File),
    /// `-`
    StandardOutput,
}

/// Looks at a path, and reserves it if a file can be made there.
pub(super) fn prepare_path(
    path: &Path,
    overwrite: bool,
    keep: impl FnOnce() -> Result<PathBuf, Error>,
    reserve: impl FnOnce(&Path) -> Result<Pending, Error>,
) -> Result<Place, Error> {
    let shown = path.display();
    // These lead to what this process was given, whatever that is.
    if STREAMS.iter().any(|folder| path.starts_with(folder)) {
        let found = path.metadata().map_err(|error| unwritable(path, &error))?;
        #[cfg(unix)]
        if path == Path::new("/dev/stderr") {
            // Where it stands, and at its end if it was opened so.
            let stderr = std::os::fd::AsFd::as_fd(&io::stderr()).try_clone_to_owned();
            return stderr.map(File::from).map(Place::Stream).map_err(|error| unwritable(path, &error));
        }
        if found.is_file() {
            // Opened by that name, it would be written over from its beginning.
            return Err(Error::usage(format!("{shown} is a file by another name; name the file itself.")));
        }
        return open_stream(path, &found).map(Place::Stream);
    }
    let link = is_there(path.symlink_metadata(), path)?;
    // Through a link there may be a pipe, as /dev/fd/63; a file there is somebody else's choice of place.
    let behind = is_there(path.metadata(), path)?;
    let names_a_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/") || path.file_name().is_none();
    match (link, behind) {
        (_, Some(found)) if found.is_dir() => Err(Error::usage(format!("{shown} is a folder; name a file in it."))),
        (_, Some(found)) if !found.is_file() => open_stream(path, &found).map(Place::Stream),
        _ if names_a_folder => Err(Error::usage(format!("{shown} is the name of a folder; name a file in it."))),
        (Some(link), _) if link.is_symlink() => {
            Err(Error::usage(format!("{shown} is a symbolic link; name the file itself.")))
        }
        (Some(_), _) if !overwrite => Err(Error::usage(format!("{shown} exists already."))
            .hint("Name another file, or pass --overwrite to replace it.")),
        (link, _) => {
            let keep = if link.is_some() { Some(room_for_old(path, &keep()?)?) } else { None };
            let pending = reserve(path)?;
            let folder = Folder::of(path).map_err(|error| unwritable(path, &error))?;
            let holds_value = pending.is_filled();
            Ok(Place::File { pending, holds_value, folder, keep })
        }
    }
}

/// Tells "not here" from "cannot be looked at".
fn is_there(found: io::Result<Metadata>, path: &Path) -> Result<Option<Metadata>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unwritable(path, &error)),
    }
}

/// A named pipe without a reader is an error here, not a reason to hang.
#[cfg(unix)]
fn open_stream(path: &Path, found: &Metadata) -> Result<File, Error> {
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
    let is_null = |found: &Metadata| {
        use std::os::unix::fs::MetadataExt;
        Path::new("/dev/null").metadata().is_ok_and(|null| null.rdev() == found.rdev() && null.rdev() != 0)
    };
    if is_null(found) {
        let message = format!("{} leads nowhere, so nobody would get the key's value.", path.display());
        return Err(Error::usage(message).hint("Name a file. No key was created."));
    }
    let mut options = OpenOptions::new();
    options.write(true);
    if !found.file_type().is_fifo() {
        return options.open(path).map_err(|error| unwritable(path, &error));
    }
    // ENXIO at once if nobody reads; the writing later may wait for the reader.
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let stream = options.open(path).map_err(|error| {
        if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) {
            let shown = path.display();
            return Error::failed(format!("{shown} is a pipe that nobody reads from."));
        }
        unwritable(path, &error)
    })?;
    let blocking = rustix::fs::fcntl_getfl(&stream)
        .and_then(|flags| rustix::fs::fcntl_setfl(&stream, flags - rustix::fs::OFlags::NONBLOCK));
    blocking.map_err(|error| unwritable(path, &error.into()))?;
    Ok(stream)
}

#[cfg(not(unix))]
fn open_stream(path: &Path, _: &Metadata) -> Result<File, Error> {
    OpenOptions::new().write(true).open(path).map_err(|error| unwritable(path, &error))
}

/// A private file for what stands at the path now; gone again unless it is filled.
fn room_for_old(path: &Path, folder: &Path) -> Result<NamedTempFile, Error> {
    File::open(path).map_err(|error| {
        Error::failed(format!("{} cannot be read, so it cannot be kept: {error}.", path.display()))
            .hint("Name another file, or move this one away.")
    })?;
    let failed = |error: io::Error| unwritable(folder, &error);
    private_folder(folder).map_err(failed)?;
    tempfile::Builder::new().prefix("key-").tempfile_in(folder).map_err(failed)
}

/// Keeps a copy of what is about to be replaced; an empty file needs none.
pub(super) fn fill(mut keep: NamedTempFile, path: &Path) -> Result<Option<PathBuf>, Error> {
    let failed = |error: io::Error| unwritable(path, &error);
    let mut old = File::open(path).map_err(failed)?;
    if io::copy(&mut old, &mut keep).map_err(failed)? == 0 {
        return Ok(None);
    }
    keep.as_file().sync_all().map_err(failed)?;
    let (_, kept_as) = keep.keep().map_err(|error| failed(error.error))?;
    Folder::of(&kept_as).and_then(|folder| folder.sync()).map_err(failed)?;
    Ok(Some(kept_as))
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Error {
    let shown = path.display();
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "Make the folder first.",
        io::ErrorKind::AlreadyExists => "Something else made this file meanwhile; name another one.",
        _ => "Name a file in a folder that you can write to.",
    };
    Error::new(Kind::Failed, format!("{shown} cannot be written: {error}.")).hint(hint)
}
