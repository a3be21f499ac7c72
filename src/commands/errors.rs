//! From the typed errors of the layers below to the one that is shown.

use crate::error::{Error, Kind};
use crate::iam::error::Refusal;
use crate::iam::{self, ApiKey, Client};
use crate::session;
use crate::terminal::text::visible;

/// The token endpoint's codes for a key or a login that is no longer good.
const REJECTED: [&str; 8] =
    ["BXNIM0415E", "BXNIM0462E", "BXNIM0407E", "BXNIM0408E", "BXNIM0439E", "BXNIM0400E", "BXNIM0308E", "BXNIM0401E"];

/// The limit of keys is reached.
const LIMIT_REACHED: &str = "BXNIM0151E";

impl From<iam::Error> for Error {
    fn from(error: iam::Error) -> Self {
        match &error {
            iam::Error::Service(refusal) => of_refusal(refusal),
            iam::Error::Unreachable { endpoint, cause, .. } => {
                let message = format!("{endpoint} could not be reached: {cause}.");
                let hint = if cause.contains("certificate") {
                    "If its certificate is signed by a CA of your own, pass that with --ca-file (SSL_CERT_FILE)."
                } else {
                    "Check the network, a proxy's settings and --endpoint, then try again."
                };
                Self::new(Kind::Unreachable, message).hint(hint)
            }
            iam::Error::Unreadable(why) => {
                Self::failed(format!("The service's answer cannot be read: {why}.")).hint("Check --endpoint.")
            }
            iam::Error::Setup(why) => Self::failed(why.clone()),
        }
        .caused_by(error)
    }
}

impl From<session::Error> for Error {
    fn from(error: session::Error) -> Self {
        let message = error.to_string();
        let unauthorised = |hint: &str| Self::new(Kind::NotAuthorised, message.clone()).hint(hint);
        match error {
            session::Error::Iam(error) => error.into(),
            session::Error::NotLoggedIn => unauthorised(
                "Log in with 'ibmiam login --apikey @FILE', set IBMCLOUD_API_KEY, or try everything with --sandbox.",
            ),
            session::Error::NoSuchSession(name) => {
                unauthorised(&format!("Log in with 'ibmiam login --session {name} --apikey @FILE'."))
            }
            session::Error::TokenExpired => unauthorised("Set IBMCLOUD_IAM_TOKEN to a fresh one, or unset it."),
            session::Error::Expired(name) => unauthorised(&log_in_again(&name)),
            session::Error::Ended(name, error) => {
                let ended = Self::from(*error);
                let message = format!("The session '{name}' has ended: {}", ended.message);
                ended.reworded(Kind::NotAuthorised, message).hint(log_in_again(&name))
            }
            session::Error::Busy(_) => Self::failed(message).hint("End that process, then try again."),
            session::Error::BadToken(_) => unauthorised("Log in again, or check IBMCLOUD_IAM_TOKEN."),
            session::Error::OtherEndpoint { .. } => unauthorised(
                "Leave out --endpoint (IBMCLOUD_IAM_API_ENDPOINT), or log in there under another --session.",
            ),
            session::Error::BadEndpoint { .. } => {
                Self::usage(message).hint("Check --endpoint and IBMCLOUD_IAM_API_ENDPOINT.")
            }
            session::Error::Ibmcloud(_) => unauthorised(
                "It was left as it is. Log in with 'ibmiam login --apikey @FILE', which is independent of it.",
            ),
            session::Error::Store(error) => error.into(),
        }
    }
}

impl From<session::store::StoreError> for Error {
    fn from(error: session::store::StoreError) -> Self {
        use session::store::StoreError;
        match &error {
            StoreError::BadName(_) => Self::usage(error.to_string()),
            StoreError::Corrupt { name, .. } => Self::failed(error.to_string())
                .hint(format!("It was left as it is. 'ibmiam logout{}' removes it; then log in again.", option(name))),
            StoreError::Untrusted { path } => Self::failed(error.to_string())
                .hint(format!("If it is yours, and nobody can have changed it: chmod 600 '{path}'")),
            StoreError::Keyring(_) => Self::new(Kind::NotAuthorised, error.to_string())
                .hint("Unlock the keyring, as by logging in to the desktop, or log in again with --store file."),
            StoreError::Io { .. } => Self::failed(error.to_string()),
        }
        .caused_by(error)
    }
}

fn log_in_again(name: &str) -> String {
    if name == session::FOREIGN {
        return "Log in again with 'ibmcloud login', or with 'ibmiam login --apikey @FILE', which is independent of it."
            .to_owned();
    }
    format!("Log in again: ibmiam login{} --apikey @FILE", option(name))
}

/// What to add to a command line that means this session.
fn option(name: &str) -> String {
    if name == session::DEFAULT { String::new() } else { format!(" --session {name}") }
}

fn of_refusal(refusal: &Refusal) -> Error {
    let code = refusal.code.as_str();
    let (kind, hint) = match refusal.status {
        _ if code == LIMIT_REACHED => (Kind::Conflict, Some("Delete a key that is not needed: 'ibmiam api-key-list'.")),
        401 => (Kind::NotAuthorised, Some("Log in again with 'ibmiam login'.")),
        403 => (Kind::NotAuthorised, Some("Ask an administrator of the account for the right to do this.")),
        _ if REJECTED.contains(&code) => {
            (Kind::NotAuthorised, Some("Check the API key, or log in again with 'ibmiam login'."))
        }
        404 if refusal.is_iams => (Kind::NotFound, None),
        404 => (Kind::Failed, Some("Check --endpoint; this answer is not one of IAM's.")),
        409 | 412 => (Kind::Conflict, None),
        429 => (Kind::Unreachable, Some("The service asks for patience; try again later.")),
        300..=399 => (Kind::Failed, Some("Check --endpoint.")),
        500.. => (Kind::Failed, Some("The service has trouble; try again later.")),
        _ => (Kind::Failed, None),
    };
    let mut error = Error::new(kind, sentence(&refusal.to_string()));
    error.code = Some(refusal.code.clone()).filter(|code| !code.is_empty());
    error.transaction_id = Some(refusal.transaction_id.clone()).filter(|id| !id.is_empty());
    error.hint = hint.map(str::to_owned);
    error
}

fn sentence(text: &str) -> String {
    let text = visible(text.trim());
    if text.ends_with(['.', '!', '?']) { text.into_owned() } else { format!("{text}.") }
}

/// A key in a sentence: what it is called and its id, on one line whatever the name holds.
pub(super) fn called(key: &ApiKey) -> String {
    format!("API key {} ({})", visible(&key.name), visible(&key.id))
}

/// A key that cannot be changed or deleted as it is.
pub(super) fn locked(key: &ApiKey) -> Error {
    Error::new(Kind::Conflict, format!("{} is locked.", called(key)))
        .hint(format!("Unlock it first: ibmiam api-key-unlock {}", key.id))
}

/// A refused change of a key: which key, and whether it is locked, which the service tells in ways of its own.
pub(super) async fn refused(client: &Client, key: &ApiKey, error: iam::Error) -> Error {
    if let iam::Error::Service(refusal) = &error
        && matches!(refusal.status, 400 | 409 | 412 | 422)
        && let Ok(now) = client.get_api_key(&key.id, iam::client::Include::default()).await
        && now.locked
    {
        let told = Error::from(error);
        let locked = locked(&now);
        return told.reworded(locked.kind, locked.message).hint(locked.hint.unwrap_or_default());
    }
    let open = error.leaves_open();
    let mut error = Error::from(error);
    error.message = format!("{}: {}", called(key), error.message);
    if open {
        error.message.push_str(" The change was not made.");
    }
    error
}

/// A change of which nobody can say whether it was made.
pub(super) fn unknown(key: &ApiKey, error: iam::Error) -> Error {
    let error = Error::from(error);
    let message = format!("{}: {} Whether the change was made is not known.", called(key), error.message);
    let kind = error.kind;
    error
        .reworded(kind, message)
        .hint(format!("Look at the key as it is now: ibmiam api-key-show {}", visible(&key.id)))
}
