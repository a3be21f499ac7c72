//! The trace of requests and responses, with every secret masked.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::mask;

/// Receives a piece of the trace.
pub type Sink = dyn Fn(&str) + Send + Sync;

/// Where the trace is written; nowhere by default.
#[derive(Clone, Default)]
pub struct Trace(Option<(Arc<Sink>, Now)>);

/// Returns the current time.
type Now = fn() -> jiff::Timestamp;

/// The body of a request, as far as it is shown.
pub(super) enum Shown<'a> {
    Nothing,
    Json(&'a [u8]),
    Form(Vec<(&'a str, &'a str)>),
}

impl Trace {
    /// Writes the trace to `sink`, with times from the clock `now`.
    #[must_use]
    pub fn new(sink: Option<Arc<Sink>>, now: Now) -> Self {
        Self(sink.map(|sink| (sink, now)))
    }

    /// Writes a request that is about to be sent.
    pub(super) fn request<'a>(
        &self,
        method: &str,
        url: &str,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
        body: &Shown<'_>,
    ) -> Option<Instant> {
        let (sink, now) = self.0.as_ref()?;
        let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
        let query = query.map(|query| {
            format!("?{}", pairs(query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))))
        });
        let mut text =
            format!("\nREQUEST: [{}]\n{method} {}{}\n", now(), mask::text(address), query.unwrap_or_default());
        text.push_str(&listed(headers));
        match body {
            Shown::Nothing => {}
            Shown::Json(bytes) => text.push_str(&format!("\n{}\n", mask::body(bytes))),
            Shown::Form(fields) => text.push_str(&format!("\n{}\n", pairs(fields.iter().copied()))),
        }
        tell(sink.as_ref(), &text);
        Some(Instant::now())
    }

    /// Writes a response.
    pub(super) fn answer<'a>(
        &self,
        sent: Option<Instant>,
        status: u16,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
        body: &[u8],
    ) {
        let Some((sink, now)) = &self.0 else { return };
        let took = took(sent);
        let mut text = format!("\nRESPONSE: [{}] Elapsed: {took}ms\nHTTP {status}\n", now());
        text.push_str(&listed(headers));
        if !body.is_empty() {
            text.push_str(&format!("\n{}\n", mask::body(body)));
        }
        tell(sink.as_ref(), &text);
    }

    /// Writes that there was no response, or only an incomplete one.
    pub(super) fn failure(&self, sent: Option<Instant>, why: &str) {
        let Some((sink, now)) = &self.0 else { return };
        tell(sink.as_ref(), &format!("\nNO RESPONSE: [{}] Elapsed: {}ms\n{why}\n", now(), took(sent)));
    }
}

/// Masks the whole text, because a secret that was found in the body may also appear before the body.
fn tell(sink: &Sink, text: &str) {
    sink(&mask::text(text));
}

fn took(sent: Option<Instant>) -> u128 {
    sent.map_or(Duration::ZERO, |sent| sent.elapsed()).as_millis()
}

fn listed<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    headers.map(|(name, value)| format!("{name}: {}\n", mask::header(name, value))).collect()
}

/// Formats the pairs of a form or a query.
fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let shown: Vec<String> = pairs
        .map(|(name, value)| {
            let value = if mask::is_secret(name) { mask::HIDDEN.into() } else { mask::text(value) };
            format!("{name}={value}")
        })
        .collect();
    shown.join("&")
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Trace(on)" } else { "Trace(off)" })
    }
}
