//! Making a session, switching its account, and forgetting it.

use super::claims::Claims;
use super::keyring::{KeyringError, Secret};
use super::store::{CachedToken, Lock, Method, Session, Storage, StoreError};
use super::{Error, Stores, token};
use crate::context::Clock;
use crate::iam::accounts::Account;
use crate::iam::identity::Tokens;
use crate::iam::{Endpoint, Identity};
use crate::secret::SecretString;

/// Where a refresh token is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// In a keyring if one is to be had, else in a file.
    Auto,
    /// Exactly there.
    Only(Storage),
}

/// A login that is to be kept.
#[derive(Debug)]
pub struct Login {
    /// The endpoint that issued the tokens.
    pub endpoint: Endpoint,
    /// The tokens.
    pub tokens: Tokens,
    /// Where the refresh token goes.
    pub choice: Choice,
    /// The API key, where the keyring is to have it, too.
    pub key: Option<SecretString>,
    /// What the user logged in with.
    pub method: Method,
    /// The ID of the API key, if it is known.
    pub key_id: Option<String>,
    /// The account's name; empty if it is not known.
    pub account_name: String,
}

/// What a login led to.
#[derive(Debug)]
pub struct LoggedIn {
    /// As it is kept.
    pub session: Session,
    /// False if the session ends with its access token.
    pub renewable: bool,
    /// Why it is in a file and not in a keyring.
    pub fell_back: Option<KeyringError>,
    /// Why the keyring still has what an older login left there.
    pub uncleared: Option<KeyringError>,
    /// The keyring had the API key of an account that the session was switched away from.
    pub removed_key: bool,
}

/// Keeps a login in place of an older one. A process that is killed leaves the one or the other.
///
/// # Errors
/// The store's. A file that cannot be understood is for the user to look at, and not written over.
pub async fn keep(stores: &Stores, name: &str, login: Login, now: Clock, _lock: &Lock) -> Result<LoggedIn, Error> {
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
    let refresh_token = login.tokens.refresh_token.filter(|_| login.choice != Choice::Only(Storage::Nowhere));
    // The new login's entries stand beside the older one's until the file, in one step, says that they count.
    let unfinished = Unfinished { stores, name, login_id: session.login_id.clone() };
    if let Some(key) = &login.key {
        let written = stores.keyring.write(name, &session.login_id, Secret::ApiKey, key).await;
        written.map_err(StoreError::Keyring)?;
    }
    if let Some(refresh_token) = refresh_token {
        session.storage = match login.choice {
            Choice::Only(storage) if storage != Storage::Keyring => storage,
            choice => {
                let kept = stores.keyring.write(name, &session.login_id, Secret::RefreshToken, &refresh_token).await;
                match (kept, choice) {
                    (Ok(()), _) => Storage::Keyring,
                    (Err(error), Choice::Auto) => {
                        fell_back = Some(error);
                        Storage::File
                    }
                    (Err(error), Choice::Only(_)) => {
                        let error = StoreError::Keyring(error).into();
                        // Where nothing was kept yet, a keyring that is out of reach is not waited for again.
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
        // It is fetched again when it is needed, if it can be.
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

/// A login of which the keyring may have something already, and no file tells yet.
struct Unfinished<'a> {
    stores: &'a Stores,
    name: &'a str,
    login_id: String,
}

impl Unfinished<'_> {
    /// Takes back what the keyring has of it; the error is the one that ended the login.
    async fn clear(&self, error: Error) -> Error {
        let old = self.stores.files.load(self.name).ok().flatten();
        let kept = old.as_ref().map(|old| old.login_id.as_str());
        // What cannot be taken back now, the next login or logout finds.
        let _ = self.stores.keyring.clear(self.name, Some(&self.login_id), kept).await;
        error
    }
}

/// Switches a session to another of its user's accounts.
///
/// # Errors
/// `NoSwitch` for a session without a refresh token, `NotSwitched` with `BXNIM0141E` if it is none of them.
pub async fn switch(
    identity: &Identity,
    stores: &Stores,
    name: &str,
    login_id: &str,
    account: &Account,
    now: Clock,
) -> Result<LoggedIn, Error> {
    let lock = token::lock(stores, name).await?;
    // Another login under the same name may be for another endpoint, which alone may have its refresh token.
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
    let login = Login { endpoint, tokens, choice: Choice::Only(session.storage), key, method, key_id, account_name };
    let done = keep(stores, name, login, now, &lock).await?;
    Ok(LoggedIn { removed_key, ..done })
}

/// Replaces the API key that a session was made with, with tokens that a login with the new one got.
///
/// # Errors
/// The store's; `Changed` if there was another login meanwhile.
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
    let login = Login {
        endpoint,
        tokens,
        choice: Choice::Only(session.storage),
        key: session.keeps_key.then(|| value.clone()),
        method: Method::ApiKey,
        key_id: Some(key_id.to_owned()),
        account_name: session.account_name,
    };
    keep(stores, name, login, now, &lock).await
}

/// Whether tokens are for the account that was asked for.
///
/// # Errors
/// `WrongAccount`.
pub fn is_for(account: &str, tokens: &Tokens) -> Result<(), Error> {
    let got = Claims::read(&tokens.access_token)?.account_id().unwrap_or_default();
    if got == account {
        return Ok(());
    }
    Err(Error::WrongAccount { asked: account.to_owned(), got })
}

/// What was forgotten.
#[derive(Debug)]
pub struct Forgotten {
    /// Whether there was a session.
    pub was_there: bool,
    /// Why the keyring could not be cleared, where there is or may be something in it.
    pub uncleared: Option<KeyringError>,
}

/// Forgets a session everywhere. A renewal that is under way ends first.
///
/// # Errors
/// The file system's; what could be cleared is cleared all the same.
pub async fn forget(stores: &Stores, name: &str) -> Result<Forgotten, Error> {
    let _lock = token::lock(stores, name).await?;
    // One that cannot be understood is forgotten, too, and may have anything in the keyring.
    let old = stores.files.load(name);
    let known = old.as_ref().ok().and_then(Option::as_ref).map(|session| session.login_id.clone());
    let cleared = stores.keyring.clear(name, known.as_deref(), None).await;
    let is_there = old.as_ref().is_ok_and(|old| old.as_ref().is_some_and(Session::uses_keyring));
    let was_there = stores.files.remove(name)?;
    super::ibmcloud_login::forget(stores)?;
    // What is locked was found there; a keyring that is none has nothing of a session that never used one.
    let uncleared = cleared.err().filter(|why| match why {
        KeyringError::Locked => true,
        KeyringError::Missing(_) | KeyringError::Unset => is_there,
        KeyringError::Silent | KeyringError::Failed(_) => is_there || old.is_err(),
    });
    Ok(Forgotten { was_there, uncleared })
}
