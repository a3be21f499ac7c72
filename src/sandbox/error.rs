//! Error responses, in the two formats of the service.

use std::borrow::Cow;

use rusqlite::ErrorCode;
use serde_json::{Value, json};

use super::setup::Choices;

/// The message of the service for an unsupported method.
const WEB_EXCEPTION: &str = "Web application exception 'javax.ws.rs.ClientErrorException' during request processing.";

/// The reason why a request is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Whether another process is writing, so that the operation must be retried.
    pub busy: bool,
    /// Whether the disk is full, read-only or failing.
    pub unwritable: bool,
    /// Whether the service may implement this, although the sandbox does not.
    pub not_implemented: bool,
    code: &'static str,
    message_code: Cow<'static, str>,
    message: String,
    details: String,
}

impl Refusal {
    fn new(
        status: u16,
        code: &'static str,
        message_code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
        details: impl Into<String>,
    ) -> Self {
        Self {
            status,
            busy: false,
            not_implemented: false,
            unwritable: false,
            code,
            message_code: message_code.into(),
            message: message.into(),
            details: details.into(),
        }
    }

    /// A required property is missing or empty.
    pub(super) fn missing(property: &str) -> Self {
        let details = format!("Property '{property}' either missing or empty.");
        Self::new(400, "bad_request", "BXNIM0109E", "Property missing or empty.", details)
    }

    /// A property has an invalid value.
    pub(super) fn invalid(property: &str, value: &str, valid: &str) -> Self {
        let details =
            format!("Validation of property '{property}' with value '{value}' failed. Valid values: '{valid}'");
        Self::new(400, "bad_request", "BXNIM0106E", "Validation of input failed.", details)
    }

    /// The body is longer than any of these operations needs.
    pub(super) fn too_large() -> Self {
        Self::new(413, "request_too_large", "BXNIM0060E", WEB_EXCEPTION, "HTTP 413 Content Too Large")
    }

    /// The body ends too early, or has invalid chunks.
    pub(super) fn unreadable_body() -> Self {
        Self::new(400, "bad_request", "BXNIM0060E", WEB_EXCEPTION, "HTTP 400 Bad Request: the body cannot be read")
    }

    /// The body does not arrive in time.
    pub(super) fn slow_body() -> Self {
        Self::new(408, "request_timeout", "BXNIM0060E", WEB_EXCEPTION, "HTTP 408 Request Timeout")
    }

    /// The request cannot be read, or there are too many connections.
    pub(super) fn of_connection(status: u16) -> Self {
        if status == 503 {
            return Self::new(503, "service_unavailable", "SANDBOX503E", "The sandbox has too many connections.", "");
        }
        let (code, details) = match status {
            414 => ("uri_too_long", "HTTP 414 URI Too Long"),
            431 => ("request_header_fields_too_large", "HTTP 431 Request Header Fields Too Large"),
            _ => ("bad_request", "HTTP 400 Bad Request"),
        };
        Self::new(status, code, "BXNIM0060E", WEB_EXCEPTION, details)
    }

    /// The body is not a JSON object.
    pub(super) fn not_json() -> Self {
        let details = "The body is not a JSON object.";
        Self::new(400, "bad_request", "BXNIM0106E", "Validation of input failed.", details)
    }

    /// The request names an IAM ID that is neither the caller's nor that of a service ID in the caller's account.
    pub(super) fn foreign_iam_id() -> Self {
        let message = "The specified IAM ID does not match the IAM ID in the token.";
        Self::new(400, "bad_request", "BXNIM0106E", message, "")
    }

    /// The request names an account other than the account of the token.
    pub(super) fn foreign_account() -> Self {
        let message = "The specified account does not match the account in the token.";
        Self::new(400, "bad_request", "BXNIM0106E", message, "")
    }

    /// The value of the key is too short.
    pub(super) fn short_value() -> Self {
        let details = "Property 'apikey' has fewer than 32 characters.";
        Self::new(400, "bad_request", "BXNIM0106E", "Validation of input failed.", details)
    }

    /// Another key has the same value.
    pub(super) fn taken_value(choices: &Choices) -> Self {
        let details = "Property 'apikey' is not unique.";
        let refusal = Self::new(400, "bad_request", "BXNIM0106E", "Validation of input failed.", details);
        Self { status: choices.taken_value_status, ..refusal }
    }

    /// A text is longer than the limit.
    pub(super) fn too_long(property: &str, longest: usize) -> Self {
        let details = format!("Property '{property}' has more than {longest} characters.");
        Self::new(400, "bad_request", "BXNIM0106E", "Validation of input failed.", details)
    }

    /// The request has no token.
    pub(super) fn no_token() -> Self {
        Self::new(401, "unauthorized", "BXNIM0308E", "No authorization header found", "")
    }

    /// This sandbox did not issue the token, or the token has expired.
    pub(super) fn bad_token() -> Self {
        let message = "The provided access token provided is invalid.";
        Self::new(401, "invalid_access_token", "BXNIM0407E", message, "")
    }

    /// The caller does not have the required rights.
    pub(super) fn forbidden(action: &str, subject: &str, account: &str) -> Self {
        let details = format!(
            "Reason: Access check for action '{action}' for subject '{subject}' for resource 'a/{account}' \
             was denied due to lack of access policy."
        );
        let message = "You are not authorized to use this API.";
        Self::new(403, "forbidden", "BXNIM0513E", message, details)
    }

    /// The token is for no account, or for one that its user is not a member of. Without evidence from the service.
    pub(super) fn no_account() -> Self {
        let details = "The token is not for an account that its user is a member of.";
        Self::new(403, "forbidden", "BXNIM0513E", "You are not authorized to use this API.", details)
    }

    /// The key, service ID or group does not exist.
    pub(super) fn not_found(kind: &str, id: &str) -> Self {
        // The second form was seen for service IDs.
        let details = match kind {
            "ApiKey" => format!("Object Type: '{kind}' with ID: '{id}' not found."),
            _ => format!("Object type '{kind}' with ID '{id}' not found."),
        };
        Self::new(404, "not_found", "BXNIM0102E", "Unable to find object", details)
    }

    /// The `Host` is another server, whose name now resolves to this machine (DNS rebinding). The service has no such
    /// error.
    pub(super) fn foreign_host(host: &str) -> Self {
        let details = format!("The sandbox answers requests to localhost and loopback addresses, not to '{host}'.");
        Self::new(403, "forbidden", "SANDBOX001E", "The sandbox refuses this Host.", details)
    }

    /// A web page sent the request. The service has no such error.
    pub(super) fn foreign_origin(origin: &str) -> Self {
        let details = format!("The sandbox does not answer web pages; this one is from '{origin}'.");
        Self::new(403, "forbidden", "SANDBOX002E", "The sandbox refuses this Origin.", details)
    }

    /// No key has the value in the request.
    pub(super) fn unknown_value() -> Self {
        let details = "Object Type: 'ApiKey' with the value in the header 'IAM-ApiKey' not found.";
        Self::new(404, "not_found", "BXNIM0102E", "Unable to find object", details)
    }

    /// The service may implement this, but the sandbox does not. The response must not look like one from the service.
    pub(super) fn not_implemented(what: &str, choices: &Choices) -> Self {
        let message = "The ibmiam sandbox does not implement this.";
        let details = format!("The sandbox does not have {what}. IBM Cloud IAM may have it.");
        let refusal = Self::new(choices.not_implemented_status, "not_implemented", "SANDBOX501E", message, details);
        Self { not_implemented: true, ..refusal }
    }

    /// The path does not support the method.
    pub(super) fn no_method() -> Self {
        Self::new(405, "method_not_allowed", "BXNIM0060E", WEB_EXCEPTION, "HTTP 405 Method Not Allowed")
    }

    /// `If-Match` names another version.
    pub(super) fn changed(choices: &Choices) -> Self {
        Self::conflict(choices, "The entity tag does not match the current version.")
    }

    /// A locked entity cannot be changed or deleted.
    pub(super) fn locked(choices: &Choices) -> Self {
        Self { status: choices.locked_status, ..Self::conflict(choices, "The entity is locked.") }
    }

    /// The group is not empty, or its name is taken. Without evidence from the service.
    pub(super) fn in_use(choices: &Choices, details: &str) -> Self {
        Self::conflict(choices, details)
    }

    /// The entity is already in the requested state.
    pub(super) fn already_so(choices: &Choices) -> Self {
        Self::conflict(choices, "The entity is already in the requested state.")
    }

    fn conflict(choices: &Choices, details: &str) -> Self {
        Self::new(409, "conflict", choices.conflict_code.clone(), "Conflict", details)
    }

    /// The identity has reached its limit of keys.
    pub(super) fn limit_reached() -> Self {
        let message = "The limit of supported API keys is reached";
        Self::new(422, "limit_reached", "BXNIM0151E", message, "")
    }

    /// Grants: the API key does not exist, or not in the accounts that the client accepts.
    pub(super) fn unknown_key() -> Self {
        Self::new(400, "", "BXNIM0415E", "Provided API key could not be found.", "")
    }

    /// Grants: the API key is disabled.
    pub(super) fn disabled_key() -> Self {
        Self::new(400, "", "BXNIM0462E", "Provided API key is disabled.", "")
    }

    /// Grants: the API key has expired. Without evidence from the service.
    pub(super) fn expired_key(choices: &Choices) -> Self {
        Self::new(400, "", choices.expired_key_code.clone(), "Provided API key is expired.", "")
    }

    /// Grants: the refresh token was not issued to this client, or its API key was disabled or deleted.
    pub(super) fn bad_refresh_token() -> Self {
        Self::new(400, "", "BXNIM0407E", "Provided refresh token is invalid.", "")
    }

    /// Grants: the refresh token has expired.
    pub(super) fn expired_refresh_token() -> Self {
        Self::new(400, "", "BXNIM0408E", "Provided refresh token is expired.", "")
    }

    /// Grants: the passcode does not exist, was used, or has expired.
    pub(super) fn bad_passcode() -> Self {
        Self::new(401, "", "BXNIM0602E", "The credentials you provided are incorrect", "")
    }

    /// Grants: the token is not a valid compute resource token, or has expired.
    pub(super) fn malformed_token() -> Self {
        Self::new(400, "", "BXNIM0401E", "Provided token is malformed", "")
    }

    /// Grants: the trusted profile does not exist.
    pub(super) fn no_profile() -> Self {
        Self::new(400, "", "BXNIM0113E", "Provided cloud resource name is invalid", "There is no such trusted profile.")
    }

    /// Grants: the user is not a member of the account, or the login is bound to another account.
    pub(super) fn not_a_member() -> Self {
        Self::new(400, "", "BXNIM0141E", "User is not member of the specified account", "")
    }

    /// An internal error of the sandbox.
    pub(super) fn internal(details: impl Into<String>) -> Self {
        Self::new(500, "internal_error", "BXNIM0050E", "Internal error", details)
    }

    /// Returns the body for paths under `/v1`: snake case, with `status_code` as an integer.
    pub(super) fn api_body(&self, transaction: &str) -> Value {
        let mut item = json!({
            "code": self.code,
            "message_code": self.message_code.as_ref(),
            "message": self.message,
        });
        if !self.details.is_empty() {
            item["details"] = self.details.clone().into();
        }
        json!({"errors": [item], "trace": transaction, "status_code": self.status})
    }

    /// Returns the body for paths under `/identity`: flat, in camel case.
    pub(super) fn identity_body(&self, context: Value) -> Value {
        let mut body = json!({"errorCode": self.message_code.as_ref(), "errorMessage": self.message});
        if !self.details.is_empty() {
            body["errorDetails"] = self.details.clone().into();
        }
        body["context"] = context;
        body
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        let (busy, unwritable) = (is_busy(&error), is_unwritable(&error));
        // The message of SQLite may contain the statement, so it is not in the response.
        let details = if unwritable { "database or disk is full" } else { "the data cannot be read or written" };
        Self { busy, unwritable, ..Self::internal(details) }
    }
}

/// Whether another process blocks the operation.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Whether the disk is full, read-only or failing.
fn is_unwritable(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}
