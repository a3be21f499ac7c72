//! What a creation is about, as the log and people know it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::{Plan, Rotation};

/// What was begun: the first line of an entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subject {
    /// The file that the key was to be written to; `None` for standard output.
    pub file: Option<PathBuf>,
    /// The value was to go to the user's command.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub to_program: bool,
    /// The key's name.
    pub name: String,
    /// Where it was to be registered; empty for the sandbox.
    pub endpoint: String,
    /// In which account.
    pub account_id: String,
    /// By whom, for people.
    pub user: String,
    /// By whom.
    pub iam_id: String,
    /// Whose key it is to be, if not that of who acts: the IAM ID of a service ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When it was begun, by this machine's clock.
    pub begun_at: Timestamp,
    /// The key that the new one replaces, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Rotation>,
}

impl Subject {
    /// Of a plan, and the file that the key is to be written to.
    pub(super) fn of(plan: &Plan, file: Option<&Path>) -> Self {
        Self {
            file: file.map(absolute),
            to_program: false,
            name: plan.draft.name.clone(),
            endpoint: plan.endpoint.clone(),
            account_id: plan.account_id.clone(),
            user: plan.user.clone(),
            iam_id: plan.iam_id.clone(),
            owner: Some(&plan.draft.iam_id).filter(|owner| **owner != plan.iam_id).cloned(),
            begun_at: plan.begun_at,
            rotation: plan.rotation.clone(),
        }
    }

    /// Of a pending file that broke off before it said anything.
    pub(super) fn unknown(file: &Path) -> Self {
        Self {
            file: Some(absolute(file)),
            to_program: false,
            name: String::new(),
            endpoint: String::new(),
            account_id: String::new(),
            user: String::new(),
            iam_id: String::new(),
            owner: None,
            begun_at: Timestamp::UNIX_EPOCH,
            rotation: None,
        }
    }
}

/// A path that leads to the same file from everywhere.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
