//! `/v1/apikeys`, except for the list.

use rusqlite::{Connection, Transaction, params};
use serde_json::{Map, Value, json};

use super::call::{Call, Reply};
use super::entities;
use super::error::Refusal;
use super::fields::{boolean, leak_action, minutes, moment, new_tag, required, text, within};
use super::history;
use super::identities::Identity;
use super::records::{NewKey, StoredKey, count, hash, key_by};
use super::setup::{Choices, Echo, Role};
use super::store::immediate;

/// The minimum length of a value from the client, in characters.
const SHORTEST_VALUE: usize = 32;

/// Optional parts of a key's response.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Include<'a> {
    /// The value of a new key; only the response to its creation has it.
    pub new_value: Option<&'a str>,
    /// Whether to show a stored value.
    pub value: bool,
    /// `include_history`
    pub history: bool,
    /// `include_activity`
    pub activity: bool,
}

/// `POST /v1/apikeys`
pub(super) fn create(call: &Call) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let fields = call.json()?;
    let mut key = NewKey::of(&user.account_id, &user.iam_id, required(&fields, "name")?);
    let iam_id = required(&fields, "iam_id")?;
    if text(&fields, "account_id")?.is_some_and(|account| account != user.account_id) {
        return Err(Refusal::foreign_account());
    }
    key.locked = call.header_flag("entity-lock")?;
    key.disabled = call.header_flag("entity-disable")?;
    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    key.iam_id = owner(&change, &user, iam_id)?;
    let answer = add(call, &change, key, &fields)?;
    change.commit()?;
    Ok(Reply::created(answer).with_etag(&call.app.setup.choices))
}

/// Returns the IAM ID for a user's new key: the user's own, or that of a service ID that the user may manage.
fn owner<'a>(connection: &Connection, user: &Identity, iam_id: &'a str) -> Result<&'a str, Refusal> {
    if iam_id == user.iam_id {
        let is_allowed = user.role != Role::Restricted;
        return if is_allowed { Ok(iam_id) } else { Err(user.forbidden("iam-identity.user-apikey.create")) };
    }
    entities::by_iam_id(connection, iam_id)?
        .filter(|service_id| service_id.account_id == user.account_id)
        .ok_or_else(Refusal::foreign_iam_id)?;
    if !user.may_manage(connection, iam_id)? {
        return Err(user.forbidden("iam-identity.apikey.create"));
    }
    Ok(iam_id)
}

/// Stores a key with the fields of a request. Returns the response body, with the key's value.
pub(super) fn add(
    call: &Call,
    change: &Transaction<'_>,
    mut key: NewKey<'_>,
    fields: &Map<String, Value>,
) -> Result<Value, Refusal> {
    let setup = &call.app.setup;
    within(setup.limits.name, "name", key.name)?;
    let description = text(fields, "description")?.filter(|text| !text.is_empty());
    within(setup.limits.description, "description", description.unwrap_or_default())?;
    let is_service_id = entities::is_service_id(key.iam_id);
    key.is_value_stored = boolean(fields, "store_value")?;
    key.support_sessions = boolean(fields, "support_sessions")?;
    for (property, is_set, fits) in [
        ("store_value", key.is_value_stored, is_service_id),
        ("support_sessions", key.support_sessions, !is_service_id),
    ] {
        if is_set && !fits {
            return Err(Refusal::invalid(property, "true", "false"));
        }
    }
    if let Some(value) = text(fields, "apikey")? {
        if value.chars().count() < SHORTEST_VALUE {
            return Err(Refusal::short_value());
        }
        value.clone_into(&mut key.value);
    }
    let action = text(fields, "action_when_leaked")?.map(leak_action).transpose()?;
    let expires_text = text(fields, "expires_at")?;
    let key = NewKey {
        description,
        action_when_leaked: action.unwrap_or(key.action_when_leaked),
        expires_text,
        expires_at: expires_text.map(moment).transpose()?.flatten(),
        ..key
    };
    if count(change, key.account_id, key.iam_id)? >= i64::from(setup.limits.keys_per_identity) {
        return Err(Refusal::limit_reached());
    }
    if key_by(change, "hash", &hash(&key.value))?.is_some() {
        return Err(Refusal::taken_value(&setup.choices));
    }
    let id = key.insert(change, call.now)?;
    let stored = key_by(change, "id", &id)?.ok_or_else(|| Refusal::not_found("ApiKey", &id))?;
    let include = Include { new_value: Some(&key.value), ..Include::default() };
    body(change, &stored, include, &setup.choices)
}

/// `GET /v1/apikeys/{id}`
pub(super) fn get(call: &Call) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let (history, activity) = (call.flag("include_history")?, call.flag("include_activity")?);
    // A stored value is shown to users who can manage the service ID, but not to the service ID itself.
    let include = Include { new_value: None, value: user.sub_type().is_none(), history, activity };
    let connection = call.app.store.lock();
    let key = permitted(&connection, &user, &call.id, READ)?;
    let choices = &call.app.setup.choices;
    if key.created_at + i64::from(choices.reads_after) > call.now {
        return Err(Refusal::not_found("ApiKey", &call.id));
    }
    Ok(Reply::ok(body(&connection, &key, include, choices)?).with_etag(choices))
}

/// `GET /v1/apikeys/details`: finds a key by its value.
pub(super) fn details(call: &Call) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let value = call.header("iam-apikey").filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| Refusal::missing("IAM-ApiKey"))?;
    let include = Include { history: call.flag("include_history")?, ..Include::default() };
    let connection = call.app.store.lock();
    let key = key_by(&connection, "hash", &hash(value))?
        .filter(|key| key.account_id == user.account_id)
        .filter(|key| key.created_at + i64::from(call.app.setup.choices.details_after) <= call.now)
        .ok_or_else(Refusal::unknown_value)?;
    let choices = &call.app.setup.choices;
    Ok(Reply::ok(body(&connection, &key, include, choices)?).with_etag(choices))
}

/// `PUT /v1/apikeys/{id}`
pub(super) fn update(call: &Call) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let fields = call.json()?;
    let version = call.if_match()?;
    let name = text(&fields, "name")?;
    if name.is_some_and(str::is_empty) {
        return Err(Refusal::missing("name"));
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
        return Err(Refusal::locked(&setup.choices));
    }
    if sessions == Some(true) && entities::is_service_id(&old.iam_id) {
        return Err(Refusal::invalid("support_sessions", "true", "false"));
    }
    version.check(&old.entity_tag(), &setup.choices)?;
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
    let include = Include { value: user.sub_type().is_none(), ..Include::default() };
    let answer = body(&change, &key, include, &setup.choices)?;
    change.commit()?;
    Ok(Reply::ok(answer).with_etag(&setup.choices))
}

/// `DELETE /v1/apikeys/{id}`
pub(super) fn delete(call: &Call) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    if permitted(&change, &user, &call.id, MANAGE)?.locked {
        return Err(Refusal::locked(&call.app.setup.choices));
    }
    change.execute("DELETE FROM keys WHERE id = ?", [&call.id])?;
    history::forget(&change, &call.id)?;
    change.commit()?;
    Ok(Reply::done())
}

/// `POST` and `DELETE /v1/apikeys/{id}/lock`
pub(super) fn set_locked(call: &Call, locked: bool) -> Result<Reply, Refusal> {
    let action = if locked { "LOCK" } else { "UNLOCK" };
    set(call, "UPDATE keys SET locked = ? WHERE id = ?", locked, action, |key| key.locked)
}

/// `POST` and `DELETE /v1/apikeys/{id}/disable`
pub(super) fn set_disabled(call: &Call, disabled: bool) -> Result<Reply, Refusal> {
    let action = if disabled { "DISABLE" } else { "ENABLE" };
    set(call, "UPDATE keys SET disabled = ? WHERE id = ?", disabled, action, |key| key.disabled)
}

/// Returns a key in the format of the service, with the same order of fields.
pub(super) fn body(
    connection: &Connection,
    key: &StoredKey,
    include: Include<'_>,
    choices: &Choices,
) -> Result<Value, Refusal> {
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
        "name": key.name,
        "support_sessions": key.support_sessions,
        "action_when_leaked": key.action_when_leaked,
    });
    if let Some(end) = key.expires_at {
        let as_sent = key.expires_text.clone().filter(|_| choices.expires_at == Echo::AsSent);
        body["expires_at"] = as_sent.unwrap_or_else(|| minutes(end)).into();
    }
    if let Some(description) = &key.description {
        body["description"] = description.clone().into();
    }
    body["iam_id"] = key.iam_id.clone().into();
    body["account_id"] = account.clone().into();
    match (&key.stored_value, include.new_value) {
        (_, Some(value)) => body["apikey"] = value.into(),
        (Some(value), _) if include.value => body["apikey"] = value.clone().into(),
        _ if choices.empty_apikey => body["apikey"] = "".into(),
        _ => {}
    }
    if choices.leaked_field {
        body["leaked"] = false.into();
    }
    if include.history {
        body["history"] = history::read(connection, &key.id, account)?;
    }
    if include.activity {
        body["activity"] = json!({"authn_count": key.authn_count});
        if let Some(last) = key.last_authn {
            body["activity"]["last_authn"] = minutes(last).into();
        }
    }
    Ok(body)
}

const READ: &str = "iam-identity.apikey.get";
const MANAGE: &str = "iam-identity.apikey.manage";

/// Returns the key, if it exists and the user may perform the action on it.
fn permitted(connection: &Connection, user: &Identity, id: &str, action: &str) -> Result<StoredKey, Refusal> {
    let key = key_by(connection, "id", id)?.filter(|key| key.account_id == user.account_id);
    let key = key.ok_or_else(|| Refusal::not_found("ApiKey", id))?;
    // A restricted service ID can only read its own keys.
    let is_restricted = user.sub_type().is_some() && user.role == Role::Restricted && action != READ;
    if is_restricted || !user.may_manage(connection, &key.iam_id)? {
        return Err(user.forbidden(action));
    }
    Ok(key)
}

fn set(call: &Call, sql: &str, on: bool, action: &str, is: fn(&StoredKey) -> bool) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    let key = permitted(&change, &user, &call.id, MANAGE)?;
    let choices = &call.app.setup.choices;
    if is(&key) == on && choices.repeated_status == 409 {
        return Err(Refusal::already_so(choices));
    }
    change.prepare_cached(sql)?.execute(params![on, call.id])?;
    revise(&change, call, &user, action)?;
    change.commit()?;
    Ok(Reply::done())
}

/// Gives a changed key a new entity tag, and adds an entry to its history.
fn revise(change: &Transaction<'_>, call: &Call, user: &Identity, action: &str) -> Result<StoredKey, Refusal> {
    change
        .prepare_cached("UPDATE keys SET revision = revision + 1, tag = ?, modified_at = ? WHERE id = ?")?
        .execute(params![new_tag(), call.now, call.id])?;
    history::record(change, &call.id, &user.iam_id, action, call.now)?;
    key_by(change, "id", &call.id)?.ok_or_else(|| Refusal::not_found("ApiKey", &call.id))
}
