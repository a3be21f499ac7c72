//! The requests that create or change a key, and the response for a new key.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::Error;
use super::json::parse;
use super::types::{ApiKey, Key, to_raw};
use crate::secret::SecretString;

/// The response of `POST /v1/apikeys` as received. A proxy may have altered it.
#[derive(Debug)]
pub struct CreateAnswer {
    /// The key; its ID is empty if the response has none.
    pub key: ApiKey,
    /// The object's fields in the order of the response, without the value.
    pub fields: Map<String, Value>,
    /// The value in the response, if there is one.
    pub value: Option<SecretString>,
}

/// A key that was just created, with its value, which the service never shows again.
#[derive(Debug)]
pub struct CreatedKey {
    /// The key.
    pub key: ApiKey,
    /// The object's fields in the order of the response, without the value.
    pub fields: Map<String, Value>,
    /// The value.
    pub value: SecretString,
}

/// The properties of a new key. Body and headers of `POST /v1/apikeys`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyDraft {
    /// The name, which need not be unique.
    pub name: String,
    /// The IAM ID of the owner: the caller or a service ID.
    pub iam_id: String,
    /// The account.
    pub account_id: String,
    /// The description; omitted if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `none`, `disable` or `delete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_when_leaked: Option<String>,
    /// The expiration time, in the service's format, see [`crate::time::wire`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Whether logins with the key create sessions.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub support_sessions: bool,
    /// Whether the service stores the value, so that reads return it; for keys of service IDs only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub store_value: bool,
    /// Header `Entity-Lock`.
    #[serde(skip)]
    pub locked: bool,
    /// Header `Entity-Disable`.
    #[serde(skip)]
    pub disabled: bool,
}

/// Body of `PUT /v1/apikeys/{id}`: a missing field stays unchanged, an empty one is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct KeyChanges {
    /// The name; never empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description; an empty text clears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `none`, `disable` or `delete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_when_leaked: Option<String>,
    /// The expiration time, in the service's format; an empty text clears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

impl CreateAnswer {
    /// Extracts the value from a response. The value is not lost, whatever else is unexpected in the response.
    ///
    /// # Errors
    /// `Unreadable` if the response is not an object.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let mut fields: Map<String, Value> = parse(body)?;
        let value = match fields.shift_remove("apikey") {
            Some(Value::String(value)) if !value.is_empty() => Some(SecretString::from(value)),
            _ => None,
        };
        let key = Key::typed(&to_raw(&fields)?)?.into_owned();
        Ok(Self { key, fields, value })
    }

    /// Returns the key with this value.
    #[must_use]
    pub fn with_value(self, value: SecretString) -> CreatedKey {
        CreatedKey { key: self.key, fields: self.fields, value }
    }
}

impl CreatedKey {
    /// Builds an existing key, with the value by which it was found.
    ///
    /// # Errors
    /// `Unreadable`.
    pub fn found(key: ApiKey, value: &SecretString) -> Result<Self, Error> {
        Ok(Self { fields: key.fields()?, key, value: value.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::ExposeSecret;

    #[test]
    fn a_created_key_parts_with_its_value() {
        let created = CreateAnswer::parse(br#"{"id":"ApiKey-1","apikey":"s3cret"}"#).unwrap();
        assert_eq!(created.value.as_ref().unwrap().expose_secret(), "s3cret");
        assert!(!created.key.object().unwrap().contains("s3cret"));
        assert!(!format!("{created:?}").contains("s3cret"));
        for body in [&br#"{"id":"ApiKey-1","apikey":""}"#[..], br#"{"id":"ApiKey-1","apikey":7}"#, b"{}"] {
            assert!(CreateAnswer::parse(body).unwrap().value.is_none());
        }
    }

    #[test]
    fn a_value_is_not_lost_over_anything_else_that_is_odd() {
        for body in [
            r#"{"apikey":"s3cret"}"#,
            r#"{"id":7,"apikey":"s3cret"}"#,
            r#"{"id":"ApiKey-1","locked":"false","history":[null],"apikey":"s3cret","created_at":{}}"#,
        ] {
            let created = CreateAnswer::parse(body.as_bytes()).unwrap();
            assert_eq!(created.value.unwrap().expose_secret(), "s3cret", "{body}");
        }
    }
}
