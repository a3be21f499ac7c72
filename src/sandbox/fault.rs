//! Misbehaviour on purpose: which requests it hits, and what happens to them.
//!
//! A fault is written as words: `POST /v1/apikeys nth=1 drop=after`. Method and path narrow it (`*` at the end of
//! a path stands for anything), `nth=N`, `every=N` or `chance=0.1` choose among the requests that are left, and
//! the rest says what happens; see [`ACTIONS`].

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a fault can do, for messages.
const ACTIONS: &str = "delay=DURATION; delay-after=DURATION; status=CODE with body=json|html|empty and retry-after=SECONDS|date:SECONDS; \
     drop=before|after|half; drip=DURATION; garbage; expired";

/// One fault and how often it was looked at.
#[derive(Debug)]
pub struct Fault {
    method: Option<String>,
    path: Option<String>,
    when: When,
    /// What happens.
    pub(super) action: Action,
    seen: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum When {
    Always,
    /// The Nth alone.
    Nth(u64),
    /// Each Nth.
    Every(u64),
    /// By a chance that comes out the same in each run.
    Chance(f64),
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// It is carried out later.
    Delay(Duration),
    /// It is carried out, and answered later.
    DelayAfter(Duration),
    /// It is not carried out but answered with this.
    Answer { status: u16, body: ErrorBody, retry_after: Option<RetryAfter> },
    /// The connection ends before anything is done.
    DropBefore,
    /// It is carried out, and then the connection ends.
    DropAfter,
    /// The answer breaks off in the middle.
    DropHalf,
    /// The answer comes in little pieces, with this between two of them.
    Drip(Duration),
    /// The answer is not JSON.
    Garbage,
    /// The token counts as expired; the token endpoint gives one that is.
    Expired,
}

/// The body of an error that a fault makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorBody {
    Json,
    Html,
    Empty,
}

/// How `Retry-After` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryAfter {
    Seconds(u64),
    Date(u64),
}

impl Fault {
    /// Whether this request is hit; counts it if method and path fit.
    pub(super) fn hits(&self, method: &str, path: &str) -> bool {
        let method_fits = self.method.as_deref().is_none_or(|wanted| wanted == method);
        let path_fits = self.path.as_deref().is_none_or(|wanted| match wanted.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => path == wanted,
        });
        if !method_fits || !path_fits {
            return false;
        }
        let number = self.seen.fetch_add(1, Ordering::Relaxed) + 1;
        match self.when {
            When::Always => true,
            When::Nth(nth) => number == nth,
            When::Every(every) => number.is_multiple_of(every),
            When::Chance(chance) => scattered(number) < chance,
        }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut fault =
            Self { method: None, path: None, when: When::Always, action: Action::Garbage, seen: AtomicU64::new(0) };
        let (mut action, mut body, mut retry_after) = (None, None, None);
        for word in text.split_whitespace() {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let wrong = |expected: &str| format!("'{word}' is not understood: expected {expected}");
            let mut act = |new: Action| match action.replace(new) {
                None => Ok(()),
                Some(_) => Err(format!("'{word}' is a second thing to happen; write a fault of its own for it")),
            };
            match name {
                "nth" | "every" | "chance" if fault.when != When::Always => return Err(twice(word)),
                "nth" => fault.when = When::Nth(positive(value).ok_or_else(|| wrong("nth=1 or more"))?),
                "every" => fault.when = When::Every(positive(value).ok_or_else(|| wrong("every=1 or more"))?),
                "chance" => {
                    let chance = value.parse().ok().filter(|chance| (0.0..=1.0).contains(chance));
                    fault.when = When::Chance(chance.ok_or_else(|| wrong("chance=0.0 to 1.0"))?);
                }
                "delay" => act(Action::Delay(duration(value).ok_or_else(|| wrong("a duration like 500ms or 2s"))?))?,
                "delay-after" => {
                    act(Action::DelayAfter(duration(value).ok_or_else(|| wrong("a duration like 500ms or 2s"))?))?;
                }
                "drip" => act(Action::Drip(duration(value).ok_or_else(|| wrong("a duration like 500ms or 2s"))?))?,
                "status" => {
                    let status = value.parse().ok().filter(|status| (400..=599).contains(status));
                    let status = status.ok_or_else(|| wrong("status=400 to 599"))?;
                    act(Action::Answer { status, body: ErrorBody::Json, retry_after: None })?;
                }
                "body" => {
                    body = Some(match value {
                        "json" => ErrorBody::Json,
                        "html" => ErrorBody::Html,
                        "empty" => ErrorBody::Empty,
                        _ => return Err(wrong("body=json, html or empty")),
                    });
                }
                "retry-after" => {
                    let bounded = |text: &str| text.parse().ok().filter(|seconds| *seconds <= LONGEST_WAIT);
                    let seconds = bounded(value).map(RetryAfter::Seconds);
                    let date = || Some(RetryAfter::Date(bounded(value.strip_prefix("date:")?)?));
                    retry_after = Some(seconds.or_else(date).ok_or_else(|| wrong("retry-after=7 or date:7"))?);
                }
                "drop" => act(match value {
                    "before" => Action::DropBefore,
                    "after" => Action::DropAfter,
                    "half" => Action::DropHalf,
                    _ => return Err(wrong("drop=before, after or half")),
                })?,
                "garbage" if value.is_empty() => act(Action::Garbage)?,
                "expired" if value.is_empty() => act(Action::Expired)?,
                _ if word.starts_with('/') || word == "*" => match fault.path.replace(word.to_owned()) {
                    None => {}
                    Some(_) => return Err(twice(word)),
                },
                _ if word.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                    match fault.method.replace(word.to_owned()) {
                        None => {}
                        Some(_) => return Err(twice(word)),
                    }
                }
                _ => {
                    return Err(wrong(&format!(
                        "a method, a path, nth=, every=, chance=, or what happens ({ACTIONS})"
                    )));
                }
            }
        }
        fault.action = match (action, body, retry_after) {
            (None, ..) => return Err(format!("'{text}' does not say what happens ({ACTIONS})")),
            (Some(Action::Answer { status, .. }), body, retry_after) => {
                Action::Answer { status, body: body.unwrap_or(ErrorBody::Json), retry_after }
            }
            (Some(action), None, None) => action,
            _ => return Err(format!("in '{text}', body= and retry-after= go with status= alone")),
        };
        Ok(fault)
    }
}

/// A year, in seconds.
const LONGEST_WAIT: u64 = 365 * 86_400;

fn twice(word: &str) -> String {
    format!("'{word}' says a second time which requests are hit")
}

fn positive(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| *number > 0)
}

/// `500ms`, `2s`.
fn duration(text: &str) -> Option<Duration> {
    if let Some(number) = text.strip_suffix("ms") {
        return number.parse().ok().map(Duration::from_millis);
    }
    text.strip_suffix('s')?.parse().ok().map(Duration::from_secs)
}

/// A number in 0..1 for each number, always the same (the generator `splitmix64`).
fn scattered(number: u64) -> f64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let high = u32::try_from((bits ^ (bits >> 31)) >> 32).unwrap_or_default();
    f64::from(high) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(fault: &str, requests: &[(&str, &str)]) -> Vec<bool> {
        let fault: Fault = fault.parse().unwrap();
        requests.iter().map(|(method, path)| fault.hits(method, path)).collect()
    }

    #[test]
    fn a_fault_hits_what_its_words_say() {
        let requests = [("GET", "/v1/apikeys"), ("POST", "/v1/apikeys"), ("POST", "/v1/apikeys/1/lock")];
        assert_eq!(hits("garbage", &requests), [true, true, true]);
        assert_eq!(hits("POST garbage", &requests), [false, true, true]);
        assert_eq!(hits("POST * garbage", &requests), [false, true, true]);
        assert_eq!(hits("/v1/apikeys garbage", &requests), [true, true, false]);
        assert_eq!(hits("POST /v1/apikeys/* garbage", &requests), [false, false, true]);
        let same = [("GET", "/"); 6];
        assert_eq!(hits("nth=2 garbage", &same), [false, true, false, false, false, false]);
        assert_eq!(hits("every=3 garbage", &same), [false, false, true, false, false, true]);
        assert_eq!(hits("chance=0 garbage", &same), [false; 6]);
        assert_eq!(hits("chance=1 garbage", &same), [true; 6]);
    }

    #[test]
    fn chance_comes_out_the_same_each_time_and_about_as_often_as_it_says() {
        let many = vec![("GET", "/"); 10_000];
        let first = hits("chance=0.1 garbage", &many);
        assert_eq!(first, hits("chance=0.1 garbage", &many));
        let count = first.iter().filter(|hit| **hit).count();
        assert!((900..1100).contains(&count), "{count}");
    }

    #[test]
    fn every_action_is_read() {
        let action = |text: &str| text.parse::<Fault>().unwrap().action;
        assert_eq!(action("delay=500ms"), Action::Delay(Duration::from_millis(500)));
        assert_eq!(action("delay-after=1s"), Action::DelayAfter(Duration::from_secs(1)));
        assert_eq!(action("drip=2s"), Action::Drip(Duration::from_secs(2)));
        assert_eq!(action("drop=before"), Action::DropBefore);
        assert_eq!(action("drop=after"), Action::DropAfter);
        assert_eq!(action("drop=half"), Action::DropHalf);
        assert_eq!(action("expired"), Action::Expired);
        let answer = |status, body, retry_after| Action::Answer { status, body, retry_after };
        assert_eq!(action("status=503"), answer(503, ErrorBody::Json, None));
        assert_eq!(
            action("retry-after=7 status=429 body=html"),
            answer(429, ErrorBody::Html, Some(RetryAfter::Seconds(7)))
        );
        assert_eq!(
            action("status=429 retry-after=date:7 body=empty"),
            answer(429, ErrorBody::Empty, Some(RetryAfter::Date(7)))
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, part) in [
            ("", "does not say what happens"),
            ("POST", "does not say what happens"),
            ("nth=0 garbage", "'nth=0' is not understood: expected nth=1 or more"),
            ("chance=2 garbage", "expected chance=0.0 to 1.0"),
            ("delay=5", "a duration like 500ms or 2s"),
            ("status=200", "status=400 to 599"),
            ("drop=later", "drop=before, after or half"),
            ("explode", "'explode' is not understood"),
            ("garbage expired", "'expired' is a second thing to happen"),
            ("garbage body=html", "go with status= alone"),
            ("GET POST garbage", "'POST' says a second time"),
            ("/a /b garbage", "'/b' says a second time"),
            ("nth=1 every=2 garbage", "'every=2' says a second time"),
            ("status=429 retry-after=99999999999", "retry-after=7 or date:7"),
            ("status=429 retry-after=soon", "retry-after=7 or date:7"),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
