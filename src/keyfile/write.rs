//! Writes a key file completely or not at all, durably, and readable by this user only.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, PersistError};

use crate::files::{self, Folder, private_folder, temporary_as};

/// Space for a copy of the file that will be replaced. It is removed again unless it is filled.
#[derive(Debug)]
pub struct OldCopy(NamedTempFile);

impl OldCopy {
    /// Creates a private file in a private folder.
    ///
    /// # Errors
    /// The error from the file system.
    pub fn reserve(folder: &Path) -> io::Result<Self> {
        private_folder(folder)?;
        tempfile::Builder::new().prefix("key-").tempfile_in(folder).map(Self)
    }

    /// Copies the file that is about to be replaced. An empty file needs no copy.
    fn fill(mut self, path: &Path) -> io::Result<Option<PathBuf>> {
        let mut old = File::open(path)?;
        if io::copy(&mut old, &mut self.0)? == 0 {
            return Ok(None);
        }
        self.0.as_file().sync_all()?;
        let (_, backup) = self.0.keep().map_err(|error| error.error)?;
        Folder::of(&backup)?.sync()?;
        Ok(Some(backup))
    }
}

/// Writes a file under another name in the same folder and renames it. With `old`, it replaces the existing file and
/// returns the path of the copy. Without `old`, it replaces nothing.
///
/// A file that a killed process left under the other name is removed. The caller ensures that no other process uses it.
///
/// # Errors
/// The error from the file system. An existing file at the path is still there then.
pub fn write(path: &Path, other_name: &Path, contents: &[u8], old: Option<OldCopy>) -> io::Result<Option<PathBuf>> {
    match std::fs::remove_file(other_name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut new = temporary_as(other_name)?;
    new.write_all(contents)?;
    new.as_file().sync_all()?;
    match old {
        Some(old) => {
            let backup = old.fill(path)?;
            renamed(new.persist(path), path)?;
            Ok(backup)
        }
        None => renamed(new.persist_noclobber(path), path).map(|()| None),
    }
}

/// Checks a rename by the file at the path. A network file system repeats a rename whose response was lost, and reports
/// the failure of the second one.
fn renamed(result: Result<File, PersistError>, path: &Path) -> io::Result<()> {
    match result {
        Ok(_) => Ok(()),
        Err(failed) if files::is_at(failed.file.as_file(), path) => Ok(()),
        Err(failed) => Err(failed.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_replaced_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (path, keep) = (folder.path().join("key"), folder.path().join("kept"));
        let other_name = folder.path().join("other");
        let replace = |contents: &str| {
            let old = OldCopy::reserve(&keep).unwrap();
            write(&path, &other_name, contents.as_bytes(), Some(old)).unwrap()
        };
        std::fs::write(&path, "").unwrap();
        assert_eq!(replace("new-key"), None);
        for old in ["new-key", "IBMCLOUD_API_KEY=abc # mine", "no key at all"] {
            std::fs::write(&path, old).unwrap();
            let backup = replace("newer-key").unwrap();
            assert_eq!(std::fs::read_to_string(backup).unwrap(), old);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "newer-key");
        }
        assert_eq!(std::fs::read_dir(keep).unwrap().count(), 3);
        assert!(!other_name.exists());
    }

    #[test]
    fn a_file_that_is_there_is_not_replaced_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other_name) = (folder.path().join("key"), folder.path().join("other"));
        std::fs::write(&path, "somebody else's").unwrap();
        std::fs::write(&other_name, "left by a killed process").unwrap();
        let refused = write(&path, &other_name, b"new", None).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"somebody else's");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_rename_that_was_done_counts_whatever_was_reported() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let reported_as_failed = |file: NamedTempFile| {
            std::fs::rename(file.path(), &path).unwrap();
            Err(PersistError { error: io::ErrorKind::NotFound.into(), file })
        };
        let file = temporary_as(&folder.path().join("other")).unwrap();
        assert!(renamed(reported_as_failed(file), &path).is_ok());
        let file = temporary_as(&folder.path().join("other")).unwrap();
        let failed = Err(PersistError { error: io::ErrorKind::NotFound.into(), file });
        assert!(renamed(failed, &path).is_err(), "another file is there");
        assert!(path.exists());
    }
}
