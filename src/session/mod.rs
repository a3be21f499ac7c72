//! Sessions: selects the login that a command uses, and provides an access token for it.

pub mod candidates;
pub mod claims;
mod endpoint;
mod error;
pub mod file;
pub mod file_text;
mod find;
pub mod ibmcloud;
mod ibmcloud_config;
mod ibmcloud_login;
pub mod keyring;
pub mod login;
mod name;
pub mod store;
mod stores;
pub mod token;

use crate::iam::{Client, Identity};
use crate::secret::SecretString;
use claims::Claims;
use store::{Method, Storage};
use token::Unsaved;

pub use endpoint::asked_endpoint;
pub use error::{Error, IBMCLOUD, title};
pub use find::{SandboxLogin, open};
pub use name::{accounts_name, login_name, needs_no_renewal};
pub use stores::{DEFAULT, Stores};

/// An access token with less remaining time than this is renewed before it is used, in seconds.
pub const MARGIN: i64 = 60;

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
