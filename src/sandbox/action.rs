//! The actions of faults, and their text format.

use std::fmt;
use std::time::Duration;

use super::setup::{Span, YEAR};

/// The list of actions, for messages.
pub(super) const ACTIONS: &str = "delay=DURATION; delay-after=DURATION; \
     status=CODE or status-after=CODE with body=json|html|empty and retry-after=SECONDS|date:SECONDS; \
     drop=before|after|half; late=DURATION; repeat; repeat=late:DURATION; drip=DURATION; garbage; expired; \
     clock=OFFSET; answer-value=TEXT; request-value=TEXT";

/// What a fault does to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// Process the request after a delay.
    Delay(Duration),
    /// Process the request, and respond after a delay.
    DelayAfter(Duration),
    /// Send this response, and do not process the request.
    Answer(FixedAnswer),
    /// Process the request, and send this response.
    AnswerAfter(FixedAnswer),
    /// Close the connection, and do not process the request.
    DropBefore,
    /// Process the request, and close the connection without a response.
    DropAfter,
    /// Close the connection in the middle of the response.
    DropHalf,
    /// Close the connection, and process the request later.
    Late(Duration),
    /// Process the request twice, and send the second response.
    Repeat,
    /// Process the request, and process it again later.
    RepeatLate(Duration),
    /// Send the response in small pieces, with this pause between them.
    Drip(Duration),
    /// Send a response that is not valid JSON.
    Garbage,
    /// Treat the token as expired; at the token endpoint, issue an expired token.
    Expired,
    /// Shift the service's clock by this many seconds.
    Clock(i64),
    /// Replace the value of a key in the response.
    AnswerValue(Replacement),
    /// Replace the value of a key in the request.
    RequestValue(Replacement),
}

/// A response that a fault sends instead of the service's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FixedAnswer {
    pub status: u16,
    pub body: FixedBody,
    pub retry_after: Option<RetryAfter>,
}

/// The body of a [`FixedAnswer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FixedBody {
    Json,
    Html,
    Empty,
}

/// The format of `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryAfter {
    Seconds(u64),
    Date(u64),
}

/// A text that replaces the value of a key. `Debug` hides it, because it may be a secret and is logged.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Replacement(String);

impl Action {
    /// Parses a word; `None` if it does not name an action.
    pub(super) fn parse(word: &str) -> Result<Option<Self>, String> {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let wrong = |expected: &str| format!("'{word}' is invalid: expected {expected}");
        let text = value.unwrap_or_default();
        let time = || duration(text).ok_or_else(|| wrong("a duration like 500ms or 2s"));
        let replacement = || value.map(Replacement::new).ok_or_else(|| wrong(&format!("{name}=TEXT")));
        Ok(Some(match name {
            "delay" => Self::Delay(time()?),
            "delay-after" => Self::DelayAfter(time()?),
            "status" => Self::Answer(FixedAnswer::parse(text).ok_or_else(|| wrong("status=200 to 599"))?),
            "status-after" => {
                Self::AnswerAfter(FixedAnswer::parse(text).ok_or_else(|| wrong("status-after=200 to 599"))?)
            }
            "drop" => match text {
                "before" => Self::DropBefore,
                "after" => Self::DropAfter,
                "half" => Self::DropHalf,
                _ => return Err(wrong("drop=before, after or half")),
            },
            "late" => Self::Late(time()?),
            "repeat" if value.is_none() => Self::Repeat,
            "repeat" => {
                let later = text.strip_prefix("late:").and_then(duration);
                Self::RepeatLate(later.ok_or_else(|| wrong("repeat, or repeat=late: and a duration like 500ms or 2s"))?)
            }
            "drip" => Self::Drip(time()?),
            "garbage" if value.is_none() => Self::Garbage,
            "expired" if value.is_none() => Self::Expired,
            "clock" => {
                let offset = offset(text);
                Self::Clock(offset.ok_or_else(|| wrong("clock= and +2h, -90m or 45s, a year at most"))?)
            }
            "answer-value" => Self::AnswerValue(replacement()?),
            "request-value" => Self::RequestValue(replacement()?),
            _ => return Ok(None),
        }))
    }

    /// Adds the body and `Retry-After` that other words of the fault specify.
    pub(super) fn with(self, body: Option<FixedBody>, retry_after: Option<RetryAfter>) -> Result<Self, String> {
        Ok(match self {
            Self::Answer(answer) => Self::Answer(answer.with(body, retry_after)?),
            Self::AnswerAfter(answer) => Self::AnswerAfter(answer.with(body, retry_after)?),
            other if body.is_none() && retry_after.is_none() => other,
            _ => return Err("body= and retry-after= require status= or status-after=".to_owned()),
        })
    }

    /// Whether the sandbox must read the whole request before this action.
    pub(super) fn needs_whole_request(&self) -> bool {
        matches!(self, Self::Late(_) | Self::Repeat | Self::RepeatLate(_) | Self::RequestValue(_))
    }
}

impl FixedAnswer {
    fn parse(status: &str) -> Option<Self> {
        let status = status.parse().ok().filter(|status| (200..=599).contains(status))?;
        Some(Self { status, body: FixedBody::Json, retry_after: None })
    }

    fn with(self, body: Option<FixedBody>, retry_after: Option<RetryAfter>) -> Result<Self, String> {
        let body = match (self.status, body) {
            (204 | 205 | 304, None | Some(FixedBody::Empty)) => FixedBody::Empty,
            (204 | 205 | 304, Some(_)) => return Err(format!("a response with status {} has no body", self.status)),
            (_, body) => body.unwrap_or(FixedBody::Json),
        };
        Ok(Self { body, retry_after, ..self })
    }
}

impl FixedBody {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "json" => Self::Json,
            "html" => Self::Html,
            "empty" => Self::Empty,
            _ => return None,
        })
    }
}

impl RetryAfter {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bounded = |text: &str| text.parse().ok().filter(|seconds| *seconds <= YEAR.unsigned_abs());
        match text.strip_prefix("date:") {
            Some(text) => bounded(text).map(Self::Date),
            None => bounded(text).map(Self::Seconds),
        }
    }
}

impl Replacement {
    /// Creates a replacement. `\n` stands for a newline, which a word cannot contain.
    fn new(text: &str) -> Self {
        Self(text.replace("\\n", "\n"))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hidden")
    }
}

/// Parses `500ms` or `2s`.
fn duration(text: &str) -> Option<Duration> {
    if let Some(number) = text.strip_suffix("ms") {
        return number.parse().ok().map(Duration::from_millis);
    }
    text.strip_suffix('s')?.parse().ok().map(Duration::from_secs)
}

/// Parses `+2h`, `-90m` or `45s`, to seconds.
fn offset(text: &str) -> Option<i64> {
    let Span(seconds) = Span::try_from(text.to_owned()).ok()?;
    (seconds.abs() <= YEAR).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::fault::Fault;

    fn action(text: &str) -> Action {
        text.parse::<Fault>().unwrap().action
    }

    #[test]
    fn every_action_is_read() {
        assert_eq!(action("delay=500ms"), Action::Delay(Duration::from_millis(500)));
        assert_eq!(action("delay-after=1s"), Action::DelayAfter(Duration::from_secs(1)));
        assert_eq!(action("drip=2s"), Action::Drip(Duration::from_secs(2)));
        assert_eq!(action("drop=before"), Action::DropBefore);
        assert_eq!(action("drop=after"), Action::DropAfter);
        assert_eq!(action("drop=half"), Action::DropHalf);
        assert_eq!(action("late=2s"), Action::Late(Duration::from_secs(2)));
        assert_eq!(action("repeat"), Action::Repeat);
        assert_eq!(action("repeat=late:300ms"), Action::RepeatLate(Duration::from_millis(300)));
        assert_eq!(action("garbage"), Action::Garbage);
        assert_eq!(action("expired"), Action::Expired);
    }

    #[test]
    fn an_answer_is_read_with_its_body_and_wait() {
        let answer = |status, body, retry_after| FixedAnswer { status, body, retry_after };
        assert_eq!(action("status=503"), Action::Answer(answer(503, FixedBody::Json, None)));
        assert_eq!(action("status=200 body=html"), Action::Answer(answer(200, FixedBody::Html, None)));
        assert_eq!(action("status-after=599"), Action::AnswerAfter(answer(599, FixedBody::Json, None)));
        assert_eq!(
            action("retry-after=7 status-after=429 body=html"),
            Action::AnswerAfter(answer(429, FixedBody::Html, Some(RetryAfter::Seconds(7))))
        );
        assert_eq!(
            action("status=429 retry-after=date:7 body=empty"),
            Action::Answer(answer(429, FixedBody::Empty, Some(RetryAfter::Date(7))))
        );
        for status in [204, 205, 304] {
            let empty = answer(status, FixedBody::Empty, None);
            assert_eq!(action(&format!("status={status}")), Action::Answer(empty));
            assert_eq!(action(&format!("status-after={status} body=empty")), Action::AnswerAfter(empty));
        }
    }

    #[test]
    fn a_clock_is_off_either_way() {
        for (text, seconds) in [
            ("clock=+2h", 7200),
            ("clock=-90m", -5400),
            ("clock=45s", 45),
            ("clock=0s", 0),
            ("clock=365d", YEAR),
            ("clock=-365d", -YEAR),
        ] {
            assert_eq!(action(text), Action::Clock(seconds), "{text}");
        }
    }

    #[test]
    fn a_text_may_be_anything_but_space_and_is_not_shown() {
        for (word, text) in [
            ("********", "********"),
            ("$(id)", "$(id)"),
            ("a=b", "a=b"),
            ("", ""),
            ("one\\ntwo\\n", "one\ntwo\n"),
            ("drop=before", "drop=before"),
        ] {
            let replacement = Replacement(text.to_owned());
            assert_eq!(action(&format!("answer-value={word}")), Action::AnswerValue(replacement.clone()));
            assert_eq!(action(&format!("request-value={word}")), Action::RequestValue(replacement));
        }
        assert_eq!(format!("{:?}", action("answer-value=secret")), "AnswerValue(hidden)");
        assert_eq!(format!("{:?}", action("request-value=secret")), "RequestValue(hidden)");
    }

    #[test]
    fn what_is_wrong_with_an_action_is_named() {
        for (text, part) in [
            ("delay=5", "a duration like 500ms or 2s"),
            ("late", "a duration like 500ms or 2s"),
            ("repeat=", "expected repeat, or repeat=late:"),
            ("repeat=2s", "expected repeat, or repeat=late:"),
            ("repeat=late:2", "expected repeat, or repeat=late:"),
            ("status=199", "status=200 to 599"),
            ("status=600", "status=200 to 599"),
            ("status-after=ok", "status-after=200 to 599"),
            ("status=204 body=html", "in 'status=204 body=html', a response with status 204 has no body"),
            ("status-after=304 body=json", "a response with status 304 has no body"),
            ("drop=later", "drop=before, after or half"),
            ("garbage=", "'garbage=' is invalid"),
            ("garbage body=html", "require status= or status-after="),
            ("repeat retry-after=7", "require status= or status-after="),
            ("clock", "clock= and +2h, -90m or 45s"),
            ("clock=2", "clock= and +2h, -90m or 45s"),
            ("clock=366d", "a year at most"),
            ("clock=-99999999d", "a year at most"),
            ("answer-value", "expected answer-value=TEXT"),
            ("request-value", "expected request-value=TEXT"),
            ("status=429 retry-after=99999999999", "retry-after=7 or date:7"),
            ("status=429 retry-after=soon", "retry-after=7 or date:7"),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
