//! The pending file: what a creation leaves beside the key file until the key file is written.
//!
//! The pending file is created, filled and synced before the request is sent. It is locked while its process runs, so
//! that no other process finishes a creation that is still in progress. A killed process leaves it behind.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::entries::lock_within;
use super::error::Error;
use super::plan::Plan;
use super::record::{Addition, FirstLine, Record};
use crate::files::{self, Folder};
use crate::secret::SecretString;

/// The maximum length of a pending file, in bytes.
const LONGEST: u64 = 1 << 20;

/// The longest file name, in bytes, that is repeated in the name of its companion. A longer one could make that name
/// too long.
const LONGEST_NAME: usize = 160;

/// A pending file that this process has locked.
#[derive(Debug)]
pub(super) struct PendingFile {
    /// The requested file, as it was given.
    pub(super) target: PathBuf,
    path: PathBuf,
    file: File,
    /// Whether the file must remain on the disk if this process ends now.
    filled: bool,
}

/// What is found beside a file.
#[derive(Debug)]
pub(super) enum Found {
    /// No pending file.
    Nothing,
    /// A creation that is in progress in another process.
    InProgress,
    /// A creation that ended before its record was complete, and so before its request was sent.
    BrokenOff(PendingFile),
    /// A creation with a complete record, which can be finished.
    Recorded(PendingFile, Box<Record>),
}

impl PendingFile {
    /// Creates the pending file of a target, empty.
    pub(super) fn reserve(target: &Path) -> Result<Self, Error> {
        let path = pending_path(target);
        let create = || files::private_options().write(true).read(true).create_new(true).open(&path);
        let is_there = |error: &io::Error| error.kind() == io::ErrorKind::AlreadyExists;
        let mut made = create();
        if made.as_ref().is_err_and(is_there) {
            match Self::find(target, Duration::ZERO) {
                // A creation that ended before its request was sent must not block a new one. Its file is removed when
                // dropped.
                Ok(Found::BrokenOff(left)) => {
                    drop(left);
                    made = create();
                }
                Err(error @ (Error::Newer(_) | Error::Garbled(_))) => return Err(error),
                _ => {}
            }
        }
        let unfinished = || Error::Unfinished(target.to_owned());
        let file =
            made.map_err(|error| if is_there(&error) { unfinished() } else { Error::unwritable(target)(error) })?;
        file.try_lock().map_err(|_| unfinished())?;
        // A process that saw the file empty and unlocked for a moment may have removed it.
        if !files::is_at(&file, &path) {
            return Err(unfinished());
        }
        Ok(Self { target: target.to_owned(), path, file, filled: false })
    }

    /// Looks for the pending file of a target. An invalid pending file is an error, and is left unchanged.
    pub(super) fn find(target: &Path, timeout: Duration) -> Result<Found, Error> {
        let path = pending_path(target);
        let failed = |source| Error::Unreadable { path: path.clone(), source };
        let mut file = match files::open_own_to_write(&path) {
            Ok(Some(file)) => file,
            // In a shared folder, another user could create a pending file with a value that they know.
            Ok(None) => return Err(Error::Untrusted(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(failed(error)),
        };
        if !lock_within(&file, timeout).map_err(failed)? {
            return Ok(Found::InProgress);
        }
        // The process that held the lock has finished, and another creation may use the same path by now.
        if !files::is_at(&file, &path) {
            return Self::find(target, timeout);
        }
        let mut text = Zeroizing::new(Vec::new());
        Read::by_ref(&mut file).take(LONGEST).read_to_end(&mut text).map_err(failed)?;
        let record = Record::read(&text, &path)?;
        let pending = Self { target: target.to_owned(), path, file, filled: record.is_some() };
        Ok(match record {
            Some(record) => Found::Recorded(pending, Box::new(record)),
            // The record is written and synced before the request is sent. So with an incomplete record, no request was
            // sent.
            None => Found::BrokenOff(pending),
        })
    }

    /// Returns the temporary name of the key file, until it is renamed.
    pub(super) fn other_name(&self) -> PathBuf {
        self.path.with_extension("new")
    }

    /// Stores the plan and the value durably.
    pub(super) fn fill(&mut self, plan: &Plan, value: Option<&SecretString>) -> io::Result<()> {
        self.file.write_all(FirstLine::new(plan, value).to_line()?.as_bytes())?;
        self.file.sync_all()?;
        Folder::of(&self.path)?.sync()?;
        self.filled = true;
        Ok(())
    }

    /// Stores the value that the service made.
    pub(super) fn note_value(&mut self, value: &SecretString) -> io::Result<()> {
        self.add(&Addition::Apikey(value.clone()))
    }

    /// Records that the service did not know the value at this moment.
    pub(super) fn note_unknown(&mut self, moment: Timestamp) -> io::Result<()> {
        self.add(&Addition::UnknownSince(moment))
    }

    /// Records that the request is about to be sent again.
    pub(super) fn note_sent(&mut self) -> io::Result<()> {
        self.add(&Addition::Sent(true))
    }

    /// Leaves the file in place, because it belongs to another creation.
    pub(super) fn leave(mut self) {
        self.filled = true;
    }

    fn add(&mut self, addition: &Addition) -> io::Result<()> {
        self.file.write_all(addition.to_line().as_bytes())?;
        self.file.sync_all()
    }

    /// Removes the file, because the creation is over.
    pub(super) fn remove(mut self) -> Result<(), Error> {
        self.filled = false;
        if !files::is_at(&self.file, &self.path) {
            return Ok(());
        }
        let failed = |source| Error::Irremovable { path: self.path.clone(), source };
        // The key file under its temporary name, if the process ended between the write and the rename.
        match std::fs::remove_file(self.other_name()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        std::fs::remove_file(&self.path).map_err(failed)?;
        Folder::of(&self.path).and_then(|folder| folder.sync()).map_err(failed)
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        if !self.filled && files::is_at(&self.file, &self.path) {
            // The file contains nothing of use, and may already be gone.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Returns the path of the pending file of a target.
#[must_use]
pub fn pending_path(target: &Path) -> PathBuf {
    companion(target, "pending")
}

/// Returns the name of a temporary companion of a file, in the same folder.
fn companion(target: &Path, what: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default();
    let mut companion = OsString::from(".ibmiam-");
    if name.len() <= LONGEST_NAME {
        companion.push(name);
    } else {
        companion.push(files::fingerprint(name));
    }
    companion.push(format!(".{what}"));
    target.with_file_name(companion)
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::{example, line};
    use super::*;

    fn write_private(path: &Path, text: &[u8]) {
        let mut file = files::private_options().write(true).create(true).truncate(true).open(path).unwrap();
        file.write_all(text).unwrap();
    }

    #[test]
    fn a_pending_file_is_found_by_what_became_of_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        assert!(matches!(PendingFile::find(&target, Duration::ZERO).unwrap(), Found::Nothing));
        let mut pending = PendingFile::reserve(&target).unwrap();
        assert!(matches!(PendingFile::find(&target, Duration::ZERO).unwrap(), Found::InProgress));
        assert!(matches!(PendingFile::reserve(&target), Err(Error::Unfinished(_))));
        pending.fill(&example(), Some(&SecretString::from("s3cret"))).unwrap();
        let moment = "2026-11-23T09:00:00Z".parse().unwrap();
        pending.note_unknown(moment).unwrap();
        drop(pending);
        assert!(matches!(PendingFile::reserve(&target), Err(Error::Unfinished(_))));
        let Found::Recorded(pending, found) = PendingFile::find(&target, Duration::ZERO).unwrap() else {
            panic!("not found")
        };
        let value = found.value.as_ref().map(crate::secret::ExposeSecret::expose_secret);
        assert_eq!((value, found.unknown_since), (Some("s3cret"), Some(moment)));
        pending.remove().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn what_others_could_have_written_is_not_trusted() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        let path = companion(&target, "pending");
        let elsewhere = folder.path().join("elsewhere");
        std::fs::write(&elsewhere, line(&example(), Some("s3cret")).as_bytes()).unwrap();
        std::fs::set_permissions(&elsewhere, PermissionsExt::from_mode(0o600)).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert!(PendingFile::find(&target, Duration::ZERO).is_err(), "a link");
        std::fs::rename(&elsewhere, &path).unwrap();
        assert!(matches!(PendingFile::find(&target, Duration::ZERO).unwrap(), Found::Recorded(..)));
        for mode in [0o640, 0o602, 0o644, 0o666] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            assert!(PendingFile::find(&target, Duration::ZERO).is_err(), "{mode:o}");
        }
        assert!(path.exists());
    }

    #[test]
    fn what_breaks_off_was_never_sent_and_what_makes_no_sense_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        let path = companion(&target, "pending");
        let text = line(&example(), Some("s3cret"));
        for length in 0..text.len() {
            write_private(&path, &text.as_bytes()[..length]);
            assert!(matches!(PendingFile::find(&target, Duration::ZERO).unwrap(), Found::BrokenOff(_)), "{length}");
        }
        let older = r#"{"version":1,"run":"1","endpoint":"","draft":{"name":"k"},"apikey":"s3cret"}"#;
        let newer = r#"{"version":3,"plan":{},"apikey":"s3cret"}"#;
        let ours_and_more = text.replacen("\"plan\":{", "\"plan\":7,\"x\":{", 1);
        for text in [older, &older[..30], newer, &newer[..15], "{}", "null", "\n", &ours_and_more, "s3cret", "\0"] {
            for text in [text.to_owned(), format!("{text}\n")] {
                write_private(&path, text.as_bytes());
                let is_newer = text.ends_with('\n') && text.trim() == newer;
                for error in
                    [PendingFile::find(&target, Duration::ZERO).map(drop), PendingFile::reserve(&target).map(drop)]
                {
                    match error.unwrap_err() {
                        Error::Newer(_) => assert!(is_newer, "{text}"),
                        Error::Garbled(_) => assert!(!is_newer, "{text}"),
                        other => panic!("{text}: {other}"),
                    }
                }
                assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
            }
        }
    }

    #[test]
    fn what_stands_at_the_place_by_now_is_not_removed_with_what_stood_there() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        let first = PendingFile::reserve(&target).unwrap();
        let path = companion(&target, "pending");
        std::fs::remove_file(&path).unwrap();
        let mut second = PendingFile::reserve(&target).unwrap();
        second.fill(&example(), None).unwrap();
        first.remove().unwrap();
        assert!(path.exists());
    }

    #[test]
    fn what_was_never_begun_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        write_private(&companion(&target, "pending"), b"{\"version\":2,");
        let pending = PendingFile::reserve(&target).unwrap();
        assert!(matches!(PendingFile::find(&target, Duration::ZERO).unwrap(), Found::InProgress));
        drop(pending);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_companion_of_the_longest_name_is_no_longer() {
        let long = companion(Path::new(&"n".repeat(255)), "pending");
        assert!(long.as_os_str().len() < 255);
        assert_ne!(long, companion(Path::new(&"m".repeat(255)), "pending"));
        assert_eq!(companion(Path::new("a/key"), "new"), Path::new("a/.ibmiam-key.new"));
    }
}
