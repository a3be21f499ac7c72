//! Everything that a person reads or answers.

pub mod browser;
pub mod input;
pub mod prompt;
pub mod trace;
pub mod ui;
pub mod waiting;
