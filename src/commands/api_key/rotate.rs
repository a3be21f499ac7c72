//! `api-key-rotate`: a new key in place of an old one. A run that was killed is continued by the next one.

use std::time::Duration;

use crate::cli::rotate::Rotate;
use crate::commands::support::delivery::{self, deliver, rolled_back_error, unregistered};
use crate::commands::support::interrupted::{self, Found, Stage};
use crate::commands::support::log;
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::messages;
use crate::commands::support::own_key;
use crate::commands::support::plan::{Form, destination, new_value, plan};
use crate::commands::support::retire::{Policy, retire};
use crate::commands::support::select::{Selector, check_operands};
use crate::commands::support::successor::{check, check_grace, draft};
use crate::commands::support::update_key::update_key;
use crate::context::{Context, InProgress};
use crate::creation::{self, Recorded, Registered, Rotation, Unregistered};
use crate::error::{Error, Kind};
use crate::format::Format;
use crate::hint::Hint;
use crate::iam::client::Include;
use crate::iam::identity::{TokenClient, Tokens};
use crate::iam::{ApiKey, Client, CreatedKey, KeyChanges, KeyDraft};
use crate::output::keys::KeyReport;
use crate::output::report::Record;
use crate::text;

pub(crate) async fn run(context: &mut Context<'_>, options: Rotate) -> Result<u8, Error> {
    check_operands(context, options.key.is_some())?;
    let active = ActiveLogin::open(context).await?;
    let policy = Policy::of(&options);
    let client = &active.login.client;
    let mut found = match &options.key {
        Some(operand) => interrupted::find(context, &active, operand).await?,
        None => Vec::new(),
    };
    let old = match found.first() {
        // Its name may be that of two keys by now.
        Some(found) => match client.get_api_key(&found.rotation.old_id, Include::default()).await {
            Ok(old) => Some(old),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error.into()),
        },
        None => {
            let old = Selector::own(&active).one(context, options.key.as_deref(), Include::default()).await?;
            found = interrupted::find(context, &active, &old.id).await?;
            Some(old)
        }
    };
    if found.first().is_some_and(|found| found.stage != Stage::Lost) {
        let found = found.swap_remove(0);
        return Box::pin(go_on(context, &active, &options, found, old, policy)).await.map(|()| 0);
    }
    let Some(old) = old else {
        let name = options.key.as_deref().unwrap_or_default();
        return Err(Error::new(
            Kind::NotFound,
            format!("The old API key {} does not exist any more.", text::name(name)),
        )
        .hint(Hint::run("To look at what the interrupted rotation left, run", ["api-key-recover"])));
    };
    let now = (context.now)();
    check(&active, &old, policy, now)?;
    let draft = draft(&active, &old, now)?;
    let overwrite = true;
    if options.dry_run {
        drop(destination(context, options.file.as_deref(), overwrite, !options.command.is_empty())?);
        return dry_run(context, &options, &old, &draft, policy, !found.is_empty());
    }
    confirm(context, &options, &old).await?;
    let destination = destination(context, options.file.as_deref(), overwrite, !options.command.is_empty())?;
    let name = context.ui.name(&old.name);
    context.ui.say(&format!("Rotating API key {name} {}...", active.under_as(context.ui)));
    if destination.is_standard_output() && destination.path().as_os_str().is_empty() {
        context.ui.deliver("").map_err(|error| delivery::unshown(&error).hint("No key was created."))?;
    }
    let log = log(&context.settings)?;
    let lock = log.lock_rotation(&old.id)?.ok_or_else(|| creation::Error::Rotating(old.name.to_string()))?;
    // Somebody may have rotated or changed it while this command asked.
    if client.get_api_key(&old.id, Include::default()).await?.entity_tag != old.entity_tag {
        let message = format!("{} was changed in the meantime. Nothing was created.", messages::called(&old));
        return Err(Error::new(Kind::Conflict, message).hint("Check the key, then run the command again."));
    }
    for lost in found {
        interrupted::clear(context, &active, lost).await?;
    }
    let rotation = Rotation { old_id: old.id.to_string(), name: old.name.to_string() };
    let form = Form { format: options.file_format, overwrite };
    let mut plan = plan(&active.login, draft, form, Some(rotation), (context.now)());
    if destination.file().is_none() {
        // The value is on no disk. By this name, the next run finds the key if this one is killed.
        plan.draft.name = interrupted::marked_name(&old.name, &plan.run);
    }
    let recorded = plan.prepare(destination).record(&log, Some(new_value()?))?;
    if !options.command.is_empty() {
        // A command that outlives this process may still store the value.
        let _ = lock.share_with_programs();
    }
    carry_out(context, &active, &options, recorded, Some(old), policy).await?;
    Ok(0)
}

/// Asks before the old key is deleted.
async fn confirm(context: &mut Context<'_>, options: &Rotate, old: &ApiKey) -> Result<(), Error> {
    if !options.delete_old || options.force {
        return Ok(());
    }
    let name = context.ui.name(&old.name);
    let question = format!("Really rotate API key {name} ({}) and delete the old key?", text::visible(&old.id));
    context.prompt.confirm(context.ui, &question, &format!("to delete {}", messages::called(old))).await
}

/// Continues an interrupted rotation.
async fn go_on(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    options: &Rotate,
    found: Found,
    old: Option<ApiKey>,
    policy: Policy,
) -> Result<(), Error> {
    let runs_program = !options.command.is_empty();
    let is_same_place = interrupted::wrote_to(&found.left, options.file.as_deref());
    let name = context.ui.name(&found.rotation.name);
    if found.stage == Stage::Saved && (runs_program || !is_same_place) {
        return Err(interrupted::goes_elsewhere(&found));
    }
    if options.dry_run {
        context.ui.note(format!(
            "An interrupted rotation of API key {name} would be finished. Nothing was changed (--dry-run)."
        ));
        return Ok(());
    }
    if let Some(old) = &old {
        check_grace(policy, old, (context.now)())?;
        confirm(context, options, old).await?;
    }
    context.ui.say(&format!("Finishing the rotation of API key {name} {}...", active.under_as(context.ui)));
    let Found { rotation, stage, left } = found;
    if stage == Stage::Saved {
        let path = left.subject.file.clone().unwrap_or_default();
        let settings = &context.settings;
        let recorded = left.resume(&path, || settings.replaced_folder().ok())?;
        return carry_out(context, active, options, recorded, old, policy).await;
    }
    own_key::warn_of_old(context, active, &rotation);
    retire(context, active, &rotation.old_id, &rotation.name, policy)
        .await
        .map_err(|error| not_retired(error, &rotation))?;
    let new_id = left.key_id().map(str::to_owned);
    // A command cannot be compared; it did end with success.
    let is_delivered_here = is_same_place && (options.file.is_some() || runs_program);
    let written = left.subject.file.clone();
    left.forget()?;
    context.ui.ok();
    context.ui.say(&format!("API key {name} was rotated"));
    if is_delivered_here {
        if let Some(id) = new_id.filter(|_| context.ui.format() != Format::Table) {
            let key = active.login.client.get_api_key(&id, Include::default()).await?;
            context.ui.render(&KeyReport::of(&key))?;
        }
        context.ui.note("The interrupted run had delivered the new value already.");
        return Ok(());
    }
    let place =
        written.map_or_else(|| "with its own output or command".to_owned(), |file| format!("to {}", file.display()));
    let message = format!(
        "The rotation is finished, but the new value was not delivered now: the interrupted run delivered it {place}."
    );
    Err(Error::new(Kind::Conflict, message).hint("If you do not have the value, rotate the key again."))
}

fn dry_run(
    context: &mut Context<'_>,
    options: &Rotate,
    old: &ApiKey,
    draft: &KeyDraft,
    policy: Policy,
    has_lost: bool,
) -> Result<u8, Error> {
    if has_lost {
        context.ui.note("The new key of an interrupted rotation, whose value is lost, would be deleted first.");
    }
    let to = match (&options.file, options.command.first()) {
        (Some(file), _) => file.to_string_lossy().into_owned(),
        (None, Some(program)) => format!("standard input of {}", program.to_string_lossy()),
        (None, None) => "standard output".to_owned(),
    };
    let becomes = policy.describe(&old.name, old, (context.now)());
    let expires = draft.expires_at.clone().unwrap_or_else(|| "never".to_owned());
    let object = serde_json::json!({
        "old_id": old.id, "name": old.name, "expires_at": draft.expires_at, "destination": to, "old_key": becomes,
    });
    let fields = vec![
        ("Old key", "old_id", old.id.to_string()),
        ("New key", "name", old.name.to_string()),
        ("Expires", "expires_at", expires),
        ("Value goes to", "destination", to),
        ("Then the old key", "old_key", becomes),
    ];
    context.ui.render(&Record { fields, width: 19, object })?;
    context.ui.note("Nothing was changed (--dry-run).");
    Ok(0)
}

/// All steps from the request for the new key on.
async fn carry_out(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    options: &Rotate,
    recorded: Recorded,
    old: Option<ApiKey>,
    policy: Policy,
) -> Result<(), Error> {
    let client = &active.login.client;
    let plan = recorded.plan().clone();
    let rotation = plan.rotation.clone().unwrap_or(Rotation { old_id: String::new(), name: plan.draft.name.clone() });
    let is_own = match &old {
        Some(old) => own_key::announce(context, active, old).await,
        None => false,
    };
    let message = format!("The rotation of API key {} is not finished.", text::name(&rotation.name));
    context.in_progress = Some(InProgress::new(message).hint(AGAIN));
    let mut registered = match recorded.register(client).await {
        Ok(registered) => registered,
        Err(failure) => {
            let is_open = matches!(failure, Unregistered::Open { .. });
            let error = unregistered(failure, &plan, false, client).await;
            return Err(if is_open { error.hint(AGAIN) } else { unchanged(error, &rotation.name) });
        }
    };
    if let Err(error) = name_finally(client, &mut registered, &rotation.name).await {
        return Err(unchanged(roll_back(active, registered, &error.message).await, &rotation.name));
    }
    let tokens = match verify(active, registered.created(), is_own).await {
        Ok(tokens) => tokens,
        Err(error) => {
            return Err(unchanged(roll_back(active, registered, &error.message).await, &rotation.name));
        }
    };
    let delivered = deliver(context, active, registered, &options.command, true).await;
    let mut delivered = delivered.map_err(|error| unchanged(error, &rotation.name))?;
    let message =
        format!("The new API key {} is delivered. The old key may not be changed.", text::name(&rotation.name));
    context.in_progress = Some(InProgress::new(message).hint(AGAIN));
    if delivered.unsynced.is_some() {
        return Err(Error::failed("The old API key was not changed, because the disk did not confirm the new file.")
            .hint(AGAIN));
    }
    if is_own {
        let created = &delivered.created;
        own_key::move_session(context, active, tokens, &created.key.id, &created.value).await;
    }
    retire(context, active, &rotation.old_id, &rotation.name, policy)
        .await
        .map_err(|error| not_retired(error, &rotation))?;
    delivered.end_rotation();
    context.in_progress = None;
    let name = context.ui.name(&rotation.name);
    context.ui.say(&format!("API key {name} was rotated"));
    Ok(())
}

/// Gives the new key its own name, if it was created under another one.
async fn name_finally(client: &Client, registered: &mut Registered, name: &str) -> Result<(), Error> {
    if registered.created().key.name == name {
        return Ok(());
    }
    let changes = KeyChanges { name: Some(name.to_owned()), ..KeyChanges::default() };
    let renamed = update_key(client, &registered.created().key, &changes).await.map_err(|failure| failure.error)?;
    Ok(registered.set_key(renamed)?)
}

const AGAIN: &str = "To finish the rotation, run the same command again.";

/// How long a new key may take until it can log in.
const WAITS: [u64; 6] = [0, 500, 1000, 2000, 4000, 8000];

/// Logs in with the new key: an old one is not replaced by one that does not work.
async fn verify(active: &ActiveLogin, created: &CreatedKey, is_own: bool) -> Result<Tokens, Error> {
    // A session needs what renews it.
    let token_client = if is_own { TokenClient::Cli } else { TokenClient::Default };
    let identity = active.login.client.identity();
    let mut failure = Error::failed("The service does not know it.");
    for wait in WAITS {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        match identity.token_for_api_key(&created.value, token_client, None).await {
            Ok(tokens) => return Ok(tokens),
            Err(error) => {
                let error = Error::from(error);
                // The token endpoint may not have heard of the key yet.
                let is_unknown = error.code.as_deref() == Some("BXNIM0415E");
                failure = error;
                if !is_unknown {
                    break;
                }
            }
        }
    }
    Err(failure)
}

async fn roll_back(active: &ActiveLogin, registered: Registered, why: &str) -> Error {
    let undelivered = registered.refuse(creation::Error::Unusable(why.to_owned()));
    rolled_back_error(undelivered.roll_back(&active.login.client).await)
}

fn unchanged(mut error: Error, name: &str) -> Error {
    error.message.push_str(&format!(" The old API key {} was not changed.", text::name(name)));
    error
}

fn not_retired(error: Error, rotation: &Rotation) -> Error {
    let name = text::name(&rotation.name);
    let message = format!(
        "The new API key {name} is in use, but the old one ({}) was not changed: {}",
        text::visible(&rotation.old_id),
        error.message
    );
    let kind = error.kind;
    error.reworded(kind, message).and_hint("To finish the rotation, run the same command again, or with --keep-old.")
}
