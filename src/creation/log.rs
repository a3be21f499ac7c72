//! The log of creations in the data folder: one entry for each that is in progress or was interrupted, without secrets.
//!
//! For a key that goes into a file, the entry names the file, so that the pending file beside it can be found again.
//! For a key that goes to standard output, the entry is all that is left after a crash: it identifies the key whose
//! value is lost. An entry is locked while its process runs, and is removed once the creation is over.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::plan::Plan;
use super::record::FirstLine;
use crate::files::{self, Folder};

/// How far a creation got. The steps are the lines after the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// The pending file has the record: from here on the request may be sent.
    Recorded,
    /// The service is asked to make the value. Until `Kept`, no file has the value.
    ServiceMade,
    /// The pending file has the value that the service made.
    Kept,
    /// The key has this ID.
    Made(String),
    /// The key's value is not the one that was sent. The value in the pending file is worthless.
    Altered,
    /// The value is about to be written to standard output, a pipe or a device, or passed to a program.
    Delivering,
    /// The key is delivered, and the key that it replaces is to be retired.
    Delivered,
    /// The key was deleted again, but a copy of the request may still be on its way.
    Deleted,
    /// The key is delivered, or there is no key. Only the cleanup is left.
    Finished,
    /// A later command reported it.
    Mentioned,
    /// Another run has taken its place. A delayed request may still create its key.
    Superseded,
}

/// The log: a folder with one file for each entry.
#[derive(Debug, Clone)]
pub struct Log {
    pub(super) folder: PathBuf,
}

/// An entry that this process has locked.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// Whether a command reported it.
    pub(super) is_mentioned: bool,
}

impl Log {
    /// Returns the log in the data folder.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join("pending") }
    }

    /// Adds an entry. It is synced before the key is created, unless a pending file will have the value and this is no
    /// rotation.
    pub(super) fn begin(&self, plan: &Plan, service_makes_value: bool) -> Result<Entry, Error> {
        let failed = |source| Error::Unrecorded { folder: self.folder.clone(), source };
        let entry = self.new_entry(&plan.run).map_err(failed)?;
        let lines = || -> io::Result<Vec<u8>> {
            let mut text = FirstLine::new(plan, None).to_line()?.as_bytes().to_vec();
            if service_makes_value {
                text.extend(line(&Step::ServiceMade)?);
            }
            Ok(text)
        };
        // Without its entry, an interrupted rotation would be found at the same file only.
        let alone = plan.file().is_none() || service_makes_value || plan.rotation().is_some();
        let written = lines().and_then(|lines| (&entry.file).write_all(&lines)).and_then(|()| {
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
            // A process that listed the log at this moment took the entry for an incomplete one, and removed it.
            if files::is_at(&file, &path) {
                return Ok(Entry { path, file, is_mentioned: false });
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
    /// Adds a step that later commands depend on, but that a crash of the machine may lose.
    pub(super) fn add(&self, step: &Step) -> io::Result<()> {
        // The line before may be incomplete, for example after a full disk.
        let mut text = b"\n".to_vec();
        text.extend(line(step)?);
        (&self.file).write_all(&text)
    }

    /// Adds a step, and ignores errors. Without the step, the entry is only less exact: its first lines have what is
    /// needed.
    pub(super) fn note(&self, step: &Step) {
        let _ = self.add(step);
    }

    /// Adds a step that must not be lost, because what follows depends on it.
    pub(super) fn note_durably(&self, step: &Step) -> io::Result<()> {
        self.add(step).and_then(|()| self.file.sync_data())
    }

    /// Notes that a command reports it. Returns false if one did before.
    pub(super) fn mention(&self) -> bool {
        if !self.is_mentioned {
            self.note(&Step::Mentioned);
        }
        !self.is_mentioned
    }

    /// Removes the entry, because the creation is over.
    pub(super) fn remove(self) {
        // If the entry cannot be removed, a later command cleans it up.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Place, Purpose, Rotation, Target};
    use super::super::record::tests::example;
    use super::*;

    #[test]
    fn an_entry_of_each_kind_has_these_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::new(folder.path());
        let text = |plan: &Plan, service_makes_value, steps: &[Step]| {
            let entry = log.begin(plan, service_makes_value).unwrap();
            for step in steps {
                entry.note(step);
            }
            let text = std::fs::read_to_string(&entry.path).unwrap();
            entry.remove();
            text
        };
        let made = Step::Made("ApiKey-2".to_owned());
        let create = example();
        assert_eq!(
            text(&create, false, &[Step::Recorded, Step::Altered, Step::Finished]),
            r#"{"version":2,"plan":{"run":"6f1c9c6e-8f2e-4f7b-9a55-0d1b7a3f6f10","place":{"at":"https://iam.cloud.ibm.com"},"target":{"file":"/f/key"},"user":"you@example.com","iam_id":"IBMid-1","draft":{"name":"k\n\"","iam_id":"IBMid-1","account_id":"acc","locked":true,"disabled":false},"format":"env","overwrite":true,"begun_at":"1970-01-01T00:00:00Z","purpose":"create"}}

"recorded"

"altered"

"finished"
"#
        );
        let first_line = text(&create, false, &[]);
        assert_eq!(
            text(&create, true, &[made.clone(), Step::Kept]),
            first_line + "\"service_made\"\n\n{\"made\":\"ApiKey-2\"}\n\n\"kept\"\n"
        );
        let shown = Plan { target: Target::Stream, ..create };
        assert_eq!(
            text(&shown, false, &[made, Step::Delivering, Step::Deleted, Step::Mentioned]),
            r#"{"version":2,"plan":{"run":"6f1c9c6e-8f2e-4f7b-9a55-0d1b7a3f6f10","place":{"at":"https://iam.cloud.ibm.com"},"target":"stream","user":"you@example.com","iam_id":"IBMid-1","draft":{"name":"k\n\"","iam_id":"IBMid-1","account_id":"acc","locked":true,"disabled":false},"format":"env","overwrite":true,"begun_at":"1970-01-01T00:00:00Z","purpose":"create"}}

{"made":"ApiKey-2"}

"delivering"

"deleted"

"mentioned"
"#
        );
        let rotation = Rotation { old_id: "ApiKey-1".to_owned(), name: "ci".to_owned() };
        let mut rotate = Plan { place: Place::Sandbox, purpose: Purpose::Rotate(rotation), ..shown };
        (rotate.target, rotate.draft.iam_id) = (Target::Program, "iam-ServiceId-1".to_owned());
        assert_eq!(
            text(&rotate, false, &[Step::Delivered, Step::Superseded]),
            r#"{"version":2,"plan":{"run":"6f1c9c6e-8f2e-4f7b-9a55-0d1b7a3f6f10","place":"sandbox","target":"program","user":"you@example.com","iam_id":"IBMid-1","draft":{"name":"k\n\"","iam_id":"iam-ServiceId-1","account_id":"acc","locked":true,"disabled":false},"format":"env","overwrite":true,"begun_at":"1970-01-01T00:00:00Z","purpose":{"rotate":{"old_id":"ApiKey-1","name":"ci"}}}}

"delivered"

"superseded"
"#
        );
    }
}
