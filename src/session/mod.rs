//! Who we are: which login a command acts with, and the access token for it.

pub mod claims;
pub mod file;
mod foreign;
pub mod ibmcloud;
mod ibmcloud_config;
pub mod keyring;
pub mod login;
pub mod store;
pub mod token;

use crate::config::Settings;
use crate::context::Clock;
use crate::files::fingerprint;
use crate::iam::identity::TokenClient;
use crate::iam::{Client, Endpoint, Identity, endpoint};
use crate::secret::{ExposeSecret, SecretString};
use claims::Claims;
use file::FileStore;
use keyring::{Keyring, Secret};
use store::{Place, Session, StoreError};

/// A token with less time than this is renewed before it is used, in seconds.
pub const MARGIN: i64 = 60;

/// The session that is used unless another is named.
pub const DEFAULT: &str = "default";

/// What errors call the session of `ibmcloud`; no session of ours can have the name.
pub const FOREIGN: &str = "(ibmcloud)";

/// How far the service's clock may be from ours, in seconds.
const CLOCKS_DIFFER: i64 = 300;

/// Where a login came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The embedded IAM.
    Sandbox,
    /// `IBMCLOUD_IAM_TOKEN`
    TokenVariable,
    /// `IBMCLOUD_API_KEY`
    KeyVariable,
    /// The session of `ibmcloud`.
    Ibmcloud {
        /// Its file, for people.
        path: String,
    },
    /// A stored session, and where it is.
    Stored {
        /// Its name.
        name: String,
        /// Its file, for people.
        path: String,
        /// Where its refresh token is.
        place: Place,
        /// Whether the keyring has the API key, too.
        keeps_key: bool,
        /// Of this login and no other one under the same name.
        login_id: String,
    },
}

/// A login that works: a client with a token, and whom it stands for.
#[derive(Debug)]
pub struct Login {
    /// For requests about keys.
    pub client: Client,
    /// The access token.
    pub token: SecretString,
    /// What the token says.
    pub claims: Claims,
    /// The token's account; empty if it is for none.
    pub account_id: String,
    /// Where it came from.
    pub source: Source,
    /// A renewed token that could not be kept, and why; the login is good all the same.
    pub unkept: Option<StoreError>,
}

/// Why there is no login.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is logged in.
    #[error("Not logged in.")]
    NotLoggedIn,
    /// No session has that name.
    #[error("There is no session named '{0}'.")]
    NoSuchSession(String),
    /// The stored session is for another endpoint, which must not get its tokens.
    #[error("The session '{name}' belongs to {own}; its tokens are not sent to {asked}.")]
    OtherEndpoint {
        /// The session.
        name: String,
        /// The endpoint that issued its tokens.
        own: String,
        /// The one asked for.
        asked: String,
    },
    /// A renewal led to a token for another account, which nobody asked for.
    #[error("The session '{name}' is for account {own}, but the service renewed it for account '{got}'.")]
    OtherAccount {
        /// The session.
        name: String,
        /// Its account.
        own: String,
        /// The one that came.
        got: String,
    },
    /// The token in the environment has no more time.
    #[error("The token in IBMCLOUD_IAM_TOKEN has expired.")]
    TokenExpired,
    /// A session that has no more time, and nothing to renew it with.
    #[error("The session '{0}' has expired.")]
    Expired(String),
    /// A session that the service does not renew any more.
    #[error("The session '{0}' has ended: {1}")]
    Ended(String, #[source] Box<crate::iam::Error>),
    /// Another process holds the session's lock.
    #[error("Another process has been renewing the session '{0}' for minutes.")]
    Busy(String),
    /// Somebody logged in or out under the same name in the meantime.
    #[error("The session '{0}' was changed meanwhile; nothing was done.")]
    Changed(String),
    /// What `api` kept is not what it wrote.
    #[error("{path} does not hold an endpoint: {why}")]
    KeptEndpoint {
        /// The file.
        path: String,
        /// Its fault.
        why: String,
    },
    /// A login that is for no account yet.
    #[error("The login is not for an account, so there are no API keys to work with.")]
    NoAccount,
    /// A token that is not a JWT of IAM's.
    #[error("{0}")]
    BadToken(String),
    /// The endpoint is none.
    #[error("'{text}' cannot be the endpoint: {why}.")]
    BadEndpoint {
        /// What was given.
        text: String,
        /// Its fault.
        why: endpoint::EndpointError,
    },
    /// The session of `ibmcloud` cannot be used.
    #[error(transparent)]
    Ibmcloud(#[from] ibmcloud::IbmcloudError),
    /// The session's file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The service.
    #[error(transparent)]
    Iam(#[from] crate::iam::Error),
}

/// Where logins are kept.
#[derive(Debug, Clone)]
pub struct Places {
    /// Sessions and access tokens.
    pub files: FileStore,
    /// Refresh tokens, where there is one.
    pub keyring: Keyring,
}

impl Places {
    /// Those of the settings' folders.
    ///
    /// # Errors
    /// `Failed` where the platform names no such folders.
    pub fn of(settings: &Settings) -> Result<Self, crate::error::Error> {
        let data = settings.data_folder()?;
        let keyring = Keyring::new(fingerprint(data.as_os_str()), settings.session_bus);
        Ok(Self { files: FileStore::new(&data, &settings.cache_folder()?), keyring })
    }

    /// The session that a command means: the one asked for, else the one chosen by `session use`.
    ///
    /// # Errors
    /// The store's.
    pub fn name(&self, settings: &Settings) -> Result<String, StoreError> {
        match &settings.session {
            // Names of our own begin so.
            Some(name) if name.starts_with('_') => Err(StoreError::BadName(name.clone())),
            Some(name) => Ok(name.clone()),
            None => Ok(self.files.current()?.unwrap_or_else(|| DEFAULT.to_owned())),
        }
    }

    /// What renews a session.
    async fn refresh_token(&self, name: &str, session: &Session) -> Result<Option<SecretString>, StoreError> {
        match session.place {
            Place::File => Ok(session.refresh_token.clone()),
            Place::Keyring => self.secret(name, session, Secret::RefreshToken).await,
            Place::Nowhere => Ok(None),
        }
    }

    /// What the keyring has of a session.
    async fn secret(&self, name: &str, session: &Session, secret: Secret) -> Result<Option<SecretString>, StoreError> {
        Ok(self.keyring.read(name, &session.login_id, secret).await?)
    }
}

/// A running sandbox, as far as a login needs to know it.
pub struct SandboxLogin {
    /// Where it answers.
    pub url: String,
    /// A token for its user.
    pub token: SecretString,
}

/// Finds the login of a command: the sandbox, a session by name, a token or a key from the environment, the
/// stored session, that of `ibmcloud`. A stored session's token is renewed if it has less than `margin` seconds left.
///
/// # Errors
/// See [`Error`].
pub async fn open(
    settings: &Settings,
    sandbox: Option<SandboxLogin>,
    places: &Places,
    margin: i64,
    now: Clock,
) -> Result<Login, Error> {
    asked_endpoint(settings)?;
    if let Some(sandbox) = sandbox {
        let identity = Identity::new(parse_endpoint(&sandbox.url)?, &settings.http)?;
        return Login::new(&identity, sandbox.token, Source::Sandbox);
    }
    if settings.session.is_none() {
        if let Some(token) = &settings.iam_token {
            return with_token(settings, token, now);
        }
        if let Some(key) = &settings.api_key {
            let identity = Identity::new(asked_endpoint(settings)?, &settings.http)?;
            let tokens = identity.token_for_api_key(key, TokenClient::Default, None).await?;
            return Login::new(&identity, tokens.access_token, Source::KeyVariable);
        }
    }
    stored(settings, places, margin, now).await
}

/// The endpoint that was asked for, now or by `api`, or the public one.
///
/// # Errors
/// `BadEndpoint`.
pub fn asked_endpoint(settings: &Settings) -> Result<Endpoint, Error> {
    if let Some(asked) = &settings.endpoint {
        return parse_endpoint(asked);
    }
    kept_endpoint(settings)?.map_or_else(|| parse_endpoint(endpoint::PUBLIC), Ok)
}

/// What `api` kept, if anything. A file that cannot be trusted or read is an error: what is meant for one place must
/// not go to another.
fn kept_endpoint(settings: &Settings) -> Result<Option<Endpoint>, Error> {
    let Ok(path) = settings.endpoint_file() else {
        return Ok(None);
    };
    let unusable = |why: String| Error::KeptEndpoint { path: path.display().to_string(), why };
    match file::read_own(&path) {
        Ok(Some(text)) => {
            let text = String::from_utf8_lossy(&text);
            Endpoint::parse(&text).map(Some).map_err(|why| unusable(format!("{why}.")))
        }
        Ok(None) => Err(unusable("it is not a private file of this user.".to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(format!("{error}."))),
    }
}

fn parse_endpoint(text: &str) -> Result<Endpoint, Error> {
    Endpoint::parse(text).map_err(|why| Error::BadEndpoint { text: endpoint::without_password(text), why })
}

fn with_token(settings: &Settings, text: &SecretString, now: Clock) -> Result<Login, Error> {
    let text = text.expose_secret();
    let bare = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("bearer ") => text[7..].trim_start(),
        _ => text,
    };
    let identity = Identity::new(asked_endpoint(settings)?, &settings.http)?;
    let login = Login::new(&identity, SecretString::from(bare), Source::TokenVariable)?;
    // The service's clock may be behind ours, and it has the last word.
    if login.claims.expires_within(-CLOCKS_DIFFER, now) {
        return Err(Error::TokenExpired);
    }
    Ok(login)
}

/// The login of a stored session, with a token that has so many seconds left.
async fn stored(settings: &Settings, places: &Places, margin: i64, now: Clock) -> Result<Login, Error> {
    // What is handed over to the real tool logs in there, and is to act as the same user.
    let stands_before_it = settings.stand_in.is_some() && settings.session.is_none();
    if stands_before_it
        && settings.other_program("ibmcloud").is_some()
        && let Some(login) = foreign::open(settings, places, now).await?
    {
        return Ok(login);
    }
    let name = places.name(settings)?;
    let (session, own) = match load(settings, places, &name) {
        Err(Error::NotLoggedIn) => return foreign::open(settings, places, now).await?.ok_or(Error::NotLoggedIn),
        other => other?,
    };
    let source = Source::Stored {
        name: name.clone(),
        path: places.files.path(&name),
        place: session.place,
        keeps_key: session.keeps_key,
        login_id: session.login_id.clone(),
    };
    if let Some(token) = token::kept(places, &name, &session, margin, now) {
        let identity = Identity::new(own, &settings.http)?;
        let mut login = Login::new(&identity, token, source)?;
        let login_id = session.login_id.clone();
        let renewal = token::StoredRenewal { identity, places: places.clone(), name, login_id };
        login.client = login.client.renewed_by(renewal);
        return Ok(login);
    }
    let _lock = token::lock(places, &name).await?;
    // Meanwhile somebody else may have renewed it, logged in elsewhere, or logged out.
    let (session, own) = load(settings, places, &name)?;
    let identity = Identity::new(own, &settings.http)?;
    if let Some(token) = token::kept(places, &name, &session, margin, now) {
        return Login::new(&identity, token, source);
    }
    let (token, unkept) = token::renew(&identity, places, &name, session).await?;
    let mut login = Login::new(&identity, token, source)?;
    login.unkept = unkept;
    Ok(login)
}

/// The stored session and its endpoint, which must be the one asked for, if one is.
fn load(settings: &Settings, places: &Places, name: &str) -> Result<(Session, Endpoint), Error> {
    let Some(session) = places.files.load(name)? else {
        let is_chosen = settings.session.is_some() || name != DEFAULT;
        return Err(if is_chosen { Error::NoSuchSession(name.to_owned()) } else { Error::NotLoggedIn });
    };
    let own = parse_endpoint(&session.endpoint)?;
    if let Some(asked) = &settings.endpoint {
        let asked = parse_endpoint(asked)?;
        if asked != own {
            let (own, asked) = (own.to_string(), asked.to_string());
            return Err(Error::OtherEndpoint { name: name.to_owned(), own, asked });
        }
    }
    Ok((session, own))
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
            unkept: None,
        })
    }

    /// Who is logged in, for people.
    #[must_use]
    pub fn user(&self) -> &str {
        self.claims.user()
    }

    /// The IAM id of who is logged in.
    #[must_use]
    pub fn iam_id(&self) -> &str {
        &self.claims.iam_id
    }
}
