//! What is kept of a login, and the trait of the places that keep it.

use jiff::Timestamp;

use crate::secret::SecretString;

/// A stored login. The API key that made it is not part of it.
#[derive(Debug, Clone)]
pub struct Session {
    /// Drawn at each login; what is kept for another login is not used with this one.
    pub login_id: String,
    /// The endpoint that issued its tokens, and the only one to get them.
    pub endpoint: String,
    /// For people.
    pub user: String,
    /// For people.
    pub account_id: String,
    /// Renews the access token; issued to `bx:bx`.
    pub refresh_token: Option<SecretString>,
    /// When the login was made.
    pub logged_in_at: Timestamp,
}

/// An access token, and the login that it belongs to.
#[derive(Debug, Clone)]
pub struct KeptToken {
    /// [`Session::login_id`]
    pub login_id: String,
    /// A JWT.
    pub access_token: SecretString,
}

/// Why a session cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not a file's name.
    #[error("'{0}' cannot be the name of a session: use letters, digits, '-', '_' and '.'.")]
    BadName(String),
    /// The file is there but makes no sense. It is left as it is.
    #[error("The session file {path} cannot be understood: {why}.")]
    Corrupt {
        /// Of the session.
        name: String,
        /// Which.
        path: String,
        /// Its fault.
        why: String,
    },
    /// The file system.
    #[error("{path} cannot be used: {source}.")]
    Io {
        /// Which file or folder.
        path: String,
        /// Its word.
        source: std::io::Error,
    },
}

/// A lock against other processes; freed when dropped.
pub struct Lock {
    _file: std::fs::File,
}

impl Lock {
    /// Keeps the locked file open.
    #[must_use]
    pub fn holding(file: std::fs::File) -> Self {
        Self { _file: file }
    }
}

/// A place for sessions.
pub trait SessionStore: Sync {
    /// The session of that name, `None` if there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn load(&self, name: &str) -> Result<Option<Session>, StoreError>;

    /// Keeps a session, in place of an older one.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn save(&self, name: &str, session: &Session) -> Result<(), StoreError>;

    /// Forgets a session and its access token; tells whether there was one.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn remove(&self, name: &str) -> Result<bool, StoreError>;

    /// The access token kept for a session, if any.
    fn access_token(&self, name: &str) -> Option<KeptToken>;

    /// Keeps an access token.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn keep_access_token(&self, name: &str, token: &KeptToken) -> Result<(), StoreError>;

    /// The right to change a session; `None` while another process has it.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn try_lock(&self, name: &str) -> Result<Option<Lock>, StoreError>;

    /// Where a session is, for people.
    fn place(&self, name: &str) -> String;
}
