//! An output stream of a command: standard output or standard error.

use std::io::{self, Write};

/// An output stream. After the first failure it ignores all further writes.
pub(super) struct Stream {
    pub(super) writer: Box<dyn Write + Send>,
    pub(super) terminal: bool,
    pub(super) colour: bool,
    pub(super) failure: Option<io::Error>,
}

impl Stream {
    pub(super) fn write(&mut self, text: &str) {
        if self.failure.is_none() {
            self.failure = self.writer.write_all(text.as_bytes()).err();
        }
    }

    pub(super) fn flush(&mut self) {
        if self.failure.is_none() {
            self.failure = self.writer.flush().err();
        }
    }
}

#[cfg(unix)]
pub(super) fn is_null_device(out: &io::Stdout) -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;
    let device = |file: std::fs::File| file.metadata().map(|found| found.rdev());
    let ours = out.as_fd().try_clone_to_owned().map(std::fs::File::from).and_then(device);
    let null = std::fs::File::open("/dev/null").and_then(device);
    matches!((ours, null), (Ok(ours), Ok(null)) if ours == null && ours != 0)
}

#[cfg(not(unix))]
pub(super) fn is_null_device(_: &io::Stdout) -> bool {
    false
}
