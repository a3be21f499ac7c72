//! The login that may finish an interrupted creation: at the same endpoint, and as the same user.

use super::login::ActiveLogin;
use super::messages::discard_words;
use super::owner::KeyOwner;
use crate::config::Settings;
use crate::context::Context;
use crate::creation::{self, Subject};
use crate::error::{Error, Kind};
use crate::hint::{Hint, Word};
use crate::iam::Endpoint;
use crate::session::{self, Login, Source};
use crate::text::visible;

/// Opens the login for an interrupted creation. Sends a credential only to the endpoint that the command uses now, and
/// never to an endpoint that is only named in a file, because another process may be listening there.
pub(crate) async fn open(context: &mut Context<'_>, subject: &Subject) -> Result<ActiveLogin, Error> {
    if let Some(elsewhere) = elsewhere(&context.settings, subject) {
        return Err(elsewhere);
    }
    let settings = &context.settings;
    let is_bound = !settings.sandbox && !settings.endpoint_is_option;
    let is_by_variable = settings.session.is_none() && (settings.iam_token.is_some() || settings.api_key.is_some());
    if is_bound && is_by_variable {
        is_at(subject, &session::asked_endpoint(settings)?.to_string())?;
    }
    let mut active = ActiveLogin::open(context).await.map_err(|error| with_way_out(error, subject))?;
    if is_bound {
        is_at(subject, &active.login.client.endpoint().to_string())?;
    }
    belongs_to(subject, &active.login)?;
    if let Some(iam_id) = &subject.owner {
        active.owner = KeyOwner::with_iam_id(&active.login, iam_id);
    }
    Ok(active)
}

/// Returns an error if the creation was started in the sandbox and this command does not use it, or the other way
/// around.
pub(crate) fn elsewhere(settings: &Settings, subject: &Subject) -> Option<Error> {
    match (subject.endpoint.is_empty(), settings.sandbox) {
        (true, false) => {
            Some(Error::usage("The creation was started in the sandbox.").hint("Run the command again with --sandbox."))
        }
        (false, true) => {
            let message = format!("The creation was started at {}, not in the sandbox.", subject.endpoint);
            let error = Error::usage(message).hint("Run the command again without --sandbox (IBMIAM_SANDBOX).");
            Some(with_way_out(error, subject))
        }
        _ => None,
    }
}

fn is_at(subject: &Subject, here: &str) -> Result<(), Error> {
    let there = &subject.endpoint;
    if there == here {
        return Ok(());
    }
    let message = format!("The creation was started at {}, but this command uses {here}.", visible(there));
    let error = Error::usage(message).hint(Hint::shell(
        format!("If {} is the correct endpoint, run the command again with", visible(there)),
        ["--endpoint", there.as_str()],
    ));
    Err(with_way_out(error, subject))
}

/// Adds how to discard a creation that was started at a server on this machine, such as `sandbox run`, which may no
/// longer run.
fn with_way_out(error: Error, subject: &Subject) -> Error {
    if !Endpoint::parse(&subject.endpoint).is_ok_and(|there| there.is_loopback()) {
        return error;
    }
    let gone = "If that endpoint was a test server that no longer runs, you cannot finish the creation. To discard \
                the creation,";
    match &subject.file {
        Some(file) => error
            .and_hint(Hint::shell(
                format!("{gone} first run"),
                [Word::from("rm"), creation::pending_path(file).as_path().into()],
            ))
            .and_hint(Hint::run("Then run", discard_words(Some(file)))),
        None => error.and_hint(Hint::run(format!("{gone} run"), ["api-key-recover", "--discard"])),
    }
}

/// Checks that the login is the user who started the creation. Another user would get another key.
fn belongs_to(subject: &Subject, login: &Login) -> Result<(), Error> {
    if login.account_id == subject.account_id && login.iam_id() == subject.iam_id {
        return Ok(());
    }
    let (user, account) = (visible(&subject.user), visible(&subject.account_id));
    let message = format!("{user} started the creation in account {account}.");
    Err(Error::new(Kind::NotAuthorised, message).hint(match login.source {
        Source::Sandbox => "Check whether the sandbox was reset after the creation started.",
        _ => "Log in as that user and run the command again.",
    }))
}
