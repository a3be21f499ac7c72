//! `sandbox reset`

use super::start::unix_seconds;
use crate::context::Context;
use crate::error::Error;
use crate::ops::login::sandbox::folder;
use crate::sandbox;

pub(crate) fn run(context: &mut Context<'_>) -> Result<u8, Error> {
    let folder = folder(context)?;
    context.ui.say("Resetting the sandbox...");
    sandbox::reset(&folder, unix_seconds())?;
    context.ui.ok();
    Ok(0)
}
