//! `completion install`: installs the script, and the man pages, where the shell and `man` look for them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cli::man;
use crate::cli::session::{CompletionInstall, Shell};
use crate::complete;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::files;
use crate::hint::{Hint, Note, Word};
use crate::text::reason;

pub(super) fn run(context: &mut Context<'_>, options: &CompletionInstall) -> Result<u8, Error> {
    let shell = match options.shell {
        Some(shell) => shell,
        None => own_shell(context)?,
    };
    let script = script_path(context, shell)?;
    let mut files = vec![(script.clone(), complete::script(shell).to_owned())];
    if options.man {
        let folder = context.settings.user_data_folder()?.join("man/man1");
        files.extend(man::pages().into_iter().map(|(name, text)| (folder.join(name), text)));
    }
    if let Some((path, _)) = files.iter().find(|(path, _)| is_foreign(path)) {
        return Err(foreign(path));
    }
    if options.remove {
        let removed = files.iter().map(|(path, _)| remove(path)).collect::<Result<Vec<bool>, _>>()?;
        let removed = removed.into_iter().filter(|was_there| *was_there).count();
        context.ui.ok();
        context.ui.say(&match removed {
            0 => format!("Nothing to remove: {} does not exist", context.ui.name(&script.to_string_lossy())),
            1 => "Removed 1 file".to_owned(),
            removed => format!("Removed {removed} files"),
        });
        return Ok(0);
    }
    for (path, text) in &files {
        write(path, text)?;
    }
    context.ui.ok();
    let shown = context.ui.name(&script.to_string_lossy());
    context.ui.say(&format!("Installed {shown}"));
    if options.man {
        let folder = context.settings.user_data_folder()?.join("man");
        let shown = context.ui.name(&folder.join("man1").to_string_lossy());
        context.ui.say(&format!("Installed {} man pages in {shown}", files.len() - 1));
        let note = Note::from("To read a page, run: man ibmiam");
        context.ui.note(note.hint(format!(
            "If man does not find it, add this line to your shell's profile: export MANPATH='{}:'",
            folder.display()
        )));
    }
    context.ui.note(next_step(shell, &script));
    Ok(0)
}

/// Returns the user's shell, as in `SHELL`.
fn own_shell(context: &Context<'_>) -> Result<Shell, Error> {
    let name = context.settings.shell.as_deref().and_then(Path::file_name).unwrap_or_default();
    match name.to_str() {
        Some("bash") => Ok(Shell::Bash),
        Some("zsh") => Ok(Shell::Zsh),
        Some("fish") => Ok(Shell::Fish),
        _ => Err(Error::usage("SHELL is not bash, zsh or fish.")
            .hint(Hint::run("Name the shell", ["completion", "install", "bash"]))),
    }
}

/// Returns the path where a shell looks for the script.
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

/// Returns the note about the remaining steps of the installation.
fn next_step(shell: Shell, script: &Path) -> Note {
    let folder = script.parent().unwrap_or(script).display();
    match shell {
        Shell::Bash => Note::from("Start a new shell to use it.").hint(Hint::shell(
            "This needs the package bash-completion. Without it, add this line to ~/.bashrc",
            [Word::from("."), script.into()],
        )),
        Shell::Zsh => Note::from("Start a new shell to use it.").hint(format!(
            "~/.zshrc needs these lines, in this order: fpath=('{folder}' $fpath); autoload -U compinit; compinit"
        )),
        _ => Note::from("Start a new shell to use it."),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        let error = Error::failed(format!("Cannot write {}: {}.", path.display(), reason(&error)));
        error.hint(Hint::run("To print the script instead, run", ["completion", "SHELL"]))
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    files::replace_readable(path, text.as_bytes()).map_err(failed)
}

/// Removes a file. Returns whether it existed.
fn remove(path: &Path) -> Result<bool, Error> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::failed(format!("Cannot remove {}: {}.", path.display(), reason(&error)))),
    }
}

/// Whether a file is not from ibmiam. Such a file is neither replaced nor removed.
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
