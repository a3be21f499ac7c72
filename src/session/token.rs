//! The access token of a stored session: the kept one until a minute before its end, then a renewed one.

use std::time::Duration;

use super::Error;
use super::claims::Claims;
use super::store::{KeptToken, Lock, Session, SessionStore, StoreError};
use crate::context::Clock;
use crate::iam::Identity;
use crate::secret::SecretString;

/// A token with less time than this is renewed before it is used, in seconds.
const MARGIN: i64 = 60;

/// How long another process may take for a renewal: all of its attempts.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often the lock is tried.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// The token kept for exactly this login, if it has time left.
pub(super) fn kept(store: &dyn SessionStore, name: &str, session: &Session, now: Clock) -> Option<SecretString> {
    let kept = store.access_token(name)?;
    let token = (kept.login_id == session.login_id).then_some(kept.access_token)?;
    let claims = Claims::read(&token).ok()?;
    (!claims.expires_within(MARGIN, now)).then_some(token)
}

/// Renews the access token, and the refresh token if the answer has another one. The caller holds the lock.
///
/// The second value tells what could not be kept; the token is good all the same.
///
/// # Errors
/// `Expired` if there is nothing to renew it with; the service's word if it does not.
pub(super) async fn renew(
    identity: &Identity,
    store: &dyn SessionStore,
    name: &str,
    session: Session,
) -> Result<(SecretString, Option<StoreError>), Error> {
    let Some(refresh_token) = &session.refresh_token else {
        return Err(Error::Expired(name.to_owned()));
    };
    let tokens = identity.token_for_refresh_token(refresh_token).await.map_err(|error| match error {
        // The service's word comes first; the name tells which login to renew by hand.
        crate::iam::Error::Service(refusal) if matches!(refusal.status, 400 | 401) => {
            Error::Ended(name.to_owned(), Box::new(crate::iam::Error::Service(refusal)))
        }
        other => other.into(),
    })?;
    let login_id = session.login_id.clone();
    let mut unkept = None;
    if tokens.refresh_token.is_some() {
        let renewed = Session { refresh_token: tokens.refresh_token, ..session };
        unkept = store.save(name, &renewed).err();
    }
    let kept = KeptToken { login_id, access_token: tokens.access_token.clone() };
    let cached = store.keep_access_token(name, &kept);
    Ok((tokens.access_token, unkept.or(cached.err())))
}

/// Waits for the right to change a session.
///
/// # Errors
/// `Busy` if another process keeps it for very long.
pub async fn lock(store: &dyn SessionStore, name: &str) -> Result<Lock, Error> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(lock) = store.try_lock(name)? {
            return Ok(lock);
        }
        if waited > PATIENCE {
            return Err(Error::Busy(name.to_owned()));
        }
        tokio::time::sleep(TRY_EVERY).await;
        waited += TRY_EVERY;
    }
}
