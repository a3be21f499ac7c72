//! A request, before it is sent.

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::error::Error;
use super::retry::Repeat;
use crate::mask;
use crate::secret::{ExposeSecret, SecretString};

/// A request to be sent.
pub struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) repeat: Repeat,
    /// Whether [`super::http::Http::send`] retries the request by itself.
    pub(super) by_itself: bool,
}

pub(super) enum Body {
    None,
    Json(Zeroizing<Vec<u8>>),
    Form(Vec<(&'static str, SecretString)>),
}

impl Request {
    /// A request that may be retried at will.
    #[must_use]
    pub fn read(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, Repeat::Idempotent)
    }

    /// A request that changes something. It is sent once, because the caller checks the outcome before it retries.
    #[must_use]
    pub fn change(method: Change, path: impl Into<String>) -> Self {
        let method = match method {
            Change::Post => Method::POST,
            Change::Put => Method::PUT,
            Change::Delete => Method::DELETE,
        };
        Self::new(method, path, Repeat::OnlyIfRefused)
    }

    /// A form that fetches a token: a POST that changes nothing.
    #[must_use]
    pub fn form(path: impl Into<String>, fields: Vec<(&'static str, SecretString)>) -> Self {
        fields.iter().filter(|(name, _)| mask::is_secret(name)).for_each(|(_, value)| mask::remember(value));
        let mut request = Self::new(Method::POST, path, Repeat::Idempotent);
        request.body = Body::Form(fields);
        request
    }

    /// Marks a form that can be used once. It is retried only if the service certainly did not use it.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.repeat = Repeat::OnlyIfRefused;
        self
    }

    fn new(method: Method, path: impl Into<String>, repeat: Repeat) -> Self {
        let by_itself = repeat == Repeat::Idempotent;
        let (query, headers, body) = (Vec::new(), HeaderMap::new(), Body::None);
        Self { method, path: path.into(), query, headers, body, repeat, by_itself }
    }

    /// Adds a query parameter, escaped.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Adds a header with plain text.
    ///
    /// # Errors
    /// `Unreadable` if the text is invalid in a header, such as an entity tag with a line break.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Self, Error> {
        let value = HeaderValue::from_str(value)
            .map_err(|_| Error::unreadable(format!("the value of {name} contains invalid characters")))?;
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// Adds a header that contains a secret and is marked as sensitive.
    ///
    /// # Errors
    /// `Setup` if the value is invalid in a header; the message does not repeat it.
    pub fn secret_header(mut self, name: &'static str, prefix: &str, value: &SecretString) -> Result<Self, Error> {
        mask::remember(value);
        let text = Zeroizing::new(format!("{prefix}{}", value.expose_secret()));
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| Error::Setup("The key or token contains invalid characters.".to_owned()))?;
        value.set_sensitive(true);
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(mut self, body: Vec<u8>) -> Self {
        self.body = Body::Json(Zeroizing::new(body));
        self
    }
}

/// The methods that change something.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// Creates, locks or disables.
    Post,
    /// Replaces.
    Put,
    /// Deletes, unlocks or enables.
    Delete,
}
