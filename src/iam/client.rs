//! User API keys: one method per operation, with IBM's operation names.

use std::fmt;
use std::sync::Mutex;
use std::time::SystemTime;

use super::endpoint::{Endpoint, Segment};
use super::error::Error;
use super::filter;
use super::http::{Answer, Http};
use super::identity::Identity;
use super::new_key::{CreateAnswer, KeyChanges, KeyDraft};
use super::page::{self, Page};
use super::paging::{Chain, PAGE_SIZE};
use super::renewal::{Renewal, Renewer};
use super::request::{Change, Request};
use super::retry::{Repeat, RetryBudget};
use super::types::{ApiKey, Key};
use crate::mask;
use crate::secret::{self, SecretString};

/// The maximum length of all pages together, in bytes: about 200,000 keys.
const LONGEST_LIST: usize = 128 << 20;

/// Sends requests with an access token.
pub struct Client {
    http: Http,
    token: Mutex<SecretString>,
    renewer: tokio::sync::Mutex<Option<Renewer>>,
}

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

/// What else to request about a key.
#[derive(Debug, Clone, Copy, Default)]
pub struct Include {
    /// The history of the key.
    pub history: bool,
    /// The usage of the key; costly for the service.
    pub activity: bool,
}

impl Client {
    /// Creates a client that uses this connection and this token.
    #[must_use]
    pub fn new(http: Http, token: SecretString) -> Self {
        Self { http, token: Mutex::new(token), renewer: tokio::sync::Mutex::new(None) }
    }

    /// Adds a renewal of the token. Each request that the service rejects uses it once.
    #[must_use]
    pub fn renewed_by(self, renewal: impl Renewal + 'static) -> Self {
        Self { renewer: tokio::sync::Mutex::new(Some(Renewer::new(renewal))), ..self }
    }

    /// Returns the client of the token endpoint over the same connection.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity::over(self.http.clone())
    }

    /// The endpoint that requests are sent to.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.http.endpoint()
    }

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

    /// `get_api_key`.
    ///
    /// # Errors
    /// 404.
    pub async fn get_api_key(&self, id: &str, include: Include) -> Result<ApiKey, Error> {
        let mut request = Request::read(key_path(id, "")?);
        if include.history {
            request = request.query("include_history", "true");
        }
        if include.activity {
            request = request.query("include_activity", "true");
        }
        let answer = self.send(request).await?;
        let mut key = ApiKey::parse(&answer.body)?;
        is_of(&key, id)?;
        if let (true, Some(etag)) = (key.entity_tag.is_empty(), answer.etag) {
            key.entity_tag = etag.into();
        }
        Ok(key)
    }

    /// `get_api_keys_details`: the key that has this value.
    ///
    /// # Errors
    /// 404 if there is no such key.
    pub async fn get_api_keys_details(&self, value: &SecretString) -> Result<ApiKey, Error> {
        let request = Request::read("/v1/apikeys/details").secret_header("iam-apikey", "", value)?;
        ApiKey::parse(&self.send(request).await?.body)
    }

    /// `create_api_key`, with the given value, or with a value that the service makes.
    ///
    /// # Errors
    /// 422 `BXNIM0151E` at the limit of keys; 403 if the account restricts it; 400 for a value that the service
    /// rejects. No error proves that there is no key now: a gateway may have sent the request twice, and returned the
    /// response to the second one.
    pub async fn create_api_key(&self, draft: &KeyDraft, value: Option<&SecretString>) -> Result<CreateAnswer, Error> {
        if let Some(value) = value {
            mask::remember(value);
        }
        let mut request = Request::change(Change::Post, "/v1/apikeys").json(draft_body(draft, value)?);
        if draft.locked {
            request = request.header("entity-lock", "true")?;
        }
        if draft.disabled {
            request = request.header("entity-disable", "true")?;
        }
        // `send` repeats a request after a 401. If the service makes the value, this could create two keys.
        let answer = match value {
            Some(_) => self.send(request).await?,
            None => self.http.send(&request.secret_header("authorization", "Bearer ", &self.token())?).await?,
        };
        let answer = answer.documented(201)?;
        let answer = CreateAnswer::parse(&answer.body)?;
        answer.value.iter().for_each(mask::remember);
        Ok(answer)
    }

    /// `update_api_key`, if the key still has this entity tag.
    ///
    /// # Errors
    /// 409 (or 412) if the key has another entity tag by now, or is locked.
    pub async fn update_api_key(&self, id: &str, entity_tag: &str, changes: &KeyChanges) -> Result<ApiKey, Error> {
        let request =
            Request::change(Change::Put, key_path(id, "")?).header("if-match", entity_tag)?.json(body(changes)?);
        let key = ApiKey::parse(&self.send(request).await?.documented(200)?.body)?;
        is_of(&key, id)?;
        Ok(key)
    }

    /// `delete_api_key`. Tokens made with the key stay valid until they expire.
    ///
    /// # Errors
    /// 404; a conflict if the key is locked.
    pub async fn delete_api_key(&self, id: &str) -> Result<(), Error> {
        self.change(Change::Delete, id, "").await
    }

    /// `lock_api_key`.
    ///
    /// # Errors
    /// 404; possibly 409 if the key is already locked.
    pub async fn lock_api_key(&self, id: &str) -> Result<(), Error> {
        self.change(Change::Post, id, "/lock").await
    }

    /// `unlock_api_key`.
    ///
    /// # Errors
    /// 404; possibly 409 if the key is not locked.
    pub async fn unlock_api_key(&self, id: &str) -> Result<(), Error> {
        self.change(Change::Delete, id, "/lock").await
    }

    /// `disable_api_key`.
    ///
    /// # Errors
    /// 404; possibly 409 if the key is already disabled.
    pub async fn disable_api_key(&self, id: &str) -> Result<(), Error> {
        self.change(Change::Post, id, "/disable").await
    }

    /// `enable_api_key`.
    ///
    /// # Errors
    /// 404; possibly 409 if the key is not disabled.
    pub async fn enable_api_key(&self, id: &str) -> Result<(), Error> {
        self.change(Change::Delete, id, "/disable").await
    }

    async fn change(&self, method: Change, id: &str, suffix: &str) -> Result<(), Error> {
        let request = Request::change(method, key_path(id, suffix)?);
        self.send(request).await?.documented(204).map(drop)
    }

    /// Waits before the next attempt of a change; false if the caller must give up.
    pub async fn wait_to_repeat(&self, budget: &mut RetryBudget, repeat: Repeat, error: &Error) -> bool {
        self.http.wait_to_repeat(budget, repeat, error).await
    }

    pub(super) async fn send(&self, request: Request) -> Result<Answer, Error> {
        let token = self.token();
        let request = request.secret_header("authorization", "Bearer ", &token)?;
        let refused = match self.http.send(&request).await {
            Err(error) if error.refused_with(401).is_some() => error,
            other => return other,
        };
        let renewed = self.renewed(&token, refused).await?;
        let request = request.secret_header("authorization", "Bearer ", &renewed)?;
        self.http.send(&request).await
    }

    /// A token other than the one that was refused. Of several requests at once, one renews the token for all.
    async fn renewed(&self, token: &SecretString, refused: Error) -> Result<SecretString, Error> {
        let mut renewer = self.renewer.lock().await;
        let current = self.token();
        if !secret::is_same(&current, token) {
            return Ok(current);
        }
        let Some(renewer) = renewer.as_mut() else {
            return Err(refused);
        };
        let renewed = match (renewer.renew(token).await, refused) {
            (Ok(Some(renewed)), _) => renewed,
            (Err(cause), Error::Service(refusal)) => {
                return Err(Error::RenewalFailed { refusal: Box::new(refusal), cause });
            }
            (_, refused) => return Err(refused),
        };
        if let Ok(mut token) = self.token.lock() {
            *token = renewed.clone();
        }
        Ok(renewed)
    }

    /// The service's clock, according to its latest response.
    #[must_use]
    pub fn service_time(&self) -> Option<SystemTime> {
        self.http.service_time()
    }

    fn token(&self) -> SecretString {
        self.token.lock().map_or_else(|poisoned| poisoned.into_inner().clone(), |token| token.clone())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("http", &self.http).finish_non_exhaustive()
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

/// Rejects a response about another key than the requested one.
fn is_of(key: &ApiKey, id: &str) -> Result<(), Error> {
    if key.id.eq_ignore_ascii_case(id) { Ok(()) } else { Err(Error::unreadable("it describes another key")) }
}

fn key_path(id: &str, suffix: &str) -> Result<String, Error> {
    let id = Segment::new(id).ok_or_else(|| Error::unreadable("a key has no usable ID"))?;
    Ok(format!("/v1/apikeys/{id}{suffix}"))
}

/// Serializes the draft, with the value if there is one.
fn draft_body(draft: &KeyDraft, value: Option<&SecretString>) -> Result<Vec<u8>, Error> {
    #[derive(serde::Serialize)]
    struct WithValue<'a> {
        #[serde(flatten)]
        draft: &'a KeyDraft,
        #[serde(serialize_with = "secret::exposed")]
        apikey: &'a SecretString,
    }
    match value {
        Some(apikey) => body(&WithValue { draft, apikey }),
        None => body(draft),
    }
}

fn body(value: &impl serde::Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|_| Error::Setup("Cannot write the request.".to_owned()))
}
