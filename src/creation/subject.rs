//! What a creation is about, for the log and for messages.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::{Plan, Rotation};

/// What a creation is about: the first line of a log entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subject {
    /// The file that the key was to be written to; `None` for any other destination.
    pub file: Option<PathBuf>,
    /// The value was to go to the user's command.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub to_program: bool,
    /// The key's name.
    pub name: String,
    /// The endpoint where the key was to be registered; empty for the sandbox.
    pub endpoint: String,
    /// The account of the key.
    pub account_id: String,
    /// The acting user, for messages.
    pub user: String,
    /// The IAM ID of the acting user.
    pub iam_id: String,
    /// The IAM ID of the key's owner, if that is not the acting user: a service ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When the creation started, by this machine's clock.
    pub begun_at: Timestamp,
    /// The key that the new one replaces, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Rotation>,
    /// Whether the log has a step for a pending file that is complete. Entries of older versions do not have this step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_recorded_step: bool,
}

impl Subject {
    /// Builds the subject from a plan and the file that the key is to be written to.
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
            has_recorded_step: file.is_some(),
        }
    }

    /// Returns the name that the key is to have in the end.
    #[must_use]
    pub fn key_name(&self) -> &str {
        self.rotation.as_ref().map_or(&self.name, |rotation| &rotation.name)
    }
}

/// Makes a path absolute, so that it names the same file from every folder.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
