//! `completion install`: the script, and the man pages, where the shell and `man` look for them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::known;
use crate::cli::man;
use crate::cli::session::{CompletionInstall, Shell};
use crate::complete;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::files;
use crate::hint::{Hint, Note};

pub(super) fn run(context: &mut Context<'_>, options: &CompletionInstall) -> Result<u8, Error> {
    let shell = match options.shell {
        Some(shell) => shell,
        None => own_shell(context)?,
    };
    let script = script_path(context, shell)?;
    let mut files = vec![(script.clone(), complete::script(known(shell)).to_owned())];
    if options.man {
        let folder = context.settings.user_data_folder()?.join("man/man1");
        files.extend(man::pages().into_iter().map(|(name, text)| (folder.join(name), text)));
    }
    for (path, text) in &files {
        if options.remove { remove(path)? } else { write(path, text)? }
    }
    context.ui.ok();
    let shown = context.ui.name(&script.to_string_lossy());
    let pages = if options.man { format!(", and {} man pages", files.len() - 1) } else { String::new() };
    if options.remove {
        context.ui.say(&format!("Removed {shown}{pages}"));
        return Ok(0);
    }
    context.ui.say(&format!("Installed {shown}{pages}"));
    context.ui.note(next_step(shell, &script));
    Ok(0)
}

/// The shell that the user works with.
fn own_shell(context: &Context<'_>) -> Result<Shell, Error> {
    let name = context.settings.shell.as_deref().and_then(Path::file_name).unwrap_or_default();
    match name.to_str() {
        Some("bash") => Ok(Shell::Bash),
        Some("zsh") => Ok(Shell::Zsh),
        Some("fish") => Ok(Shell::Fish),
        _ => Err(Error::usage("SHELL names no shell that ibmiam can install completion for.")
            .hint(Hint::run("Name the shell", ["completion", "install", "bash"]))),
    }
}

/// Where a shell looks for the script.
fn script_path(context: &Context<'_>, shell: Shell) -> Result<PathBuf, Error> {
    let settings = &context.settings;
    let print = |shell: &str| {
        let error = Error::usage(format!("{shell} has no folder for completion scripts."));
        error.hint(Hint::run("Add the output of this command to its profile", ["completion", shell]))
    };
    Ok(match shell {
        Shell::Bash => settings.user_data_folder()?.join("bash-completion/completions/ibmiam"),
        Shell::Zsh => settings.user_data_folder()?.join("zsh/site-functions/_ibmiam"),
        Shell::Fish => settings.user_config_folder()?.join("fish/completions/ibmiam.fish"),
        Shell::PowerShell => return Err(print("powershell")),
        Shell::Elvish => return Err(print("elvish")),
    })
}

/// What is left to do, once.
fn next_step(shell: Shell, script: &Path) -> Note {
    let folder = script.parent().unwrap_or(script).display();
    match shell {
        Shell::Bash => Note::from("Start a new shell to use it.").hint(format!(
            "This needs the package bash-completion. Without it, add this line to ~/.bashrc: . '{}'",
            script.display()
        )),
        Shell::Zsh => Note::from("Start a new shell to use it.").hint(format!(
            "~/.zshrc needs these lines, in this order: fpath=('{folder}' $fpath); autoload -U compinit; compinit"
        )),
        _ => Note::from("Start a new shell to use it."),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::failed(format!("Cannot write {}: {error}.", path.display()));
    if is_foreign(path) {
        return Err(foreign(path));
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    files::replace_readable(path, text.as_bytes()).map_err(failed)
}

fn remove(path: &Path) -> Result<(), Error> {
    if is_foreign(path) {
        return Err(foreign(path));
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Error::failed(format!("Cannot remove {}: {error}.", path.display())))
        }
        _ => Ok(()),
    }
}

/// A file of somebody else's making is neither replaced nor removed.
fn is_foreign(path: &Path) -> bool {
    match std::fs::read_to_string(path) {
        Ok(text) => !text.contains("ibmiam"),
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

fn foreign(path: &Path) -> Error {
    let message = format!("{} is not a file of ibmiam. Nothing was changed.", path.display());
    Error::new(Kind::Conflict, message).hint("Move or remove that file, then run the command again.")
}
