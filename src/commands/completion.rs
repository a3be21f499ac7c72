//! `completion`

use clap_complete::Shell as Generator;

use crate::cli::session::{Completion, Shell};
use crate::context::Context;

pub(crate) fn run(context: &mut Context<'_>, options: &Completion) {
    let generator = match options.shell {
        Shell::Bash => Generator::Bash,
        Shell::Zsh => Generator::Zsh,
        Shell::Fish => Generator::Fish,
        Shell::PowerShell => Generator::PowerShell,
        Shell::Elvish => Generator::Elvish,
    };
    let mut script = Vec::new();
    clap_complete::generate(generator, &mut crate::cli::command(), "ibmiam", &mut script);
    context.ui.data(&String::from_utf8_lossy(&script));
}
