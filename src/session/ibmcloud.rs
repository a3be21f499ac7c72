//! Reads the session of IBM's `ibmcloud` tool, and never writes it. That tool treats a file that it cannot parse as
//! empty and writes an empty session over it, so a write error here would log the user out.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

pub use super::ibmcloud_config::StoredLogin;
use super::ibmcloud_config::{Fault, broken, understand};

use crate::text::reason;

/// The maximum size of the file in bytes. A session has a few thousand bytes.
const LIMIT: u64 = 1 << 20;

/// The interval between two attempts to read a file that another process may be writing.
const TRY_EVERY: Duration = Duration::from_millis(50);

/// The maximum time to wait for a write to finish; the other tool needs milliseconds.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

/// Why the session of `ibmcloud` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IbmcloudError {
    /// The file exists, but is not valid. It is not changed.
    #[error("Cannot read the session of ibmcloud in {path}: {why}.")]
    Broken {
        /// The path of the file.
        path: String,
        /// Why it is invalid, without any part of the text.
        why: String,
    },
    /// The session is for an endpoint that must not get tokens.
    #[error("ibmiam does not use the session of ibmcloud in {path}: its endpoint {endpoint:?} is not IBM's.")]
    ForeignHost {
        /// The path of the file.
        path: String,
        /// The endpoint in the file, which can be any text.
        endpoint: String,
    },
    /// An error from the file system.
    #[error("Cannot read the session of ibmcloud in {path}: {}.", reason(source))]
    Unreadable {
        /// The path of the file.
        path: String,
        /// The error from the operating system.
        source: io::Error,
    },
}

/// Reads a session; `None` if the file does not exist, or no user is logged in there.
///
/// The other tool empties the file and then writes it, so an incomplete file is read again for some time.
///
/// # Errors
/// See [`IbmcloudError`].
pub async fn read(path: &Path) -> Result<Option<StoredLogin>, IbmcloudError> {
    let mut waited = Duration::ZERO;
    loop {
        let fault = match contents(path).and_then(|text| understand(&text, path)) {
            Ok(found) => return Ok(found),
            Err(fault) => fault,
        };
        let path = path.display().to_string();
        match fault {
            Fault::Unfinished(_) if waited < WRITE_TIMEOUT => {}
            Fault::Unfinished(why) | Fault::Broken(why) => return Err(IbmcloudError::Broken { path, why }),
            Fault::Foreign(endpoint) => return Err(IbmcloudError::ForeignHost { path, endpoint }),
            Fault::Io(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Fault::Io(source) => return Err(IbmcloudError::Unreadable { path, source }),
        }
        tokio::time::sleep(TRY_EVERY).await;
        waited += TRY_EVERY;
    }
}

/// Parses the text of such a file; `None` if no user is logged in.
///
/// # Errors
/// `Broken` or `ForeignHost`.
pub fn understand_text(text: &[u8], path: &Path) -> Result<Option<StoredLogin>, IbmcloudError> {
    let shown = path.display().to_string();
    understand(text, path).map_err(|fault| match fault {
        Fault::Foreign(endpoint) => IbmcloudError::ForeignHost { path: shown, endpoint },
        Fault::Io(source) => IbmcloudError::Unreadable { path: shown, source },
        Fault::Unfinished(why) | Fault::Broken(why) => IbmcloudError::Broken { path: shown, why },
    })
}

/// Reads the bytes of one version of the file. Links and permissive modes are accepted, because the other tool accepts
/// them.
fn contents(path: &Path) -> Result<Zeroizing<Vec<u8>>, Fault> {
    // Check before the open, because the process at the other end of a pipe would notice the open.
    if !path.metadata()?.is_file() {
        return broken("it is not a file");
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        // The file may have become a pipe in the meantime, and opening a pipe must not block.
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    let before = file.metadata()?;
    if !before.is_file() {
        return broken("it is not a file");
    }
    if before.len() > LIMIT {
        return broken("it is too large for a session");
    }
    let size = usize::try_from(before.len()).unwrap_or_default();
    // The buffer never grows, because that would leave a copy of the tokens in memory.
    let mut text = Zeroizing::new(Vec::with_capacity(size + 1));
    (&file).take(before.len() + 1).read_to_end(&mut text)?;
    let after = file.metadata()?;
    // A mixture of two versions could be valid JSON.
    if text.len() != size || after.len() != before.len() || after.modified()? != before.modified()? {
        return Err(Fault::Unfinished("it keeps changing".to_owned()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::super::ibmcloud_config::tests::{OF_SAMPLE, SAMPLE, values};
    use super::*;

    type Outcome = Result<Option<StoredLogin>, IbmcloudError>;

    /// Returns the contents of a folder: names, bytes, modes and modification times.
    fn state(folder: &Path) -> Vec<(std::ffi::OsString, Option<Vec<u8>>, fs::Permissions, std::time::SystemTime)> {
        let entry = |entry: io::Result<fs::DirEntry>| {
            let entry = entry.unwrap();
            let meta = entry.metadata().unwrap();
            let bytes = meta.is_file().then(|| fs::read(entry.path()).unwrap());
            (entry.file_name(), bytes, meta.permissions(), meta.modified().unwrap())
        };
        let mut all: Vec<_> = fs::read_dir(folder).unwrap().map(entry).collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }

    /// Reads a file that `make` creates, with a paused clock, and checks that the folder is unchanged.
    fn read_after(make: impl FnOnce(&Path)) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        make(&path);
        let before = (state(folder.path()), folder.path().metadata().unwrap().modified().unwrap());
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        let outcome = runtime.block_on(read(&path));
        assert_eq!((state(folder.path()), folder.path().metadata().unwrap().modified().unwrap()), before);
        outcome
    }

    fn why(outcome: Outcome) -> String {
        match outcome {
            Err(IbmcloudError::Broken { why, .. }) => why,
            other => panic!("{other:?}"),
        }
    }

    fn is_the_sample(outcome: Outcome) -> bool {
        values(&outcome.unwrap().unwrap()) == OF_SAMPLE
    }

    #[test]
    fn a_session_is_read_and_left_as_it_is() {
        assert!(is_the_sample(read_after(|path| fs::write(path, SAMPLE).unwrap())));
        assert!(read_after(|_| ()).unwrap().is_none());
        assert!(read_after(|path| fs::write(path, "{}").unwrap()).unwrap().is_none());
        let foreign = SAMPLE.replace("https://iam.cloud.ibm.com", "https://evil.org");
        let error = read_after(|path| fs::write(path, foreign).unwrap()).unwrap_err();
        assert!(matches!(&error, IbmcloudError::ForeignHost { endpoint, .. } if endpoint == "https://evil.org"));
        assert!(error.to_string().ends_with("its endpoint \"https://evil.org\" is not IBM's."));
    }

    #[test]
    fn what_cannot_be_understood_is_told_without_being_repeated() {
        for (text, expected) in [
            ("", "it is empty"),
            ("\u{feff}\n", "it is empty"),
            ("null", "it contains only null"),
            ("{\n\"IAMToken\": \"s3cret", "line 2, column 19 is invalid"),
            ("s3cret", "line 1, column 1 is invalid"),
            ("[\"s3cret\"]", "line 1, column 0 is invalid"),
        ] {
            assert_eq!(why(read_after(|path| fs::write(path, text).unwrap())), expected, "{text}");
        }
        let large = " ".repeat(1 << 20) + SAMPLE;
        assert_eq!(why(read_after(|path| fs::write(path, large).unwrap())), "it is too large for a session");
        assert_eq!(why(read_after(|path| fs::create_dir(path).unwrap())), "it is not a file");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_wide_modes_are_fine_but_a_pipe_is_no_session() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let linked = read_after(|path| {
            let target = path.with_file_name("mounted");
            fs::write(&target, SAMPLE).unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(0o644)).unwrap();
            symlink(&target, path).unwrap();
        });
        assert!(is_the_sample(linked));
        assert!(read_after(|path| symlink("/nowhere/at/all", path).unwrap()).unwrap().is_none());
        let pipe = |path: &Path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        assert_eq!(why(read_after(pipe)), "it is not a file");
        let error = read_after(|path| symlink(path, path).unwrap()).unwrap_err();
        assert!(matches!(error, IbmcloudError::Unreadable { .. }), "{error}");
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_session_that_is_being_written_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        for written in ["", &SAMPLE[..SAMPLE.len() / 2]] {
            fs::write(&path, written).unwrap();
            let write_on = async {
                tokio::time::sleep(WRITE_TIMEOUT * 9 / 10).await;
                fs::write(&path, SAMPLE).unwrap();
            };
            let (outcome, ()) = tokio::join!(read(&path), write_on);
            assert!(is_the_sample(outcome));
        }
    }

    #[test]
    fn whoever_reads_while_another_writes_sees_one_of_both_sessions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        fs::write(&path, SAMPLE).unwrap();
        let theirs = SAMPLE.replace("aaa.bbb.ccc", "x.y.z").replace("rt123", "a-longer-one");
        let over = AtomicBool::new(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    for text in [&theirs, SAMPLE] {
                        // Write in place, as the other tool does.
                        fs::write(&path, text).unwrap();
                        std::thread::sleep(Duration::from_millis(1));
                    }
                }
            });
            let outcomes: Vec<_> = (0..300).map(|_| runtime.block_on(read(&path))).collect();
            over.store(true, Ordering::Relaxed);
            for outcome in outcomes {
                let found = outcome.unwrap().unwrap();
                let [access_token, refresh_token, ..] = values(&found).map(Option::unwrap);
                let both = (access_token, refresh_token);
                assert!(matches!(both, ("aaa.bbb.ccc", "rt123") | ("x.y.z", "a-longer-one")), "{both:?}");
            }
        });
    }
}
