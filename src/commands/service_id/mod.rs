//! Commands for service IDs.

pub(super) mod list;
pub(super) mod show;
