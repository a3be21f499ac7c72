//! `api-key-recover`: forward, to the file that was asked for, with the value that was drawn for it.

use super::acting::Acting;
use super::certain::Failure;
use super::create;
use crate::cli::keys::Recover;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam::CreatedKey;
use crate::keyfile::pending::{Found, Pending, Record};
use crate::keyfile::{self, Target};
use crate::secret::ExposeSecret;
use crate::session::{Login, Source};

pub(super) async fn run(context: &mut Context<'_>, options: Recover) -> Result<u8, Error> {
    let path = options.file;
    let shown = context.ui.name(&path.display().to_string());
    let (pending, record) = match Pending::find(&path)? {
        Found::Nothing => {
            context.ui.ok();
            context.ui.say(&format!("Nothing is pending for {shown}"));
            return Ok(0);
        }
        Found::UnderWay => {
            let message = format!("The creation into {} is still under way in another process.", path.display());
            return Err(Error::new(Kind::Conflict, message));
        }
        Found::NotBegun(pending) => {
            pending.remove().map_err(|error| cannot_clear(&path, error))?;
            context.ui.ok();
            context.ui.say(&format!("The creation into {shown} ended before a key was asked for"));
            context.ui.note("With --server-generated nothing is kept: then look for a new key with api-key-list.");
            return Ok(0);
        }
        Found::Interrupted(pending, record) => (pending, *record),
    };
    // The file was there, and the process ended before it could clear up.
    if keyfile::read(&path).is_ok_and(|found| found.expose_secret() == record.value.expose_secret()) {
        pending.remove().map_err(|error| cannot_clear(&path, error))?;
        context.ui.ok();
        context.ui.say(&format!("{shown} was complete already"));
        return Ok(0);
    }
    if context.settings.endpoint.is_none() && !record.endpoint.is_empty() {
        context.settings.endpoint = Some(record.endpoint.clone());
    }
    if record.endpoint.is_empty() && !context.settings.sandbox {
        return Err(
            Error::usage("The creation was begun in the sandbox.").hint("Run the command again with --sandbox.")
        );
    }
    let keep = || Ok(context.settings.data_folder()?.join("replaced"));
    let target = Target::resume(&path, record.overwrite, pending, keep)?;
    let acting = Acting::open(context).await?;
    belongs_to(&record, &acting.login)?;
    let name = context.ui.name(&record.draft.name);
    context.ui.say(&format!("Recovering API key {name} {}...", acting.under_as(context.ui)));
    let created = find_or_register(&acting.login, &record).await?;
    create::save(context, target, &created, record.format).map_err(|unwritten| {
        unwritten.error.hint("The value is still kept; once that is mended, run the command again.")
    })?;
    Ok(0)
}

/// A key is finished by whom it was begun by: anybody else would get a key of their own.
fn belongs_to(record: &Record, login: &Login) -> Result<(), Error> {
    let sandbox = login.source == Source::Sandbox;
    let same = login.account_id == record.account_id
        && login.iam_id() == record.draft.iam_id
        && sandbox == record.endpoint.is_empty();
    if same {
        return Ok(());
    }
    let message = format!("The creation was begun by {} in account {}.", record.user, record.account_id);
    Err(Error::new(Kind::NotAuthorised, message).hint("Log in as that user and run the command again."))
}

async fn find_or_register(login: &Login, record: &Record) -> Result<CreatedKey, Error> {
    match login.client.get_api_keys_details(&record.value).await {
        Ok(key) => return Ok(CreatedKey::found(key, &record.value)?),
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error.into()),
    }
    match create::register(login, &record.draft, Some(&record.value), true).await {
        Ok(created) => Ok(created),
        Err(Failure::NotMade(error) | Failure::Unknown(error) | Failure::Orphaned(error)) => {
            Err(Error::from(error).hint("The value is still kept; run the command again."))
        }
    }
}

fn cannot_clear(path: &std::path::Path, error: std::io::Error) -> Error {
    Error::failed(format!("The pending file of {} cannot be removed: {error}.", path.display())).caused_by(error)
}
