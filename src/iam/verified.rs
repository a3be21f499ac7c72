//! Changes whose outcome is verified.
//!
//! Only the documented response proves that a change was made, and no error proves that it was not: a response may be
//! lost, and a gateway may have repeated a request that was carried out, and returned the rejection of the second one.
//! So the service is asked for the current state, and only a change that was not made is retried. How often and after
//! how long is decided by [`super::retry`].

use super::client::{Client, Include};
use super::error::Error;
use super::retry::{Repeat, RetryBudget};
use super::types::ApiKey;

/// Why a change failed.
#[derive(Debug)]
pub enum ChangeFailure {
    /// The change was not made: the service rejected it, was certainly not reached, or reported so afterwards.
    NotMade(Error),
    /// The outcome is unknown, because the current state could not be read either.
    Unknown(Error),
}

impl ChangeFailure {
    /// Returns what went wrong.
    #[must_use]
    pub fn into_error(self) -> Error {
        match self {
            Self::NotMade(error) | Self::Unknown(error) => error,
        }
    }
}

/// A change of a key that needs only its ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyChange {
    /// `lock_api_key`
    Lock,
    /// `unlock_api_key`
    Unlock,
    /// `disable_api_key`
    Disable,
    /// `enable_api_key`
    Enable,
    /// `delete_api_key`
    Delete,
}

impl KeyChange {
    /// Whether a key is already in the state after the change.
    #[must_use]
    pub fn is_done(self, key: &ApiKey) -> bool {
        match self {
            Self::Lock => key.locked,
            Self::Unlock => !key.locked,
            Self::Disable => key.disabled,
            Self::Enable => !key.disabled,
            Self::Delete => false,
        }
    }

    /// Returns the key as it is after the change.
    #[must_use]
    pub fn applied_to(self, key: &ApiKey) -> ApiKey {
        let mut changed = key.clone();
        match self {
            Self::Lock | Self::Unlock => changed.locked = self == Self::Lock,
            Self::Disable | Self::Enable => changed.disabled = self == Self::Disable,
            Self::Delete => {}
        }
        changed
    }

    async fn send(self, client: &Client, id: &str) -> Result<(), Error> {
        match self {
            Self::Lock => client.lock_api_key(id).await,
            Self::Unlock => client.unlock_api_key(id).await,
            Self::Disable => client.disable_api_key(id).await,
            Self::Enable => client.enable_api_key(id).await,
            Self::Delete => client.delete_api_key(id).await,
        }
    }

    /// Makes the change, and checks whether it was made.
    ///
    /// # Errors
    /// See [`ChangeFailure`].
    pub async fn apply(self, client: &Client, id: &str) -> Result<(), ChangeFailure> {
        verified(
            client,
            async || self.send(client, id).await,
            async || match client.get_api_key(id, Include::default()).await {
                Ok(now) => Ok(self.is_done(&now).then_some(())),
                Err(error) if self == Self::Delete && error.is_not_found() => Ok(Some(())),
                Err(error) => Err(error),
            },
        )
        .await
    }
}

/// Makes a change. After any response other than the documented one, `look` returns the result of the change, or `None`
/// if it was not made.
///
/// # Errors
/// See [`ChangeFailure`].
pub async fn verified<T, E>(
    client: &Client,
    mut change: impl AsyncFnMut() -> Result<T, Error>,
    mut look: impl AsyncFnMut() -> Result<Option<T>, E>,
) -> Result<T, ChangeFailure> {
    let mut budget = RetryBudget::default();
    loop {
        let error = match change().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let mut repeat = Repeat::OnlyIfRefused;
        if error.was_sent() {
            match look().await {
                Ok(Some(done)) => return Ok(done),
                Ok(None) if error.may_still_complete() => repeat = Repeat::Idempotent,
                // If IAM itself rejected the change, it may reject the check for the same reason.
                Err(_) if error.may_be_from_a_gateway() => return Err(ChangeFailure::Unknown(error)),
                Ok(None) | Err(_) => {}
            }
        }
        if !client.wait_to_repeat(&mut budget, repeat, &error).await {
            return Err(ChangeFailure::NotMade(error));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    use crate::iam::error::Refusal;
    use crate::iam::{self, Endpoint, HttpOptions, Identity};
    use crate::secret::SecretString;

    /// A client that only waits, and sends no request.
    fn client() -> Client {
        let options = HttpOptions {
            timeout: std::time::Duration::from_secs(1),
            ca_file: None,
            ca_directory: false,
            proxy: None,
            watch: iam::waiting::Watch::default(),
            trace: iam::trace::Trace::default(),
        };
        let identity = Identity::new(Endpoint::parse("http://127.0.0.1:1").unwrap(), &options).unwrap();
        Client::new(identity.http(), SecretString::from(""))
    }

    fn lost(sent: bool) -> iam::Error {
        iam::Error::Unreachable { endpoint: String::new(), cause: String::new(), sent }
    }

    /// Tries a change whose responses are lost, and whose checks return these results in turn.
    async fn tried(looks: &[Result<Option<u32>, ()>]) -> (Result<u32, ChangeFailure>, u32) {
        let (changes, asked) = (Cell::new(0), Cell::new(0));
        let result = verified(
            &client(),
            async || {
                changes.set(changes.get() + 1);
                Err(lost(true))
            },
            async || {
                asked.set(asked.get() + 1);
                looks[asked.get() - 1]
            },
        )
        .await;
        (result, changes.get())
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_lost_answer_is_asked_for_and_only_what_was_not_done_is_done_again() {
        assert!(matches!(tried(&[Ok(Some(7))]).await, (Ok(7), 1)));
        assert!(matches!(tried(&[Ok(None), Ok(Some(7))]).await, (Ok(7), 2)));
        assert!(matches!(tried(&[Ok(None); 4]).await, (Err(ChangeFailure::NotMade(_)), 4)));
        assert!(matches!(tried(&[Ok(None), Err(())]).await, (Err(ChangeFailure::Unknown(_)), 2)));
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_refusal_is_checked_and_counts_if_the_change_was_not_made() {
        let refuse = async || Err(iam::Error::Service(Refusal::read(409, None, b"{\"errorCode\":\"BXNIM0120E\"}")));
        assert!(matches!(verified(&client(), refuse, async || Ok::<_, ()>(Some(7))).await, Ok(7)));
        for look in [Ok::<Option<i32>, ()>(None), Err(())] {
            assert!(matches!(verified(&client(), refuse, async || look).await, Err(ChangeFailure::NotMade(_))));
        }
        let page = async || Err(iam::Error::Service(Refusal::read(403, None, b"<html></html>")));
        let look = async || Err::<Option<()>, ()>(());
        assert!(
            matches!(verified(&client(), page, look).await, Err(ChangeFailure::Unknown(_))),
            "something on the way said so"
        );
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn what_was_not_sent_is_sent_again_without_a_look_and_a_refusal_is_final() {
        let look = async || -> Result<Option<()>, ()> { panic!("nothing to look at") };
        let tries = Cell::new(0);
        let unsent = async || {
            tries.set(tries.get() + 1);
            if tries.get() < 3 { Err(lost(false)) } else { Ok(()) }
        };
        assert!(verified(&client(), unsent, look).await.is_ok());
        let refuse = async || Err(iam::Error::Setup(String::new()));
        assert!(matches!(verified(&client(), refuse, look).await, Err(ChangeFailure::NotMade(_))));
    }
}
