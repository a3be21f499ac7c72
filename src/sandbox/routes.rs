//! The paths of IBM's service, unchanged.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::routing::{MethodRouter, get, post};

use super::app::App;
use super::call::{Call, Reply};
use super::entities::Kind;
use super::error::Refusal;
use super::{accounts, keys, list, preferences, service_ids, token_endpoint};

/// The maximum time that an operation waits for a write of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The interval between retries.
const TRY_EVERY: Duration = Duration::from_millis(5);

const PREFERENCES: &str = "/v1/preferences/accounts/{account}/identities/{iam_id}";

/// An operation: returns the response to a request, without waiting.
type Operation = fn(&Call) -> Result<Reply, Refusal>;

/// Returns the routes for all paths. `details` takes precedence over `{id}`, because it is a fixed segment.
pub(super) fn router(app: Arc<App>) -> Router {
    let api = |operation: Operation| move |call: Call| answer(call, operation);
    let no_method: Operation = |_| Err(Refusal::no_method());
    let keys = get(api(list::list)).post(api(keys::create));
    let key = get(api(keys::get)).put(api(keys::update)).delete(api(keys::delete));
    let lock = post(api(|call| keys::set_locked(call, true))).delete(api(|call| keys::set_locked(call, false)));
    let disable = post(api(|call| keys::set_disabled(call, true))).delete(api(|call| keys::set_disabled(call, false)));
    let service_ids = get(api(|call| list::list_entities(call, Kind::ServiceId)))
        .post(api(|call| service_ids::create(call, Kind::ServiceId)));
    let service_id = get(api(|call| service_ids::get(call, Kind::ServiceId)))
        .put(api(|call| service_ids::update(call, Kind::ServiceId)))
        .delete(api(|call| service_ids::delete(call, Kind::ServiceId)));
    let service_id_lock =
        post(api(|call| service_ids::set_locked(call, true))).delete(api(|call| service_ids::set_locked(call, false)));
    let groups = get(api(|call| list::list_entities(call, Kind::Group)))
        .post(api(|call| service_ids::create(call, Kind::Group)));
    let group = get(api(|call| service_ids::get(call, Kind::Group)))
        .put(api(|call| service_ids::update(call, Kind::Group)))
        .delete(api(|call| service_ids::delete(call, Kind::Group)));
    // For a list that is always empty, all other methods are "not implemented", and not "method not allowed".
    let missing: Operation = not_implemented;
    let empty = |operation| get(operation).fallback(api(missing));
    let preference = get(api(preferences::get)).put(api(preferences::update)).delete(api(preferences::delete));
    let with_405 = |routes: MethodRouter<Arc<App>>| routes.fallback(api(no_method));
    Router::new()
        .route("/identity/token", with_405(post(api(token_endpoint::token))))
        .route("/oidc/token", with_405(post(api(token_endpoint::token))))
        .route("/identity/passcode", with_405(post(api(token_endpoint::passcode))))
        .route("/identity/keys", with_405(get(api(|call| Ok(token_endpoint::keys(call))))))
        .route(
            "/identity/.well-known/openid-configuration",
            with_405(get(api(|call| Ok(token_endpoint::configuration(call))))),
        )
        .route("/v1/apikeys", with_405(keys))
        .route("/v1/apikeys/details", with_405(get(api(keys::details))))
        .route("/v1/apikeys/{id}", with_405(key))
        .route("/v1/apikeys/{id}/lock", with_405(lock))
        .route("/v1/apikeys/{id}/disable", with_405(disable))
        .route("/v1/serviceids", with_405(service_ids.clone()))
        .route("/v1/serviceids/", with_405(service_ids))
        .route("/v1/serviceids/{id}", with_405(service_id))
        .route("/v1/serviceids/{id}/lock", with_405(service_id_lock))
        .route("/v1/serviceid_groups", with_405(groups))
        .route("/v1/serviceid_groups/{id}", with_405(group))
        .route("/v1/accounts/{id}/limits/identity", with_405(get(api(service_ids::limits))))
        .route(PREFERENCES, with_405(get(api(preferences::list))))
        .route(&format!("{PREFERENCES}/{{service}}/{{id}}"), with_405(preference))
        .route("/v1/profiles", empty(api(|call| list::nothing(call, "profiles"))))
        .route("/v1/profile_templates", empty(api(|call| list::nothing(call, "profile_templates"))))
        .route("/v1/account_settings_templates", empty(api(|call| list::nothing(call, "account_settings_templates"))))
        .route("/coe/v2/accounts", with_405(get(api(accounts::list))))
        .fallback(api(not_implemented))
        .with_state(app)
}

/// Returns the error for a path that the service may have and the sandbox does not. Except below `/identity/`, a
/// request without a token gets the error for that first, as from the service.
fn not_implemented(call: &Call) -> Result<Reply, Refusal> {
    let path = call.path();
    if !path.starts_with("/identity/") {
        call.bearer()?;
    }
    Err(Refusal::not_implemented(&format!("the path '{path}'"), &call.app.setup.choices))
}

/// Runs an operation, and retries it while another process is writing. Waiting inside SQLite would block all requests.
async fn answer(call: Call, operation: Operation) -> Response<Body> {
    let mut waited = Duration::ZERO;
    loop {
        let result = operation(&call);
        if result.as_ref().is_err_and(|refusal| refusal.busy) && waited < BUSY_TIMEOUT {
            tokio::time::sleep(TRY_EVERY).await;
            waited += TRY_EVERY;
            continue;
        }
        return call.answer(result);
    }
}
