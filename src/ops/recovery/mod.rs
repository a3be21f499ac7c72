//! What killed runs left.

pub(crate) mod origin;
pub(crate) mod orphans;
