//! The faults that can happen to a request between the program and the service.

use std::time::Duration;

use super::draw::Draw;

/// What the relay does with one request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    /// No fault: the relay passes the request on.
    Pass,
    /// The connection closes, and the service does not get the request.
    CutBefore,
    /// The service processes the request, and the connection closes without a response.
    CutAfter,
    /// The service processes the request, and the response is cut off.
    Half,
    /// The service processes the request, and the response is not valid JSON.
    Garbage,
    /// The service processes the request, and the client's timeout passes without a response.
    Slow,
    /// The client gets no response (the connection closes at once, or the client's timeout passes), and the service
    /// processes the request later.
    Late { at_once: bool, after: Duration },
    /// A gateway gives up and sends its own error response, and the service processes the request later.
    GivenUp { reply: Reply, after: Duration },
    /// The client gets this response, and the service does not get the request.
    MadeUp(Reply),
    /// The service processes the request, but the client gets this response.
    Instead(Reply),
    /// A gateway sends the request twice, and passes the second response on.
    Twice,
    /// The service processes the request, and the value in the response is changed.
    Altered(Value),
}

/// The change of the value in a response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// Asterisks, as from a filter that keeps secrets out of logs.
    Stars,
    /// A value that a shell would execute.
    Shell,
    /// A value of the right form that is not the value of the key.
    Another,
    Missing,
}

impl Value {
    /// Returns the JSON of a response with this change to its value.
    pub(super) fn alter(self, body: &str) -> String {
        let mut fields: serde_json::Value = serde_json::from_str(body).unwrap();
        match self {
            Self::Stars => fields["apikey"] = "********".into(),
            Self::Shell => fields["apikey"] = "$(id)".into(),
            Self::Another => fields["apikey"] = "another-value-with-as-many-characters-as-any".into(),
            Self::Missing => {
                fields.as_object_mut().unwrap().remove("apikey");
            }
        }
        fields.to_string()
    }
}

/// A response that does not come from the service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reply {
    pub(super) status: u16,
    body: Body,
    /// Sends `retry-after: 0`, so that tests need not wait.
    retry_at_once: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Body {
    /// The error envelope of IAM.
    Iam,
    Json,
    Html,
    Nothing,
}

impl Reply {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let (kind, body) = match self.body {
            Body::Nothing => ("", String::new()),
            Body::Html => ("text/html", "<html><body>A page of the network's own</body></html>".to_owned()),
            Body::Json if self.status < 300 => ("application/json", "{}".to_owned()),
            Body::Json => ("application/json", "{\"message\": \"No upstream takes this.\"}".to_owned()),
            Body::Iam => ("application/json", envelope(self.status)),
        };
        let retry = if self.retry_at_once { "retry-after: 0\r\n" } else { "" };
        let kind = if kind.is_empty() { String::new() } else { format!("content-type: {kind}\r\n") };
        let length = if self.status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        format!("HTTP/1.1 {} X\r\n{kind}{length}{retry}connection: close\r\n\r\n{body}", self.status).into_bytes()
    }
}

/// An error in the format of IAM, with a code that IAM uses for this status.
fn envelope(status: u16) -> String {
    let code = match status {
        400 => "BXNIM0106E",
        403 => "BXNIM0513E",
        409 => "BXNIM0120E",
        422 => "BXNIM0151E",
        _ => "BXNIM0050E",
    };
    let error = serde_json::json!({"code": "made_up", "message_code": code, "message": "Refused by chaos."});
    serde_json::json!({"trace": "chaos", "errors": [error], "status_code": status}).to_string()
}

/// The kind of a request, as far as the faults depend on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// With a value from the client, or with a value that the service generates.
    Creation {
        with_value: bool,
    },
    Read,
    /// Any other change, such as a deletion or a lock.
    Change,
    /// A request outside `/v1`.
    Other,
}

impl Kind {
    pub(super) fn of(head: &str, body: &str) -> Self {
        match head.split(' ').next() {
            _ if !head.split(' ').nth(1).is_some_and(|path| path.starts_with("/v1/")) => Self::Other,
            Some("POST") if head.starts_with("POST /v1/apikeys ") => {
                Self::Creation { with_value: body.contains("\"apikey\"") }
            }
            Some("GET") => Self::Read,
            _ => Self::Change,
        }
    }
}

const REFUSALS: [u16; 10] = [400, 403, 404, 409, 422, 429, 500, 502, 503, 504];

impl Fault {
    /// Draws a fault other than [`Fault::Pass`].
    pub(super) fn draw(draw: &mut Draw, kind: Kind) -> Self {
        let is_read = kind == Kind::Read;
        match draw.below(100) {
            0..10 => Self::CutBefore,
            10..20 => Self::CutAfter,
            20..26 => Self::Half,
            26..32 => Self::Garbage,
            32..35 => Self::Slow,
            // A read that the service processes later has no effect, so the connection closes instead.
            35..50 if is_read => Self::CutBefore,
            35..40 => Self::Late { at_once: false, after: Duration::from_millis(1100) + draw.millis(1200) },
            40..50 => Self::Late { at_once: true, after: draw.millis(1200) },
            50..56 if matches!(kind, Kind::Creation { with_value: true }) => {
                Self::GivenUp { reply: gateways_reply(draw), after: draw.millis(1200) }
            }
            50..70 => Self::MadeUp(reply(draw, kind)),
            70..90 => Self::Instead(reply(draw, kind)),
            _ => match kind {
                Kind::Creation { with_value: true } => {
                    Self::Altered(draw.pick(&[Value::Stars, Value::Shell, Value::Another, Value::Missing]))
                }
                // A client cannot detect a wrong value of the right form in place of a value from the service.
                Kind::Creation { .. } => Self::Altered(draw.pick(&[Value::Stars, Value::Shell, Value::Missing])),
                _ => Self::Instead(reply(draw, kind)),
            },
        }
    }

    /// The name of the fault without its details, for statistics.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Pass => "none",
            Self::CutBefore => "cut before",
            Self::CutAfter => "cut after",
            Self::Half => "half",
            Self::Garbage => "garbage",
            Self::Slow => "slow",
            Self::Late { .. } => "late",
            Self::GivenUp { .. } => "given up",
            Self::MadeUp(_) => "made up",
            Self::Instead(_) => "status after work",
            Self::Twice => "twice",
            Self::Altered(_) => "value altered",
        }
    }
}

/// A response from the network, or a response in the name of IAM that a client can recognize as false.
fn reply(draw: &mut Draw, kind: Kind) -> Reply {
    let status = if draw.percent(25) { draw.pick(&[200, 201, 204]) } else { draw.pick(&REFUSALS) };
    let body = match status {
        // IAM would send 204 for a change that was made.
        204 if kind == Kind::Change => return Reply { status: 200, body: Body::Html, retry_at_once: false },
        204 => Body::Nothing,
        // A client cannot recognize a false 404 in the format of IAM.
        200..300 | 404 => draw.pick(&[Body::Json, Body::Html]),
        _ => draw.pick(&[Body::Iam, Body::Iam, Body::Json, Body::Html]),
    };
    Reply { status, body, retry_at_once: matches!(status, 429 | 503) && draw.percent(70) }
}

/// An error response from a gateway.
fn gateways_reply(draw: &mut Draw) -> Reply {
    let status = draw.pick(&[403, 408, 413, 429, 502, 503, 504]);
    Reply { status, body: draw.pick(&[Body::Json, Body::Html]), retry_at_once: false }
}
