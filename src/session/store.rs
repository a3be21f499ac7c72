//! The data that is stored for a login.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::keyring::KeyringError;
pub use crate::secret::Storage;
use crate::secret::{self, SecretString};
use crate::text::{capitalised, reason};

/// A stored login, in memory and in its file. It does not contain the API key of the login.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// A random ID of the login. Data that is stored for another login ID is not used with this login.
    pub login_id: String,
    /// The endpoint that issued the tokens. They are sent to no other endpoint.
    pub endpoint: String,
    /// The user's name, for display.
    pub user: String,
    /// The account ID; empty if the login has no account.
    pub account_id: String,
    /// The account's name, for display; empty if it was not requested.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub account_name: String,
    /// What the user logged in with.
    #[serde(default)]
    pub method: Method,
    /// The ID of the API key that the user logged in with, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// Whether the service rejected the renewal, so that a new login is required.
    #[serde(default)]
    pub ended: bool,
    /// Where the refresh token is stored.
    #[serde(default, rename = "store")]
    pub storage: Storage,
    /// The refresh token, which is issued to the client `bx:bx`. Only set with [`Storage::File`].
    #[serde(serialize_with = "secret::exposed_option")]
    pub refresh_token: Option<SecretString>,
    /// Whether the keyring has the API key of the login.
    #[serde(default)]
    pub keeps_key: bool,
    /// The time of the login.
    pub logged_in_at: Timestamp,
}

impl Session {
    /// Whether the keyring has a secret of this session.
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

/// A cached access token, and the login that it belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CachedToken {
    /// [`Session::login_id`]
    pub login_id: String,
    /// The access token, a JWT.
    #[serde(serialize_with = "secret::exposed")]
    pub access_token: SecretString,
}

/// Why a session cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The name is not a valid file name.
    #[error("'{0}' is not a valid session name. Use letters, digits, '-', '_' and '.'.")]
    BadName(String),
    /// The file exists, but is not valid. It is not changed.
    #[error("Cannot read the session file {path}: {why}.")]
    Corrupt {
        /// The name of the session.
        name: String,
        /// The path of the file.
        path: String,
        /// Why it is invalid.
        why: String,
    },
    /// The file exists, but another user could have written it, or can read it.
    #[error("The session file {path} is not a private file of yours, so ibmiam does not trust it.")]
    Untrusted {
        /// The path of the file.
        path: String,
    },
    /// Other users can put files into the folder.
    #[error("Other users can write to {path}, so ibmiam does not trust the session files in it.")]
    UntrustedFolder {
        /// The path of the folder.
        path: String,
    },
    /// An error from the keyring.
    #[error("{}.", capitalised(&.0.to_string()))]
    Keyring(#[from] KeyringError),
    /// An error from the file system.
    #[error("{path} cannot be used: {}.", reason(source))]
    Io {
        /// The path of the file or folder.
        path: String,
        /// The error from the operating system.
        source: std::io::Error,
    },
}

/// A lock against other processes; it is released on drop.
pub struct Lock {
    _file: std::fs::File,
}

impl Lock {
    /// Creates the lock from a locked file, which stays open.
    #[must_use]
    pub fn holding(file: std::fs::File) -> Self {
        Self { _file: file }
    }
}
