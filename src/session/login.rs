//! Making a session: from an API key to a refresh token that is kept.

use super::claims::Claims;
use super::store::{Session, SessionStore};
use super::{Error, asked_endpoint};
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
        endpoint: endpoint.to_string(),
        user: claims.user().to_owned(),
        account_id: claims.account_id()?,
        refresh_token: tokens.refresh_token,
        logged_in_at: now(),
    };
    let _lock = store.lock(name)?;
    store.save(name, &session)?;
    store.keep_access_token(name, &tokens.access_token)?;
    let renewable = session.refresh_token.is_some();
    Ok(LoggedIn { session, renewable })
}
