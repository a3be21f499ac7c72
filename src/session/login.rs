//! Creates a session, switches its account, replaces its key, and deletes it.

use super::claims::Claims;
use super::keyring::{KeyringError, Secret};
use super::store::{CachedToken, Lock, Method, Session, Storage, StoreError};
use super::{Error, Stores, token};
use crate::context::Clock;
use crate::iam::accounts::Account;
use crate::iam::identity::Tokens;
use crate::iam::{Endpoint, Identity};
use crate::secret::{SecretString, StorageChoice};

/// A login to store.
#[derive(Debug)]
pub struct NewSession {
    /// The endpoint that issued the tokens.
    pub endpoint: Endpoint,
    /// The tokens.
    pub tokens: Tokens,
    /// Where to store the refresh token.
    pub choice: StorageChoice,
    /// The API key, if it is to be stored in the keyring too.
    pub key: Option<SecretString>,
    /// What the user logged in with.
    pub method: Method,
    /// The ID of the API key, if it is known.
    pub key_id: Option<String>,
    /// The account's name; empty if it is unknown.
    pub account_name: String,
}

/// The result of a login.
#[derive(Debug)]
pub struct LoggedIn {
    /// The session, as it is stored.
    pub session: Session,
    /// False if the session ends when its access token expires.
    pub renewable: bool,
    /// Why the refresh token is in a file instead of a keyring.
    pub fell_back: Option<KeyringError>,
    /// Why the secrets of an older login could not be removed from the keyring.
    pub uncleared: Option<KeyringError>,
    /// Whether the API key was removed from the keyring, because the session was switched to another account.
    pub removed_key: bool,
}

/// Stores a login in place of an older one. If the process is killed, either the old or the new login is stored.
///
/// # Errors
/// The errors of the store. A file that is not valid is not overwritten, because the user must look at it.
pub async fn keep(stores: &Stores, name: &str, login: NewSession, now: Clock, _lock: &Lock) -> Result<LoggedIn, Error> {
    let claims = Claims::read(&login.tokens.access_token)?;
    let old = stores.files.load(name)?;
    let mut session = Session {
        login_id: uuid::Uuid::new_v4().to_string(),
        endpoint: login.endpoint.to_string(),
        user: claims.user().to_owned(),
        account_id: claims.account_id().unwrap_or_default(),
        account_name: login.account_name,
        method: login.method,
        key_id: login.key_id,
        ended: false,
        storage: Storage::Nowhere,
        refresh_token: None,
        keeps_key: login.key.is_some(),
        logged_in_at: now(),
    };
    let mut fell_back = None;
    let refresh_token = login.tokens.refresh_token.filter(|_| login.choice != StorageChoice::Only(Storage::Nowhere));
    // The entries of the new login exist beside those of the old one, until the file is replaced in one step.
    let unfinished = Unfinished { stores, name, login_id: session.login_id.clone() };
    if let Some(key) = &login.key {
        let written = stores.keyring.write(name, &session.login_id, Secret::ApiKey, key).await;
        written.map_err(StoreError::Keyring)?;
    }
    if let Some(refresh_token) = refresh_token {
        session.storage = match login.choice {
            StorageChoice::Only(storage) if storage != Storage::Keyring => storage,
            choice => {
                let kept = stores.keyring.write(name, &session.login_id, Secret::RefreshToken, &refresh_token).await;
                match (kept, choice) {
                    (Ok(()), _) => Storage::Keyring,
                    (Err(error), StorageChoice::Auto) => {
                        fell_back = Some(error);
                        Storage::File
                    }
                    (Err(error), StorageChoice::Only(_)) => {
                        let error = StoreError::Keyring(error).into();
                        // If nothing was stored yet, there is no second wait for a keyring that cannot be reached.
                        return Err(if login.key.is_some() { unfinished.clear(error).await } else { error });
                    }
                }
            }
        };
        session.refresh_token = (session.storage == Storage::File).then_some(refresh_token);
    }
    let renewable = session.storage != Storage::Nowhere || session.keeps_key;
    if let Err(error) = stores.files.save(name, &session) {
        return Err(unfinished.clear(error.into()).await);
    }
    let kept = CachedToken { login_id: session.login_id.clone(), access_token: login.tokens.access_token };
    match stores.files.cache_access_token(name, &kept) {
        // If the session is renewable, the access token can be requested again when it is needed.
        Err(error) if !renewable => return Err(error.into()),
        _ => {}
    }
    let mut uncleared = None;
    if session.uses_keyring() || old.as_ref().is_some_and(Session::uses_keyring) {
        let kept = session.uses_keyring().then_some(session.login_id.as_str());
        let known = old.as_ref().map(|old| old.login_id.as_str());
        uncleared = stores.keyring.clear(name, known, kept).await.err();
    }
    Ok(LoggedIn { session, renewable, fell_back, uncleared, removed_key: false })
}

/// A login that may have entries in the keyring already, but no file yet.
struct Unfinished<'a> {
    stores: &'a Stores,
    name: &'a str,
    login_id: String,
}

impl Unfinished<'_> {
    /// Removes the entries of this login from the keyring. Returns `error`, the error that ended the login.
    async fn clear(&self, error: Error) -> Error {
        let old = self.stores.files.load(self.name).ok().flatten();
        let kept = old.as_ref().map(|old| old.login_id.as_str());
        // If this fails, the next login or logout finds and removes the entries.
        let _ = self.stores.keyring.clear(self.name, Some(&self.login_id), kept).await;
        error
    }
}

/// Switches a session to another account of its user.
///
/// # Errors
/// `NoSwitch` for a session without a refresh token; `NotSwitched` with `BXNIM0141E` if the user is not in the account.
pub async fn switch(
    identity: &Identity,
    stores: &Stores,
    name: &str,
    login_id: &str,
    account: &Account,
    now: Clock,
) -> Result<LoggedIn, Error> {
    let lock = token::lock(stores, name).await?;
    // Another login under the same name can be for another endpoint, and a refresh token is sent only to its own
    // endpoint.
    let session = stores.files.load(name)?.filter(|session| session.login_id == login_id);
    let session = session.ok_or_else(|| Error::Changed(name.to_owned()))?;
    let endpoint = identity.endpoint().clone();
    let stays = session.account_id == account.id;
    let Some(refresh_token) = stores.refresh_token(name, &session).await? else {
        if stays {
            return Ok(LoggedIn { session, renewable: true, fell_back: None, uncleared: None, removed_key: false });
        }
        return Err(Error::NoSwitch(name.to_owned()));
    };
    let mut tokens = token::fetch_for(identity, name, &refresh_token, &account.id).await?;
    is_for(&account.id, &tokens)?;
    tokens.refresh_token.get_or_insert(refresh_token);
    // A key belongs to one account.
    let removed_key = session.keeps_key && !stays;
    let key = if session.keeps_key && stays { stores.secret(name, &session, Secret::ApiKey).await? } else { None };
    let (method, key_id, account_name) = (session.method, session.key_id, account.name.clone());
    let login = NewSession {
        endpoint,
        tokens,
        choice: StorageChoice::Only(session.storage),
        key,
        method,
        key_id,
        account_name,
    };
    let done = keep(stores, name, login, now, &lock).await?;
    Ok(LoggedIn { removed_key, ..done })
}

/// Replaces the API key of a session by a new one, with the tokens of a login with the new key.
///
/// # Errors
/// The errors of the store; `Changed` if there was another login in the meantime.
pub async fn replace_key(
    stores: &Stores,
    name: &str,
    login_id: &str,
    endpoint: Endpoint,
    tokens: Tokens,
    key: (&str, &SecretString),
    now: Clock,
) -> Result<LoggedIn, Error> {
    let lock = token::lock(stores, name).await?;
    let session = stores.files.load(name)?.filter(|session| session.login_id == login_id);
    let session = session.ok_or_else(|| Error::Changed(name.to_owned()))?;
    let (key_id, value) = key;
    let login = NewSession {
        endpoint,
        tokens,
        choice: StorageChoice::Only(session.storage),
        key: session.keeps_key.then(|| value.clone()),
        method: Method::ApiKey,
        key_id: Some(key_id.to_owned()),
        account_name: session.account_name,
    };
    keep(stores, name, login, now, &lock).await
}

/// Checks that tokens are for the requested account.
///
/// # Errors
/// `WrongAccount` if they are for another one.
pub fn is_for(account: &str, tokens: &Tokens) -> Result<(), Error> {
    let got = Claims::read(&tokens.access_token)?.account_id().unwrap_or_default();
    if got == account {
        return Ok(());
    }
    Err(Error::WrongAccount { asked: account.to_owned(), got })
}

/// The result of [`forget`].
#[derive(Debug)]
pub struct Forgotten {
    /// Whether the session existed.
    pub was_there: bool,
    /// Why the keyring could not be cleared, if it has or may have secrets of the session.
    pub uncleared: Option<KeyringError>,
}

/// Deletes a session, with its cached tokens and its secrets in the keyring. A renewal in progress finishes first.
///
/// # Errors
/// The errors of the file system. The keyring is cleared even if this fails.
pub async fn forget(stores: &Stores, name: &str) -> Result<Forgotten, Error> {
    let _lock = token::lock(stores, name).await?;
    // A session whose file is not valid is deleted too. Its keyring entries are unknown.
    let old = stores.files.load(name);
    let known = old.as_ref().ok().and_then(Option::as_ref).map(|session| session.login_id.clone());
    let cleared = stores.keyring.clear(name, known.as_deref(), None).await;
    let is_there = old.as_ref().is_ok_and(|old| old.as_ref().is_some_and(Session::uses_keyring));
    let was_there = stores.files.remove(name)?;
    super::ibmcloud_login::forget(stores)?;
    // `Locked` means that entries were found. A missing or unset keyring has no entries of a session that never used
    // it.
    let uncleared = cleared.err().filter(|why| match why {
        KeyringError::Locked => true,
        KeyringError::Missing(_) | KeyringError::Unset => is_there,
        KeyringError::Silent | KeyringError::Failed(_) => is_there || old.is_err(),
    });
    Ok(Forgotten { was_there, uncleared })
}
