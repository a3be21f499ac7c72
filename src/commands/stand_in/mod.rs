//! Standing in for `ibmcloud`.

pub mod delegate;
pub(crate) mod install;
