//! A curl client for the sandbox, independent of the client of this program.

use std::process::Command;

use serde_json::Value;

use super::Server;

pub(crate) const BX: &str = "authorization: Basic Yng6Yng=";

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

/// Sends a request with curl.
pub(crate) fn ask(arguments: &[&str]) -> Answer {
    let output = Command::new("curl").args(["-sS", "-i"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Answer::read(output.stdout)
}

impl Answer {
    /// Parses the output of `curl -i`.
    pub(crate) fn read(printed: Vec<u8>) -> Self {
        let text = String::from_utf8(printed).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() };
        Self { status, head: head.to_ascii_lowercase(), body }
    }

    /// The value of a header, in lower case; empty if the header is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}

impl Server {
    pub(crate) fn token_with(&self, fields: &[&str], more: &[&str]) -> Answer {
        let url = format!("{}/identity/token", self.url);
        let mut arguments = vec![url.as_str()];
        for field in fields {
            arguments.extend(["--data-urlencode", field]);
        }
        arguments.extend(more);
        ask(&arguments)
    }

    pub(crate) fn token(&self) -> String {
        self.token_of(&self.key)
    }

    /// Returns an access token for the value of a key.
    pub(crate) fn token_of(&self, value: &str) -> String {
        let key = format!("apikey={value}");
        let answer = self.token_with(&[GRANT, &key], &[]);
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    /// Returns the response of the token endpoint to a one-time passcode for any user, with additional fields.
    pub(crate) fn passcode_login(&self, iam_id: &str, more: &[&str]) -> Answer {
        let passcode = format!("passcode={}", self.sandbox.passcode(iam_id).unwrap());
        self.token_with(&[&[PASSCODE, &passcode], more].concat(), &["-H", BX])
    }

    pub(crate) fn api(&self, token: &str, path: &str, more: &[&str]) -> Answer {
        let (url, bearer) = (format!("{}{path}", self.url), format!("authorization: Bearer {token}"));
        let mut arguments = vec!["-g", url.as_str(), "-H", bearer.as_str()];
        arguments.extend(more);
        ask(&arguments)
    }
}

impl Server {
    /// Requests a new key of the owner, with additional fields; `None` if the connection ends without a response.
    pub(crate) fn create(&self, more: &Value) -> Option<Answer> {
        let mut body = serde_json::json!({"name": "k", "iam_id": "IBMid-5500SANDBX"});
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let (url, bearer) = (format!("{}/v1/apikeys", self.url), format!("authorization: Bearer {}", self.token()));
        let ask = ["-s", "-i", "-m", "20", "-H", &bearer, "-d", &body.to_string(), &url];
        let output = Command::new("curl").args(ask).output().unwrap();
        match output.status.code() {
            Some(0) => Some(Answer::read(output.stdout)),
            Some(52) => None,
            other => panic!("curl ends with {other:?}"),
        }
    }

    /// The number of keys of the owner, without the first key.
    pub(crate) fn made(&self) -> usize {
        self.api(&self.token(), "/v1/apikeys", &[]).body["apikeys"].as_array().unwrap().len() - 1
    }
}

pub(crate) const GRANT: &str = "grant_type=urn:ibm:params:oauth:grant-type:apikey";

pub(crate) const PASSCODE: &str = "grant_type=urn:ibm:params:oauth:grant-type:passcode";
