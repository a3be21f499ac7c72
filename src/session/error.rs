//! Why there is no login, or it cannot be used.

use super::IBMCLOUD;
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
    #[error("{} belongs to {own}; its tokens are not sent to {asked}.", title(name))]
    OtherEndpoint {
        /// The session.
        name: String,
        /// The endpoint that issued its tokens.
        own: String,
        /// The one asked for.
        asked: String,
    },
    /// A renewal led to a token for another account, which nobody asked for.
    #[error("{} is for account {own}, but the service renewed it for account '{got}'.", title(name))]
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
    #[error("{} has expired.", title(.0))]
    Expired(String),
    /// A session that the service does not renew any more.
    #[error("{} has ended: {}", title(.0), .1)]
    Ended(String, #[source] Box<crate::iam::Error>),
    /// A session without a refresh token, which alone leads to a token for another account.
    #[error("The session '{0}' cannot be switched to another account, because it has no refresh token.")]
    NoSwitch(String),
    /// The service did not switch a session, which is as good as before.
    #[error("Cannot switch the session '{name}' to account {account}: {error}")]
    NotSwitched {
        /// The session.
        name: String,
        /// The account that was asked for.
        account: String,
        /// The service's word.
        #[source]
        error: Box<crate::iam::Error>,
    },
    /// A login for an account led to a token for another one.
    #[error("The service was asked for a token for account {asked} and gave one for account '{got}'.")]
    WrongAccount {
        /// The account that was asked for.
        asked: String,
        /// The one that came.
        got: String,
    },
    /// Another process holds the session's lock.
    #[error("{} has been locked by another process for several minutes.", title(.0))]
    Busy(String),
    /// Somebody logged in or out under the same name in the meantime.
    #[error("Another process changed the session '{0}'. This command changed nothing.")]
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
    #[error("The login is not for an account, and API keys belong to accounts.")]
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

/// What sentences call a session.
#[must_use]
pub fn title(name: &str) -> String {
    if name == IBMCLOUD { "The session of ibmcloud".to_owned() } else { format!("The session '{name}'") }
}
