//! The keyring of a program that was built without keyring support: every operation fails.

use super::{Entry, KeyringError};
use crate::secret::SecretString;

pub(super) fn read(entry: &Entry, _: bool) -> Result<Option<Vec<u8>>, KeyringError> {
    Err(missing(entry))
}

pub(super) fn write(entry: &Entry, _: &SecretString, _: bool) -> Result<(), KeyringError> {
    Err(missing(entry))
}

pub(super) fn clear(entry: &Entry, _: Option<&str>, _: bool) -> Result<(), KeyringError> {
    Err(missing(entry))
}

fn missing(entry: &Entry) -> KeyringError {
    KeyringError::Missing(format!(
        "this program was built without keyring support, so {} cannot be stored",
        entry.label()
    ))
}
