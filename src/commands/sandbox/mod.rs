//! The `sandbox` commands.

mod passcode;
mod reset;
mod run;
mod serve;
mod start;

use crate::cli::sandbox::SandboxCommand;
use crate::context::Context;
use crate::error::Error;

pub(crate) async fn run(context: &mut Context<'_>, command: SandboxCommand) -> Result<u8, Error> {
    match command {
        SandboxCommand::Serve(options) => serve::run(context, options).await,
        SandboxCommand::Run(options) => run::run(context, options).await,
        SandboxCommand::Passcode => passcode::passcode(context).await,
        SandboxCommand::CrToken => passcode::compute_resource_token(context),
        SandboxCommand::Reset => reset::run(context),
    }
}
