//! `stand-in`: manages the link with which this program replaces the `ibmcloud` tool.

use std::path::{Path, PathBuf};

use crate::cli::session::{StandInCommand, StandInFolder};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam;
use crate::output::Column;
use crate::output::report::{List, Report, Text};
use crate::output::screen::Screen;
use crate::programs::{self, Program};
use crate::text::{reason, visible};

/// The name of the link.
const NAME: &str = "ibmcloud";

pub(crate) fn run(context: &mut Context<'_>, command: StandInCommand) -> Result<u8, Error> {
    match command {
        StandInCommand::Install(place) => install(context, &place),
        StandInCommand::Status => {
            status(context)?;
            Ok(0)
        }
        StandInCommand::Remove(place) => remove(context, &place),
    }
}

fn install(context: &mut Context<'_>, place: &StandInFolder) -> Result<u8, Error> {
    let (own, link) = own_and_link(place)?;
    let shown = link.display().to_string();
    if link.symlink_metadata().is_ok() {
        if !programs::is_same(&link, &own) {
            return Err(foreign(&shown));
        }
        context.ui.ok();
        context.ui.say(&format!("{shown} already points to this program"));
    } else {
        make_link(&own, &link).map_err(|error| {
            Error::failed(format!("Cannot create {shown}: {}.", reason(&error)))
                .hint("Pass a folder that you can write to with --dir.")
        })?;
        context.ui.ok();
        context.ui.say(&format!("{shown} now points to {}", own.display()));
    }
    tell_order(context, &link);
    Ok(0)
}

/// Tells the user which program `PATH` selects.
fn tell_order(context: &mut Context<'_>, link: &Path) {
    let all = context.settings.programs(NAME);
    match all.iter().position(|found| found.is_own) {
        Some(0) => {
            if let Some(other) = all.iter().find(|found| !found.is_own) {
                let other = other.path.display();
                context.ui.note(format!(
                    "The link is the first ibmcloud on PATH. ibmiam passes commands that it does not support to \
                     {other}."
                ));
            } else {
                context.ui.note("The link is the only ibmcloud on PATH.");
            }
        }
        Some(_) => {
            let first = all[0].path.display();
            context.ui.note(format!(
                "{first} is before the link on PATH. To use the link, move its folder to the \
                                     start of PATH."
            ));
        }
        None => {
            let folder = link.parent().unwrap_or(link).display();
            context
                .ui
                .note(format!("{folder} is not on PATH. Add it to PATH, before any other folder with an ibmcloud."));
        }
    }
}

fn status(context: &mut Context<'_>) -> Result<(), Error> {
    let found = Status(context.settings.programs(NAME));
    context.ui.ok();
    Ok(context.ui.render(&found)?)
}

/// The programs on `PATH` with the name of the link.
struct Status(Vec<Program>);

impl Report for Status {
    fn text(&self, _: Option<Screen>) -> Text {
        if self.0.is_empty() {
            return Text::Empty("No ibmcloud found on PATH.");
        }
        let line = |found: &Program| {
            let what = if found.is_own { "this program" } else { "another program" };
            format!("{}   {what}", visible(&found.path.to_string_lossy()))
        };
        Text::Plain(self.0.iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    fn json(&self) -> Result<String, iam::Error> {
        List::new(&COLUMNS, &self.0, "").json()
    }

    fn csv(&self) -> String {
        List::new(&COLUMNS, &self.0, "").csv()
    }
}

const COLUMNS: [Column<Program>; 2] = [
    Column::for_programs("path", |found| found.path.to_string_lossy().into()),
    Column::for_programs("stand_in", |found| found.is_own.into()),
];

fn remove(context: &mut Context<'_>, place: &StandInFolder) -> Result<u8, Error> {
    let (own, link) = own_and_link(place)?;
    let shown = link.display().to_string();
    let Ok(found) = link.symlink_metadata() else {
        context.ui.ok();
        context.ui.say(&format!("{shown} does not exist"));
        return Ok(0);
    };
    if !found.is_symlink() || !programs::is_same(&link, &own) {
        return Err(foreign(&shown));
    }
    std::fs::remove_file(&link)
        .map_err(|error| Error::failed(format!("Cannot remove {shown}: {}.", reason(&error))))?;
    context.ui.ok();
    context.ui.say(&format!("{shown} was removed"));
    Ok(0)
}

fn foreign(shown: &str) -> Error {
    Error::new(Kind::Conflict, format!("{shown} is not a link to this program. Nothing was changed."))
        .hint("Pass another folder with --dir.")
}

/// Returns the path of this program, with links resolved, and the path of its link, which may not exist.
fn own_and_link(place: &StandInFolder) -> Result<(PathBuf, PathBuf), Error> {
    let own =
        programs::own().ok_or_else(|| Error::failed("Cannot find the path of this program, so cannot link to it."))?;
    let folder = match &place.dir {
        Some(folder) => std::path::absolute(folder).unwrap_or_else(|_| folder.clone()),
        None => own.parent().map(Path::to_owned).unwrap_or_default(),
    };
    if !folder.is_dir() {
        return Err(Error::usage(format!("{} is not a folder.", folder.display())));
    }
    Ok((own, folder.join(NAME)))
}

#[cfg(unix)]
fn make_link(own: &Path, link: &Path) -> std::io::Result<()> {
    // Fails if the path exists now.
    std::os::unix::fs::symlink(own, link)
}

#[cfg(not(unix))]
fn make_link(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "links are supported on Unix only"))
}
