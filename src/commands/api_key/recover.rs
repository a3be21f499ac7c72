//! `api-key-recover`: finishes an interrupted creation with the requested file and the saved value, or discards it with
//! `--discard`. Without FILE, shows all interrupted creations and asks about each.

use std::borrow::Cow;
use std::path::Path;

use serde_json::json;

use crate::cli::keys::Recover;
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::messages::discard_words;
use crate::commands::support::origin::{elsewhere, open};
use crate::commands::support::orphans::{asked, orphan};
use crate::commands::support::{delivery, log, messages};
use crate::context::Context;
use crate::creation::{self, Discard, Interrupted, Logged, Rotation, State, Subject};
use crate::error::{Error, Kind};
use crate::format::Format;
use crate::hint::{Hint, Note};
use crate::output::Column;
use crate::output::report::List;
use crate::text;
use crate::time;

pub(crate) async fn run(context: &mut Context<'_>, options: Recover) -> Result<u8, Error> {
    let log = log(&context.settings)?;
    let Some(path) = options.file else {
        return Box::pin(all(context, &creation::logged(&log), options.discard)).await;
    };
    match creation::load(&log, &path)? {
        Some(found) => {
            let active = login(context, &found).await?;
            settle(context, found, active, &path, options.discard).await?;
        }
        None => {
            let shown = context.ui.name(&path.to_string_lossy());
            context.ui.ok();
            context.ui.say(&format!("No interrupted creation found for {shown}"));
            if !creation::logged(&log).is_empty() {
                let note = Note::from("There are other interrupted creations.");
                context.ui.note(note.hint(Hint::run("To list them, run", ["api-key-recover"])));
            }
        }
    }
    Ok(0)
}

/// Shows the interrupted creations and asks about each. Locks only the creation that the question is about.
async fn all(context: &mut Context<'_>, logged: &[Logged], discard: bool) -> Result<u8, Error> {
    let mut shown = Vec::new();
    for one in logged {
        match one.load(true) {
            // If the creation cannot be removed now, a later command removes it.
            Ok(Some(found)) if found.is_over() => drop(found.forget()),
            Ok(Some(found)) => shown.push((found.subject, found.state)),
            Ok(None) => {}
            Err(error) => context.ui.note(error.to_string()),
        }
    }
    context.ui.ok();
    let (columns, empty) = (&COLUMNS.each_ref(), "No interrupted creations found");
    context.ui.render(&List { columns, items: &shown, empty, object })?;
    if context.ui.format() != Format::Table || context.settings.no_input {
        return Ok(0);
    }
    let (mut first_failure, mut declined) = (None, false);
    for one in logged {
        let Ok(Some(found)) = one.load(true) else { continue };
        context.ui.say("");
        // Most creations can be discarded without the service.
        let needs_service = !discard || found.state == State::Resumable;
        if let Some(elsewhere) = elsewhere(&context.settings, &found.subject).filter(|_| needs_service) {
            let name = text::name(key_name(&found.subject)).into_owned();
            let text = format!("API key {name}: {}", elsewhere.one_line());
            context.ui.note(Note { text, hints: elsewhere.hints });
            continue;
        }
        if let Some(rotation) = unfinished_rotation(&found).filter(|_| !discard) {
            context.ui.note(messages::interrupted_rotation(&found.subject, rotation, &found.state));
            continue;
        }
        let settled = match found.subject.file.clone().filter(|_| !matches!(found.state, State::Orphan { .. })) {
            Some(file) => {
                let name = context.ui.name(key_name(&found.subject));
                let into = context.ui.name(&file.to_string_lossy());
                let (verb, what) = (if discard { "discard" } else { "finish" }, kind(&found.subject));
                let of = messages::of_owner(&found.subject);
                if asked(context, &format!("Really {verb} the {what} of API key {name}{of} into {into}?")).await? {
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
                let name = context.ui.name(key_name(&found.subject));
                let of = messages::of_owner(&found.subject);
                let what = kind(&found.subject);
                let question = format!(
                    "Really discard the {what} of API key {name}{of}? If the new key exists, it is not deleted."
                );
                if asked(context, &question).await? {
                    let forgotten = found.forget().map_err(Error::from);
                    if forgotten.is_ok() {
                        context.ui.ok();
                        context.ui.say(&format!("The {what} of API key {name} was discarded"));
                    }
                    forgotten
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
            context.report(&error);
            first_failure.get_or_insert(error.kind.exit_status());
        }
    }
    let cancelled = if declined { Kind::Cancelled.exit_status() } else { 0 };
    Ok(first_failure.unwrap_or(cancelled))
}

/// Returns the login if the service must be asked.
async fn login(context: &mut Context<'_>, found: &Interrupted) -> Result<Option<ActiveLogin>, Error> {
    match found.state {
        State::Resumable => open(context, &found.subject).await.map(Some),
        _ => Ok(None),
    }
}

/// Finishes the creation of a key into a file, or discards it.
async fn settle(
    context: &mut Context<'_>,
    found: Interrupted,
    active: Option<ActiveLogin>,
    path: &Path,
    discard: bool,
) -> Result<(), Error> {
    let shown = context.ui.name(&path.to_string_lossy());
    let name = context.ui.name(key_name(&found.subject));
    if let Some(error) = found.unusable {
        return Err(error.into());
    }
    if let Some(rotation) = unfinished_rotation(&found).filter(|_| !discard) {
        let unfinished = || messages::unfinished_rotation(&found.subject, rotation, &found.state);
        return Err(elsewhere(&context.settings, &found.subject).unwrap_or_else(unfinished));
    }
    let said = match (&found.state, active) {
        (State::Resumable, Some(active)) if discard => return give_up(context, found, &active, path).await,
        (State::Resumable, Some(active)) => return finish(context, found, &active, path).await,
        (State::NotSent, _) => format!("The creation into {shown} ended before ibmiam requested a key"),
        (State::Complete, _) => format!("{shown} is already complete"),
        (State::Delivered, _) => format!("The rotation of API key {name} was discarded. The old key was not changed"),
        (State::Missing | State::Unusable | State::Resumable, _) if discard => {
            let what = kind(&found.subject);
            format!("The {what} of API key {name} was discarded. If the new key exists, it is not deleted")
        }
        (State::Missing | State::Unusable | State::Resumable, _) => {
            let name = text::name(&found.subject.name);
            let message =
                format!("Cannot find the pending file with the value of API key {name} next to {}.", path.display());
            return Err(Error::failed(message)
                .hint("If you moved the folder, pass the new path of the file. If its disk is not mounted, mount it.")
                .and_hint(Hint::run("To discard the creation, run", discard_words(Some(path)))));
        }
        (State::Orphan { .. }, _) => return worthless(context, found, path, discard),
    };
    found.forget()?;
    context.ui.ok();
    context.ui.say(&said);
    Ok(())
}

/// Returns the rotation that another run of the same command finishes, if it is one.
fn unfinished_rotation(found: &Interrupted) -> Option<&Rotation> {
    found.subject.rotation.as_ref().filter(|_| matches!(found.state, State::Resumable | State::Delivered))
}

/// Handles a creation that cannot be finished: the service was to generate the value, or the value was altered on the
/// way to the service.
fn worthless(context: &mut Context<'_>, found: Interrupted, path: &Path, discard: bool) -> Result<(), Error> {
    let shown = context.ui.name(&path.to_string_lossy());
    let subject = &found.subject;
    let name = text::name(&subject.name).into_owned();
    let check = if found.is_logged() {
        Hint::run("To check whether the key was created, run", ["api-key-recover"])
    } else {
        let since = time::wire(subject.begun_at);
        let text = format!("To check whether the key was created at {since} or later, run");
        let list = match messages::service_id(subject) {
            Some(service_id) => vec!["service-api-keys", service_id],
            None => vec!["api-key-list"],
        };
        Hint::run(text, [list, vec!["--name", subject.name.as_str()]].concat())
    };
    if discard {
        found.free_file()?;
        context.ui.ok();
        context.ui.say(&format!("You can use the file name {shown} again"));
        context.ui.note(Note::from("The key may exist.").hint(check));
        return Ok(());
    }
    let message = format!(
        "The value of API key {name} is lost: the service generated it and its response was lost, or the value was \
         changed in transit."
    );
    Err(Error::failed(message)
        .hint(check)
        .and_hint(Hint::run("To use the file name again, run", discard_words(Some(path)))))
}

async fn finish(context: &mut Context<'_>, found: Interrupted, active: &ActiveLogin, path: &Path) -> Result<(), Error> {
    let name = context.ui.name(&found.subject.name);
    let settings = &context.settings;
    let recorded = found.resume(path, || settings.replaced_folder().ok()).map_err(|error| match error {
        creation::Error::Exists(_) => {
            Error::from(error).hint("Its value is saved. Move that file, then run the command again.")
        }
        error => error.into(),
    })?;
    context.ui.say(&format!("Recovering API key {name} {}...", active.under_as(context.ui)));
    context.in_progress = Some(delivery::in_progress(&recorded));
    let client = &active.login.client;
    match recorded.register(client).await {
        Ok(registered) => delivery::deliver(context, active, registered, false).await.map(drop),
        Err(failure) => Err(delivery::unregistered(*failure, client).await),
    }
}

/// Deletes the value if the service says twice, more than ten minutes apart, that it does not know the value.
async fn give_up(
    context: &mut Context<'_>,
    mut found: Interrupted,
    active: &ActiveLogin,
    path: &Path,
) -> Result<(), Error> {
    let name = context.ui.name(&found.subject.name);
    context.ui.say(&format!("Discarding API key {name} {}...", active.under_as(context.ui)));
    match found.find(&active.login.client).await {
        Ok(Some(created)) => {
            let key = &created.key;
            let message = format!("{} exists, and its value is saved.", messages::called(key));
            let finish = match &found.subject.rotation {
                Some(rotation) => messages::finish_rotation(&found.subject, rotation),
                None => Hint::run("To finish it, run", messages::recover_words(path)),
            };
            let text = "To discard it, delete the key, then run this command again";
            return Err(Error::new(Kind::Conflict, message).hint(finish).and_hint(messages::key_hint(
                text,
                "delete",
                &key.id,
                &key.iam_id,
            )));
        }
        Ok(None) => {}
        Err(error) => return Err(error.into()),
    }
    match found.is_unknown((context.now)())? {
        Discard::Now => {
            found.forget()?;
            context.ui.ok();
            context.ui.say(&format!("API key {name} was not created; its value was discarded"));
            Ok(())
        }
        Discard::After(moment) => {
            let message = "The service has no key with this value now, but the request may still be in progress. \
                           Nothing was discarded.";
            Err(Error::failed(message).hint(format!("Run the command again after {}.", time::wire(moment))))
        }
    }
}

/// A creation and its state.
type Shown = (Subject, State);

const COLUMNS: [Column<Shown>; 7] = [
    Column { title: "Name", field: "name", cell: |found| Cow::Borrowed(key_name(&found.0)) },
    Column { title: "Started At", field: "begun_at", cell: |found| time::wire(found.0.begun_at).into() },
    Column { title: "Destination", field: "file", cell: |found| file(found) },
    Column { title: "ID", field: "id", cell: |found| key_id(found).unwrap_or_default().into() },
    Column { title: "Account", field: "account_id", cell: |found| Cow::Borrowed(&found.0.account_id) },
    Column { title: "User", field: "user", cell: |found| Cow::Borrowed(&found.0.user) },
    Column { title: "Owner", field: "owner", cell: |found| Cow::Borrowed(owner(found)) },
];

/// What was interrupted, for a sentence.
fn kind(subject: &Subject) -> &'static str {
    if subject.rotation.is_some() { "rotation" } else { "creation" }
}

/// Returns the name that the key is to have in the end.
fn key_name(subject: &Subject) -> &str {
    subject.rotation.as_ref().map_or(&subject.name, |rotation| &rotation.name)
}

/// Returns the IAM ID of the key's owner.
fn owner(found: &Shown) -> &str {
    found.0.owner.as_deref().unwrap_or(&found.0.iam_id)
}

fn file(found: &Shown) -> Cow<'_, str> {
    found.0.file.as_ref().map_or("standard output".into(), |file| file.to_string_lossy())
}

fn key_id(found: &Shown) -> Option<&str> {
    match &found.1 {
        State::Orphan { id, .. } => id.as_deref(),
        _ => None,
    }
}

fn object(found: &Shown) -> serde_json::Value {
    let subject = &found.0;
    json!({
        "name": key_name(subject), "begun_at": time::wire(subject.begun_at), "file": subject.file, "id": key_id(found),
        "account_id": subject.account_id, "user": subject.user, "owner": owner(found), "endpoint": subject.endpoint,
    })
}
