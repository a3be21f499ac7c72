//! Error answers, in the two envelopes that the service has.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::identities::Identity;
use super::setup::Choices;

/// As the service says it for a method that it does not have.
const WEB_EXCEPTION: &str = "Web application exception 'javax.ws.rs.ClientErrorException' during request processing.";

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// HTTP status.
    pub status: u16,
    /// Another process is writing; the operation is to be tried again.
    pub busy: bool,
    /// The disk takes nothing more.
    pub unwritable: bool,
    /// The service may have what was asked for; the sandbox does not.
    pub not_implemented: bool,
    code: &'static str,
    message_code: Cow<'static, str>,
    message: String,
    details: String,
}

impl Fault {
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

    /// A required property is not there.
    pub(super) fn missing(property: &str) -> Self {
        let details = format!("Property '{property}' either missing or empty.");
        Self::new(400, "bad_request", "BXNIM0109E", "Property missing or empty.", details)
    }

    /// A property has a value that it cannot have.
    pub(super) fn invalid(property: &str, value: &str, valid: &str) -> Self {
        let details =
            format!("Validation of property '{property}' with value '{value}' failed. Valid values: '{valid}'");
        Self::new(400, "bad_request", "BXNIM0106E", "Validation of input failed.", details)
    }

    /// A body that is longer than any of these operations needs.
    pub(super) fn too_large() -> Self {
        Self::new(413, "request_too_large", "BXNIM0060E", WEB_EXCEPTION, "HTTP 413 Content Too Large")
    }

    /// A body that ends too early, or has bad chunks.
    pub(super) fn unreadable_body() -> Self {
        Self::new(400, "bad_request", "BXNIM0060E", WEB_EXCEPTION, "HTTP 400 Bad Request: the body cannot be read")
    }

    /// A body that does not arrive.
    pub(super) fn slow_body() -> Self {
        Self::new(408, "request_timeout", "BXNIM0060E", WEB_EXCEPTION, "HTTP 408 Request Timeout")
    }

    /// A request that cannot be read, or a connection too many.
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

    /// The body is not JSON.
    pub(super) fn not_json() -> Self {
        let details = "The body is not a JSON object.";
        Self::new(400, "bad_request", "BXNIM0106E", "Validation of input failed.", details)
    }

    /// Somebody else's keys were asked for as one's own.
    pub(super) fn foreign_iam_id() -> Self {
        let message = "The specified IAM ID does not match the IAM ID in the token.";
        Self::new(400, "bad_request", "BXNIM0106E", message, "")
    }

    /// Another account.
    pub(super) fn foreign_account() -> Self {
        let message = "The specified account does not match the account in the token.";
        Self::new(400, "bad_request", "BXNIM0106E", message, "")
    }

    /// The value is too short.
    pub(super) fn short_value() -> Self {
        let details = "Property 'apikey' has fewer than 32 characters.";
        Self::new(400, "bad_request", "BXNIM0106E", "Validation of input failed.", details)
    }

    /// The value is taken.
    pub(super) fn taken_value(choices: &Choices) -> Self {
        let details = "Property 'apikey' is not unique.";
        let fault = Self::new(400, "bad_request", "BXNIM0106E", "Validation of input failed.", details);
        Self { status: choices.taken_value_status, ..fault }
    }

    /// A text is longer than may be.
    pub(super) fn too_long(property: &str, longest: usize) -> Self {
        let details = format!("Property '{property}' has more than {longest} characters.");
        Self::new(400, "bad_request", "BXNIM0106E", "Validation of input failed.", details)
    }

    /// No token.
    pub(super) fn no_token() -> Self {
        Self::new(401, "unauthorized", "BXNIM0308E", "No authorization header found", "")
    }

    /// A token that is not ours, or no longer good.
    pub(super) fn bad_token() -> Self {
        let message = "The provided access token provided is invalid.";
        Self::new(401, "invalid_access_token", "BXNIM0407E", message, "")
    }

    /// Not allowed.
    pub(super) fn forbidden(action: &str, by: &Identity) -> Self {
        let (subject, account) = (&by.iam_id, &by.account_id);
        let details = format!(
            "Reason: Access check for action '{action}' for subject '{subject}' for resource 'a/{account}' \
             was denied due to lack of access policy."
        );
        let message = "You are not authorized to use this API.";
        Self::new(403, "forbidden", "BXNIM0513E", message, details)
    }

    /// A token for no account, or for one that its user is not a member of. Not evidenced.
    pub(super) fn no_account() -> Self {
        let details = "The token is not for an account that its user is a member of.";
        Self::new(403, "forbidden", "BXNIM0513E", "You are not authorized to use this API.", details)
    }

    /// No such key, service ID or group.
    pub(super) fn not_found(kind: &str, id: &str) -> Self {
        // Seen for service IDs in the second form.
        let details = match kind {
            "ApiKey" => format!("Object Type: '{kind}' with ID: '{id}' not found."),
            _ => format!("Object type '{kind}' with ID '{id}' not found."),
        };
        Self::new(404, "not_found", "BXNIM0102E", "Unable to find object", details)
    }

    /// A request to another server, which a name that changes its address has brought here. The service has none such.
    pub(super) fn foreign_host(host: &str) -> Self {
        let details = format!("The sandbox answers requests to localhost and loopback addresses, not to '{host}'.");
        Self::new(403, "forbidden", "SANDBOX001E", "The sandbox refuses this Host.", details)
    }

    /// A request of a web page. The service has none such.
    pub(super) fn foreign_origin(origin: &str) -> Self {
        let details = format!("The sandbox does not answer web pages; this one is from '{origin}'.");
        Self::new(403, "forbidden", "SANDBOX002E", "The sandbox refuses this Origin.", details)
    }

    /// No key with the value that was asked after.
    pub(super) fn unknown_value() -> Self {
        let details = "Object Type: 'ApiKey' with the value in the header 'IAM-ApiKey' not found.";
        Self::new(404, "not_found", "BXNIM0102E", "Unable to find object", details)
    }

    /// What the service may have, but the sandbox does not: never an answer that looks like the service's.
    pub(super) fn not_implemented(what: &str, choices: &Choices) -> Self {
        let message = "The ibmiam sandbox does not implement this.";
        let details = format!("The sandbox does not have {what}. IBM Cloud IAM may have it.");
        let fault = Self::new(choices.not_implemented_status, "not_implemented", "SANDBOX501E", message, details);
        Self { not_implemented: true, ..fault }
    }

    /// Not this method.
    pub(super) fn no_method() -> Self {
        Self::new(405, "method_not_allowed", "BXNIM0060E", WEB_EXCEPTION, "HTTP 405 Method Not Allowed")
    }

    /// `If-Match` names another version.
    pub(super) fn changed(choices: &Choices) -> Self {
        Self::conflict(choices, "The entity tag does not match the current version.")
    }

    /// What is locked stays as it is.
    pub(super) fn locked(choices: &Choices) -> Self {
        Self { status: choices.locked_status, ..Self::conflict(choices, "The entity is locked.") }
    }

    /// A group that is not empty, or a name that is taken. Not evidenced.
    pub(super) fn in_use(choices: &Choices, details: &str) -> Self {
        Self::conflict(choices, details)
    }

    /// It is locked or disabled already.
    pub(super) fn already_so(choices: &Choices) -> Self {
        Self::conflict(choices, "The entity is already in the requested state.")
    }

    fn conflict(choices: &Choices, details: &str) -> Self {
        Self::new(409, "conflict", choices.conflict_code.clone(), "Conflict", details)
    }

    /// The identity has as many keys as it may.
    pub(super) fn limit_reached() -> Self {
        let message = "The limit of supported API keys is reached";
        Self::new(422, "limit_reached", "BXNIM0151E", message, "")
    }

    /// Grants: a key that nobody has.
    pub(super) fn unknown_key() -> Self {
        Self::new(400, "", "BXNIM0415E", "Provided API key could not be found.", "")
    }

    /// Grants: a key that is switched off.
    pub(super) fn disabled_key() -> Self {
        Self::new(400, "", "BXNIM0462E", "Provided API key is disabled.", "")
    }

    /// Grants: a key past its end. Not evidenced.
    pub(super) fn expired_key(choices: &Choices) -> Self {
        Self::new(400, "", choices.expired_key_code.clone(), "Provided API key is expired.", "")
    }

    /// Grants: a refresh token that was never issued, or to another client.
    pub(super) fn bad_refresh_token() -> Self {
        Self::new(400, "", "BXNIM0407E", "Provided refresh token is invalid.", "")
    }

    /// Grants: a refresh token past its end.
    pub(super) fn expired_refresh_token() -> Self {
        Self::new(400, "", "BXNIM0408E", "Provided refresh token is expired.", "")
    }

    /// Grants: a passcode that was never given, was used, or is over.
    pub(super) fn bad_passcode() -> Self {
        Self::new(401, "", "BXNIM0602E", "The credentials you provided are incorrect", "")
    }

    /// Grants: a token of another kind.
    pub(super) fn malformed_token() -> Self {
        Self::new(400, "", "BXNIM0401E", "Provided token is malformed", "")
    }

    /// Grants: no such trusted profile.
    pub(super) fn no_profile() -> Self {
        Self::new(400, "", "BXNIM0113E", "Provided cloud resource name is invalid", "There is no such trusted profile.")
    }

    /// Grants: another account.
    pub(super) fn not_a_member() -> Self {
        Self::new(400, "", "BXNIM0141E", "User is not member of the specified account", "")
    }

    /// The sandbox's own trouble.
    pub(super) fn internal(details: impl Into<String>) -> Self {
        Self::new(500, "internal_error", "BXNIM0050E", "Internal error", details)
    }

    /// The body under `/v1`: snake case, `status_code` an integer.
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

    /// The body under `/identity`: flat, camel case.
    pub(super) fn identity_body(&self, context: Value) -> Value {
        let mut body = json!({"errorCode": self.message_code.as_ref(), "errorMessage": self.message});
        if !self.details.is_empty() {
            body["errorDetails"] = self.details.clone().into();
        }
        body["context"] = context;
        body
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let (busy, unwritable) = (super::store::is_busy(&error), super::store::is_unwritable(&error));
        // What SQLite says may hold the statement.
        let details = if unwritable { "database or disk is full" } else { "the data cannot be read or written" };
        Self { busy, unwritable, ..Self::internal(details) }
    }
}
