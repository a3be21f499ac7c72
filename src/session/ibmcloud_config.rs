//! Parses the login in the `config.json` of IBM's `ibmcloud` tool.
//!
//! The facts about this file come from IBM's published SDK for plug-ins, 1.12.1: `bx_config.go`.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::iam::Endpoint;
use crate::secret::SecretString;

/// A byte order mark, which some editors put before the text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A login of `ibmcloud`.
#[derive(Debug, Clone)]
pub struct StoredLogin {
    /// The endpoint that issued the tokens; they are sent to no other one. It is IBM's IAM or this machine.
    pub endpoint: Endpoint,
    /// The access token, a JWT without `Bearer`. It may have expired.
    pub access_token: Option<SecretString>,
    /// The refresh token, which is issued to the client `bx:bx`.
    pub refresh_token: Option<SecretString>,
    /// The account's ID, if an account was selected.
    pub account_id: Option<String>,
    /// The account's name, for display.
    pub account_name: Option<String>,
    /// The path of the file.
    pub path: PathBuf,
}

/// Why one attempt to read the file failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file is incomplete; another process may be writing it.
    Unfinished(String),
    /// The file is invalid; another attempt would give the same result.
    Broken(String),
    /// The endpoint in the file is neither IBM's IAM nor on this machine.
    Foreign(String),
    /// The error from the file system.
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Returns a permanent fault.
pub(super) fn broken<T>(why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Broken(why.into()))
}

/// Parses the file; `None` if no user is logged in. Returns tokens only with a trusted endpoint.
pub(super) fn understand(text: &[u8], path: &Path) -> Result<Option<StoredLogin>, Fault> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.trim_ascii().is_empty() {
        return Err(Fault::Unfinished("it is empty".to_owned()));
    }
    let config = match serde_json::from_slice::<Option<Object<'_>>>(text) {
        Ok(Some(config)) => config,
        Ok(None) => return broken("it contains only null"),
        Err(error) => {
            let why = format!("line {}, column {} is invalid", error.line(), error.column());
            return Err(if error.is_data() { Fault::Broken(why) } else { Fault::Unfinished(why) });
        }
    };
    let access_token = bearer(&config.text("IAMToken")?)?;
    let refresh_token = config.text("IAMRefreshToken")?;
    let refresh_token = Some(refresh_token.trim()).filter(|token| !token.is_empty()).map(SecretString::from);
    if access_token.is_none() && refresh_token.is_none() {
        return Ok(None);
    }
    let account = config.get("Account").and_then(|text| serde_json::from_str::<Object<'_>>(text).ok());
    let of_account = |name: &str| account.as_ref().and_then(|account| account.word(name));
    Ok(Some(StoredLogin {
        endpoint: endpoint(&config)?,
        access_token,
        refresh_token,
        account_id: of_account("GUID"),
        account_name: of_account("Name"),
        path: path.to_owned(),
    }))
}

/// Returns the token without the scheme, which the service puts before it and the tool stores.
fn bearer(text: &str) -> Result<Option<SecretString>, Fault> {
    let text = text.trim();
    let (scheme, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let token = if scheme.eq_ignore_ascii_case("bearer") { rest.trim_start() } else { text };
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return broken("IAMToken is not a bearer token");
    }
    Ok(Some(token).filter(|token| !token.is_empty()).map(SecretString::from))
}

/// Returns the endpoint that the other tool would use. It is checked, because the file can contain anything, and the
/// tokens are sent to this endpoint.
fn endpoint(config: &Object<'_>) -> Result<Endpoint, Fault> {
    let name = if !config.flag("IsPrivate")? {
        "IAMEndpoint"
    } else if config.flag("IsAccessFromVPC")? {
        "IAMPrivateVPCEndpoint"
    } else {
        "IAMPrivateEndpoint"
    };
    let text = config.text(name)?;
    if text.trim().is_empty() {
        return broken(format!("{name} is not a valid endpoint"));
    }
    match Endpoint::parse(&text) {
        Ok(endpoint) if endpoint.is_iams() || endpoint.is_loopback() => Ok(endpoint),
        Ok(other) => Err(Fault::Foreign(other.to_string())),
        Err(_) => Err(Fault::Foreign(text.trim().to_owned())),
    }
}

/// A JSON object whose values are parsed only when they are needed, so that no other invalid value causes an error.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Returns the JSON of a value. Names are case-insensitive and the last one counts, as in the parser of the other
    /// tool.
    fn get(&self, name: &str) -> Option<&'a str> {
        let value = self.0.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name));
        value.map(|(_, json)| json.get()).filter(|json| *json != "null")
    }

    /// Returns a required text; empty if it is missing. A value of another type is an error.
    fn text(&self, name: &str) -> Result<Zeroizing<String>, Fault> {
        let text = self.get(name).map(serde_json::from_str::<String>).transpose();
        text.map(|text| Zeroizing::new(text.unwrap_or_default())).or_else(|_| broken(format!("{name} is not a text")))
    }

    /// Returns a required flag; false if it is missing. A value of another type is an error.
    fn flag(&self, name: &str) -> Result<bool, Fault> {
        let flag = self.get(name).map(serde_json::from_str::<bool>).transpose();
        flag.map(Option::unwrap_or_default).or_else(|_| broken(format!("{name} is neither true nor false")))
    }

    /// Returns an optional text. A value of another type is ignored.
    fn word(&self, name: &str) -> Option<String> {
        self.get(name).and_then(|json| serde_json::from_str::<String>(json).ok()).filter(|text| !text.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }

        deserializer.deserialize_map(Entries).map(Self)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::secret::ExposeSecret;

    /// A session as the SDK writes it.
    pub(in crate::session) const SAMPLE: &str = include_str!("../../tests/fixtures/ibmcloud-config.json");

    fn read(text: &str) -> Result<Option<StoredLogin>, Fault> {
        understand(text.as_bytes(), Path::new("config.json"))
    }

    /// Returns the sample with other values; the values can be of any type, also `null`.
    fn with(changes: &Value) -> String {
        let mut sample: Value = serde_json::from_str(SAMPLE).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            sample[name] = value.clone();
        }
        sample.to_string()
    }

    fn found(changes: &Value) -> StoredLogin {
        read(&with(changes)).unwrap().unwrap()
    }

    /// Returns all values that were found, to compare them.
    pub(in crate::session) fn values(found: &StoredLogin) -> [Option<&str>; 4] {
        [
            found.access_token.as_ref().map(ExposeSecret::expose_secret),
            found.refresh_token.as_ref().map(ExposeSecret::expose_secret),
            found.account_id.as_deref(),
            found.account_name.as_deref(),
        ]
    }

    pub(in crate::session) const OF_SAMPLE: [Option<&str>; 4] =
        [Some("aaa.bbb.ccc"), Some("rt123"), Some("0123456789abcdef0123456789abcdef"), Some("Example")];

    #[test]
    fn the_whole_of_a_session_is_found_and_its_tokens_do_not_show() {
        let found = read(SAMPLE).unwrap().unwrap();
        assert_eq!(values(&found), OF_SAMPLE);
        assert_eq!(found.endpoint.to_string(), "https://iam.cloud.ibm.com");
        assert_eq!(found.path, Path::new("config.json"));
        let shown = format!("{found:?}");
        assert!(!shown.contains("aaa.bbb.ccc") && !shown.contains("rt123"), "{shown}");
        let marked = read(&format!("\u{feff}{SAMPLE}\n\n")).unwrap().unwrap();
        assert_eq!(values(&marked), OF_SAMPLE);
    }

    #[test]
    fn the_token_is_found_behind_any_spelling_of_its_scheme() {
        for text in ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c ", "a.b.c", " a.b.c\n"] {
            assert_eq!(values(&found(&json!({"IAMToken": text})))[0], Some("a.b.c"), "{text:?}");
        }
        for text in ["", " ", "Bearer", "Bearer "] {
            assert_eq!(values(&found(&json!({"IAMToken": text})))[0], None, "{text:?}");
        }
    }

    #[test]
    fn whoever_has_no_token_is_not_logged_in() {
        let neither = json!({"IAMToken": "Bearer ", "IAMRefreshToken": null, "IAMEndpoint": "https://evil.org"});
        for text in ["{}", r#"{"IAMToken":null}"#, r#"{"IAMToken":"","IAMRefreshToken":""}"#, &with(&neither)] {
            assert!(read(text).unwrap().is_none(), "{text}");
        }
        assert!(found(&json!({"IAMRefreshToken": null})).refresh_token.is_none());
        assert!(found(&json!({"IAMToken": null})).access_token.is_none());
    }

    #[test]
    fn what_does_not_matter_may_be_missing_or_odd() {
        for account in [json!(null), json!("x"), json!([1]), json!({"GUID": 7, "Name": {}}), json!({"guid": null})] {
            let found = found(&json!({"Account": account, "Region": [], "HTTPTimeout": "x", "PluginRepos": 1}));
            assert_eq!(values(&found), [OF_SAMPLE[0], OF_SAMPLE[1], None, None]);
        }
        // Only the endpoint that is used must be valid.
        found(&json!({"IsPrivate": null, "IsAccessFromVPC": "odd", "IAMPrivateEndpoint": 1}));
        let least = read(r#"{"IAMToken":"a.b.c","IAMEndpoint":"https://iam.cloud.ibm.com"}"#).unwrap().unwrap();
        assert_eq!(values(&least), [Some("a.b.c"), None, None, None]);
    }

    #[test]
    fn what_matters_must_make_sense_and_is_not_repeated_if_it_does_not() {
        for (changes, why) in [
            (json!({"IAMToken": 7}), "IAMToken is not a text"),
            (json!({"IAMToken": "Basic s3cret"}), "IAMToken is not a bearer token"),
            (json!({"IAMToken": "s3cret\r\nx"}), "IAMToken is not a bearer token"),
            (json!({"IAMRefreshToken": ["s3cret"]}), "IAMRefreshToken is not a text"),
            (json!({"IsPrivate": "s3cret"}), "IsPrivate is neither true nor false"),
            (json!({"IAMEndpoint": {}}), "IAMEndpoint is not a text"),
            (json!({"IAMEndpoint": " "}), "IAMEndpoint is not a valid endpoint"),
            (json!({"IsPrivate": true, "IAMPrivateEndpoint": null}), "IAMPrivateEndpoint is not a valid endpoint"),
        ] {
            let fault = read(&with(&changes)).unwrap_err();
            assert!(matches!(&fault, Fault::Broken(values) if values == why), "{fault:?}");
        }
        for text in ["null", "[\"s3cret\"]", "\"s3cret\"", "7"] {
            let fault = read(text).unwrap_err();
            assert!(matches!(&fault, Fault::Broken(why) if !why.contains("s3cret")), "{fault:?}");
        }
    }

    #[test]
    fn the_endpoint_is_the_one_that_ibmcloud_would_use() {
        let endpoint = |changes: Value| found(&changes).endpoint.to_string();
        assert_eq!(endpoint(json!({"IsPrivate": true})), "https://private.us-south.iam.cloud.ibm.com");
        let from_vpc = json!({"IsPrivate": true, "IsAccessFromVPC": true});
        assert_eq!(endpoint(from_vpc), "https://private.iam.cloud.ibm.com");
        assert_eq!(endpoint(json!({"IsAccessFromVPC": true})), "https://iam.cloud.ibm.com");
        assert_eq!(endpoint(json!({"IAMEndpoint": "http://127.0.0.1:4711/"})), "http://127.0.0.1:4711");
    }

    #[test]
    fn tokens_do_not_leave_for_any_other_endpoint() {
        for text in [
            "https://evil.org",
            "http://iam.cloud.ibm.com",
            "https://iam.cloud.ibm.com.evil.org",
            "https://eviliam.cloud.ibm.com",
            "https://iam.cloud.ibm.com@evil.org",
            "https://iam.cloud.ibm.com:8443",
            "https://iam.cloud.ibm.com/identity",
            "iam.cloud.ibm.com",
        ] {
            let fault = read(&with(&json!({"IAMEndpoint": text}))).unwrap_err();
            assert!(matches!(&fault, Fault::Foreign(values) if values == text), "{fault:?}");
        }
    }

    #[test]
    fn of_a_name_that_comes_twice_the_last_counts_and_what_is_within_another_does_not() {
        let more = r#","iamTOKEN":"Bearer x.y.z","New":{"IAMToken":"n.n.n"}}"#;
        let text = format!("{}{more}", SAMPLE.strip_suffix('}').unwrap());
        assert_eq!(values(&read(&text).unwrap().unwrap())[0], Some("x.y.z"));
    }

    #[test]
    fn a_session_that_breaks_off_anywhere_is_unfinished() {
        let unfinished = |end: &usize| matches!(read(&SAMPLE[..*end]), Err(Fault::Unfinished(_)));
        assert_eq!((0..SAMPLE.len()).find(|end| !unfinished(end)), None);
    }

    fn recased(value: &Value, upper: &mut impl Iterator<Item = bool>) -> Value {
        let Value::Object(object) = value else { return value.clone() };
        let mut other = |letter: char| match upper.next() {
            Some(true) => letter.to_ascii_uppercase(),
            _ => letter.to_ascii_lowercase(),
        };
        let names: Vec<String> = object.keys().map(|name| name.chars().map(&mut other).collect()).collect();
        names.into_iter().zip(object.values()).map(|(name, value)| (name, recased(value, upper))).collect()
    }

    proptest! {
        #[test]
        fn no_bytes_lead_to_a_panic(text in any::<Vec<u8>>(), at in any::<prop::sample::Index>()) {
            let _ = understand(&text, Path::new("x"));
            let mut inside = SAMPLE.as_bytes().to_vec();
            let at = at.index(inside.len());
            inside.splice(at..at, text);
            let _ = understand(&inside, Path::new("x"));
        }

        #[test]
        fn names_count_in_letters_of_any_case(upper in prop::collection::vec(any::<bool>(), 1..900)) {
            let sample = serde_json::from_str(SAMPLE).unwrap();
            let text = recased(&sample, &mut upper.into_iter().cycle()).to_string();
            let found = read(&text).unwrap().unwrap();
            prop_assert_eq!(values(&found), OF_SAMPLE);
        }
    }
}
