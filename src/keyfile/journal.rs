//! Creations under way or cut off, told in our own folder and without any secret.
//!
//! For a key that goes into a file the entry says which, so that the pending file beside it is found again. For a
//! key that goes to standard output it is all that is left after a crash: by it the key that nobody has the value of
//! can be found. An entry is locked while its process lives, and removed once the key is where it belongs.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::files::{self, Folder};

/// No entry is longer.
const LONGEST: u64 = 1 << 20;

/// A creation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// The file that the key was to be written to; `None` for standard output.
    pub file: Option<PathBuf>,
    /// The key's name.
    pub name: String,
    /// Where it was to be registered; empty for the sandbox.
    pub endpoint: String,
    /// In which account.
    pub account_id: String,
    /// By whom, for people.
    pub user: String,
    /// By whom.
    pub iam_id: String,
    /// When it was begun.
    pub begun_at: Timestamp,
}

/// How far a creation got, as lines after the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// The service was asked to make the value, which nobody knows until the next step.
    ServiceMade,
    /// The value that the service made is in the pending file.
    Kept,
    /// The key has this id.
    Made(String),
    /// Its value is about to be written to standard output.
    Delivering,
    /// A later command told of it.
    Mentioned,
}

/// All entries.
#[derive(Debug, Clone)]
pub struct Journal {
    folder: PathBuf,
}

/// An entry of this process.
#[derive(Debug)]
pub struct Begun {
    path: PathBuf,
    file: File,
}

/// An entry whose process has ended, now locked by this one.
#[derive(Debug)]
pub struct CutOff {
    /// What was begun.
    pub entry: Entry,
    /// The key's id, where it got so far.
    pub key_id: Option<String>,
    /// Whether the value may have reached somebody.
    pub maybe_delivered: bool,
    /// Whether no pending file has the value: nothing can be finished, but there may be a key.
    pub is_orphan: bool,
    mentioned: bool,
    begun: Begun,
}

/// What a look at an entry finds.
enum Seen {
    UnderWay,
    Nothing,
    CutOff(Box<CutOff>),
}

impl Journal {
    /// In the data folder.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join("pending") }
    }

    /// Keeps an entry. It is on the disk before the key is made, if it is all that will tell of it.
    ///
    /// # Errors
    /// What the file system said.
    pub fn begin(&self, entry: &Entry) -> io::Result<Begun> {
        files::private_folder(&self.folder)?;
        let mut begun = loop {
            let path = self.folder.join(format!("{}.jsonl", uuid::Uuid::new_v4()));
            let file = files::private_options().read(true).append(true).create_new(true).open(&path)?;
            file.lock()?;
            // Whoever looked in this moment took it for one that broke off.
            if files::is_at(&file, &path) {
                break Begun { path, file };
            }
        };
        let written = begun.append(entry).and_then(|()| match entry.file {
            Some(_) => Ok(()),
            None => begun.file.sync_all().and_then(|()| Folder::of(&begun.path)?.sync()),
        });
        match written {
            Ok(()) => Ok(begun),
            Err(error) => {
                begun.done();
                Err(error)
            }
        }
    }

    /// The entries whose processes have ended.
    #[must_use]
    pub fn cut_off(&self) -> Vec<CutOff> {
        // A folder that is not there or cannot be read has nothing to tell.
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut found: Vec<CutOff> = paths
            .filter_map(|path| match look(path).ok()? {
                Seen::CutOff(found) => Some(*found),
                Seen::UnderWay | Seen::Nothing => None,
            })
            .collect();
        found.sort_by_key(|found| found.entry.begun_at);
        found
    }

    /// Forgets the entry of a file that is finished or given up. One that may tell of a key whose value nobody has is
    /// forgotten only once the file is there.
    pub fn forget(&self, file: &Path, is_finished: bool) {
        let file = absolute(file);
        for found in self.cut_off() {
            if found.entry.file.as_ref() == Some(&file) && (is_finished || !found.is_orphan) {
                found.begun.done();
            }
        }
    }
}

/// A path that leads to the same file from everywhere.
#[must_use]
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn look(path: PathBuf) -> io::Result<Seen> {
    let Some(mut file) = files::open_own_to_write(&path)? else {
        return Ok(Seen::Nothing);
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Seen::UnderWay),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Whoever held it a moment ago is done, and has removed it.
    if !files::is_at(&file, &path) {
        return Ok(Seen::Nothing);
    }
    let mut text = Vec::new();
    Read::by_ref(&mut file).take(LONGEST).read_to_end(&mut text)?;
    let begun = Begun { path, file };
    let mut lines = text.split(|byte| *byte == b'\n');
    let Some(entry) = lines.next().and_then(|line| serde_json::from_slice::<Entry>(line).ok()) else {
        // It broke off before anything was asked for.
        begun.done();
        return Ok(Seen::Nothing);
    };
    let steps: Vec<Step> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let found = CutOff {
        is_orphan: entry.file.is_none() || steps.contains(&Step::ServiceMade) && !steps.contains(&Step::Kept),
        entry,
        key_id: steps.iter().find_map(|step| match step {
            Step::Made(id) => Some(id.clone()),
            _ => None,
        }),
        maybe_delivered: steps.contains(&Step::Delivering),
        mentioned: steps.contains(&Step::Mentioned),
        begun,
    };
    Ok(Seen::CutOff(Box::new(found)))
}

impl Begun {
    /// Keeps, durably, that from now on no pending file helps; false if that cannot be kept.
    pub fn service_made(&mut self) -> bool {
        let kept = self.append(&Step::ServiceMade).and_then(|()| self.file.sync_all());
        kept.and_then(|()| Folder::of(&self.path)?.sync()).is_ok()
    }

    /// Keeps that the pending file has the value again.
    pub fn kept(&mut self) {
        self.note(&Step::Kept);
    }

    /// Keeps the id of the key that was made.
    pub fn made(&mut self, id: &str) {
        self.note(&Step::Made(id.to_owned()));
    }

    /// Keeps that from now on somebody may have the value.
    pub fn delivering(&mut self) {
        self.note(&Step::Delivering);
    }

    /// Removes the entry: the key is where it belongs, or there is none.
    pub fn done(self) {
        // One that stays is looked after by a later command.
        let _ = std::fs::remove_file(&self.path);
    }

    /// Without it the entry is less exact, and no more.
    fn note(&mut self, step: &Step) {
        let _ = self.append(step);
    }

    fn append(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text)
    }
}

impl CutOff {
    /// True the first time, so that it is mentioned once.
    pub fn is_to_be_mentioned(&mut self) -> bool {
        let first = !std::mem::replace(&mut self.mentioned, true);
        if first {
            self.begun.note(&Step::Mentioned);
        }
        first
    }

    /// Removes the entry.
    pub fn done(self) {
        self.begun.done();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(file: Option<&Path>) -> Entry {
        Entry {
            file: file.map(absolute),
            name: "k".to_owned(),
            endpoint: "https://iam.cloud.ibm.com".to_owned(),
            account_id: "acc".to_owned(),
            user: "you@example.com".to_owned(),
            iam_id: "IBMid-1".to_owned(),
            begun_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_entry_is_found_once_its_process_has_ended_and_mentioned_once() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        assert!(journal.cut_off().is_empty());
        let mut begun = journal.begin(&entry(None)).unwrap();
        assert!(journal.cut_off().is_empty(), "it is under way");
        begun.made("ApiKey-1");
        drop(begun);
        let mut found = journal.cut_off();
        assert_eq!((found.len(), found[0].maybe_delivered), (1, false));
        assert_eq!(found[0].key_id.as_deref(), Some("ApiKey-1"));
        assert!(found[0].is_to_be_mentioned());
        assert!(!found[0].is_to_be_mentioned());
        drop(found);
        let mut found = journal.cut_off();
        assert!(!found[0].is_to_be_mentioned());
        found.remove(0).done();
        assert!(journal.cut_off().is_empty());
    }

    #[test]
    fn the_entry_of_a_file_is_forgotten_by_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        let file = folder.path().join("key");
        drop(journal.begin(&entry(Some(&file))).unwrap());
        journal.forget(&folder.path().join("other"), true);
        assert_eq!(journal.cut_off().len(), 1);
        journal.forget(&folder.path().join("./key"), false);
        assert!(journal.cut_off().is_empty());
    }

    #[test]
    fn what_broke_off_says_what_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        let mut begun = journal.begin(&entry(None)).unwrap();
        begun.made("ApiKey-1");
        begun.delivering();
        let path = begun.path.clone();
        drop(begun);
        let text = std::fs::read(&path).unwrap();
        for length in 0..text.len() {
            let mut file = files::private_options().write(true).create(true).truncate(true).open(&path).unwrap();
            file.write_all(&text[..length]).unwrap();
            drop(file);
            let first_line = text.iter().position(|byte| *byte == b'\n').unwrap();
            assert_eq!(journal.cut_off().len(), usize::from(length >= first_line), "{length}");
            assert_eq!(path.exists(), length >= first_line, "{length}");
        }
    }
}
