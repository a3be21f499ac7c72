//! The access token of a stored session: the cached one while it is valid for long enough, otherwise a renewed one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::claims::Claims;
use super::keyring::Secret;
use super::store::{CachedToken, Lock, Session, Storage, StoreError};
use super::{Error, Stores};
use crate::context::Clock;
use crate::iam::identity::{TokenClient, Tokens};
use crate::iam::renewal::{Renewal, Renewed};
use crate::iam::{self, Identity};
use crate::secret::{ExposeSecret, SecretString};

/// How long another process may hold the lock: the time that a renewal needs for all of its attempts.
const LOCK_TIMEOUT: Duration = Duration::from_secs(300);

/// The interval between two attempts to lock.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// Returns the token that is cached for exactly this login, if it is valid for at least `margin` seconds.
pub(super) fn cached(stores: &Stores, name: &str, session: &Session, margin: i64, now: Clock) -> Option<SecretString> {
    let kept = stores.files.access_token(name)?;
    let token = (kept.login_id == session.login_id).then_some(kept.access_token)?;
    let claims = Claims::read(&token).ok()?;
    (!claims.expires_within(margin, now)).then_some(token)
}

/// Renews the access token, and the refresh token if the response has a new one. The caller holds the lock.
///
/// The second value is why something could not be saved; the token is usable in this case too.
///
/// # Errors
/// `Expired` if there is no secret to renew the session with; the error from the service if it rejects the renewal; the
/// errors of the keyring.
pub(super) async fn renew(
    identity: &Identity,
    stores: &Stores,
    name: &str,
    session: Session,
) -> Result<(SecretString, Option<StoreError>), Error> {
    let tokens = match fetch(identity, stores, name, &session).await {
        Err(error) if is_over(&error) => {
            // Only `session list` needs this. The error is the same if it cannot be saved.
            let _ = stores.files.save(name, &Session { ended: true, ..session });
            return Err(error);
        }
        tokens => tokens?,
    };
    let had_ended = session.ended;
    let session = Session { ended: false, ..session };
    if had_ended {
        // As above, a failure is ignored.
        let _ = stores.files.save(name, &session);
    }
    let account_id = Claims::read(&tokens.access_token)?.account_id().unwrap_or_default();
    if account_id != session.account_id {
        return Err(Error::OtherAccount { name: name.to_owned(), own: session.account_id, got: account_id });
    }
    let login_id = session.login_id.clone();
    let mut unsaved = None;
    if let Some(refresh_token) = tokens.refresh_token {
        unsaved = match session.storage {
            Storage::File => {
                let renewed = Session { refresh_token: Some(refresh_token), ..session };
                stores.files.save(name, &renewed).err()
            }
            Storage::Keyring => {
                let written = stores.keyring.write(name, &login_id, Secret::RefreshToken, &refresh_token).await;
                written.err().map(StoreError::Keyring)
            }
            Storage::Nowhere => None,
        };
    }
    let kept = CachedToken { login_id, access_token: tokens.access_token.clone() };
    let cached = stores.files.cache_access_token(name, &kept);
    Ok((tokens.access_token, unsaved.or(cached.err())))
}

/// Requests new tokens for a session. Uses the API key in the keyring if the refresh token is missing or has ended.
async fn fetch(identity: &Identity, stores: &Stores, name: &str, session: &Session) -> Result<Tokens, Error> {
    let renewed = match stores.refresh_token(name, session).await? {
        None => Err(Error::Expired(name.to_owned())),
        Some(token) => identity.token_for_refresh_token(&token, None).await.map_err(|error| ended(name, error)),
    };
    match renewed {
        Err(Error::Expired(_) | Error::Ended(..)) if session.keeps_key => {
            let key = stores.secret(name, session, Secret::ApiKey).await?;
            let key = key.ok_or_else(|| Error::Expired(name.to_owned()))?;
            let tokens = identity.token_for_api_key(&key, TokenClient::Cli, None).await;
            tokens.map_err(|error| ended(name, error))
        }
        other => other,
    }
}

/// Whether IAM reports that the session has ended, or there is no secret to renew it with.
fn is_over(error: &Error) -> bool {
    match error {
        Error::Expired(_) => true,
        Error::Ended(_, cause) => {
            matches!(&**cause, iam::Error::Service(refusal) if ENDED.contains(&refusal.code.as_str()))
        }
        _ => false,
    }
}

/// Adds the name of the session to a rejection of the service, so that the user knows which login to renew by hand.
fn ended(name: &str, error: iam::Error) -> Error {
    match error {
        iam::Error::Service(refusal) if matches!(refusal.status, 400 | 401) => {
            Error::Ended(name.to_owned(), Box::new(iam::Error::Service(refusal)))
        }
        other => other.into(),
    }
}

/// The codes of a refresh token that cannot be used: expired, revoked, or of a session that has ended.
const ENDED: [&str; 3] = ["BXNIM0407E", "BXNIM0408E", "BXNIM0439E"];

/// Requests tokens for another account of the session's user. If the response has no refresh token, the old one stays
/// valid.
pub(super) async fn fetch_for(
    identity: &Identity,
    name: &str,
    refresh_token: &SecretString,
    account: &str,
) -> Result<Tokens, Error> {
    identity.token_for_refresh_token(refresh_token, Some(account)).await.map_err(|error| match error {
        iam::Error::Service(refusal) if ENDED.contains(&refusal.code.as_str()) => {
            ended(name, iam::Error::Service(refusal))
        }
        iam::Error::Service(refusal) if matches!(refusal.status, 400 | 401 | 403) => {
            let (name, account) = (name.to_owned(), account.to_owned());
            Error::NotSwitched { name, account, error: Box::new(iam::Error::Service(refusal)) }
        }
        other => other.into(),
    })
}

/// Why a renewed token could not be saved, if so. It is shared with a renewal that can happen during a command.
#[derive(Debug, Clone, Default)]
pub struct Unsaved(Arc<Mutex<Option<StoreError>>>);

impl Unsaved {
    pub(super) fn set(&self, error: Option<StoreError>) {
        if let Ok(mut unsaved) = self.0.lock() {
            *unsaved = error;
        }
    }

    /// Takes the error; a second call returns `None`.
    #[must_use]
    pub fn take(&self) -> Option<StoreError> {
        self.0.lock().ok()?.take()
    }
}

/// Gets another token with the API key in `IBMCLOUD_API_KEY`.
pub(super) struct KeyRenewal {
    pub(super) identity: Identity,
    pub(super) key: SecretString,
}

impl Renewal for KeyRenewal {
    fn renew<'a>(&'a self, _stale: &'a SecretString) -> Renewed<'a> {
        Box::pin(async move {
            let tokens = self.identity.token_for_api_key(&self.key, TokenClient::Default, None).await;
            Ok(Some(tokens.map_err(Error::from)?.access_token))
        })
    }
}

/// Renews the token of a stored session if the service rejects it.
pub(super) struct StoredRenewal {
    pub(super) identity: Identity,
    pub(super) stores: Stores,
    pub(super) name: String,
    /// The ID of the login that the command started with. Another login may be for another user or endpoint.
    pub(super) login_id: String,
    pub(super) unsaved: Unsaved,
}

impl Renewal for StoredRenewal {
    fn renew<'a>(&'a self, stale: &'a SecretString) -> Renewed<'a> {
        Box::pin(async move {
            let _lock = lock(&self.stores, &self.name).await?;
            let session = self.stores.files.load(&self.name)?;
            let Some(session) = session.filter(|session| session.login_id == self.login_id) else {
                return Ok(None);
            };
            // Another process may have got the same rejection, and have renewed the token first.
            let cached = self.stores.files.access_token(&self.name).filter(|cached| cached.login_id == self.login_id);
            if let Some(cached) = cached.filter(|cached| cached.access_token.expose_secret() != stale.expose_secret()) {
                return Ok(Some(cached.access_token));
            }
            let (token, unsaved) = renew(&self.identity, &self.stores, &self.name, session).await?;
            self.unsaved.set(unsaved);
            Ok(Some(token))
        })
    }
}

/// Waits for the lock that is required to change a session.
///
/// # Errors
/// `Busy` if another process holds the lock for longer than the timeout.
pub async fn lock(stores: &Stores, name: &str) -> Result<Lock, Error> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(lock) = stores.files.try_lock(name)? {
            return Ok(lock);
        }
        if waited > LOCK_TIMEOUT {
            return Err(Error::Busy(name.to_owned()));
        }
        tokio::time::sleep(TRY_EVERY).await;
        waited += TRY_EVERY;
    }
}
