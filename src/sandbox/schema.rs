//! The tables of the sandbox's data, and their migration from older versions.

use rusqlite::Connection;

/// The version of the tables. It increases with each change of the tables, which needs a migration. A program rejects
/// data with a newer version than its own.
pub(super) const VERSION: i64 = 3;

/// Changes the tables of one version into those of the next.
type Migration = fn(&Connection) -> rusqlite::Result<()>;

/// The migration from each version to the next. Data of each version exists, so a migration must not be changed.
const MIGRATIONS: [Migration; 2] = [|connection| connection.execute_batch(FROM_1), from_2];

/// The migration from version 1 to 2.
const FROM_1: &str = "
    ALTER TABLE keys ADD COLUMN stored_value TEXT;
    ALTER TABLE history RENAME TO old_history;
    CREATE TABLE history (
        object TEXT NOT NULL, timestamp INTEGER NOT NULL, iam_id TEXT NOT NULL, action TEXT NOT NULL,
        message TEXT NOT NULL
    );
    INSERT INTO history SELECT key, timestamp, iam_id, action, message FROM old_history ORDER BY rowid;
    DROP TABLE old_history;
    CREATE INDEX history_by_object ON history (object);
    CREATE TABLE entities (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL,
        name TEXT NOT NULL, description TEXT, group_id TEXT, instances TEXT NOT NULL, locked INTEGER NOT NULL,
        role TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL,
        revision INTEGER NOT NULL, tag TEXT NOT NULL
    );
    CREATE INDEX entities_by_account ON entities (account_id, kind);
    CREATE TABLE preferences (
        account_id TEXT NOT NULL, iam_id TEXT NOT NULL, service TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (account_id, iam_id, service, id)
    );
";

/// Adds the key that a refresh token came from. Some data of version 2 already has this column: for a while, programs
/// wrote it without a new version.
fn from_2(connection: &Connection) -> rusqlite::Result<()> {
    if connection.column_exists(None, "refresh_tokens", "key")? {
        return Ok(());
    }
    connection.execute_batch("ALTER TABLE refresh_tokens ADD COLUMN key TEXT")
}

/// The tables of new data.
pub(super) const TABLES: &str = "
    CREATE TABLE users (
        iam_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, email TEXT NOT NULL,
        given_name TEXT NOT NULL, family_name TEXT NOT NULL, role TEXT NOT NULL
    );
    CREATE TABLE keys (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL, iam_id TEXT NOT NULL,
        name TEXT NOT NULL, description TEXT, hash TEXT NOT NULL UNIQUE, locked INTEGER NOT NULL,
        disabled INTEGER NOT NULL, support_sessions INTEGER NOT NULL, action_when_leaked TEXT NOT NULL,
        expires_at INTEGER, expires_text TEXT, created_at INTEGER NOT NULL, created_by TEXT NOT NULL, modified_at INTEGER NOT NULL,
        revision INTEGER NOT NULL, tag TEXT NOT NULL, authn_count INTEGER NOT NULL DEFAULT 0, last_authn INTEGER,
        stored_value TEXT
    );
    CREATE INDEX keys_by_account ON keys (account_id);
    CREATE INDEX keys_by_owner ON keys (account_id, iam_id);
    CREATE TABLE history (
        object TEXT NOT NULL, timestamp INTEGER NOT NULL, iam_id TEXT NOT NULL, action TEXT NOT NULL,
        message TEXT NOT NULL
    );
    CREATE INDEX history_by_object ON history (object);
    -- Service IDs and their groups.
    CREATE TABLE entities (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL,
        name TEXT NOT NULL, description TEXT, group_id TEXT, instances TEXT NOT NULL, locked INTEGER NOT NULL,
        role TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL,
        revision INTEGER NOT NULL, tag TEXT NOT NULL
    );
    CREATE INDEX entities_by_account ON entities (account_id, kind);
    -- Values are JSON.
    CREATE TABLE preferences (
        account_id TEXT NOT NULL, iam_id TEXT NOT NULL, service TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (account_id, iam_id, service, id)
    );
    CREATE TABLE refresh_tokens (
        hash TEXT PRIMARY KEY, iam_id TEXT NOT NULL, client TEXT NOT NULL, expires_at INTEGER NOT NULL, key TEXT
    );
    CREATE TABLE passcodes (
        hash TEXT PRIMARY KEY, iam_id TEXT NOT NULL, expires_at INTEGER NOT NULL
    );
    -- Of values, only that of the first key is kept, so that it can be printed again, and those with `store_value`.
    CREATE TABLE first_key (value TEXT NOT NULL);
";

/// Migrates data of an older version to the newest version.
pub(super) fn migrate(connection: &Connection, version: i64) -> rusqlite::Result<()> {
    apply(connection, version, &MIGRATIONS)
}

/// Applies migrations; the first one upgrades from version 1 to 2.
fn apply(connection: &Connection, version: i64, migrations: &[Migration]) -> rusqlite::Result<()> {
    let newest = i64::try_from(migrations.len()).unwrap_or(i64::MAX) + 1;
    for (from, migration) in (1..newest).zip(migrations).filter(|(from, _)| *from >= version) {
        migration(connection)?;
        connection.pragma_update(None, "user_version", from + 1)?;
    }
    Ok(())
}

/// Returns the version of the tables; 0 if there are no tables.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_data_goes_through_each_migration_once() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA user_version = 1").unwrap();
        let migrations: [Migration; 3] = [
            |connection| connection.execute_batch("ALTER TABLE t ADD COLUMN b"),
            |connection| connection.execute_batch("UPDATE t SET b = a + 1"),
            |connection| connection.execute_batch("UPDATE t SET a = a + b"),
        ];
        apply(&connection, 1, &migrations[..2]).unwrap();
        apply(&connection, 3, &migrations).unwrap();
        apply(&connection, 4, &migrations).unwrap();
        let row: (i64, i64) =
            connection.query_row("SELECT a, b FROM t", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!((row, version(&connection).unwrap()), ((3, 2), 4));
        assert_eq!(
            i64::try_from(MIGRATIONS.len()).unwrap() + 1,
            VERSION,
            "each version but the first has its migration"
        );
    }

    #[test]
    fn the_migrations_lead_to_the_tables_of_new_data() {
        const FIRST: &str = include_str!("../../tests/fixtures/sandbox-1.sql");
        const SECOND: &str = include_str!("../../tests/fixtures/sandbox-2.sql");
        let tables = |connection: &Connection| -> Vec<(String, String)> {
            let sql = "SELECT m.name, i.name || ' ' || i.type || ' ' || i.\"notnull\" || ' ' || i.pk \
                       FROM sqlite_master m, pragma_table_info(m.name) i WHERE m.type = 'table' ORDER BY 1, i.cid";
            let mut statement = connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let with = |schema| {
            let connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(schema).unwrap();
            connection
        };
        let new = tables(&with(TABLES));
        for (version, schema) in [(1, FIRST), (2, SECOND), (2, TABLES)] {
            let old = with(schema);
            migrate(&old, version).unwrap();
            assert_eq!(tables(&old), new, "from version {version}");
        }
    }
}
