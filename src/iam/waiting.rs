//! Reports what the program waits for, to a function that shows it to the user.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Shorter waits are not reported.
const GRACE: Duration = Duration::from_secs(2);

/// The time between two reports.
const TICK: Duration = Duration::from_secs(1);

/// Shows a line during a wait, and clears it at `None`.
pub type Show = dyn Fn(Option<&str>) + Send + Sync;

/// Reports long waits; by default to no function.
#[derive(Clone, Default)]
pub struct Watch(Option<Arc<Show>>);

impl Watch {
    /// Reports to `show`.
    #[must_use]
    pub fn new(show: Option<Arc<Show>>) -> Self {
        Self(show)
    }

    /// Runs `work`, and reports from time to time what it waits for. `what` receives the elapsed time.
    pub(super) async fn during<T>(&self, what: impl Fn(Duration) -> String, work: impl Future<Output = T>) -> T {
        let Some(show) = &self.0 else {
            return work.await;
        };
        let mut work = std::pin::pin!(work);
        if let Ok(done) = tokio::time::timeout(GRACE, &mut work).await {
            return done;
        }
        let _cleared = Cleared(show);
        let mut waited = GRACE;
        loop {
            show(Some(&what(waited)));
            if let Ok(done) = tokio::time::timeout(TICK, &mut work).await {
                return done;
            }
            waited += TICK;
        }
    }

    /// Waits, and reports at once what for, unless the wait is shorter than `TICK`. `what` receives the remaining time.
    pub(super) async fn pause(&self, wait: Duration, what: impl Fn(Duration) -> String) {
        let Some(show) = self.0.as_ref().filter(|_| wait >= TICK) else {
            return tokio::time::sleep(wait).await;
        };
        let _cleared = Cleared(show);
        let mut left = wait;
        while !left.is_zero() {
            show(Some(&what(left)));
            let step = left.min(TICK);
            tokio::time::sleep(step).await;
            left -= step;
        }
    }
}

/// Clears the line when dropped, also when Ctrl-C drops the wait.
struct Cleared<'a>(&'a Arc<Show>);

impl Drop for Cleared<'_> {
    fn drop(&mut self) {
        (self.0)(None);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Watch(shown)" } else { "Watch(nobody)" })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn watched() -> (Watch, Arc<Mutex<Vec<Option<String>>>>) {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&shown);
        let show = move |line: Option<&str>| keep.lock().unwrap().push(line.map(str::to_owned));
        (Watch::new(Some(Arc::new(show))), shown)
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_quick_answer_shows_nothing_and_a_slow_one_counts_up_until_it_is_there() {
        let (watch, shown) = watched();
        let seconds = |waited: Duration| waited.as_secs().to_string();
        watch.during(seconds, tokio::time::sleep(Duration::from_millis(1900))).await;
        assert!(shown.lock().unwrap().is_empty());
        watch.during(seconds, tokio::time::sleep(Duration::from_millis(3500))).await;
        let said: Vec<_> =
            shown.lock().unwrap().iter().map(Option::as_deref).map(|line| line.unwrap_or("-").to_owned()).collect();
        assert_eq!(said, ["2", "3", "-"]);
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_pause_counts_down_and_is_as_long_as_asked_for() {
        let (watch, shown) = watched();
        let began = tokio::time::Instant::now();
        watch.pause(Duration::from_millis(2500), |left| left.as_millis().to_string()).await;
        assert_eq!(began.elapsed(), Duration::from_millis(2500));
        let said: Vec<_> =
            shown.lock().unwrap().iter().map(Option::as_deref).map(|line| line.unwrap_or("-").to_owned()).collect();
        assert_eq!(said, ["2500", "1500", "500", "-"]);
    }
}
