//! The state of a running sandbox.

use std::time::Duration;

use jiff::Timestamp;

use super::fault::Fault;
use super::log::Log;
use super::setup::Setup;
use super::store::Store;
use super::token::Signer;

/// The state that every request needs.
pub(super) struct App {
    pub setup: Setup,
    pub faults: Vec<Fault>,
    pub log: Option<Log>,
    pub store: Store,
    pub signer: Signer,
    pub url: String,
    /// Returns the real time; the service uses [`App::now`].
    pub clock: fn() -> Timestamp,
}

impl App {
    /// Returns the time according to the service, in Unix seconds.
    pub(super) fn now(&self) -> i64 {
        self.setup.choices.service_time((self.clock)().as_second())
    }

    /// Returns the time according to the service, in milliseconds.
    pub(super) fn now_in_milliseconds(&self) -> i64 {
        let offset = self.setup.choices.clock_offset.saturating_mul(1000);
        (self.clock)().as_millisecond().saturating_add(offset)
    }

    /// Returns the time limit for the head of a request, and for its body.
    pub(super) fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.setup.limits.request_seconds.into())
    }
}
