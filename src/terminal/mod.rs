//! Everything that a person reads or answers.

pub mod input;
pub mod prompt;
pub mod text;
pub mod trace;
pub mod ui;
pub mod waiting;
