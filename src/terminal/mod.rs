//! Everything that the user reads or answers.

pub mod browser;
pub mod input;
pub mod prompt;
mod stream;
pub mod trace;
pub mod ui;
pub mod waiting;
