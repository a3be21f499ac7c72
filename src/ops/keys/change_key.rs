//! Changes one key, and defines the words that describe each change.

use std::cell::RefCell;

use crate::context::Context;
use crate::error::Error;
use crate::iam::ApiKey;
use crate::iam::verified::{ChangeFailure, KeyChange};
use crate::ops::keys::completion;
use crate::ops::login::ActiveLogin;
use crate::ops::messages;
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

    /// Whether the service refuses the change: it deletes no locked key.
    pub(crate) fn is_refused(self, key: &ApiKey) -> bool {
        self == Self::Delete && key.locked
    }
}

/// Whether a key was changed; false if it was in the new state before.
pub(crate) type Outcome = Result<bool, Error>;

/// Changes one key, with messages.
pub(crate) async fn one(context: &mut Context<'_>, active: &ActiveLogin, key: &ApiKey, change: KeyChange) -> Outcome {
    with_messages(&RefCell::new(context), active, key, change, None).await
}

/// Deletes the old key of a rotation. Its name is that of the new key, so messages call it by its ID.
pub(crate) async fn delete_old(context: &mut Context<'_>, active: &ActiveLogin, key: &ApiKey) -> Result<(), Error> {
    let called = format!("the old API key ({})", visible(&key.id));
    with_messages(&RefCell::new(context), active, key, KeyChange::Delete, Some(&called)).await.map(drop)
}

/// Changes a key with messages, which call it `called` or by its name.
pub(crate) async fn with_messages(
    context: &RefCell<&mut Context<'_>>,
    active: &ActiveLogin,
    key: &ApiKey,
    change: KeyChange,
    called: Option<&str>,
) -> Outcome {
    let called = called.map_or_else(|| format!("API key {}", context.borrow().ui.name(&key.name)), str::to_owned);
    let say_done = |is: &str| {
        let ui = &mut *context.borrow_mut().ui;
        ui.ok();
        ui.say(&format!("{} {is} {}", capitalised(&called), change.done()));
    };
    if change.is_done(key) {
        say_done("is already");
        return Ok(false);
    }
    let note = |progress| context.borrow_mut().next_in_progress(&key.id, progress);
    let under_as = active.under_as(context.borrow().ui);
    context.borrow_mut().ui.say(&format!("{} {called} {under_as}...", change.doing()));
    note(messages::in_progress(change.verb(), key));
    make(active, key, change, || note(messages::ended("not changed", key))).await?;
    note(messages::ended(change.done(), key));
    say_done("was");
    match change {
        KeyChange::Delete => completion::saw_deleted(*context.borrow(), key),
        _ => completion::saw(*context.borrow(), active, &change.applied_to(key)),
    }
    Ok(true)
}

/// Makes a change without messages. Calls `not_made` as soon as it is certain that the change was not made.
pub(crate) async fn make(
    active: &ActiveLogin,
    key: &ApiKey,
    change: KeyChange,
    not_made: impl FnOnce(),
) -> Result<(), Error> {
    let client = &active.login.client;
    match change.apply(client, &key.id).await {
        Ok(()) => Ok(()),
        Err(ChangeFailure::Unknown(error)) => Err(messages::unknown(key, error)),
        Err(ChangeFailure::NotMade(error)) => {
            not_made();
            Err(messages::refused(client, key, error).await)
        }
    }
}
