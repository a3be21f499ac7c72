//! A key's file: what it holds, and how it is written.

mod format;
mod write;

pub use format::{Format, has_value, read, read_token, render};
pub use write::{OldCopy, write};
