//! Lists of keys, page by page.

use std::collections::HashMap;

use uuid::Uuid;

use super::Client;
use crate::iam::error::Error;
use crate::iam::filter;
use crate::iam::http::Answer;
use crate::iam::page::{self, Page};
use crate::iam::paging::{Chain, PAGE_SIZE};
use crate::iam::request::Request;
use crate::iam::service_ids::{Coverage, ServiceId};
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
    pub async fn list_api_keys(
        &self,
        query: &KeyQuery,
        mut progress: impl FnMut(usize),
    ) -> Result<(Vec<ApiKey>, Coverage), Error> {
        let mut keys = Vec::new();
        let collect = |page: Vec<Key<'_>>| {
            keys.extend(page.into_iter().map(Key::into_owned));
            progress(keys.len());
            Ok(())
        };
        let coverage = self.each_page(query, collect).await?;
        Ok((keys, coverage))
    }

    /// `list_api_keys`: each page as it arrives, and each key once. If possible, the next page is requested before the current one is read
    /// and handled, so that the service works at the same time. If the service rejects the filter, all keys are
    /// requested, so the caller must compare them.
    ///
    /// # Errors
    /// 400 for an IAM ID that the service rejects, 403 for a scope without permission; `Unreadable` for a page that
    /// the service sends twice; the errors of `handle`.
    pub async fn each_page<E: From<Error>>(
        &self,
        query: &KeyQuery,
        mut handle: impl FnMut(Vec<Key<'_>>) -> Result<(), E>,
    ) -> Result<Coverage, E> {
        let mut seen = Seen::default();
        let account = ("scope", "account");
        let part: &[Parameter<'_>] = match &query.scope {
            Scope::Own(iam_id) => &[("iam_id", iam_id)],
            Scope::Users => &[account, ("type", "user")],
            Scope::Account => &[account],
        };
        self.each_page_of(query, part, &mut seen, &mut handle).await?;
        // Without `group_id`, the service lists keys of service IDs in the default group only (IBM's SDKs of 2026).
        match &query.scope {
            Scope::Users => Ok(Coverage::Complete),
            Scope::Own(iam_id) => {
                // The service shows keys of this service ID without a group if it has shown one of them.
                if let (Some(id), true) = (ServiceId::id_of(iam_id), seen.pages.is_empty())
                    && let Some(group_id) = self.group_of(id).await?
                {
                    let part = [("iam_id", iam_id.as_str()), ("group_id", &group_id)];
                    self.each_page_of(query, &part, &mut seen, &mut handle).await?;
                }
                Ok(Coverage::Complete)
            }
            Scope::Account => {
                let groups = self.service_id_groups(&query.account_id).await?;
                for group_id in groups.ids() {
                    let part = [account, ("type", "serviceid"), ("group_id", group_id)];
                    self.each_page_of(query, &part, &mut seen, &mut handle).await?;
                }
                Ok(groups.coverage())
            }
        }
    }

    /// Returns the group of a service ID, unless the service ID does not exist or is in no group.
    async fn group_of(&self, service_id: &str) -> Result<Option<String>, Error> {
        match self.get_service_id(service_id).await {
            Ok(found) => Ok(found.group_id),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lists a part of a scope: what the service lists in one series of pages.
    async fn each_page_of<E: From<Error>>(
        &self,
        query: &KeyQuery,
        part: &[Parameter<'_>],
        seen: &mut Seen,
        handle: &mut impl FnMut(Vec<Key<'_>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let request = |filter: Option<&str>, token: Option<&str>| page_request(query, part, filter, token);
        let mut chain = Chain::default();
        let mut length = 0;
        seen.begin_part();
        let first = match self.send(request(query.filter.as_deref(), None)).await {
            Err(error) if query.filter.is_some() && error.refused_with(400).is_some() => None,
            answer => Some(answer?),
        };
        let filter = query.filter.as_deref().filter(|_| first.is_some());
        let mut answer = match first {
            Some(answer) => answer,
            None => self.send(request(None, None)).await?,
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
                handle(seen.new_keys(page.keys)?)?;
                if !has_values {
                    answer.forget();
                }
                Ok(next)
            };
            if let Some(token) = chain.advance(page::early_next(&answer.body).as_deref())? {
                let next = self.send(request(filter, Some(&token)));
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
                answer = self.send(request(filter, Some(&token))).await?;
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
        let (mut keys, _) = self.list_api_keys(&query, |_| ()).await?;
        let is = |own: &str, told: &str| told.is_empty() || told == own;
        keys.retain(|key| key.name == name && is(iam_id, &key.iam_id) && is(account_id, &key.account_id));
        Ok(keys)
    }
}

/// A parameter of a query.
type Parameter<'a> = (&'static str, &'a str);

/// The keys that a list contains so far.
#[derive(Default)]
struct Seen {
    /// The page on which each key came first.
    pages: HashMap<Id, usize>,
    /// The number of keys on each page.
    sizes: Vec<usize>,
    /// The first page of the current part.
    first: usize,
}

/// The ID of a key. A UUID takes less time and memory than its text.
#[derive(PartialEq, Eq, Hash)]
enum Id {
    Uuid(Uuid),
    Other(String),
}

impl Seen {
    fn begin_part(&mut self) {
        self.first = self.sizes.len();
    }

    /// Removes the keys that came before: keys can move between pages while they are listed, and a service that ignores
    /// groups sends all keys in each part.
    ///
    /// # Errors
    /// `Unreadable` if the page equals an earlier one of the same part: a service that repeats pages may omit others.
    fn new_keys<'a>(&mut self, mut keys: Vec<Key<'a>>) -> Result<Vec<Key<'a>>, Error> {
        let (page, count) = (self.sizes.len(), keys.len());
        self.sizes.push(count);
        let mut before = Vec::new();
        keys.retain(|key| {
            let uuid = key.id.strip_prefix("ApiKey-").and_then(|uuid| Uuid::try_parse(uuid).ok());
            let id = uuid.map_or_else(|| Id::Other(key.id.to_string()), Id::Uuid);
            let first = *self.pages.entry(id).or_insert(page);
            if first != page {
                before.push(first);
            }
            first == page
        });
        match before.first() {
            Some(first)
                if *first >= self.first
                    && self.sizes[*first] == count
                    && before.len() == count
                    && before.iter().all(|other| other == first) =>
            {
                Err(Error::unreadable("the service sent a page twice"))
            }
            _ => Ok(keys),
        }
    }
}

fn page_request(query: &KeyQuery, part: &[Parameter<'_>], filter: Option<&str>, token: Option<&str>) -> Request {
    let request =
        Request::read("/v1/apikeys").query("account_id", &query.account_id).query("pagesize", PAGE_SIZE.to_string());
    let request = part.iter().fold(request, |request, (name, value)| request.query(name, *value));
    let request = filter.into_iter().fold(request, |request, filter| request.query("filter", filter));
    token.into_iter().fold(request, |request, token| request.query("pagetoken", token))
}
