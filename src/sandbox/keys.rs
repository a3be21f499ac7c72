//! `/v1/apikeys`, all but the list.

use jiff::Timestamp;
use jiff::fmt::strtime;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde_json::{Map, Value, json};

use super::call::{Call, Reply};
use super::error::Fault;
use super::records::{NewKey, StoredKey, User, hash, key_by, new_tag, record};
use super::setup::{Choices, Echo, Role};

/// A value given by the client has at least this many characters.
const SHORTEST_VALUE: usize = 32;

/// What else to tell about a key.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Include {
    /// `include_history`
    pub history: bool,
    /// `include_activity`
    pub activity: bool,
}

/// `POST /v1/apikeys`
pub(super) fn create(call: &Call) -> Result<Reply, Fault> {
    let user = call.user()?;
    let fields = call.json()?;
    let setup = &call.app.setup;
    let name = required(&fields, "name")?;
    within(setup.limits.name, "name", name)?;
    if required(&fields, "iam_id")? != user.iam_id {
        return Err(Fault::foreign_iam_id());
    }
    if text(&fields, "account_id")?.is_some_and(|account| account != user.account_id) {
        return Err(Fault::foreign_account());
    }
    if boolean(&fields, "store_value")? {
        return Err(Fault::invalid("store_value", "true", "false"));
    }
    let mut key = NewKey::of(&user.account_id, &user.iam_id, name);
    key.description = text(&fields, "description")?.filter(|text| !text.is_empty());
    within(setup.limits.description, "description", key.description.unwrap_or_default())?;
    if user.role == Role::Restricted {
        return Err(Fault::forbidden("iam-identity.user-apikey.create", &user.iam_id, &user.account_id));
    }
    key.support_sessions = boolean(&fields, "support_sessions")?;
    key.locked = call.header_flag("entity-lock")?;
    key.disabled = call.header_flag("entity-disable")?;
    if let Some(action) = text(&fields, "action_when_leaked")? {
        key.action_when_leaked = leak_action(action)?;
    }
    key.expires_text = text(&fields, "expires_at")?;
    key.expires_at = key.expires_text.map(moment).transpose()?.flatten();
    if let Some(value) = text(&fields, "apikey")? {
        if value.chars().count() < SHORTEST_VALUE {
            return Err(Fault::short_value());
        }
        value.clone_into(&mut key.value);
    }

    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    let count: i64 = change
        .prepare_cached("SELECT count(*) FROM keys WHERE account_id = ? AND iam_id = ?")?
        .query_row([&user.account_id, &user.iam_id], |row| row.get(0))?;
    if count >= i64::from(setup.limits.keys_per_identity) {
        return Err(Fault::limit_reached());
    }
    if key_by(&change, "hash", &hash(&key.value))?.is_some() {
        return Err(Fault::taken_value(&setup.choices));
    }
    let id = key.insert(&change, call.now)?;
    let stored = key_by(&change, "id", &id)?.ok_or_else(|| Fault::not_found(&id))?;
    let mut answer = body(&change, &stored, Include::default(), &setup.choices)?;
    change.commit()?;
    // Before the last field, as the service has it.
    let leaked = answer.as_object_mut().and_then(|fields| fields.shift_remove("leaked"));
    answer["apikey"] = key.value.into();
    answer["leaked"] = leaked.unwrap_or_default();
    Ok(Reply::created(answer).with_etag(etag(call, &stored)))
}

/// `GET /v1/apikeys/{id}`
pub(super) fn get(call: &Call) -> Result<Reply, Fault> {
    let user = call.user()?;
    let include = Include { history: call.flag("include_history")?, activity: call.flag("include_activity")? };
    let connection = call.app.store.lock();
    let key = permitted(&connection, &user, &call.id, "iam-identity.apikey.get")?;
    Ok(Reply::ok(body(&connection, &key, include, &call.app.setup.choices)?).with_etag(etag(call, &key)))
}

/// `GET /v1/apikeys/details`: by value.
pub(super) fn details(call: &Call) -> Result<Reply, Fault> {
    let user = call.user()?;
    let value = call.header("iam-apikey").filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| Fault::missing("IAM-ApiKey"))?;
    let include = Include { history: call.flag("include_history")?, activity: false };
    let connection = call.app.store.lock();
    let key = key_by(&connection, "hash", &hash(value))?
        .filter(|key| key.account_id == user.account_id)
        .filter(|key| key.created_at + i64::from(call.app.setup.choices.details_after) <= call.now)
        .ok_or_else(|| Fault::not_found("details"))?;
    Ok(Reply::ok(body(&connection, &key, include, &call.app.setup.choices)?).with_etag(etag(call, &key)))
}

/// `PUT /v1/apikeys/{id}`
pub(super) fn update(call: &Call) -> Result<Reply, Fault> {
    let user = call.user()?;
    let fields = call.json()?;
    let if_match = call.header("if-match").map(|tag| tag.trim().trim_matches('"'));
    let if_match = if_match.ok_or_else(|| Fault::missing("If-Match"))?;
    let name = text(&fields, "name")?;
    if name.is_some_and(str::is_empty) {
        return Err(Fault::missing("name"));
    }
    let description = text(&fields, "description")?;
    let setup = &call.app.setup;
    within(setup.limits.name, "name", name.unwrap_or_default())?;
    within(setup.limits.description, "description", description.unwrap_or_default())?;
    let action = text(&fields, "action_when_leaked")?.map(leak_action).transpose()?;
    let expires_text = text(&fields, "expires_at")?;
    let expires = expires_text.map(moment).transpose()?;
    let sessions = match fields.get("support_sessions") {
        None | Some(Value::Null) => None,
        Some(_) => Some(boolean(&fields, "support_sessions")?),
    };

    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    let old = permitted(&change, &user, &call.id, MANAGE)?;
    if old.locked {
        return Err(Fault::locked(&setup.choices));
    }
    if if_match != "*" && if_match != old.entity_tag() {
        return Err(Fault::changed(&setup.choices));
    }
    let description = match description {
        Some(text) => Some(text.to_owned()).filter(|text| !text.is_empty()),
        None => old.description,
    };
    change
        .prepare_cached(
            "UPDATE keys SET name = ?, description = ?, action_when_leaked = ?, expires_at = ?, expires_text = ?, \
             support_sessions = ? WHERE id = ?",
        )?
        .execute(params![
            name.unwrap_or(&old.name),
            description,
            action.unwrap_or(&old.action_when_leaked),
            expires.unwrap_or(old.expires_at),
            expires_text.map_or(old.expires_text, |text| Some(text.to_owned())),
            sessions.unwrap_or(old.support_sessions),
            call.id,
        ])?;
    let key = revise(&change, call, &user, "UPDATE")?;
    let answer = body(&change, &key, Include::default(), &setup.choices)?;
    change.commit()?;
    Ok(Reply::ok(answer).with_etag(etag(call, &key)))
}

/// `DELETE /v1/apikeys/{id}`
pub(super) fn delete(call: &Call) -> Result<Reply, Fault> {
    let user = call.user()?;
    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    if permitted(&change, &user, &call.id, MANAGE)?.locked {
        return Err(Fault::locked(&call.app.setup.choices));
    }
    change.execute("DELETE FROM keys WHERE id = ?", [&call.id])?;
    change.commit()?;
    Ok(Reply::done())
}

/// `POST` and `DELETE /v1/apikeys/{id}/lock`
pub(super) fn set_locked(call: &Call, locked: bool) -> Result<Reply, Fault> {
    let action = if locked { "LOCK" } else { "UNLOCK" };
    set(call, "UPDATE keys SET locked = ? WHERE id = ?", locked, action, |key| key.locked)
}

/// `POST` and `DELETE /v1/apikeys/{id}/disable`
pub(super) fn set_disabled(call: &Call, disabled: bool) -> Result<Reply, Fault> {
    let action = if disabled { "DISABLE" } else { "ENABLE" };
    set(call, "UPDATE keys SET disabled = ? WHERE id = ?", disabled, action, |key| key.disabled)
}

/// A key as the service shows it, in its order of fields.
pub(super) fn body(
    connection: &Connection,
    key: &StoredKey,
    include: Include,
    choices: &Choices,
) -> Result<Value, Fault> {
    let account = &key.account_id;
    let mut body = json!({
        "id": key.id,
        "entity_tag": key.entity_tag(),
        "crn": format!("crn:v1:bluemix:public:iam-identity::a/{account}::apikey:{}", key.id),
        "locked": key.locked,
        "disabled": key.disabled,
        "created_at": minutes(key.created_at),
        "created_by": key.created_by,
        "modified_at": minutes(key.modified_at),
    });
    if let Some(end) = key.expires_at {
        let as_sent = key.expires_text.clone().filter(|_| choices.expires_at == Echo::AsSent);
        body["expires_at"] = as_sent.unwrap_or_else(|| minutes(end)).into();
    }
    body["support_sessions"] = key.support_sessions.into();
    body["action_when_leaked"] = key.action_when_leaked.clone().into();
    body["name"] = key.name.clone().into();
    if let Some(description) = &key.description {
        body["description"] = description.clone().into();
    }
    body["iam_id"] = key.iam_id.clone().into();
    body["account_id"] = account.clone().into();
    if choices.empty_apikey {
        body["apikey"] = "".into();
    }
    body["leaked"] = false.into();
    if include.history {
        body["history"] = history(connection, key)?;
    }
    if include.activity {
        body["activity"] = json!({"authn_count": key.authn_count});
        if let Some(last) = key.last_authn {
            body["activity"]["last_authn"] = minutes(last).into();
        }
    }
    Ok(body)
}

/// The header's form of a key's tag.
fn etag(call: &Call, key: &StoredKey) -> String {
    let tag = key.entity_tag();
    if call.app.setup.choices.quoted_etag { format!("\"{tag}\"") } else { tag }
}

/// Refuses what is longer than the setup allows.
fn within(longest: Option<usize>, property: &str, text: &str) -> Result<(), Fault> {
    match longest {
        Some(longest) if text.chars().count() > longest => Err(Fault::too_long(property, longest)),
        _ => Ok(()),
    }
}

const MANAGE: &str = "iam-identity.apikey.manage";

/// The key, if it is there and the user may do this to it.
fn permitted(connection: &Connection, user: &User, id: &str, action: &str) -> Result<StoredKey, Fault> {
    let key = key_by(connection, "id", id)?.filter(|key| key.account_id == user.account_id);
    let key = key.ok_or_else(|| Fault::not_found(id))?;
    if key.iam_id != user.iam_id && !user.is_administrator() {
        return Err(Fault::forbidden(action, &user.iam_id, &user.account_id));
    }
    Ok(key)
}

fn set(call: &Call, sql: &str, on: bool, action: &str, is: fn(&StoredKey) -> bool) -> Result<Reply, Fault> {
    let user = call.user()?;
    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    let key = permitted(&change, &user, &call.id, MANAGE)?;
    let choices = &call.app.setup.choices;
    if is(&key) == on && choices.repeated_status == 409 {
        return Err(Fault::already_so(choices));
    }
    change.prepare_cached(sql)?.execute(params![on, call.id])?;
    revise(&change, call, &user, action)?;
    change.commit()?;
    Ok(Reply::done())
}

/// Gives a changed key its next entity tag, and its history an entry.
fn revise(change: &Transaction<'_>, call: &Call, user: &User, action: &str) -> Result<StoredKey, Fault> {
    change
        .prepare_cached("UPDATE keys SET revision = revision + 1, tag = ?, modified_at = ? WHERE id = ?")?
        .execute(params![new_tag(), call.now, call.id])?;
    record(change, &call.id, &user.iam_id, action, call.now)?;
    key_by(change, "id", &call.id)?.ok_or_else(|| Fault::not_found(&call.id))
}

fn immediate(connection: &mut Connection) -> Result<Transaction<'_>, Fault> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

fn history(connection: &Connection, key: &StoredKey) -> Result<Value, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT timestamp, iam_id, action, message FROM history WHERE key = ? ORDER BY rowid")?;
    let rows = statement.query_map([&key.id], |row| {
        Ok(json!({
            "timestamp": minutes(row.get(0)?),
            "iam_id": row.get::<_, String>(1)?,
            "iam_id_account": key.account_id,
            "action": row.get::<_, String>(2)?,
            "params": [],
            "message": row.get::<_, String>(3)?,
        }))
    })?;
    Ok(Value::Array(rows.collect::<Result<_, _>>()?))
}

fn required<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, Fault> {
    text(fields, name)?.filter(|text| !text.is_empty()).ok_or_else(|| Fault::missing(name))
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Fault> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Fault::invalid(name, &other.to_string(), "a string")),
    }
}

fn boolean(fields: &Map<String, Value>, name: &str) -> Result<bool, Fault> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(truth)) => Ok(*truth),
        Some(other) => Err(Fault::invalid(name, &other.to_string(), "true, false")),
    }
}

fn leak_action(text: &str) -> Result<&'static str, Fault> {
    ["none", "disable", "delete"]
        .into_iter()
        .find(|action| *action == text)
        .ok_or_else(|| Fault::invalid("action_when_leaked", text, "none, disable, delete"))
}

/// The formats that IBM's clients send; nothing clears.
fn moment(text: &str) -> Result<Option<i64>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let formats = ["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S%.f%z"];
    let plain = formats.iter().find_map(|format| strtime::parse(format, text).ok()?.to_timestamp().ok());
    let moment = plain.or_else(|| text.parse::<Timestamp>().ok());
    match moment {
        Some(moment) => Ok(Some(moment.as_second())),
        None => Err(Fault::invalid("expires_at", text, "yyyy-MM-ddTHH:mm+0000")),
    }
}

/// `2026-11-23T09:00+0000`
fn minutes(seconds: i64) -> String {
    let moment = Timestamp::from_second(seconds).unwrap_or_default();
    strtime::format("%Y-%m-%dT%H:%M+0000", moment).unwrap_or_default()
}
