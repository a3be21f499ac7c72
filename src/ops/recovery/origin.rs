//! The login that may finish an interrupted creation: at the same endpoint, and as the same user.

use crate::config::Settings;
use crate::context::Context;
use crate::creation::{self, Place, Plan};
use crate::error::{Error, Kind};
use crate::hint::{Hint, Word};
use crate::iam::Endpoint;
use crate::ops::login::ActiveLogin;
use crate::ops::login::owner::KeyOwner;
use crate::ops::messages::discard_words;
use crate::session::{self, Login, Source};
use crate::text::visible;

/// Opens the login for an interrupted creation. Sends a credential only to the endpoint that the command uses now, and
/// never to an endpoint that is only named in a file, because another process may be listening there.
pub(crate) async fn open(context: &mut Context<'_>, plan: &Plan) -> Result<ActiveLogin, Error> {
    if let Some(elsewhere) = elsewhere(&context.settings, plan) {
        return Err(elsewhere);
    }
    let settings = &context.settings;
    let is_bound = !settings.sandbox && !settings.endpoint_is_option;
    let is_by_variable = settings.session.is_none() && (settings.iam_token.is_some() || settings.api_key.is_some());
    if is_bound && is_by_variable {
        is_at(plan, &session::asked_endpoint(settings)?)?;
    }
    let mut active = ActiveLogin::open(context).await.map_err(|error| with_way_out(error, plan))?;
    if is_bound {
        is_at(plan, active.login.client.endpoint())?;
    }
    belongs_to(plan, &active.login)?;
    if let Some(iam_id) = plan.other_owner() {
        active.owner = KeyOwner::with_iam_id(&active.login, iam_id);
    }
    Ok(active)
}

/// Returns an error if the creation was started in the sandbox and this command does not use it, or the other way
/// around.
pub(crate) fn elsewhere(settings: &Settings, plan: &Plan) -> Option<Error> {
    match (&plan.place, settings.sandbox) {
        (Place::Sandbox, false) => {
            Some(Error::usage("The creation was started in the sandbox.").hint("Run the command again with --sandbox."))
        }
        (Place::At(there), true) => {
            let message = format!("The creation was started at {there}, not in the sandbox.");
            let error = Error::usage(message).hint("Run the command again without --sandbox (IBMIAM_SANDBOX).");
            Some(with_way_out(error, plan))
        }
        _ => None,
    }
}

fn is_at(plan: &Plan, here: &Endpoint) -> Result<(), Error> {
    let there = match &plan.place {
        Place::At(there) if there != here => there.to_string(),
        _ => return Ok(()),
    };
    let message = format!("The creation was started at {there}, but this command uses {here}.");
    let text = format!("If {there} is the correct endpoint, run the command again with");
    Err(with_way_out(Error::usage(message).hint(Hint::shell(text, ["--endpoint", &there])), plan))
}

/// Adds how to discard a creation that was started at a server on this machine, such as `sandbox run`, which may no
/// longer run.
fn with_way_out(error: Error, plan: &Plan) -> Error {
    if !matches!(&plan.place, Place::At(there) if there.is_loopback()) {
        return error;
    }
    let gone = "If that endpoint was a test server that no longer runs, you cannot finish the creation. To discard \
                the creation,";
    match plan.file() {
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
fn belongs_to(plan: &Plan, login: &Login) -> Result<(), Error> {
    if login.account_id == plan.draft.account_id && login.iam_id() == plan.iam_id {
        return Ok(());
    }
    let (user, account) = (visible(&plan.user), visible(&plan.draft.account_id));
    let message = format!("{user} started the creation in account {account}.");
    Err(Error::new(Kind::NotAuthorised, message).hint(match login.source {
        Source::Sandbox => "Check whether the sandbox was reset after the creation started.",
        _ => "Log in as that user and run the command again.",
    }))
}
