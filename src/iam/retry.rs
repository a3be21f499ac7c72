//! When a request is sent again, and after how long. Pure: the caller sleeps.

use std::time::Duration;

/// A request is sent at most this often.
pub const MAX_ATTEMPTS: u32 = 4;

/// All waits of one request together stay below this.
pub const MAX_TOTAL_WAIT: Duration = Duration::from_secs(60);

/// Whether sending the same request twice can do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Reading, or fetching a token: any number of times.
    Harmless,
    /// A change: only when the service certainly did not carry it out.
    OnlyIfRefused,
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection came about, so the request was not seen.
    NotConnected,
    /// Sent, but the answer did not come or broke off.
    Lost,
    /// An answer with this status, and the wait that its `Retry-After` asks for.
    Status(u16, Option<Duration>),
}

/// How long to wait before the next attempt; `None` gives up.
///
/// `attempt` is the number of the one that failed, from 1; `waited` the sum so far; `jitter` lies in 0..1.
#[must_use]
pub fn wait_before_next(
    repeat: Repeat,
    failure: Failure,
    attempt: u32,
    waited: Duration,
    jitter: f64,
) -> Option<Duration> {
    if attempt >= MAX_ATTEMPTS {
        return None;
    }
    let base = match failure {
        Failure::NotConnected => Duration::from_millis(250),
        Failure::Lost if repeat == Repeat::Harmless => Duration::from_millis(250),
        // A refusal for load is a refusal: the work was not begun.
        Failure::Status(429, _) => Duration::from_secs(1),
        Failure::Status(500 | 502..=504, _) if repeat == Repeat::Harmless => Duration::from_millis(500),
        Failure::Lost | Failure::Status(..) => return None,
    };
    let backoff = base * 2u32.pow(attempt - 1);
    let wait = match failure {
        Failure::Status(_, Some(asked)) => asked,
        _ => backoff.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0),
    };
    (waited.checked_add(wait)? <= MAX_TOTAL_WAIT).then_some(wait)
}

#[cfg(test)]
mod tests {
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
            assert!(wait(Repeat::Harmless, Failure::Status(status, None), 1).is_some());
        }
        for status in [400, 401, 403, 404, 409, 422, 501, 505] {
            assert!(wait(Repeat::Harmless, Failure::Status(status, None), 1).is_none());
        }
        assert!(wait(Repeat::Harmless, Failure::Lost, 1).is_some());
    }

    #[test]
    fn attempts_and_the_sum_of_waits_are_bounded() {
        assert!(wait(Repeat::Harmless, Failure::NotConnected, 3).is_some());
        assert!(wait(Repeat::Harmless, Failure::NotConnected, 4).is_none());
        let asked = |seconds| Failure::Status(429, Some(Duration::from_secs(seconds)));
        assert_eq!(wait(Repeat::Harmless, asked(7), 1), Some(Duration::from_secs(7)));
        assert!(wait(Repeat::Harmless, asked(3600), 1).is_none());
        assert!(wait_before_next(Repeat::Harmless, asked(u64::MAX), 2, Duration::from_secs(1), 0.0).is_none());
        let late = Duration::from_secs(55);
        assert!(wait_before_next(Repeat::Harmless, asked(7), 2, late, 0.0).is_none());
    }

    #[test]
    fn waits_grow_and_are_spread() {
        let first = wait_before_next(Repeat::Harmless, Failure::Lost, 1, Duration::ZERO, 0.0);
        assert_eq!(first, Some(Duration::from_millis(125)));
        assert_eq!(wait(Repeat::Harmless, Failure::Lost, 3), Some(Duration::from_secs(1)));
    }
}
