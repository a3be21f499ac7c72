//! What can happen to a request between the program and the service.

use std::time::Duration;

use super::draw::Draw;

/// What the relay does with one request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    /// Nothing: it is passed on.
    Pass,
    /// The connection ends, and nothing was done.
    CutBefore,
    /// The work is done, and the connection ends.
    CutAfter,
    /// The work is done, and the answer breaks off.
    Half,
    /// The work is done, and the answer is no JSON.
    Garbage,
    /// The work is done, and the answer does not come in the time that the client allows.
    Slow,
    /// The client gets no answer (at once, or in the time that it allows), and the work is done later.
    Late { at_once: bool, after: Duration },
    /// A gateway gives up and answers for the service, and the work is done later.
    GivenUp { reply: Reply, after: Duration },
    /// The service is not asked.
    MadeUp(Reply),
    /// The work is done, and this is answered all the same.
    Instead(Reply),
    /// A gateway sends the request twice, and passes the second answer on.
    Twice,
    /// The work is done, and the value in the answer is another one.
    Altered(Value),
}

/// What becomes of the value in an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// As a filter that keeps secrets out of logs would do.
    Stars,
    /// What must never reach a shell.
    Shell,
    /// Of the right form, but not the key's.
    Another,
    Missing,
}

impl Value {
    /// An answer's JSON, with this done to its value.
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

/// An answer that is not the service's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reply {
    pub(super) status: u16,
    body: Body,
    /// Asks to come again at once, so that tests need not wait.
    retry_at_once: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Body {
    /// IAM's own envelope.
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

/// An error as IAM words it, with a code that it uses for this status.
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

/// What a request is for, as far as faults differ by it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// With a value of the client's, or for one of the service's.
    Creation {
        with_value: bool,
    },
    Read,
    /// A deletion, a lock.
    Change,
    /// No request of `/v1`.
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
    /// A fault, and never none.
    pub(super) fn draw(draw: &mut Draw, kind: Kind) -> Self {
        let is_read = kind == Kind::Read;
        match draw.below(100) {
            0..10 => Self::CutBefore,
            10..20 => Self::CutAfter,
            20..26 => Self::Half,
            26..32 => Self::Garbage,
            32..35 => Self::Slow,
            // Nobody would notice.
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
                // A value of the service's that looks like one can be told from it by nobody.
                Kind::Creation { .. } => Self::Altered(draw.pick(&[Value::Stars, Value::Shell, Value::Missing])),
                _ => Self::Instead(reply(draw, kind)),
            },
        }
    }

    /// Its kind alone, to be counted by.
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

/// An answer of the network's own, or one in IAM's name that a client can see through.
fn reply(draw: &mut Draw, kind: Kind) -> Reply {
    let status = if draw.percent(25) { draw.pick(&[200, 201, 204]) } else { draw.pick(&REFUSALS) };
    let body = match status {
        // That would be IAM's word for a change that was made.
        204 if kind == Kind::Change => return Reply { status: 200, body: Body::Html, retry_at_once: false },
        204 => Body::Nothing,
        // No client can see through IAM's own word that there is no such thing.
        200..300 | 404 => draw.pick(&[Body::Json, Body::Html]),
        _ => draw.pick(&[Body::Iam, Body::Iam, Body::Json, Body::Html]),
    };
    Reply { status, body, retry_at_once: matches!(status, 429 | 503) && draw.percent(70) }
}

/// A refusal of a gateway's own.
fn gateways_reply(draw: &mut Draw) -> Reply {
    let status = draw.pick(&[403, 408, 413, 429, 502, 503, 504]);
    Reply { status, body: draw.pick(&[Body::Json, Body::Html]), retry_at_once: false }
}
