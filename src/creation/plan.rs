//! What is to be created, and by whom.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::iam::KeyDraft;
use crate::keyfile::Format;

/// A key to create.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Identifies this creation on this machine, in its log entry and in its pending file.
    pub run: String,
    /// The endpoint where the key is to be registered; empty for the sandbox, whose address differs each time.
    pub endpoint: String,
    /// The account of the key.
    pub account_id: String,
    /// The acting user, for messages.
    pub user: String,
    /// The IAM ID of the acting user.
    pub iam_id: String,
    /// The properties of the key, including its owner.
    pub draft: KeyDraft,
    /// The format of the key file.
    pub format: Format,
    /// Whether an existing file may be replaced.
    pub overwrite: bool,
    /// When the creation started, by this machine's clock.
    pub begun_at: Timestamp,
    /// The key that the new one replaces, if any.
    pub rotation: Option<Rotation>,
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
}
