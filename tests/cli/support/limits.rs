//! Time limits of tests. On a slow or busy machine, `IBMIAM_TEST_TIME_FACTOR=3` makes all of them three times as long.

use std::sync::LazyLock;
use std::time::Duration;

#[expect(clippy::disallowed_methods, reason = "the environment of the tests is no setting of the program")]
static FACTOR: LazyLock<u64> =
    LazyLock::new(|| std::env::var("IBMIAM_TEST_TIME_FACTOR").map_or(1, |factor| factor.parse().unwrap()));

/// A number of seconds on an idle machine.
pub(crate) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count * *FACTOR)
}

/// A short `--timeout`, for a server that never responds.
pub(crate) fn timeout() -> [&'static str; 2] {
    static TIMEOUT: LazyLock<String> = LazyLock::new(|| seconds(2).as_secs().to_string());
    ["--timeout", &TIMEOUT]
}

/// The `--timeout` of a command under a fault: only a delay needs a short one. With others, a busy machine does not
/// make a request fail.
pub(crate) fn timeout_under(fault: &str) -> [&'static str; 2] {
    if fault.contains("delay=") { timeout() } else { ["--timeout", "60"] }
}

/// The time after which a fault sends the copy of a request. Until then, a command that does not wait has ended.
pub(crate) fn late() -> String {
    format!("late={}s", seconds(5).as_secs())
}
