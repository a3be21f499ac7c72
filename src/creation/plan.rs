//! What is wanted, and by whom.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::iam::KeyDraft;
use crate::keyfile::Format;

/// A key that is to be created.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Names this creation on this machine, in its log entry and in its pending file.
    pub run: String,
    /// Where the key is to be registered; empty for the sandbox, whose address differs each time.
    pub endpoint: String,
    /// In which account.
    pub account_id: String,
    /// Who acts, for people.
    pub user: String,
    /// Who acts.
    pub iam_id: String,
    /// What the key is to be, and whom it will log in.
    pub draft: KeyDraft,
    /// What the file is to hold.
    pub format: Format,
    /// Whether a file that is there may be replaced.
    pub overwrite: bool,
    /// When it was begun, by this machine's clock.
    pub begun_at: Timestamp,
    /// The key that the new one replaces, if it does.
    pub rotation: Option<Rotation>,
}

/// The purpose of a key that replaces another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The ID of the old key.
    pub old_id: String,
    /// The name of both keys. The new one is created under another name if its value is on no disk: by that name, a
    /// killed process's key is found, and no other one.
    pub name: String,
}

impl Plan {
    /// A name for a new creation.
    #[must_use]
    pub fn new_run() -> String {
        uuid::Uuid::new_v4().to_string()
    }
}
