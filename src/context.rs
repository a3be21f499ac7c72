//! Everything impure that a command may touch, handed to it in one piece.

use std::sync::Arc;

use jiff::Timestamp;

use crate::config::Settings;
use crate::terminal::prompt::Prompt;
use crate::terminal::ui::Ui;

/// Where a command finds its settings, its streams, a person to ask, and the time.
pub struct Context<'a> {
    /// Flags and environment, merged.
    pub settings: Settings,
    /// Standard output and standard error.
    pub ui: &'a mut Ui,
    /// Who answers questions.
    pub prompt: Arc<dyn Prompt>,
    /// The clock.
    pub now: Clock,
    /// Whether a change was begun: up to then Ctrl-C changes nothing.
    pub is_changing: bool,
    /// What to do next if Ctrl-C ends the command now.
    pub if_interrupted: Option<String>,
}

/// Tells the time.
pub type Clock = fn() -> Timestamp;

/// The machine's own clock; the only place that reads it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this function reads it for all others")]
pub fn system_clock() -> Timestamp {
    Timestamp::now()
}
