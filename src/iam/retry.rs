//! When a request is retried, and after how long: one policy for reads and changes. Pure: the caller sleeps.

use std::time::Duration;

/// The maximum number of attempts of a request.
pub const MAX_ATTEMPTS: u32 = 4;

/// The maximum of all waits of one operation together.
pub const MAX_TOTAL_WAIT: Duration = Duration::from_secs(60);

/// Whether sending the same request twice can do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// A read, a token request, or a change that was not made according to the service.
    Idempotent,
    /// A change: it is retried only if the service certainly did not carry it out.
    OnlyIfRefused,
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection was established, so the service did not see the request.
    NotConnected,
    /// The request was sent, but the response is missing or incomplete.
    Lost,
    /// A response with this status, and the wait that its `Retry-After` requests.
    Status(u16, Option<Duration>),
}

/// The attempts and waits of one operation so far.
#[derive(Debug, Default)]
pub struct RetryBudget {
    attempts: u32,
    waited: Duration,
}

impl RetryBudget {
    /// Returns how long to wait after a failed attempt; `None` gives up. `jitter` is in 0..1.
    pub fn after(&mut self, repeat: Repeat, failure: Failure, jitter: f64) -> Option<Duration> {
        self.attempts += 1;
        let wait = wait_before_next(repeat, failure, self.attempts, self.waited, jitter)?;
        self.waited += wait;
        Some(wait)
    }

    /// The number of the next attempt, starting at 1.
    #[must_use]
    pub fn next_attempt(&self) -> u32 {
        self.attempts + 1
    }
}

/// `attempt` is the number of the failed attempt, starting at 1; `waited` is the sum of the waits so far.
fn wait_before_next(repeat: Repeat, failure: Failure, attempt: u32, waited: Duration, jitter: f64) -> Option<Duration> {
    if attempt >= MAX_ATTEMPTS {
        return None;
    }
    let base = match failure {
        Failure::NotConnected => Duration::from_millis(250),
        Failure::Lost if repeat == Repeat::Idempotent => Duration::from_millis(250),
        // A rejection because of load means that the work was not started.
        Failure::Status(429, _) => Duration::from_secs(1),
        Failure::Status(500 | 502..=504, _) if repeat == Repeat::Idempotent => Duration::from_millis(500),
        Failure::Lost | Failure::Status(..) => return None,
    };
    let backoff = base * 2u32.pow(attempt - 1);
    let wait = match failure {
        Failure::Status(_, Some(asked)) => asked,
        _ => backoff.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0),
    };
    (waited.checked_add(wait)? <= MAX_TOTAL_WAIT).then_some(wait)
}

/// Returns the wait that `Retry-After` requests, in seconds or as an HTTP date, for the statuses that use it.
///
/// `date` is the `Date` header, so that a time of the server's clock is compared with that clock.
#[must_use]
pub fn asked_wait(status: u16, retry_after: Option<&str>, date: Option<&str>) -> Option<Duration> {
    if !matches!(status, 429 | 503) {
        return None;
    }
    let text = retry_after?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = httpdate::parse_http_date(text).ok()?;
    let now = httpdate::parse_http_date(date?).ok()?;
    Some(moment.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wait(repeat: Repeat, failure: Failure, attempt: u32) -> Option<Duration> {
        wait_before_next(repeat, failure, attempt, Duration::ZERO, 1.0)
    }

    #[test]
    fn a_change_is_repeated_only_when_it_was_certainly_not_carried_out() {
        let change = |failure| wait(Repeat::OnlyIfRefused, failure, 1).is_some();
        assert!(change(Failure::NotConnected));
        assert!(change(Failure::Status(429, None)));
        assert!(!change(Failure::Lost));
        assert!(!change(Failure::Status(500, None)));
        assert!(!change(Failure::Status(503, None)));
    }

    #[test]
    fn a_read_is_repeated_on_every_passing_fault_and_on_nothing_else() {
        for status in [429, 500, 502, 503, 504] {
            assert!(wait(Repeat::Idempotent, Failure::Status(status, None), 1).is_some());
        }
        for status in [400, 401, 403, 404, 409, 422, 501, 505] {
            assert!(wait(Repeat::Idempotent, Failure::Status(status, None), 1).is_none());
        }
        assert!(wait(Repeat::Idempotent, Failure::Lost, 1).is_some());
    }

    #[test]
    fn attempts_and_the_sum_of_waits_are_bounded() {
        assert!(wait(Repeat::Idempotent, Failure::NotConnected, 3).is_some());
        assert!(wait(Repeat::Idempotent, Failure::NotConnected, 4).is_none());
        let asked = |seconds| Failure::Status(429, Some(Duration::from_secs(seconds)));
        assert_eq!(wait(Repeat::Idempotent, asked(7), 1), Some(Duration::from_secs(7)));
        assert!(wait(Repeat::Idempotent, asked(3600), 1).is_none());
        assert!(wait_before_next(Repeat::Idempotent, asked(u64::MAX), 2, Duration::from_secs(1), 0.0).is_none());
        let late = Duration::from_secs(55);
        assert!(wait_before_next(Repeat::Idempotent, asked(7), 2, late, 0.0).is_none());
    }

    #[test]
    fn waits_grow_and_are_spread() {
        let first = wait_before_next(Repeat::Idempotent, Failure::Lost, 1, Duration::ZERO, 0.0);
        assert_eq!(first, Some(Duration::from_millis(125)));
        assert_eq!(wait(Repeat::Idempotent, Failure::Lost, 3), Some(Duration::from_secs(1)));
    }

    fn failures() -> impl Strategy<Value = Failure> {
        let asked = proptest::option::of(any::<u64>().prop_map(Duration::from_secs));
        prop_oneof![
            Just(Failure::NotConnected),
            Just(Failure::Lost),
            (100..600_u16, asked).prop_map(|(status, asked)| Failure::Status(status, asked)),
        ]
    }

    proptest! {
        #[test]
        fn whatever_goes_wrong_an_operation_ends(
            failures in proptest::collection::vec((failures(), any::<f64>()), 8),
            harmless in any::<bool>(),
        ) {
            let repeat = if harmless { Repeat::Idempotent } else { Repeat::OnlyIfRefused };
            let mut budget = RetryBudget::default();
            let waits: Vec<_> = failures.iter().map_while(|(failure, jitter)| {
                let wait = budget.after(repeat, *failure, *jitter)?;
                Some((*failure, wait))
            }).collect();
            prop_assert!(waits.len() < MAX_ATTEMPTS as usize);
            prop_assert!(waits.iter().map(|(_, wait)| *wait).sum::<Duration>() <= MAX_TOTAL_WAIT);
            for (failure, wait) in waits {
                match failure {
                    // The wait that the service requests is used exactly.
                    Failure::Status(status, asked) => {
                        prop_assert!(status == 429 || harmless && matches!(status, 500 | 502..=504), "{status}");
                        prop_assert!(asked.is_none_or(|asked| asked == wait));
                    }
                    Failure::Lost => prop_assert!(harmless),
                    Failure::NotConnected => {}
                }
            }
        }

        #[test]
        fn any_retry_after_is_read_or_ignored(status in 100..600_u16, text in ".{0,40}", date in ".{0,40}") {
            let asked = asked_wait(status, Some(&text), Some(&date));
            prop_assert!(asked.is_none() || matches!(status, 429 | 503));
        }
    }
}
