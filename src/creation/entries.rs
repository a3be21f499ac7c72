//! The log entries on the disk: listed without a lock, and locked once their processes have ended.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::Error;
use super::log::{Entry, Log, Step};
use super::plan::{Plan, Purpose};
use super::record::FirstLine;
use super::state::Progress;
use crate::files;

/// How long to wait for a lock of another process: a reader holds it for a moment, a creation for longer.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// The maximum length of an entry, in bytes.
const LONGEST: u64 = 1 << 20;

/// A listed entry. It is not locked, and its process may still be running.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) plan: Plan,
    path: PathBuf,
}

/// An entry whose process has ended. This process has locked it.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) plan: Plan,
    pub(super) progress: Progress,
    pub(super) entry: Entry,
}

/// An entry that another version of this program left. It stays.
#[derive(Debug)]
pub struct Unreadable {
    /// Which program can read it.
    pub error: Error,
    entry: Entry,
}

impl Log {
    /// Returns all entries that this version can read, oldest first, including those of running processes.
    pub(super) fn list(&self) -> Vec<Listed> {
        self.read().0
    }

    /// Returns all entries: those that this version can read, oldest first, and why it cannot read the others.
    pub(super) fn read(&self) -> (Vec<Listed>, Vec<(PathBuf, Error)>) {
        let (mut listed, mut others) = (Vec::new(), Vec::new());
        // A missing or unreadable folder has no entries.
        for path in std::fs::read_dir(&self.folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
            match list(&path) {
                Ok(Some(plan)) => listed.push(Listed { plan, path }),
                Err(error @ (Error::Newer(_) | Error::Garbled(_))) if path.extension() == Some("jsonl".as_ref()) => {
                    others.push((path, error));
                }
                Ok(None) | Err(_) => {}
            }
        }
        listed.sort_by_key(|listed| listed.plan.begun_at);
        (listed, others)
    }
}

impl Listed {
    /// Locks the entry if its process has ended; `None` if the entry no longer exists.
    pub(super) fn take(&self, timeout: Duration) -> Result<Option<Left>, Error> {
        let busy = |_| match &self.plan.purpose {
            Purpose::Rotate(rotation) => Error::Rotating(rotation.name.clone()),
            Purpose::Create => Error::Busy(self.plan.draft.name.clone()),
        };
        let opened = Entry::open(&self.path, timeout).map_err(busy)?;
        Ok(opened.map(|(entry, steps)| {
            let progress = Progress { to_file: self.plan.file().is_some(), steps };
            Left { plan: self.plan.clone(), progress, entry }
        }))
    }
}

impl Unreadable {
    /// Locks an entry; `None` if it no longer exists, or if its process has not ended.
    pub(super) fn take(path: &Path, error: Error) -> Option<Self> {
        let (entry, _) = Entry::open(path, Duration::ZERO).ok()??;
        Some(Self { error, entry })
    }

    /// Marks the entry as reported. Returns false if it was reported before.
    #[must_use]
    pub fn mark_reported(&self) -> bool {
        self.entry.mention()
    }
}

impl Entry {
    /// Locks an entry, and reads its steps; `None` if it no longer exists.
    ///
    /// # Errors
    /// Another process has locked it for longer than `timeout`.
    fn open(path: &Path, timeout: Duration) -> io::Result<Option<(Self, Vec<Step>)>> {
        let Ok(Some(mut file)) = files::open_own_to_write(path) else { return Ok(None) };
        if !lock_within(&file, timeout)? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        // The process that held the lock has finished, and has removed the entry.
        if !files::is_at(&file, path) {
            return Ok(None);
        }
        let text = start(&mut file)?;
        let lines = text.split(|byte| *byte == b'\n').skip(1);
        let steps: Vec<Step> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
        file.seek(SeekFrom::End(0))?;
        Ok(Some((Self { path: path.to_owned(), file, is_mentioned: steps.contains(&Step::Mentioned) }, steps)))
    }
}

/// Reads a file, up to a length that no entry has.
fn start(file: &mut File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text)?;
    Ok(text)
}

/// Locks a file; false if another process holds the lock for longer than `timeout`. Reading a file takes no time, but a
/// question to the user may take any time.
pub(super) fn lock_within(file: &File, timeout: Duration) -> io::Result<bool> {
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if began.elapsed() < timeout => std::thread::sleep(STEP),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// The time between two attempts to lock.
const STEP: Duration = Duration::from_millis(10);

/// Reads the plan of an entry; `None` if it is incomplete or not trusted.
fn list(path: &Path) -> Result<Option<Plan>, Error> {
    let failed = |source| Error::Unreadable { path: path.to_owned(), source };
    let Some(mut file) = files::open_own_to_write(path).map_err(failed)? else { return Ok(None) };
    let first_line = FirstLine::read(&start(&mut file).map_err(failed)?, path)?;
    if first_line.is_none() && file.try_lock().is_ok() && files::is_at(&file, path) {
        // The entry is incomplete, so its process ended before the request was sent.
        std::fs::remove_file(path).map_err(failed)?;
    }
    Ok(first_line.map(|first_line| first_line.plan))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::plan::Target;
    use super::super::record::tests::example;
    use super::*;

    fn left(log: &Log) -> Vec<Left> {
        log.list().iter().filter_map(|listed| listed.take(Duration::ZERO).ok()?).collect()
    }

    fn begin(log: &Log) -> Entry {
        log.begin(&Plan { target: Target::Stream, ..example() }, false).unwrap()
    }

    #[test]
    fn an_entry_is_found_once_its_process_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::new(folder.path());
        assert!(left(&log).is_empty());
        let entry = begin(&log);
        assert!(left(&log).is_empty(), "it is in progress");
        assert!(matches!(log.list()[0].take(Duration::ZERO), Err(Error::Busy(_))));
        entry.note(&Step::Made("ApiKey-1".to_owned()));
        drop(entry);
        let mut found = left(&log);
        assert_eq!((found.len(), &found[0].progress.steps), (1, &vec![Step::Made("ApiKey-1".to_owned())]));
        found.remove(0).entry.remove();
        assert!(left(&log).is_empty());
    }

    #[test]
    fn a_step_after_an_incomplete_line_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::new(folder.path());
        let entry = begin(&log);
        (&entry.file).write_all(br#"{"made":"Api"#).unwrap();
        entry.note(&Step::Delivering);
        drop(entry);
        assert_eq!(left(&log)[0].progress.steps, [Step::Delivering]);
    }

    #[test]
    fn an_entry_of_another_version_is_kept_and_reported_once() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::new(folder.path());
        files::private_folder(&folder.path().join("pending")).unwrap();
        let path = folder.path().join("pending/0a.jsonl");
        for text in ["{\"version\":3}\n", "{\"file\":null,\"name\":\"k\"}\n\"service_made\"\n", "{\"version\":3,"] {
            let mut file = files::private_options().write(true).create(true).truncate(true).open(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.lock().unwrap();
            let other = || {
                let (listed, mut others) = log.read();
                assert_eq!((listed.len(), others.len()), (0, 1), "{text}");
                others.pop().and_then(|(path, error)| Unreadable::take(&path, error))
            };
            assert!(other().is_none(), "its process may still run");
            file.unlock().unwrap();
            for is_first in [true, false] {
                assert_eq!(other().unwrap().mark_reported(), is_first, "{text}");
            }
            assert!(std::fs::read_to_string(&path).unwrap().starts_with(text));
        }
    }

    #[test]
    fn what_broke_off_says_what_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::new(folder.path());
        let entry = begin(&log);
        entry.note(&Step::Made("ApiKey-1".to_owned()));
        entry.note(&Step::Delivering);
        let path = entry.path.clone();
        drop(entry);
        let text = std::fs::read(&path).unwrap();
        for length in 0..text.len() {
            let mut file = files::private_options().write(true).create(true).truncate(true).open(&path).unwrap();
            file.write_all(&text[..length]).unwrap();
            drop(file);
            let first_line = text.iter().position(|byte| *byte == b'\n').unwrap();
            assert_eq!(left(&log).len(), usize::from(length > first_line), "{length}");
            assert_eq!(path.exists(), length > first_line, "{length}");
        }
    }
}
