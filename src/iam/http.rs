//! HTTP requests, sent with reqwest. One client, one connection, no redirects, responses of limited size.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::HeaderMap;
use zeroize::Zeroizing;

use super::certificates::certificates;
use super::clock::ServiceClock;
use super::endpoint::Endpoint;
use super::error::{Error, Refusal};
use super::request::{Body, Request};
use super::retry::{Repeat, RetryBudget, asked_wait};
use super::trace::{Shown, Trace};
use super::waiting::Watch;
use crate::error::chain;
use crate::mask;
use crate::secret::ExposeSecret;
use crate::text::reason;

/// The maximum length of a response, in bytes. A page of 100 keys has about 60 KB.
const MAX_BODY: usize = 16 << 20;

/// The maximum number of bytes that are allocated in advance for a body. A longer announced length is implausible.
const USUAL_BODY: u64 = 1 << 20;

/// How requests are sent.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The timeout of one attempt.
    pub timeout: Duration,
    /// The only certificates to trust, if given.
    pub ca_file: Option<PathBuf>,
    /// Whether the user named a directory of certificates, which the platform's verifier reads by itself.
    pub ca_directory: bool,
    /// The variable that sets a proxy, and the proxy, for checks and messages. reqwest itself applies the proxy and
    /// `NO_PROXY`.
    pub proxy: Option<(&'static str, String)>,
    /// Receives what the program waits for.
    pub watch: Watch,
    /// Receives the requests and responses to show.
    pub trace: Trace,
}

/// Sends requests to one endpoint.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    endpoint: Endpoint,
    proxy: Option<(&'static str, String)>,
    watch: Watch,
    trace: Trace,
    clock: ServiceClock,
}

/// A successful response.
pub struct Answer {
    status: u16,
    /// The whole body, cleared from memory after use because it may contain a key or a token.
    pub body: Zeroizing<Vec<u8>>,
    /// The `ETag` header.
    pub etag: Option<String>,
}

impl Answer {
    /// Frees a body without a secret, which need not be cleared.
    pub(super) fn forget(mut self) {
        drop(std::mem::take(&mut *self.body));
    }

    /// Returns the response if it has the documented status of the operation. A proxy's page has status 200, too.
    ///
    /// # Errors
    /// `Unreadable`, so that the outcome of a change stays unknown.
    pub fn documented(self, status: u16) -> Result<Self, Error> {
        if self.status == status {
            return Ok(self);
        }
        Err(Error::unreadable(format!("its status is {}, not {status}", self.status)))
    }
}

impl Http {
    /// Prepares requests to an endpoint; reads certificates for https only.
    ///
    /// # Errors
    /// `Setup` if the certificates cannot be used.
    pub fn new(endpoint: Endpoint, options: &HttpOptions) -> Result<Self, Error> {
        // Fails only if another provider is already installed, which works as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("ibmiam/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(options.timeout)
            .connect_timeout(options.timeout.min(Duration::from_secs(10)));
        // A loopback endpoint uses no proxy, and http is allowed to loopback endpoints only.
        let proxy = options.proxy.clone().filter(|_| !endpoint.is_loopback());
        if let Some((name, url)) = &proxy
            && !is_usable_proxy(url)
        {
            return Err(Error::Setup(format!("{name} is '{url}', but only http and https proxies are supported.")));
        }
        if endpoint.is_loopback() {
            builder = builder.no_proxy();
            // `localhost` stays on this machine, whatever a resolver returns for the name.
            let here = endpoint.loopback_addresses();
            builder = builder.resolve_to_addrs("localhost", &here);
        }
        if !endpoint.is_https() {
            builder = builder.tls_certs_only([]);
        } else if let Some(certificates) = certificates(options.ca_file.clone(), options.ca_directory)? {
            builder = builder.tls_certs_only(certificates);
        }
        let client = builder.build().map_err(|error| Error::Setup(format!("Cannot use TLS: {}.", chain(&error))))?;
        let (watch, trace) = (options.watch.clone(), options.trace.clone());
        Ok(Self { client, endpoint, proxy, watch, trace, clock: ServiceClock::default() })
    }

    /// The service's clock.
    #[must_use]
    pub fn clock(&self) -> &ServiceClock {
        &self.clock
    }

    /// The endpoint that requests are sent to.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a request until a response has a 2xx status: an idempotent request as often as [`RetryBudget`] allows, a
    /// change once.
    ///
    /// # Errors
    /// `Service` for any other status, `Unreachable`, `Unreadable`.
    pub async fn send(&self, request: &Request) -> Result<Answer, Error> {
        let mut budget = RetryBudget::default();
        loop {
            let endpoint = &self.endpoint;
            let what = |waited: Duration| format!("Waiting for {endpoint} ({} s)...", waited.as_secs());
            let error = match self.watch.during(what, self.send_once(request)).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let again = request.by_itself
                && !matches!(error, Error::Unreadable(_))
                && self.wait_to_repeat(&mut budget, request.repeat, &error).await;
            if !again {
                return Err(error);
            }
        }
    }

    /// Waits before the next attempt; false if the caller must give up.
    pub async fn wait_to_repeat(&self, budget: &mut RetryBudget, repeat: Repeat, error: &Error) -> bool {
        let Some(failure) = error.failure() else {
            return false;
        };
        let Some(wait) = budget.after(repeat, failure, jitter()) else {
            return false;
        };
        let (endpoint, attempt) = (&self.endpoint, budget.next_attempt());
        let why = match error {
            Error::Service(refusal) => format!("responded with {}", refusal.status),
            _ => "is unreachable".to_owned(),
        };
        let what = |left: Duration| {
            let seconds = left.as_secs_f64().ceil();
            format!("{endpoint} {why}; attempt {attempt} in {seconds} s...")
        };
        self.watch.pause(wait, what).await;
        true
    }

    async fn send_once(&self, request: &Request) -> Result<Answer, Error> {
        let built = self.build(request).map_err(|error| self.lost(error))?;
        let shown = match &request.body {
            Body::None => Shown::Nothing,
            Body::Json(body) => Shown::Json(body),
            Body::Form(fields) => {
                Shown::Form(fields.iter().map(|(name, value)| (*name, value.expose_secret())).collect())
            }
        };
        let sent = self.trace.request(built.method().as_str(), built.url().as_str(), texts(built.headers()), &shown);
        let answered = async {
            let mut response = self.client.execute(built).await?;
            let status = response.status();
            let headers = std::mem::take(response.headers_mut());
            Ok((status, headers, response))
        };
        let failed = |error: reqwest::Error| {
            let lost = self.lost(error);
            self.trace.failure(sent, &lost.to_string());
            lost
        };
        let (status, headers, response) = answered.await.map_err(failed)?;
        let text = |name| text_header(&headers, name);
        self.clock.read(status.as_u16(), text("date").as_deref(), text("age").as_deref());
        let body = self.body(response).await.inspect_err(|lost| self.trace.failure(sent, &lost.to_string()))?;
        self.trace.answer(sent, status.as_u16(), texts(&headers), &body);
        if status.is_success() {
            let etag = text_header(&headers, "etag");
            return Ok(Answer { status: status.as_u16(), body, etag });
        }
        let transaction_id =
            text_header(&headers, "transaction-id").or_else(|| text_header(&headers, "x-correlation-id"));
        mask::learn(&body);
        let mut refusal = Refusal::read(status.as_u16(), transaction_id.as_deref(), &body);
        let header = |name| text_header(&headers, name);
        refusal.retry_after = asked_wait(status.as_u16(), header("retry-after").as_deref(), header("date").as_deref());
        Err(Error::Service(refusal))
    }

    fn build(&self, request: &Request) -> Result<reqwest::Request, reqwest::Error> {
        let mut builder = self
            .client
            .request(request.method.clone(), self.endpoint.join(&request.path))
            .query(&request.query)
            .header("x-correlation-id", uuid::Uuid::new_v4().to_string())
            .header("accept", "application/json")
            // A cache could return a response about another key, because values are in headers and not in URLs.
            .header("cache-control", "no-store")
            .headers(request.headers.clone());
        builder = match &request.body {
            Body::None => builder,
            Body::Json(body) => builder.header("content-type", "application/json").body(body.to_vec()),
            Body::Form(fields) => {
                let fields: HashMap<&str, &str> =
                    fields.iter().map(|(name, value)| (*name, value.expose_secret())).collect();
                builder.form(&fields)
            }
        };
        builder.build()
    }

    async fn body(&self, mut response: reqwest::Response) -> Result<Zeroizing<Vec<u8>>, Error> {
        // Allocates the memory once, unless the length is unknown or implausible.
        let length = response.content_length().map_or(0, |length| length.min(USUAL_BODY));
        let mut body = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or_default()));
        while let Some(chunk) = response.chunk().await.map_err(|error| self.lost(error))? {
            if body.len() + chunk.len() > MAX_BODY {
                let limit = MAX_BODY >> 20;
                return Err(Error::unreadable(format!("it is longer than {limit} MiB")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Builds the error for a request without a complete response. It omits URLs, which may contain the requested data.
    fn lost(&self, error: reqwest::Error) -> Error {
        if error.is_builder() {
            let what = "Cannot write the request: a name or an ID in it is too long.";
            return Error::Setup(what.to_owned());
        }
        let sent = !error.is_connect();
        let mut cause =
            if error.is_timeout() { "the request timed out".to_owned() } else { innermost(&error.without_url()) };
        if let (Some((name, url)), false) = (&self.proxy, sent) {
            cause.push_str(&format!(" ({name} is {url})"));
        }
        Error::Unreachable { endpoint: self.endpoint.to_string(), cause, sent }
    }
}

/// Whether reqwest supports a proxy. A URL without a scheme is http. reqwest ignores a proxy with an unknown scheme.
fn is_usable_proxy(url: &str) -> bool {
    let scheme = url.split_once("://").map_or("http", |(scheme, _)| scheme);
    ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Returns the innermost cause. The outer errors add no information.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    reason(cause)
}

/// Returns the headers as text. A value that is not text is replaced by a note.
fn texts(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("(not text)")))
}

fn text_header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// Returns a number in 0..1 that differs from process to process.
fn jitter() -> f64 {
    let [byte, ..] = uuid::Uuid::new_v4().into_bytes();
    f64::from(byte) / 256.0
}
