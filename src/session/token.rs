//! The access token of a stored session: the kept one until a minute before its end, then a renewed one.

use super::Error;
use super::claims::Claims;
use super::store::{Session, SessionStore};
use crate::context::Clock;
use crate::iam::Identity;
use crate::secret::SecretString;

/// A token with less time than this is renewed before it is used, in seconds.
const MARGIN: i64 = 60;

/// An access token with time left; however many processes ask at once, one of them renews it.
///
/// # Errors
/// `Expired` if nothing can renew it; the service's word if it does not.
pub async fn fresh(
    identity: &Identity,
    store: &dyn SessionStore,
    name: &str,
    session: Session,
    now: Clock,
) -> Result<SecretString, Error> {
    if let Some(token) = kept(store, name, now) {
        return Ok(token);
    }
    let _lock = store.lock(name)?;
    // While we waited for the lock somebody else may have renewed it.
    if let Some(token) = kept(store, name, now) {
        return Ok(token);
    }
    let session = store.load(name)?.unwrap_or(session);
    let Some(refresh_token) = &session.refresh_token else {
        return Err(Error::Expired(format!("The session '{name}'")));
    };
    let tokens = identity.token_for_refresh_token(refresh_token).await?;
    if tokens.refresh_token.is_some() {
        let renewed = Session { refresh_token: tokens.refresh_token, ..session };
        store.save(name, &renewed)?;
    }
    store.keep_access_token(name, &tokens.access_token)?;
    Ok(tokens.access_token)
}

fn kept(store: &dyn SessionStore, name: &str, now: Clock) -> Option<SecretString> {
    let token = store.access_token(name)?;
    let claims = Claims::read(&token).ok()?;
    (!claims.expires_within(MARGIN, now)).then_some(token)
}
