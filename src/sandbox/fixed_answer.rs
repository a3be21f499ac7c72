//! Responses that a fault sends instead of the service's.

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use serde_json::json;

use super::action::{FixedAnswer, FixedBody, RetryAfter};
use super::call::{common_headers, set, transaction};

/// The page that a captive portal sends instead of the requested response.
const LOGIN_PAGE: &str = "\
<!DOCTYPE html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><title>Sign in to the network</title></head>
<body>
<h1>Sign in to the network</h1>
<p>You need to sign in before you can use the internet.</p>
<form method=\"post\" action=\"/login\">
<label>User name <input name=\"username\" autocomplete=\"username\"></label>
<label>Password <input name=\"password\" type=\"password\"></label>
<button type=\"submit\">Sign in</button>
</form>
</body>
</html>
";

impl FixedAnswer {
    /// Returns the response to a request with these headers, as a service, a proxy or a load balancer would send it.
    pub(super) fn response(self, path: &str, headers: &HeaderMap, now: i64) -> Response<Body> {
        let transaction = transaction(headers);
        let (content_type, text) = self.content(path, &transaction);
        let mut answer = Response::new(Body::from(text));
        *answer.status_mut() = self.code();
        let retry_after = self.retry_after.map(|retry_after| match retry_after {
            RetryAfter::Seconds(seconds) => seconds.to_string(),
            RetryAfter::Date(seconds) => http_date(now.saturating_add_unsigned(seconds)),
        });
        common_headers(answer.headers_mut(), headers, &transaction);
        for (name, value) in [("content-type", content_type), ("retry-after", retry_after.as_deref())] {
            if let Some(value) = value {
                set(answer.headers_mut(), name, value);
            }
        }
        answer
    }

    fn code(self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn content(self, path: &str, transaction: &str) -> (Option<&'static str>, String) {
        let status = self.status;
        let reason = self.code().canonical_reason().unwrap_or("Error");
        let is_error = status >= 400;
        match self.body {
            // `{}` is valid JSON, but not a valid response to any request.
            FixedBody::Json if !is_error => (Some("application/json"), "{}".to_owned()),
            FixedBody::Json if ["/v1", "/coe"].iter().any(|root| path.starts_with(root)) => {
                let code = reason.to_lowercase().replace(' ', "_");
                let errors = json!([{"code": code, "message_code": "BXNIM0050E", "message": reason}]);
                let body = json!({"errors": errors, "trace": transaction, "status_code": status});
                (Some("application/json"), body.to_string())
            }
            FixedBody::Json => {
                let context = json!({"requestId": transaction});
                let body = json!({"errorCode": "BXNIM0050E", "errorMessage": reason, "context": context});
                (Some("application/json"), body.to_string())
            }
            FixedBody::Html if status < 300 => (Some("text/html"), LOGIN_PAGE.to_owned()),
            FixedBody::Html => {
                (Some("text/html"), format!("<html><head><title>{status} {reason}</title></head></html>"))
            }
            FixedBody::Empty => (None, String::new()),
        }
    }
}

/// Formats a time for HTTP headers.
pub(super) fn http_date(seconds: i64) -> String {
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    jiff::fmt::strtime::format("%a, %d %b %Y %H:%M:%S GMT", moment).unwrap_or_default()
}
