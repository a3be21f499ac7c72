//! The commands for keys of users, which most commands for keys of service IDs share.

use std::ffi::OsString;

use clap::Subcommand;

use super::audit::Audit;
use super::identify::Identify;
use super::keys::{Create, Delete, List, Recover, Show, Targets, Update};
use super::rotate::Rotate;

/// The commands.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum KeyCommand {
    /// Create an API key
    ApiKeyCreate(Create),
    /// Check API keys for age, use, expiration, leaks and more
    ApiKeyAudit(Audit),
    /// Find the owners of API key values, or scan text for API keys
    ApiKeyIdentify(Identify),
    /// Replace an API key with a new one without downtime
    ApiKeyRotate(Rotate),
    /// List interrupted API key creations, and finish or discard them
    ApiKeyRecover(Recover),
    /// Update an API key's name, description, expiration or leak action
    ApiKeyUpdate(Update),
    /// Lock API keys, to prevent changes and deletion
    ApiKeyLock(Targets),
    /// Unlock API keys
    ApiKeyUnlock(Targets),
    /// Disable API keys, to prevent logins with them
    ApiKeyDisable(Targets),
    /// Enable disabled API keys
    ApiKeyEnable(Targets),
    /// Permanently delete API keys
    ApiKeyDelete(Delete),
    /// List API keys
    #[command(visible_alias = "api-keys")]
    ApiKeyList(List),
    /// Show an API key
    #[command(visible_alias = "api-key")]
    ApiKeyShow(Show),
}

impl KeyCommand {
    /// Returns the words of the user's command that gets the value of a new key; `None` for a command without one.
    pub(super) fn program(&mut self) -> Option<&mut Vec<OsString>> {
        match self {
            Self::ApiKeyCreate(create) => Some(&mut create.command),
            Self::ApiKeyRotate(rotate) => Some(&mut rotate.command),
            _ => None,
        }
    }

    /// Sets the names and IDs of keys.
    ///
    /// # Errors
    /// A sentence about missing or excess operands.
    pub(super) fn set_keys(&mut self, keys: Vec<String>) -> Result<(), &'static str> {
        match self {
            Self::ApiKeyCreate(create) => create.name = Some(at_most_one(keys)?.ok_or(MISSING)?),
            Self::ApiKeyRotate(Rotate { key, .. })
            | Self::ApiKeyUpdate(Update { key, .. })
            | Self::ApiKeyShow(Show { key, .. }) => *key = at_most_one(keys)?,
            Self::ApiKeyLock(targets)
            | Self::ApiKeyUnlock(targets)
            | Self::ApiKeyDisable(targets)
            | Self::ApiKeyEnable(targets)
            | Self::ApiKeyDelete(Delete { targets, .. }) => targets.keys = keys,
            _ if keys.is_empty() => {}
            _ => return Err(TOO_MANY),
        }
        Ok(())
    }

    /// Returns the name of an option for keys of users that was set, but does not apply to a service ID.
    #[must_use]
    pub fn unsuitable_option(&self) -> Option<&'static str> {
        let (all, selection, other) = match self {
            Self::ApiKeyCreate(create) => return create.support_sessions.then_some("--support-sessions"),
            Self::ApiKeyAudit(audit) => (audit.all, &audit.selection, audit.all_sessions.then_some("--all-sessions")),
            Self::ApiKeyRotate(rotate) => (false, &rotate.selection, None),
            Self::ApiKeyList(list) => (list.all, &list.selection, None),
            Self::ApiKeyLock(targets)
            | Self::ApiKeyUnlock(targets)
            | Self::ApiKeyDisable(targets)
            | Self::ApiKeyEnable(targets)
            | Self::ApiKeyDelete(Delete { targets, .. }) => (targets.all, &targets.selection, None),
            _ => return None,
        };
        all.then_some("--all").or(selection.owner.is_some().then_some("--owner")).or(other)
    }
}

pub(super) const MISSING: &str = "missing argument: pass a key and a SERVICE_ID, in this order";
const TOO_MANY: &str = "too many arguments: pass a key and a SERVICE_ID, in this order";

fn at_most_one(mut keys: Vec<String>) -> Result<Option<String>, &'static str> {
    if keys.len() > 1 { Err(TOO_MANY) } else { Ok(keys.pop()) }
}
