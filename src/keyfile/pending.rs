//! What a creation leaves beside its file until the file is there: the key's value and everything to finish with.
//!
//! The pending file is made, filled and synced before the service hears of the key. It is locked while its process
//! lives, so that nobody finishes what is still under way, and a process that is killed leaves it behind.

use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Format;
use crate::error::{Error, Kind};
use crate::files::{self, Folder};
use crate::iam::KeyDraft;
use crate::secret::{ExposeSecret, SecretString};

/// Of the file's form.
const VERSION: u32 = 1;

/// No pending file is longer.
const LONGEST: u64 = 1 << 20;

/// Bytes of a file's name that its companions repeat; with more they could be too long a name themselves.
const LONGEST_NAME: usize = 160;

/// All that is needed to finish a creation.
#[derive(Debug, Clone)]
pub struct Record {
    /// Where the key was to be registered; empty for the sandbox, whose address is another each time.
    pub endpoint: String,
    /// In which account.
    pub account_id: String,
    /// As whom, for people.
    pub user: String,
    /// What the key was to be.
    pub draft: KeyDraft,
    /// What the file was to hold.
    pub format: Format,
    /// Whether a file that is there may be replaced.
    pub overwrite: bool,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// The key's value.
    pub value: SecretString,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    endpoint: String,
    account_id: String,
    user: String,
    draft: KeyDraft,
    locked: bool,
    disabled: bool,
    format: Format,
    overwrite: bool,
    begun_at: Timestamp,
    apikey: String,
}

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
        let failed = |error: io::Error| super::unwritable(target, &error);
        let file = files::private_options().write(true).read(true).create_new(true).open(&path).map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                return already(target);
            }
            failed(error)
        })?;
        file.try_lock().map_err(|_| already(target))?;
        // Whoever saw it empty and unlocked for a moment may have cleared it away.
        if !path.exists() {
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
        let mut file = match files::open_own(&path) {
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
        let mut text = Zeroizing::new(Vec::new());
        Read::by_ref(&mut file).take(LONGEST).read_to_end(&mut text).map_err(failed)?;
        // It is filled and synced before anything is sent, so what breaks off was never sent.
        if !text.ends_with(b"\n") {
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
        let text = record.to_text();
        self.file.write_all(text.as_bytes())?;
        self.file.sync_all()?;
        Folder::of(&self.path)?.sync()?;
        self.filled = true;
        Ok(())
    }

    /// Removes it: the file is there, or there is no key.
    ///
    /// # Errors
    /// What the file system said.
    pub fn remove(mut self) -> io::Result<()> {
        self.filled = false;
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
        if !self.filled {
            // Nothing is in it that anybody would miss; it may be gone already.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Record {
    fn to_text(&self) -> Zeroizing<String> {
        let stored = Stored {
            version: VERSION,
            endpoint: self.endpoint.clone(),
            account_id: self.account_id.clone(),
            user: self.user.clone(),
            draft: self.draft.clone(),
            locked: self.draft.locked,
            disabled: self.draft.disabled,
            format: self.format,
            overwrite: self.overwrite,
            begun_at: self.begun_at,
            apikey: self.value.expose_secret().to_owned(),
        };
        let mut text = serde_json::to_string(&stored).unwrap_or_default();
        text.push('\n');
        Zeroizing::new(text)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let stored: Stored = serde_json::from_slice(text).ok()?;
        let usable = stored.version == VERSION && !stored.apikey.is_empty();
        usable.then(|| Self {
            endpoint: stored.endpoint,
            account_id: stored.account_id,
            user: stored.user,
            draft: KeyDraft { locked: stored.locked, disabled: stored.disabled, ..stored.draft },
            format: stored.format,
            overwrite: stored.overwrite,
            begun_at: stored.begun_at,
            value: SecretString::from(stored.apikey),
        })
    }
}

/// The name of a file that stands beside another one for a while.
pub(super) fn companion(target: &Path, what: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default();
    let mut companion = OsString::from(".ibmiam-");
    if name.len() <= LONGEST_NAME {
        companion.push(name);
    } else {
        companion.push(format!("{:016x}", fingerprint(name)));
    }
    companion.push(format!(".{what}"));
    target.with_file_name(companion)
}

/// The same in every version of this program (FNV-1a), so that a pending file is found again.
fn fingerprint(name: &OsStr) -> u64 {
    let bytes = name.as_encoded_bytes().iter();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn already(target: &Path) -> Error {
    let shown = target.display();
    Error::new(Kind::Conflict, format!("Another creation into {shown} was begun and is not finished."))
        .hint(format!("If it is not still running, finish it: ibmiam api-key-recover '{shown}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            endpoint: "https://iam.cloud.ibm.com".to_owned(),
            account_id: "acc".to_owned(),
            user: "you@example.com".to_owned(),
            draft: KeyDraft { name: "k\n\"".to_owned(), locked: true, ..KeyDraft::default() },
            format: Format::Env,
            overwrite: true,
            begun_at: Timestamp::UNIX_EPOCH,
            value: SecretString::from("s3cret"),
        }
    }

    fn write_private(path: &Path, text: &[u8]) {
        let mut file = files::private_options().write(true).create(true).truncate(true).open(path).unwrap();
        file.write_all(text).unwrap();
    }

    #[test]
    fn a_record_comes_back_as_it_was_kept_and_does_not_show_its_value() {
        let back = Record::parse(record().to_text().as_bytes()).unwrap();
        assert_eq!(
            (back.value.expose_secret(), back.draft.name.as_str(), back.draft.locked),
            ("s3cret", "k\n\"", true)
        );
        assert_eq!((back.format, back.overwrite), (Format::Env, true));
        assert!(!format!("{back:?}").contains("s3cret"));
    }

    #[test]
    fn a_pending_file_is_found_by_what_became_of_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        assert!(matches!(Pending::find(&target).unwrap(), Found::Nothing));
        let mut pending = Pending::reserve(&target).unwrap();
        assert!(matches!(Pending::find(&target).unwrap(), Found::UnderWay));
        assert_eq!(Pending::reserve(&target).unwrap_err().kind, Kind::Conflict);
        pending.fill(&record()).unwrap();
        drop(pending);
        assert_eq!(Pending::reserve(&target).unwrap_err().kind, Kind::Conflict);
        let Found::Interrupted(pending, found) = Pending::find(&target).unwrap() else { panic!("not found") };
        assert_eq!(found.value.expose_secret(), "s3cret");
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
        std::fs::write(&elsewhere, record().to_text().as_bytes()).unwrap();
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
        let text = record().to_text();
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
    fn a_companion_of_the_longest_name_is_no_longer() {
        let long = companion(Path::new(&"n".repeat(255)), "pending");
        assert!(long.as_os_str().len() < 255);
        assert_ne!(long, companion(Path::new(&"m".repeat(255)), "pending"));
        assert_eq!(companion(Path::new("a/key"), "new"), Path::new("a/.ibmiam-key.new"));
    }
}
