//! What is kept of a login.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::keyring::KeyringError;
use crate::secret::SecretString;
use crate::text::reason;

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
    /// For people; empty if it was not asked for.
    pub account_name: String,
    /// What the user logged in with.
    pub method: Method,
    /// The ID of the API key that the user logged in with, if it is known.
    pub key_id: Option<String>,
    /// Whether the service refused to renew it, so that it needs another login.
    pub ended: bool,
    /// Where what renews the access token is.
    pub storage: Storage,
    /// Renews the access token; issued to `bx:bx`. Only of [`Storage::File`].
    pub refresh_token: Option<SecretString>,
    /// Whether the keyring has the API key that logged in.
    pub keeps_key: bool,
    /// When the login was made.
    pub logged_in_at: Timestamp,
}

impl Session {
    /// Whether the keyring has something of it.
    #[must_use]
    pub fn uses_keyring(&self) -> bool {
        self.storage == Storage::Keyring || self.keeps_key
    }
}

/// What a user logs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// An API key.
    #[default]
    ApiKey,
    /// A one-time passcode.
    Passcode,
    /// The token of a compute resource.
    ComputeResource,
}

/// Where a refresh token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Storage {
    /// In the session's own file.
    #[default]
    File,
    /// In the system's keyring.
    Keyring,
    /// Nowhere: the session ends with its access token.
    Nowhere,
}

/// An access token, and the login that it belongs to.
#[derive(Debug, Clone)]
pub struct CachedToken {
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
    /// The file is there, but somebody else could have written it, or can read it.
    #[error("The session file {path} is not a private file of this user; it is not trusted.")]
    Untrusted {
        /// Which.
        path: String,
    },
    /// Others can put files into the folder.
    #[error("Others can put session files into {path}, so none in it is trusted.")]
    UntrustedFolder {
        /// Which.
        path: String,
    },
    /// The keyring.
    #[error("{}", capitalised(.0))]
    Keyring(#[from] KeyringError),
    /// The file system.
    #[error("{path} cannot be used: {}.", reason(source))]
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

fn capitalised(error: &KeyringError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}
