//! The commands for API keys.

pub(crate) mod audit;
pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod identify;
pub(crate) mod list;
pub(crate) mod recover;
pub(crate) mod reminder;
pub(crate) mod rotate;
pub(crate) mod show;
pub(crate) mod update;
