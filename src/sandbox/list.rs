//! `GET /v1/apikeys`, `/v1/serviceids` and `/v1/serviceid_groups`: scopes, filters, sort orders and pages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, Row, params_from_iter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::entities::{self, Entity, Kind};
use super::error::Refusal;
use super::filter::{self, Grammar};
use super::history;
use super::identities::Identity;
use super::keys::{self, Include};
use super::records::{KEY_COLUMNS, StoredKey};
use super::setup::Choices;

/// All settings that select the content of a page. The page token contains them, and is opaque to the client.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Selection {
    /// The name of the list.
    #[serde(rename = "lst")]
    list: String,
    #[serde(rename = "acc")]
    account_id: String,
    /// The owner of the keys, or the creator of the service IDs; `None` for all.
    #[serde(rename = "iam")]
    iam_id: Option<String>,
    #[serde(rename = "typ", default)]
    owner_type: Option<OwnerType>,
    /// The exact name, in lists of service IDs and groups.
    #[serde(rename = "nam", default)]
    name: Option<String>,
    /// The group of the service IDs, or of the service IDs that own the keys; keys of users are in no group.
    #[serde(rename = "grp", default)]
    group: Option<InGroup>,
    #[serde(rename = "shg", default)]
    shows_group: bool,
    #[serde(rename = "pgS")]
    size: u32,
    #[serde(rename = "off")]
    offset: u32,
    sort: Option<String>,
    desc: bool,
    #[serde(rename = "flt")]
    filter: Option<String>,
    #[serde(rename = "his")]
    history: bool,
}

/// A group of service IDs.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum InGroup {
    Default,
    Named(String),
}

/// The type of the keys' owners, in a list of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OwnerType {
    User,
    ServiceId,
}

/// A table that can be listed.
struct Source<T> {
    /// The name of the list, which is also the last part of its path.
    plural: &'static str,
    table: &'static str,
    columns: &'static str,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
    /// The fields to sort by, which are also column names.
    sorts: &'static [&'static str],
}

const KEYS: Source<StoredKey> = Source {
    plural: "apikeys",
    table: "keys",
    columns: KEY_COLUMNS,
    read: StoredKey::read,
    sorts: &["name", "description", "created_at", "created_by"],
};

fn source_of(kind: Kind) -> Source<Entity> {
    let plural = kind.plural();
    let sorts = &["name", "description", "created_at", "modified_at"];
    Source { plural, table: "entities", columns: entities::COLUMNS, read: Entity::read, sorts }
}

/// `GET /v1/apikeys`
pub(super) fn list(call: &Call) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let selection = match call.parameter("pagetoken") {
        Some(token) => Selection::from_token(token, KEYS.plural)?,
        None => Selection::of_keys(call, &user)?,
    };
    let connection = call.app.store.lock();
    // A page token comes from the client, so its content needs the same check.
    selection.check_rights(&connection, &user)?;
    let include = Include { history: selection.history, ..Include::default() };
    page(call, &connection, &selection, &KEYS, None, |key| {
        keys::body(&connection, key, include, &call.app.setup.choices)
    })
}

/// `GET /v1/serviceids` and `GET /v1/serviceid_groups`. Non-administrators see only those that they created.
pub(super) fn list_entities(call: &Call, kind: Kind) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    let source = source_of(kind);
    let mut selection = match call.parameter("pagetoken") {
        Some(token) => Selection::from_token(token, source.plural)?,
        None => Selection::of_entities(call, &user, kind, &source)?,
    };
    if selection.account_id != user.account_id {
        return Err(Refusal::foreign_account());
    }
    selection.iam_id = (!user.is_administrator()).then(|| user.iam_id.clone());
    let connection = call.app.store.lock();
    page(call, &connection, &selection, &source, Some(kind), |entity: &Entity| {
        let mut body = entity.body(selection.shows_group);
        if selection.history {
            body["history"] = history::read(&connection, &entity.id, &entity.account_id)?;
        }
        Ok(body)
    })
}

/// Returns a page of a list, with its links.
fn page<T>(
    call: &Call,
    connection: &Connection,
    selection: &Selection,
    source: &Source<T>,
    kind: Option<Kind>,
    body: impl Fn(&T) -> Result<Value, Refusal>,
) -> Result<Reply, Refusal> {
    let choices = &call.app.setup.choices;
    // A key of the future is there all the same: the data may come from a sandbox with another clock.
    let lag = Some(i64::from(choices.lists_after)).filter(|lag| *lag > 0 && kind.is_none());
    let condition = selection.condition(kind, grammar(choices), lag.map(|lag| call.now - lag));
    let (rows, more) = selection.read(connection, source, condition)?;
    let bodies = rows.iter().map(body).collect::<Result<Vec<_>, _>>()?;
    let repeated = if choices.next_repeats_parameters { call.parameters_but("pagetoken") } else { String::new() };
    let path = format!("{}/v1/{}", call.app.url, source.plural);
    let link = |offset: u32| selection.link(&path, offset, &repeated);
    let account: String = url::form_urlencoded::byte_serialize(selection.account_id.as_bytes()).collect();
    let mut page = json!({
        "offset": selection.offset,
        "limit": selection.size,
        "first": format!("{path}?account_id={account}"),
    });
    if selection.offset > 0 {
        page["previous"] = link(selection.offset.saturating_sub(selection.size));
    }
    if more {
        page["next"] = link(selection.offset.saturating_add(selection.size));
    }
    page[source.plural] = Value::Array(bodies);
    Ok(Reply::ok(page))
}

fn page_size(call: &Call) -> Result<u32, Refusal> {
    let Some(text) = call.parameter("pagesize") else {
        return Ok(20);
    };
    let size = text.parse().ok().filter(|size| (1..=100).contains(size));
    size.ok_or_else(|| Refusal::invalid("pagesize", text, "1..100"))
}

/// Returns an empty list, for objects that the sandbox does not support but that IBM's own clients also list.
pub(super) fn nothing(call: &Call, plural: &str) -> Result<Reply, Refusal> {
    let user = call.caller()?;
    if call.parameter("account_id").is_some_and(|account| account != user.account_id) {
        return Err(Refusal::foreign_account());
    }
    Ok(Reply::ok(json!({"offset": 0, "limit": page_size(call)?, plural: []})))
}

impl Selection {
    /// Reads the parameters that all lists have in common.
    fn from_parameters(call: &Call, account_id: &str, list: &str, sorts: &[&str]) -> Result<Self, Refusal> {
        let sort = call.parameter("sort").map(str::to_owned);
        if let Some(field) = &sort
            && !sorts.contains(&field.as_str())
        {
            return Err(Refusal::invalid("sort", field, &sorts.join(", ")));
        }
        let desc = match call.parameter("order") {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(other) => return Err(Refusal::invalid("order", other, "asc, desc")),
        };
        let filter = call.parameter("filter").map(str::to_owned);
        if let Some(expression) = &filter
            && filter::parse(expression, grammar(&call.app.setup.choices)).is_none()
        {
            let valid = "name|description sw|ew|co[_ci] \"text\", joined by and, or, ( )";
            return Err(Refusal::invalid("filter", expression, valid));
        }
        Ok(Self {
            list: list.to_owned(),
            account_id: account_id.to_owned(),
            iam_id: None,
            owner_type: None,
            name: None,
            group: None,
            shows_group: false,
            size: page_size(call)?,
            offset: 0,
            sort,
            desc,
            filter,
            history: call.flag("include_history")?,
        })
    }

    fn of_keys(call: &Call, user: &Identity) -> Result<Self, Refusal> {
        let whole_account = match call.parameter("scope") {
            None | Some("entity") => false,
            Some("account") => true,
            Some(other) => return Err(Refusal::invalid("scope", other, "entity, account")),
        };
        let owner_type = match call.parameter("type") {
            None => None,
            Some("user") => Some(OwnerType::User),
            Some("serviceid") => Some(OwnerType::ServiceId),
            Some(other) => return Err(Refusal::invalid("type", other, "user, serviceid")),
        };
        let iam_id = match (whole_account, call.parameter("iam_id")) {
            (true, _) if !user.is_administrator() => None,
            (true, None) => None,
            (_, asked) => Some(asked.unwrap_or(&user.iam_id).to_owned()),
        };
        let account_id = call.parameter("account_id").unwrap_or(&user.account_id);
        let choices = &call.app.setup.choices;
        // Keys of users are in no group.
        let group = match &iam_id {
            Some(iam_id) if !entities::is_service_id(iam_id) => None,
            Some(_) => group_of(call, account_id, choices.default_group_with_iam_id)?,
            None => group_of(call, account_id, true)?,
        };
        Ok(Self { iam_id, owner_type, group, ..Self::from_parameters(call, account_id, KEYS.plural, KEYS.sorts)? })
    }

    fn of_entities(call: &Call, user: &Identity, kind: Kind, source: &Source<Entity>) -> Result<Self, Refusal> {
        let account_id = match (call.parameter("account_id"), kind) {
            (Some(account_id), _) => account_id,
            (None, Kind::ServiceId) => return Err(Refusal::missing("account_id")),
            (None, Kind::Group) => &user.account_id,
        };
        Ok(Self {
            name: call.parameter("name").map(str::to_owned),
            group: if kind == Kind::ServiceId { group_of(call, account_id, true)? } else { None },
            shows_group: call.flag("show_group_id")?,
            ..Self::from_parameters(call, account_id, source.plural, source.sorts)?
        })
    }

    fn from_token(token: &str, list: &str) -> Result<Self, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(token.trim_end_matches('='));
        let selection: Option<Self> = bytes.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        selection
            .filter(|selection| selection.list == list && (1..=100).contains(&selection.size))
            .ok_or_else(|| Refusal::invalid("pagetoken", token, "one from 'next' or 'previous'"))
    }

    fn check_rights(&self, connection: &Connection, user: &Identity) -> Result<(), Refusal> {
        if self.account_id != user.account_id {
            return Err(Refusal::foreign_account());
        }
        match &self.iam_id {
            None if user.is_administrator() => Ok(()),
            None => Err(user.forbidden("iam-identity.apikey.manage")),
            Some(iam_id) if *iam_id == user.iam_id => Ok(()),
            Some(iam_id) => {
                let service_id = entities::by_iam_id(connection, iam_id)?;
                service_id.filter(|known| known.account_id == user.account_id).ok_or_else(Refusal::foreign_iam_id)?;
                if user.may_manage(connection, iam_id)? {
                    return Ok(());
                }
                Err(user.forbidden("iam-identity.apikey.list"))
            }
        }
    }

    /// Returns the SQL condition for what is selected, with its parameters. `until` is when it was created at the latest.
    fn condition(&self, kind: Option<Kind>, grammar: Grammar<'_>, until: Option<i64>) -> (String, Vec<SqlValue>) {
        let mut parameters: Vec<SqlValue> = vec![self.account_id.clone().into()];
        let mut wanted = "account_id = ?".to_owned();
        if let Some(until) = until {
            wanted.push_str(" AND created_at <= ?");
            parameters.push(until.into());
        }
        let owner = if kind.is_some() { "created_by" } else { "iam_id" };
        for (column, value) in
            [(owner, self.iam_id.as_deref()), ("kind", kind.map(Kind::word)), ("name", self.name.as_deref())]
        {
            if let Some(value) = value {
                wanted.push_str(&format!(" AND {column} = ?"));
                parameters.push(value.to_owned().into());
            }
        }
        if let Some(group) = &self.group {
            let condition = match group {
                InGroup::Default => "group_id IS NULL",
                InGroup::Named(id) => {
                    parameters.push(id.clone().into());
                    "group_id = ?"
                }
            };
            if kind.is_some() {
                wanted.push_str(&format!(" AND {condition}"));
            } else {
                wanted.push_str(&format!(
                    " AND (iam_id NOT LIKE 'iam-ServiceId-%' OR iam_id IN \
                     (SELECT 'iam-' || id FROM entities WHERE {condition}))"
                ));
            }
        }
        match self.owner_type {
            Some(OwnerType::User) => wanted.push_str(" AND iam_id NOT LIKE 'iam-%'"),
            Some(OwnerType::ServiceId) => wanted.push_str(" AND iam_id LIKE 'iam-ServiceId-%'"),
            None => {}
        }
        if let Some(condition) = self.filter.as_deref().and_then(|text| filter::parse(text, grammar)) {
            wanted.push_str(" AND ");
            // The table of service IDs and groups has no column for the IAM ID.
            let sql = if kind.is_some() { condition.sql.replace("iam_id", "('iam-' || id)") } else { condition.sql };
            wanted.push_str(&sql);
            parameters.extend(condition.parameters.into_iter().map(SqlValue::from));
        }
        (wanted, parameters)
    }

    /// Reads one page, and returns whether there is another page.
    fn read<T>(
        &self,
        connection: &Connection,
        source: &Source<T>,
        (wanted, mut parameters): (String, Vec<SqlValue>),
    ) -> Result<(Vec<T>, bool), Refusal> {
        let direction = if self.desc { "DESC" } else { "ASC" };
        let sort = source.sorts.iter().find(|field| Some(**field) == self.sort.as_deref());
        let order = sort.map_or(format!("seq {direction}"), |field| format!("{field} {direction}, seq {direction}"));
        // The inner query can skip the rows before the page in an index, where rows are short.
        let Source { table, columns, .. } = source;
        let sql = format!(
            "SELECT {columns} FROM {table} WHERE seq IN \
             (SELECT seq FROM {table} WHERE {wanted} ORDER BY {order} LIMIT ? OFFSET ?) ORDER BY {order}"
        );
        let size = self.size as usize;
        parameters.extend([i64::from(self.size) + 1, i64::from(self.offset)].map(SqlValue::from));
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(parameters), source.read)?;
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        let more = rows.len() > size;
        rows.truncate(size);
        Ok((rows, more))
    }

    /// Returns the URL of the page that starts at this offset.
    fn link(&self, path: &str, offset: u32, repeated: &str) -> Value {
        let page = Self { offset, ..self.clone() };
        let token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&page).unwrap_or_default());
        format!("{path}?{repeated}pagetoken={token}").into()
    }
}

/// Returns the group that a request names; otherwise the default group, if this choice is made and the default applies;
/// `None` for all groups.
fn group_of(call: &Call, account_id: &str, default_applies: bool) -> Result<Option<InGroup>, Refusal> {
    match call.parameter("group_id") {
        Some(entities::DEFAULT_GROUP) => Ok(Some(InGroup::Default)),
        Some(id) => {
            let known = entities::find(&call.app.store.lock(), Kind::Group, id)?;
            let known = known.filter(|known| known.account_id == account_id);
            known.map(|known| Some(InGroup::Named(known.id))).ok_or_else(|| Refusal::not_found(Kind::Group.word(), id))
        }
        None => Ok((call.app.setup.choices.default_group && default_applies).then_some(InGroup::Default)),
    }
}

fn grammar(choices: &Choices) -> Grammar<'_> {
    Grammar { attributes: &choices.filter_attributes, escapes: choices.filter_escapes }
}
