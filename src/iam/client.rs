//! User API keys: one method an operation, by IBM's operation names.

use std::fmt;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::SystemTime;

use super::endpoint::{Endpoint, Segment};
use super::error::{Error, RenewalError};
use super::filter;
use super::http::{Answer, Http};
use super::identity::Identity;
use super::new_key::{CreateAnswer, KeyChanges, KeyDraft};
use super::page::{self, Page};
use super::paging::{Chain, PAGE_SIZE};
use super::request::{Change, Request};
use super::retry::{Repeat, RetryBudget};
use super::types::{ApiKey, Key};
use crate::mask;
use crate::secret::{self, SecretString};

/// Bytes of all pages together: some 200,000 keys.
const LONGEST_LIST: usize = 128 << 20;

/// Requests with an access token.
pub struct Client {
    http: Http,
    token: Mutex<SecretString>,
    renewal: tokio::sync::Mutex<Option<Box<dyn Renewal>>>,
}

/// Another token, for when the service does not take one that looked good, as where clocks differ.
pub trait Renewal: Send {
    /// The new token; `None` where the login that the token belongs to is gone.
    fn renew<'a>(&'a self, stale: &'a SecretString) -> Renewed<'a>;
}

/// What a renewal leads to.
pub type Renewed<'a> = Pin<Box<dyn Future<Output = Result<Option<SecretString>, RenewalError>> + 'a>>;

/// Whose keys a list holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those of this IAM id, which must be the token's own or that of a service ID.
    Own(String),
    /// Those of all users of the account; needs the rights of an administrator.
    Users,
    /// Those of all users and service IDs of the account; needs the same rights.
    Account,
}

/// Which keys to list.
#[derive(Debug, Clone)]
pub struct KeyQuery {
    /// In this account.
    pub account_id: String,
    /// Of whom.
    pub scope: Scope,
    /// A filter expression.
    pub filter: Option<String>,
    /// Whether the keys come with their JSON objects.
    pub objects: bool,
}

/// What else to tell about a key.
#[derive(Debug, Clone, Copy, Default)]
pub struct Include {
    /// What was done to it.
    pub history: bool,
    /// Its use; costly for the service.
    pub activity: bool,
}

impl Client {
    /// Requests over this connection with this token.
    #[must_use]
    pub fn new(http: Http, token: SecretString) -> Self {
        Self { http, token: Mutex::new(token), renewal: tokio::sync::Mutex::new(None) }
    }

    /// The same with a way to another token, which is tried once.
    #[must_use]
    pub fn renewed_by(self, renewal: impl Renewal + 'static) -> Self {
        Self { renewal: tokio::sync::Mutex::new(Some(Box::new(renewal))), ..self }
    }

    /// The token endpoint over the same connection.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity::over(self.http.clone())
    }

    /// Where requests go.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.http.endpoint()
    }

    /// `list_api_keys`: all pages. `progress` learns how many keys there are so far.
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

    /// `list_api_keys`: each page as it arrives. The next one is requested before a page is read and handled, so that
    /// the service works meanwhile. A service that does not take the filter is asked for all keys, so the caller
    /// compares.
    ///
    /// # Errors
    /// 400 for an IAM id that the service does not take, 403 for a foreign scope; what `handle` returns.
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
                    // The request is written by a task of its own, which gets its turn first.
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

    /// `list_api_keys`: the keys of one user that have exactly this name. One request where the service can filter, all
    /// pages where it cannot. Whatever the service makes of the query, somebody else's key is not among them.
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
    /// 404 if none has.
    pub async fn get_api_keys_details(&self, value: &SecretString) -> Result<ApiKey, Error> {
        let request = Request::read("/v1/apikeys/details").secret_header("iam-apikey", "", value)?;
        ApiKey::parse(&self.send(request).await?.body)
    }

    /// `create_api_key`, with a value of ours or, without one, of the service's.
    ///
    /// # Errors
    /// 422 `BXNIM0151E` at the limit of keys; 403 where the account restricts it; 400 for a value that the service
    /// does not take. No error tells for certain that there is no key now: something on the way may have sent the
    /// request twice, and passed on the answer to the second.
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
        // After a 401 the request would be sent twice, which makes two keys where the service draws the value.
        let answer = match value {
            Some(_) => self.send(request).await?,
            None => self.http.send(&request.secret_header("authorization", "Bearer ", &self.token())?).await?,
        };
        let answer = answer.documented(201)?;
        let answer = CreateAnswer::parse(&answer.body)?;
        answer.value.iter().for_each(mask::remember);
        Ok(answer)
    }

    /// `update_api_key`, provided that the key still has this entity tag.
    ///
    /// # Errors
    /// 409 (or 412) if it has another by now, or is locked.
    pub async fn update_api_key(&self, id: &str, entity_tag: &str, changes: &KeyChanges) -> Result<ApiKey, Error> {
        let request =
            Request::change(Change::Put, key_path(id, "")?).header("if-match", entity_tag)?.json(body(changes)?);
        let key = ApiKey::parse(&self.send(request).await?.documented(200)?.body)?;
        is_of(&key, id)?;
        Ok(key)
    }

    /// `delete_api_key`. Tokens made with it live on until they expire.
    ///
    /// # Errors
    /// 404; a conflict if it is locked.
    pub async fn delete_api_key(&self, id: &str) -> Result<(), Error> {
        self.change(Change::Delete, id, "").await
    }

    /// `lock_api_key`.
    ///
    /// # Errors
    /// 404; perhaps 409 if it is locked already.
    pub async fn lock_api_key(&self, id: &str) -> Result<(), Error> {
        self.change(Change::Post, id, "/lock").await
    }

    /// `unlock_api_key`.
    ///
    /// # Errors
    /// 404; perhaps 409 if it is not locked.
    pub async fn unlock_api_key(&self, id: &str) -> Result<(), Error> {
        self.change(Change::Delete, id, "/lock").await
    }

    /// `disable_api_key`.
    ///
    /// # Errors
    /// 404; perhaps 409 if it is disabled already.
    pub async fn disable_api_key(&self, id: &str) -> Result<(), Error> {
        self.change(Change::Post, id, "/disable").await
    }

    /// `enable_api_key`.
    ///
    /// # Errors
    /// 404; perhaps 409 if it is not disabled.
    pub async fn enable_api_key(&self, id: &str) -> Result<(), Error> {
        self.change(Change::Delete, id, "/disable").await
    }

    async fn change(&self, method: Change, id: &str, suffix: &str) -> Result<(), Error> {
        let request = Request::change(method, key_path(id, suffix)?);
        self.send(request).await?.documented(204).map(drop)
    }

    /// Waits for the right moment to try a change again; false if it is time to give up.
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
        let mut unused = self.renewal.lock().await;
        let current = self.token();
        if !secret::is_same(&current, token) {
            return Ok(current);
        }
        let Some(renewal) = unused.take() else {
            return Err(refused);
        };
        let renewed = match (renewal.renew(token).await, refused) {
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

    /// The service's clock, as its newest answer told it.
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

/// An answer about another key than the one that was asked for is no answer.
fn is_of(key: &ApiKey, id: &str) -> Result<(), Error> {
    if key.id.eq_ignore_ascii_case(id) { Ok(()) } else { Err(Error::unreadable("it describes another key")) }
}

fn key_path(id: &str, suffix: &str) -> Result<String, Error> {
    let id = Segment::new(id).ok_or_else(|| Error::unreadable("a key has no usable id"))?;
    Ok(format!("/v1/apikeys/{id}{suffix}"))
}

/// The draft with the value in it.
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
