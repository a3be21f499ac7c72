//! Faults: which requests they apply to, and what they do.
//!
//! A fault is a list of words: `POST /v1/apikeys nth=1 drop=after`. A method and a path (`*` at the end of a path
//! matches any text) restrict the requests, `nth=N`, `every=N` or `chance=0.1` selects some of the matching requests,
//! and the other words are the action; see [`ACTIONS`].

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use super::action::{ACTIONS, Action, FixedBody, RetryAfter};

/// A fault, and the number of requests that matched its method and path.
#[derive(Debug)]
pub struct Fault {
    method: Option<String>,
    path: Option<String>,
    when: When,
    /// What the fault does.
    pub(super) action: Action,
    seen: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum When {
    Always,
    /// Only the Nth request.
    Nth(u64),
    /// Every Nth request.
    Every(u64),
    /// A probability; it selects the same requests in each run.
    Chance(f64),
}

impl Fault {
    /// Whether the fault applies to a request; counts the request if its method and path match.
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
            let wrong = |expected: &str| format!("'{word}' is invalid: expected {expected}");
            match name {
                "nth" | "every" | "chance" if fault.when != When::Always => return Err(twice(word)),
                "nth" => fault.when = When::Nth(positive(value).ok_or_else(|| wrong("nth=1 or more"))?),
                "every" => fault.when = When::Every(positive(value).ok_or_else(|| wrong("every=1 or more"))?),
                "chance" => {
                    let chance = value.parse().ok().filter(|chance| (0.0..=1.0).contains(chance));
                    fault.when = When::Chance(chance.ok_or_else(|| wrong("chance=0.0 to 1.0"))?);
                }
                "body" => body = Some(FixedBody::parse(value).ok_or_else(|| wrong("body=json, html or empty"))?),
                "retry-after" => {
                    let wait = RetryAfter::parse(value);
                    retry_after = Some(wait.ok_or_else(|| wrong("retry-after=7 or date:7"))?);
                }
                _ if word.starts_with('/') || word == "*" => {
                    if fault.path.replace(word.to_owned()).is_some() {
                        return Err(twice(word));
                    }
                }
                _ if word.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                    if fault.method.replace(word.to_owned()).is_some() {
                        return Err(twice(word));
                    }
                }
                _ => {
                    let new = Action::parse(word)?.ok_or_else(|| {
                        wrong(&format!("a method, a path, nth=, every=, chance=, or an action ({ACTIONS})"))
                    })?;
                    if action.replace(new).is_some() {
                        return Err(format!("'{word}' is a second action; use a separate fault for it"));
                    }
                }
            }
        }
        let action = action.ok_or_else(|| format!("'{text}' has no action ({ACTIONS})"))?;
        fault.action = action.with(body, retry_after).map_err(|error| format!("in '{text}', {error}"))?;
        Ok(fault)
    }
}

fn twice(word: &str) -> String {
    format!("'{word}' selects requests a second time")
}

fn positive(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| *number > 0)
}

/// Returns a pseudorandom number from 0 to 1 for each number, always the same one (the generator `splitmix64`).
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
    fn what_is_wrong_is_named() {
        for (text, part) in [
            ("", "has no action"),
            ("POST", "has no action"),
            ("nth=0 garbage", "'nth=0' is invalid: expected nth=1 or more"),
            ("chance=2 garbage", "expected chance=0.0 to 1.0"),
            ("explode", "'explode' is invalid"),
            ("garbage expired", "'expired' is a second action"),
            ("repeat status-after=500", "'status-after=500' is a second action"),
            ("GET POST garbage", "'POST' selects requests a second time"),
            ("/a /b garbage", "'/b' selects requests a second time"),
            ("nth=1 every=2 garbage", "'every=2' selects requests a second time"),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
