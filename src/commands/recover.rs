//! `api-key-recover FILE`: forward, to the file that was asked for, with the value that was drawn for it; or, with
//! `--discard`, an end to it, once it is certain that no key has that value.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::acting::Acting;
use super::certain::Failure;
use super::create::Fallback;
use super::{create, delivery, errors, pending};
use crate::cli::keys::Recover;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam::CreatedKey;
use crate::keyfile::journal::Journal;
use crate::keyfile::pending::{Found, Pending};
use crate::keyfile::{self, Record, Target};
use crate::secret::{ExposeSecret, SecretString};
use crate::session::{Login, Source};
use crate::terminal::text::visible;
use crate::time;

/// What is on its way to the service has arrived by then, or never will.
pub(super) const SETTLED_AFTER: SignedDuration = SignedDuration::from_mins(10);

pub(super) async fn run(context: &mut Context<'_>, options: Recover) -> Result<u8, Error> {
    let Some(path) = options.file else {
        return pending::run(context, options.discard).await;
    };
    one(context, &path, options.discard).await?;
    Ok(0)
}

/// Finishes what is pending for a file, or gives it up.
pub(super) async fn one(context: &mut Context<'_>, path: &Path, discard: bool) -> Result<(), Error> {
    let shown = context.ui.name(&path.display().to_string());
    let journal = Journal::new(&context.settings.data_folder()?);
    let (pending, record) = match Pending::find(path)? {
        Found::Nothing => {
            journal.forget(path, false);
            context.ui.ok();
            context.ui.say(&format!("Nothing is pending for {shown}"));
            return Ok(());
        }
        Found::UnderWay => {
            let message = format!("The creation into {} is still under way in another process.", path.display());
            return Err(Error::new(Kind::Conflict, message));
        }
        Found::NotBegun(pending) => {
            pending.remove().map_err(|error| cannot_clear(path, error))?;
            journal.forget(path, false);
            context.ui.ok();
            context.ui.say(&format!("The creation into {shown} ended before a key was asked for"));
            return Ok(());
        }
        Found::Interrupted(pending, record) => (pending, *record),
    };
    let Some(value) = record.value.clone() else {
        return without_value(context, path, pending, &record, discard);
    };
    // The file was there, and the process ended before it could clear up.
    if keyfile::read(path).is_ok_and(|found| found.expose_secret() == value.expose_secret()) {
        pending.remove().map_err(|error| cannot_clear(path, error))?;
        journal.forget(path, true);
        context.ui.ok();
        context.ui.say(&format!("{shown} was complete already"));
        return Ok(());
    }
    if discard {
        give_up(context, path, pending, &record, &value).await?;
    } else {
        finish(context, path, pending, &record, &value).await?;
    }
    journal.forget(path, true);
    Ok(())
}

/// Nothing can be finished, and nothing be lost any more; the journal has the key that there may be.
fn without_value(
    context: &mut Context<'_>,
    path: &Path,
    pending: Pending,
    record: &Record,
    discard: bool,
) -> Result<(), Error> {
    let (name, shown) = (visible(&record.draft.name).into_owned(), path.display());
    if discard {
        pending.remove().map_err(|error| cannot_clear(path, error))?;
        context.ui.ok();
        context.ui.say(&format!("The creation of API key {name} was given up"));
        return Ok(());
    }
    let message = format!("The service was to make the value of API key {name} itself, and its answer was lost.");
    Err(Error::failed(message).hint(format!(
        "Whether there is a key now is told by: ibmiam api-key-recover\n\
         Then give this up with: ibmiam api-key-recover '{shown}' --discard"
    )))
}

async fn finish(
    context: &mut Context<'_>,
    path: &Path,
    pending: Pending,
    record: &Record,
    value: &SecretString,
) -> Result<(), Error> {
    let keep = || Ok(context.settings.data_folder()?.join("replaced"));
    let target = Target::resume(path, record.overwrite, pending, keep)?;
    let acting = open(context, &record.endpoint).await?;
    belongs_to(&record.account_id, &record.draft.iam_id, &record.user, &acting.login)?;
    let name = context.ui.name(&record.draft.name);
    context.ui.say(&format!("Recovering API key {name} {}...", acting.under_as(context.ui)));
    let hint = "The value is still kept; run the command again.";
    context.in_progress = Some(create::in_progress(&record.draft.name, hint));
    let created = find_or_register(&acting.login, record, value).await?;
    delivery::save(context, target, &created, record.format).map_err(|unwritten| {
        unwritten.error.hint("The value is still kept; once that is mended, run the command again.")
    })
}

/// Deletes the value if the service says, twice and some time apart, that it does not know it.
async fn give_up(
    context: &mut Context<'_>,
    path: &Path,
    mut pending: Pending,
    record: &Record,
    value: &SecretString,
) -> Result<(), Error> {
    let acting = open(context, &record.endpoint).await?;
    belongs_to(&record.account_id, &record.draft.iam_id, &record.user, &acting.login)?;
    let name = context.ui.name(&record.draft.name);
    context.ui.say(&format!("Giving up API key {name} {}...", acting.under_as(context.ui)));
    match acting.login.client.get_api_keys_details(value).await {
        Ok(key) => {
            let message = format!("{} is there, and its value is kept.", errors::called(&key));
            let (shown, id) = (path.display(), &key.id);
            return Err(Error::new(Kind::Conflict, message).hint(format!(
                "Finish it: ibmiam api-key-recover '{shown}'\n\
                 Or delete it first, then run the command again: ibmiam api-key-delete {id}"
            )));
        }
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error.into()),
    }
    let now = (context.now)();
    let since = match record.unknown_since {
        Some(since) if settled(since, now) => {
            pending.remove().map_err(|error| cannot_clear(path, error))?;
            context.ui.ok();
            context.ui.say(&format!("No key has the value, which was discarded; API key {name} was not created"));
            return Ok(());
        }
        Some(since) => since,
        None => {
            pending.note_unknown(now).map_err(|error| {
                let shown = path.display();
                Error::failed(format!("The pending file of {shown} cannot be written: {error}.")).caused_by(error)
            })?;
            now
        }
    };
    let again = since.checked_add(SETTLED_AFTER).map(time::wire).unwrap_or_default();
    let message = "The service does not know the value now, but its creation may still be on the way; \
                   nothing was discarded yet.";
    Err(Error::failed(message).hint(format!("Run the command again after {again}.")))
}

/// Whether what was begun or seen then has come to an end by now.
pub(super) fn settled(since: Timestamp, now: Timestamp) -> bool {
    // A clock that was set back since then counts from anew.
    now.duration_since(since) > SETTLED_AFTER
}

/// The login at the endpoint where a creation was begun; empty for the sandbox.
pub(super) async fn open(context: &mut Context<'_>, endpoint: &str) -> Result<Acting, Error> {
    if endpoint.is_empty() && !context.settings.sandbox {
        return Err(
            Error::usage("The creation was begun in the sandbox.").hint("Run the command again with --sandbox.")
        );
    }
    if !endpoint.is_empty() && context.settings.sandbox {
        let message = format!("The creation was begun at {endpoint} and not in the sandbox.");
        return Err(Error::usage(message).hint("Run the command again without --sandbox (IBMIAM_SANDBOX)."));
    }
    let asked = context.settings.endpoint.clone();
    if asked.is_none() && !endpoint.is_empty() {
        context.settings.endpoint = Some(endpoint.to_owned());
    }
    let acting = Acting::open(context).await;
    context.settings.endpoint = asked;
    acting
}

/// A key is finished by whom it was begun by: anybody else would get a key of their own.
pub(super) fn belongs_to(account_id: &str, iam_id: &str, user: &str, login: &Login) -> Result<(), Error> {
    if login.account_id == account_id && login.iam_id() == iam_id {
        return Ok(());
    }
    let message = format!("The creation was begun by {user} in account {account_id}.");
    Err(Error::new(Kind::NotAuthorised, message).hint(match login.source {
        Source::Sandbox => "Was the sandbox set up anew meanwhile?",
        _ => "Log in as that user and run the command again.",
    }))
}

async fn find_or_register(login: &Login, record: &Record, value: &SecretString) -> Result<CreatedKey, Error> {
    match login.client.get_api_keys_details(value).await {
        Ok(key) => return Ok(CreatedKey::found(key, value)?),
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error.into()),
    }
    let never: Fallback<fn() -> bool> = Fallback::Never;
    let registered = create::register(login, &record.draft, Some(value), never).await;
    registered.map_err(|failure: Failure| {
        Error::from(failure.into_error()).hint("The value is still kept; run the command again.")
    })
}

fn cannot_clear(path: &Path, error: std::io::Error) -> Error {
    Error::failed(format!("The pending file of {} cannot be removed: {error}.", path.display())).caused_by(error)
}
