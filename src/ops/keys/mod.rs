//! Which keys a command works with, and what it does with them.

pub(crate) mod activity;
pub(crate) mod bulk;
pub(crate) mod change_key;
pub(crate) mod completion;
pub(crate) mod confirm;
pub(crate) mod criteria;
pub(crate) mod expiry;
pub(crate) mod select;
pub(crate) mod update_key;
