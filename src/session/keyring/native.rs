//! The system's keyring: Keychain on macOS, Credential Manager on Windows.

use keyring::Error;

use super::{Entry, KeyringError, SERVICE, Secret};
use crate::secret::{ExposeSecret, SecretString};

pub(super) fn read(entry: &Entry, _: bool) -> Result<Option<Vec<u8>>, KeyringError> {
    match open(entry)?.get_secret() {
        Ok(secret) => Ok(Some(secret)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes bytes, because text would be twice as long on Windows, which limits the length.
pub(super) fn write(entry: &Entry, value: &SecretString, _: bool) -> Result<(), KeyringError> {
    Ok(open(entry)?.set_secret(value.expose_secret().as_bytes())?)
}

/// Removes only the secrets of the known login, because this keyring cannot be searched.
pub(super) fn clear(entry: &Entry, kept: Option<&str>, _: bool) -> Result<(), KeyringError> {
    if entry.login_id.is_empty() || kept == Some(&entry.login_id) {
        return Ok(());
    }
    for secret in [Secret::RefreshToken, Secret::ApiKey] {
        match open(&Entry { secret, ..entry.clone() })?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn open(entry: &Entry) -> Result<keyring::Entry, KeyringError> {
    let user = format!("{} {} {}", entry.owner, entry.login_id, entry.kind());
    keyring::Entry::new(SERVICE, &user).map_err(|error| match error {
        Error::NoDefaultStore => KeyringError::Missing("the system's keyring is not available".to_owned()),
        other => other.into(),
    })
}

impl From<Error> for KeyringError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoStorageAccess(_) => Self::Locked,
            Error::TooLong(..) => Self::Failed("the secret is too long for it".to_owned()),
            // Some of the other errors contain the secret.
            _ => Self::Failed("it refused".to_owned()),
        }
    }
}
