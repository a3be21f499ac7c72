//! One request, taken apart; one answer, put together.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::Value;

use super::App;
use super::error::Fault;
use super::identities::Identity;
use super::setup::Choices;

/// Bytes in the body of a request.
const LONGEST_BODY: usize = 1 << 20;

/// A request.
pub(super) struct Call {
    /// The sandbox.
    pub app: Arc<App>,
    /// Unix seconds.
    pub now: i64,
    /// The id in the path, where the path has one.
    pub id: String,
    headers: HeaderMap,
    query: Vec<(String, String)>,
    body: Bytes,
    transaction: String,
    counts_as_expired: bool,
}

/// Put on a request by a fault: its token counts as expired.
#[derive(Debug, Clone, Copy)]
pub(super) struct CountsAsExpired;

/// Put on a request by a fault: the service's clock is off by so many seconds more.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClockOffset(pub i64);

/// A successful answer.
pub(super) struct Reply {
    status: StatusCode,
    etag: Option<String>,
    body: Option<Value>,
}

/// The version that a change is for, from `If-Match`; `*` for any.
pub(super) struct Version<'a>(&'a str);

impl Version<'_> {
    /// Refuses a change of another version.
    pub(super) fn check(&self, entity_tag: &str, choices: &Choices) -> Result<(), Fault> {
        if self.0 == "*" || self.0 == entity_tag { Ok(()) } else { Err(Fault::changed(choices)) }
    }
}

/// Which envelope errors come in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Envelope {
    /// `/identity`
    Identity,
    /// `/v1`
    Api,
}

impl Reply {
    /// 200 with a body.
    pub(super) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, etag: None, body: Some(body) }
    }

    /// 201 with a body.
    pub(super) fn created(body: Value) -> Self {
        Self { status: StatusCode::CREATED, ..Self::ok(body) }
    }

    /// 204.
    pub(super) fn done() -> Self {
        Self { status: StatusCode::NO_CONTENT, etag: None, body: None }
    }

    /// Adds the `ETag` header with the body's tag, quoted if that is chosen.
    pub(super) fn with_etag(mut self, choices: &Choices) -> Self {
        let tag = self.body.as_ref().and_then(|body| body["entity_tag"].as_str());
        self.etag = tag.map(|tag| if choices.quoted_etag { format!("\"{tag}\"") } else { tag.to_owned() });
        self
    }
}

impl Call {
    /// A query parameter that is there and not empty.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The query without one parameter, to be followed by others.
    pub(super) fn parameters_but(&self, left_out: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.query.iter().filter(|(name, _)| name != left_out));
        let query = query.finish();
        if query.is_empty() { query } else { format!("{query}&") }
    }

    /// Whether a fault wants tokens to be over.
    pub(super) fn counts_as_expired(&self) -> bool {
        self.counts_as_expired
    }

    /// A query parameter `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Fault> {
        truth(name, self.parameter(name))
    }

    /// A header `true` or `false`.
    pub(super) fn header_flag(&self, name: &str) -> Result<bool, Fault> {
        truth(name, self.header(name))
    }

    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.headers.get(name)?.as_bytes()).ok()
    }

    /// The version that the request is for.
    pub(super) fn if_match(&self) -> Result<Version<'_>, Fault> {
        let tag = self.header("if-match").map(|tag| Version(tag.trim().trim_matches('"')));
        tag.ok_or_else(|| Fault::missing("If-Match"))
    }

    /// A JSON object.
    pub(super) fn json(&self) -> Result<serde_json::Map<String, Value>, Fault> {
        serde_json::from_slice(&self.body).map_err(|_| Fault::not_json())
    }

    /// A form's field that is there and not empty.
    pub(super) fn field(&self, name: &str) -> Result<String, Fault> {
        url::form_urlencoded::parse(&self.body)
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.into_owned())
            .ok_or_else(|| Fault::missing(name))
    }

    /// Whom the bearer token stands for, in the account that it is for.
    pub(super) fn caller(&self) -> Result<Identity, Fault> {
        let (user, account) = self.bearer()?;
        account.and_then(|account| user.within(&account, &self.app.setup)).ok_or_else(Fault::no_account)
    }

    /// Whom the bearer token stands for as they are stored, and the account that it is for, if for any.
    pub(super) fn bearer(&self) -> Result<(Identity, Option<String>), Fault> {
        let header = self.header("authorization").ok_or_else(Fault::no_token)?;
        let (scheme, token) = header.split_once(' ').ok_or_else(Fault::bad_token)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Fault::bad_token());
        }
        let bearer = self.app.signer.verify(token.trim(), self.now).filter(|_| !self.counts_as_expired);
        let bearer = bearer.ok_or_else(Fault::bad_token)?;
        let user = self.app.store.identity(&bearer.iam_id)?.ok_or_else(Fault::bad_token)?;
        Ok((user, bearer.account))
    }

    /// What errors of the token endpoint tell about the request.
    fn identity_context(&self) -> Value {
        let moment = jiff::Timestamp::from_second(self.now).unwrap_or_default();
        let time = jiff::fmt::strtime::format("%d.%m.%Y %H:%M:%S:000 UTC", moment).unwrap_or_default();
        serde_json::json!({
            "requestId": self.transaction,
            "requestType": "incoming.Identity_Token",
            "userAgent": self.header("user-agent").unwrap_or_default(),
            "url": self.app.url,
            "instanceId": "iamid-sandbox",
            "threadId": "1",
            "host": "iamid-sandbox",
            "startTime": time,
            "endTime": time,
            "elapsedTime": "0",
            "locale": "en_US",
            "clusterName": "iam-id-sandbox",
        })
    }

    /// The answer with the headers that all answers have.
    pub(super) fn answer(&self, result: Result<Reply, Fault>, envelope: Envelope) -> Response<Body> {
        let reply = result.unwrap_or_else(|fault| Reply {
            status: StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            etag: None,
            body: Some(match envelope {
                Envelope::Identity => fault.identity_body(self.identity_context()),
                Envelope::Api => fault.api_body(&self.transaction),
            }),
        });
        let body = reply.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let has_body = reply.status != StatusCode::NO_CONTENT;
        let mut response = (reply.status, body).into_response();
        let headers = response.headers_mut();
        common_headers(headers, &self.headers, &self.transaction);
        if has_body {
            set(headers, "content-type", "application/json");
            set(headers, "content-language", "en-US");
        }
        if let Some(etag) = &reply.etag {
            set(headers, "etag", etag);
        }
        response
    }
}

impl FromRequest<Arc<App>> for Call {
    type Rejection = Response<Body>;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let parameters = RawPathParams::from_request_parts(&mut parts, app).await;
        let id = parameters.ok().and_then(|parameters| {
            let found = parameters.iter().find(|(name, _)| *name == "id");
            found.map(|(_, value)| value.to_owned())
        });
        let query = parts.uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let body = whole(body).await?;
        let transaction = transaction(&parts.headers);
        let offset = parts.extensions.get().map_or(0, |ClockOffset(seconds)| *seconds);
        Ok(Self {
            now: app.now().saturating_add(offset),
            app: Arc::clone(app),
            id: id.unwrap_or_default(),
            headers: parts.headers,
            query,
            body,
            transaction,
            counts_as_expired: parts.extensions.get::<CountsAsExpired>().is_some(),
        })
    }
}

/// A request's whole body; an answer that refuses it if it is too long.
pub(super) async fn whole(body: Body) -> Result<Bytes, Response<Body>> {
    axum::body::to_bytes(body, LONGEST_BODY).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())
}

/// The headers that every answer has; a request's own ids come back.
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

/// Sets a header; what cannot be one is left out.
pub(super) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The request's own transaction id, or a new one in the service's form.
pub(super) fn transaction(headers: &HeaderMap) -> String {
    let own = headers.get("transaction-id").and_then(|value| value.to_str().ok()).filter(|own| !own.is_empty());
    own.map_or_else(|| format!("c2FuZA-{}", uuid::Uuid::new_v4().simple()), str::to_owned)
}

fn truth(name: &str, value: Option<&str>) -> Result<bool, Fault> {
    match value {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(text) => Err(Fault::invalid(name, text, "true, false")),
    }
}
