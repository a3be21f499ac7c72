//! The one error of the program: what happened, what to do next, and the exit status that follows.

use std::error::Error as StdError;
use std::fmt;

use crate::hint::Hint;
use crate::signals::Signal;

/// Why a command ended, and by that its exit status. The only such table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The service or this machine could not do it.
    Failed,
    /// The command line does not say enough, or says something that does not exist.
    Usage,
    /// No key of that name or id.
    NotFound,
    /// Not logged in, or not allowed.
    NotAuthorised,
    /// The key is locked, was changed meanwhile, or there are too many.
    Conflict,
    /// The service could not be asked.
    Unreachable,
    /// The person said no.
    Cancelled,
    /// A signal ended the command; Ctrl-C is one.
    Signal(Signal),
}

impl Kind {
    /// The process's exit status.
    #[must_use]
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::NotAuthorised => 4,
            Self::Conflict => 5,
            Self::Unreachable => 6,
            Self::Signal(Signal::Hangup) => 129,
            Self::Cancelled | Self::Signal(Signal::Interrupt) => 130,
            Self::Signal(Signal::Quit) => 131,
            Self::Signal(Signal::Terminate) => 143,
        }
    }

    /// The word for it in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not_found",
            Self::NotAuthorised => "not_authorised",
            Self::Conflict => "conflict",
            Self::Unreachable => "unreachable",
            Self::Cancelled | Self::Signal(Signal::Interrupt) => "cancelled",
            Self::Signal(Signal::Hangup | Signal::Quit | Signal::Terminate) => "interrupted",
        }
    }

    /// Whether the command was told to end, and did not fail.
    #[must_use]
    pub fn is_cancellation(self) -> bool {
        matches!(self, Self::Cancelled | Self::Signal(_))
    }
}

const UNCHANGED: &str = "Cancelled; nothing was changed.";

/// A failed command: a sentence, perhaps a next step, perhaps what IAM said.
#[derive(Debug)]
pub struct Error {
    /// Decides the exit status.
    pub kind: Kind,
    /// What happened, as a sentence.
    pub message: String,
    /// What to do next.
    pub hints: Vec<Hint>,
    /// IAM's own code, as `BXNIM0102E`.
    pub code: Option<String>,
    /// IAM's transaction id, which IBM's support asks for.
    pub transaction_id: Option<String>,
}

impl Error {
    /// An error of that kind with that sentence.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), code: None, transaction_id: None }
    }

    /// A wrong command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Something that this machine or the service could not do.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// A person's no.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(Kind::Cancelled, UNCHANGED)
    }

    /// A signal, with what may have happened by then; `None` if nothing was changed.
    #[must_use]
    pub fn interrupted(signal: Signal, change: Option<&str>) -> Self {
        let message = change.map_or_else(|| UNCHANGED.to_owned(), |change| format!("Interrupted. {change}"));
        Self::new(Kind::Signal(signal), message)
    }

    /// Says what to do next, instead of what it said before.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.clear();
        self.and_hint(hint)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn and_hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Says it in other words; what IAM said of it stays.
    #[must_use]
    pub fn reworded(mut self, kind: Kind, message: impl Into<String>) -> Self {
        self.kind = kind;
        self.message = message.into();
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {}

/// A cause and its causes in one line; reqwest's and rustls's first line alone says nothing of use.
#[must_use]
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let line = cause.to_string();
        if !text.contains(&line) {
            text.push_str(": ");
            text.push_str(&line);
        }
        next = cause.source();
    }
    text
}
