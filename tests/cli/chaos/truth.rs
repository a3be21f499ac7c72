//! The state of the service, from direct requests.

use serde_json::Value;

use crate::support::relay::send;

/// The service, and a login that only the test uses.
pub(super) struct Truth {
    pub(super) url: String,
    pub(super) token: String,
}

/// A key as the service returns it.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) locked: bool,
}

const OWNER: &str = "account_id=0123456789abcdef0123456789abcdef&iam_id=IBMid-5500SANDBX&pagesize=100";

impl Truth {
    /// Logs in with a key.
    pub(super) fn log_in(url: &str, key: &str) -> Self {
        let form = format!("grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey={key}");
        let head = format!(
            "POST /identity/token HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n",
            form.len()
        );
        let (status, body) = parse(&send(url, &head, &form));
        assert_eq!(status, 200, "{body}");
        Self { url: url.to_owned(), token: body["access_token"].as_str().unwrap().to_owned() }
    }

    /// All keys with this name.
    pub(super) fn keys(&self, name: &str) -> Vec<Key> {
        let (status, body) = self.ask("GET", &format!("/v1/apikeys?{OWNER}"), "");
        assert_eq!(status, 200, "{body}");
        assert!(body["next"].is_null(), "what earlier trials left was cleared away");
        let keys = body["apikeys"].as_array().unwrap().iter().filter(|key| key["name"] == name);
        keys.map(|key| Key { id: key["id"].as_str().unwrap().to_owned(), locked: key["locked"].as_bool().unwrap() })
            .collect()
    }

    /// The ID of the key with this value.
    pub(super) fn owner(&self, value: &str) -> Option<String> {
        // The value can be any text from a file.
        let value = value.escape_default();
        let (status, body) = self.ask("GET", "/v1/apikeys/details", &format!("IAM-ApiKey: {value}\r\n"));
        (status == 200).then(|| body["id"].as_str().unwrap().to_owned())
    }

    pub(super) fn remove(&self, key: &Key) {
        if key.locked {
            self.ask("DELETE", &format!("/v1/apikeys/{}/lock", key.id), "");
        }
        let (status, body) = self.ask("DELETE", &format!("/v1/apikeys/{}", key.id), "");
        assert_eq!(status, 204, "{body}");
    }

    fn ask(&self, method: &str, path: &str, header: &str) -> (u16, Value) {
        let token = &self.token;
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{header}\r\n");
        parse(&send(&self.url, &head, ""))
    }
}

fn parse(answer: &[u8]) -> (u16, Value) {
    let text = std::str::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}
