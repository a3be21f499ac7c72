//! `/v1/serviceids` and `/v1/serviceid_groups`, except for the lists.

use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};

use super::call::{Call, Reply};
use super::entities::{Entity, Kind, count, find};
use super::error::Refusal;
use super::fields::{minutes, required, text, texts, within};
use super::history;
use super::identities::Identity;
use super::keys::add;
use super::records::NewKey;
use super::store::immediate;

/// `POST /v1/serviceids` and `POST /v1/serviceid_groups`
pub(super) fn create(call: &Call, kind: Kind) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let fields = call.json()?;
    let name = required(&fields, "name")?;
    if required(&fields, "account_id")? != user.account_id {
        return Err(Refusal::foreign_account());
    }
    if !user.is_administrator() {
        return Err(user.forbidden(&action(kind, "create")));
    }
    let mut entity = Entity::new(kind, &user.account_id, name, &user.iam_id, call.now);
    set_fields(call, &fields, &mut entity)?;
    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    if kind == Kind::ServiceId {
        entity.locked = call.header_flag("entity-lock")?;
        if let Some(group) = text(&fields, "group_id")?.filter(|group| !group.is_empty()) {
            let known = find(&change, Kind::Group, group)?.filter(|known| known.account_id == user.account_id);
            entity.group_id = Some(known.ok_or_else(|| Refusal::not_found(Kind::Group.word(), group))?.id);
        }
    }
    check_name(call, &change, &entity)?;
    entity.insert(&change)?;
    let mut answer = entity.body(call.flag("show_group_id")?);
    let embedded = match fields.get("apikey").filter(|_| kind == Kind::ServiceId) {
        None | Some(Value::Null) => None,
        Some(Value::Object(fields)) => Some(fields),
        Some(other) => return Err(Refusal::invalid("apikey", &other.to_string(), "an object")),
    };
    if let Some(fields) = embedded {
        let iam_id = entity.iam_id();
        let mut key = NewKey::of(&user.account_id, &iam_id, required(fields, "name")?);
        key.created_by = &user.iam_id;
        answer["apikey"] = add(call, &change, key, fields)?;
    }
    change.commit()?;
    Ok(Reply::created(answer).with_etag(&call.app.setup.choices))
}

/// `GET /v1/serviceids/{id}` and `GET /v1/serviceid_groups/{id}`
pub(super) fn get(call: &Call, kind: Kind) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let connection = call.app.store.lock();
    let entity = permitted(&connection, &user, kind, &call.id, "get")?;
    let mut body = entity.body(call.flag("show_group_id")?);
    if call.flag("include_history")? {
        body["history"] = history::read(&connection, &entity.id, &entity.account_id)?;
    }
    if call.flag("include_activity")? && kind == Kind::ServiceId {
        let (uses, last): (i64, Option<i64>) = connection
            .prepare_cached("SELECT coalesce(sum(authn_count), 0), max(last_authn) FROM keys WHERE iam_id = ?")?
            .query_row([entity.iam_id()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        body["activity"] = json!({"authn_count": uses});
        if let Some(last) = last {
            body["activity"]["last_authn"] = minutes(last).into();
        }
    }
    Ok(Reply::ok(body).with_etag(&call.app.setup.choices))
}

/// `PUT /v1/serviceids/{id}` and `PUT /v1/serviceid_groups/{id}`
pub(super) fn update(call: &Call, kind: Kind) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let fields = call.json()?;
    let version = call.if_match()?;
    let choices = &call.app.setup.choices;
    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    let mut entity = permitted(&change, &user, kind, &call.id, "update")?;
    if entity.locked {
        return Err(Refusal::locked(choices));
    }
    version.check(&entity.entity_tag(), choices)?;
    // The name of a group is required, even if it does not change (IBM's SDKs of 2026).
    if kind == Kind::Group || text(&fields, "name")?.is_some() {
        required(&fields, "name")?.clone_into(&mut entity.name);
    }
    set_fields(call, &fields, &mut entity)?;
    check_name(call, &change, &entity)?;
    entity.revise(&change, &user.iam_id, "UPDATE", call.now)?;
    let body = entity.body(call.flag("show_group_id")?);
    change.commit()?;
    Ok(Reply::ok(body).with_etag(choices))
}

/// `DELETE /v1/serviceids/{id}` and `DELETE /v1/serviceid_groups/{id}`. Deletes the keys of a service ID too, if none is
/// locked and this choice is made.
pub(super) fn delete(call: &Call, kind: Kind) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    let entity = permitted(&change, &user, kind, &call.id, "delete")?;
    if entity.locked {
        return Err(Refusal::locked(&call.app.setup.choices));
    }
    if change.prepare_cached("SELECT 1 FROM entities WHERE group_id = ?")?.exists([&entity.id])? {
        return Err(Refusal::in_use(&call.app.setup.choices, "The group has service IDs."));
    }
    if kind == Kind::ServiceId {
        let choices = &call.app.setup.choices;
        let sql = "SELECT 1 FROM keys WHERE iam_id = ? AND (locked OR NOT ?)";
        let parameters = params![entity.iam_id(), choices.delete_service_id_with_keys];
        if change.prepare_cached(sql)?.exists(parameters)? {
            return Err(Refusal::in_use(choices, "The service ID has API keys."));
        }
    }
    entity.delete(&change)?;
    change.commit()?;
    Ok(Reply::done())
}

/// `POST` and `DELETE /v1/serviceids/{id}/lock`
pub(super) fn set_locked(call: &Call, locked: bool) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let choices = &call.app.setup.choices;
    let mut connection = call.app.store.lock();
    let change = immediate(&mut connection)?;
    let (verb, done) = if locked { ("lock", "LOCK") } else { ("unlock", "UNLOCK") };
    let mut entity = permitted(&change, &user, Kind::ServiceId, &call.id, verb)?;
    if entity.locked == locked && choices.repeated_status == 409 {
        return Err(Refusal::already_so(choices));
    }
    entity.locked = locked;
    entity.revise(&change, &user.iam_id, done, call.now)?;
    change.commit()?;
    Ok(Reply::done())
}

/// `GET /v1/accounts/{id}/limits/identity`: the limits and the current counts. Parameters select the parts of the
/// response; without parameters, which is not documented, the response has all parts.
pub(super) fn limits(call: &Call) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    if call.id != user.account_id {
        return Err(Refusal::foreign_account());
    }
    if !user.is_administrator() {
        return Err(user.forbidden("iam-identity.account.get"));
    }
    let connection = call.app.store.lock();
    let (of_groups, per_group, per_identity) = ("serviceid_groups", "serviceids_per_group", "apikeys_per_identity");
    let names_none = [of_groups, per_group, per_identity].iter().all(|name| call.parameter(name).is_none());
    // The counts for the IDs in the parameter, also those that are 0; without the parameter, for all known IDs.
    let counts = |parameter: &str, name: &str, sql: &str| -> Result<Vec<Value>, Refusal> {
        let mut statement = connection.prepare_cached(sql)?;
        let rows =
            statement.query_map([&user.account_id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let known = rows.collect::<Result<Vec<_>, _>>()?;
        let count_of = |id: &str| known.iter().find(|(known, _)| known == id).map_or(0, |(_, count)| *count);
        let asked =
            call.parameter(parameter).map(|asked| asked.split(',').map(|id| (id.to_owned(), count_of(id))).collect());
        let shown: Vec<(String, i64)> = asked.unwrap_or_else(|| known.clone());
        Ok(shown.into_iter().map(|(id, count)| json!({name: id, "count": count})).collect())
    };
    let mut body = json!({});
    if names_none || call.flag(of_groups)? {
        body[of_groups] = json!({"limit": GROUPS, "count": count(&connection, Kind::Group, &user.account_id)?});
    }
    if names_none || call.parameter(per_group).is_some() {
        let sql = "SELECT coalesce(group_id, 'default'), count(*) FROM entities \
                   WHERE account_id = ? AND kind = 'ServiceId' GROUP BY 1 ORDER BY 1";
        body[per_group] = json!({"limit": SERVICE_IDS, "serviceid_groups": counts(per_group, "group_id", sql)?});
    }
    if names_none || call.parameter(per_identity).is_some() {
        let sql = "SELECT iam_id, count(*) FROM keys WHERE account_id = ? GROUP BY 1 ORDER BY 1";
        let limit = call.app.setup.limits.keys_per_identity;
        body[per_identity] = json!({"limit": limit, "identities": counts(per_identity, "iam_id", sql)?});
    }
    Ok(Reply::ok(body))
}

/// The documented limit of service IDs; the sandbox does not enforce it.
const SERVICE_IDS: u32 = 2000;

/// The limit of groups, which is not documented; the sandbox does not enforce it.
const GROUPS: u32 = 100;

/// Returns the name of an action, for errors.
fn action(kind: Kind, verb: &str) -> String {
    format!("iam-identity.{}.{verb}", kind.resource())
}

/// Returns the service ID or group, if it exists and the user may perform the action on it.
fn permitted(connection: &Connection, user: &Identity, kind: Kind, id: &str, verb: &str) -> Result<Entity, Refusal> {
    let found = find(connection, kind, id)?.filter(|entity| entity.account_id == user.account_id);
    let entity = found.ok_or_else(|| Refusal::not_found(kind.word(), id))?;
    let is_itself = verb == "get" && entity.iam_id() == user.iam_id;
    if !(user.is_administrator() || entity.created_by == user.iam_id || is_itself) {
        return Err(user.forbidden(&action(kind, verb)));
    }
    Ok(entity)
}

/// Sets the fields that creations and updates have in common.
fn set_fields(call: &Call, fields: &Map<String, Value>, entity: &mut Entity) -> Result<(), Refusal> {
    if let Some(description) = text(fields, "description")? {
        entity.description = Some(description.to_owned()).filter(|text| !text.is_empty());
    }
    if let Some(instances) = texts(fields, "unique_instance_crns")? {
        entity.instances = instances;
    }
    let limits = &call.app.setup.limits;
    within(limits.name, "name", &entity.name)?;
    within(limits.description, "description", entity.description.as_deref().unwrap_or_default())
}

/// Checks the name of a group, which must be unique in the account.
fn check_name(call: &Call, connection: &Connection, entity: &Entity) -> Result<(), Refusal> {
    let same = "SELECT 1 FROM entities WHERE kind = ? AND account_id = ? AND name = ? AND id <> ?";
    let parameters = [entity.kind.word(), &entity.account_id, &entity.name, &entity.id];
    if entity.kind == Kind::Group && connection.prepare_cached(same)?.exists(parameters)? {
        return Err(Refusal::in_use(&call.app.setup.choices, "There is a group of this name."));
    }
    Ok(())
}
