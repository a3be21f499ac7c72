//! Errors between this program and the service.

use std::time::Duration;

use serde_json::Value;

use super::retry::Failure;

/// A request without a usable response.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The service responded with an error.
    #[error("{0}")]
    Service(Refusal),
    /// No response: an error of DNS, TLS or the connection, or a timeout.
    #[error("cannot reach {endpoint}: {cause}")]
    Unreachable {
        /// The endpoint of the request.
        endpoint: String,
        /// The innermost cause. If the request was not sent, also the proxy.
        cause: String,
        /// Whether the request was sent, so that the service may have carried it out.
        sent: bool,
    },
    /// A response that cannot be understood.
    #[error("cannot read the service's response: {0}")]
    Unreadable(String),
    /// The request cannot be prepared: its certificates, its proxy or its contents cannot be used.
    #[error("{0}")]
    Setup(String),
    /// The service rejected the access token, and another one could not be obtained.
    #[error("the service rejected the access token, and ibmiam could not renew it: {cause}")]
    RenewalFailed {
        /// The response to the request.
        refusal: Box<Refusal>,
        /// Why there is no other token, as reported by the renewal.
        #[source]
        cause: super::renewal::RenewalError,
    },
}

/// An error response of the service, in either of its two formats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Whether the response has a code in IAM's format, and so came from IAM and not from a gateway.
    pub is_iams: bool,
    /// `message_code`, `errorCode` or `code`, such as `BXNIM0102E`; empty if there is none.
    pub code: String,
    /// The message in the response, or a generated one if the response has none.
    pub message: String,
    /// The second sentence in the response.
    pub details: String,
    /// From the `Transaction-Id` or `X-Correlation-Id` header, or the body.
    pub transaction_id: String,
    /// The wait that the service requests.
    pub retry_after: Option<Duration>,
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
    /// Whether the service may have carried out the request, although no response says so.
    #[must_use]
    pub fn may_still_complete(&self) -> bool {
        match self {
            Self::Service(refusal) => refusal.status >= 500,
            Self::RenewalFailed { refusal, .. } => refusal.status >= 500,
            Self::Unreachable { sent, .. } => *sent,
            Self::Unreadable(_) => true,
            Self::Setup(_) => false,
        }
    }

    /// Whether the request may have reached the service at all.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        !matches!(self, Self::Setup(_) | Self::Unreachable { sent: false, .. })
    }

    /// Whether the error is not IAM's own rejection of this request: a lost or unreadable response, or one of a
    /// gateway.
    #[must_use]
    pub fn may_be_from_a_gateway(&self) -> bool {
        match self.refusal() {
            Some(refusal) if refusal.status < 500 => !refusal.is_iams,
            _ => self.may_still_complete(),
        }
    }

    /// How the attempt failed, for [`super::retry`]; `None` if another attempt would fail in the same way.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        match self {
            Self::Service(refusal) => Some(Failure::Status(refusal.status, refusal.retry_after)),
            Self::Unreachable { sent: true, .. } | Self::Unreadable(_) => Some(Failure::Lost),
            Self::Unreachable { sent: false, .. } => Some(Failure::NotConnected),
            Self::Setup(_) | Self::RenewalFailed { .. } => None,
        }
    }

    /// Builds the error for a response that cannot be understood, and why.
    pub fn unreadable(why: impl Into<String>) -> Self {
        Self::Unreadable(why.into())
    }

    /// Whether IAM itself, and not a gateway, says that there is no such object.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.refused_with(404).is_some_and(|refusal| refusal.is_iams && refusal.code != WRAPPED)
    }

    /// Returns the rejection, if it has this HTTP status.
    #[must_use]
    pub fn refused_with(&self, status: u16) -> Option<&Refusal> {
        self.refusal().filter(|refusal| refusal.status == status)
    }

    /// Returns the service's response to the request, if it is an error.
    fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Service(refusal) => Some(refusal),
            Self::RenewalFailed { refusal, .. } => Some(refusal),
            _ => None,
        }
    }
}

/// The code that IAM gives to errors of the services behind it, whatever their cause.
const WRAPPED: &str = "BXNIM0050E";

/// The prefix of IAM's codes, in both formats. Gateways use fields of these names, too.
const IAMS_CODES: &str = "BXNIM";

impl Refusal {
    /// Parses an error response. A body of another kind, such as a proxy's HTML page, is described by the status alone.
    #[must_use]
    pub fn read(status: u16, transaction_id: Option<&str>, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        // `/v1` has a list of errors, `/identity` has fields in camel case. Unexpected fields do not hide the others.
        let pick = |pointers: &[&str]| {
            let texts = pointers.iter().filter_map(|pointer| body.pointer(pointer)?.as_str());
            texts.into_iter().find(|text| !text.is_empty()).map(str::to_owned)
        };
        let iams = pick(&["/errors/0/message_code", "/errorCode"]).filter(|code| code.starts_with(IAMS_CODES));
        let is_iams = iams.is_some();
        let code = iams.or_else(|| pick(&["/errors/0/message_code", "/errorCode", "/errors/0/code"]));
        let message = pick(&["/errors/0/message", "/error", "/message", "/errorMessage"]);
        Self {
            status,
            is_iams,
            code: code.unwrap_or_default(),
            message: message.unwrap_or_else(|| format!("The service responded with {status} {}", reason(status))),
            details: pick(&["/errors/0/details", "/errorDetails", "/requirements/error"]).unwrap_or_default(),
            transaction_id: transaction_id
                .map(str::to_owned)
                .or_else(|| pick(&["/trace", "/context/requestId"]))
                .unwrap_or_default(),
            retry_after: None,
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        301..=308 => "Redirect. ibmiam does not follow redirects.",
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
        _ => "and gave no reason.",
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
    fn odd_fields_do_not_hide_the_others() {
        let body = br#"{"errors":null,"trace":7,"errorCode":"BXNIM0415E","errorMessage":null,"message":"m"}"#;
        let refusal = Refusal::read(400, None, body);
        assert_eq!((refusal.code.as_str(), refusal.message.as_str()), ("BXNIM0415E", "m"));
        assert_eq!(refusal.transaction_id, "");
    }

    #[test]
    fn a_code_of_a_gateway_is_shown_but_is_not_iams() {
        for body in [
            r#"{"errors":[{"code":"not_found","message":"No such route"}]}"#,
            r#"{"errors":[{"code":"x","message_code":"GW-404","message":"No such route"}]}"#,
            r#"{"errorCode":"404","errorMessage":"No such route"}"#,
        ] {
            let refusal = Refusal::read(404, None, body.as_bytes());
            assert!(!refusal.is_iams && !refusal.code.is_empty(), "{body}");
            assert_eq!(refusal.message, "No such route");
        }
    }

    #[test]
    fn a_page_of_html_is_told_by_its_status() {
        let refusal = Refusal::read(502, None, b"<html><body>oops</body></html>");
        assert_eq!(refusal.message, "The service responded with 502 Bad Gateway.");
        assert_eq!((refusal.code.as_str(), refusal.is_iams), ("", false));
    }
}
