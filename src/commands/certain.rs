//! Changes of which it is known in the end whether they were made.
//!
//! An answer that is lost leaves a change open. Then the service is asked how things stand, and only a change that
//! was not made is made again.

use std::time::Duration;

use crate::iam;

/// A change is sent at most this often.
const TRIES: u32 = 3;

/// The wait before the second try; doubled for the third.
const FIRST_WAIT: Duration = Duration::from_millis(500);

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

/// Makes a change. `look` tells, after a lost answer, what the change led to, or `None` if it was not made.
pub(super) async fn certainly<T>(
    mut change: impl AsyncFnMut() -> Result<T, iam::Error>,
    mut look: impl AsyncFnMut() -> Result<Option<T>, iam::Error>,
) -> Result<T, Failure> {
    let mut wait = FIRST_WAIT;
    let mut tries_left = TRIES;
    loop {
        let error = match change().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if !error.leaves_open() {
            return Err(Failure::NotMade(error));
        }
        tries_left -= 1;
        match look().await {
            Ok(Some(done)) => return Ok(done),
            Ok(None) if tries_left == 0 => return Err(Failure::NotMade(error)),
            Ok(None) => {}
            Err(_) => return Err(Failure::Unknown(error)),
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn lost() -> iam::Error {
        iam::Error::Unreachable { endpoint: String::new(), cause: String::new(), sent: true }
    }

    /// Tries a change whose answers are lost and whose looks say this, in turn.
    async fn tried(looks: &[Result<Option<u32>, ()>]) -> (Result<u32, Failure>, u32) {
        let (changes, asked) = (Cell::new(0), Cell::new(0));
        let result = certainly(
            async || {
                changes.set(changes.get() + 1);
                Err(lost())
            },
            async || {
                asked.set(asked.get() + 1);
                looks[asked.get() - 1].map_err(|()| lost())
            },
        )
        .await;
        (result, changes.get())
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_lost_answer_is_asked_for_and_only_what_was_not_done_is_done_again() {
        assert!(matches!(tried(&[Ok(Some(7))]).await, (Ok(7), 1)));
        assert!(matches!(tried(&[Ok(None), Ok(Some(7))]).await, (Ok(7), 2)));
        assert!(matches!(tried(&[Ok(None), Ok(None), Ok(None)]).await, (Err(Failure::NotMade(_)), 3)));
        assert!(matches!(tried(&[Ok(None), Err(())]).await, (Err(Failure::Unknown(_)), 2)));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_refusal_is_final_and_nothing_is_looked_at() {
        let refuse = async || Err::<(), _>(iam::Error::Setup(String::new()));
        let look = async || panic!("nothing to look at");
        assert!(matches!(certainly(refuse, look).await, Err(Failure::NotMade(_))));
    }
}
