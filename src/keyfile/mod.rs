//! Key files: their contents, and how they are written.

mod format;
mod write;

pub use crate::format::FileFormat as Format;
pub use format::{has_value, read, read_token, render};
pub use write::{OldCopy, write};
