//! The accounts of a user. This is the only request to another service than IAM: IBM's accounts service, in the domain
//! of the IAM that issued the token. A custom endpoint receives the request itself.

use serde::Deserialize;
use url::Url;

use super::endpoint::Endpoint;
use super::error::Error;
use super::http::{Http, HttpOptions};
use super::json::parse;
use super::request::Request;
use crate::secret::SecretString;

/// `list_accounts`, as in IBM's documentation of account IDs.
const PATH: &str = "/coe/v2/accounts";

/// The maximum number of pages. No user has more accounts.
const MAX_PAGES: usize = 100;

/// An account that a user is a member of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The name, for display; may be empty.
    pub name: String,
    /// The owner, for display; may be empty.
    pub owner: String,
}

#[derive(Deserialize)]
struct Page {
    resources: Vec<Resource>,
    #[serde(default)]
    next_url: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    metadata: Metadata,
    #[serde(default)]
    entity: Entity,
}

#[derive(Deserialize)]
struct Metadata {
    guid: String,
}

#[derive(Default, Deserialize)]
struct Entity {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    owner_userid: Option<String>,
}

/// Lists the accounts of the token's user, all pages.
///
/// # Errors
/// 401 for an expired token; `Unreadable` if a page links to another address, or the list has no last page.
pub async fn list_accounts(iam: &Endpoint, options: &HttpOptions, token: &SecretString) -> Result<Vec<Account>, Error> {
    let service = iam.accounts_service();
    let http = Http::new(service.clone(), options)?;
    let mut accounts = Vec::new();
    let mut path = PATH.to_owned();
    for _ in 0..MAX_PAGES {
        let request = Request::read(path).secret_header("authorization", "Bearer ", token)?;
        let page: Page = parse(&http.send(&request).await?.body)?;
        accounts.extend(page.resources.into_iter().map(|resource| Account {
            id: resource.metadata.guid,
            name: resource.entity.name.unwrap_or_default(),
            owner: resource.entity.owner_userid.unwrap_or_default(),
        }));
        match page.next_url.filter(|next| !next.is_empty()) {
            None => return Ok(accounts),
            Some(next) => path = same_place(&service, &next)?,
        }
    }
    Err(Error::unreadable("its list of accounts has no last page"))
}

/// Returns the path and query of the next page, which must belong to the same list.
fn same_place(service: &Endpoint, next: &str) -> Result<String, Error> {
    let base = Url::parse(&service.join(PATH)).ok();
    let next = base.as_ref().and_then(|base| base.join(next).ok());
    match (base, next) {
        (Some(base), Some(next)) if next.origin() == base.origin() && next.path() == PATH => {
            Ok(format!("{PATH}?{}", next.query().unwrap_or_default()))
        }
        _ => Err(Error::unreadable("its link to the next page of accounts points to another address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_one_of_the_same_list() {
        let service = Endpoint::parse("https://accounts.cloud.ibm.com").unwrap();
        let next = |text: &str| same_place(&service, text).ok();
        assert_eq!(next("/coe/v2/accounts?_start=50").as_deref(), Some("/coe/v2/accounts?_start=50"));
        assert_eq!(next("https://accounts.cloud.ibm.com/coe/v2/accounts?a").as_deref(), Some("/coe/v2/accounts?a"));
        for foreign in
            ["https://example.com/coe/v2/accounts?a", "//example.com/coe/v2/accounts", "/coe/v2/other", "http:"]
        {
            assert_eq!(next(foreign), None, "{foreign}");
        }
    }
}
