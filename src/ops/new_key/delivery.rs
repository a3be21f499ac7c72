//! Delivers a new key to its destination, and returns the errors for keys that were not delivered.

use std::path::Path;

use crate::context::{Context, InProgress};
use crate::creation::{
    self, Cause, Delivered, Destination, Handover, Plan, Recipient, Recorded, Registered, RolledBack, Unregistered,
};
use crate::error::Error;
use crate::format::Format;
use crate::hint::Hint;
use crate::iam::service_ids::ServiceId;
use crate::iam::{self, Client, CreatedKey};
use crate::ops::keys::completion;
use crate::ops::login::ActiveLogin;
use crate::ops::messages::{called, discard_words, recover_words};
use crate::ops::new_key::program::feed;
use crate::output::keys::KeyReport;
use crate::secret::ExposeSecret;
use crate::terminal::ui::Ui;
use crate::text::{self, reason};
use crate::time;

/// Delivers a key and reports it. If the delivery fails and `rolls_back` is set, deletes the key, because its value is
/// lost.
///
/// The recovery of an interrupted creation is not rolled back: the value is still saved, and another run can finish it.
pub(crate) async fn deliver(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    registered: Registered,
    rolls_back: bool,
) -> Result<Delivered, Error> {
    let ui = &mut *context.ui;
    let rotation = registered.plan().rotation().cloned();
    let hand_over = async |created: &CreatedKey, handover: Handover<'_>| match handover {
        Handover::Write(contents) => ui.deliver(contents).map_err(creation::Error::Unshown),
        Handover::Show => show(ui, created).map_err(creation::Error::Unshown),
        Handover::Run(words) => {
            ui.flush();
            feed(words, rotation.as_ref(), &created.value, ui.format()).await
        }
    };
    match registered.deliver(hand_over).await {
        Ok(delivered) => {
            context.in_progress = None;
            completion::saw(context, active, &delivered.created.key);
            announce_delivered(context, &delivered)?;
            Ok(delivered)
        }
        Err(undelivered) if rolls_back => Err(rolled_back_error(undelivered.roll_back(&active.login.client).await)),
        Err(undelivered) => {
            Err(Error::from(undelivered.why).hint("Its value is saved. Fix the problem, then run the command again."))
        }
    }
}

/// Shows a key in the output format, with its value last.
fn show(ui: &mut Ui, created: &CreatedKey) -> std::io::Result<()> {
    if ui.format() == Format::Table {
        announce(ui, created);
        ui.say("");
        ui.note("Please preserve the API key! It cannot be retrieved after it's created.");
        ui.say("");
    }
    let value = Some(created.value.expose_secret());
    let report = KeyReport { key: &created.key, value, fields: Some(&created.fields) };
    let text = ui.rendered(&report).map_err(std::io::Error::other)?;
    ui.deliver(&text)
}

fn announce(ui: &mut Ui, created: &CreatedKey) {
    ui.ok();
    let name = ui.name(&created.key.name);
    ui.say(&format!("API key {name} was created"));
}

fn announce_delivered(context: &mut Context<'_>, delivered: &Delivered) -> Result<(), Error> {
    let Delivered { created, to, unsynced, .. } = delivered;
    let ui = &mut *context.ui;
    let path = match to {
        Recipient::User => return Ok(()),
        Recipient::Program(words) => {
            announce(ui, created);
            let program = ui.name(&words.first().map(|name| name.to_string_lossy()).unwrap_or_default());
            ui.say(&format!("Its value was passed to {program}"));
            return render_without_value(ui, created);
        }
        Recipient::File { path, .. } | Recipient::Stream(path) | Recipient::StandardOutput(path) => path,
    };
    let shown = path.display();
    if let Recipient::File { backup: Some(backup), .. } = to {
        ui.note(format!("The previous file {shown} is saved as {}.", backup.display()));
    }
    if let Some(error) = unsynced {
        ui.note(format!("ibmiam wrote {shown}, but cannot confirm that it is saved on disk: {}.", reason(&error)));
    }
    announce(ui, created);
    if matches!(to, Recipient::StandardOutput(_)) {
        return Ok(());
    }
    let path = ui.name(&path.to_string_lossy());
    // Scripts search for the exact text of the `ibmcloud` tool.
    let saved = if context.settings.stand_in.is_some() { "save" } else { "saved" };
    ui.say(&format!("Successfully {saved} API key information to {path}"));
    render_without_value(ui, created)
}

fn render_without_value(ui: &mut Ui, created: &CreatedKey) -> Result<(), Error> {
    if ui.format() != Format::Table {
        ui.render(&KeyReport { key: &created.key, value: None, fields: Some(&created.fields) })?;
    }
    Ok(())
}

/// Fails before the key is created if it is to be shown and standard output has no reader, because the value would be
/// lost.
pub(crate) fn check_reader(context: &mut Context<'_>, destination: &Destination) -> Result<(), Error> {
    if !matches!(destination, Destination::Shown) {
        return Ok(());
    }
    let unshown = |error| Error::failed(format!("Cannot write the API key to standard output: {}.", reason(&error)));
    context.ui.deliver("").map_err(|error| unshown(error).hint("No key was created."))
}

const SERVER_GENERATED: &str = "If the service does not accept client-generated values, pass --server-generated.";
const DISCARD: &str = "To discard it instead, add --discard to that command.";
const SAVED: &str = "Its value is saved. Fix the problem, then run";

/// Returns the progress of a recorded creation, for the message after a signal.
pub(crate) fn in_progress(recorded: &Recorded) -> InProgress {
    let name = text::name(&recorded.plan().draft.name).into_owned();
    InProgress::new(format!("The request to create API key {name} may have completed."))
        .hint(recover_hint(recorded.pending_for()))
}

fn recover_hint(file: Option<&Path>) -> Hint {
    match file {
        Some(file) => Hint::run("To finish it, run", recover_words(file)),
        None => Hint::run("To check whether the key was created, run", ["api-key-recover"]),
    }
}

/// Returns the error for a key that was not registered. It says whether a new key may exist, because older keys may
/// have the same name. Deletes a key with an altered value, which cannot be used.
pub(crate) async fn unregistered(failure: Unregistered, client: &Client) -> Error {
    let Unregistered { plan, is_own_value, cause } = failure;
    // A rotation does not have this option.
    let has_option = is_own_value && plan.rotation().is_none();
    match cause {
        Cause::NotCreated(error) => {
            let concerns_value = has_option && concerns_value(&error);
            let error = Error::from(error);
            at_limit(if concerns_value { error.hint(SERVER_GENERATED) } else { error }, &plan)
        }
        Cause::Open { error, unknown_so_far, file } => open(error, unknown_so_far, file.as_deref(), &plan),
        Cause::NotThere { was_there, file } => not_there(&plan, was_there, file.as_deref()),
        Cause::Altered(undelivered) => {
            let error = rolled_back_error(undelivered.roll_back(client).await);
            if has_option { error.and_hint(SERVER_GENERATED) } else { error }
        }
    }
}

/// For an error at the key limit of a service ID, replaces the hints with one that lists the keys of the service ID.
fn at_limit(error: Error, plan: &Plan) -> Error {
    match ServiceId::id_of(&plan.draft.iam_id) {
        Some(service_id) if error.code.as_deref() == Some("BXNIM0151E") => Error { hints: Vec::new(), ..error }.hint(
            Hint::run("Delete a key that you do not need. To list the keys, run", ["service-api-keys", service_id]),
        ),
        _ => error,
    }
}

/// Whether the error of a rejected creation may concern the client-generated value.
fn concerns_value(error: &iam::Error) -> bool {
    [400, 422].iter().find_map(|status| error.refused_with(*status)).is_some_and(|refusal| {
        let text = refusal.to_string().to_ascii_lowercase();
        text.contains("apikey") || refusal.status == 400 && refusal.details.is_empty()
    })
}

/// Returns the error for a key of which it is not certain whether it was created.
fn open(error: iam::Error, unknown_so_far: bool, file: Option<&Path>, plan: &Plan) -> Error {
    let (name, hint) = (text::name(&plan.draft.name), recover_hint(file));
    let state = if unknown_so_far {
        format!("The service has not found the new API key {name} so far.")
    } else {
        format!("API key {name} may have been created.")
    };
    let error = Error::from(error);
    if file.is_some() {
        return error.context(format!("{state} Its value is saved.")).hint(hint).and_hint(DISCARD);
    }
    let since = time::wire(plan.begun_at);
    error.context(state).hint(hint).and_hint(format!(
        "If the key was created, its name is {name}, its creation time is {since} or later, and its value is lost."
    ))
}

/// Returns the error for a pending key that the service does not have, and that is not created again automatically.
fn not_there(plan: &Plan, was_there: bool, file: Option<&Path>) -> Error {
    let name = text::name(&plan.draft.name);
    let discard = Hint::run("To discard the value, run", discard_words(file));
    if was_there {
        return Error::failed(format!("API key {name} was created and later deleted.")).hint(discard);
    }
    Error::failed(format!(
        "The service has no key with the saved value of API key {name}, and this machine has no record of its \
         creation. The pending file may come from a backup, and the key may have been deleted. No key was created."
    ))
    .hint(discard)
    .and_hint("Then run the first command again, if you need the key.")
}

/// Returns the error for a key that was not delivered. It says whether the key was deleted.
pub(crate) fn rolled_back_error(rolled_back: RolledBack) -> Error {
    let RolledBack { why, key, failure, value_is_kept, may_return } = rolled_back;
    let (error, called) = (Error::from(why), called(&key));
    let saved = Hint::run(SAVED, ["api-key-recover"]);
    match failure {
        None if may_return => {
            let error = error.context(format!(
                "ibmiam deleted the new {called}, but a delayed copy of the request may create it again."
            ));
            if value_is_kept {
                return error.hint(saved).and_hint(DISCARD);
            }
            error.hint(Hint::run("To check for it in ten minutes, run", ["api-key-recover"]))
        }
        None => error
            .context(format!("ibmiam deleted the new {called}."))
            .hint("Fix the problem, then run the command again."),
        Some(failure) => {
            let refused = Error::from(failure).one_line();
            let error = error.context(format!("ibmiam could not delete the new {called}: {refused}"));
            error.hint(if value_is_kept {
                saved
            } else {
                Hint::run("Its value is lost. Delete the key", ["api-key-delete", &*key.id])
            })
        }
    }
}
