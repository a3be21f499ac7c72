//! Replaces a key by a new one.

pub(crate) mod dry_run;
pub(crate) mod finish;
pub(crate) mod interrupted;
pub(crate) mod own_key;
pub(crate) mod pending;
pub(crate) mod retire;
pub(crate) mod run;
pub(crate) mod successor;
