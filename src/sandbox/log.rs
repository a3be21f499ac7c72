//! The request log: one JSON object per line, with a request and its result. It has no headers and bodies, because they
//! contain secrets.

use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::body::Body;
use axum::http::{Request, Response};
use jiff::Timestamp;
use serde_json::json;

use super::action::Action;
use super::fault::Fault;

/// The log file.
pub(super) struct Log {
    file: Mutex<File>,
    clock: fn() -> Timestamp,
}

/// A response extension: the sandbox does not implement the operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct NotImplemented;

impl Log {
    pub(super) fn new(file: File, clock: fn() -> Timestamp) -> Self {
        Self { file: Mutex::new(file), clock }
    }

    fn write(&self, entry: &serde_json::Value) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not stop the service.
        let _ = file.write_all(format!("{entry}\n").as_bytes());
    }
}

/// A line of the log. It is written when the request ends, even if the client has disconnected.
pub(super) struct Entry<'a> {
    log: Option<&'a Log>,
    started: Instant,
    line: serde_json::Value,
    cut: bool,
}

impl<'a> Entry<'a> {
    /// Starts a line for a request to which these faults apply.
    pub(super) fn new(log: Option<&'a Log>, request: &Request<Body>, hits: &[&Fault]) -> Self {
        let faults: Vec<_> = hits.iter().map(|fault| format!("{:?}", fault.action)).collect();
        let mut entry = Self::begin(log, request, &faults);
        entry.cut = hits.iter().any(|fault| fault.action == Action::DropHalf);
        entry
    }

    /// Starts a line for a request that a fault processes late, without its client.
    pub(super) fn late(log: Option<&'a Log>, request: &Request<Body>) -> Self {
        Self::begin(log, request, &["processed late".to_owned()])
    }

    fn begin(log: Option<&'a Log>, request: &Request<Body>, faults: &[String]) -> Self {
        let line = json!({
            "time": log.map(|log| (log.clock)().as_second()),
            "method": request.method().as_str(),
            "path": without_values(request.uri().path()),
            "query": request.uri().query().map(without_unknown),
            "status": null,
            "milliseconds": null,
            "transaction_id": null,
            "faults": faults,
        });
        Self { log, started: Instant::now(), line, cut: false }
    }

    /// Adds the response, if there is one.
    pub(super) fn ended(&mut self, answer: Option<&Response<Body>>) {
        let Some(answer) = answer.filter(|_| !self.cut) else {
            return;
        };
        self.line["status"] = answer.status().as_u16().into();
        let transaction = answer.headers().get("transaction-id").and_then(|id| id.to_str().ok());
        self.line["transaction_id"] = transaction.into();
        if answer.extensions().get::<NotImplemented>().is_some() {
            self.line["note"] = "not implemented by the sandbox".into();
        }
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        if let Some(log) = self.log {
            self.line["milliseconds"] = (self.started.elapsed().as_secs_f64() * 1000.0).into();
            log.write(&self.line);
        }
    }
}

/// The query parameters that are logged; any other one may be a secret that was put there by mistake.
const LOGGED: [&str; 16] = [
    "_limit",
    "_start",
    "account_id",
    "filter",
    "group_id",
    "iam_id",
    "include_activity",
    "include_history",
    "name",
    "order",
    "pagesize",
    "pagetoken",
    "scope",
    "sort",
    "type",
    "show_group_id",
];

fn without_unknown(query: &str) -> String {
    let mut kept = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let known = LOGGED.contains(&name.as_ref());
        kept.append_pair(if known { &name } else { "hidden" }, if known { &value } else { "" });
    }
    kept.finish()
}

/// Prefixes of IDs.
const KEY: &str = "ApiKey-";
const SERVICE_ID: &str = "ServiceId";

/// Returns the path without long segments that are not IDs, because they may be the value of a key.
fn without_values(path: &str) -> String {
    let shown = |segment: &str| {
        if segment.len() >= 32 && ![KEY, SERVICE_ID].iter().any(|prefix| segment.starts_with(prefix)) {
            "hidden"
        } else {
            segment
        }
        .to_owned()
    };
    path.split('/').map(shown).collect::<Vec<_>>().join("/")
}
