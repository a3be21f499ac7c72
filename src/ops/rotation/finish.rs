//! The rest of a rotation whose new key is saved or delivered, but whose process was killed.

use std::path::Path;

use crate::cli::rotate::Rotate;
use crate::context::Context;
use crate::creation::{Rotation, Target, Unretired};
use crate::error::{Error, Kind};
use crate::format::Format;
use crate::hint::Hint;
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::keyfile;
use crate::ops::keys::confirm::confirm;
use crate::ops::login::{ActiveLogin, read_file};
use crate::ops::messages;
use crate::ops::rotation::dry_run::RotationPlan;
use crate::ops::rotation::interrupted::{Stage, wrote_to};
use crate::ops::rotation::own_key::{self, OwnKey};
use crate::ops::rotation::retire::{Policy, is_retired, retire};
use crate::ops::rotation::run::{carry_out, not_retired};
use crate::ops::rotation::successor::check_grace;
use crate::output::keys::KeyReport;
use crate::text;

/// Asks before the old key is deleted.
pub(crate) async fn confirm_deletion(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    options: &Rotate,
    old: &ApiKey,
) -> Result<(), Error> {
    if !options.delete_old || options.force {
        return Ok(());
    }
    confirm(context, &active.owner, &[old], "rotate", " and delete the old key", false).await
}

/// Returns the old key of a rotation, if it still exists.
pub(crate) async fn old_key(active: &ActiveLogin, rotation: &Rotation) -> Result<Option<ApiKey>, Error> {
    match active.login.client.get_api_key(&rotation.old_id, Include::default()).await {
        Ok(old) => Ok(Some(old)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Finishes an interrupted rotation.
pub(crate) async fn finish(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    options: &Rotate,
    rotation: Rotation,
    stage: Stage,
    policy: Policy,
) -> Result<(), Error> {
    let old = old_key(active, &rotation).await?;
    check_old(options, old.as_ref(), &rotation, &stage)?;
    let is_same_place = wrote_to(stage.creation(), options.file.as_deref());
    match &stage {
        Stage::Saved(saved) if !options.command.is_empty() || !is_same_place => {
            return Err(messages::unfinished_rotation(&saved.creation.plan, &rotation));
        }
        Stage::Delivered(Unretired { creation, .. }) => {
            if let (Some(file), Some(id)) = (creation.plan.file(), &creation.key_id) {
                check_file(context, active, file, id).await?;
            }
        }
        Stage::Saved(_) => {}
    }
    if options.dry_run {
        return preview(context, active, options, &rotation, &stage, old.as_ref(), policy).await;
    }
    let mut own_key = OwnKey::No;
    if let Some(old) = &old {
        check_grace(policy, old, (context.now)())?;
        if let Stage::Saved(_) = stage {
            own_key = own_key::announce(context, active, old).await;
        }
        confirm_deletion(context, active, options, old).await?;
    }
    let name = context.ui.name(&rotation.name);
    context.ui.say(&format!("Finishing the rotation of API key {name} {}...", active.under_as(context.ui)));
    match stage {
        Stage::Saved(saved) => {
            let settings = &context.settings;
            let recorded = saved.resume(|| settings.replaced_folder().ok())?;
            carry_out(context, active, recorded, &rotation, own_key, policy).await
        }
        Stage::Delivered(unretired) => retire_old(context, active, options, unretired, policy).await,
    }
}

/// Shows what would be done to finish a rotation.
async fn preview(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    options: &Rotate,
    rotation: &Rotation,
    stage: &Stage,
    old: Option<&ApiKey>,
    policy: Policy,
) -> Result<(), Error> {
    let name = context.ui.name(&rotation.name);
    context.ui.note(format!("An interrupted rotation of API key {name} would be finished."));
    let expires_at = match stage {
        Stage::Saved(saved) => saved.creation.plan.draft.expires_at.clone(),
        Stage::Delivered(unretired) => {
            let new = unretired.key(&active.login.client).await?;
            new.map(|new| new.expires_at.into_owned()).filter(|end| !end.is_empty())
        }
    };
    let is_delivered = matches!(stage, Stage::Delivered(_));
    RotationPlan { rotation, old, expires_at: expires_at.as_deref(), is_delivered }.show(context, options, policy)
}

/// Retires the old key of a rotation whose new key an interrupted run delivered.
async fn retire_old(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    options: &Rotate,
    unretired: Unretired,
    policy: Policy,
) -> Result<(), Error> {
    let Unretired { creation, rotation, .. } = &unretired;
    own_key::warn_of_old(context, active, rotation);
    retire(context, active, &rotation.old_id, &rotation.name, policy)
        .await
        .map_err(|error| not_retired(error, rotation))?;
    let name = context.ui.name(&rotation.name);
    // The command of the interrupted run is not recorded, so it cannot be compared with this one.
    let is_delivered_here = wrote_to(creation, options.file.as_deref())
        && (options.file.is_some() || !options.command.is_empty() && creation.plan.target == Target::Program);
    let (new_id, written) = (creation.key_id.clone(), creation.plan.file().map(Path::to_owned));
    unretired.forget()?;
    context.ui.ok();
    context.ui.say(&format!("API key {name} was rotated"));
    if is_delivered_here {
        if let Some(id) = new_id.filter(|_| context.ui.format() != Format::Table) {
            let key = active.login.client.get_api_key(&id, Include::default()).await?;
            context.ui.render(&KeyReport::of(&key))?;
        }
        context.ui.note("The interrupted run already delivered the new value.");
        return Ok(());
    }
    let place =
        written.map_or_else(|| "to its standard output or command".to_owned(), |file| format!("to {}", file.display()));
    let message = format!(
        "ibmiam finished the rotation, but did not deliver the new value again: the interrupted run delivered it \
         {place}."
    );
    Err(Error::new(Kind::Conflict, message).hint("If you do not have the value, rotate the key again."))
}

/// Returns an error if the old key is no longer what it was when the rotation started. The command could then change
/// another key than the user means, so it changes none.
fn check_old(options: &Rotate, old: Option<&ApiKey>, rotation: &Rotation, stage: &Stage) -> Result<(), Error> {
    let plan = &stage.creation().plan;
    let (name, id) = (text::name(&rotation.name), text::visible(&rotation.old_id));
    let (since, hint): (_, Option<Hint>) = match old {
        Some(old) if is_retired(old, &rotation.name) && matches!(stage, Stage::Saved(_)) => {
            ("another rotation has replaced the key".to_owned(), None)
        }
        Some(old) if is_retired(old, &rotation.name) || old.name == rotation.name => return Ok(()),
        Some(old) => {
            let mut words = vec!["api-key-update", rotation.old_id.as_str()];
            if let Some(service_id) = messages::service_id(plan) {
                words = vec!["service-api-key-update", &rotation.old_id, service_id];
            }
            words.extend(["--name", &rotation.name]);
            let text = "To finish it, run this, then run the same command again";
            (format!("the key is now named {}", text::name(&old.name)), Some(Hint::run(text, words)))
        }
        None if matches!(stage, Stage::Delivered(_)) || options.key.as_deref() == Some(&rotation.old_id) => {
            return Ok(());
        }
        None => {
            let text = format!("To finish it, run the same command again, with {id} instead of the name.");
            ("the key was deleted".to_owned(), Some(text.into()))
        }
    };
    let key = text::name_with_id(&name, &id);
    let message = format!("An interrupted rotation of API key {key} is not finished, and {since}.");
    let hints = hint.into_iter().chain([messages::discard_rotation(plan)]);
    Err(hints.fold(Error::new(Kind::Conflict, message), Error::and_hint))
}

/// Returns an error if the file no longer contains the new key, because another command may have written to the file.
/// The old key is then not changed.
async fn check_file(context: &Context<'_>, active: &ActiveLogin, file: &Path, id: &str) -> Result<(), Error> {
    let unknown = "If you do not have the new value, delete the key, then rotate again";
    let delete = messages::key_hint(unknown, "delete", id, active.owner.iam_id());
    let value = match read_file(context.settings.expand(&file.to_string_lossy()), keyfile::read).await {
        Ok(value) => value,
        Err(error) => {
            return Err(error
                .context("The old key was not changed.")
                .of_kind(Kind::Conflict)
                .hint(format!("If you moved the file, move it back to {}, then try again.", file.display()))
                .and_hint(delete));
        }
    };
    match active.login.client.get_api_keys_details(&value).await {
        Ok(key) if key.id == id => return Ok(()),
        Err(error) if !error.is_not_found() => return Err(error.into()),
        _ => {}
    }
    let message = format!(
        "{} no longer contains the new API key {}. The old key was not changed.",
        file.display(),
        text::visible(id)
    );
    Err(Error::new(Kind::Conflict, message)
        .hint(delete)
        .and_hint("If you have the new value, write it to the file, then run the rotation again."))
}
