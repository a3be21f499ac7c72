//! API keys as the service sends them. Unknown fields and unexpected values are kept.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::error::Error;
use super::json::{parse, without_lone_surrogates};
use super::lenient::{Object, flag, is_there, or_default, text};

/// A key that owns its texts.
pub type ApiKey = Key<'static>;

/// A key without its value. Everything but the ID may be missing in a response, and is empty then. Texts may be
/// borrowed from the response, so that lists of thousands are read without copies.
#[derive(Debug, Clone, Deserialize)]
pub struct Key<'a> {
    /// `ApiKey-<uuid>`.
    #[serde(borrow, default, deserialize_with = "text")]
    pub id: Cow<'a, str>,
    /// `<revision>-<hash>`; changes with each change of the key.
    #[serde(borrow, default, deserialize_with = "text")]
    pub entity_tag: Cow<'a, str>,
    /// Cloud resource name.
    #[serde(borrow, default, deserialize_with = "text")]
    pub crn: Cow<'a, str>,
    /// Whether the key can be neither changed nor deleted.
    #[serde(default, deserialize_with = "flag")]
    pub locked: bool,
    /// Whether the key cannot log in.
    #[serde(default, deserialize_with = "flag")]
    pub disabled: bool,
    /// Whether IBM found the key in a public place.
    #[serde(default, deserialize_with = "flag")]
    pub leaked: bool,
    /// The creation time as sent, usually `2026-11-23T09:00+0000`.
    #[serde(borrow, default, deserialize_with = "text")]
    pub created_at: Cow<'a, str>,
    /// The IAM ID of the creator.
    #[serde(borrow, default, deserialize_with = "text")]
    pub created_by: Cow<'a, str>,
    /// The modification time as sent.
    #[serde(borrow, default, deserialize_with = "text")]
    pub modified_at: Cow<'a, str>,
    /// The expiration time as sent; empty for never.
    #[serde(borrow, default, deserialize_with = "text")]
    pub expires_at: Cow<'a, str>,
    /// The name; not unique.
    #[serde(borrow, default, deserialize_with = "text")]
    pub name: Cow<'a, str>,
    /// The description; empty if there is none.
    #[serde(borrow, default, deserialize_with = "text")]
    pub description: Cow<'a, str>,
    /// `none`, `disable` or `delete`.
    #[serde(borrow, default, deserialize_with = "text")]
    pub action_when_leaked: Cow<'a, str>,
    /// Whether logins with the key create sessions.
    #[serde(default, deserialize_with = "flag")]
    pub support_sessions: bool,
    /// The IAM ID of the owner.
    #[serde(borrow, default, deserialize_with = "text")]
    pub iam_id: Cow<'a, str>,
    /// 32 hexadecimal digits.
    #[serde(borrow, default, deserialize_with = "text")]
    pub account_id: Cow<'a, str>,
    /// The history; only if requested.
    #[serde(default, deserialize_with = "or_default")]
    pub history: Vec<HistoryRecord>,
    /// The usage; only if requested.
    #[serde(default)]
    pub activity: Option<Activity>,
    #[serde(default, rename = "apikey", deserialize_with = "is_there")]
    has_value: bool,
    /// The object as it was sent, but without a value; `None` if a list was read without objects.
    #[serde(skip)]
    object: Option<Cow<'a, str>>,
}

/// One entry of a key's history.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct HistoryRecord {
    /// The time of the action.
    #[serde(deserialize_with = "or_default")]
    pub timestamp: String,
    /// The IAM ID of the acting user.
    #[serde(deserialize_with = "or_default")]
    pub iam_id: String,
    /// The action.
    #[serde(deserialize_with = "or_default")]
    pub action: String,
    /// The action, as a sentence.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
}

/// How a key was used. The service counts a use some time after it.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct Activity {
    /// The last login, as sent.
    pub last_authn: Option<String>,
    /// Number of logins.
    #[serde(deserialize_with = "or_default")]
    pub authn_count: u64,
}

impl ApiKey {
    /// Parses one object. Fields of an unexpected type are empty; only the ID is required.
    ///
    /// # Errors
    /// `Unreadable`.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let object: &RawValue = parse(body)?;
        Ok(Key::read(object)?.into_owned())
    }

    /// Parses an object with unexpected content.
    fn repaired(object: &RawValue) -> Result<Self, Error> {
        let repaired;
        let object = match without_lone_surrogates(object.get()) {
            Some(text) => {
                repaired = RawValue::from_string(text).map_err(|_| Error::unreadable("it is not JSON"))?;
                &*repaired
            }
            None => object,
        };
        if !object.get().starts_with('{') {
            return Err(Error::unreadable("it is JSON, but not in the expected form"));
        }
        let key = match serde_json::from_str(object.get()) {
            Ok(Object(key)) => Key::into_owned(key),
            Err(_) => Self::lenient(object)?,
        };
        let object = if key.has_value {
            // The service returns stored values of service ID keys with reads. The user did not request these values.
            let mut fields: Map<String, Value> = parse(object.get().as_bytes())?;
            fields.shift_remove("apikey");
            to_raw(&fields)?.get().to_owned()
        } else {
            object.get().to_owned()
        };
        Ok(Self { object: Some(Cow::Owned(object)), ..key })
    }

    /// Parses field by field, and leaves out the fields that cannot be parsed.
    fn lenient(object: &RawValue) -> Result<Self, Error> {
        let all: Map<String, Value> = parse(object.get().as_bytes())?;
        let mut good = Map::new();
        for (name, value) in all {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            if Key::deserialize(Value::Object(alone)).is_ok() {
                good.insert(name, value);
            }
        }
        Key::deserialize(Value::Object(good))
            .map(Key::into_owned)
            .map_err(|_| Error::unreadable("it is JSON, but not in the expected form"))
    }
}

impl<'a> Key<'a> {
    /// Reads one object of a list.
    ///
    /// # Errors
    /// `Unreadable`.
    pub fn read(object: &'a RawValue) -> Result<Self, Error> {
        Self::typed(object)?.with_id()
    }

    pub(super) fn typed(object: &'a RawValue) -> Result<Self, Error> {
        let key =
            serde_json::from_str(object.get()).ok().and_then(|Object(key): Object<Self>| key.with_object(object.get()));
        key.map_or_else(|| ApiKey::repaired(object), Ok)
    }

    /// Adds the object that the key was read from; `None` if the object has a value, or lone surrogates to repair.
    pub(super) fn with_object(self, object: &'a str) -> Option<Self> {
        let is_sound = !self.has_value && without_lone_surrogates(object).is_none();
        is_sound.then_some(Self { object: Some(Cow::Borrowed(object)), ..self })
    }

    /// Whether the response contained the value of the key.
    #[must_use]
    pub fn has_value(&self) -> bool {
        self.has_value
    }

    /// Returns the key, or an error if it has no ID.
    pub(super) fn with_id(self) -> Result<Self, Error> {
        if self.id.is_empty() { Err(no_id()) } else { Ok(self) }
    }

    /// Returns the object as it was sent, but without a value.
    ///
    /// # Errors
    /// `Unreadable` if the list was requested without objects.
    pub fn object(&self) -> Result<&str, Error> {
        self.object.as_deref().ok_or_else(|| Error::unreadable("its keys were read without their objects"))
    }

    /// Returns the object's fields in the order of the response, never with a value.
    ///
    /// # Errors
    /// `Unreadable` for an object that is nested too deeply, or if the list was requested without objects.
    pub fn fields(&self) -> Result<Map<String, Value>, Error> {
        parse(self.object()?.as_bytes())
    }

    /// Returns the same key without references to the response.
    #[must_use]
    pub fn into_owned(self) -> ApiKey {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Key {
            id: owned(self.id),
            entity_tag: owned(self.entity_tag),
            crn: owned(self.crn),
            locked: self.locked,
            disabled: self.disabled,
            leaked: self.leaked,
            created_at: owned(self.created_at),
            created_by: owned(self.created_by),
            modified_at: owned(self.modified_at),
            expires_at: owned(self.expires_at),
            name: owned(self.name),
            description: owned(self.description),
            action_when_leaked: owned(self.action_when_leaked),
            support_sessions: self.support_sessions,
            iam_id: owned(self.iam_id),
            account_id: owned(self.account_id),
            history: self.history,
            activity: self.activity,
            has_value: self.has_value,
            object: self.object.map(|object| Cow::Owned(object.into_owned())),
        }
    }
}

/// The error for a key without an ID, which no request could name.
pub(super) fn no_id() -> Error {
    Error::unreadable("a key in it has no ID")
}

/// The service accepts names of up to so many characters.
const LONGEST_NAME: usize = 255;

/// Returns a name with a suffix, cut so that the service accepts it.
#[must_use]
pub fn name_with(name: &str, suffix: &str) -> String {
    let room = LONGEST_NAME.saturating_sub(suffix.chars().count());
    name.chars().take(room).chain(suffix.chars()).collect()
}

/// Sorts keys by a text, with `true` last.
pub fn sort_by(keys: &mut [ApiKey], field: fn(&ApiKey) -> (bool, &str)) {
    keys.sort_by(|a, b| field(a).cmp(&field(b)));
}

/// Serializes fields as one text.
pub(super) fn to_raw(fields: &Map<String, Value>) -> Result<Box<RawValue>, Error> {
    serde_json::value::to_raw_value(fields).map_err(|_| Error::unreadable("it cannot be written again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_with_an_id_alone_and_nulls_is_a_key() {
        let key = ApiKey::parse(br#"{"id":"ApiKey-1","locked":null,"name":null}"#).unwrap();
        assert_eq!((&*key.id, &*key.name), ("ApiKey-1", ""));
        assert!(!key.locked);
    }

    #[test]
    fn unknown_fields_and_values_are_kept_in_their_order() {
        let body = br#"{"zeta":1,"id":"ApiKey-1","action_when_leaked":"explode","alpha":{"b":[]}}"#;
        let key = ApiKey::parse(body).unwrap();
        assert_eq!(key.action_when_leaked, "explode");
        let names: Vec<String> = key.fields().unwrap().keys().cloned().collect();
        assert_eq!(names, ["zeta", "id", "action_when_leaked", "alpha"]);
    }

    #[test]
    fn a_field_of_another_type_is_empty_and_the_rest_is_read() {
        let key = ApiKey::parse(br#"{"id":"ApiKey-1","locked":"yes","name":"n","activity":{"authn_count":null}}"#);
        let key = key.unwrap();
        assert_eq!((&*key.name, key.locked), ("n", false));
        assert!(key.object().unwrap().contains(r#""locked":"yes""#));
    }

    #[test]
    fn a_stored_value_that_comes_with_a_read_is_left_out() {
        let key = ApiKey::parse(br#"{"id":"ApiKey-1","\u0061pikey":"s3cret","name":"n"}"#).unwrap();
        assert!(!format!("{key:?}").contains("s3cret"));
        assert!(!key.fields().unwrap().contains_key("apikey"));
    }

    #[test]
    fn errors_of_parsing_do_not_repeat_the_text() {
        for body in [&br#"["s3cret"]"#[..], br#"{"id":"","name":"s3cret"}"#, br#"{"id":"s3cret"#] {
            let error = ApiKey::parse(body).unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
        let page = ApiKey::parse(b"<!doctype html>").unwrap_err();
        assert!(page.to_string().contains("web page"), "{page}");
    }
}
