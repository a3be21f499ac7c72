//! `api-key-rotate`: a new key in place of an old one. A run that was killed is continued by the next one.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::rotate::Rotate;
use crate::commands::support::delivery::{self, deliver, rolled_back_error, unregistered};
use crate::commands::support::interrupted::{self, Continued};
use crate::commands::support::log;
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::messages;
use crate::commands::support::own_key;
use crate::commands::support::plan::{Form, destination, new_value, plan};
use crate::commands::support::retire::{Policy, retire};
use crate::commands::support::select::{Selector, check_operands};
use crate::commands::support::update_key::update_key;
use crate::context::{Context, InProgress};
use crate::creation::{self, Recorded, Registered, Rotation, Unregistered};
use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::iam::client::Include;
use crate::iam::identity::{TokenClient, Tokens};
use crate::iam::{ApiKey, Client, CreatedKey, KeyChanges, KeyDraft};
use crate::output::report::Record;
use crate::text;
use crate::time;

pub(crate) async fn run(context: &mut Context<'_>, options: Rotate) -> Result<u8, Error> {
    check_operands(context, options.key.is_some())?;
    let active = ActiveLogin::open(context).await?;
    let policy = Policy::of(&options);
    if let Some(operand) = &options.key
        && !options.dry_run
        && finished(context, &active, &options, policy, &[operand]).await?
    {
        return Ok(0);
    }
    let old = Selector::own(&active).one(context, options.key.as_deref(), Include::default()).await?;
    if !options.dry_run && finished(context, &active, &options, policy, &[&old.id]).await? {
        return Ok(0);
    }
    let now = (context.now)();
    check(&active, &old, policy)?;
    let draft = draft(&active, &old, now)?;
    if options.dry_run {
        return dry_run(context, &options, &old, &draft, policy);
    }
    if policy == Policy::Delete && !options.force {
        let name = context.ui.name(&old.name);
        let question = format!("Really rotate API key {name} ({}) and delete the old key?", text::visible(&old.id));
        context.prompt.confirm(context.ui, &question, &format!("to delete {}", messages::called(&old))).await?;
    }
    let overwrite = true;
    let destination = destination(context, options.file.as_deref(), overwrite, !options.command.is_empty())?;
    let name = context.ui.name(&old.name);
    context.ui.say(&format!("Rotating API key {name} {}...", active.under_as(context.ui)));
    if destination.is_standard_output() && destination.path().as_os_str().is_empty() {
        context.ui.deliver("").map_err(|error| delivery::unshown(&error).hint("No key was created."))?;
    }
    let rotation = Rotation { old_id: old.id.to_string(), name: old.name.to_string() };
    let form = Form { format: options.file_format, overwrite };
    let mut plan = plan(&active.login, draft, form, Some(rotation), now);
    if destination.file().is_none() {
        // The value is on no disk. By this name, the next run finds the key if this one is killed.
        plan.draft.name = interrupted::marked_name(&old.name, &plan.run);
    }
    let recorded = plan.prepare(destination).record(&log(&context.settings)?, Some(new_value()?))?;
    carry_out(context, &active, &options, recorded, Some(old), policy).await?;
    Ok(0)
}

/// Continues an interrupted rotation of a key with one of these names or IDs; false if there is none, or nothing is left
/// of it.
async fn finished(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    options: &Rotate,
    policy: Policy,
    keys: &[&str],
) -> Result<bool, Error> {
    let file = options.file.as_deref();
    match interrupted::find(context, active, keys, file, !options.command.is_empty()).await? {
        None => Ok(false),
        Some(Continued::Recorded(recorded)) => {
            let rotation = recorded.plan().rotation.clone();
            let old_id = rotation.map(|rotation| rotation.old_id).unwrap_or_default();
            let old = match active.login.client.get_api_key(&old_id, Include::default()).await {
                Ok(old) => Some(old),
                Err(error) if error.is_not_found() => None,
                Err(error) => return Err(error.into()),
            };
            carry_out(context, active, options, *recorded, old, policy).await?;
            Ok(true)
        }
        Some(Continued::Delivered(found, rotation)) => {
            let name = context.ui.name(&rotation.name);
            context.ui.say(&format!("Finishing the rotation of API key {name} {}...", active.under_as(context.ui)));
            retire(context, active, &rotation.old_id, &rotation.name, policy)
                .await
                .map_err(|error| not_retired(error, &rotation))?;
            found.forget()?;
            context.ui.ok();
            context.ui.say(&format!("API key {name} was rotated"));
            Ok(true)
        }
    }
}

/// What can be known before anything is made.
fn check(active: &ActiveLogin, old: &ApiKey, policy: Policy) -> Result<(), Error> {
    if !old.iam_id.is_empty() && old.iam_id != active.login.iam_id() {
        let message = format!("{} belongs to another user, and the new key would be yours.", messages::called(old));
        return Err(Error::usage(message).hint("Only its owner can rotate it."));
    }
    if old.locked && policy != Policy::Keep {
        return Err(messages::locked(old).and_hint("Or pass --keep-old."));
    }
    if old.disabled {
        return Err(Error::new(Kind::Conflict, format!("{} is disabled.", messages::called(old)))
            .hint(Hint::run("Enable it first", ["api-key-enable", &old.id])));
    }
    Ok(())
}

/// The new key, as the old one is, and for as long as that was to live.
fn draft(active: &ActiveLogin, old: &ApiKey, now: Timestamp) -> Result<KeyDraft, Error> {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let expires_at = if old.expires_at.is_empty() {
        None
    } else {
        let lifetime = time::parse(&old.expires_at).zip(time::parse(&old.created_at));
        let end = lifetime.and_then(|(end, start)| now.checked_add(end.duration_since(start)).ok());
        let unknown = || Error::failed(format!("{}: its lifetime cannot be understood.", messages::called(old)));
        Some(time::wire(end.ok_or_else(unknown)?))
    };
    Ok(KeyDraft {
        name: old.name.to_string(),
        iam_id: active.login.iam_id().to_owned(),
        account_id: active.login.account_id.clone(),
        description: filled(&old.description),
        action_when_leaked: filled(&old.action_when_leaked),
        expires_at,
        support_sessions: old.support_sessions,
        locked: false,
        disabled: false,
    })
}

fn dry_run(
    context: &mut Context<'_>,
    options: &Rotate,
    old: &ApiKey,
    draft: &KeyDraft,
    policy: Policy,
) -> Result<u8, Error> {
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
            let error = unregistered(failure, &plan, true, client).await;
            return Err(if is_open { error.hint(AGAIN) } else { error });
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
