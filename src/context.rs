//! Everything impure that a command can use, in one struct.

use jiff::Timestamp;

use crate::config::Settings;
use crate::error::Error;
use crate::hint::{Hint, Note};
use crate::signals::Signal;
use crate::terminal::prompt::Prompt;
use crate::terminal::ui::Ui;
use crate::text::{name_with_id, visible};

/// The settings, output, prompts and clock of a command.
pub struct Context<'a> {
    /// Flags and environment, merged.
    pub settings: Settings,
    /// Standard output and standard error.
    pub ui: &'a mut Ui,
    /// Asks the user.
    pub prompt: Prompt,
    /// The clock.
    pub now: Clock,
    /// The change that is in progress; `None` if nothing was changed yet.
    pub in_progress: Option<InProgress>,
    /// How to log in again with the login of the command; empty before the command has one.
    pub log_in: Vec<Hint>,
    /// Notes about problems that do not fail the command, shown when it ends.
    pub final_notes: Vec<FinalNote>,
}

/// Returns the note if the problem occurred.
pub type FinalNote = Box<dyn Fn() -> Option<Note>>;

impl Context<'_> {
    /// Reports an error while the command continues.
    pub fn report(&mut self, error: &Error) {
        self.ui.error(&error.clone().log_in_with(&self.log_in));
    }

    /// Shows the notes about problems that occurred.
    pub fn show_final_notes(&mut self) {
        for note in self.final_notes.drain(..).filter_map(|note| note()) {
            self.ui.note(note);
        }
    }

    /// Notes the change of a key, which may be one of several. The other keys that were not reached stay in the
    /// message.
    pub fn next_in_progress(&mut self, key_id: &str, change: InProgress) {
        let mut not_reached = self.in_progress.take().map(|before| before.not_reached).unwrap_or_default();
        not_reached.retain(|key| key.id != key_id);
        self.in_progress = Some(change.not_reached(not_reached));
    }

    /// Returns the error for a command that is ended by a signal.
    pub fn interrupted(&mut self, signal: Signal) -> Error {
        match self.in_progress.take() {
            Some(change) => change.interrupted(signal),
            None => Error::interrupted(signal, None),
        }
    }
}

/// A change that is in progress, for the error message of an interrupted command.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct InProgress {
    /// What may have happened, as a sentence: "The request to delete 'X' may have completed."
    pub message: String,
    /// The keys whose changes were not started.
    pub not_reached: Vec<NotReached>,
    /// The next step for the user.
    pub hint: Option<Hint>,
}

/// A key whose change was not started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReached {
    /// The ID of the key.
    pub id: String,
    /// The name of the key.
    pub name: String,
}

impl InProgress {
    /// Creates the change with a sentence about what may have happened.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), not_reached: Vec::new(), hint: None }
    }

    /// Sets the keys whose changes were not started.
    pub fn not_reached(mut self, keys: Vec<NotReached>) -> Self {
        self.not_reached = keys;
        self
    }

    /// Sets the next step for the user.
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn interrupted(self, signal: Signal) -> Error {
        let mut message = visible(&self.message).into_owned();
        if !self.not_reached.is_empty() {
            let keys: Vec<String> = self.not_reached.iter().map(|key| name_with_id(&key.name, &key.id)).collect();
            message.push_str(&format!("\nNot processed: {}.", visible(&keys.join(", "))));
        }
        let error = Error::interrupted(signal, Some(&message));
        match self.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// Returns the current time.
pub type Clock = fn() -> Timestamp;

/// The system clock. This is the only place that reads it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this function reads it for all others")]
pub fn system_clock() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_change_says_what_may_have_happened_and_what_was_not_reached() {
        let change = InProgress::new("The request to delete API key 'a\nb' may have completed.");
        let error = change.clone().interrupted(Signal::Terminate);
        assert_eq!(error.message, "Interrupted. The request to delete API key 'a\\nb' may have completed.");
        assert_eq!((error.kind.exit_status(), error.hints), (143, Vec::new()));
        let key = |name: &str, id: &str| NotReached { id: id.to_owned(), name: name.to_owned() };
        let rest = vec![key("c", "ApiKey-1"), key("d\x1b[2J", "ApiKey-2")];
        let error = change.not_reached(rest).hint("Check it.").interrupted(Signal::Interrupt);
        let (_, not_reached) = error.message.split_once('\n').unwrap();
        assert_eq!(not_reached, "Not processed: c (ApiKey-1), d\\x1b[2J (ApiKey-2).");
        assert_eq!((error.kind.exit_status(), error.hints), (130, vec!["Check it.".into()]));
    }
}
