//! Connections: accepting them, TLS, the faults that a setup asks for, and the log.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fs::File;
use std::io::Write;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response, StatusCode};
use http_body::Frame;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use super::App;
use super::call::{CountsAsExpired, common_headers, set, transaction};
use super::fault::{Action, ErrorBody, Fault, RetryAfter};

/// Bytes between two pauses of a dripping answer.
const DROP_SIZE: usize = 64;

/// Requests and what became of them, a JSON object a line. Neither headers nor bodies: those hold secrets.
pub(super) struct Log(Mutex<File>);

impl Log {
    pub(super) fn new(file: File) -> Self {
        Self(Mutex::new(file))
    }

    fn write(&self, entry: &serde_json::Value) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not stop the service that is being watched.
        let _ = file.write_all(format!("{entry}\n").as_bytes());
    }
}

/// Answers until the task is aborted; its connections end with it.
pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router, app: Arc<App>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    let (tls, router, app) = (tls.clone(), router.clone(), Arc::clone(&app));
                    connections.spawn(async move {
                        match tls {
                            None => connection(stream, router, app).await,
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    connection(stream, router, app).await;
                                }
                            }
                        }
                    });
                }
                // Out of file descriptors, most likely: wait for connections to end.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin + Send, router: Router, app: Arc<App>) {
    let service = service_fn(move |request| answer(request, router.clone(), Arc::clone(&app)));
    // An error here is a client that went away, or a fault that cut the connection.
    let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}

/// A connection that ends without an answer, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("cut by a fault")]
struct Cut;

async fn answer(request: Request<Incoming>, router: Router, app: Arc<App>) -> Result<Response<Body>, Cut> {
    let hits: Vec<&Fault> =
        app.faults.iter().filter(|fault| fault.hits(request.method().as_str(), request.uri().path())).collect();
    let mut entry = Entry::new(&app, &request, &hits);
    let answer = with_faults(request, router, &hits, (app.now)()).await;
    entry.ended(answer.as_ref().ok());
    answer
}

/// A line of the log; written when the request is over, also when its client has gone away.
struct Entry<'a> {
    app: &'a App,
    started: Instant,
    line: serde_json::Value,
    cut: bool,
}

impl<'a> Entry<'a> {
    fn new(app: &'a App, request: &Request<Incoming>, hits: &[&Fault]) -> Self {
        let line = json!({
            "time": (app.now)(),
            "method": request.method().as_str(),
            "path": without_values(request.uri().path()),
            "query": request.uri().query().map(without_unknown),
            "status": null,
            "milliseconds": null,
            "transaction_id": null,
            "faults": hits.iter().map(|fault| format!("{:?}", fault.action)).collect::<Vec<_>>(),
        });
        let cut = hits.iter().any(|fault| fault.action == Action::DropHalf);
        Self { app, started: Instant::now(), line, cut }
    }

    fn ended(&mut self, answer: Option<&Response<Body>>) {
        let Some(answer) = answer.filter(|_| !self.cut) else {
            return;
        };
        self.line["status"] = answer.status().as_u16().into();
        let transaction = answer.headers().get("transaction-id").and_then(|id| id.to_str().ok());
        self.line["transaction_id"] = transaction.into();
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        if let Some(log) = &self.app.log {
            self.line["milliseconds"] = (self.started.elapsed().as_secs_f64() * 1000.0).into();
            log.write(&self.line);
        }
    }
}

/// Parameters that are logged; what else is in a query may be a secret that was put there by mistake.
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

/// A key's value where its id should be is not logged.
fn without_values(path: &str) -> String {
    let shown = |segment: &str| {
        if segment.len() >= 32 && !segment.starts_with("ApiKey-") { "hidden" } else { segment }.to_owned()
    };
    path.split('/').map(shown).collect::<Vec<_>>().join("/")
}

async fn with_faults(
    mut request: Request<Incoming>,
    mut router: Router,
    hits: &[&Fault],
    now: i64,
) -> Result<Response<Body>, Cut> {
    for hit in hits {
        match &hit.action {
            Action::Delay(delay) => tokio::time::sleep(*delay).await,
            Action::DropBefore => return Err(Cut),
            Action::Answer { status, body, retry_after } => {
                return Ok(error(*status, *body, *retry_after, &request, now));
            }
            Action::Expired => {
                request.extensions_mut().insert(CountsAsExpired);
            }
            Action::DelayAfter(_) | Action::DropAfter | Action::DropHalf | Action::Drip(_) | Action::Garbage => {}
        }
    }
    let mut answer = router.call(request.map(Body::new)).await.unwrap_or_else(|never: Infallible| match never {});
    for hit in hits {
        match &hit.action {
            Action::DropAfter => return Err(Cut),
            // Where there is no body, half an answer is none.
            Action::DropHalf if answer.status() == StatusCode::NO_CONTENT => return Err(Cut),
            Action::DropHalf => answer = slowly(answer, Duration::ZERO, true).await,
            Action::Drip(_) if answer.status() == StatusCode::NO_CONTENT => {}
            Action::Drip(pause) => answer = slowly(answer, *pause, false).await,
            Action::DelayAfter(delay) => tokio::time::sleep(*delay).await,
            Action::Garbage => answer = answer.map(|_| Body::from("{\"garbage\": [1, 2,")).without_length(),
            Action::Delay(_) | Action::DropBefore | Action::Answer { .. } | Action::Expired => {}
        }
    }
    Ok(answer)
}

/// An error as a service, a proxy or a load balancer would send it.
fn error(
    status: u16,
    body: ErrorBody,
    retry_after: Option<RetryAfter>,
    request: &Request<Incoming>,
    now: i64,
) -> Response<Body> {
    let transaction = transaction(request.headers());
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = code.canonical_reason().unwrap_or("Error");
    let (content_type, text) = match body {
        ErrorBody::Json if ["/v1", "/coe"].iter().any(|root| request.uri().path().starts_with(root)) => (
            Some("application/json"),
            json!({
                "errors": [{"code": reason.to_lowercase().replace(' ', "_"), "message_code": "BXNIM0050E", "message": reason}],
                "trace": transaction,
                "status_code": status,
            })
            .to_string(),
        ),
        ErrorBody::Json => (
            Some("application/json"),
            json!({"errorCode": "BXNIM0050E", "errorMessage": reason, "context": {"requestId": transaction}}).to_string(),
        ),
        ErrorBody::Html => (Some("text/html"), format!("<html><head><title>{status} {reason}</title></head></html>")),
        ErrorBody::Empty => (None, String::new()),
    };
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = code;
    let retry_after = retry_after.map(|retry_after| match retry_after {
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => http_date(now.saturating_add_unsigned(seconds)),
    });
    common_headers(answer.headers_mut(), request.headers(), &transaction);
    for (name, value) in [("content-type", content_type), ("retry-after", retry_after.as_deref())] {
        if let Some(value) = value {
            set(answer.headers_mut(), name, value);
        }
    }
    answer
}

fn http_date(seconds: i64) -> String {
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    jiff::fmt::strtime::format("%a, %d %b %Y %H:%M:%S GMT", moment).unwrap_or_default()
}

trait WithoutLength {
    fn without_length(self) -> Self;
}

impl WithoutLength for Response<Body> {
    fn without_length(mut self) -> Self {
        self.headers_mut().remove("content-length");
        self
    }
}

/// The same answer in little pieces, or with its second half missing.
async fn slowly(answer: Response<Body>, pause: Duration, half: bool) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert("content-length", bytes.len().into());
    let sent = if half { bytes.slice(..bytes.len() / 2) } else { bytes };
    let pieces = sent.chunks(DROP_SIZE).map(|piece| sent.slice_ref(piece)).collect();
    Response::from_parts(parts, Body::new(Pieces { pieces, pause, sleep: None, cut: half, sent: false }))
}

/// A body that takes its time.
struct Pieces {
    pieces: VecDeque<Bytes>,
    pause: Duration,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
    /// Ends in an error and not in an end.
    cut: bool,
    /// What came before the cut has had its chance to leave.
    sent: bool,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(sleep) = &mut self.sleep {
            std::task::ready!(sleep.as_mut().poll(context));
            self.sleep = None;
        }
        let piece = self.pieces.pop_front();
        if piece.is_none() && self.cut && !std::mem::replace(&mut self.sent, true) {
            // The connection flushes when a body has to be waited for, and not when it fails.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if piece.is_some() && !self.pause.is_zero() {
            self.sleep = Some(Box::pin(tokio::time::sleep(self.pause)));
        }
        Poll::Ready(match piece {
            Some(piece) => Some(Ok(Frame::data(piece))),
            None if std::mem::take(&mut self.cut) => Some(Err(Cut)),
            None => None,
        })
    }
}
