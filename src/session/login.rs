//! Making a session and forgetting it.

use super::claims::Claims;
use super::store::{KeptToken, Session, SessionStore};
use super::{Error, asked_endpoint, token};
use crate::config::Settings;
use crate::context::Clock;
use crate::iam::Identity;
use crate::iam::identity::TokenClient;
use crate::secret::SecretString;

/// What a login led to.
#[derive(Debug)]
pub struct LoggedIn {
    /// As it is kept.
    pub session: Session,
    /// False if the service gave nothing to renew the session with.
    pub renewable: bool,
}

/// Logs in with an API key and keeps the session, not the key.
///
/// # Errors
/// The service's refusal, or the store's.
pub async fn with_api_key(
    settings: &Settings,
    store: &dyn SessionStore,
    name: &str,
    key: &SecretString,
    now: Clock,
) -> Result<LoggedIn, Error> {
    let endpoint = asked_endpoint(settings)?;
    let identity = Identity::new(endpoint.clone(), &settings.http)?;
    // A file that cannot be understood is for the user to look at, and not to be written over.
    store.load(name)?;
    let tokens = identity.token_for_api_key(key, TokenClient::Cli).await?;
    let claims = Claims::read(&tokens.access_token)?;
    let session = Session {
        login_id: uuid::Uuid::new_v4().to_string(),
        endpoint: endpoint.to_string(),
        user: claims.user().to_owned(),
        account_id: claims.account_id()?,
        refresh_token: tokens.refresh_token,
        logged_in_at: now(),
    };
    let kept = KeptToken { login_id: session.login_id.clone(), access_token: tokens.access_token };
    let renewable = session.refresh_token.is_some();
    let _lock = token::lock(store, name).await?;
    store.save(name, &session)?;
    match store.keep_access_token(name, &kept) {
        // It is fetched again when it is needed, if it can be.
        Err(error) if !renewable => return Err(error.into()),
        _ => {}
    }
    Ok(LoggedIn { session, renewable })
}

/// Forgets a session; tells whether there was one. A renewal that is under way ends first.
///
/// # Errors
/// The store's.
pub async fn forget(store: &dyn SessionStore, name: &str) -> Result<bool, Error> {
    let _lock = token::lock(store, name).await?;
    Ok(store.remove(name)?)
}
