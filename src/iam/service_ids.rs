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
    /// The group; `None` if the response does not name it.
    pub group_id: Option<String>,
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
            group_id: Some(text("group_id")).filter(|group_id| !group_id.is_empty()),
            id,
            fields,
        })
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(alias = "serviceids", alias = "serviceid_groups")]
    items: Vec<Map<String, Value>>,
    #[serde(default)]
    next: Option<String>,
}

/// The groups of service IDs in an account, in addition to the default group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Groups {
    /// Their IDs.
    Known(Vec<String>),
    /// The user may not list them.
    Forbidden,
}

impl Groups {
    /// Their IDs, as far as they are known.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        match self {
            Self::Known(ids) => ids,
            Self::Forbidden => &[],
        }
    }

    /// What a list of all these groups contains.
    pub fn coverage(&self) -> Coverage {
        match self {
            Self::Known(_) => Coverage::Complete,
            Self::Forbidden => Coverage::DefaultGroup,
        }
    }
}

/// Whether a list contains all service IDs, or the keys of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Coverage {
    /// Those of all groups.
    Complete,
    /// Those of the default group only: the user may not list the other groups.
    DefaultGroup,
}

impl Client {
    /// `list_service_ids`: all pages of all groups; with a name, only those with exactly that name.
    ///
    /// # Errors
    /// 403 for a user without permission to see them.
    pub async fn list_service_ids(
        &self,
        account_id: &str,
        name: Option<&str>,
    ) -> Result<(Vec<ServiceId>, Coverage), Error> {
        let mut found: Vec<ServiceId> = Vec::new();
        let groups = self.service_id_groups(account_id).await?;
        // Without a group, the service lists the default group only (IBM's SDKs of 2026).
        for group_id in std::iter::once(None).chain(groups.ids().iter().map(Some)) {
            let parameters = [("name", name), ("group_id", group_id.map(String::as_str))];
            for fields in self.all_pages("/v1/serviceids/", account_id, &parameters).await? {
                let mut service_id = ServiceId::of(fields)?;
                // A service that ignores groups lists each service ID for every group.
                if !found.iter().any(|known| known.id == service_id.id) {
                    service_id.group_id = service_id.group_id.or_else(|| group_id.cloned());
                    found.push(service_id);
                }
            }
        }
        // Compares the names, however the service interprets the name in the query.
        found.retain(|found| name.is_none_or(|name| found.name == name));
        Ok((found, groups.coverage()))
    }

    /// `list_service_id_groups`: the groups in addition to the default group. A service without groups responds with
    /// 404.
    ///
    /// # Errors
    /// `Unreachable`, `Unreadable`, and statuses other than 403 and 404.
    pub async fn service_id_groups(&self, account_id: &str) -> Result<Groups, Error> {
        let groups = match self.all_pages("/v1/serviceid_groups", account_id, &[]).await {
            Ok(groups) => groups,
            Err(error) if error.refused_with(403).is_some() => return Ok(Groups::Forbidden),
            Err(error) if error.refused_with(404).is_some() => return Ok(Groups::Known(Vec::new())),
            Err(error) => return Err(error),
        };
        let ids = groups.iter().filter_map(|group| group.get("id")?.as_str().map(str::to_owned));
        Ok(Groups::Known(ids.collect()))
    }

    /// Lists the objects of all pages of a list.
    async fn all_pages(
        &self,
        path: &str,
        account_id: &str,
        parameters: &[(&'static str, Option<&str>)],
    ) -> Result<Vec<Map<String, Value>>, Error> {
        let (mut chain, mut found) = (Chain::default(), Vec::new());
        let mut token: Option<String> = None;
        loop {
            let request = Request::read(path).query("account_id", account_id).query("pagesize", PAGE_SIZE.to_string());
            let given = parameters.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
            let request = given.fold(request, |request, (name, value)| request.query(name, value));
            let request = token.into_iter().fold(request, |request, token| request.query("pagetoken", token));
            let page: Page = object(&self.send(request).await?.body)?;
            found.extend(page.items);
            token = chain.advance(page.next.as_deref())?;
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    /// `get_service_id`, with its group.
    ///
    /// # Errors
    /// 404; 403 for a user without permission to see it.
    pub async fn get_service_id(&self, id: &str) -> Result<ServiceId, Error> {
        let id = Segment::new(id).ok_or_else(|| Error::unreadable("a service ID has no usable ID"))?;
        ServiceId::of(object(
            &self.send(Request::read(format!("/v1/serviceids/{id}")).query("show_group_id", "true")).await?.body,
        )?)
    }
}

/// Parses a response in which a text may contain lone surrogates.
fn object<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, Error> {
    match std::str::from_utf8(body).ok().and_then(without_lone_surrogates) {
        Some(repaired) => parse(repaired.as_bytes()),
        None => parse(body),
    }
}
