//! The text of a session's file.

use std::path::Path;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::store::{Session, StoreError};

/// The version of the file format. A file of another version is rejected.
const VERSION: u32 = 1;

/// The part of a session file that is the same in all versions.
#[derive(Deserialize)]
struct Form {
    version: u32,
}

/// A session after its version. Reading it in this form would copy the secrets.
#[derive(Serialize)]
struct Versioned<'a> {
    version: u32,
    #[serde(flatten)]
    session: &'a Session,
}

/// Formats a session as the text of its file.
pub(super) fn of(session: &Session) -> Zeroizing<String> {
    Zeroizing::new(serde_json::to_string_pretty(&Versioned { version: VERSION, session }).unwrap_or_default())
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
    serde_json::from_slice(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        corrupt(format!("its contents are invalid at line {line}, column {column}"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::store::{Method, Storage};
    use super::*;
    use crate::secret::SecretString;

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
