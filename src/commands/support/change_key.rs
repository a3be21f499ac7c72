//! Changes one key, and defines the words that describe each change.

use crate::commands::support::completion;
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::messages;
use crate::context::Context;
use crate::error::Error;
use crate::iam::ApiKey;
use crate::iam::verified::{ChangeFailure, KeyChange as Change};
use crate::text::{capitalised, visible};

/// The words that describe a change in messages.
pub(crate) trait Words {
    /// As in "Really delete".
    fn verb(self) -> &'static str;
    /// As in "Deleting".
    fn doing(self) -> &'static str;
    /// As in "was deleted".
    fn done(self) -> &'static str;
}

impl Words for Change {
    fn verb(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Delete => "delete",
        }
    }

    fn doing(self) -> &'static str {
        match self {
            Self::Lock => "Locking",
            Self::Unlock => "Unlocking",
            Self::Disable => "Disabling",
            Self::Enable => "Enabling",
            Self::Delete => "Deleting",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Lock => "locked",
            Self::Unlock => "unlocked",
            Self::Disable => "disabled",
            Self::Enable => "enabled",
            Self::Delete => "deleted",
        }
    }
}

/// Changes one key. Returns the word for the outcome.
pub(crate) async fn one(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    key: &ApiKey,
    change: Change,
) -> Result<String, Error> {
    one_of(context, active, key, &[], change).await
}

/// Deletes the old key of a rotation. Its name is that of the new key, so messages call it by its ID.
pub(crate) async fn delete_old(context: &mut Context<'_>, active: &ActiveLogin, key: &ApiKey) -> Result<(), Error> {
    let called = format!("the old API key ({})", visible(&key.id));
    apply(context, active, key, &called, &[], Change::Delete).await.map(drop)
}

/// Changes one of several keys. `rest` contains the keys that follow.
pub(crate) async fn one_of(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    key: &ApiKey,
    rest: &[ApiKey],
    change: Change,
) -> Result<String, Error> {
    let called = format!("API key {}", context.ui.name(&key.name));
    apply(context, active, key, &called, rest, change).await
}

/// Changes a key that messages call `called`.
async fn apply(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    key: &ApiKey,
    called: &str,
    rest: &[ApiKey],
    change: Change,
) -> Result<String, Error> {
    let ui = &mut *context.ui;
    let already = format!("already {}", change.done());
    if change.is_done(key) {
        ui.ok();
        ui.say(&format!("{} is {already}", capitalised(called)));
        return Ok(already);
    }
    ui.say(&format!("{} {called} {}...", change.doing(), active.under_as(ui)));
    let line = |key: &ApiKey| format!("{} ({})", key.name, key.id);
    let mut not_reached = context.in_progress.take().map(|before| before.not_reached).unwrap_or_default();
    if !rest.is_empty() {
        not_reached = rest.iter().map(line).collect();
    }
    not_reached.retain(|other| *other != line(key));
    let rest = not_reached;
    context.in_progress = Some(messages::in_progress(change.verb(), key).not_reached(rest.clone()));
    let client = &active.login.client;
    match change.apply(client, &key.id).await {
        Ok(()) => context.in_progress = Some(messages::ended(change.done(), key).not_reached(rest)),
        Err(ChangeFailure::Unknown(error)) => return Err(messages::unknown(key, error)),
        Err(ChangeFailure::NotMade(error)) => {
            context.in_progress = Some(messages::ended("not changed", key).not_reached(rest));
            return Err(messages::refused(client, key, error).await);
        }
    }
    ui.ok();
    ui.say(&format!("{} was {}", capitalised(called), change.done()));
    match change {
        Change::Delete => completion::saw_deleted(context, key),
        _ => completion::saw(context, active, &change.applied_to(key)),
    }
    Ok(change.done().to_owned())
}
