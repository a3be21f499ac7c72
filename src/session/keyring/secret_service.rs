//! The Secret Service on the session bus. It prompts the user only if `attended` is set.

use std::collections::HashMap;

use dbus_secret_service::{Collection, EncryptionType, Error, Item, SecretService};

use super::{Entry, KeyringError, SERVICE};
use crate::secret::{ExposeSecret, SecretString};

pub(super) fn read(entry: &Entry, attended: bool) -> Result<Option<Vec<u8>>, KeyringError> {
    let service = connect(attended)?;
    let found = service.search_items(entry.attributes())?;
    let item = match (found.unlocked.first(), found.locked.first()) {
        (Some(item), _) => item,
        (None, Some(item)) if attended => {
            item.unlock()?;
            item
        }
        (None, Some(_)) => return Err(KeyringError::Locked),
        (None, None) => return Ok(None),
    };
    Ok(Some(item.get_secret()?))
}

pub(super) fn write(entry: &Entry, value: &SecretString, attended: bool) -> Result<(), KeyringError> {
    let service = connect(attended)?;
    let collection = collection(&service, attended)?;
    let secret = value.expose_secret().as_bytes();
    collection.create_item(&entry.label(), entry.attributes(), secret, true, "text/plain")?;
    Ok(())
}

pub(super) fn clear(entry: &Entry, kept: Option<&str>, attended: bool) -> Result<(), KeyringError> {
    let service = connect(attended)?;
    let found = service.search_items(HashMap::from([("service", SERVICE), ("username", entry.owner.as_str())]))?;
    let mut is_locked = false;
    for item in found.unlocked.iter().chain(&found.locked) {
        // The attributes of a locked item can be read too.
        if kept.is_some() && item.get_attributes()?.get("login").map(String::as_str) == kept {
            continue;
        }
        is_locked |= !delete(item, attended)?;
    }
    if is_locked { Err(KeyringError::Locked) } else { Ok(()) }
}

/// Deletes an item. Returns false if it is locked and the user must not be prompted to unlock it.
fn delete(item: &Item<'_>, attended: bool) -> Result<bool, KeyringError> {
    if item.is_locked()? {
        if !attended {
            return Ok(false);
        }
        item.unlock()?;
    }
    item.delete()?;
    Ok(true)
}

fn connect(attended: bool) -> Result<SecretService, KeyringError> {
    // Either no prompt at all, or one without a timeout.
    let connected = if attended {
        SecretService::connect(EncryptionType::Dh)
    } else {
        SecretService::connect_with_max_prompt_timeout(EncryptionType::Dh, 0)
    };
    connected.map_err(|error| match error {
        Error::Dbus(error) => KeyringError::Missing(said(error.message())),
        Error::Unavailable => KeyringError::Missing("no secret service is on the session bus".to_owned()),
        other => other.into(),
    })
}

fn collection(service: &SecretService, attended: bool) -> Result<Collection<'_>, KeyringError> {
    let collection = match service.get_default_collection() {
        Err(Error::NoResult) if attended => service.create_collection("Login", "default")?,
        Err(Error::NoResult) => return Err(KeyringError::Unset),
        other => other?,
    };
    if collection.is_locked()? {
        if !attended {
            return Err(KeyringError::Locked);
        }
        collection.unlock()?;
    }
    Ok(collection)
}

/// Returns the message from the bus.
fn said(message: Option<&str>) -> String {
    message.unwrap_or("the session bus cannot be used").trim_end_matches('.').to_owned()
}

impl Entry {
    fn attributes(&self) -> HashMap<&str, &str> {
        HashMap::from([
            ("service", SERVICE),
            ("username", self.owner.as_str()),
            ("login", self.login_id.as_str()),
            ("kind", self.kind()),
        ])
    }
}

impl From<Error> for KeyringError {
    fn from(error: Error) -> Self {
        match error {
            Error::Locked | Error::Prompt => Self::Locked,
            Error::Dbus(error) => Self::Failed(said(error.message())),
            Error::NoResult => Self::Failed("its entry is gone".to_owned()),
            // The message never contains what was received over the bus.
            _ => Self::Failed("it returned an invalid response".to_owned()),
        }
    }
}
