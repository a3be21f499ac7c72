//! The log of creations in our own folder: one entry for each that is in progress or was interrupted, without secrets.
//!
//! For a key that goes into a file the entry says which, so that the pending file beside it is found again. For a key
//! that goes to standard output it is all that is left after a crash: by it the key can be found whose value nobody
//! has. An entry is locked while its process lives, and removed once the creation is over.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::plan::Plan;
use super::subject::Subject;
use crate::files::{self, Folder};

/// How far a creation got, as lines after the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// The pending file has the record: from here on the request may be sent.
    Recorded,
    /// The service is asked to make the value, which nobody knows until the next step.
    ServiceMade,
    /// The value that the service made is in the pending file.
    Kept,
    /// The key has this id.
    Made(String),
    /// Its value is not the one that was sent: what the pending file has is worth nothing.
    Altered,
    /// Its value is about to be written to standard output.
    Delivering,
    /// Its value is in its place, and the key that it replaces is to be retired.
    Delivered,
    /// That key was deleted again, but a copy of the request may still be on its way.
    Deleted,
    /// The key is in its place, or there is none: only cleaning up is left.
    Finished,
    /// A later command reported it.
    Mentioned,
    /// Another run has taken its place. A delayed request may still create its key.
    Superseded,
}

/// All entries.
#[derive(Debug, Clone)]
pub struct Log {
    pub(super) folder: PathBuf,
}

/// An entry that this process has locked.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) file: File,
}

impl Log {
    /// In the data folder.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join("pending") }
    }

    /// Adds an entry. It is on the disk before the key is created, if it is all that will tell of it.
    pub(super) fn begin(
        &self,
        plan: &Plan,
        file: Option<&Path>,
        to_program: bool,
        service_makes_value: bool,
    ) -> Result<Entry, Error> {
        let failed = |source| Error::Unrecorded { folder: self.folder.clone(), source };
        let subject = Subject { to_program, ..Subject::of(plan, file) };
        let mut entry = self.new_entry(&plan.run).map_err(failed)?;
        let lines = || -> io::Result<Vec<u8>> {
            let mut text = line(&subject)?;
            if service_makes_value {
                text.extend(line(&Step::ServiceMade)?);
            }
            Ok(text)
        };
        let alone = file.is_none() || service_makes_value;
        let written = lines().and_then(|lines| entry.file.write_all(&lines)).and_then(|()| {
            if alone { entry.file.sync_all().and_then(|()| Folder::of(&entry.path)?.sync()) } else { Ok(()) }
        });
        match written {
            Ok(()) => Ok(entry),
            Err(error) => {
                entry.remove();
                Err(failed(error))
            }
        }
    }

    fn new_entry(&self, run: &str) -> io::Result<Entry> {
        files::private_folder(&self.folder)?;
        let path = self.folder.join(format!("{run}.jsonl"));
        loop {
            let file = files::private_options().read(true).append(true).create_new(true).open(&path)?;
            file.lock()?;
            // Whoever looked in this moment took it for one that broke off, and removed it.
            if files::is_at(&file, &path) {
                return Ok(Entry { path, file });
            }
        }
    }
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    Ok(text)
}

impl Entry {
    /// Adds a step. Without it the entry is less exact, and no more: what must be there is in its first lines.
    pub(super) fn note(&mut self, step: &Step) {
        let _ = line(step).and_then(|line| self.file.write_all(&line));
    }

    /// Adds a step that must not be lost: what follows depends on it.
    pub(super) fn note_durably(&mut self, step: &Step) -> io::Result<()> {
        line(step).and_then(|line| self.file.write_all(&line)).and_then(|()| self.file.sync_data())
    }

    /// Removes the entry: the creation is over.
    pub(super) fn remove(self) {
        // One that stays is looked after by a later command.
        let _ = std::fs::remove_file(&self.path);
    }
}
