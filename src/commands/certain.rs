//! Changes of which it is known in the end whether they were made.
//!
//! An answer that is lost leaves a change open. Then the service is asked how things stand, and only a change that
//! was not made is made again. How often and after how long is [`iam::retry`]'s to say.

use crate::iam::retry::{Patience, Repeat};
use crate::iam::{self, Client};

/// Why a change did not come about.
#[derive(Debug)]
pub(super) enum Failure {
    /// The service refused it, or was certainly not reached, or was asked afterwards: it was not made.
    NotMade(iam::Error),
    /// The service could not even be asked how things stand.
    Unknown(iam::Error),
    /// Perhaps a key was made whose value nobody knows, because the service was to make it.
    Orphaned(iam::Error),
}

impl Failure {
    /// What went wrong.
    pub(super) fn into_error(self) -> iam::Error {
        match self {
            Self::NotMade(error) | Self::Unknown(error) | Self::Orphaned(error) => error,
        }
    }
}

/// Makes a change. `look` tells, after a lost answer, what the change led to, or `None` if it was not made.
pub(super) async fn certainly<T, E>(
    client: &Client,
    mut change: impl AsyncFnMut() -> Result<T, iam::Error>,
    mut look: impl AsyncFnMut() -> Result<Option<T>, E>,
) -> Result<T, Failure> {
    let mut patience = Patience::default();
    loop {
        let error = match change().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let repeat = if error.leaves_open() {
            match look().await {
                Ok(Some(done)) => return Ok(done),
                Ok(None) => Repeat::Harmless,
                Err(_) => return Err(Failure::Unknown(error)),
            }
        } else {
            Repeat::OnlyIfRefused
        };
        if !client.wait_to_repeat(&mut patience, repeat, &error).await {
            return Err(Failure::NotMade(error));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::iam::{Endpoint, HttpOptions, Identity};
    use crate::secret::SecretString;

    /// Only waited with, never asked.
    fn client() -> Client {
        let options = HttpOptions {
            timeout: std::time::Duration::from_secs(1),
            ca_file: None,
            ca_directory: false,
            watch: iam::waiting::Watch::default(),
            trace: iam::trace::Trace::default(),
        };
        let identity = Identity::new(Endpoint::parse("http://127.0.0.1:1").unwrap(), &options).unwrap();
        Client::new(identity.http(), SecretString::from(""))
    }

    fn lost(sent: bool) -> iam::Error {
        iam::Error::Unreachable { endpoint: String::new(), cause: String::new(), sent }
    }

    /// Tries a change whose answers are lost and whose looks say this, in turn.
    async fn tried(looks: &[Result<Option<u32>, ()>]) -> (Result<u32, Failure>, u32) {
        let (changes, asked) = (Cell::new(0), Cell::new(0));
        let result = certainly(
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
        assert!(matches!(tried(&[Ok(None); 4]).await, (Err(Failure::NotMade(_)), 4)));
        assert!(matches!(tried(&[Ok(None), Err(())]).await, (Err(Failure::Unknown(_)), 2)));
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn what_was_not_sent_is_sent_again_without_a_look_and_a_refusal_is_final() {
        let look = async || -> Result<Option<()>, ()> { panic!("nothing to look at") };
        let tries = Cell::new(0);
        let unsent = async || {
            tries.set(tries.get() + 1);
            if tries.get() < 3 { Err(lost(false)) } else { Ok(()) }
        };
        assert!(certainly(&client(), unsent, look).await.is_ok());
        let refuse = async || Err(iam::Error::Setup(String::new()));
        assert!(matches!(certainly(&client(), refuse, look).await, Err(Failure::NotMade(_))));
    }
}
