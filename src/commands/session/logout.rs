//! `logout`

use super::view;
use crate::context::Context;
use crate::error::Error;
use crate::session::{Places, login};

pub(crate) async fn run(context: &mut Context<'_>) -> Result<u8, Error> {
    if view::in_sandbox(context) {
        return Ok(0);
    }
    let places = Places::of(&context.settings)?;
    let name = places.name(&context.settings)?;
    context.ui.say("Logging out...");
    context.in_progress = Some(view::session_in_progress(&name, "removed"));
    let forgotten = login::forget(&places, &name).await?;
    if let Some(why) = forgotten.uncleared {
        let message = format!("The session was removed, but its secret is still in the keyring: {why}.");
        return Err(Error::failed(message)
            .hint("Make the keyring available and run the command again, or delete 'ibmiam: login session' from it."));
    }
    context.ui.ok();
    if forgotten.was_there {
        context.ui.note("The session was removed. The API key that created it still works.");
    } else {
        context.ui.note("There was no session to remove.");
    }
    Ok(0)
}
