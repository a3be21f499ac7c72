//! Reads a request, and builds its response.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

use super::app::App;
use super::error::Refusal;
use super::identities::Identity;
use super::log::NotImplemented;
use super::setup::Choices;

/// The maximum size of a request body, in bytes.
const LONGEST_BODY: usize = 1 << 20;

/// A request.
pub(super) struct Call {
    /// The state of the sandbox.
    pub app: Arc<App>,
    /// The time according to the service, in Unix seconds.
    pub now: i64,
    /// The ID in the path, or an empty text.
    pub id: String,
    segments: Vec<(String, String)>,
    about: About,
    query: Vec<(String, String)>,
    body: Bytes,
    counts_as_expired: bool,
}

/// A request extension that a fault sets: the request's token counts as expired.
#[derive(Debug, Clone, Copy)]
pub(super) struct CountsAsExpired;

/// A request extension that a fault sets: the service's clock is off by this many more seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClockOffset(pub i64);

/// A successful response.
pub(super) struct Reply {
    status: StatusCode,
    etag: Option<String>,
    body: Option<Value>,
}

/// The version that the client wants to change, from `If-Match`; `*` for any version.
pub(super) struct Version<'a>(&'a str);

impl Version<'_> {
    /// Returns an error if the entity has another version.
    pub(super) fn check(&self, entity_tag: &str, choices: &Choices) -> Result<(), Refusal> {
        if self.0 == "*" || self.0 == entity_tag { Ok(()) } else { Err(Refusal::changed(choices)) }
    }
}

impl Reply {
    /// Returns a response with status 200 and a body.
    pub(super) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, etag: None, body: Some(body) }
    }

    /// Returns a response with status 201 and a body.
    pub(super) fn created(body: Value) -> Self {
        Self { status: StatusCode::CREATED, ..Self::ok(body) }
    }

    /// Returns a response with status 204.
    pub(super) fn done() -> Self {
        Self { status: StatusCode::NO_CONTENT, etag: None, body: None }
    }

    /// Adds the `ETag` header with the entity tag of the body; the setup chooses whether it is quoted.
    pub(super) fn with_etag(mut self, choices: &Choices) -> Self {
        let tag = self.body.as_ref().and_then(|body| body["entity_tag"].as_str());
        self.etag = tag.map(|tag| if choices.quoted_etag { format!("\"{tag}\"") } else { tag.to_owned() });
        self
    }
}

impl Call {
    /// Returns a variable segment of the path.
    pub(super) fn segment(&self, name: &str) -> &str {
        self.segments.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Returns a query parameter; `None` if it is missing or empty.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Returns the query without one parameter, in a form to which more parameters can be appended.
    pub(super) fn parameters_but(&self, left_out: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.query.iter().filter(|(name, _)| name != left_out));
        let query = query.finish();
        if query.is_empty() { query } else { format!("{query}&") }
    }

    /// Whether a fault makes tokens count as expired.
    pub(super) fn counts_as_expired(&self) -> bool {
        self.counts_as_expired
    }

    /// Returns a query parameter that is `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        truth(name, self.parameter(name))
    }

    /// Returns a header that is `true` or `false`.
    pub(super) fn header_flag(&self, name: &str) -> Result<bool, Refusal> {
        truth(name, self.header(name))
    }

    /// Returns the text of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.about.headers.get(name)?.as_bytes()).ok()
    }

    /// Returns the version in the `If-Match` header.
    pub(super) fn if_match(&self) -> Result<Version<'_>, Refusal> {
        let tag = self.header("if-match").map(|tag| Version(tag.trim().trim_matches('"')));
        tag.ok_or_else(|| Refusal::missing("If-Match"))
    }

    /// Returns the body as a JSON object.
    pub(super) fn json(&self) -> Result<serde_json::Map<String, Value>, Refusal> {
        serde_json::from_slice(&self.body).map_err(|_| Refusal::not_json())
    }

    /// Returns a form field that is not empty, from the body or from the query, which many public scripts use.
    pub(super) fn field(&self, name: &str) -> Result<String, Refusal> {
        let in_body = url::form_urlencoded::parse(&self.body)
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.into_owned());
        in_body.or_else(|| self.parameter(name).map(str::to_owned)).ok_or_else(|| Refusal::missing(name))
    }

    /// Returns the path, for errors.
    pub(super) fn path(&self) -> &str {
        &self.about.path
    }

    /// Returns the identity of the bearer token, in the account of the token.
    pub(super) fn caller(&self) -> Result<Identity, Refusal> {
        let (user, account) = self.bearer()?;
        account.and_then(|account| user.within(&account, &self.app.setup)).ok_or_else(Refusal::no_account)
    }

    /// Returns the stored identity of the bearer token, and the account of the token, if any.
    pub(super) fn bearer(&self) -> Result<(Identity, Option<String>), Refusal> {
        let header = self.header("authorization").ok_or_else(Refusal::no_token)?;
        let (scheme, token) = header.split_once(' ').ok_or_else(Refusal::bad_token)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::bad_token());
        }
        let bearer = self.app.signer.verify(token.trim(), self.now).filter(|_| !self.counts_as_expired);
        let bearer = bearer.ok_or_else(Refusal::bad_token)?;
        let user = self.app.store.identity(&bearer.iam_id)?.ok_or_else(Refusal::bad_token)?;
        Ok((user, bearer.account))
    }

    /// Builds the response, with the headers that all responses have.
    pub(super) fn answer(&self, result: Result<Reply, Refusal>) -> Response<Body> {
        let reply = match result {
            Ok(reply) => reply,
            Err(refusal) => {
                let mut response = self.about.refuse(&self.app, &refusal);
                if refusal.not_implemented {
                    response.extensions_mut().insert(NotImplemented);
                }
                return response;
            }
        };
        let has_body = reply.status != StatusCode::NO_CONTENT;
        let body = reply.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut response = (reply.status, body).into_response();
        *response.headers_mut() = self.about.headers_of_answer(has_body);
        if let Some(etag) = &reply.etag {
            set(response.headers_mut(), "etag", etag);
        }
        response
    }
}

/// The parts of a request that its response needs, also if the request is not read completely.
pub(super) struct About {
    path: String,
    headers: HeaderMap,
    transaction: String,
    arrived: Instant,
    /// Milliseconds since 1970, by the service's clock.
    arrived_at: i64,
}

impl About {
    /// Creates the data for a request that arrives now.
    pub(super) fn new(path: &str, headers: HeaderMap, app: &App, offset: i64) -> Self {
        let transaction = transaction(&headers);
        let arrived_at = app.now_in_milliseconds().saturating_add(offset.saturating_mul(1000));
        Self { path: path.to_owned(), headers, transaction, arrived: Instant::now(), arrived_at }
    }

    /// Builds the error response, in the format for the request's path.
    pub(super) fn refuse(&self, app: &App, refusal: &Refusal) -> Response<Body> {
        let (status, headers, body) = self.refusal(app, refusal);
        let mut response = (status, body).into_response();
        *response.headers_mut() = headers;
        response
    }

    /// Builds the parts of an error response.
    pub(super) fn refusal(&self, app: &App, refusal: &Refusal) -> (StatusCode, HeaderMap, String) {
        let is_identity = self.path.starts_with("/identity/") || self.path.starts_with("/oidc/");
        let body = if is_identity {
            refusal.identity_body(self.identity_context(app))
        } else {
            refusal.api_body(&self.transaction)
        };
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.headers_of_answer(true), body.to_string())
    }

    fn headers_of_answer(&self, has_body: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        common_headers(&mut headers, &self.headers, &self.transaction);
        if has_body {
            set(&mut headers, "content-type", "application/json");
            set(&mut headers, "content-language", "en-US");
        }
        headers
    }

    /// Returns the data about the request that errors of the token endpoint contain.
    fn identity_context(&self, app: &App) -> Value {
        let elapsed = i64::try_from(self.arrived.elapsed().as_millis()).unwrap_or_default();
        let time = |milliseconds: i64| {
            let moment = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default();
            jiff::fmt::strtime::format("%d.%m.%Y %H:%M:%S:%3f UTC", moment).unwrap_or_default()
        };
        let user_agent = self.headers.get("user-agent").and_then(|value| value.to_str().ok());
        serde_json::json!({
            "requestId": self.transaction,
            "requestType": request_type(&self.path),
            "userAgent": user_agent.unwrap_or_default(),
            "url": app.url,
            "instanceId": "iamid-sandbox",
            "threadId": "1",
            "host": "iamid-sandbox",
            "startTime": time(self.arrived_at),
            "endTime": time(self.arrived_at.saturating_add(elapsed)),
            "elapsedTime": elapsed.to_string(),
            "locale": "en_US",
            "clusterName": "iam-id-sandbox",
        })
    }
}

/// Returns the request type: `incoming.Identity_Token` for `/identity/token`. Other paths are without evidence.
fn request_type(path: &str) -> String {
    let words = path.trim_start_matches('/').split('/').filter(|word| !word.is_empty());
    let capitalized = words.map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(char::to_uppercase).into_iter().flatten();
        first.chain(letters).collect::<String>()
    });
    format!("incoming.{}", capitalized.collect::<Vec<_>>().join("_"))
}

impl FromRequest<Arc<App>> for Call {
    type Rejection = Response<Body>;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let parameters = RawPathParams::from_request_parts(&mut parts, app).await;
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let segments: Vec<_> = parameters.iter().flat_map(|found| found.iter().map(owned)).collect();
        let id = segments.iter().find(|(name, _)| name == "id").map(|(_, value)| value.clone());
        let query = parts.uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let offset = parts.extensions.get().map_or(0, |ClockOffset(seconds)| *seconds);
        let about = About::new(parts.uri.path(), parts.headers, app, offset);
        let body = match whole(body, app).await {
            Ok(body) => body,
            Err(refusal) => return Err(about.refuse(app, &refusal)),
        };
        Ok(Self {
            now: app.now().saturating_add(offset),
            app: Arc::clone(app),
            id: id.unwrap_or_default(),
            segments,
            about,
            query,
            body,
            counts_as_expired: parts.extensions.get::<CountsAsExpired>().is_some(),
        })
    }
}

/// Reads the whole body of a request.
///
/// # Errors
/// The reason why the request is rejected: the body is too long, is incomplete, has invalid chunks, or takes too long.
pub(super) async fn whole(body: Body, app: &App) -> Result<Bytes, Refusal> {
    let read = Limited::new(body, LONGEST_BODY).collect();
    match tokio::time::timeout(app.request_timeout(), read).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::too_large()),
        Ok(Err(_)) => Err(Refusal::unreadable_body()),
        Err(_) => Err(Refusal::slow_body()),
    }
}

/// Sets the headers that every response has; the response returns the IDs of the request.
pub(super) fn common_headers(answer: &mut HeaderMap, request: &HeaderMap, transaction: &str) {
    let own = |name: &str| request.get(name).and_then(|value| value.to_str().ok()).unwrap_or(transaction);
    for (name, value) in [
        ("transaction-id", transaction),
        ("x-correlation-id", own("x-correlation-id")),
        ("x-request-id", own("x-request-id")),
        ("cache-control", "no-cache, no-store, must-revalidate"),
        ("pragma", "no-cache"),
        ("expires", "0"),
        ("ibm-cloud-service-name", "iam-identity"),
        ("x-content-type-options", "nosniff"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ] {
        set(answer, name, value);
    }
}

/// Sets a header; ignores an invalid value.
pub(super) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Returns the transaction ID of the request, or a new one in the service's format.
pub(super) fn transaction(headers: &HeaderMap) -> String {
    let own = headers.get("transaction-id").and_then(|value| value.to_str().ok()).filter(|own| !own.is_empty());
    own.map_or_else(|| format!("c2FuZA-{}", uuid::Uuid::new_v4().simple()), str::to_owned)
}

fn truth(name: &str, value: Option<&str>) -> Result<bool, Refusal> {
    match value {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(text) => Err(Refusal::invalid(name, text, "true, false")),
    }
}
