//! One rotation at a time for each key of this user on this machine.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use super::entries::{LOCK_TIMEOUT, lock_within};
use super::error::Error;
use super::log::Log;
use crate::files;

/// The lock on a key that this process rotates. If the file is not locked, any process that lists the log removes it.
#[derive(Debug)]
pub struct RotationLock {
    file: File,
    path: PathBuf,
}

impl RotationLock {
    /// Lets programs that are started from now on hold the lock as well, because a program that outlives this process
    /// may still store the value.
    ///
    /// # Errors
    /// The error from the operating system.
    #[cfg_attr(not(unix), expect(clippy::unnecessary_wraps, reason = "the other systems' form"))]
    pub fn share_with_programs(&self) -> io::Result<()> {
        #[cfg(unix)]
        rustix::io::fcntl_setfd(&self.file, rustix::io::FdFlags::empty())?;
        Ok(())
    }
}

impl Drop for RotationLock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Log {
    /// Keeps other processes from rotating the same key; `None` if another process is rotating it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn lock_rotation(&self, old_id: &str) -> Result<Option<RotationLock>, Error> {
        let failed = |source| Error::Unrecorded { folder: self.folder.clone(), source };
        files::private_folder(&self.folder).map_err(failed)?;
        let path = self.folder.join(format!("{}.lock", files::fingerprint(old_id.as_ref())));
        loop {
            let options = files::private_options().read(true).append(true).create(true).open(&path);
            let file = options.map_err(failed)?;
            // A process that lists the log locks the file for a moment.
            if !lock_within(&file, LOCK_TIMEOUT).map_err(failed)? {
                return Ok(None);
            }
            if files::is_at(&file, &path) {
                return Ok(Some(RotationLock { file, path }));
            }
        }
    }
}
