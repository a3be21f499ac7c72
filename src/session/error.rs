//! Why there is no login, or it cannot be used.

use super::ibmcloud::IbmcloudError;
use super::store::StoreError;
use crate::iam::endpoint::EndpointError;

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
    /// The key in the environment names a file that cannot be read.
    #[error("{0}")]
    KeyVariable(#[source] Box<crate::error::Error>),
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
        why: EndpointError,
    },
    /// The session of `ibmcloud` cannot be used.
    #[error(transparent)]
    Ibmcloud(#[from] IbmcloudError),
    /// The session's file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The service.
    #[error(transparent)]
    Iam(#[from] crate::iam::Error),
}
