//! What a creation leaves beside its file until the file is there: the key's value and everything to finish with.
//!
//! The pending file is made, filled and synced before the service hears of the key. It is locked while its process
//! lives, so that nobody finishes what is still under way, and a process that is killed leaves it behind.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::record::{Addition, Record};
use crate::error::{Error, Kind};
use crate::files::{self, Folder};
use crate::secret::{ExposeSecret, SecretString};

/// No pending file is longer.
const LONGEST: u64 = 1 << 20;

/// Bytes of a file's name that its companions repeat; with more they could be too long a name themselves.
const LONGEST_NAME: usize = 160;

/// A pending file that is ours: locked.
#[derive(Debug)]
pub struct Pending {
    path: PathBuf,
    file: File,
    /// It must outlive this process if that ends now.
    filled: bool,
}

/// What stands beside a file.
#[derive(Debug)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A creation that is under way in another process.
    UnderWay,
    /// One that ended before the service heard of it.
    NotBegun(Pending),
    /// One to be finished.
    Interrupted(Pending, Box<Record>),
}

impl Pending {
    /// Makes the pending file of a target, empty.
    ///
    /// # Errors
    /// `Conflict` if there is one; what the file system said.
    pub fn reserve(target: &Path) -> Result<Self, Error> {
        let path = companion(target, "pending");
        let create = || files::private_options().write(true).read(true).create_new(true).open(&path);
        let is_there = |error: &io::Error| error.kind() == io::ErrorKind::AlreadyExists;
        let mut made = create();
        if made.as_ref().is_err_and(is_there)
            && let Ok(Found::NotBegun(left)) = Self::find(target)
        {
            // What ended before anything was asked for is in nobody's way; dropped, it is gone.
            drop(left);
            made = create();
        }
        let file =
            made.map_err(
                |error| if is_there(&error) { already(target) } else { super::place::unwritable(target, &error) },
            )?;
        file.try_lock().map_err(|_| already(target))?;
        // Whoever saw it empty and unlocked for a moment may have cleared it away.
        if !files::is_at(&file, &path) {
            return Err(already(target));
        }
        Ok(Self { path, file, filled: false })
    }

    /// Looks beside a target.
    ///
    /// # Errors
    /// What the file system said; `Failed` for a pending file that makes no sense, which is left as it is.
    pub fn find(target: &Path) -> Result<Found, Error> {
        let path = companion(target, "pending");
        let shown = path.display().to_string();
        let failed = |error: io::Error| Error::failed(format!("{shown} cannot be read: {error}."));
        let mut file = match files::open_own_to_write(&path) {
            Ok(Some(file)) => file,
            // In a folder of many, somebody else could put a value there that they know.
            Ok(None) => {
                return Err(Error::failed(format!("{shown} is not a private file of this user; it is not trusted."))
                    .hint("Look at who made it, and remove it if it is not yours."));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(failed(error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Found::UnderWay),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Whoever held it a moment ago has finished, and another creation may be at the same place by now.
        if !files::is_at(&file, &path) {
            return Self::find(target);
        }
        let mut text = Zeroizing::new(Vec::new());
        Read::by_ref(&mut file).take(LONGEST).read_to_end(&mut text).map_err(failed)?;
        // Its record is filled and synced before anything is sent, so what breaks off was never sent.
        if !text.contains(&b'\n') {
            return Ok(Found::NotBegun(Self { path, file, filled: false }));
        }
        let record = Record::parse(&text).ok_or_else(|| {
            Error::failed(format!("{shown} cannot be understood."))
                .hint("It may hold the value of an API key, so it is left as it is. Was it written by a newer version?")
        })?;
        Ok(Found::Interrupted(Self { path, file, filled: true }, Box::new(record)))
    }

    /// Whether it keeps a record.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.filled
    }

    /// Keeps the record durably.
    ///
    /// # Errors
    /// What the file system said.
    pub fn fill(&mut self, record: &Record) -> io::Result<()> {
        self.file.write_all(record.to_line().as_bytes())?;
        self.file.sync_all()?;
        Folder::of(&self.path)?.sync()?;
        self.filled = true;
        Ok(())
    }

    /// Keeps that the value is not that of the key: the service is asked to make one itself.
    ///
    /// # Errors
    /// What the file system said; the service must not be asked then.
    pub fn note_void(&mut self) -> io::Result<()> {
        self.add(&Addition::Void(true))
    }

    /// Keeps the value that the service made.
    ///
    /// # Errors
    /// What the file system said.
    pub fn note_value(&mut self, value: &SecretString) -> io::Result<()> {
        self.add(&Addition::Apikey(value.expose_secret().to_owned()))
    }

    fn add(&mut self, addition: &Addition) -> io::Result<()> {
        self.file.write_all(addition.to_line().as_bytes())?;
        self.file.sync_all()
    }

    /// Keeps that the service did not know the value at this moment.
    ///
    /// # Errors
    /// What the file system said.
    pub fn note_unknown(&mut self, moment: Timestamp) -> io::Result<()> {
        self.add(&Addition::UnknownSince(moment))
    }

    /// Removes it: the file is there, or there is no key.
    ///
    /// # Errors
    /// What the file system said.
    pub fn remove(mut self) -> io::Result<()> {
        self.filled = false;
        if !files::is_at(&self.file, &self.path) {
            return Ok(());
        }
        // The file under its other name, where the process ended between the two.
        match std::fs::remove_file(self.path.with_extension("new")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::fs::remove_file(&self.path)?;
        Folder::of(&self.path)?.sync()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.filled && files::is_at(&self.file, &self.path) {
            // Nothing is in it that anybody would miss; it may be gone already.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The name of a file that stands beside another one for a while.
pub(super) fn companion(target: &Path, what: &str) -> PathBuf {
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

fn already(target: &Path) -> Error {
    let shown = target.display();
    Error::new(Kind::Conflict, format!("Another creation into {shown} was begun and is not finished."))
        .hint(format!("If it is not still running, finish it: ibmiam api-key-recover '{shown}'"))
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::example;
    use super::*;

    fn write_private(path: &Path, text: &[u8]) {
        let mut file = files::private_options().write(true).create(true).truncate(true).open(path).unwrap();
        file.write_all(text).unwrap();
    }

    #[test]
    fn a_pending_file_is_found_by_what_became_of_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        assert!(matches!(Pending::find(&target).unwrap(), Found::Nothing));
        let mut pending = Pending::reserve(&target).unwrap();
        assert!(matches!(Pending::find(&target).unwrap(), Found::UnderWay));
        assert_eq!(Pending::reserve(&target).unwrap_err().kind, Kind::Conflict);
        pending.fill(&example()).unwrap();
        let moment = "2026-11-23T09:00:00Z".parse().unwrap();
        pending.note_unknown(moment).unwrap();
        drop(pending);
        assert_eq!(Pending::reserve(&target).unwrap_err().kind, Kind::Conflict);
        let Found::Interrupted(pending, found) = Pending::find(&target).unwrap() else { panic!("not found") };
        let value = found.value.as_ref().map(ExposeSecret::expose_secret);
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
        std::fs::write(&elsewhere, example().to_line().as_bytes()).unwrap();
        std::fs::set_permissions(&elsewhere, PermissionsExt::from_mode(0o600)).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert!(Pending::find(&target).is_err(), "a link");
        std::fs::rename(&elsewhere, &path).unwrap();
        assert!(matches!(Pending::find(&target).unwrap(), Found::Interrupted(..)));
        for mode in [0o640, 0o602, 0o644, 0o666] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            assert!(Pending::find(&target).is_err(), "{mode:o}");
        }
        assert!(path.exists());
    }

    #[test]
    fn what_breaks_off_was_never_sent_and_what_makes_no_sense_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        let path = companion(&target, "pending");
        let text = example().to_line();
        for length in 0..text.len() {
            write_private(&path, &text.as_bytes()[..length]);
            assert!(matches!(Pending::find(&target).unwrap(), Found::NotBegun(_)), "{length}");
        }
        for text in ["{}\n", "null\n", "\n", "{\"version\":2}\n"] {
            write_private(&path, text.as_bytes());
            assert!(Pending::find(&target).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_value_that_the_service_was_to_make_is_known_once_it_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        let mut pending = Pending::reserve(&target).unwrap();
        pending.fill(&example()).unwrap();
        pending.note_void().unwrap();
        drop(pending);
        let Found::Interrupted(mut pending, found) = Pending::find(&target).unwrap() else { panic!("not found") };
        assert!(found.value.is_none());
        pending.note_value(&SecretString::from("made")).unwrap();
        drop(pending);
        let Found::Interrupted(_, found) = Pending::find(&target).unwrap() else { panic!("not found") };
        assert_eq!(found.value.unwrap().expose_secret(), "made");
    }

    #[test]
    fn what_stands_at_the_place_by_now_is_not_removed_with_what_stood_there() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        let first = Pending::reserve(&target).unwrap();
        let path = companion(&target, "pending");
        std::fs::remove_file(&path).unwrap();
        let mut second = Pending::reserve(&target).unwrap();
        second.fill(&example()).unwrap();
        first.remove().unwrap();
        assert!(path.exists());
    }

    #[test]
    fn what_was_never_begun_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        write_private(&companion(&target, "pending"), b"{\"version\":1,");
        let pending = Pending::reserve(&target).unwrap();
        assert!(matches!(Pending::find(&target).unwrap(), Found::UnderWay));
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
