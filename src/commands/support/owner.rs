//! Whose keys a command works with.

use super::login::ActiveLogin;
use crate::iam::{Key, KeyQuery, Scope};

/// The owner of keys, who need not be the user that acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyOwner {
    iam_id: String,
    account_id: String,
}

impl KeyOwner {
    /// The user of a login.
    pub(crate) fn user_of(active: &ActiveLogin) -> Self {
        Self { iam_id: active.login.iam_id().to_owned(), account_id: active.login.account_id.clone() }
    }

    /// The IAM ID, as in the `iam_id` of the owner's keys.
    pub(crate) fn iam_id(&self) -> &str {
        &self.iam_id
    }

    /// The account that the keys belong to.
    pub(crate) fn account_id(&self) -> &str {
        &self.account_id
    }

    /// All keys of the owner that match a filter.
    pub(crate) fn query(&self, filter: Option<String>) -> KeyQuery {
        KeyQuery { account_id: self.account_id.clone(), scope: Scope::Own(self.iam_id.clone()), filter, objects: true }
    }

    /// Whether a key belongs to somebody else. A response may leave the owner out.
    pub(crate) fn is_foreign(&self, key: &Key<'_>) -> bool {
        !key.iam_id.is_empty() && key.iam_id != self.iam_id
    }
}
