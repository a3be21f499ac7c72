//! Sessions: selects the login that a command uses, and provides an access token for it.

pub mod candidates;
pub mod claims;
mod endpoint;
mod error;
pub mod file;
pub mod file_text;
pub mod ibmcloud;
mod ibmcloud_config;
mod ibmcloud_login;
pub mod keyring;
pub mod login;
mod name;
pub mod store;
pub mod token;

use crate::config::Settings;
use crate::context::Clock;
use crate::files::fingerprint;
use crate::iam::identity::TokenClient;
use crate::iam::{Client, Endpoint, Identity};
use crate::secret::{ExposeSecret, SecretString};
use candidates::{Candidate, Mode, candidates};
use claims::Claims;
use endpoint::parse_endpoint;
use file::FileStore;
use keyring::{Keyring, Secret};
use store::{Method, Session, Storage, StoreError};
use token::Unsaved;

pub use endpoint::asked_endpoint;
pub use error::{Error, title};
pub use name::{accounts_name, login_name, needs_no_renewal};

/// An access token with less remaining time than this is renewed before it is used, in seconds.
pub const MARGIN: i64 = 60;

/// The name of the session that is used if no other one is named.
pub const DEFAULT: &str = "default";

/// The name of the session of `ibmcloud` in errors. No stored session can have this name.
pub const IBMCLOUD: &str = "(ibmcloud)";

/// The maximum accepted difference between the service's clock and the local clock, in seconds.
const CLOCKS_DIFFER: i64 = 300;

/// Where a login came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The built-in IAM server.
    Sandbox,
    /// The access token in `IBMCLOUD_IAM_TOKEN`.
    TokenVariable,
    /// The API key in `IBMCLOUD_API_KEY`.
    KeyVariable,
    /// The session of `ibmcloud`.
    Ibmcloud {
        /// The path of its file, for display.
        path: String,
    },
    /// A stored session.
    Stored {
        /// The name of the session.
        name: String,
        /// The path of its file, for display.
        path: String,
        /// Where the refresh token is stored.
        storage: Storage,
        /// Whether the keyring also has the API key.
        keeps_key: bool,
        /// The account's name; empty if it is unknown.
        account_name: String,
        /// What the user logged in with.
        method: Method,
        /// The ID of the API key that the user logged in with, if it is known.
        key_id: Option<String>,
        /// Identifies this login; a later login under the same name has another ID.
        login_id: String,
    },
}

/// A usable login: a client with an access token, and the identity that the token is for.
#[derive(Debug)]
pub struct Login {
    /// The client for requests about keys.
    pub client: Client,
    /// The access token.
    pub token: SecretString,
    /// The claims of the access token.
    pub claims: Claims,
    /// The account ID of the token; empty if the token has no account.
    pub account_id: String,
    /// The source of the login.
    pub source: Source,
    /// The API key that the command itself logged in with.
    pub api_key: Option<SecretString>,
    /// Why a renewed token could not be saved, if so. The login is usable in this case too.
    pub unsaved: Unsaved,
}

/// Where sessions and their secrets are stored.
#[derive(Debug, Clone)]
pub struct Stores {
    /// The files with sessions and access tokens.
    pub files: FileStore,
    /// The system's keyring, if any; it stores refresh tokens and API keys.
    pub keyring: Keyring,
}

impl Stores {
    /// Returns the stores in the folders of the settings.
    ///
    /// # Errors
    /// `Failed` if the platform has no such folders.
    pub fn of(settings: &Settings) -> Result<Self, crate::error::Error> {
        let data = settings.data_folder()?;
        let keyring = Keyring::new(fingerprint(data.as_os_str()), settings.session_bus);
        Ok(Self { files: FileStore::new(&data, &settings.cache_folder()?), keyring })
    }

    /// Returns the name of the session to use: the one in the settings, otherwise the one set by `session use`.
    ///
    /// # Errors
    /// The errors of the store.
    pub fn name(&self, settings: &Settings) -> Result<String, StoreError> {
        match &settings.session {
            // Names that begin with `_` are reserved for this program.
            Some(name) if name.starts_with('_') => Err(StoreError::BadName(name.clone())),
            Some(name) => Ok(name.clone()),
            None => Ok(self.files.current()?.unwrap_or_else(|| DEFAULT.to_owned())),
        }
    }

    /// Returns the refresh token of a session, if it is stored.
    async fn refresh_token(&self, name: &str, session: &Session) -> Result<Option<SecretString>, StoreError> {
        match session.storage {
            Storage::File => Ok(session.refresh_token.clone()),
            Storage::Keyring => self.secret(name, session, Secret::RefreshToken).await,
            Storage::Nowhere => Ok(None),
        }
    }

    /// Reads a secret of a session from the keyring.
    async fn secret(&self, name: &str, session: &Session, secret: Secret) -> Result<Option<SecretString>, StoreError> {
        Ok(self.keyring.read(name, &session.login_id, secret).await?)
    }
}

/// A running sandbox, as far as a login needs it.
pub struct SandboxLogin {
    /// The URL of its IAM server.
    pub url: String,
    /// An access token for the sandbox user.
    pub token: SecretString,
}

/// Finds the login of a command: the first candidate that exists. A candidate that exists but cannot be used is an
/// error, so that the command does not act as another user. The token of a stored session is renewed if it has less
/// than `margin` seconds left. `read_key` resolves the value of the key variable, which can name a file.
///
/// # Errors
/// See [`Error`].
pub async fn open(
    settings: &Settings,
    mode: Mode,
    mut sandbox: Option<SandboxLogin>,
    stores: &Stores,
    margin: i64,
    now: Clock,
    read_key: impl AsyncFn(&SecretString) -> Result<SecretString, crate::error::Error>,
) -> Result<Login, Error> {
    if let Some(asked) = &settings.endpoint {
        parse_endpoint(asked)?;
    }
    for candidate in candidates(settings, mode) {
        let found = match candidate {
            Candidate::Sandbox => sandbox.take().map(|sandbox| with_sandbox(settings, sandbox)).transpose()?,
            Candidate::TokenVariable(token) => Some(with_token(settings, token, now)?),
            Candidate::KeyVariable(key) => {
                let key = read_key(key).await.map_err(|error| Error::KeyVariable(Box::new(error)))?;
                Some(with_key(settings, &key).await?)
            }
            Candidate::NamedSession(_) | Candidate::StoredSession => stored(settings, stores, margin, now).await?,
            Candidate::IbmcloudSession => ibmcloud_login::open(settings, stores, now).await?,
        };
        if let Some(login) = found {
            return Ok(login);
        }
    }
    Err(Error::NotLoggedIn)
}

fn with_sandbox(settings: &Settings, sandbox: SandboxLogin) -> Result<Login, Error> {
    let identity = Identity::new(parse_endpoint(&sandbox.url)?, &settings.http)?;
    Login::new(&identity, sandbox.token, Source::Sandbox)
}

async fn with_key(settings: &Settings, key: &SecretString) -> Result<Login, Error> {
    let identity = Identity::new(asked_endpoint(settings)?, &settings.http)?;
    let tokens = identity.token_for_api_key(key, TokenClient::Default, None).await?;
    let login = Login::new(&identity, tokens.access_token, Source::KeyVariable)?;
    let client = login.client.renewed_by(token::KeyRenewal { identity, key: key.clone() });
    Ok(Login { api_key: Some(key.clone()), client, ..login })
}

fn with_token(settings: &Settings, text: &SecretString, now: Clock) -> Result<Login, Error> {
    let text = text.expose_secret();
    let bare = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("bearer ") => text[7..].trim_start(),
        _ => text,
    };
    let identity = Identity::new(asked_endpoint(settings)?, &settings.http)?;
    let login = Login::new(&identity, SecretString::from(bare), Source::TokenVariable)?;
    // The service's clock may be behind the local clock, and the service decides whether the token has expired.
    if login.claims.expires_within(-CLOCKS_DIFFER, now) {
        return Err(Error::TokenExpired);
    }
    Ok(login)
}

/// Opens a stored session, with a token that is valid for at least `margin` seconds; `None` if there is no session.
async fn stored(settings: &Settings, stores: &Stores, margin: i64, now: Clock) -> Result<Option<Login>, Error> {
    let name = stores.name(settings)?;
    let Some((session, own)) = load(settings, stores, &name)? else {
        let is_chosen = settings.session.is_some() || name != DEFAULT;
        return if is_chosen { Err(Error::NoSuchSession(name)) } else { Ok(None) };
    };
    if let Some(token) = token::cached(stores, &name, &session, margin, now) {
        let identity = Identity::new(own, &settings.http)?;
        let login = Login::new(&identity, token, source(stores, &name, &session))?;
        let is_renewable = settings.may_renew;
        return Ok(Some(if is_renewable { renewable(login, identity, stores, &name, &session) } else { login }));
    }
    if !settings.may_renew {
        return Err(Error::Expired(name));
    }
    let _lock = token::lock(stores, &name).await?;
    // In the meantime, another process may have renewed the token, logged in to another endpoint, or logged out.
    let (session, own) = load(settings, stores, &name)?.ok_or(Error::NotLoggedIn)?;
    let identity = Identity::new(own, &settings.http)?;
    let source = source(stores, &name, &session);
    if let Some(token) = token::cached(stores, &name, &session, margin, now) {
        let login = Login::new(&identity, token, source)?;
        return Ok(Some(renewable(login, identity, stores, &name, &session)));
    }
    let (token, unsaved) = token::renew(&identity, stores, &name, session.clone()).await?;
    let login = Login::new(&identity, token, source)?;
    login.unsaved.set(unsaved);
    Ok(Some(renewable(login, identity, stores, &name, &session)))
}

/// Lets the login renew its token if the service rejects it, for example in a command that runs for hours.
fn renewable(login: Login, identity: Identity, stores: &Stores, name: &str, session: &Session) -> Login {
    let (name, login_id) = (name.to_owned(), session.login_id.clone());
    let unsaved = login.unsaved.clone();
    let renewal = token::StoredRenewal { identity, stores: stores.clone(), name, login_id, unsaved };
    Login { client: login.client.renewed_by(renewal), ..login }
}

fn source(stores: &Stores, name: &str, session: &Session) -> Source {
    Source::Stored {
        name: name.to_owned(),
        path: stores.files.path(name),
        storage: session.storage,
        keeps_key: session.keeps_key,
        account_name: session.account_name.clone(),
        method: session.method,
        key_id: session.key_id.clone(),
        login_id: session.login_id.clone(),
    }
}

/// Loads a stored session and its endpoint. The endpoint must equal the requested one, if there is one.
fn load(settings: &Settings, stores: &Stores, name: &str) -> Result<Option<(Session, Endpoint)>, Error> {
    let Some(session) = stores.files.load(name)? else {
        return Ok(None);
    };
    let own = parse_endpoint(&session.endpoint)?;
    if let Some(asked) = &settings.endpoint {
        let asked = parse_endpoint(asked)?;
        if asked != own {
            let (own, asked) = (own.to_string(), asked.to_string());
            return Err(Error::OtherEndpoint { name: name.to_owned(), own, asked });
        }
    }
    Ok(Some((session, own)))
}

impl Login {
    fn new(identity: &Identity, token: SecretString, source: Source) -> Result<Self, Error> {
        let claims = Claims::read(&token)?;
        let account_id = claims.account_id().unwrap_or_default();
        Ok(Self {
            client: Client::new(identity.http(), token.clone()),
            token,
            claims,
            account_id,
            source,
            api_key: None,
            unsaved: Unsaved::default(),
        })
    }

    /// The name of the user who is logged in, for display.
    #[must_use]
    pub fn user(&self) -> &str {
        self.claims.user()
    }

    /// The ID of the API key that the user logged in with, if it is known. For a key in a variable, this sends a
    /// request to the service.
    pub async fn key_id(&self) -> Option<String> {
        match (&self.api_key, &self.source) {
            (Some(value), _) => self.client.get_api_keys_details(value).await.ok().map(|key| key.id.into_owned()),
            (None, Source::Stored { key_id, .. }) => key_id.clone(),
            (None, _) => None,
        }
    }

    /// The IAM ID of the user or service ID that is logged in.
    #[must_use]
    pub fn iam_id(&self) -> &str {
        &self.claims.iam_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Global;
    use crate::config::Environment;
    use crate::context::system_clock;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use store::CachedToken;

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_login_in_the_meantime_is_told_with_its_own_storage() {
        let home = tempfile::tempdir().unwrap();
        let variables = [("IBMIAM_HOME", home.path().to_str().unwrap())];
        let settings = Settings::new(&Global::default(), &Environment::of(&variables)).unwrap();
        let stores = Stores::of(&settings).unwrap();
        let session = |login_id: &str, storage: Storage| Session {
            login_id: login_id.to_owned(),
            endpoint: "http://127.0.0.1:1".to_owned(),
            user: String::new(),
            account_id: String::new(),
            account_name: String::new(),
            method: store::Method::ApiKey,
            key_id: None,
            ended: false,
            storage,
            refresh_token: (storage == Storage::File).then(|| SecretString::from("r")),
            keeps_key: false,
            logged_in_at: system_clock(),
        };
        stores.files.save(DEFAULT, &session("old", Storage::File)).unwrap();
        let lock = token::lock(&stores, DEFAULT).await.unwrap();
        let log_in = async {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            stores.files.save(DEFAULT, &session("new", Storage::Nowhere)).unwrap();
            let claims = URL_SAFE_NO_PAD.encode(r#"{"iam_id":"IBMid-1","exp":9000000000}"#);
            let access_token = SecretString::from(format!("e30.{claims}.s"));
            let token = CachedToken { login_id: "new".to_owned(), access_token };
            stores.files.cache_access_token(DEFAULT, &token).unwrap();
            drop(lock);
        };
        let read_key = async |key: &SecretString| Ok(key.clone());
        let open = open(&settings, Mode::Normal, None, &stores, MARGIN, system_clock, read_key);
        let (login, ()) = tokio::join!(open, log_in);
        let source = login.unwrap().source;
        let Source::Stored { storage, login_id, .. } = &source else { panic!("{source:?}") };
        assert_eq!((*storage, login_id.as_str()), (Storage::Nowhere, "new"));
    }
}
