//! A new key: what it is like, and how it gets to its destination.

pub(crate) mod delivery;
pub(crate) mod plan;
pub(crate) mod program;
