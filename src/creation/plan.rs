//! What is to be created: by whom, where, and what for. The log and a pending file have it as it is here.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::iam::{Endpoint, KeyDraft};
use crate::keyfile::Format;

/// A key to create.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// Identifies this creation on this machine, in its log entry and in its pending file.
    pub run: String,
    /// Where the key is to be registered.
    pub place: Place,
    /// Where its value is to go.
    pub target: Target,
    /// The acting user, for messages.
    pub user: String,
    /// The IAM ID of the acting user.
    pub iam_id: String,
    /// The properties of the key, including its owner and its account.
    #[serde(with = "whole_draft")]
    pub draft: KeyDraft,
    /// The format of the key file.
    pub format: Format,
    /// Whether an existing file may be replaced.
    pub overwrite: bool,
    /// When the creation started, by this machine's clock.
    pub begun_at: Timestamp,
    /// What the key is for.
    pub purpose: Purpose,
}

/// Where a key is registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the sandbox, whose address differs each time.
    Sandbox,
    /// At this endpoint.
    At(Endpoint),
}

/// Where the value of a key goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Into this file, named by its absolute path.
    File(PathBuf),
    /// To a program, whose words are not recorded.
    Program,
    /// To standard output, a pipe or a device.
    Stream,
}

/// What a key is created for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The key itself.
    Create,
    /// To replace another key.
    Rotate(Rotation),
}

/// The key that a new key replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The ID of the old key.
    pub old_id: String,
    /// The name of both keys. If the value of the new key is not on the disk, the key is created under another name
    /// first, so that a later command can find the key of a killed process by that name, and no other key.
    pub name: String,
}

impl Plan {
    /// Returns an identifier for a new creation.
    #[must_use]
    pub fn new_run() -> String {
        uuid::Uuid::new_v4().to_string()
    }

    /// Returns the file that the value is to go to, if any.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.target {
            Target::File(file) => Some(file),
            Target::Program | Target::Stream => None,
        }
    }

    /// Returns the key that the new one replaces, if any.
    #[must_use]
    pub fn rotation(&self) -> Option<&Rotation> {
        match &self.purpose {
            Purpose::Create => None,
            Purpose::Rotate(rotation) => Some(rotation),
        }
    }

    /// Returns the name that the key is to have in the end.
    #[must_use]
    pub fn key_name(&self) -> &str {
        self.rotation().map_or(&self.draft.name, |rotation| &rotation.name)
    }

    /// Whether the request for the new key of a rotation has a name that no other key has. If not, the key cannot be
    /// found by its name.
    #[must_use]
    pub fn has_own_name(&self) -> bool {
        self.file().is_none() && self.draft.name != self.key_name()
    }

    /// Returns the IAM ID of the key's owner, if that is not the acting user: a service ID.
    #[must_use]
    pub fn other_owner(&self) -> Option<&str> {
        Some(self.draft.iam_id.as_str()).filter(|owner| *owner != self.iam_id)
    }
}

/// Makes a path absolute, so that it names the same file from every folder.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A draft with the two properties that a request has in its headers, and so does not serialize.
mod whole_draft {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::iam::KeyDraft;

    #[derive(Serialize, Deserialize)]
    struct Whole {
        #[serde(flatten)]
        draft: KeyDraft,
        locked: bool,
        disabled: bool,
    }

    pub(super) fn serialize<S: Serializer>(draft: &KeyDraft, serializer: S) -> Result<S::Ok, S::Error> {
        Whole { draft: draft.clone(), locked: draft.locked, disabled: draft.disabled }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeyDraft, D::Error> {
        let Whole { draft, locked, disabled } = Whole::deserialize(deserializer)?;
        Ok(KeyDraft { locked, disabled, ..draft })
    }
}
