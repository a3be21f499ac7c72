//! `/v1/preferences/accounts/{account}/identities/{iam_id}`: settings that services store for an identity.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::error::Refusal;
use super::fields::{text, texts};

/// `GET …/identities/{iam_id}`: returns all preferences.
pub(super) fn list(call: &Call) -> Result<Reply, Refusal> {
    check_rights(call)?;
    let connection = call.app.store.lock();
    let mut statement = connection.prepare_cached(
        "SELECT service, id, value FROM preferences WHERE account_id = ? AND iam_id = ? ORDER BY service, id",
    )?;
    let account = call.segment("account");
    let rows = statement.query_map([account, call.segment("iam_id")], |row| {
        Ok(body(account, &row.get::<_, String>(0)?, &row.get::<_, String>(1)?, &row.get::<_, String>(2)?))
    })?;
    Ok(Reply::ok(json!({"preferences": rows.collect::<Result<Vec<_>, _>>()?})))
}

/// `GET …/{service}/{id}`
pub(super) fn get(call: &Call) -> Result<Reply, Refusal> {
    check_rights(call)?;
    let value = find(call, &call.app.store.lock())?.ok_or_else(|| Refusal::not_found("Preference", &call.id))?;
    Ok(Reply::ok(body(call.segment("account"), call.segment("service"), &call.id, &value)))
}

/// `PUT …/{service}/{id}`: stores one text, or a list of texts.
pub(super) fn update(call: &Call) -> Result<Reply, Refusal> {
    check_rights(call)?;
    let fields = call.json()?;
    let value = match (text(&fields, "value_string")?, texts(&fields, "value_list_of_strings")?) {
        (Some(text), None) => json!({"value_string": text}),
        (None, Some(texts)) => json!({"value_list_of_strings": texts}),
        _ => return Err(Refusal::missing("value_string")),
    };
    let (account, service, value) = (call.segment("account"), call.segment("service"), value.to_string());
    call.app
        .store
        .lock()
        .prepare_cached("INSERT OR REPLACE INTO preferences VALUES (?, ?, ?, ?, ?)")?
        .execute(params![account, call.segment("iam_id"), service, call.id, value])?;
    Ok(Reply::ok(body(account, service, &call.id, &value)))
}

/// `DELETE …/{service}/{id}`
pub(super) fn delete(call: &Call) -> Result<Reply, Refusal> {
    check_rights(call)?;
    let connection = call.app.store.lock();
    find(call, &connection)?.ok_or_else(|| Refusal::not_found("Preference", &call.id))?;
    connection
        .prepare_cached("DELETE FROM preferences WHERE account_id = ? AND iam_id = ? AND service = ? AND id = ?")?
        .execute(key(call))?;
    Ok(Reply::done())
}

/// Checks that the account is the caller's, and that the caller may manage the identity.
fn check_rights(call: &Call) -> Result<(), Refusal> {
    let user = call.caller()?;
    if call.segment("account") != user.account_id {
        return Err(Refusal::foreign_account());
    }
    if !user.may_manage(&call.app.store.lock(), call.segment("iam_id"))? {
        return Err(user.forbidden("iam-identity.preference.manage"));
    }
    Ok(())
}

fn key(call: &Call) -> [&str; 4] {
    [call.segment("account"), call.segment("iam_id"), call.segment("service"), &call.id]
}

fn find(call: &Call, connection: &Connection) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM preferences WHERE account_id = ? AND iam_id = ? AND service = ? AND id = ?")?
        .query_row(key(call), |row| row.get(0))
        .optional()
}

/// Returns a preference in the format of the service.
fn body(account: &str, service: &str, id: &str, value: &str) -> Value {
    let mut body = json!({"service": service, "id": id, "account_id": account, "scope": "account"});
    let value: Value = serde_json::from_str(value).unwrap_or_default();
    if let (Some(body), Value::Object(value)) = (body.as_object_mut(), value) {
        body.extend(value);
    }
    body
}
