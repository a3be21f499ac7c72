//! The rotation of the key that the command is logged in with.

use super::errors::log_in_again;
use super::login::ActiveLogin;
use super::messages::called;
use crate::context::Context;
use crate::creation::Rotation;
use crate::error::Error;
use crate::hint::Note;
use crate::iam::ApiKey;
use crate::iam::identity::Tokens;
use crate::secret::SecretString;
use crate::session::{Source, Stores, login};
use crate::text::visible;

/// Tells the user what the rotation of a key means for this login. Returns true if the stored session was created with
/// the key.
pub(crate) async fn announce(context: &mut Context<'_>, active: &ActiveLogin, key: &ApiKey) -> bool {
    if active.login.key_id().await.as_deref() != Some(&*key.id) {
        return false;
    }
    let key = called(key);
    match &active.login.source {
        Source::Stored { name, .. } => {
            let name = visible(name);
            context.ui.note(format!("You are logged in with {key}. The session '{name}' changes to the new key."));
            true
        }
        _ => {
            context.ui.note(format!("{key} is the key in IBMCLOUD_API_KEY. Set the variable to the new value."));
            false
        }
    }
}

/// Warns if the stored session still depends on the old key of a rotation whose new key was delivered by another run.
pub(crate) fn warn_of_old(context: &mut Context<'_>, active: &ActiveLogin, rotation: &Rotation) {
    let Source::Stored { name, method, key_id, .. } = &active.login.source else { return };
    if key_id.as_ref() == Some(&rotation.old_id) {
        let text = format!("The session '{}' was made with the old key, and may end with it.", visible(name));
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
            let text = format!("The session '{}' still uses the old key: {}", visible(name), error.message);
            context.ui.note(Note::from(text).hint(log_in_again(name, *method)));
        }
    }
}
