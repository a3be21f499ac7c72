//! From the typed errors of the layers below to the one that is shown.

use std::io::ErrorKind;
use std::path::Path;

use crate::context::InProgress;
use crate::creation;
use crate::error::{Error, Kind};
use crate::iam::error::{Refusal, RenewalError};
use crate::iam::{self, ApiKey, Client};
use crate::session;
use crate::text::{quoted, visible, word};

/// What IAM's codes mean here and what to do next: those of the token endpoint, and those whose HTTP status says less.
const ADVICE: [(&str, Kind, &str); 18] = [
    ("BXNIM0060E", Kind::Failed, "Check --endpoint: this endpoint does not accept such requests."),
    ("BXNIM0106E", Kind::Failed, "Check your input: the service does not accept the value."),
    ("BXNIM0109E", Kind::Failed, "Check your input: a required value is empty."),
    ("BXNIM0113E", Kind::Failed, "Check the CRN, for example in --profile."),
    ("BXNIM0139E", Kind::NotAuthorised, LOG_IN_AGAIN),
    ("BXNIM0141E", Kind::NotAuthorised, "Check -c. To see your accounts, log in without -c."),
    ("BXNIM0151E", Kind::Conflict, "Delete a key that you do not need. To list your keys, run: ibmiam api-key-list"),
    ("BXNIM0308E", Kind::NotAuthorised, LOG_IN_AGAIN),
    ("BXNIM0400E", Kind::NotAuthorised, "Log in with your organization's identity provider: ibmiam login --sso"),
    ("BXNIM0401E", Kind::NotAuthorised, "Check the token or passcode, or log in again."),
    ("BXNIM0405E", Kind::NotAuthorised, "Check the token, or log in again."),
    ("BXNIM0407E", Kind::NotAuthorised, LOG_IN_AGAIN),
    ("BXNIM0408E", Kind::NotAuthorised, LOG_IN_AGAIN),
    ("BXNIM0415E", Kind::NotAuthorised, "Check the API key: it may be deleted, or belong to another --endpoint."),
    ("BXNIM0421E", Kind::NotAuthorised, LOG_IN_AGAIN),
    ("BXNIM0439E", Kind::NotAuthorised, LOG_IN_AGAIN),
    ("BXNIM0462E", Kind::NotAuthorised, "Enable the API key, or use another one."),
    ("BXNIM0608E", Kind::NotAuthorised, "Log in with 'ibmiam login --sso', or with an API key."),
];

const LOG_IN_AGAIN: &str = "Log in again: ibmiam login";

impl From<iam::Error> for Error {
    fn from(error: iam::Error) -> Self {
        let error = match error {
            iam::Error::RenewalFailed { cause, .. } => return not_renewed(cause),
            error => error,
        };
        match &error {
            iam::Error::Service(refusal) => of_refusal(refusal),
            iam::Error::Unreachable { endpoint, cause, .. } => {
                let message = format!("Cannot reach {endpoint}: {cause}.");
                let hint = if cause.contains("certificate") {
                    "If your own CA signed its certificate, pass the CA with --ca-file (SSL_CERT_FILE)."
                } else {
                    "Check the network, the proxy settings and --endpoint, then try again."
                };
                Self::new(Kind::Unreachable, message).hint(hint)
            }
            iam::Error::Unreadable(why) => {
                Self::failed(format!("Cannot read the service's response: {why}.")).hint("Check --endpoint.")
            }
            iam::Error::Setup(why) => Self::failed(why.clone()),
            iam::Error::RenewalFailed { cause, .. } => Self::failed(cause.to_string()),
        }
    }
}

impl From<session::Error> for Error {
    fn from(error: session::Error) -> Self {
        let message = error.to_string();
        let unauthorised = |hint: &str| Self::new(Kind::NotAuthorised, message.clone()).hint(hint);
        match error {
            session::Error::Iam(error) => error.into(),
            session::Error::KeyVariable(error) => *error,
            session::Error::NotLoggedIn => unauthorised(
                "Log in with 'ibmiam login --apikey @FILE', or set IBMCLOUD_API_KEY. To test without an account, pass --sandbox.",
            ),
            session::Error::NoSuchSession(name) => {
                unauthorised(&format!("Log in with 'ibmiam login --session {name} --apikey @FILE'."))
            }
            session::Error::Changed(_) => Self::new(Kind::Conflict, message)
                .hint("Check the login with 'ibmiam target', then run the command again if it still applies."),
            session::Error::KeptEndpoint { path, .. } => Self::failed(message).hint(format!(
                "Set it again: ibmiam api ENDPOINT, or reset it: ibmiam api --unset. ibmiam read it from '{path}'."
            )),
            session::Error::NoAccount => no_account(None),
            session::Error::TokenExpired => unauthorised("Set IBMCLOUD_IAM_TOKEN to a new token, or unset it."),
            session::Error::OtherAccount { name, .. } | session::Error::Expired(name) => {
                unauthorised(&log_in_again(&name))
            }
            session::Error::Ended(name, error) => {
                let ended = Self::from(*error);
                let message = format!("{} has ended: {}", session::title(&name), ended.message);
                ended.reworded(Kind::NotAuthorised, message).hint(log_in_again(&name))
            }
            session::Error::NoSwitch(name) => {
                unauthorised(&format!("Log in again with -c: ibmiam login{} -c ACCOUNT --apikey @FILE", option(&name)))
            }
            session::Error::NotSwitched { name, account, error } => {
                let refused = Self::from(*error);
                let message = format!("Cannot switch the session '{name}' to account {account}: {}", refused.message);
                refused.reworded(Kind::NotAuthorised, message).hint(format!(
                    "The session is still valid for its own account. If it was made with an API key, which belongs \
                     to one account, log in with a key of the other account: ibmiam login{} --apikey @FILE",
                    option(&name)
                ))
            }
            session::Error::WrongAccount { .. } => unauthorised("No session was changed. Check --endpoint."),
            session::Error::Busy(_) => Self::failed(message).hint("Stop that process, then try again."),
            session::Error::BadToken(_) => unauthorised("Log in again, or check IBMCLOUD_IAM_TOKEN."),
            session::Error::OtherEndpoint { .. } => {
                unauthorised("Remove --endpoint (IBMCLOUD_IAM_API_ENDPOINT), or log in to it with another --session.")
            }
            session::Error::BadEndpoint { .. } => {
                Self::usage(message).hint("Check --endpoint and IBMCLOUD_IAM_API_ENDPOINT.")
            }
            session::Error::Ibmcloud(_) => {
                unauthorised("ibmiam did not change it. To use a separate login, run: ibmiam login --apikey @FILE")
            }
            session::Error::Store(error) => error.into(),
        }
    }
}

impl From<session::store::StoreError> for Error {
    fn from(error: session::store::StoreError) -> Self {
        use session::store::StoreError;
        match &error {
            StoreError::BadName(_) => Self::usage(error.to_string()),
            StoreError::Corrupt { name, .. } => Self::failed(error.to_string()).hint(format!(
                "ibmiam did not change it. To remove it, run 'ibmiam logout{}', then log in again.",
                option(name)
            )),
            StoreError::UntrustedFolder { path } => Self::failed(error.to_string())
                .hint(format!("If the folder and its files are yours and unchanged, run: chmod 700 {}", quoted(path))),
            StoreError::Untrusted { path } => Self::failed(error.to_string())
                .hint(format!("If the file is yours and unchanged, run: chmod 600 '{path}'")),
            StoreError::Keyring(_) => Self::new(Kind::NotAuthorised, error.to_string())
                .hint("Unlock the keyring (for example, log in to the desktop), or log in again with --store file."),
            StoreError::Io { .. } => Self::failed(error.to_string()),
        }
    }
}

impl From<creation::Error> for Error {
    fn from(error: creation::Error) -> Self {
        use creation::Error as Why;
        let message = error.to_string();
        let recover = |path: &Path| format!("ibmiam api-key-recover {}", quoted(&path.to_string_lossy()));
        match &error {
            Why::Exists(_) => {
                Self::usage(message).hint("Use another file name, or pass --overwrite to replace the file.")
            }
            Why::Unsuitable { .. } => Self::usage(message).hint("No key was created."),
            Why::Foreign(_) => Self::usage(message).hint("Use a file or a pipe of your own. No key was created."),
            Why::NoReader(_) => Self::failed(message).hint("Start the reader first. No key was created."),
            Why::Unwritable { source, .. } => Self::failed(message).hint(match source.kind() {
                ErrorKind::NotFound => "Create the folder first.",
                ErrorKind::AlreadyExists => {
                    "Another program created this file at the same time. Use another file name."
                }
                _ => "Use a file in a folder that you can write to.",
            }),
            Why::Uncopyable { .. } => Self::failed(message).hint("Use another file name, or move this file."),
            Why::Unfinished(path) => Self::new(Kind::Conflict, message)
                .hint(format!("If it is no longer running, finish it: {}", recover(path))),
            Why::InProgress(_) | Why::Busy(_) => Self::new(Kind::Conflict, message).hint("Wait until it finishes."),
            Why::Untrusted(path) => Self::failed(message).hint(format!(
                "If the file is yours and unchanged, run: chmod 600 {}\nOtherwise, remove it.",
                quoted(&path.to_string_lossy())
            )),
            Why::Garbled(_) => Self::failed(message).hint(
                "It may contain the value of an API key, so ibmiam did not change it. Did a newer version write it?",
            ),
            Why::Unrecorded { .. } => Self::failed(message).hint("Check the folder and its disk. No key was created."),
            Why::Unreadable { .. } | Why::Irremovable { .. } | Why::Unshown(_) | Why::AlteredValue => {
                Self::failed(message)
            }
        }
    }
}

/// A login that is for no account: of this stored session, or of none.
pub(crate) fn no_account(session: Option<&str>) -> Error {
    let error = Error::new(Kind::NotAuthorised, session::Error::NoAccount.to_string());
    error.hint(match session {
        Some(name) => format!("Select an account: ibmiam target -c ACCOUNT{}", option(name)),
        None => "Use a token for an account, or log in with -c.".to_owned(),
    })
}

/// A token that was refused in the middle of a command, and why there is no other one.
fn not_renewed(cause: RenewalError) -> Error {
    let cause = match cause.downcast::<session::Error>() {
        Ok(cause) => Error::from(*cause),
        Err(other) => Error::failed(other.to_string()),
    };
    let message = format!("The service rejected the access token, and ibmiam could not renew it. {}", cause.message);
    let kind = cause.kind;
    cause.reworded(kind, message)
}

fn log_in_again(name: &str) -> String {
    if name == session::FOREIGN {
        return "Log in again with 'ibmcloud login', or use a separate login: ibmiam login --apikey @FILE".to_owned();
    }
    format!("Log in again: ibmiam login{} --apikey @FILE", option(name))
}

/// What to add to a command line that means this session.
fn option(name: &str) -> String {
    if name == session::DEFAULT { String::new() } else { format!(" --session {name}") }
}

fn of_refusal(refusal: &Refusal) -> Error {
    let code = refusal.code.as_str();
    // A code says less than that the service is unavailable, or limits the rate.
    let passing = refusal.status == 429 || refusal.status >= 500;
    let advice =
        ADVICE.iter().find(|(known, ..)| *known == code && !passing).map(|(_, kind, hint)| (*kind, Some(*hint)));
    let (kind, hint) = advice.unwrap_or(match refusal.status {
        401 => (Kind::NotAuthorised, Some(LOG_IN_AGAIN)),
        403 => (Kind::NotAuthorised, Some("Ask an administrator of the account for permission.")),
        404 if refusal.is_iams => (Kind::NotFound, None),
        404 => (Kind::Failed, Some("Check --endpoint: this response is not from IAM.")),
        409 | 412 => (Kind::Conflict, None),
        429 => (Kind::Unreachable, Some("The service received too many requests. Try again later.")),
        300..=399 => (Kind::Failed, Some("Check --endpoint.")),
        500.. => (Kind::Failed, Some("The service is temporarily unavailable. Try again later.")),
        _ => (Kind::Failed, None),
    });
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
pub(crate) fn called(key: &ApiKey) -> String {
    format!("API key {} ({})", visible(&key.name), visible(&key.id))
}

/// A key that cannot be changed or deleted as it is.
pub(crate) fn locked(key: &ApiKey) -> Error {
    Error::new(Kind::Conflict, format!("{} is locked.", called(key)))
        .hint(format!("Unlock it first: ibmiam api-key-unlock {}", word(&key.id)))
}

/// A refused change of a key: which key, and whether it is locked, which the service tells in ways of its own.
pub(crate) async fn refused(client: &Client, key: &ApiKey, error: iam::Error) -> Error {
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
        error.message.push_str(" The change is not made yet, but a delayed copy of the request may still make it.");
    }
    error
}

/// A change of which nobody can say whether it was made.
pub(crate) fn unknown(key: &ApiKey, error: iam::Error) -> Error {
    let error = Error::from(error);
    let message = format!("{}: {} The change may have been made.", called(key), error.message);
    let kind = error.kind;
    error.reworded(kind, message).hint(format!("To check the key, run: ibmiam api-key-show {}", word(&key.id)))
}

/// A change that was sent to the service, and whose answer is not there yet.
pub(crate) fn in_progress(verb: &str, key: &ApiKey) -> InProgress {
    InProgress::new(format!("The request to {verb} {} may have completed.", named(key)))
        .hint(format!("To check the key, run: ibmiam api-key-show {}", word(&key.id)))
}

/// A change that has ended, while the command goes on.
pub(crate) fn ended(done: &str, key: &ApiKey) -> InProgress {
    InProgress::new(format!("{} was {done}.", named(key)))
}

fn named(key: &ApiKey) -> String {
    format!("API key '{}' ({})", visible(&key.name), visible(&key.id))
}

pub(crate) fn cannot_handle_signals(error: &std::io::Error) -> Error {
    Error::failed(format!("Cannot set up signal handling: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Error {
        of_refusal(&Refusal::read(status, Some("T-1"), body.as_bytes()))
    }

    #[test]
    fn every_code_of_the_token_endpoint_says_what_to_do_next() {
        for (status, code, kind, part) in [
            (400, "BXNIM0407E", Kind::NotAuthorised, "ibmiam login"),
            (400, "BXNIM0408E", Kind::NotAuthorised, "ibmiam login"),
            (400, "BXNIM0439E", Kind::NotAuthorised, "ibmiam login"),
            (401, "BXNIM0400E", Kind::NotAuthorised, "--sso"),
            (400, "BXNIM0415E", Kind::NotAuthorised, "Check the API key"),
            (400, "BXNIM0462E", Kind::NotAuthorised, "Enable the API key"),
            (400, "BXNIM0141E", Kind::NotAuthorised, "-c"),
            (400, "BXNIM0401E", Kind::NotAuthorised, "log in again"),
            (400, "BXNIM0405E", Kind::NotAuthorised, "log in again"),
            (401, "BXNIM0308E", Kind::NotAuthorised, "ibmiam login"),
            (401, "BXNIM0602E", Kind::NotAuthorised, "ibmiam login"),
            (400, "BXNIM0608E", Kind::NotAuthorised, "--sso"),
            (403, "BXNIM0513E", Kind::NotAuthorised, "administrator"),
            (405, "BXNIM0060E", Kind::Failed, "--endpoint"),
            (400, "BXNIM0109E", Kind::Failed, "empty"),
            (500, "BXNIM0050E", Kind::Failed, "Try again later"),
            (422, "BXNIM0151E", Kind::Conflict, "Delete a key"),
        ] {
            let error = told(status, &format!(r#"{{"errorCode":"{code}","errorMessage":"It is so."}}"#));
            let hint = error.hint.unwrap_or_default();
            assert!(error.kind == kind && hint.contains(part), "{code}: {:?}, {hint}", error.kind);
            assert_eq!((error.code.as_deref(), error.transaction_id.as_deref()), (Some(code), Some("T-1")));
        }
    }

    #[test]
    fn what_an_organisations_own_login_requires_is_told() {
        let body = r#"{"errorCode":"BXNIM0400E","errorMessage":"Failed.","requirements":{"error":"mfa","code":"X"}}"#;
        assert_eq!(told(401, body).message, "Failed. (mfa).");
    }
}
