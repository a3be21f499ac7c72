//! Service IDs: identities of programs, whose API keys are managed like those of users.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::client::Client;
use super::endpoint::Segment;
use super::error::Error;
use super::json::{parse, without_lone_surrogates};
use super::paging::{Chain, PAGE_SIZE};
use super::request::Request;

/// The prefix of every ID.
const ID_PREFIX: &str = "ServiceId-";

/// A service ID. Everything but the ID may be missing in a response, and is empty then.
#[derive(Debug, Clone, Default)]
pub struct ServiceId {
    /// `ServiceId-<uuid>`.
    pub id: String,
    /// The `iam_id` of its keys: `iam-` and the ID.
    pub iam_id: String,
    /// The name; not unique.
    pub name: String,
    /// The description; empty if there is none.
    pub description: String,
    /// The creation time as sent, usually `2026-11-23T09:00+0000`.
    pub created_at: String,
    /// The modification time as sent.
    pub modified_at: String,
    /// Whether the service ID can be neither changed nor deleted.
    pub locked: bool,
    /// The object as it was sent.
    pub fields: Map<String, Value>,
}

impl ServiceId {
    /// Whether a text has the form of an ID.
    #[must_use]
    pub fn is_id(text: &str) -> bool {
        text.len() == ID_PREFIX.len() + 36 && text.starts_with(ID_PREFIX)
    }

    /// The ID of the service ID that an IAM ID belongs to; `None` for other identities.
    #[must_use]
    pub fn id_of(iam_id: &str) -> Option<&str> {
        iam_id.strip_prefix("iam-").filter(|id| Self::is_id(id))
    }

    fn of(fields: Map<String, Value>) -> Result<Self, Error> {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = text("id");
        if id.is_empty() {
            return Err(Error::unreadable("a service ID has no ID"));
        }
        let iam_id = Some(text("iam_id")).filter(|iam_id| !iam_id.is_empty()).unwrap_or_else(|| format!("iam-{id}"));
        Ok(Self {
            iam_id,
            name: text("name"),
            description: text("description"),
            created_at: text("created_at"),
            modified_at: text("modified_at"),
            locked: fields.get("locked") == Some(&Value::Bool(true)),
            id,
            fields,
        })
    }
}

#[derive(Deserialize)]
struct Page {
    serviceids: Vec<Map<String, Value>>,
    #[serde(default)]
    next: Option<String>,
}

impl Client {
    /// `list_service_ids`: all pages; with a name, only those with exactly that name.
    ///
    /// # Errors
    /// 403 for a user without permission to see them.
    pub async fn list_service_ids(&self, account_id: &str, name: Option<&str>) -> Result<Vec<ServiceId>, Error> {
        let (mut chain, mut found) = (Chain::default(), Vec::new());
        let mut token: Option<String> = None;
        loop {
            let request = Request::read("/v1/serviceids/")
                .query("account_id", account_id)
                .query("pagesize", PAGE_SIZE.to_string());
            let request = name.into_iter().fold(request, |request, name| request.query("name", name));
            let request = token.into_iter().fold(request, |request, token| request.query("pagetoken", token));
            let page: Page = object(&self.send(request).await?.body)?;
            for fields in page.serviceids {
                found.push(ServiceId::of(fields)?);
            }
            token = chain.advance(page.next.as_deref())?;
            if token.is_none() {
                // Compares the names, however the service interprets the name in the query.
                found.retain(|found| name.is_none_or(|name| found.name == name));
                return Ok(found);
            }
        }
    }

    /// `get_service_id`.
    ///
    /// # Errors
    /// 404; 403 for a user without permission to see it.
    pub async fn get_service_id(&self, id: &str) -> Result<ServiceId, Error> {
        let id = Segment::new(id).ok_or_else(|| Error::unreadable("a service ID has no usable ID"))?;
        ServiceId::of(object(&self.send(Request::read(format!("/v1/serviceids/{id}"))).await?.body)?)
    }
}

/// Parses a response in which a text may contain lone surrogates.
fn object<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, Error> {
    match std::str::from_utf8(body).ok().and_then(without_lone_surrogates) {
        Some(repaired) => parse(repaired.as_bytes()),
        None => parse(body),
    }
}
