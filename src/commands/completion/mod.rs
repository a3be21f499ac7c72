//! `completion`, and the responses to the scripts that it prints.

pub mod answer;
mod install;

use crate::cli::session::{Completion, CompletionCommand};
use crate::complete;
use crate::context::Context;
use crate::error::Error;

pub(crate) fn run(context: &mut Context<'_>, options: &Completion) -> Result<u8, Error> {
    if let Some(CompletionCommand::Install(options)) = &options.command {
        return install::run(context, options);
    }
    let Some(shell) = options.shell else {
        return Err(Error::usage("A shell is missing.").hint("Use bash, zsh, fish, powershell or elvish."));
    };
    context.ui.data(complete::script(shell));
    Ok(0)
}
