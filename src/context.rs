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
    /// The change that was begun, if one was: up to then Ctrl-C changes nothing.
    pub in_progress: Option<InProgress>,
}

/// A change that a signal may cut off.
#[derive(Debug, Clone, Default)]
pub struct InProgress {
    /// What may have happened, as a sentence.
    pub message: String,
    /// What was not begun, one line each.
    pub not_reached: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
}

impl InProgress {
    /// With that sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Tells the time.
pub type Clock = fn() -> Timestamp;

/// The machine's own clock; the only place that reads it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this function reads it for all others")]
pub fn system_clock() -> Timestamp {
    Timestamp::now()
}
