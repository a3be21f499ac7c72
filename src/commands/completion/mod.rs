//! `completion`, and the responses to the scripts that it prints.

pub mod answer;
mod install;

use crate::cli::session::{Completion, CompletionCommand, Shell};
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
    context.ui.data(complete::script(known(shell)));
    Ok(0)
}

fn known(shell: Shell) -> complete::Shell {
    match shell {
        Shell::Bash => complete::Shell::Bash,
        Shell::Zsh => complete::Shell::Zsh,
        Shell::Fish => complete::Shell::Fish,
        Shell::PowerShell => complete::Shell::PowerShell,
        Shell::Elvish => complete::Shell::Elvish,
    }
}
