//! `api-key-rotate`: replaces an old key with a new one. The next run continues a run that was killed.

use std::path::Path;

use crate::cli::rotate::Rotate;
use crate::cli::service::Whose;
use crate::context::{Context, InProgress};
use crate::creation::{self, Purpose, Rotation, Wait};
use crate::error::{Error, Kind};
use crate::files;
use crate::iam::client::Include;
use crate::iam::{ApiKey, KeyDraft};
use crate::ops::keys::confirm::confirm;
use crate::ops::keys::select::{Selector, check_operands};
use crate::ops::log;
use crate::ops::login::ActiveLogin;
use crate::ops::messages;
use crate::ops::new_key::delivery::check_reader;
use crate::ops::new_key::plan::{Form, destination, new_value, plan};
use crate::ops::rotation::dry_run::RotationPlan;
use crate::ops::rotation::finish::{confirm_deletion, finish, old_key};
use crate::ops::rotation::interrupted::{self, Earlier};
use crate::ops::rotation::own_key;
use crate::ops::rotation::pending::pending;
use crate::ops::rotation::retire::{Policy, is_retired, looks_retired};
use crate::ops::rotation::run::carry_out;
use crate::ops::rotation::successor::{check, draft};
use crate::text;

pub(crate) async fn run(context: &mut Context<'_>, whose: Whose, mut options: Rotate) -> Result<u8, Error> {
    options.settle()?;
    if !options.selection.is_empty() {
        return several(context, &whose, &options).await;
    }
    if options.file_dir.is_some() {
        return Err(Error::usage("--file-dir is for several keys.")
            .hint("Select keys, for example with --match, or pass --file."));
    }
    check_operands(context, &whose, options.key.is_some())?;
    let active = ActiveLogin::open_for_keys(context, &whose).await?;
    one(context, &active, &options).await?;
    if options.dry_run {
        context.ui.note(DRY_RUN);
    }
    Ok(0)
}

const DRY_RUN: &str = "Nothing was changed (--dry-run).";

/// Rotates each of the selected keys, except keys that an earlier rotation retired.
async fn several(context: &mut Context<'_>, whose: &Whose, options: &Rotate) -> Result<u8, Error> {
    if options.selection.owner.is_some() {
        return Err(Error::usage("You can rotate only your own keys, so --owner does not apply."));
    }
    if options.key.is_some() {
        return Err(Error::usage("A name or ID cannot be combined with options that select keys.")
            .hint("Leave out one of them."));
    }
    if options.file.is_some() || options.file_dir.is_none() && options.command.is_empty() {
        return Err(Error::usage("To rotate several keys, ibmiam needs a folder or a command for the new values.")
            .hint("Pass --file-dir DIR, or a command after --."));
    }
    let active = ActiveLogin::open_for_keys(context, whose).await?;
    context.ui.collect();
    let mut keys = Selector::of(&active).selected(context, &options.selection, None, true).await?;
    let selected = keys.len();
    let pending = pending(context, &active, Wait::Briefly)?;
    // The new key of an interrupted rotation is not rotated.
    keys.retain(|key| !looks_retired(key) && !pending.iter().any(|pending| pending.is_new_key(key)));
    if keys.len() < selected {
        let skipped = messages::count_of_keys(selected - keys.len());
        let verb = if selected - keys.len() == 1 { "is an old or new key" } else { "are old or new keys" };
        context.ui.note(format!("ibmiam skipped {skipped} that {verb} of another rotation."));
    }
    if keys.is_empty() {
        context.ui.say("No API keys match.");
        return Ok(0);
    }
    if !options.force && !options.dry_run {
        let and = match keys.len() {
            _ if !options.delete_old => "",
            1 => " and delete the old key",
            _ => " and delete the old keys",
        };
        let keys: Vec<&ApiKey> = keys.iter().collect();
        confirm(context, &active.owner, &keys, "rotate", and, options.delete_old).await?;
    }
    if let Some(folder) = options.file_dir.as_ref().filter(|_| !options.dry_run) {
        files::private_folder(folder)
            .map_err(|error| Error::failed(format!("Cannot create {}: {}.", folder.display(), text::reason(&error))))?;
    }
    let (mut first_failure, mut failed) = (None, 0);
    for (index, key) in keys.iter().enumerate() {
        let so_far = format!("{} of {} were rotated.", index - failed, messages::count_of_keys(keys.len()));
        context.in_progress = Some(InProgress::new(so_far).not_reached(messages::not_reached(&keys[index..])));
        // An interrupted rotation is finished with the file that it started with.
        let begun = pending
            .iter()
            .find(|pending| pending.continues(key))
            .map(|pending| pending.plan.file().map(Path::to_owned));
        let named = || options.file_dir.as_ref().map(|folder| folder.join(file_name(key, &keys)));
        let file = if options.file_dir.is_some() { begun.flatten().or_else(named) } else { None };
        let each = Rotate { key: Some(key.id.to_string()), file, force: true, ..options.clone() };
        if let Err(error) = Box::pin(one(context, &active, &each)).await {
            // Continues, because the next key has another destination.
            context.report(&error);
            first_failure.get_or_insert(error.kind.exit_status());
            failed += 1;
        }
    }
    context.in_progress = None;
    if failed > 0 {
        let verb = if failed == 1 { "was" } else { "were" };
        context.ui.note(format!("{failed} of {} {verb} not rotated.", messages::count_of_keys(keys.len())));
    }
    if options.dry_run {
        context.ui.note(DRY_RUN);
    }
    Ok(first_failure.unwrap_or(0))
}

/// Returns the file name for a key: its name, if that is a valid file name and no other key here has the name, else its
/// ID.
fn file_name(key: &ApiKey, keys: &[ApiKey]) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let name = &key.name;
    let is_file_name = name.len() <= 200 && !name.starts_with('.') && name.bytes().all(is_plain);
    let is_unique = keys.iter().filter(|other| other.name.eq_ignore_ascii_case(name)).count() == 1;
    format!("{}.key", if is_file_name && is_unique { name } else { &key.id })
}

/// Rotates one key, or continues its rotation.
async fn one(context: &mut Context<'_>, active: &ActiveLogin, options: &Rotate) -> Result<(), Error> {
    let policy = Policy::of(options);
    let client = &active.login.client;
    let operand = options.key.as_deref();
    let file = options.file.as_deref();
    let mut lost = Vec::new();
    if let Some(operand) = operand {
        lost = match interrupted::find(context, active, &[operand], file).await? {
            Earlier::Lost(lost) => lost,
            Earlier::Continuable(rotation, stage) => {
                return Box::pin(finish(context, active, options, rotation, stage, policy)).await;
            }
        };
    }
    // Another rotation, or the user, may have retired or deleted the old key since.
    let still_meant = |old: &ApiKey, rotation: &Rotation| {
        !is_retired(old, &rotation.name) && (old.name == rotation.name || operand != Some(&*rotation.name))
    };
    let first = lost.first().filter(|lost| !lost.orphan.is_superseded).map(|lost| lost.rotation.clone());
    let old = match first {
        // Reads the key by ID, because two keys may have its name now.
        Some(rotation) => old_key(active, &rotation).await?.filter(|old| still_meant(old, &rotation)),
        None => None,
    };
    let old = match old {
        Some(old) => old,
        None => {
            let old = Selector::of(active).one(context, operand, Include::default()).await?;
            // Their locks are taken again.
            lost.clear();
            if options.selection.is_empty()
                && let Some(other) = pending(context, active, Wait::No)?.iter().find(|pending| pending.is_new_key(&old))
            {
                // To rotate it would delete the new key, and then the old one.
                return Err(other.stops(&old));
            }
            let keys: Vec<&str> = operand.into_iter().chain([&*old.id]).collect();
            lost = match interrupted::find(context, active, &keys, file).await? {
                Earlier::Lost(lost) => lost,
                Earlier::Continuable(rotation, stage) => {
                    return Box::pin(finish(context, active, options, rotation, stage, policy)).await;
                }
            };
            old
        }
    };
    let now = (context.now)();
    check(active, &old, policy, now)?;
    let draft = draft(active, &old, now)?;
    let overwrite = true;
    if options.dry_run {
        // The folder for the files is created only when they are written.
        if options.file_dir.as_ref().is_none_or(|folder| folder.exists()) {
            drop(destination(context, options.file.as_deref(), overwrite, options.command.clone())?);
        }
        if !lost.is_empty() {
            context.ui.note("The new key of an interrupted rotation, whose value is lost, would be deleted first.");
        }
        let rotation = Rotation { old_id: old.id.to_string(), name: old.name.to_string() };
        let plan = RotationPlan {
            rotation: &rotation,
            old: Some(&old),
            expires_at: draft.expires_at.as_deref(),
            is_delivered: false,
        };
        return plan.show(context, options, policy);
    }
    let own_key = own_key::announce(context, active, &old).await;
    confirm_deletion(context, active, options, &old).await?;
    let destination = destination(context, options.file.as_deref(), overwrite, options.command.clone())?;
    let name = context.ui.name(&old.name);
    context.ui.say(&format!("Rotating API key {name} {}...", active.under_as(context.ui)));
    check_reader(context, &destination)?;
    let log = log(&context.settings)?;
    let lock = log.lock_rotation(&old.id)?.ok_or_else(|| creation::Error::Rotating(old.name.to_string()))?;
    // The key may have been rotated or changed while this command waited for an answer.
    let current = client.get_api_key(&old.id, Include::default()).await?;
    // A list may have no tags.
    let is_same = if old.entity_tag.is_empty() {
        current.modified_at == old.modified_at
    } else {
        current.entity_tag == old.entity_tag
    };
    if !is_same {
        let message = format!("{} was changed in the meantime. Nothing was created.", messages::called(&old));
        return Err(Error::new(Kind::Conflict, message).hint("Check the key, then run the command again."));
    }
    for lost in lost {
        interrupted::clear(context, active, lost).await?;
    }
    let rotation = Rotation { old_id: old.id.to_string(), name: old.name.to_string() };
    let form = Form { format: options.file_format, overwrite };
    // Only a read of one key says whether the service stores its value.
    let draft = KeyDraft { store_value: current.has_value(), ..draft };
    let purpose = Purpose::Rotate(rotation.clone());
    let mut plan = plan(&active.login, &destination, draft, form, purpose, (context.now)());
    if plan.file().is_none() {
        // The value is not on disk. If this run is killed, the next run finds the key by this name.
        plan.draft.name = interrupted::marked_name(&old.name, &plan.run);
    }
    let recorded = plan.prepare(destination).record(&log, Some(new_value()?))?;
    if !options.command.is_empty() {
        // A command that continues after the end of this process may still store the value, so it also holds the lock.
        let _ = lock.share_with_programs();
    }
    carry_out(context, active, recorded, &rotation, own_key, policy).await
}
