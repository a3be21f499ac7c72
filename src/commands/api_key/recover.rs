//! `api-key-recover`: finishes an interrupted creation with the requested file and the saved value, or discards it with
//! `--discard`. Without FILE, shows all interrupted creations and asks about each.

use std::path::Path;

use serde_json::Value;

use crate::cli::keys::Recover;
use crate::context::Context;
use crate::creation::{
    self, Discard, Leftover, Loaded, Log, Orphan, Place, Plan, Purpose, Resumable, Scanned, Wait, leftovers,
};
use crate::error::{Error, Kind};
use crate::format::Format;
use crate::hint::{Hint, Note};
use crate::ops::log;
use crate::ops::login::ActiveLogin;
use crate::ops::messages;
use crate::ops::messages::discard_words;
use crate::ops::new_key::delivery;
use crate::ops::recovery::origin::{elsewhere, open};
use crate::ops::recovery::orphans::{self, Settled, asked};
use crate::output::report::List;
use crate::output::{Cell, Column};
use crate::text;
use crate::time;

pub(crate) async fn run(context: &mut Context<'_>, options: Recover) -> Result<u8, Error> {
    let log = log(&context.settings)?;
    let Some(path) = options.file else {
        list(context, &log)?;
        if context.ui.format() != Format::Table || context.settings.no_input {
            return Ok(0);
        }
        return Box::pin(ask(context, &log, options.discard)).await;
    };
    let shown = context.ui.name(&path.to_string_lossy());
    match creation::load(&log, &path)? {
        Loaded::Left(left) => settle(context, left, &path, options.discard).await?,
        Loaded::NotSent => done(context, &format!("The creation into {shown} ended before ibmiam requested a key")),
        Loaded::Complete => done(context, &format!("{shown} is already complete")),
        Loaded::Nothing => {
            done(context, &format!("No interrupted creation found for {shown}"));
            if leftovers(&log, Wait::No, |_| true).next().is_some() {
                let note = Note::from("There are other interrupted creations.");
                context.ui.note(note.hint(Hint::run("To list them, run", ["api-key-recover"])));
            }
        }
    }
    Ok(0)
}

fn done(context: &mut Context<'_>, text: &str) {
    context.ui.ok();
    context.ui.say(text);
}

/// Shows the interrupted creations.
fn list(context: &mut Context<'_>, log: &Log) -> Result<(), Error> {
    let mut shown = Vec::new();
    for scanned in leftovers(log, Wait::Briefly, |_| true) {
        match scanned {
            Scanned::Left(left) => shown.push(Shown::of(&left)),
            Scanned::Busy(_, error) => context.ui.note(error.to_string()),
            Scanned::Unreadable(entry) => context.ui.note(messages::as_note(entry.error)),
        }
    }
    context.ui.ok();
    context.ui.render(&List::new(&COLUMNS, &shown, "No interrupted creations found"))?;
    Ok(())
}

/// Asks about each interrupted creation. Locks only the creation that the question is about.
async fn ask(context: &mut Context<'_>, log: &Log, discard: bool) -> Result<u8, Error> {
    let (mut first_failure, mut declined) = (None, false);
    for scanned in leftovers(log, Wait::Briefly, |_| true) {
        let Scanned::Left(left) = scanned else { continue };
        context.ui.say("");
        match Box::pin(ask_about(context, left, discard)).await? {
            Settled::Done => {}
            Settled::Declined => declined = true,
            Settled::Failed(error) => {
                context.report(&error);
                first_failure.get_or_insert(error.kind.exit_status());
            }
        }
    }
    let cancelled = if declined { Kind::Cancelled.exit_status() } else { 0 };
    Ok(first_failure.unwrap_or(cancelled))
}

/// Finishes or discards an interrupted creation, if the user agrees.
///
/// # Errors
/// No answer can be read.
async fn ask_about(context: &mut Context<'_>, left: Leftover, discard: bool) -> Result<Settled, Error> {
    let plan = left.creation().plan.clone();
    // Most creations can be discarded without the service.
    let needs_service = !discard || matches!(left, Leftover::Resumable(_));
    if let Some(elsewhere) = elsewhere(&context.settings, &plan).filter(|_| needs_service) {
        let text = format!("API key {}: {}", text::name(plan.key_name()), elsewhere.one_line());
        context.ui.note(Note { text, hints: elsewhere.hints });
        return Ok(Settled::Done);
    }
    let file = match (&left, plan.rotation()) {
        (Leftover::Resumable(_) | Leftover::Delivered(_), Some(rotation)) if !discard => {
            context.ui.note(messages::interrupted_rotation(&left, rotation));
            return Ok(Settled::Done);
        }
        (Leftover::Orphan(_), _) => None,
        _ => plan.file(),
    };
    let left = match left {
        Leftover::Orphan(orphan) if !discard => {
            return match open(context, &plan).await {
                Ok(active) => orphans::settle(context, &active, orphan).await,
                Err(error) => Ok(Settled::Failed(error)),
            };
        }
        left => left,
    };
    if !asked(context, &question(context, &plan, file, discard)).await? {
        return Ok(Settled::Declined);
    }
    let forgotten = match (left, file) {
        (left, Some(file)) => return Ok(settle(context, left, file, discard).await.into()),
        (Leftover::Orphan(orphan), None) => orphan.forget(),
        (Leftover::Delivered(unretired), None) => unretired.forget(),
        // These have a file.
        (Leftover::Resumable(_) | Leftover::Missing(..) | Leftover::Unusable(..), None) => Ok(()),
    };
    if forgotten.is_ok() {
        let name = context.ui.name(plan.key_name());
        done(context, &format!("The {} of API key {name} was discarded", kind(&plan)));
    }
    Ok(forgotten.map_err(Error::from).into())
}

fn question(context: &Context<'_>, plan: &Plan, file: Option<&Path>, discard: bool) -> String {
    let (what, of) = (kind(plan), messages::of_owner(plan));
    let name = context.ui.name(plan.key_name());
    let verb = if discard { "discard" } else { "finish" };
    match file {
        Some(file) => {
            let into = context.ui.name(&file.to_string_lossy());
            format!("Really {verb} the {what} of API key {name}{of} into {into}?")
        }
        None => format!("Really {verb} the {what} of API key {name}{of}? If the new key exists, it is not deleted."),
    }
}

/// Finishes the creation of a key into a file, or discards it.
async fn settle(context: &mut Context<'_>, left: Leftover, path: &Path, discard: bool) -> Result<(), Error> {
    let plan = left.creation().plan.clone();
    let name = context.ui.name(plan.key_name());
    match left {
        Leftover::Resumable(saved) => {
            let active = open(context, &plan).await?;
            return match plan.rotation() {
                _ if discard => give_up(context, saved, &active).await,
                Some(rotation) => Err(messages::unfinished_rotation(&plan, rotation)),
                None => finish(context, saved, &active).await,
            };
        }
        Leftover::Orphan(orphan) => return lost(context, orphan, path, discard),
        Leftover::Unusable(_, error) => return Err(error.into()),
        Leftover::Delivered(unretired) if discard => {
            unretired.forget()?;
            done(context, &format!("The rotation of API key {name} was discarded. The old key was not changed"));
        }
        Leftover::Delivered(unretired) => {
            let unfinished = || messages::unfinished_rotation(&plan, &unretired.rotation);
            return Err(elsewhere(&context.settings, &plan).unwrap_or_else(unfinished));
        }
        Leftover::Missing(creation, _) if discard => {
            creation.forget();
            let what = kind(&plan);
            let text = format!("The {what} of API key {name} was discarded. If the new key exists, it is not deleted");
            done(context, &text);
        }
        Leftover::Missing(..) => {
            let name = text::name(&plan.draft.name);
            let message =
                format!("Cannot find the pending file with the value of API key {name} next to {}.", path.display());
            return Err(Error::failed(message)
                .hint("If you moved the folder, pass the new path of the file. If its disk is not mounted, mount it.")
                .and_hint(Hint::run("To discard the creation, run", discard_words(Some(path)))));
        }
    }
    Ok(())
}

/// Handles a creation that cannot be finished: the service was to generate the value, or the value was altered on the
/// way to the service.
fn lost(context: &mut Context<'_>, orphan: Orphan, path: &Path, discard: bool) -> Result<(), Error> {
    let shown = context.ui.name(&path.to_string_lossy());
    let plan = &orphan.creation.plan;
    let name = text::name(&plan.draft.name).into_owned();
    let check = if orphan.creation.is_logged() {
        Hint::run("To check whether the key was created, run", ["api-key-recover"])
    } else {
        let since = time::wire(plan.begun_at);
        let text = format!("To check whether the key was created at {since} or later, run");
        let list = match messages::service_id(plan) {
            Some(service_id) => vec!["service-api-keys", service_id],
            None => vec!["api-key-list"],
        };
        Hint::run(text, [list, vec!["--name", plan.draft.name.as_str()]].concat())
    };
    if discard {
        orphan.free_file()?;
        done(context, &format!("You can use the file name {shown} again"));
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

async fn finish(context: &mut Context<'_>, saved: Resumable, active: &ActiveLogin) -> Result<(), Error> {
    let name = context.ui.name(&saved.creation.plan.draft.name);
    let settings = &context.settings;
    let recorded = saved.resume(|| settings.replaced_folder().ok()).map_err(|error| match error {
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
async fn give_up(context: &mut Context<'_>, mut saved: Resumable, active: &ActiveLogin) -> Result<(), Error> {
    let plan = &saved.creation.plan;
    let name = context.ui.name(&plan.draft.name);
    context.ui.say(&format!("Discarding API key {name} {}...", active.under_as(context.ui)));
    if let Some(created) = saved.find(&active.login.client).await? {
        let key = &created.key;
        let message = format!("{} exists, and its value is saved.", messages::called(key));
        let finish = match plan.rotation() {
            Some(rotation) => messages::finish_rotation(plan, rotation),
            None => Hint::run("To finish it, run", messages::recover_words(saved.file())),
        };
        let text = "To discard it, delete the key, then run this command again";
        let delete = messages::key_hint(text, "delete", &key.id, &key.iam_id);
        return Err(Error::new(Kind::Conflict, message).hint(finish).and_hint(delete));
    }
    match saved.is_unknown((context.now)())? {
        Discard::Now => {
            saved.forget()?;
            done(context, &format!("API key {name} was not created; its value was discarded"));
            Ok(())
        }
        Discard::After(moment) => {
            let message = "The service has no key with this value now, but the request may still be in progress. \
                           Nothing was discarded.";
            Err(Error::failed(message).hint(format!("Run the command again after {}.", time::wire(moment))))
        }
    }
}

/// What is shown of an interrupted creation.
struct Shown {
    plan: Plan,
    /// The ID of a key whose value is lost, if it is known.
    id: Option<String>,
}

impl Shown {
    fn of(left: &Leftover) -> Self {
        let creation = left.creation();
        let id = creation.key_id.clone().filter(|_| matches!(left, Leftover::Orphan(_)));
        Self { plan: creation.plan.clone(), id }
    }

    /// Returns the IAM ID of the key's owner.
    fn owner(&self) -> &str {
        &self.plan.draft.iam_id
    }

    fn endpoint(&self) -> String {
        match &self.plan.place {
            Place::Sandbox => String::new(),
            Place::At(endpoint) => endpoint.to_string(),
        }
    }
}

const COLUMNS: [Column<Shown>; 8] = [
    Column::new("Name", "name", |shown| shown.plan.key_name().into()),
    Column::new("Started At", "begun_at", |shown| time::wire(shown.plan.begun_at).into()),
    Column::new("Destination", "file", |shown| match shown.plan.file() {
        Some(file) => file.to_string_lossy().into(),
        None => Cell::new("standard output", Value::Null),
    }),
    Column::new("ID", "id", |shown| shown.id.as_deref().into()),
    Column::new("Account", "account_id", |shown| (&shown.plan.draft.account_id).into()),
    Column::new("User", "user", |shown| (&shown.plan.user).into()),
    Column::new("Owner", "owner", |shown| shown.owner().into()),
    Column::of(&[Format::Json], "", "endpoint", |shown| shown.endpoint().into()),
];

/// What was interrupted, for a sentence.
fn kind(plan: &Plan) -> &'static str {
    match plan.purpose {
        Purpose::Create => "creation",
        Purpose::Rotate(_) => "rotation",
    }
}
