//! What faults do to requests on their way to the service, and to answers on their way back.
//!
//! However the faults of a request are listed, they happen in this order: what changes the request; copies of it that
//! are carried out late; what comes before the work, as listed; the work; what changes the answer, as listed; what
//! holds it up; what cuts it off. A fault that gives an answer before the work ends this.

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

use super::App;
use super::action::{Action, Replacement};
use super::call::{About, ClockOffset, CountsAsExpired, set, whole};
use super::fault::Fault;
use super::fixed_answer::http_date;
use super::log::Entry;
use super::pieces::{Cut, slowly};

/// Work that no client waits for.
pub(super) type LateWork = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What stands between connections and the service.
#[derive(Clone)]
pub(super) struct Gateway {
    /// The service.
    pub router: Router,
    /// What every request needs.
    pub app: Arc<App>,
    /// Takes work that is to end with the server, and not with a connection.
    pub late: UnboundedSender<LateWork>,
}

impl Gateway {
    /// The answer to a request that these faults hit.
    pub(super) async fn answer(&self, request: Request<Body>, hits: &[&Fault]) -> Result<Response<Body>, Cut> {
        let actions: Vec<&Action> = hits.iter().map(|hit| &hit.action).collect();
        let offset = actions.iter().fold(0_i64, |sum, action| match action {
            Action::Clock(seconds) => sum.saturating_add(*seconds),
            _ => sum,
        });
        let mut answer = self.carry_out(request, &actions, offset).await?;
        if self.app.setup.choices.clock_offset.saturating_add(offset) != 0 {
            // Else the connection sets the real one.
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

    /// Has a request carried out without a client, unless the server ends before.
    fn carry_out_late(&self, request: Request<Body>, after: Duration) {
        let (app, router) = (Arc::clone(&self.app), self.router.clone());
        let work = async move {
            tokio::time::sleep(after).await;
            let mut entry = Entry::late(&app, &request);
            let answer = call(&router, request).await;
            entry.ended(Some(&answer));
        };
        // Nobody takes it any more when the server is ending.
        let _ = self.late.send(Box::pin(work));
    }
}

async fn call(router: &Router, request: Request<Body>) -> Response<Body> {
    router.clone().call(request).await.unwrap_or_else(|never: Infallible| match never {})
}

/// Holds an answer up, or cuts it off.
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
    // Where there is no body, half an answer is none.
    if actions.contains(&&Action::DropAfter) || half && is_empty {
        return Err(Cut);
    }
    if is_empty || !half && pause.is_zero() {
        return Ok(answer);
    }
    Ok(slowly(answer, pause, half).await)
}

/// A request's body with another value for its key.
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

/// An answer with another value for its key.
async fn with_value(answer: Response<Body>, value: &Replacement) -> Response<Body> {
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let is_value = |old: &Value| old.as_str().is_some_and(|old| !old.is_empty());
    match replaced(&body, value, is_value) {
        Some(replaced) => with_body(Response::from_parts(parts, Body::empty()), Body::from(replaced)),
        None => Response::from_parts(parts, Body::from(body)),
    }
}

/// A JSON object with another `apikey`; `None` if it is none, or has no `apikey` to be replaced.
fn replaced(body: &[u8], value: &Replacement, is_value: impl Fn(&Value) -> bool) -> Option<Bytes> {
    let mut fields: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let mut old = fields.get_mut("apikey")?;
    if old.is_object() {
        // A key that comes with a service ID.
        old = old.get_mut("apikey")?;
    }
    if !is_value(old) {
        return None;
    }
    *old = value.text().into();
    Some(Value::Object(fields).to_string().into())
}

/// The answer with another body, and without the length of the one before.
fn with_body(mut answer: Response<Body>, body: Body) -> Response<Body> {
    answer.headers_mut().remove("content-length");
    answer.map(|_| body)
}
