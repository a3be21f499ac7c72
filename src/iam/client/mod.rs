//! User API keys: one method per operation, with IBM's operation names.

mod lists;

use std::fmt;
use std::sync::Mutex;

use jiff::Timestamp;

use crate::iam::endpoint::{Endpoint, Segment};
use crate::iam::error::Error;
use crate::iam::http::{Answer, Http};
use crate::iam::identity::Identity;
use crate::iam::new_key::{CreateAnswer, KeyChanges, KeyDraft};
use crate::iam::renewal::{Renewal, Renewer};
use crate::iam::request::{Change, Request};
use crate::iam::retry::{Repeat, RetryBudget};
use crate::iam::types::ApiKey;
use crate::mask;
use crate::secret::{self, SecretString};

pub use lists::{KeyQuery, Scope};

/// Sends requests with an access token.
pub struct Client {
    http: Http,
    token: Mutex<SecretString>,
    renewer: tokio::sync::Mutex<Option<Renewer>>,
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

    /// Adds a renewal of the token. A request that the service rejects uses it at most once.
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

    /// The service's time now; `None` before its first response.
    #[must_use]
    pub fn service_time(&self) -> Option<Timestamp> {
        self.http.clock().now()
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
