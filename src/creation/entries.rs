//! The log entries on the disk: listed without a lock, and locked once their processes have ended.

use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::error::Error;
use super::log::{Entry, Log};
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

impl Log {
    /// Returns all entries, oldest first, including those of running processes.
    pub(super) fn list(&self) -> Vec<Listed> {
        // A missing or unreadable folder has no entries.
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut listed: Vec<Listed> = paths.filter_map(|path| list(path).ok()?).collect();
        listed.sort_by_key(|listed| listed.plan.begun_at);
        listed
    }
}

impl Listed {
    /// Locks the entry if its process has ended; `None` if the entry no longer exists.
    pub(super) fn take(&self, timeout: Duration) -> Result<Option<Left>, Error> {
        let busy = || match &self.plan.purpose {
            Purpose::Rotate(rotation) => Error::Rotating(rotation.name.clone()),
            Purpose::Create => Error::Busy(self.plan.draft.name.clone()),
        };
        let Ok(Some(mut file)) = files::open_own_to_write(&self.path) else {
            return Ok(None);
        };
        if !lock_within(&file, timeout).map_err(|_| busy())? {
            return Err(busy());
        }
        // The process that held the lock has finished, and has removed the entry.
        if !files::is_at(&file, &self.path) {
            return Ok(None);
        }
        let mut text = Vec::new();
        Read::by_ref(&mut file).take(LONGEST).read_to_end(&mut text).map_err(|_| busy())?;
        let lines = text.split(|byte| *byte == b'\n').skip(1);
        let steps = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
        let progress = Progress { to_file: self.plan.file().is_some(), steps };
        let entry = Entry { path: self.path.clone(), file };
        Ok(Some(Left { plan: self.plan.clone(), progress, entry }))
    }
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

/// Reads an entry; `None` if it is incomplete, invalid or not trusted.
fn list(path: PathBuf) -> io::Result<Option<Listed>> {
    let Some(mut file) = files::open_own_to_write(&path)? else {
        return Ok(None);
    };
    let mut text = Vec::new();
    Read::by_ref(&mut file).take(LONGEST).read_to_end(&mut text)?;
    let mut lines = text.split(|byte| *byte == b'\n');
    let first = lines.next().and_then(FirstLine::parse);
    if lines.next().is_none() && file.try_lock().is_ok() && files::is_at(&file, &path) {
        // The entry is incomplete, so its process ended before the request was sent.
        std::fs::remove_file(&path)?;
        return Ok(None);
    }
    Ok(first.map(|FirstLine { plan, .. }| Listed { plan, path }))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::log::Step;
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
    fn an_entry_that_is_whole_and_makes_no_sense_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::new(folder.path());
        files::private_folder(&folder.path().join("pending")).unwrap();
        let path = folder.path().join("pending/0a.jsonl");
        let mut file = files::private_options().write(true).create(true).truncate(true).open(&path).unwrap();
        file.write_all(b"{\"version\":9}\n").unwrap();
        drop(file);
        assert!(log.list().is_empty());
        assert!(path.exists());
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
