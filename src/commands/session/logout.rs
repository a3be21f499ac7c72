//! `logout`

use super::view;
use crate::context::Context;
use crate::error::Error;
use crate::hint::{Hint, Note};
use crate::session::{DEFAULT, Stores, login};

pub(crate) async fn run(context: &mut Context<'_>) -> Result<u8, Error> {
    if view::in_sandbox(context) {
        return Ok(0);
    }
    let stores = Stores::of(&context.settings)?;
    let name = stores.name(&context.settings)?;
    context.ui.say("Logging out...");
    context.in_progress = Some(view::session_in_progress(&name, "removed"));
    let forgotten = login::forget(&stores, &name).await?;
    if let Some(why) = forgotten.uncleared {
        let message = format!("The session was removed, but its secret is still in the keyring: {why}.");
        return Err(Error::failed(message).hint(
            "Unlock the keyring and run the command again, or delete the entry 'ibmiam: login session' from the \
                   keyring.",
        ));
    }
    context.ui.ok();
    if forgotten.was_there {
        context.ui.note("The session was removed. If you logged in with an API key, the key still works.");
        next_session(context, &stores, &name)?;
    } else {
        context.ui.note("There was no session to remove.");
    }
    Ok(0)
}

/// After a logout of the default session, selects another default session, like `gh`, if the choice is clear and the
/// user sees a message. A script expects to be logged out, and must not continue in another account.
fn next_session(context: &mut Context<'_>, stores: &Stores, removed: &str) -> Result<(), Error> {
    let was_default = stores.files.current()?.unwrap_or_else(|| DEFAULT.to_owned()) == removed;
    if !was_default || !context.ui.is_watched() || context.settings.stand_in.is_some() {
        return Ok(());
    }
    stores.files.unchoose()?;
    let names = stores.files.names()?;
    let next = match names.as_slice() {
        [] => return Ok(()),
        [only] => Some(only.as_str()),
        several => several.iter().map(String::as_str).find(|name| *name == DEFAULT),
    };
    match next {
        Some(next) => {
            stores.files.choose(next)?;
            context.ui.note(format!("Default session is now '{next}'."));
        }
        None => {
            let note = Note::from(format!("Other sessions: {}.", names.join(", ")));
            context.ui.note(note.hint(Hint::run("To use one of them, run", ["session", "use", "NAME"])));
        }
    }
    Ok(())
}
