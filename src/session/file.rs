//! Sessions in files: `sessions/NAME.json` in the data folder and `tokens/NAME` in the cache folder. Only this user can
//! read them, and a file is always replaced as a whole.

use std::fs::TryLockError;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::file_text;
use super::store::{CachedToken, Lock, Session, StoreError};
use crate::files;

/// The file with the name of the current session. It cannot collide with a session, because no session name starts with
/// a dot.
const CURRENT: &str = ".current";

/// Stores sessions and access tokens in two folders.
#[derive(Debug, Clone)]
pub struct FileStore {
    sessions: PathBuf,
    tokens: PathBuf,
}

impl FileStore {
    /// Creates a store with sessions in the data folder and access tokens in the cache folder.
    #[must_use]
    pub fn new(data: &Path, cache: &Path) -> Self {
        Self { sessions: data.join("sessions"), tokens: cache.join("tokens") }
    }

    fn session_path(&self, name: &str) -> Result<PathBuf, StoreError> {
        Ok(self.sessions.join(format!("{}.json", checked(name)?)))
    }

    fn token_path(&self, name: &str) -> Result<PathBuf, StoreError> {
        Ok(self.tokens.join(checked(name)?))
    }

    /// Returns the current session, which commands use if they name no other one; `None` if it is not set.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn current(&self) -> Result<Option<String>, StoreError> {
        let path = self.sessions.join(CURRENT);
        match read_own(&path) {
            Ok(Some(text)) => {
                let name = String::from_utf8_lossy(&text).trim().to_owned();
                Ok(Some(checked(&name)?.to_owned()))
            }
            Ok(None) => Err(StoreError::Untrusted { path: path.display().to_string() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error(&path, error)),
        }
    }

    /// Sets the current session.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn choose(&self, name: &str) -> Result<(), StoreError> {
        let path = self.sessions.join(CURRENT);
        files::private_folder(&self.sessions).map_err(|error| io_error(&self.sessions, error))?;
        files::replace(&path, format!("{}\n", checked(name)?).as_bytes()).map_err(|error| io_error(&path, error))
    }

    /// Unsets the current session, so that commands use the session named `default`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn unchoose(&self) -> Result<(), StoreError> {
        remove_file(&self.sessions.join(CURRENT)).map(drop)
    }

    /// Checks the owner and mode of the folder. A user who can put files into it could replace this user's login.
    fn is_trusted(&self) -> Result<(), StoreError> {
        match files::is_own_folder(&self.sessions) {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::UntrustedFolder { path: self.sessions.display().to_string() }),
            Err(error) => Err(io_error(&self.sessions, error)),
        }
    }

    /// Returns the names of all sessions, sorted.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn names(&self) -> Result<Vec<String>, StoreError> {
        let entries = match std::fs::read_dir(&self.sessions) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io_error(&self.sessions, error)),
        };
        let files = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = files
            .filter_map(|file| Some(file.strip_suffix(".json")?.to_owned()))
            .filter(|name| checked(name).is_ok())
            .collect();
        names.sort();
        Ok(names)
    }

    /// Loads the session with this name; `None` if it does not exist.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn load(&self, name: &str) -> Result<Option<Session>, StoreError> {
        let path = self.session_path(name)?;
        self.is_trusted()?;
        let text = match read_own(&path) {
            Ok(Some(text)) => text,
            Ok(None) => return Err(StoreError::Untrusted { path: path.display().to_string() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(&path, error)),
        };
        file_text::understand(name, &path, &text).map(Some)
    }

    /// Saves a session in place of an older one. The caller holds the lock.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn save(&self, name: &str, session: &Session) -> Result<(), StoreError> {
        let path = self.session_path(name)?;
        files::private_folder(&self.sessions).map_err(|error| io_error(&self.sessions, error))?;
        files::replace_locked(&path, file_text::of(session).as_bytes()).map_err(|error| io_error(&path, error))
    }

    /// Deletes a session and its access token. Returns whether there was one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn remove(&self, name: &str) -> Result<bool, StoreError> {
        let (session, token) = (self.session_path(name)?, self.token_path(name)?);
        for path in [&session, &token] {
            // A killed process may have left a temporary file, which contains a secret too.
            remove_file(&files::new_beside(path))?;
        }
        let (session, token) = (remove_file(&session)?, remove_file(&token)?);
        Ok(session || token)
    }

    /// Deletes the access tokens whose names start with this prefix.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn remove_tokens(&self, prefix: &str) -> Result<(), StoreError> {
        let entries = std::fs::read_dir(&self.tokens).into_iter().flatten();
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.file_name().map(|name| name.to_string_lossy().trim_start_matches('.').to_owned());
            if name.is_some_and(|name| name.starts_with(prefix)) {
                remove_file(&path)?;
            }
        }
        Ok(())
    }

    /// Returns the cached access token of a session, if any.
    #[must_use]
    pub fn access_token(&self, name: &str) -> Option<CachedToken> {
        let text = read_own(&self.token_path(name).ok()?).ok()??;
        serde_json::from_slice(&text).ok()
    }

    /// Caches an access token. The caller holds the lock.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn cache_access_token(&self, name: &str, token: &CachedToken) -> Result<(), StoreError> {
        let path = self.token_path(name)?;
        files::private_folder(&self.tokens).map_err(|error| io_error(&self.tokens, error))?;
        let text = Zeroizing::new(serde_json::to_string(token).unwrap_or_default());
        files::replace_locked(&path, text.as_bytes()).map_err(|error| io_error(&path, error))
    }

    /// Locks a session for changes; `None` while another process holds the lock.
    ///
    /// The lock is on a separate file, because every renewal replaces the session's file by a new one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn try_lock(&self, name: &str) -> Result<Option<Lock>, StoreError> {
        let path = self.sessions.join(format!("{}.lock", checked(name)?));
        self.is_trusted()?;
        let failed = |error| io_error(&path, error);
        files::private_folder(&self.sessions).map_err(failed)?;
        let Some(file) = files::append_own(&path).map_err(failed)? else {
            return Err(StoreError::Untrusted { path: path.display().to_string() });
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock::holding(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Returns the path of a session's file, for display; empty if the name is invalid.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        let path = self.session_path(name);
        path.map_or_else(|_| String::new(), |path| path.display().to_string())
    }
}

/// Reads a file; `None` if another user could have written it or can read it.
pub(super) fn read_own(path: &Path) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let Some(mut file) = files::open_own(path)? else {
        return Ok(None);
    };
    let mut text = Zeroizing::new(Vec::with_capacity(8 << 10));
    file.read_to_end(&mut text)?;
    Ok(Some(text))
}

/// Names of devices on Windows.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Checks that a session name is a valid file name on every system.
fn checked(name: &str) -> Result<&str, StoreError> {
    let good = !name.is_empty()
        && name.len() <= 64
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !RESERVED.contains(&name.to_ascii_lowercase().as_str())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    good.then_some(name).ok_or_else(|| StoreError::BadName(name.to_owned()))
}

fn remove_file(path: &Path) -> Result<bool, StoreError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io_error(path, error)),
    }
}

fn io_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::super::store::{Method, Storage};
    use super::*;
    use crate::secret::{ExposeSecret, SecretString};

    fn session() -> Session {
        Session {
            login_id: "1".to_owned(),
            endpoint: "https://iam.cloud.ibm.com".to_owned(),
            user: "you@example.com".to_owned(),
            account_id: "acc".to_owned(),
            account_name: String::new(),
            method: Method::ApiKey,
            key_id: None,
            ended: false,
            storage: Storage::File,
            refresh_token: Some(SecretString::from("s3cret")),
            keeps_key: false,
            logged_in_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn store(folder: &Path) -> FileStore {
        FileStore::new(&folder.join("data"), &folder.join("cache"))
    }

    #[test]
    fn a_session_comes_back_as_it_was_kept_and_goes_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        assert!(store.load("default").unwrap().is_none());
        store.save("default", &session()).unwrap();
        let token = CachedToken { login_id: "1".to_owned(), access_token: SecretString::from("t0ken") };
        store.cache_access_token("default", &token).unwrap();
        let back = store.load("default").unwrap().unwrap();
        assert_eq!(back.refresh_token.unwrap().expose_secret(), "s3cret");
        assert_eq!(store.access_token("default").unwrap().access_token.expose_secret(), "t0ken");
        assert!(store.remove("default").unwrap());
        assert!(!store.remove("default").unwrap());
        assert!(store.access_token("default").is_none());
    }

    #[test]
    fn a_broken_file_is_told_of_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        store.save("default", &session()).unwrap();
        let path = store.session_path("default").unwrap();
        for text in ["", "{", "null", r#"{"version":1}"#, r#"{"version":2,"endpoint":"s3cret"}"#] {
            std::fs::write(&path, text).unwrap();
            let error = store.load("default").err().unwrap();
            assert!(matches!(error, StoreError::Corrupt { .. }), "{text}");
            assert!(!error.to_string().contains("s3cret"));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_name_never_leaves_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["", "..", ".hidden", "a/b", "a\\b", "a b", "ü", &"a".repeat(65)] {
            assert!(store(folder.path()).load(name).is_err(), "{name}");
        }
    }
}
