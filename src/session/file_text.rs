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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_file_has_these_bytes() {
        let mut session = Session {
            login_id: "1".to_owned(),
            endpoint: "https://iam.cloud.ibm.com".to_owned(),
            user: "you@example.com".to_owned(),
            account_id: "acc".to_owned(),
            account_name: "Acme".to_owned(),
            method: Method::ComputeResource,
            key_id: Some("ApiKey-1".to_owned()),
            ended: false,
            storage: Storage::File,
            refresh_token: Some(SecretString::from("s3cret")),
            keeps_key: false,
            logged_in_at: jiff::Timestamp::UNIX_EPOCH,
        };
        assert_eq!(
            *of(&session),
            r#"{
  "version": 1,
  "login_id": "1",
  "endpoint": "https://iam.cloud.ibm.com",
  "user": "you@example.com",
  "account_id": "acc",
  "account_name": "Acme",
  "method": "compute-resource",
  "key_id": "ApiKey-1",
  "ended": false,
  "store": "file",
  "refresh_token": "s3cret",
  "keeps_key": false,
  "logged_in_at": "1970-01-01T00:00:00Z"
}"#
        );
        (session.account_name, session.key_id) = (String::new(), None);
        (session.storage, session.refresh_token, session.keeps_key) = (Storage::Keyring, None, true);
        assert_eq!(
            *of(&session),
            r#"{
  "version": 1,
  "login_id": "1",
  "endpoint": "https://iam.cloud.ibm.com",
  "user": "you@example.com",
  "account_id": "acc",
  "method": "compute-resource",
  "ended": false,
  "store": "keyring",
  "refresh_token": null,
  "keeps_key": true,
  "logged_in_at": "1970-01-01T00:00:00Z"
}"#
        );
    }
}
