//! Masks secrets in traces and errors: by name in headers, forms, JSON and URLs, and in any text every secret that this
//! process sent or received, and everything that looks like a token.

use std::borrow::Cow;
use std::sync::Mutex;

use serde_json::Value;
use zeroize::Zeroizing;

use crate::secret::{ExposeSecret, SecretString};

/// The text that replaces a secret.
pub const HIDDEN: &str = "[hidden]";

/// The minimum length of a secret in bytes. Shorter texts are not masked, because they would be found everywhere.
const SHORTEST: usize = 8;

/// The secrets that this process knows.
static KNOWN: Mutex<Vec<SecretString>> = Mutex::new(Vec::new());

/// Headers whose values are shown; the values of all others are hidden.
const HARMLESS_HEADERS: [&str; 22] = [
    "accept",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "entity-disable",
    "entity-lock",
    "etag",
    "expires",
    "host",
    "if-match",
    "retry-after",
    "server",
    "strict-transport-security",
    "transaction-id",
    "transfer-encoding",
    "user-agent",
    "x-correlation-id",
    "x-request-id",
];

/// Endings of names that look like those of secrets but are not: lists of objects, times, kinds, IDs and URLs.
const HARMLESS_ENDINGS: [&str; 8] =
    ["apikeys", "_type", "_endpoint", "_expiry", "_expiration", "_expires_in", "_id", "token_uri"];

/// Parts of a name that make its value a secret.
const SECRET_PARTS: [&str; 9] =
    ["apikey", "api_key", "password", "passcode", "token", "secret", "security_", "authorization", "cookie"];

/// Remembers a secret, so that it is masked in every text from now on.
pub fn remember(secret: &SecretString) {
    let value = secret.expose_secret();
    if value.len() < SHORTEST {
        return;
    }
    if let Ok(mut known) = KNOWN.lock()
        && !known.iter().any(|other| other.expose_secret() == value)
    {
        // Longer secrets come first, because a shorter one can be a part of a longer one.
        let place = known.partition_point(|other| other.expose_secret().len() >= value.len());
        known.insert(place, secret.clone());
    }
}

/// Masks every known secret in a text, and everything that looks like a token or a password in a URL.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    if let Ok(known) = KNOWN.lock() {
        for secret in known.iter().map(ExposeSecret::expose_secret) {
            if masked.contains(secret) {
                masked = Cow::Owned(masked.replace(secret, HIDDEN));
            }
        }
    }
    if masked.contains(TOKEN_START) {
        masked = Cow::Owned(without_tokens(&masked));
    }
    if masked.contains('@') { Cow::Owned(without_passwords(&masked)) } else { masked }
}

/// Hides the user and password of a URL: the part of its authority between `://` and `@`.
fn without_passwords(text: &str) -> String {
    let mut parts = text.split("://");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str("://");
        let end = part.find(|next: char| next.is_whitespace() || "/?#'\"<>".contains(next)).unwrap_or(part.len());
        let (authority, rest) = part.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => shown.push_str(&format!("{HIDDEN}@{host}")),
            None => shown.push_str(authority),
        }
        shown.push_str(rest);
    }
    shown
}

/// The start of JSON in base64, and therefore of a JWT.
const TOKEN_START: &str = "eyJ";

/// Hides everything that looks like a JWT: a part with the start of one, a dot, and another part. Needs one pass for
/// every text.
fn without_tokens(text: &str) -> String {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(TOKEN_START) {
        let (before, found) = rest.split_at(start);
        shown.push_str(before);
        let bytes = found.as_bytes();
        let first = bytes.iter().take_while(|byte| part(**byte)).count();
        let behind = bytes.get(first + 1..).unwrap_or_default();
        let more = behind.iter().take_while(|byte| part(**byte) || **byte == b'.').count();
        let end = if first >= SHORTEST && bytes.get(first) == Some(&b'.') && more > 0 {
            shown.push_str(HIDDEN);
            first + 1 + more
        } else {
            shown.push_str(&found[..first]);
            first
        };
        rest = &found[end..];
    }
    shown.push_str(rest);
    shown
}

/// Whether a value with this name is a secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let harmless = HARMLESS_ENDINGS.iter().any(|ending| name.ends_with(ending));
    !harmless && SECRET_PARTS.iter().any(|part| name.contains(part))
}

/// Returns the value of a header if it can be shown, otherwise a placeholder.
#[must_use]
pub fn header<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if HARMLESS_HEADERS.contains(&name.to_ascii_lowercase().as_str()) { text(value) } else { HIDDEN.into() }
}

/// Masks the secrets in a JSON body, and remembers them. A body of another format can contain secrets in an unknown
/// form, so it is not shown if it contains a part of a secret's name.
#[must_use]
pub fn body(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if is_too_rich(bytes) {
        return format!("({} bytes of JSON, too many values to show)", bytes.len());
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(mut value) => {
            hide(&mut value);
            let shown = Zeroizing::new(serde_json::to_string_pretty(&value).unwrap_or_default());
            text(&shown).into_owned()
        }
        Err(_) => {
            let any = String::from_utf8_lossy(bytes);
            let lower = any.to_ascii_lowercase();
            if SECRET_PARTS.iter().any(|part| lower.contains(part)) {
                return format!("({} bytes that are not JSON)", bytes.len());
            }
            text(&any).into_owned()
        }
    }
}

/// Remembers the secrets of a body that is not shown, because other texts may repeat them.
pub fn learn(bytes: &[u8]) {
    if is_too_rich(bytes) {
        return;
    }
    if let Ok(mut value) = serde_json::from_slice::<Value>(bytes) {
        hide(&mut value);
    }
}

/// Whether JSON has so many values that a tree of them would take gigabytes of memory. A page of 100 keys has about
/// 2,000 values.
#[must_use]
pub fn is_too_rich(bytes: &[u8]) -> bool {
    const MOST_VALUES: usize = 1_000_000;
    bytes.len() > MOST_VALUES && bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() > MOST_VALUES
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if !is_secret(name) {
                    hide(field);
                } else if !field.is_null() {
                    remember_all(field);
                    *field = HIDDEN.into();
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}

/// Remembers all texts in a value that is secret as a whole.
fn remember_all(value: &mut Value) {
    match value {
        Value::String(secret) => remember(&SecretString::from(std::mem::take(secret))),
        Value::Array(items) => items.iter_mut().for_each(remember_all),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, field)| remember_all(field)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn passwords_in_addresses_are_hidden_and_addresses_of_people_are_not() {
        assert_eq!(text("at https://me:s3cret@host/x?y, or"), "at https://[hidden]@host/x?y, or");
        assert_eq!(text("'http://a@b@host' cannot be"), "'http://[hidden]@host' cannot be");
        for plain in ["as you@example.com at https://host/", "https://host/a@b", "a://b c@d"] {
            assert_eq!(text(plain), plain);
        }
    }

    #[test]
    fn an_answer_of_very_many_values_is_not_taken_apart() {
        let many = format!("[{}[]]", "[],".repeat(600_000));
        assert!(is_too_rich(many.as_bytes()));
        assert!(body(many.as_bytes()).contains("too many values"));
        assert!(!is_too_rich(&vec![b'x'; 2_000_000]));
    }

    #[test]
    fn names_decide_in_json_whatever_their_case_and_depth() {
        let json =
            br#"{"apikeys":[{"apiKey":"v1-secret-a","name":"n"}],"ACCESS_TOKEN":"v2-secret-b","token_type":"Bearer",
            "x":{"client-secret":{"deep":"v3-secret-c"},"passcode":"p,q\"r"},"refresh_token":null,"expires_in":1}"#;
        let shown = body(json);
        for secret in ["v1-secret", "v2-secret", "v3-secret", "p,q"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        for kept in ["\"name\": \"n\"", "\"token_type\": \"Bearer\"", "\"refresh_token\": null", "\"expires_in\": 1"] {
            assert!(shown.contains(kept), "{shown}");
        }
        assert_eq!(text("it was v1-secret-a, no?"), "it was [hidden], no?");
    }

    #[test]
    fn tokens_are_known_by_their_looks() {
        assert_eq!(text("a eyJhbGciOiJub25lIn0.eyJh.sig b"), "a [hidden] b");
        assert_eq!(text("(eyJhbGciOi.x)(eyJraWQiOi.y.z)"), "([hidden])([hidden])");
        for harmless in ["eyJ", "eyJa.b", "eyJhbGciOiJub25lIn0", "eyJhbGciOiJub25lIn0. x", "keyJ"] {
            assert_eq!(text(harmless), harmless);
        }
    }

    #[test]
    fn what_is_no_json_is_not_shown_where_it_could_hold_a_secret() {
        let broken = br#"{"access_token":"s3cret-that-breaks-off"#;
        assert_eq!(body(broken), format!("({} bytes that are not JSON)", broken.len()));
        assert!(!body(b"\xef\xbb\xbf{\"refresh_token\":\"s3cret-behind-a-mark\"}").contains("s3cret"));
        assert_eq!(body(b"<html>502</html>"), "<html>502</html>");
        let long = "eyJ".repeat(1 << 20);
        assert_eq!(text(&long).len(), long.len());
    }

    #[test]
    fn a_header_is_hidden_unless_it_is_known_to_be_harmless() {
        assert_eq!(header("Content-Type", "text/html"), "text/html");
        for name in ["authorization", "IAM-ApiKey", "Set-Cookie", "x-new-header"] {
            assert_eq!(header(name, "value"), HIDDEN);
        }
    }

    #[test]
    fn names_that_only_sound_like_secrets_are_shown() {
        for name in ["token_type", "passcode_endpoint", "delegated_refresh_token_expiry", "name", "expiration"] {
            assert!(!is_secret(name), "{name}");
        }
        for name in ["access_token", "IAMToken", "apikey", "iam-apikey", "client_secret", "cr_token", "pagetoken"] {
            assert!(is_secret(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_masked_in_the_end_and_what_is_masked_stays_so(any in any::<String>()) {
            let once = text(&any).into_owned();
            prop_assert_eq!(text(&once).into_owned(), once);
        }

        #[test]
        fn no_secret_survives_in_any_json(secret in "[A-Za-z0-9_-]{12,40}", name in "[a-z]{0,5}(token|apikey|passcode)") {
            let secret = format!("s3-{secret}");
            let json = serde_json::json!({"a": [{name: secret}], "b": format!("x{secret}y")}).to_string();
            prop_assert!(!body(json.as_bytes()).contains(&secret));
        }
    }
}
