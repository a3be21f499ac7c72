//! The text of a session's file.

use std::path::Path;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::store::{Method, Session, Storage, StoreError};
use crate::secret::{self, SecretString};

/// The version of the file format. A file of another version is rejected.
const VERSION: u32 = 1;

/// The part of a session file that is the same in all versions.
#[derive(Deserialize)]
struct Form {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    login_id: String,
    endpoint: String,
    user: String,
    account_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    account_name: String,
    #[serde(default)]
    method: Method,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(default)]
    ended: bool,
    #[serde(default, rename = "store")]
    storage: Storage,
    #[serde(serialize_with = "secret::exposed_option")]
    refresh_token: Option<SecretString>,
    #[serde(default)]
    keeps_key: bool,
    logged_in_at: jiff::Timestamp,
}

/// Formats a session as the text of its file.
pub(super) fn of(session: &Session) -> Zeroizing<String> {
    let stored = Stored {
        version: VERSION,
        login_id: session.login_id.clone(),
        endpoint: session.endpoint.clone(),
        user: session.user.clone(),
        account_id: session.account_id.clone(),
        account_name: session.account_name.clone(),
        method: session.method,
        key_id: session.key_id.clone(),
        ended: session.ended,
        storage: session.storage,
        refresh_token: session.refresh_token.clone(),
        keeps_key: session.keeps_key,
        logged_in_at: session.logged_in_at,
    };
    Zeroizing::new(serde_json::to_string_pretty(&stored).unwrap_or_default())
}

/// Parses the text of a session's file.
///
/// # Errors
/// `Corrupt`, without any part of the text.
pub fn understand(name: &str, path: &Path, text: &[u8]) -> Result<Session, StoreError> {
    let corrupt = |why: String| StoreError::Corrupt { name: name.to_owned(), path: path.display().to_string(), why };
    let form: Form = serde_json::from_slice(text).unwrap_or(Form { version: VERSION });
    if form.version != VERSION {
        return Err(corrupt("it was written by another version of this program".to_owned()));
    }
    let stored: Stored = serde_json::from_slice(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        corrupt(format!("its contents are invalid at line {line}, column {column}"))
    })?;
    Ok(Session {
        login_id: stored.login_id,
        endpoint: stored.endpoint,
        user: stored.user,
        account_id: stored.account_id,
        account_name: stored.account_name,
        method: stored.method,
        key_id: stored.key_id,
        ended: stored.ended,
        storage: stored.storage,
        refresh_token: stored.refresh_token,
        keeps_key: stored.keeps_key,
        logged_in_at: stored.logged_in_at,
    })
}
