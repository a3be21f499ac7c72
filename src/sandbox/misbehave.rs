//! Applies faults to requests before they reach the service, and to responses.
//!
//! Whatever the order of a request's faults is, they apply in this sequence: changes of the request; copies of the
//! request that are processed late; faults before the processing, in the given order; the processing; changes of the
//! response, in the given order; delays of the response; faults that cut off the response. A fault that responds or
//! closes the connection before the processing ends the sequence.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use http_body::Body as _;
use serde_json::{Map, Value};
use tokio::sync::mpsc::UnboundedSender;
use tower_service::Service;

use super::action::{Action, Replacement};
use super::app::App;
use super::call::{About, ClockOffset, CountsAsExpired, set, whole};
use super::fault::Fault;
use super::fixed_answer::http_date;
use super::log::Entry;
use super::pieces::{Cut, slowly};

/// Work for which no client waits.
pub(super) type LateWork = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The layer between connections and the service.
#[derive(Clone)]
pub(super) struct Gateway {
    /// The routes of the service.
    pub router: Router,
    /// The state that every request needs.
    pub app: Arc<App>,
    /// Receives work that ends with the server, and not with a connection.
    pub late: UnboundedSender<LateWork>,
}

impl Gateway {
    /// Returns the response to a request to which these faults apply.
    pub(super) async fn answer(&self, request: Request<Body>, hits: &[&Fault]) -> Result<Response<Body>, Cut> {
        let actions: Vec<&Action> = hits.iter().map(|hit| &hit.action).collect();
        let offset = actions.iter().fold(0_i64, |sum, action| match action {
            Action::Clock(seconds) => sum.saturating_add(*seconds),
            _ => sum,
        });
        let mut answer = self.carry_out(request, &actions, offset).await?;
        if self.app.setup.choices.clock_offset.saturating_add(offset) != 0 {
            // Without an offset, the HTTP connection sets the header to the real time.
            set(answer.headers_mut(), "date", &http_date(self.app.now().saturating_add(offset)));
        }
        Ok(answer)
    }

    async fn carry_out(
        &self,
        mut request: Request<Body>,
        actions: &[&Action],
        offset: i64,
    ) -> Result<Response<Body>, Cut> {
        let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
        let now = || self.app.now().saturating_add(offset);
        request.extensions_mut().insert(ClockOffset(offset));
        if actions.contains(&&Action::Expired) {
            request.extensions_mut().insert(CountsAsExpired);
        }
        let mut repeats = Vec::new();
        if actions.iter().any(|action| action.needs_whole_request()) {
            let (parts, body) = request.into_parts();
            let about = About::new(parts.uri.path(), parts.headers.clone(), &self.app, offset);
            let body = match whole(body, &self.app).await {
                Ok(body) => with_value_replaced(body, actions),
                Err(fault) => return Ok(about.refuse(&self.app, &fault)),
            };
            let copy = || Request::from_parts(parts.clone(), Body::from(body.clone()));
            for action in actions {
                match action {
                    Action::Repeat => repeats.push(copy()),
                    Action::Late(after) | Action::RepeatLate(after) => self.carry_out_late(copy(), *after),
                    _ => {}
                }
            }
            request = copy();
        }
        let mut lost = false;
        for action in actions {
            match action {
                Action::Delay(delay) => tokio::time::sleep(*delay).await,
                Action::DropBefore => return Err(Cut),
                Action::Answer(answer) => return Ok(answer.response(&path, &headers, now())),
                Action::Late(_) => lost = true,
                _ => {}
            }
        }
        if lost {
            return Err(Cut);
        }
        let mut answer = call(&self.router, request).await;
        for repeat in repeats {
            answer = call(&self.router, repeat).await;
        }
        for action in actions {
            match action {
                Action::AnswerValue(value) => answer = with_value(answer, value).await,
                Action::AnswerAfter(fixed) => answer = fixed.response(&path, &headers, now()),
                Action::Garbage => answer = with_body(answer, Body::from("{\"garbage\": [1, 2,")),
                _ => {}
            }
        }
        pass_on(answer, actions).await
    }

    /// Processes a request later, without a client, unless the server ends first.
    fn carry_out_late(&self, request: Request<Body>, after: Duration) {
        let (app, router) = (Arc::clone(&self.app), self.router.clone());
        let work = async move {
            tokio::time::sleep(after).await;
            let mut entry = Entry::late(app.log.as_ref(), &request);
            let answer = call(&router, request).await;
            entry.ended(Some(&answer));
        };
        // The send fails only while the server is ending.
        let _ = self.late.send(Box::pin(work));
    }
}

async fn call(router: &Router, request: Request<Body>) -> Response<Body> {
    router.clone().call(request).await.unwrap_or_else(|never: Infallible| match never {})
}

/// Delays a response, or cuts it off.
async fn pass_on(answer: Response<Body>, actions: &[&Action]) -> Result<Response<Body>, Cut> {
    let (mut pause, mut half) = (Duration::ZERO, false);
    for action in actions {
        match action {
            Action::DelayAfter(delay) => tokio::time::sleep(*delay).await,
            Action::Drip(each) => pause = pause.saturating_add(*each),
            Action::DropHalf => half = true,
            _ => {}
        }
    }
    let is_empty = answer.body().size_hint().exact() == Some(0);
    // Half of a response without a body is no response.
    if actions.contains(&&Action::DropAfter) || half && is_empty {
        return Err(Cut);
    }
    if is_empty || !half && pause.is_zero() {
        return Ok(answer);
    }
    Ok(slowly(answer, pause, half).await)
}

/// Returns a request's body with the key's value replaced.
fn with_value_replaced(mut body: Bytes, actions: &[&Action]) -> Bytes {
    for action in actions {
        if let Action::RequestValue(value) = action
            && let Some(replaced) = replaced(&body, value, |_| true)
        {
            body = replaced;
        }
    }
    body
}

/// Returns a response with the key's value replaced.
async fn with_value(answer: Response<Body>, value: &Replacement) -> Response<Body> {
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let is_value = |old: &Value| old.as_str().is_some_and(|old| !old.is_empty());
    match replaced(&body, value, is_value) {
        Some(replaced) => with_body(Response::from_parts(parts, Body::empty()), Body::from(replaced)),
        None => Response::from_parts(parts, Body::from(body)),
    }
}

/// Returns a JSON object with its field `apikey` replaced; `None` if there is no object or no such field.
fn replaced(body: &[u8], value: &Replacement, is_value: impl Fn(&Value) -> bool) -> Option<Bytes> {
    let mut fields: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let mut old = fields.get_mut("apikey")?;
    if old.is_object() {
        // The object is a service ID that contains a key.
        old = old.get_mut("apikey")?;
    }
    if !is_value(old) {
        return None;
    }
    *old = value.text().into();
    Some(Value::Object(fields).to_string().into())
}

/// Returns the response with another body, and without the old content length.
fn with_body(mut answer: Response<Body>, body: Body) -> Response<Body> {
    answer.headers_mut().remove("content-length");
    answer.map(|_| body)
}
