//! The rotation of the key that the command is logged in with.

use std::path::Path;

use crate::context::Context;
use crate::creation::Rotation;
use crate::error::Error;
use crate::hint::Note;
use crate::iam::ApiKey;
use crate::iam::identity::Tokens;
use crate::ops::errors::log_in_again;
use crate::ops::login::{ActiveLogin, named_file};
use crate::ops::messages::called;
use crate::secret::SecretString;
use crate::session::{Source, Stores, login};
use crate::text::visible;

/// What the key of a rotation is for the login of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnKey {
    /// Not the key that the command is logged in with.
    No,
    /// The key that the stored session was made with.
    OfSession,
    /// The key in `IBMCLOUD_API_KEY`.
    OfVariable,
}

/// Tells the user what the rotation of a key means for this login, before the rotation is confirmed.
pub(crate) async fn announce(context: &mut Context<'_>, active: &ActiveLogin, key: &ApiKey) -> OwnKey {
    if active.login.key_id().await.as_deref() != Some(&*key.id) {
        return OwnKey::No;
    }
    let key = called(key);
    match &active.login.source {
        Source::Stored { name, .. } => {
            let name = visible(name);
            context.ui.note(format!("You are logged in with {key}. The session '{name}' changes to the new key."));
            OwnKey::OfSession
        }
        _ => {
            context.ui.note(format!("{key} is the key in IBMCLOUD_API_KEY."));
            OwnKey::OfVariable
        }
    }
}

/// Says what to do after the key in the variable was rotated, unless the variable names the file of the new key.
pub(crate) fn remind_of_variable(context: &mut Context<'_>, file: Option<&Path>) {
    let settings = &context.settings;
    let named = settings.api_key.as_ref().and_then(|value| named_file(settings, value));
    let is_named = named.zip(file).is_some_and(|(named, file)| named == file || is_same(&named, file));
    if !is_named {
        context.ui.note("IBMCLOUD_API_KEY contains the old key. Set the variable to the new value.");
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
}

/// Warns if the stored session still depends on the old key of a rotation whose new key was delivered by another run.
pub(crate) fn warn_of_old(context: &mut Context<'_>, active: &ActiveLogin, rotation: &Rotation) {
    let Source::Stored { name, method, key_id, .. } = &active.login.source else { return };
    if key_id.as_ref() == Some(&rotation.old_id) {
        let text = format!(
            "The session '{}' was created with the old key, and may end when the old key expires or is \
                            deleted.",
            visible(name)
        );
        context.ui.note(Note::from(text).hint(log_in_again(name, *method)));
    }
}

/// Changes the stored session to the new key. If this fails, the session still works until the old key expires or is
/// deleted.
pub(crate) async fn move_session(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    tokens: Tokens,
    new_id: &str,
    value: &SecretString,
) {
    let Source::Stored { name, login_id, method, .. } = &active.login.source else { return };
    let moved = async {
        let stores = Stores::of(&context.settings)?;
        let endpoint = active.login.client.endpoint().clone();
        let key = (new_id, value);
        login::replace_key(&stores, name, login_id, endpoint, tokens, key, context.now).await.map_err(Error::from)
    };
    match moved.await {
        Ok(_) => context.ui.say(&format!("The session '{}' now uses the new key", visible(name))),
        Err(error) => {
            let text = format!("The session '{}' still uses the old key: {}", visible(name), error.one_line());
            context.ui.note(Note::from(text).hint(log_in_again(name, *method)));
        }
    }
}
