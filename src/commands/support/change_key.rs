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
    let called = format!("API key {}", context.ui.name(&key.name));
    apply(context, active, key, &called, change).await
}

/// Deletes the old key of a rotation. Its name is that of the new key, so messages call it by its ID.
pub(crate) async fn delete_old(context: &mut Context<'_>, active: &ActiveLogin, key: &ApiKey) -> Result<(), Error> {
    let called = format!("the old API key ({})", visible(&key.id));
    apply(context, active, key, &called, Change::Delete).await.map(drop)
}

/// Changes a key that messages call `called`.
async fn apply(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    key: &ApiKey,
    called: &str,
    change: Change,
) -> Result<String, Error> {
    let already = format!("already {}", change.done());
    if change.is_done(key) {
        context.ui.ok();
        context.ui.say(&format!("{} is {already}", capitalised(called)));
        return Ok(already);
    }
    context.ui.say(&format!("{} {called} {}...", change.doing(), active.under_as(context.ui)));
    context.next_in_progress(&key.id, messages::in_progress(change.verb(), key));
    let client = &active.login.client;
    match change.apply(client, &key.id).await {
        Ok(()) => context.next_in_progress(&key.id, messages::ended(change.done(), key)),
        Err(ChangeFailure::Unknown(error)) => return Err(messages::unknown(key, error)),
        Err(ChangeFailure::NotMade(error)) => {
            context.next_in_progress(&key.id, messages::ended("not changed", key));
            return Err(messages::refused(client, key, error).await);
        }
    }
    context.ui.ok();
    context.ui.say(&format!("{} was {}", capitalised(called), change.done()));
    match change {
        Change::Delete => completion::saw_deleted(context, key),
        _ => completion::saw(context, active, &change.applied_to(key)),
    }
    Ok(change.done().to_owned())
}
