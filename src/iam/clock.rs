//! The service's clock. This machine's clock may be wrong, so it decides about no key.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// The service's time, from its latest response and the time that has passed since then.
#[derive(Debug, Clone, Default)]
pub struct ServiceClock(Arc<Mutex<Option<Reading>>>);

/// A time of the service, and when it arrived.
#[derive(Debug, Clone, Copy)]
struct Reading {
    at: Timestamp,
    arrived: Instant,
}

impl ServiceClock {
    /// The service's time now; `None` before its first response.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        let reading = (*self.0.lock().ok()?)?;
        let passed = SignedDuration::try_from(reading.arrived.elapsed()).ok()?;
        reading.at.checked_add(passed).ok()
    }

    /// Reads the headers `Date` and `Age` of a response. A status of 500 or more may come from a gateway, which has
    /// another clock.
    pub(super) fn read(&self, status: u16, date: Option<&str>, age: Option<&str>) {
        if status < 500
            && let Some(at) = date.and_then(|date| sent_at(date, age))
            && let Ok(mut reading) = self.0.lock()
        {
            *reading = Some(Reading { at, arrived: Instant::now() });
        }
    }
}

/// When a response arrived, by the service's clock: its `Date`, and its `Age` if a cache stored it (RFC 9111, 5.1).
fn sent_at(date: &str, age: Option<&str>) -> Option<Timestamp> {
    let age = age.and_then(|age| age.trim().parse().ok()).unwrap_or_default();
    let date = httpdate::parse_http_date(date).ok()?.checked_add(Duration::from_secs(age))?;
    Timestamp::try_from(date).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_goes_on_from_the_latest_response_of_the_service() {
        let clock = ServiceClock::default();
        assert_eq!(clock.now(), None);
        clock.read(502, Some("Thu, 01 Jan 1970 00:00:00 GMT"), None);
        clock.read(200, Some("soon"), None);
        assert_eq!(clock.now(), None);
        let ahead = |text: &str| clock.now().unwrap().duration_since(text.parse().unwrap()).as_secs();
        clock.read(404, Some("Mon, 23 Nov 2026 09:00:00 GMT"), None);
        assert!((0..60).contains(&ahead("2026-11-23T09:00:00Z")));
        clock.read(200, Some("Mon, 23 Nov 2026 09:00:00 GMT"), Some("3600"));
        assert!((0..60).contains(&ahead("2026-11-23T10:00:00Z")));
    }
}
