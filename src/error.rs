//! The error type of the program: a message, hints, and the exit status.

use std::error::Error as StdError;
use std::fmt;

use crate::hint::Hint;
use crate::signals::Signal;

/// The kind of an error, which determines the exit status. This is the only table of exit statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The operation failed at the service or on this machine.
    Failed,
    /// The command line is incomplete, or names something that does not exist.
    Usage,
    /// No key has that name or ID.
    NotFound,
    /// The user is not logged in or not authorised.
    NotAuthorised,
    /// The key is locked or was changed by someone else, or the limit of keys is reached.
    Conflict,
    /// The service cannot be reached.
    Unreachable,
    /// The user answered no.
    Cancelled,
    /// A signal ended the command, for example Ctrl-C.
    Signal(Signal),
}

impl Kind {
    /// Returns the exit status of the process.
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

    /// Returns the name of the kind in JSON.
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

    /// Whether the command was cancelled, and did not fail.
    #[must_use]
    pub fn is_cancellation(self) -> bool {
        matches!(self, Self::Cancelled | Self::Signal(_))
    }
}

const UNCHANGED: &str = "Cancelled; nothing was changed.";

/// The error of a command: a message, its cause, hints, and details from IAM.
#[derive(Debug, Clone)]
pub struct Error {
    /// The kind, which determines the exit status.
    pub kind: Kind,
    /// The message, as a sentence.
    pub message: String,
    /// What led to this error. Its hints and details are those of this error.
    pub source: Option<Box<Error>>,
    /// The next steps for the user.
    pub hints: Vec<Hint>,
    /// The error code of IAM, for example `BXNIM0102E`.
    pub code: Option<String>,
    /// The transaction ID of IAM, which IBM's support asks for.
    pub transaction_id: Option<String>,
}

impl Error {
    /// Creates an error with this kind and message.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None, hints: Vec::new(), code: None, transaction_id: None }
    }

    /// Creates an error for an invalid command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Creates an error for a failure at the service or on this machine.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// Creates the error for a change that the user cancelled.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(Kind::Cancelled, UNCHANGED)
    }

    /// Creates the error for a signal. `change` is what may have happened; `None` if nothing was changed.
    #[must_use]
    pub fn interrupted(signal: Signal, change: Option<&str>) -> Self {
        let message = change.map_or_else(|| UNCHANGED.to_owned(), |change| format!("Interrupted. {change}"));
        Self::new(Kind::Signal(signal), message)
    }

    /// Replaces all hints by this one.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.clear();
        self.and_hint(hint)
    }

    /// Adds a hint.
    #[must_use]
    pub fn and_hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Says what this error means for the command. This error becomes the cause; its hints and details stay.
    #[must_use]
    pub fn context(mut self, message: impl Into<String>) -> Self {
        let hints = std::mem::take(&mut self.hints);
        let (code, transaction_id) = (self.code.take(), self.transaction_id.take());
        let kind = self.kind;
        Self { kind, message: message.into(), source: Some(Box::new(self)), hints, code, transaction_id }
    }

    /// Replaces each hint to log in again by these hints, if there are any.
    #[must_use]
    pub fn log_in_with(mut self, log_in: &[Hint]) -> Self {
        if let Some(place) = self.hints.iter().position(|hint| *hint == Hint::LogIn && !log_in.is_empty()) {
            self.hints.splice(place..=place, log_in.iter().cloned());
        }
        self
    }

    /// Replaces the kind.
    #[must_use]
    pub fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The messages of the causes, the nearest one first.
    pub fn causes(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(self.source.as_deref(), |error| error.source.as_deref())
            .map(|error| error.message.as_str())
    }

    /// The message and its causes on one line.
    #[must_use]
    pub fn one_line(&self) -> String {
        self.causes().fold(self.message.clone(), |line, cause| format!("{line} {CAUSED_BY}: {cause}"))
    }
}

/// The words before a cause.
pub const CAUSED_BY: &str = "Caused by";

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Joins an error and its causes in one line, because the first line of reqwest's and rustls's errors is not helpful.
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
