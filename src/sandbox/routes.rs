//! IBM's paths, verbatim.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::routing::{MethodRouter, any, get, post};

use super::call::{Call, Envelope, Reply};
use super::error::Fault;
use super::{App, identity, keys, list};

/// An operation: from a request to an answer, without waiting for anything.
type Operation = fn(&Call) -> Result<Reply, Fault>;

/// All paths. `details` goes before `{id}` because a fixed segment does.
pub(super) fn router(app: Arc<App>) -> Router {
    let api = |operation: Operation| move |call: Call| async move { answer(&call, operation, Envelope::Api) };
    let token = |call: Call| async move { answer(&call, identity::token, Envelope::Identity) };
    let keys = get(api(list::list)).post(api(keys::create));
    let key = get(api(keys::get)).put(api(keys::update)).delete(api(keys::delete));
    let lock = post(api(|call| keys::set_locked(call, true))).delete(api(|call| keys::set_locked(call, false)));
    let disable = post(api(|call| keys::set_disabled(call, true))).delete(api(|call| keys::set_disabled(call, false)));
    let with_405 = |routes: MethodRouter<Arc<App>>| {
        routes.fallback(move |call: Call| async move { answer(&call, |_| Err(Fault::no_method()), Envelope::Api) })
    };
    let no_token_method =
        any(|call: Call| async move { answer(&call, |_| Err(Fault::no_method()), Envelope::Identity) });
    Router::new()
        .route("/identity/token", no_token_method.post(token))
        .route("/v1/apikeys", with_405(keys))
        .route("/v1/apikeys/details", with_405(get(api(keys::details))))
        .route("/v1/apikeys/{id}", with_405(key))
        .route("/v1/apikeys/{id}/lock", with_405(lock))
        .route("/v1/apikeys/{id}/disable", with_405(disable))
        .fallback(api(|_| Err(Fault::no_route())))
        .with_state(app)
}

fn answer(call: &Call, operation: Operation, envelope: Envelope) -> Response<Body> {
    call.answer(operation(call), envelope)
}
