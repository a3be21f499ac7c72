//! Changes one key, and defines the words that describe each change.

use crate::commands::support::completion;
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::messages;
use crate::context::Context;
use crate::error::Error;
use crate::iam::ApiKey;
use crate::iam::verified::{ChangeFailure, KeyChange};
use crate::text::{capitalised, visible};

impl KeyChange {
    /// Returns the words of messages, as in "Really delete", "Deleting" and "was deleted".
    fn words(self) -> [&'static str; 3] {
        match self {
            Self::Lock => ["lock", "Locking", "locked"],
            Self::Unlock => ["unlock", "Unlocking", "unlocked"],
            Self::Disable => ["disable", "Disabling", "disabled"],
            Self::Enable => ["enable", "Enabling", "enabled"],
            Self::Delete => ["delete", "Deleting", "deleted"],
        }
    }

    /// As in "Really delete".
    pub(crate) fn verb(self) -> &'static str {
        self.words()[0]
    }

    /// As in "Deleting".
    pub(crate) fn doing(self) -> &'static str {
        self.words()[1]
    }

    /// As in "was deleted".
    pub(crate) fn done(self) -> &'static str {
        self.words()[2]
    }
}

/// Changes one key. Returns the word for the outcome.
pub(crate) async fn one(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    key: &ApiKey,
    change: KeyChange,
) -> Result<String, Error> {
    let called = format!("API key {}", context.ui.name(&key.name));
    apply(context, active, key, &called, change).await
}

/// Deletes the old key of a rotation. Its name is that of the new key, so messages call it by its ID.
pub(crate) async fn delete_old(context: &mut Context<'_>, active: &ActiveLogin, key: &ApiKey) -> Result<(), Error> {
    let called = format!("the old API key ({})", visible(&key.id));
    apply(context, active, key, &called, KeyChange::Delete).await.map(drop)
}

/// Changes a key that messages call `called`.
async fn apply(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    key: &ApiKey,
    called: &str,
    change: KeyChange,
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
        KeyChange::Delete => completion::saw_deleted(context, key),
        _ => completion::saw(context, active, &change.applied_to(key)),
    }
    Ok(change.done().to_owned())
}
