//! Converts the typed errors of the lower layers to the error that the user sees.

use std::io::ErrorKind;

use crate::creation;
use crate::error::{Error, Kind};
use crate::hint::{Hint, Word};
use crate::iam;
use crate::iam::error::Refusal;
use crate::iam::renewal::RenewalError;
use crate::ops::messages::{discard_words, recover_words};
use crate::session::store::Method;
use crate::session::{self, Source};
use crate::text::visible;

/// The kind and the hint for IAM error codes: codes of the token endpoint, and codes that are more specific than their
/// HTTP status.
const ADVICE: [(&str, Kind, Advice); 18] = [
    ("BXNIM0060E", Kind::Failed, Text("Check --endpoint: this endpoint does not accept such requests.")),
    ("BXNIM0106E", Kind::Failed, Text("Check your input: the service does not accept the value.")),
    ("BXNIM0109E", Kind::Failed, Text("Check your input: a required value is empty.")),
    ("BXNIM0113E", Kind::Failed, Text("Check the CRN, for example in --profile.")),
    ("BXNIM0139E", Kind::NotAuthorised, LogIn),
    ("BXNIM0141E", Kind::NotAuthorised, Text("Check -c. To see your accounts, log in without -c.")),
    ("BXNIM0151E", Kind::Conflict, Run("Delete a key that you do not need. To list your keys, run", &["api-key-list"])),
    ("BXNIM0308E", Kind::NotAuthorised, LogIn),
    ("BXNIM0400E", Kind::NotAuthorised, Run("Log in with your organization's identity provider", &["login", "--sso"])),
    ("BXNIM0401E", Kind::NotAuthorised, Text("Check the token or passcode, or log in again.")),
    ("BXNIM0405E", Kind::NotAuthorised, Text("Check the token, or log in again.")),
    ("BXNIM0407E", Kind::NotAuthorised, LogIn),
    ("BXNIM0408E", Kind::NotAuthorised, LogIn),
    ("BXNIM0415E", Kind::NotAuthorised, Text("Check the API key: it may be deleted, or belong to another --endpoint.")),
    ("BXNIM0421E", Kind::NotAuthorised, LogIn),
    ("BXNIM0439E", Kind::NotAuthorised, LogIn),
    ("BXNIM0462E", Kind::NotAuthorised, Text("Enable the API key, or use another one.")),
    ("BXNIM0608E", Kind::NotAuthorised, Run("Log in with an API key, or run", &["login", "--sso"])),
];

/// A hint with a fixed text.
#[derive(Clone, Copy)]
enum Advice {
    Text(&'static str),
    Run(&'static str, &'static [&'static str]),
    LogIn,
}

use Advice::{LogIn, Run, Text};

impl From<Advice> for Hint {
    fn from(advice: Advice) -> Self {
        match advice {
            Text(text) => text.into(),
            Run(text, words) => Hint::run(text, words.iter().copied()),
            LogIn => Hint::LogIn,
        }
    }
}

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
        let unauthorised = |hint: Hint| Self::new(Kind::NotAuthorised, message.clone()).hint(hint);
        let separate = || Hint::run("To use a separate login, run", ["login", "--apikey", "@FILE"]);
        match error {
            session::Error::Iam(error) => error.into(),
            session::Error::KeyVariable(error) => *error,
            session::Error::NotLoggedIn => unauthorised(Hint::run("Log in", ["login", "--apikey", "@FILE"]))
                .and_hint("Or set IBMCLOUD_API_KEY. To test without an account, pass --sandbox."),
            session::Error::NoSuchSession(name) => unauthorised(log_in("Log in", &name, &[]))
                .and_hint(Hint::run("Or list the stored sessions, and use another one", ["session", "list"])),
            session::Error::Changed(_) => Self::new(Kind::Conflict, message)
                .hint(Hint::run("Check the login", ["target"]))
                .and_hint("If the login is correct, run the command again."),
            session::Error::KeptEndpoint { path, .. } => Self::failed(message)
                .hint(format!("The endpoint is stored in '{path}'."))
                .and_hint(Hint::run("To set it again, run", ["api", "ENDPOINT"]))
                .and_hint(Hint::run("To reset it, run", ["api", "--unset"])),
            session::Error::NoAccount => no_account(None),
            session::Error::TokenExpired => unauthorised(NEW_TOKEN.into()),
            session::Error::Expired(name) if name == session::IBMCLOUD => {
                unauthorised(log_in_again(&name, Method::ApiKey)).and_hint(separate())
            }
            session::Error::OtherAccount { .. } | session::Error::Expired(_) => unauthorised(Hint::LogIn),
            session::Error::Ended(name, error) => {
                let ended = Self::from(*error).context(message);
                let ended = ended.of_kind(Kind::NotAuthorised);
                if name == session::IBMCLOUD {
                    return ended.hint(log_in_again(&name, Method::ApiKey)).and_hint(separate());
                }
                ended.hint(Hint::LogIn)
            }
            session::Error::NoSwitch(name) => unauthorised(log_in("Log in again with -c", &name, &["-c", "ACCOUNT"])),
            session::Error::NotSwitched { name, error, .. } => {
                let text = "The session is still valid for its own account. An API key works for one account only. To \
                            use the other account, log in with a key of that account";
                let refused = Self::from(*error).context(message).of_kind(Kind::NotAuthorised);
                refused.hint(log_in(text, &name, &[]))
            }
            session::Error::WrongAccount { .. } => unauthorised("No session was changed. Check --endpoint.".into()),
            session::Error::Busy(_) => Self::failed(message).hint("Stop that process, then try again."),
            session::Error::BadToken(_) => unauthorised("Log in again, or check IBMCLOUD_IAM_TOKEN.".into()),
            session::Error::OtherEndpoint { .. } => {
                let hint = "Leave out --endpoint (IBMCLOUD_IAM_API_ENDPOINT), or log in to that endpoint with \
                            --session NAME.";
                unauthorised(hint.into())
            }
            session::Error::BadEndpoint { .. } => {
                Self::usage(message).hint("Check --endpoint and IBMCLOUD_IAM_API_ENDPOINT.")
            }
            session::Error::Ibmcloud(_) => unauthorised("ibmiam did not change it.".into()).and_hint(separate()),
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
                .hint("ibmiam did not change it.")
                .and_hint(Hint::run("To remove it, run", with_session("logout", name)))
                .and_hint("Then log in again."),
            StoreError::UntrustedFolder { path } => Self::failed(error.to_string()).hint(Hint::shell(
                "If the folder and its files are yours and unchanged, run",
                ["chmod", "700", path.as_str()],
            )),
            StoreError::Untrusted { path } => Self::failed(error.to_string())
                .hint(Hint::shell("If the file is yours and unchanged, run", ["chmod", "600", path.as_str()])),
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
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                    "Free space on the disk, then run the command again."
                }
                _ => "Use a file in a folder that you can write to.",
            }),
            Why::Uncopyable { .. } => Self::failed(message).hint("Use another file name, or move this file."),
            Why::Unfinished(path) => Self::new(Kind::Conflict, message)
                .hint(Hint::run("To finish it, run", recover_words(path)))
                .and_hint(Hint::run("To discard it, run", discard_words(Some(path)))),
            Why::InProgress(_) | Why::Busy(_) | Why::Rotating(_) => {
                Self::new(Kind::Conflict, message).hint("Wait until it finishes.")
            }
            Why::Untrusted(path) => Self::failed(message)
                .hint(Hint::shell(
                    "If the file is yours and unchanged, run",
                    [Word::from("chmod"), "600".into(), path.as_path().into()],
                ))
                .and_hint("Otherwise, remove it."),
            Why::Newer(_) => Self::failed(message).hint(
                "It may be needed to finish the creation of an API key, so this version does not use it. Use the newer \
                 version.",
            ),
            Why::Garbled(_) => Self::failed(message).hint(
                "It may be needed to finish the creation of an API key, so ibmiam does not use it. If another version \
                 of ibmiam wrote it, use that version.",
            ),
            Why::Unrecorded { .. } => Self::failed(message).hint("Check the folder and its disk. No key was created."),
            Why::Unreadable { .. }
            | Why::Irremovable { .. }
            | Why::Unshown(_)
            | Why::Program { .. }
            | Why::Unusable(_)
            | Why::AlteredValue
            | Why::NoValue => Self::failed(message),
        }
    }
}

/// Returns the error for a login without an account. `session` is the name of the stored session, if the login is one.
pub(crate) fn no_account(session: Option<&str>) -> Error {
    let error = Error::new(Kind::NotAuthorised, session::Error::NoAccount.to_string());
    error.hint(match session {
        Some(name) => {
            let words = with_session("target", name).into_iter().chain(["-c", "ACCOUNT"].map(str::to_owned));
            Hint::run("Select an account", words)
        }
        None => "Use a token for an account, or log in with -c.".into(),
    })
}

/// Returns the error for a token that was rejected during a command and could not be renewed, with the cause.
fn not_renewed(cause: RenewalError) -> Error {
    let cause = match cause.downcast::<session::Error>() {
        Ok(cause) => Error::from(*cause),
        Err(other) => Error::new(Kind::NotAuthorised, other.to_string()).hint(Hint::LogIn),
    };
    cause.context("The service rejected the access token, and ibmiam could not renew it.")
}

pub(crate) fn log_in_again(name: &str, method: Method) -> Hint {
    if name == session::IBMCLOUD {
        return Hint::shell("Log in again", ["ibmcloud", "login"]);
    }
    let options: &[&str] = match method {
        Method::ApiKey => return log_in("Log in again", name, &[]),
        Method::Passcode => &["--sso"],
        Method::ComputeResource => &["--cr-token", "@FILE", "--profile", "PROFILE"],
    };
    let words = with_session("login", name).into_iter();
    Hint::run("Log in again", words.chain(options.iter().map(|word| (*word).to_owned())))
}

fn log_in(text: &str, name: &str, options: &[&str]) -> Hint {
    let words = with_session("login", name).into_iter();
    Hint::run(text, words.chain(options.iter().chain(&["--apikey", "@FILE"]).map(|word| (*word).to_owned())))
}

/// Returns the words of a command for this session.
fn with_session(command: &str, name: &str) -> Vec<String> {
    let words = if name == session::DEFAULT { vec![command] } else { vec![command, "--session", name] };
    words.into_iter().map(str::to_owned).collect()
}

/// Returns the hints to log in again, depending on the login that the command used.
pub(crate) fn log_in_hints(source: &Source) -> Vec<Hint> {
    match source {
        Source::Sandbox => vec!["To start over, reset the sandbox.".into(), Hint::run("Run", ["sandbox", "reset"])],
        Source::TokenVariable => vec![NEW_TOKEN.into()],
        Source::KeyVariable => vec!["Check the API key in IBMCLOUD_API_KEY, or unset the variable.".into()],
        Source::Ibmcloud { .. } => vec![log_in_again(session::IBMCLOUD, Method::ApiKey)],
        Source::Stored { name, method, .. } => vec![log_in_again(name, *method)],
    }
}

const NEW_TOKEN: &str = "Set IBMCLOUD_IAM_TOKEN to a new token, or unset it.";

fn of_refusal(refusal: &Refusal) -> Error {
    let code = refusal.code.as_str();
    // The status is more important than the code if the service is unavailable or limits the rate.
    let passing = refusal.status == 429 || refusal.status >= 500;
    let advice =
        ADVICE.iter().find(|(known, ..)| *known == code && !passing).map(|(_, kind, hint)| (*kind, Some(*hint)));
    let (kind, hint) = advice.unwrap_or(match refusal.status {
        401 => (Kind::NotAuthorised, Some(LogIn)),
        403 => (Kind::NotAuthorised, Some(Text("Ask an administrator of the account for permission."))),
        404 if refusal.is_iams => (Kind::NotFound, None),
        404 => (Kind::Failed, Some(Text("Check --endpoint: this response is not from IAM."))),
        409 | 412 => (Kind::Conflict, None),
        429 => (Kind::Unreachable, Some(Text("The service received too many requests. Try again later."))),
        300..=399 => (Kind::Failed, Some(Text("Check --endpoint."))),
        500.. => (Kind::Failed, Some(Text("The service is temporarily unavailable. Try again later."))),
        _ => (Kind::Failed, None),
    });
    let mut error = Error::new(kind, sentence(&refusal.to_string()));
    error.code = Some(refusal.code.clone()).filter(|code| !code.is_empty());
    error.transaction_id = Some(refusal.transaction_id.clone()).filter(|id| !id.is_empty());
    error.hints = hint.map(Hint::from).into_iter().collect();
    error
}

fn sentence(text: &str) -> String {
    let text = visible(text.trim());
    if text.ends_with(['.', '!', '?']) { text.into_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hint::Invocation;

    fn error_for(status: u16, body: &str) -> Error {
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
            let error = error_for(status, &format!(r#"{{"errorCode":"{code}","errorMessage":"It is so."}}"#));
            let hint = Invocation::default().hints(&error.hints);
            assert!(error.kind == kind && hint.contains(part), "{code}: {:?}, {hint}", error.kind);
            assert_eq!((error.code.as_deref(), error.transaction_id.as_deref()), (Some(code), Some("T-1")));
        }
    }

    #[test]
    fn what_an_organisations_own_login_requires_is_told() {
        let body = r#"{"errorCode":"BXNIM0400E","errorMessage":"Failed.","requirements":{"error":"mfa","code":"X"}}"#;
        assert_eq!(error_for(401, body).message, "Failed. (mfa).");
    }
}
