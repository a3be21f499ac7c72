//! Requests and answers, told to whoever wants to see them, with every secret masked.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::mask;

/// Takes a piece of the trace.
pub type Sink = dyn Fn(&str) + Send + Sync;

/// Where the trace goes; by default nowhere.
#[derive(Clone, Default)]
pub struct Trace(Option<(Arc<Sink>, Now)>);

/// Tells the time.
type Now = fn() -> jiff::Timestamp;

/// What a request carries, as far as it is shown.
pub(super) enum Shown<'a> {
    Nothing,
    Json(&'a [u8]),
    Form(Vec<(&'a str, &'a str)>),
}

impl Trace {
    /// Goes there, with moments by this clock.
    #[must_use]
    pub fn new(sink: Option<Arc<Sink>>, now: Now) -> Self {
        Self(sink.map(|sink| (sink, now)))
    }

    /// Tells of a request that is about to be sent.
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

    /// Tells of an answer.
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

    /// Tells that there was none, or not a whole one.
    pub(super) fn failure(&self, sent: Option<Instant>, why: &str) {
        let Some((sink, now)) = &self.0 else { return };
        tell(sink.as_ref(), &format!("\nNO RESPONSE: [{}] Elapsed: {}ms\n{why}\n", now(), took(sent)));
    }
}

/// What the body made known to be a secret may stand before it, too.
fn tell(sink: &Sink, text: &str) {
    sink(&mask::text(text));
}

fn took(sent: Option<Instant>) -> u128 {
    sent.map_or(Duration::ZERO, |sent| sent.elapsed()).as_millis()
}

fn listed<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    headers.map(|(name, value)| format!("{name}: {}\n", mask::header(name, value))).collect()
}

/// Of a form or a query.
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
