//! `GET /v1/apikeys`: scopes, filters, orders and pages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, params_from_iter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::error::Fault;
use super::filter::{self, Grammar};
use super::keys::{self, Include};
use super::records::{KEY_COLUMNS, StoredKey, User};
use super::setup::Choices;

/// Everything that decides what is on a page. As a page token it travels through the client, opaque.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Selection {
    #[serde(rename = "acc")]
    account_id: String,
    #[serde(rename = "iam")]
    iam_id: Option<String>,
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

/// The operation.
pub(super) fn list(call: &Call) -> Result<Reply, Fault> {
    let user = call.user()?;
    let selection = match call.parameter("pagetoken") {
        Some(token) => Selection::from_token(token)?,
        None => Selection::from_parameters(call, &user)?,
    };
    // A token comes from outside like anything else.
    selection.check_rights(&user)?;

    let choices = &call.app.setup.choices;
    let connection = call.app.store.lock();
    let (keys, more) = selection.read(&connection, grammar(choices))?;
    let include = Include { history: selection.history, activity: false };
    let mut bodies = Vec::with_capacity(keys.len());
    for key in &keys {
        bodies.push(keys::body(&connection, key, include, choices)?);
    }
    let repeated = if choices.next_repeats_parameters { call.parameters_but("pagetoken") } else { String::new() };
    let link = |offset: u32| selection.link(&call.app.url, offset, &repeated);
    let account: String = url::form_urlencoded::byte_serialize(selection.account_id.as_bytes()).collect();
    let mut page = json!({
        "offset": selection.offset,
        "limit": selection.size,
        "first": format!("{}/v1/apikeys?account_id={account}", call.app.url),
    });
    if selection.offset > 0 {
        page["previous"] = link(selection.offset.saturating_sub(selection.size));
    }
    if more {
        page["next"] = link(selection.offset.saturating_add(selection.size));
    }
    page["apikeys"] = Value::Array(bodies);
    Ok(Reply::ok(page))
}

fn page_size(call: &Call) -> Result<u32, Fault> {
    let Some(text) = call.parameter("pagesize") else {
        return Ok(20);
    };
    let size = text.parse().ok().filter(|size| (1..=100).contains(size));
    size.ok_or_else(|| Fault::invalid("pagesize", text, "1..100"))
}

/// Lists of what there is none of here; IBM's own clients look for them around their work.
pub(super) fn nothing(call: &Call, plural: &str) -> Result<Reply, Fault> {
    call.user()?;
    Ok(Reply::ok(json!({"offset": 0, "limit": page_size(call)?, plural: []})))
}

impl Selection {
    fn from_parameters(call: &Call, user: &User) -> Result<Self, Fault> {
        let size = page_size(call)?;
        let whole_account = match call.parameter("scope") {
            None | Some("entity") => false,
            Some("account") => true,
            Some(other) => return Err(Fault::invalid("scope", other, "entity, account")),
        };
        let no_users = match call.parameter("type") {
            None | Some("user") => false,
            Some("serviceid") => true,
            Some(other) => return Err(Fault::invalid("type", other, "user, serviceid")),
        };
        let sort = call.parameter("sort").map(str::to_owned);
        if let Some(field) = &sort
            && !SORTS.contains(&field.as_str())
        {
            return Err(Fault::invalid("sort", field, &SORTS.join(", ")));
        }
        let desc = match call.parameter("order") {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(other) => return Err(Fault::invalid("order", other, "asc, desc")),
        };
        let filter = call.parameter("filter").map(str::to_owned);
        if let Some(expression) = &filter
            && filter::parse(expression, grammar(&call.app.setup.choices)).is_none()
        {
            let valid = "name|description sw|ew|co[_ci] \"text\", joined by and, or, ( )";
            return Err(Fault::invalid("filter", expression, valid));
        }
        let asked = call.parameter("iam_id");
        let iam_id = match (whole_account, asked) {
            (true, _) if !user.is_administrator() => None,
            // There are no service ids yet, so no keys of theirs.
            _ if no_users => Some(String::new()),
            (true, None) => None,
            (_, asked) => Some(asked.unwrap_or(&user.iam_id).to_owned()),
        };
        Ok(Self {
            account_id: call.parameter("account_id").unwrap_or(&user.account_id).to_owned(),
            iam_id,
            size,
            offset: 0,
            sort,
            desc,
            filter,
            history: call.flag("include_history")?,
        })
    }

    fn from_token(token: &str) -> Result<Self, Fault> {
        let bytes = URL_SAFE_NO_PAD.decode(token.trim_end_matches('='));
        let selection: Option<Self> = bytes.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        selection
            .filter(|selection| (1..=100).contains(&selection.size))
            .ok_or_else(|| Fault::invalid("pagetoken", token, "one from 'next' or 'previous'"))
    }

    fn check_rights(&self, user: &User) -> Result<(), Fault> {
        if self.account_id != user.account_id {
            return Err(Fault::foreign_account());
        }
        match &self.iam_id {
            None if user.is_administrator() => Ok(()),
            None => {
                let action = "iam-identity.apikey.manage";
                Err(Fault::forbidden(action, &user.iam_id, &user.account_id))
            }
            Some(iam_id) if iam_id.is_empty() || *iam_id == user.iam_id => Ok(()),
            Some(_) => Err(Fault::foreign_iam_id()),
        }
    }

    /// One page, and whether there is another.
    fn read(&self, connection: &Connection, grammar: Grammar<'_>) -> Result<(Vec<StoredKey>, bool), Fault> {
        let mut parameters: Vec<SqlValue> = vec![self.account_id.clone().into()];
        let mut wanted = "account_id = ?".to_owned();
        if let Some(iam_id) = &self.iam_id {
            wanted.push_str(" AND iam_id = ?");
            parameters.push(iam_id.clone().into());
        }
        if let Some(condition) = self.filter.as_deref().and_then(|text| filter::parse(text, grammar)) {
            wanted.push_str(" AND ");
            wanted.push_str(&condition.sql);
            parameters.extend(condition.parameters.into_iter().map(SqlValue::from));
        }
        let direction = if self.desc { "DESC" } else { "ASC" };
        let sort = SORTS.iter().find(|field| Some(**field) == self.sort.as_deref());
        let order = sort.map_or(format!("seq {direction}"), |field| format!("{field} {direction}, seq {direction}"));
        // The keys before the page are passed over in an index, where they are short.
        let sql = format!(
            "SELECT {KEY_COLUMNS} FROM keys WHERE seq IN \
             (SELECT seq FROM keys WHERE {wanted} ORDER BY {order} LIMIT ? OFFSET ?) ORDER BY {order}"
        );
        let size = self.size as usize;
        parameters.extend([i64::from(self.size) + 1, i64::from(self.offset)].map(SqlValue::from));
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(parameters), StoredKey::read)?;
        let mut keys = rows.collect::<Result<Vec<_>, _>>()?;
        let more = keys.len() > size;
        keys.truncate(size);
        Ok((keys, more))
    }

    /// The URL of the page that starts there.
    fn link(&self, url: &str, offset: u32, repeated: &str) -> Value {
        let page = Self { offset, ..self.clone() };
        let token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&page).unwrap_or_default());
        format!("{url}/v1/apikeys?{repeated}pagetoken={token}").into()
    }
}

fn grammar(choices: &Choices) -> Grammar<'_> {
    Grammar { attributes: &choices.filter_attributes, escapes: choices.filter_escapes }
}

/// The fields that a list can be sorted by; also column names.
const SORTS: [&str; 4] = ["name", "description", "created_at", "created_by"];
