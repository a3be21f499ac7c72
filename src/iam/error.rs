//! What can go wrong between us and the service.

use serde::Deserialize;

/// A request without a usable answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The service answered with an error.
    #[error("{0}")]
    Service(Refusal),
    /// No answer: DNS, TLS, connection, timeout.
    #[error("{endpoint} could not be reached: {cause}")]
    Unreachable {
        /// Where we asked.
        endpoint: String,
        /// The whole chain of causes.
        cause: String,
        /// The request went out, so the service may have carried it out.
        sent: bool,
    },
    /// An answer that makes no sense.
    #[error("the service's answer could not be read: {0}")]
    Unreadable(String),
    /// This machine's certificates cannot be used.
    #[error("{0}")]
    Setup(String),
}

/// An error answer of the service, from either of its two envelopes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `message_code` or `errorCode`, as `BXNIM0102E`; empty if there was none.
    pub code: String,
    /// IAM's sentence, or one of ours where the answer was none of IAM's.
    pub message: String,
    /// IAM's second sentence.
    pub details: String,
    /// From the `Transaction-Id` header or the body.
    pub transaction_id: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        if !self.details.is_empty() {
            write!(f, " ({})", self.details)?;
        }
        Ok(())
    }
}

impl Error {
    /// An answer that makes no sense, and why.
    pub fn unreadable(why: impl Into<String>) -> Self {
        Self::Unreadable(why.into())
    }

    /// The refusal, if it is one with this HTTP status.
    #[must_use]
    pub fn refused_with(&self, status: u16) -> Option<&Refusal> {
        match self {
            Self::Service(refusal) if refusal.status == status => Some(refusal),
            _ => None,
        }
    }
}

impl Refusal {
    /// Reads an error answer; a body of another kind (a proxy's HTML page) is told by the status alone.
    #[must_use]
    pub fn read(status: u16, transaction_id: Option<&str>, body: &[u8]) -> Self {
        let body: Body = serde_json::from_slice(body).unwrap_or_default();
        let first = body.errors.into_iter().next().unwrap_or_default();
        let pick =
            |texts: [Option<String>; 3]| texts.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or_default();
        let mut refusal = Self {
            status,
            code: pick([first.message_code, body.error_code, first.code]),
            message: pick([first.message, body.message, body.error_message]),
            details: pick([first.details, body.error_details, None]),
            transaction_id: transaction_id
                .map(str::to_owned)
                .or(body.trace)
                .or(body.context.and_then(|context| context.request_id))
                .unwrap_or_default(),
        };
        if refusal.message.is_empty() {
            refusal.message = format!("The service answered {status} {}", reason(status));
        }
        refusal
    }
}

/// Both envelopes at once: `/v1` has `errors`, `/identity` the camel-case fields.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    errors: Vec<Item>,
    trace: Option<String>,
    message: Option<String>,
    #[serde(rename = "errorCode")]
    error_code: Option<String>,
    #[serde(rename = "errorMessage")]
    error_message: Option<String>,
    #[serde(rename = "errorDetails")]
    error_details: Option<String>,
    context: Option<RequestContext>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    code: Option<String>,
    message_code: Option<String>,
    message: Option<String>,
    details: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RequestContext {
    #[serde(rename = "requestId")]
    request_id: Option<String>,
}

fn reason(status: u16) -> &'static str {
    match status {
        301..=308 => "and pointed elsewhere, which is not followed with a token.",
        400 => "Bad Request.",
        401 => "Unauthorized.",
        403 => "Forbidden.",
        404 => "Not Found.",
        409 => "Conflict.",
        422 => "Unprocessable Content.",
        429 => "Too Many Requests.",
        500 => "Internal Server Error.",
        502 => "Bad Gateway.",
        503 => "Service Unavailable.",
        504 => "Gateway Timeout.",
        _ => "without saying why.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_of_v1_is_read() {
        let body = br#"{"errors":[{"code":"not_found","message_code":"BXNIM0102E","message":"Unable to find object","details":"Object type"}],"trace":"T-1","status_code":404}"#;
        let refusal = Refusal::read(404, None, body);
        assert_eq!(refusal.code, "BXNIM0102E");
        assert_eq!(refusal.to_string(), "Unable to find object (Object type)");
        assert_eq!(refusal.transaction_id, "T-1");
    }

    #[test]
    fn the_envelope_of_identity_is_read() {
        let body = br#"{"errorCode":"BXNIM0415E","errorMessage":"Provided API key could not be found.","context":{"requestId":"R-1"}}"#;
        let refusal = Refusal::read(400, None, body);
        assert_eq!(refusal.code, "BXNIM0415E");
        assert_eq!(refusal.transaction_id, "R-1");
        let refusal = Refusal::read(400, Some("H-1"), body);
        assert_eq!(refusal.transaction_id, "H-1");
    }

    #[test]
    fn a_page_of_html_is_told_by_its_status() {
        let refusal = Refusal::read(502, None, b"<html><body>oops</body></html>");
        assert_eq!(refusal.message, "The service answered 502 Bad Gateway.");
        assert_eq!(refusal.code, "");
    }
}
