//! The tables of the sandbox's data.

use rusqlite::Connection;

/// The version of the tables, which increases with each change of them. A program rejects data with another version.
pub(super) const VERSION: i64 = 4;

/// The statements that create the tables.
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

/// Returns the version of the tables; 0 if there are no tables.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}
