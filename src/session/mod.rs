//! Who we are: which login a command acts with, and the access token for it.

pub mod claims;
pub mod file;
pub mod ibmcloud;
mod ibmcloud_config;
pub mod login;
pub mod store;
pub mod token;

use crate::config::Settings;
use crate::context::Clock;
use crate::iam::identity::TokenClient;
use crate::iam::{Client, Endpoint, Identity, endpoint};
use crate::secret::{ExposeSecret, SecretString};
use claims::Claims;
use store::{Session, SessionStore, StoreError};

/// The session that is used unless another is named.
pub const DEFAULT: &str = "default";

/// Where a login came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The embedded IAM.
    Sandbox,
    /// `IBMCLOUD_IAM_TOKEN`
    TokenVariable,
    /// `IBMCLOUD_API_KEY`
    KeyVariable,
    /// A stored session, and where it is.
    Stored {
        /// Its name.
        name: String,
        /// Its place, for people.
        place: String,
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
    /// The token's account.
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
    /// A token that is not a JWT with an account.
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
    /// The session's file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The service.
    #[error(transparent)]
    Iam(#[from] crate::iam::Error),
}

/// A running sandbox, as far as a login needs to know it.
pub struct SandboxLogin {
    /// Where it answers.
    pub url: String,
    /// A token for its user.
    pub token: SecretString,
}

/// Finds the login of a command: the sandbox, a session by name, a token or a key from the environment, the
/// stored session.
///
/// # Errors
/// See [`Error`].
pub async fn open(
    settings: &Settings,
    sandbox: Option<SandboxLogin>,
    store: &dyn SessionStore,
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
            let tokens = identity.token_for_api_key(key, TokenClient::Default).await?;
            return Login::new(&identity, tokens.access_token, Source::KeyVariable);
        }
    }
    stored(settings, store, now).await
}

/// The endpoint that was asked for, or the public one.
///
/// # Errors
/// `BadEndpoint`.
pub fn asked_endpoint(settings: &Settings) -> Result<Endpoint, Error> {
    parse_endpoint(settings.endpoint.as_deref().unwrap_or(endpoint::PUBLIC))
}

fn parse_endpoint(text: &str) -> Result<Endpoint, Error> {
    Endpoint::parse(text).map_err(|why| Error::BadEndpoint { text: text.to_owned(), why })
}

fn with_token(settings: &Settings, text: &SecretString, now: Clock) -> Result<Login, Error> {
    let text = text.expose_secret();
    let bare = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("bearer ") => text[7..].trim_start(),
        _ => text,
    };
    let identity = Identity::new(asked_endpoint(settings)?, &settings.http)?;
    let login = Login::new(&identity, SecretString::from(bare), Source::TokenVariable)?;
    if login.claims.expires_within(0, now) {
        return Err(Error::TokenExpired);
    }
    Ok(login)
}

async fn stored(settings: &Settings, store: &dyn SessionStore, now: Clock) -> Result<Login, Error> {
    let name = settings.session.as_deref().unwrap_or(DEFAULT);
    let source = Source::Stored { name: name.to_owned(), place: store.place(name) };
    let (session, own) = load(settings, store, name)?;
    if let Some(token) = token::kept(store, name, &session, now) {
        return Login::new(&Identity::new(own, &settings.http)?, token, source);
    }
    let _lock = token::lock(store, name).await?;
    // Meanwhile somebody else may have renewed it, logged in elsewhere, or logged out.
    let (session, own) = load(settings, store, name)?;
    let identity = Identity::new(own, &settings.http)?;
    if let Some(token) = token::kept(store, name, &session, now) {
        return Login::new(&identity, token, source);
    }
    let (token, unkept) = token::renew(&identity, store, name, session).await?;
    let mut login = Login::new(&identity, token, source)?;
    login.unkept = unkept;
    Ok(login)
}

/// The stored session and its endpoint, which must be the one asked for, if one is.
fn load(settings: &Settings, store: &dyn SessionStore, name: &str) -> Result<(Session, Endpoint), Error> {
    let Some(session) = store.load(name)? else {
        return Err(match &settings.session {
            Some(name) => Error::NoSuchSession(name.clone()),
            None => Error::NotLoggedIn,
        });
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
        let account_id = claims.account_id()?;
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
