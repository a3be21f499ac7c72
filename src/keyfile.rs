//! A new key safely on disk: for this user alone, whole or not at all, and never over a file unasked.
//!
//! [`Target::prepare`] finds out before a key is made whether the file can be written, by making the temporary
//! file that will take its place; [`Target::commit`] fills, syncs and renames it.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::error::{Error, Kind};
use crate::files::{private_folder, sync_folder, temporary_beside};
use crate::iam::CreatedKey;
use crate::output::json;
use crate::secret::{ExposeSecret, SecretString};

/// What the file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The key with all its fields, indented by tabs.
    Json,
    /// `IBMCLOUD_API_KEY=…`
    Env,
    /// The value alone.
    Raw,
}

/// The mirrored tool's order of fields; what else the service sent follows.
const FIELDS: [&str; 12] = [
    "id",
    "crn",
    "iam_id",
    "account_id",
    "name",
    "description",
    "apikey",
    "locked",
    "entity_tag",
    "created_at",
    "created_by",
    "modified_at",
];

/// Standard output, whatever it leads to.
const STANDARD_OUTPUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// No key file is longer; what is longer was named by mistake.
const LONGEST: u64 = 1 << 20;

/// A place for a key, known to be writable.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A temporary file that will become the target; the file there now may be replaced.
    File { temporary: NamedTempFile, replaces: bool },
    /// A pipe or a device: written to, never replaced.
    Stream(File),
    /// `-`
    StandardOutput,
}

/// What became of a file that was replaced.
#[derive(Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Where the old file is kept, if it held a key.
    pub kept_as: Option<PathBuf>,
}

impl Target {
    /// Checks the place and reserves it.
    ///
    /// # Errors
    /// `Usage` if something stands there that is not to be replaced, `Failed` if it cannot be written.
    pub fn prepare(path: &Path, overwrite: bool) -> Result<Self, Error> {
        let to_standard_output = STANDARD_OUTPUT.iter().any(|name| path == Path::new(name));
        let place = if to_standard_output { Place::StandardOutput } else { prepare_path(path, overwrite)? };
        let path = path.to_owned();
        Ok(Self { path, place })
    }

    /// As it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the key goes to standard output, where nothing else may go then.
    #[must_use]
    pub fn is_standard_output(&self) -> bool {
        matches!(self.place, Place::StandardOutput)
    }

    /// Writes. A key in a file that is replaced is kept in the folder `keep`.
    ///
    /// # Errors
    /// What the file system said; the target is as it was then.
    pub fn commit(
        self,
        contents: &[u8],
        keep: impl FnOnce() -> Result<PathBuf, Error>,
        deliver: impl FnOnce(&str) -> io::Result<()>,
    ) -> Result<Replaced, Error> {
        let path = self.path;
        let failed = |error: io::Error| unwritable(&path, &error);
        match self.place {
            Place::StandardOutput => {
                let text = std::str::from_utf8(contents).unwrap_or_default();
                deliver(text).map_err(failed)?;
            }
            Place::Stream(mut stream) => {
                stream.write_all(contents).map_err(failed)?;
            }
            Place::File { mut temporary, replaces } => {
                temporary.write_all(contents).map_err(failed)?;
                temporary.as_file().sync_all().map_err(failed)?;
                let kept_as = if replaces { keep_old(&path, keep)? } else { None };
                let persisted = if replaces { temporary.persist(&path) } else { temporary.persist_noclobber(&path) };
                persisted.map_err(|error| failed(error.error))?;
                sync_folder(&path).map_err(failed)?;
                return Ok(Replaced { kept_as });
            }
        }
        Ok(Replaced { kept_as: None })
    }
}

/// What a key file holds, in that format.
#[must_use]
pub fn render(created: &CreatedKey, format: Format) -> Zeroizing<String> {
    let value = created.value.expose_secret();
    Zeroizing::new(match format {
        Format::Raw => format!("{value}\n"),
        Format::Env => format!("IBMCLOUD_API_KEY={value}\n"),
        Format::Json => {
            let mut rest = created.key.fields();
            rest.insert("apikey".to_owned(), value.into());
            let mut fields = Map::new();
            for name in FIELDS {
                let empty = || Value::String(String::new());
                let found = rest.shift_remove(name);
                if name == "description" || found.is_some() {
                    fields.insert(name.to_owned(), found.unwrap_or_else(empty));
                }
            }
            fields.extend(rest);
            json::indented(&fields, b"\t")
        }
    })
}

/// Reads a key back from a file in any of our formats, or any that the mirrored tool or the console ever wrote.
///
/// # Errors
/// `Usage` if the file cannot be read or holds no key.
pub fn read(path: &Path) -> Result<SecretString, Error> {
    let shown = path.display();
    let unreadable = |error: &io::Error| Error::usage(format!("{shown} cannot be read: {error}."));
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let mut text = Zeroizing::new(String::new());
    let length = file.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| unreadable(&error))?;
    let key = if length as u64 > LONGEST { None } else { find_key(&text) };
    key.ok_or_else(|| {
        Error::usage(format!("{shown} holds no API key."))
            .hint("A key file is JSON with a field apikey, a line IBMCLOUD_API_KEY=…, or the key alone.")
    })
}

/// The key in a text: JSON, an assignment, or the text itself.
fn find_key(text: &str) -> Option<SecretString> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let found = if text.starts_with('{') {
        let fields: Map<String, Value> = serde_json::from_str(text).ok()?;
        let field = fields.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("apikey"));
        match field?.1 {
            Value::String(value) => value,
            _ => return None,
        }
    } else {
        let assigned = text.lines().find_map(|line| {
            let line = line.trim().trim_start_matches("export ").trim_start();
            line.strip_prefix("IBMCLOUD_API_KEY=")
        });
        assigned.unwrap_or(text).trim_matches(['"', '\'']).to_owned()
    };
    let found = Zeroizing::new(found);
    let one_word = !found.is_empty() && !found.contains(|part: char| part.is_whitespace() || part.is_control());
    (one_word && !found.contains(['{', '<'])).then(|| SecretString::from(found.as_str()))
}

fn prepare_path(path: &Path, overwrite: bool) -> Result<Place, Error> {
    let shown = path.display();
    let link = is_there(path.symlink_metadata(), path)?;
    // Through a link there may be a pipe, as /dev/stdout; a file there is somebody else's choice of place.
    let behind = is_there(path.metadata(), path)?;
    match (link, behind) {
        (_, Some(found)) if found.is_dir() => Err(Error::usage(format!("{shown} is a folder; name a file in it."))),
        (_, Some(found)) if !found.is_file() => open_stream(path, &found).map(Place::Stream),
        (Some(link), _) if link.is_symlink() => {
            Err(Error::usage(format!("{shown} is a symbolic link; name the file itself.")))
        }
        (Some(_), _) if !overwrite => Err(Error::usage(format!("{shown} exists already."))
            .hint("Name another file, or pass --overwrite to replace it.")),
        (found, _) => {
            let temporary = temporary_beside(path).map_err(|error| unwritable(path, &error))?;
            let replaces = found.is_some();
            Ok(Place::File { temporary, replaces })
        }
    }
}

/// Tells "not here" from "cannot be looked at".
fn is_there(found: io::Result<Metadata>, path: &Path) -> Result<Option<Metadata>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unwritable(path, &error)),
    }
}

/// A named pipe without a reader is an error here, not a reason to hang.
fn open_stream(path: &Path, found: &Metadata) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_fifo(&found.file_type()) {
        use std::os::unix::fs::OpenOptionsExt;
        // ENXIO at once if nobody reads. The second opening, below, blocks neither: this one holds the pipe.
        let mut probe = options.clone();
        let probe = probe.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        let held = probe.open(path).map_err(|error| {
            if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) {
                let shown = path.display();
                return Error::failed(format!("{shown} is a pipe that nobody reads from."));
            }
            unwritable(path, &error)
        })?;
        let stream = options.open(path).map_err(|error| unwritable(path, &error));
        drop(held);
        return stream;
    }
    options.open(path).map_err(|error| unwritable(path, &error))
}

/// Keeps a copy of a key file that is about to be replaced.
fn keep_old(path: &Path, keep: impl FnOnce() -> Result<PathBuf, Error>) -> Result<Option<PathBuf>, Error> {
    if read(path).is_err() {
        return Ok(None);
    }
    let folder = keep()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let failed = |error: io::Error| unwritable(&folder, &error);
    private_folder(&folder).map_err(failed)?;
    let mut copy = tempfile::Builder::new().prefix(&format!("{name}.")).tempfile_in(&folder).map_err(failed)?;
    let mut old = File::open(path).map_err(|error| unwritable(path, &error))?;
    io::copy(&mut old, &mut copy).map_err(failed)?;
    copy.as_file().sync_all().map_err(failed)?;
    let (_, kept_as) = copy.keep().map_err(|error| failed(error.error))?;
    sync_folder(&kept_as).map_err(failed)?;
    Ok(Some(kept_as))
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    let shown = path.display();
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "Make the folder first.",
        io::ErrorKind::AlreadyExists => "Something else made this file meanwhile; name another one.",
        _ => "Name a file in a folder that you can write to.",
    };
    Error::new(Kind::Failed, format!("{shown} cannot be written: {error}.")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created() -> CreatedKey {
        let body = br#"{"id":"ApiKey-1","entity_tag":"1-a","crn":"crn:1","locked":false,"name":"n",
            "iam_id":"IBMid-1","account_id":"acc","apikey":"v-_1","created_at":"c","created_by":"b",
            "modified_at":"m","zeta":1}"#;
        CreatedKey::parse(body).unwrap()
    }

    #[test]
    fn json_has_the_mirrored_tools_order_and_then_the_rest() {
        let expected = "{\n\t\"id\": \"ApiKey-1\",\n\t\"crn\": \"crn:1\",\n\t\"iam_id\": \"IBMid-1\",\n\t\
            \"account_id\": \"acc\",\n\t\"name\": \"n\",\n\t\"description\": \"\",\n\t\"apikey\": \"v-_1\",\n\t\
            \"locked\": false,\n\t\"entity_tag\": \"1-a\",\n\t\"created_at\": \"c\",\n\t\"created_by\": \"b\",\n\t\
            \"modified_at\": \"m\",\n\t\"zeta\": 1\n}\n";
        assert_eq!(*render(&created(), Format::Json), expected);
    }

    #[test]
    fn every_format_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        for format in [Format::Json, Format::Env, Format::Raw] {
            let path = folder.path().join("key");
            std::fs::write(&path, &*render(&created(), format)).unwrap();
            assert_eq!(read(&path).unwrap().expose_secret(), "v-_1", "{format:?}");
        }
    }

    #[test]
    fn the_formats_of_others_are_read() {
        for text in [
            r#"{"name":"n","description":"","createdAt":"2018-09-21T07:16+0000","apikey":"v-_1","uuid":""}"#,
            r#"{"Apikey":"v-_1"}"#,
            "\u{feff}{\"apikey\":\"v-_1\"}",
            "v-_1",
            "\n v-_1 \n",
            "export IBMCLOUD_API_KEY=\"v-_1\"",
            "# a comment\nIBMCLOUD_API_KEY='v-_1'\nOTHER=1",
        ] {
            let found = find_key(text).map(|key| key.expose_secret().to_owned());
            assert_eq!(found.as_deref(), Some("v-_1"), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_not_taken_for_one() {
        for text in
            ["", " ", "{}", r#"{"apikey":""}"#, r#"{"apikey":1}"#, "two words", "{\"apikey\":", "<html>", "a\nb"]
        {
            assert!(find_key(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_replaced_key_is_kept_and_a_replaced_text_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (path, keep) = (folder.path().join("key"), folder.path().join("kept"));
        std::fs::write(&path, "old-key").unwrap();
        let target = Target::prepare(&path, true).unwrap();
        let done = target.commit(b"new-key", || Ok(keep.clone()), |_| Ok(())).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new-key");
        assert_eq!(std::fs::read(done.kept_as.unwrap()).unwrap(), b"old-key");

        std::fs::write(&path, "no key at all").unwrap();
        let target = Target::prepare(&path, true).unwrap();
        let done = target.commit(b"newer", || Ok(keep.clone()), |_| Ok(())).unwrap();
        assert_eq!(done.kept_as, None);
    }

    #[test]
    fn a_file_that_appears_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let target = Target::prepare(&path, false).unwrap();
        std::fs::write(&path, "somebody else's").unwrap();
        let keep = || Err(Error::failed("not asked for"));
        assert!(target.commit(b"new", keep, |_| Ok(())).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"somebody else's");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
