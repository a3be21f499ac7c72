//! The renewal of an access token that the service rejects although it looked valid.

use std::pin::Pin;
use std::time::{Duration, Instant};

use crate::secret::SecretString;

/// The maximum number of attempts to renew the token within [`PERIOD`], for example if the service rejects each token.
const MAX_ATTEMPTS: u8 = 3;

/// After this time, the attempts are counted again. A token is valid for about an hour.
const PERIOD: Duration = Duration::from_secs(600);

/// Obtains another token if the service rejects one that looked valid, for example because clocks differ.
pub trait Renewal: Send {
    /// Returns the new token; `None` if the login that the token belongs to no longer exists.
    fn renew<'a>(&'a self, stale: &'a SecretString) -> Renewed<'a>;
}

/// The future of a renewal.
pub type Renewed<'a> = Pin<Box<dyn Future<Output = Result<Option<SecretString>, RenewalError>> + 'a>>;

/// Why a token was not renewed: an error from a higher layer.
pub type RenewalError = Box<dyn std::error::Error + Send + Sync>;

/// Limits the attempts of a renewal, and remembers why the last one failed.
pub(super) struct Renewer {
    renewal: Box<dyn Renewal>,
    attempts: u8,
    counted_since: Option<Instant>,
    failure: Option<String>,
}

impl Renewer {
    pub(super) fn new(renewal: impl Renewal + 'static) -> Self {
        Self { renewal: Box::new(renewal), attempts: 0, counted_since: None, failure: None }
    }

    /// Obtains another token, as [`Renewal::renew`] does. After the last attempt, only returns why it failed.
    pub(super) async fn renew(&mut self, stale: &SecretString) -> Result<Option<SecretString>, RenewalError> {
        if self.counted_since.is_none_or(|since| since.elapsed() > PERIOD) {
            (self.attempts, self.counted_since) = (0, Some(Instant::now()));
        }
        if self.attempts == MAX_ATTEMPTS {
            return self.failure.as_deref().map_or(Ok(None), |cause| Err(cause.into()));
        }
        self.attempts += 1;
        let renewed = self.renewal.renew(stale).await;
        self.failure = renewed.as_ref().err().map(ToString::to_string);
        renewed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// Counts the attempts, and fails until the one with this number.
    struct FailsUntil(u8, Arc<AtomicU8>);

    impl Renewal for FailsUntil {
        fn renew<'a>(&'a self, stale: &'a SecretString) -> Renewed<'a> {
            let number = self.1.fetch_add(1, Ordering::SeqCst) + 1;
            let renewed =
                if number < self.0 { Err(format!("failure {number}").into()) } else { Ok(Some(stale.clone())) };
            Box::pin(async move { renewed })
        }
    }

    #[tokio::test]
    async fn a_renewal_that_failed_is_tried_again_a_few_times_and_then_only_its_cause_is_returned() {
        let stale = SecretString::from("stale");
        let count = Arc::new(AtomicU8::new(0));
        let mut renewer = Renewer::new(FailsUntil(2, Arc::clone(&count)));
        assert_eq!(renewer.renew(&stale).await.unwrap_err().to_string(), "failure 1");
        assert!(renewer.renew(&stale).await.unwrap().is_some());
        let mut renewer = Renewer::new(FailsUntil(u8::MAX, Arc::clone(&count)));
        for _ in 0..10 {
            assert!(renewer.renew(&stale).await.is_err());
        }
        assert_eq!(count.load(Ordering::SeqCst), 2 + MAX_ATTEMPTS);
        assert_eq!(renewer.renew(&stale).await.unwrap_err().to_string(), "failure 5");
    }
}
