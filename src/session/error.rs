//! Errors of logins: why there is none, or why it cannot be used.

use super::ibmcloud::IbmcloudError;
use super::store::StoreError;
use crate::iam::endpoint::EndpointError;

/// The name of the session of `ibmcloud` in errors. No stored session can have this name.
pub const IBMCLOUD: &str = "(ibmcloud)";

/// Why a login is missing or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No user is logged in.
    #[error("Not logged in.")]
    NotLoggedIn,
    /// No session has that name.
    #[error("There is no session named '{0}'.")]
    NoSuchSession(String),
    /// The stored session is for another endpoint. Its tokens must not be sent to the requested one.
    #[error("{} is for {own}, so ibmiam does not send its tokens to {asked}.", title(name))]
    OtherEndpoint {
        /// The name of the session.
        name: String,
        /// The endpoint that issued its tokens.
        own: String,
        /// The requested endpoint.
        asked: String,
    },
    /// The renewal returned a token for another account than the session's.
    #[error("{} is for account {own}, but the service renewed it for account '{got}'.", title(name))]
    OtherAccount {
        /// The name of the session.
        name: String,
        /// The account of the session.
        own: String,
        /// The account of the new token.
        got: String,
    },
    /// The variable with the API key names a file that cannot be read.
    #[error("{0}")]
    KeyVariable(#[source] Box<crate::error::Error>),
    /// The token in the environment has expired.
    #[error("The token in IBMCLOUD_IAM_TOKEN has expired.")]
    TokenExpired,
    /// The session's access token has expired, and there is no secret to renew it with.
    #[error("{} has expired.", title(.0))]
    Expired(String),
    /// The service rejected the renewal of the session.
    #[error("{} has ended.", title(.0))]
    Ended(String, #[source] Box<crate::iam::Error>),
    /// The session has no refresh token, which is required to get a token for another account.
    #[error("Cannot switch the session '{0}' to another account: it has no refresh token.")]
    NoSwitch(String),
    /// The service rejected the switch to another account. The session is unchanged.
    #[error("Cannot switch the session '{name}' to account {account}.")]
    NotSwitched {
        /// The name of the session.
        name: String,
        /// The requested account.
        account: String,
        /// The error from the service.
        #[source]
        error: Box<crate::iam::Error>,
    },
    /// A login for an account returned a token for another account.
    #[error("ibmiam requested a token for account {asked}, but the service returned one for account '{got}'.")]
    WrongAccount {
        /// The requested account.
        asked: String,
        /// The account of the token.
        got: String,
    },
    /// Another process holds the session's lock.
    #[error("{} has been locked by another process for several minutes.", title(.0))]
    Busy(String),
    /// Another process logged in or out under the same name in the meantime.
    #[error("Another process changed the session '{0}'. This command changed nothing.")]
    Changed(String),
    /// The file that `api` writes does not contain a valid endpoint, or is not a private file of this user.
    #[error("{path} does not contain a valid endpoint: {why}")]
    KeptEndpoint {
        /// The path of the file.
        path: String,
        /// Why the file cannot be used.
        why: String,
    },
    /// The login has no account yet.
    #[error("You are logged in without an account, but API keys belong to an account.")]
    NoAccount,
    /// The token is not a JWT of IAM.
    #[error("{0}")]
    BadToken(String),
    /// The text is not a valid endpoint.
    #[error("'{text}' is not a valid endpoint: {why}.")]
    BadEndpoint {
        /// The text.
        text: String,
        /// Why it is invalid.
        why: EndpointError,
    },
    /// The session of `ibmcloud` cannot be used.
    #[error(transparent)]
    Ibmcloud(#[from] IbmcloudError),
    /// The file or keyring entry of a session cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An error from the service, or from the connection to it.
    #[error(transparent)]
    Iam(#[from] crate::iam::Error),
}

/// Returns the subject for a session in an error message.
#[must_use]
pub fn title(name: &str) -> String {
    if name == IBMCLOUD { "The session of ibmcloud".to_owned() } else { format!("The session '{name}'") }
}
