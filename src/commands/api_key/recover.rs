//! `api-key-recover`: forward, to the file that was asked for and with the value that was drawn for it; or, with
//! `--discard`, an end to it. Without FILE everything that was interrupted is shown and asked about.

use std::borrow::Cow;
use std::path::Path;

use serde_json::json;

use crate::cli::keys::Recover;
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::origin::{elsewhere, open};
use crate::commands::support::orphans::{asked, orphan};
use crate::commands::support::{delivery, log, messages};
use crate::context::Context;
use crate::creation::{self, Discard, Interrupted, State};
use crate::error::{Error, Kind};
use crate::format::Format;
use crate::output::{Column, csv, json, table};
use crate::text::{quoted, visible};
use crate::time;

pub(crate) async fn run(context: &mut Context<'_>, options: Recover) -> Result<u8, Error> {
    let log = log(&context.settings)?;
    let Some(path) = options.file else {
        return all(context, creation::load_all(&log), options.discard).await;
    };
    match creation::load(&log, &path)? {
        Some(found) => {
            let active = login(context, &found).await?;
            settle(context, found, active, &path, options.discard).await?;
        }
        None => {
            let shown = context.ui.name(&path.to_string_lossy());
            context.ui.ok();
            context.ui.say(&format!("Nothing is pending for {shown}"));
        }
    }
    Ok(0)
}

/// Shows what was interrupted and asks about each.
async fn all(context: &mut Context<'_>, mut found: Vec<Interrupted>, discard: bool) -> Result<u8, Error> {
    // What cannot be cleared now is cleared by a later command.
    found.extract_if(.., |found| found.is_over()).for_each(|over| drop(over.forget()));
    show(context, &found);
    if context.ui.format() != Format::Table || context.settings.no_input {
        return Ok(0);
    }
    let (mut first_failure, mut declined) = (None, false);
    for found in found {
        context.ui.say("");
        if let Some(elsewhere) = elsewhere(&context.settings, &found.subject) {
            let name = visible(&found.subject.name).into_owned();
            context.ui.note(&format!("API key {name}: {}\n{}", elsewhere.message, elsewhere.hint.unwrap_or_default()));
            continue;
        }
        let settled = match found.subject.file.clone().filter(|_| !matches!(found.state, State::Orphan { .. })) {
            Some(file) => {
                let (name, into) = (context.ui.name(&found.subject.name), context.ui.name(&file.to_string_lossy()));
                let verb = if discard { "give up" } else { "finish" };
                if asked(context, &format!("Really {verb} the creation of API key {name} into {into}?")).await? {
                    let active = login(context, &found).await;
                    match active {
                        Ok(active) => settle(context, found, active, &file, discard).await,
                        Err(error) => Err(error),
                    }
                } else {
                    declined = true;
                    Ok(())
                }
            }
            None if discard => {
                let name = context.ui.name(&found.subject.name);
                let question = format!("Really forget the creation of API key {name}? If there is a key, it stays.");
                if asked(context, &question).await? {
                    context.ui.ok();
                    found.forget().map_err(Error::from)
                } else {
                    declined = true;
                    Ok(())
                }
            }
            None => match open(context, &found.subject).await {
                Ok(active) => orphan(context, &active, found).await?.map(|all| declined |= !all),
                Err(error) => Err(error),
            },
        };
        if let Err(error) = settled {
            context.ui.error(&error);
            first_failure.get_or_insert(error.kind.exit_status());
        }
    }
    let cancelled = if declined { Kind::Cancelled.exit_status() } else { 0 };
    Ok(first_failure.unwrap_or(cancelled))
}

/// The login, where the service has to be asked.
async fn login(context: &mut Context<'_>, found: &Interrupted) -> Result<Option<ActiveLogin>, Error> {
    match found.state {
        State::Resumable => open(context, &found.subject).await.map(Some),
        _ => Ok(None),
    }
}

/// Finishes what was to go into a file, or gives it up.
async fn settle(
    context: &mut Context<'_>,
    found: Interrupted,
    active: Option<ActiveLogin>,
    path: &Path,
    discard: bool,
) -> Result<(), Error> {
    let shown = context.ui.name(&path.to_string_lossy());
    let name = context.ui.name(&found.subject.name);
    let word = quoted(&path.to_string_lossy());
    let said = match (&found.state, active) {
        (State::Resumable, Some(active)) if discard => return give_up(context, found, &active, path).await,
        (State::Resumable, Some(active)) => return finish(context, found, &active, path).await,
        (State::NotSent, _) => format!("The creation into {shown} ended before a key was asked for"),
        (State::Complete, _) => format!("{shown} was complete already"),
        (State::Missing | State::Resumable, _) if discard => format!("The creation of API key {name} was given up"),
        (State::Missing | State::Resumable, _) => {
            let name = visible(&found.subject.name);
            let message = format!(
                "The value of API key {name} was kept beside {}, and its pending file is not there.",
                path.display()
            );
            return Err(Error::failed(message).hint(format!(
                "If its folder was moved, name the file where it is now; if its disk is not mounted, mount it.\n\
                 Or give the creation up: ibmiam api-key-recover {word} --discard"
            )));
        }
        (State::Orphan { .. }, _) if discard => {
            found.free_file()?;
            context.ui.ok();
            context.ui.say(&format!("{shown} is free again"));
            context.ui.note("To check whether the key was created, run: ibmiam api-key-recover");
            return Ok(());
        }
        (State::Orphan { .. }, _) => {
            let name = visible(&found.subject.name);
            let message =
                format!("The service was to make the value of API key {name} itself, and its answer was lost.");
            return Err(Error::failed(message).hint(format!(
                "To check whether the key was created, run: ibmiam api-key-recover\n\
                 To free the file, run: ibmiam api-key-recover {word} --discard"
            )));
        }
    };
    found.forget()?;
    context.ui.ok();
    context.ui.say(&said);
    Ok(())
}

async fn finish(context: &mut Context<'_>, found: Interrupted, active: &ActiveLogin, path: &Path) -> Result<(), Error> {
    let name = context.ui.name(&found.subject.name);
    let settings = &context.settings;
    let recorded = found.resume(path, || settings.replaced_folder().ok()).map_err(|error| match error {
        creation::Error::Exists(_) => {
            Error::from(error).hint("Its value is kept. Move that file away, then run the command again.")
        }
        error => error.into(),
    })?;
    context.ui.say(&format!("Recovering API key {name} {}...", active.under_as(context.ui)));
    context.in_progress = Some(delivery::in_progress(&recorded));
    let plan = recorded.plan().clone();
    let client = &active.login.client;
    match recorded.register(client).await {
        Ok(registered) => delivery::deliver(context, registered, None).await,
        Err(failure) => Err(delivery::unregistered(failure, &plan, client).await),
    }
}

/// Deletes the value if the service says, twice and some time apart, that it does not know it.
async fn give_up(
    context: &mut Context<'_>,
    mut found: Interrupted,
    active: &ActiveLogin,
    path: &Path,
) -> Result<(), Error> {
    let name = context.ui.name(&found.subject.name);
    context.ui.say(&format!("Giving up API key {name} {}...", active.under_as(context.ui)));
    let Some(value) = found.value() else { return Ok(()) };
    match active.login.client.get_api_keys_details(value).await {
        Ok(key) => {
            let message = format!("{} is there, and its value is kept.", messages::called(&key));
            let (word, id) = (quoted(&path.to_string_lossy()), visible(&key.id));
            return Err(Error::new(Kind::Conflict, message).hint(format!(
                "Finish it: ibmiam api-key-recover {word}\n\
                 Or delete it first, then run the command again: ibmiam api-key-delete {id}"
            )));
        }
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error.into()),
    }
    match found.is_unknown((context.now)())? {
        Discard::Now => {
            found.forget()?;
            context.ui.ok();
            context.ui.say(&format!("No key has the value, which was discarded; API key {name} was not created"));
            Ok(())
        }
        Discard::After(moment) => {
            let message = "The service does not know the value now, but its creation may still be on the way; \
                           nothing was discarded yet.";
            Err(Error::failed(message).hint(format!("Run the command again after {}.", time::wire(moment))))
        }
    }
}

const COLUMNS: [Column<Interrupted>; 6] = [
    Column { title: "Name", field: "name", cell: |found| Cow::Borrowed(&found.subject.name) },
    Column { title: "Begun At", field: "begun_at", cell: |found| time::wire(found.subject.begun_at).into() },
    Column { title: "Into", field: "file", cell: |found| file(found) },
    Column { title: "ID", field: "id", cell: |found| key_id(found).unwrap_or_default().into() },
    Column { title: "Account", field: "account_id", cell: |found| Cow::Borrowed(&found.subject.account_id) },
    Column { title: "User", field: "user", cell: |found| Cow::Borrowed(&found.subject.user) },
];

fn file(found: &Interrupted) -> Cow<'_, str> {
    found.subject.file.as_ref().map_or("standard output".into(), |file| file.to_string_lossy())
}

fn key_id(found: &Interrupted) -> Option<&str> {
    match &found.state {
        State::Orphan { id, .. } => id.as_deref(),
        _ => None,
    }
}

fn show(context: &mut Context<'_>, all: &[Interrupted]) {
    match context.ui.format() {
        Format::Table => {
            context.ui.ok();
            if all.is_empty() {
                context.ui.say("No creation is pending");
            } else {
                let text = table::list(&COLUMNS.each_ref(), all);
                context.ui.table(&text, true);
            }
        }
        Format::Json => {
            let objects: Vec<_> = all
                .iter()
                .map(|found| {
                    let subject = &found.subject;
                    json!({
                        "name": subject.name, "begun_at": time::wire(subject.begun_at), "file": subject.file,
                        "id": key_id(found), "account_id": subject.account_id, "user": subject.user,
                        "endpoint": subject.endpoint,
                    })
                })
                .collect();
            context.ui.data(&json::pretty(&objects));
        }
        Format::Csv => {
            let header = COLUMNS.each_ref().map(|column| column.field.to_owned()).to_vec();
            let rows = all.iter().map(|found| COLUMNS.each_ref().map(|column| (column.cell)(found).into()).to_vec());
            context.ui.data(&csv::write(std::iter::once(header).chain(rows)));
        }
    }
}
