//! A new key safely on disk: for this user alone, whole or not at all, and never over a file unasked.
//!
//! [`Target::prepare`] finds out before a key is made whether the file can be written, by making the pending file
//! beside it; [`Target::begin`] keeps in that what would be needed to finish; [`Target::commit`] writes, syncs and
//! renames the file, and removes the pending one.

mod format;
pub mod journal;
pub mod pending;
mod place;
mod record;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;
pub use format::{Format, read, read_token, render};
pub use record::Record;

use crate::files::temporary_as;
use pending::Pending;
use place::{Place, fill, prepare_path, unwritable};

/// Standard output, whatever it leads to.
const STANDARD_OUTPUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// A place for a key, known to be writable.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
    place: Place,
}

/// What else there is to say about a file that was written.
#[derive(Debug, Default)]
pub struct Written {
    /// Where the file is kept that stood there before.
    pub kept_as: Option<PathBuf>,
    /// The file is there, but the disk did not confirm it.
    pub unsynced: Option<io::Error>,
}

/// A file that could not be written, and the pending file that still holds its value.
#[derive(Debug)]
pub struct Unwritten {
    /// What went wrong.
    pub error: Error,
    /// Where the value is.
    pub pending: Option<Pending>,
}

impl Target {
    /// Checks the place and reserves it. A file that may be overwritten will be kept in the folder `keep`.
    ///
    /// # Errors
    /// `Usage` if something stands there that is not to be replaced, `Failed` if it cannot be written.
    pub fn prepare(path: &Path, overwrite: bool, keep: impl FnOnce() -> Result<PathBuf, Error>) -> Result<Self, Error> {
        let to_standard_output = STANDARD_OUTPUT.iter().any(|name| path == Path::new(name));
        let place = if to_standard_output {
            Place::StandardOutput
        } else {
            prepare_path(path, overwrite, keep, Pending::reserve)?
        };
        let path = path.to_owned();
        Ok(Self { path, place })
    }

    /// As it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the key goes to standard output, where nothing else may go then.
    #[must_use]
    pub fn is_standard_output(&self) -> bool {
        matches!(self.place, Place::StandardOutput)
    }

    /// Goes on with an interrupted creation.
    ///
    /// # Errors
    /// `Usage` if something stands at the path that is not to be replaced.
    pub fn resume(
        path: &Path,
        overwrite: bool,
        pending: Pending,
        keep: impl FnOnce() -> Result<PathBuf, Error>,
    ) -> Result<Self, Error> {
        let place = prepare_path(path, overwrite, keep, |_| Ok(pending))?;
        Ok(Self { path: path.to_owned(), place })
    }

    /// Keeps what is needed to finish, if this process should not.
    ///
    /// # Errors
    /// What the file system said; nothing was begun then.
    pub fn begin(&mut self, record: &Record) -> Result<(), Error> {
        match &mut self.place {
            Place::File { pending, holds_value, .. } => {
                pending.fill(record).map_err(|error| unwritable(&self.path, &error))?;
                *holds_value = true;
                Ok(())
            }
            Place::Stream(_) | Place::StandardOutput => Ok(()),
        }
    }

    /// The file that is to be made, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        matches!(&self.place, Place::File { .. }).then_some(&self.path)
    }

    /// Keeps that the service is asked to make the value itself; false if that cannot be kept.
    pub fn note_void(&mut self) -> bool {
        match &mut self.place {
            Place::File { pending, holds_value, .. } => {
                *holds_value = false;
                !pending.is_filled() || pending.note_void().is_ok()
            }
            Place::Stream(_) | Place::StandardOutput => true,
        }
    }

    /// Keeps a value that the service made, with all that is needed to finish; false if it is not kept.
    pub fn note_value(&mut self, record: &Record) -> bool {
        if let Place::File { pending, holds_value, .. } = &mut self.place
            && let Some(value) = &record.value
        {
            // Where it cannot be kept, the file itself will most likely not be written either, which is told.
            let kept = if pending.is_filled() { pending.note_value(value) } else { pending.fill(record) };
            *holds_value = kept.is_ok();
        }
        self.is_recoverable()
    }

    /// Whether an interrupted creation can be finished later.
    #[must_use]
    pub fn is_recoverable(&self) -> bool {
        matches!(&self.place, Place::File { holds_value: true, .. })
    }

    /// Gives the place up: there is no key.
    pub fn abandon(self) {
        if let Place::File { pending, .. } = self.place {
            // What cannot be removed now is found and cleared away by the next creation's error.
            let _ = pending.remove();
        }
    }

    /// Writes; `deliver` is for standard output.
    ///
    /// # Errors
    /// What the file system said, and the place as it was before; what stood at the path is still there then.
    pub fn commit(
        self,
        contents: &[u8],
        deliver: impl FnOnce(&str) -> io::Result<()>,
    ) -> Result<Written, Box<Unwritten>> {
        let path = self.path;
        let failed = |error: io::Error| Box::new(Unwritten { error: unwritable(&path, &error), pending: None });
        match self.place {
            Place::StandardOutput => {
                let text = std::str::from_utf8(contents).unwrap_or_default();
                deliver(text).map_err(failed)?;
                Ok(Written::default())
            }
            Place::Stream(mut stream) => {
                stream.write_all(contents).map_err(failed)?;
                Ok(Written::default())
            }
            Place::File { pending, holds_value, folder, keep } => {
                let kept_as = match write_file(&path, contents, keep) {
                    Ok(kept_as) => kept_as,
                    Err(error) if holds_value => return Err(Box::new(Unwritten { error, pending: Some(pending) })),
                    Err(error) => {
                        // It would lead to another key.
                        let _ = pending.remove();
                        return Err(Box::new(Unwritten { error, pending: None }));
                    }
                };
                // From here on the key is in its file, whatever else happens.
                let unsynced = folder.sync().and_then(|()| pending.remove()).err();
                Ok(Written { kept_as, unsynced })
            }
        }
    }
}

/// The file under another name, then under its own. What a killed process left under the other name is ours to
/// clear away: the pending file says that nobody else is at it.
fn write_file(path: &Path, contents: &[u8], keep: Option<NamedTempFile>) -> Result<Option<PathBuf>, Error> {
    let failed = |error: io::Error| unwritable(path, &error);
    let other_name = pending::companion(path, "new");
    match std::fs::remove_file(&other_name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut new = temporary_as(&other_name).map_err(failed)?;
    new.write_all(contents).map_err(failed)?;
    new.as_file().sync_all().map_err(failed)?;
    let (persisted, kept_as) = match keep {
        Some(keep) => {
            let kept_as = fill(keep, path)?;
            (new.persist(path), kept_as)
        }
        None => (new.persist_noclobber(path), None),
    };
    persisted.map_err(|error| failed(error.error))?;
    Ok(kept_as)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_replaced_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (path, keep) = (folder.path().join("key"), folder.path().join("kept"));
        let replace = |contents: &str| {
            let target = Target::prepare(&path, true, || Ok(keep.clone())).unwrap();
            target.commit(contents.as_bytes(), |_| Ok(())).unwrap().kept_as
        };
        assert_eq!(replace("new-key"), None);
        for old in ["new-key", "IBMCLOUD_API_KEY=abc # mine", "no key at all"] {
            std::fs::write(&path, old).unwrap();
            let kept_as = replace("newer-key").unwrap();
            assert_eq!(std::fs::read_to_string(kept_as).unwrap(), old);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "newer-key");
        }
        std::fs::write(&path, "").unwrap();
        assert_eq!(replace("newest-key"), None);
        assert_eq!(std::fs::read_dir(keep).unwrap().count(), 3);
    }

    #[test]
    fn a_place_that_is_not_used_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (path, keep) = (folder.path().join("key"), folder.path().join("kept"));
        std::fs::write(&path, "old-key").unwrap();
        drop(Target::prepare(&path, true, || Ok(keep.clone())).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"old-key");
        assert_eq!(std::fs::read_dir(keep).unwrap().count(), 0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_that_appears_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let target = Target::prepare(&path, false, || Err(Error::failed("not asked for"))).unwrap();
        std::fs::write(&path, "somebody else's").unwrap();
        assert!(target.commit(b"new", |_| Ok(())).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"somebody else's");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
