//! The history of keys, service IDs and groups.

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::fields::minutes;

/// Adds an entry.
pub(super) fn record(connection: &Connection, id: &str, iam_id: &str, action: &str, now: i64) -> rusqlite::Result<()> {
    let message = format!("{action} by {iam_id}");
    connection
        .prepare_cached("INSERT INTO history VALUES (?, ?, ?, ?, ?)")?
        .execute(params![id, now, iam_id, action, message])
        .map(drop)
}

/// Returns all entries in the format of the service, oldest first.
pub(super) fn read(connection: &Connection, id: &str, account_id: &str) -> rusqlite::Result<Value> {
    let mut statement = connection
        .prepare_cached("SELECT timestamp, iam_id, action, message FROM history WHERE object = ? ORDER BY rowid")?;
    let rows = statement.query_map([id], |row| {
        Ok(json!({
            "timestamp": minutes(row.get(0)?),
            "iam_id": row.get::<_, String>(1)?,
            "iam_id_account": account_id,
            "action": row.get::<_, String>(2)?,
            "params": [],
            "message": row.get::<_, String>(3)?,
        }))
    })?;
    Ok(Value::Array(rows.collect::<Result<_, _>>()?))
}

/// Deletes all entries of a deleted object.
pub(super) fn forget(connection: &Connection, id: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM history WHERE object = ?")?.execute([id]).map(drop)
}
