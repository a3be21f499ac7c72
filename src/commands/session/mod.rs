//! The commands for logins and sessions.

mod account;
pub(crate) mod endpoint;
pub(crate) mod exec;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod target;
pub(crate) mod tokens;
mod view;
