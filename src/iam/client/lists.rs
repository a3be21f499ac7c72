//! Lists of keys, page by page.

use super::Client;
use crate::iam::error::Error;
use crate::iam::filter;
use crate::iam::http::Answer;
use crate::iam::page::{self, Page};
use crate::iam::paging::{Chain, PAGE_SIZE};
use crate::iam::request::Request;
use crate::iam::types::{ApiKey, Key};

/// The maximum length of all pages together, in bytes: about 200,000 keys.
const LONGEST_LIST: usize = 128 << 20;

/// Whose keys a list contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The keys of this IAM ID, which must be the token's own or that of a service ID.
    Own(String),
    /// The keys of all users of the account; requires administrator rights.
    Users,
    /// The keys of all users and service IDs of the account; requires the same rights.
    Account,
}

/// Which keys to list.
#[derive(Debug, Clone)]
pub struct KeyQuery {
    /// The account.
    pub account_id: String,
    /// Whose keys.
    pub scope: Scope,
    /// A filter expression.
    pub filter: Option<String>,
    /// Whether the keys include their JSON objects.
    pub objects: bool,
}

impl Client {
    /// `list_api_keys`: all pages. `progress` receives the number of keys so far.
    ///
    /// # Errors
    /// As for [`Self::each_page`].
    pub async fn list_api_keys(&self, query: &KeyQuery, mut progress: impl FnMut(usize)) -> Result<Vec<ApiKey>, Error> {
        let mut keys = Vec::new();
        let collect = |page: Vec<Key<'_>>| {
            keys.extend(page.into_iter().map(Key::into_owned));
            progress(keys.len());
            Ok(())
        };
        self.each_page(query, collect).await?;
        Ok(keys)
    }

    /// `list_api_keys`: each page as it arrives. If possible, the next page is requested before the current one is read
    /// and handled, so that the service works at the same time. If the service rejects the filter, all keys are
    /// requested, so the caller must compare them.
    ///
    /// # Errors
    /// 400 for an IAM ID that the service rejects, 403 for a scope without permission; the errors of `handle`.
    pub async fn each_page<E: From<Error>>(
        &self,
        query: &KeyQuery,
        mut handle: impl FnMut(Vec<Key<'_>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut chain = Chain::default();
        let mut length = 0;
        let first = match self.send(page_request(query, query.filter.as_deref(), None)).await {
            Err(error) if query.filter.is_some() && error.refused_with(400).is_some() => None,
            answer => Some(answer?),
        };
        let filter = query.filter.as_deref().filter(|_| first.is_some());
        let mut answer = match first {
            Some(answer) => answer,
            None => self.send(page_request(query, None, None)).await?,
        };
        loop {
            length += answer.body.len();
            if length > LONGEST_LIST {
                return Err(Error::unreadable(page::TOO_MANY).into());
            }
            let mut read = |answer: Answer| -> Result<Option<String>, E> {
                let page = Page::read(&answer.body, query.objects)?;
                let next = page.next.as_deref().map(str::to_owned);
                let has_values = page.has_values();
                handle(page.keys)?;
                if !has_values {
                    answer.forget();
                }
                Ok(next)
            };
            if let Some(token) = chain.advance(page::early_next(&answer.body).as_deref())? {
                let next = self.send(page_request(query, filter, Some(&token)));
                let handled = async {
                    // Another task writes the request, and runs first here.
                    tokio::task::yield_now().await;
                    read(answer)
                };
                let (next, handled) = tokio::join!(next, handled);
                handled?;
                answer = next?;
            } else {
                let next = read(answer)?;
                let Some(token) = chain.advance(next.as_deref())? else { return Ok(()) };
                answer = self.send(page_request(query, filter, Some(&token))).await?;
            }
        }
    }

    /// `list_api_keys`: the keys of one owner with exactly this name. One request if the service can filter, all pages
    /// if it cannot. Keys of other owners are removed, however the service interprets the query.
    ///
    /// # Errors
    /// As for [`Self::list_api_keys`].
    pub async fn own_keys_named(&self, account_id: &str, iam_id: &str, name: &str) -> Result<Vec<ApiKey>, Error> {
        let query = KeyQuery {
            account_id: account_id.to_owned(),
            scope: Scope::Own(iam_id.to_owned()),
            filter: filter::name_starts_with(name),
            objects: true,
        };
        let mut keys = self.list_api_keys(&query, |_| ()).await?;
        let is = |own: &str, told: &str| told.is_empty() || told == own;
        keys.retain(|key| key.name == name && is(iam_id, &key.iam_id) && is(account_id, &key.account_id));
        Ok(keys)
    }
}

fn page_request(query: &KeyQuery, filter: Option<&str>, token: Option<&str>) -> Request {
    let request =
        Request::read("/v1/apikeys").query("account_id", &query.account_id).query("pagesize", PAGE_SIZE.to_string());
    let request = match &query.scope {
        Scope::Own(iam_id) => request.query("iam_id", iam_id),
        Scope::Users => request.query("scope", "account").query("type", "user"),
        Scope::Account => request.query("scope", "account"),
    };
    let request = filter.into_iter().fold(request, |request, filter| request.query("filter", filter));
    token.into_iter().fold(request, |request, token| request.query("pagetoken", token))
}
