//! The sandbox's data in SQLite: in memory, or in a file that several processes can use at the same time.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};

use super::error::is_busy;
use super::filter;
use super::identities::{ACCOUNT, Identity, OWNER, identity};
use super::records::{NewKey, hash, random_value};
use super::schema::{self, VERSION, version};

use crate::text::reason;

/// How long a process waits for a write of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The name of the key that every sandbox has at start.
const FIRST_KEY: &str = "sandbox";

/// The reason why the data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("an older version of ibmiam wrote the sandbox's data in {}, and this version cannot use it", .0.display())]
    /// An older program, with an older version of the tables, wrote the data.
    Older(PathBuf),
    #[error("a newer version of ibmiam wrote the sandbox's data in {}", .0.display())]
    /// A newer program, with a newer version of the tables, wrote the data.
    Newer(PathBuf),
    #[error("cannot use the sandbox's data in {}: {}", path.display(), reason(source))]
    /// An error from the file system or from SQLite.
    Unusable {
        /// The file.
        path: PathBuf,
        /// The error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The sandbox's data.
pub(super) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Creates new data in memory, which is lost when the process ends.
    pub(super) fn in_memory(now: i64) -> Result<Self, OpenError> {
        let path = Path::new(":memory:");
        let unusable = |error| unusable(path, error);
        let connection = Connection::open_in_memory().map_err(unusable)?;
        Self::prepare(connection, path, now)
    }

    /// Opens the data in a folder, and creates it if it is missing.
    pub(super) fn in_folder(folder: &Path, now: i64) -> Result<Self, OpenError> {
        let path = database(folder);
        private_file(folder, &path).map_err(|error| unusable(&path, error))?;
        let connection = Connection::open(&path).map_err(|error| unusable(&path, error))?;
        Self::prepare(connection, &path, now)
    }

    /// Removes the data in a folder.
    pub(super) fn remove(folder: &Path) -> Result<(), OpenError> {
        let path = database(folder);
        for suffix in ["", "-wal", "-shm"] {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            match std::fs::remove_file(&name) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unusable(&path, error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Deletes everything, and creates the first key again.
    pub(super) fn start_over(&self, now: i64) -> rusqlite::Result<()> {
        let mut connection = self.lock();
        let change = immediate(&mut connection)?;
        for table in ["history", "keys", "entities", "preferences", "refresh_tokens", "passcodes", "users"] {
            change.execute(&format!("DELETE FROM {table}"), [])?;
        }
        Identity::owner().insert(&change)?;
        Identity::profile().insert(&change)?;
        first_key(&change, now)?;
        change.commit()
    }

    fn prepare(mut connection: Connection, path: &Path, now: i64) -> Result<Self, OpenError> {
        let unusable = |error| unusable(path, error);
        connection.busy_timeout(BUSY_TIMEOUT).map_err(unusable)?;
        let mut version = retried_while_busy(|| version(&connection)).map_err(unusable)?;
        if version == 0 {
            retried_while_busy(|| connection.pragma_update(None, "journal_mode", "wal")).map_err(unusable)?;
            version = retried_while_busy(|| create(&mut connection, now)).map_err(unusable)?;
        }
        match version.cmp(&VERSION) {
            Ordering::Less => return Err(OpenError::Older(path.to_owned())),
            Ordering::Greater => return Err(OpenError::Newer(path.to_owned())),
            Ordering::Equal => {}
        }
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function(filter::FOLD, 1, flags, folded).map_err(unusable)?;
        // With a write-ahead log, no data is lost if a process is killed, only if the machine crashes.
        connection.pragma_update(None, "synchronous", "normal").map_err(unusable)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// From here on, no operation waits inside SQLite: if another process is writing, the caller retries the operation.
    pub(super) fn serve(&self) -> rusqlite::Result<()> {
        self.lock().busy_timeout(Duration::ZERO)
    }

    /// Returns the connection, for one operation. The caller must not hold it across an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Returns the identity with this IAM ID, if it exists.
    pub(super) fn identity(&self, iam_id: &str) -> rusqlite::Result<Option<Identity>> {
        identity(&self.lock(), iam_id)
    }

    /// Whether an error means that the file is not a database, or that another version wrote it.
    pub(super) fn is_foreign(error: &OpenError) -> bool {
        match error {
            OpenError::Older(_) | OpenError::Newer(_) => true,
            OpenError::Unusable { source, .. } => source
                .downcast_ref::<rusqlite::Error>()
                .is_some_and(|error| error.sqlite_error_code() == Some(ErrorCode::NotADatabase)),
        }
    }

    /// Returns the value of the first key; creates a new key if that key was deleted.
    pub(super) fn first_key(&self, now: i64) -> rusqlite::Result<String> {
        let mut connection = self.lock();
        let known = |connection: &Connection| -> rusqlite::Result<Option<String>> {
            let value: Option<String> =
                connection.query_row("SELECT value FROM first_key", [], |row| row.get(0)).optional()?;
            let alive = "SELECT 1 FROM keys WHERE hash = ?";
            let there = |value: &String| connection.prepare_cached(alive)?.exists([hash(value)]);
            match value {
                Some(value) if there(&value)? => Ok(Some(value)),
                _ => Ok(None),
            }
        };
        // A read does not wait for other processes.
        if let Some(value) = known(&connection)? {
            return Ok(value);
        }
        let change = immediate(&mut connection)?;
        let value = match known(&change)? {
            Some(value) => value,
            None => first_key(&change, now)?,
        };
        change.commit()?;
        Ok(value)
    }

    /// Creates a one-time passcode for a user.
    pub(super) fn passcode(&self, iam_id: &str, expires_at: i64) -> rusqlite::Result<String> {
        // Only letters and digits, which are easy to type and safe on command lines.
        let passcode: String = random_value().chars().filter(char::is_ascii_alphanumeric).take(10).collect();
        let connection = self.lock();
        connection.execute("INSERT INTO passcodes VALUES (?, ?, ?)", params![hash(&passcode), iam_id, expires_at])?;
        Ok(passcode)
    }
}

/// Retries a step while another process blocks it. SQLite waits by itself, but not where it could wait without end, for
/// example when several processes switch new data to the write-ahead log.
fn retried_while_busy<T>(mut step: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let started = Instant::now();
    loop {
        match step() {
            Err(error) if is_busy(&error) && started.elapsed() < BUSY_TIMEOUT => {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}

/// Starts a transaction that holds the write lock from the start, so that no other process can write during it.
pub(super) fn immediate(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// Returns a text in lower case, for all scripts.
fn folded(context: &mut Context<'_>) -> rusqlite::Result<Option<String>> {
    let text: Option<String> = context.get(0)?;
    Ok(text.map(|text| text.to_lowercase()))
}

/// Creates the tables, unless another process did in the meantime. Returns their version.
fn create(connection: &mut Connection, now: i64) -> rusqlite::Result<i64> {
    let change = immediate(connection)?;
    let found = version(&change)?;
    if found != 0 {
        return Ok(found);
    }
    change.execute_batch(schema::TABLES)?;
    Identity::owner().insert(&change)?;
    Identity::profile().insert(&change)?;
    first_key(&change, now)?;
    change.pragma_update(None, "user_version", VERSION)?;
    change.commit()?;
    Ok(VERSION)
}

fn first_key(connection: &Connection, now: i64) -> rusqlite::Result<String> {
    let mut key = NewKey::of(ACCOUNT, OWNER, FIRST_KEY);
    key.description = Some("The key that the sandbox starts with");
    key.insert(connection, now)?;
    connection.execute("DELETE FROM first_key", [])?;
    connection.execute("INSERT INTO first_key VALUES (?)", [&key.value])?;
    Ok(key.value)
}

fn database(folder: &Path) -> PathBuf {
    folder.join("iam.sqlite")
}

/// Creates the folder and the file, accessible only to this user; SQLite's side files get the mode of the file.
fn private_file(folder: &Path, path: &Path) -> std::io::Result<()> {
    crate::files::private_folder(folder)?;
    crate::files::private_options().create(true).append(true).open(path).map(drop)
}

fn unusable(path: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> OpenError {
    OpenError::Unusable { path: path.to_owned(), source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_another_version_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::in_folder(folder.path(), 0).unwrap());
        let path = database(folder.path());
        let set = |version: i64| {
            let connection = Connection::open(&path).unwrap();
            connection.pragma_update(None, "user_version", version).unwrap();
        };
        set(VERSION - 1);
        assert!(matches!(Store::in_folder(folder.path(), 0), Err(OpenError::Older(found)) if found == path));
        set(VERSION + 1);
        assert!(matches!(Store::in_folder(folder.path(), 0), Err(OpenError::Newer(found)) if found == path));
        set(VERSION);
        assert!(Store::in_folder(folder.path(), 0).is_ok());
    }

    #[test]
    fn a_file_that_is_no_database_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let text = "not a database, but long enough to look at".repeat(20);
        std::fs::write(database(folder.path()), text).unwrap();
        let error = Store::in_folder(folder.path(), 0).err().unwrap();
        assert!(error.to_string().contains("not a database"), "{error}");
    }

    #[test]
    fn the_first_key_keeps_its_value_until_it_is_deleted() {
        let store = Store::in_memory(0).unwrap();
        let value = store.first_key(0).unwrap();
        assert_eq!(store.first_key(0).unwrap(), value);
        store.lock().execute("DELETE FROM keys", []).unwrap();
        assert_ne!(store.first_key(0).unwrap(), value);
    }
}
