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
        let message = format!("The session was forgotten here, but its secret is still in the keyring: {why}.");
        return Err(Error::failed(message).hint(
            "Run the command again once the keyring can be used, or remove 'ibmiam: login session' from it by hand.",
        ));
    }
    context.ui.ok();
    if forgotten.was_there {
        context.ui.note("The session was forgotten. The API key that it was made with still works.");
    } else {
        context.ui.note("There was no session to forget.");
    }
    Ok(0)
}
