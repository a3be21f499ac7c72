//! Reads, checks and writes fields of JSON bodies.

use jiff::Timestamp;
use jiff::fmt::strtime;
use serde_json::{Map, Value};

use super::error::Refusal;

/// Returns a text that must not be missing or empty.
pub(super) fn required<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    text(fields, name)?.filter(|text| !text.is_empty()).ok_or_else(|| Refusal::missing(name))
}

/// Returns a text; `None` if it is missing or null.
pub(super) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Refusal::invalid(name, &other.to_string(), "a string")),
    }
}

/// Returns a boolean; false if it is missing or null.
pub(super) fn boolean(fields: &Map<String, Value>, name: &str) -> Result<bool, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(truth)) => Ok(*truth),
        Some(other) => Err(Refusal::invalid(name, &other.to_string(), "true, false")),
    }
}

/// Returns the action for a leaked key.
pub(super) fn leak_action(text: &str) -> Result<&'static str, Refusal> {
    ["none", "disable", "delete"]
        .into_iter()
        .find(|action| *action == text)
        .ok_or_else(|| Refusal::invalid("action_when_leaked", text, "none, disable, delete"))
}

/// Parses a time in the formats of IBM's clients; `None` for an empty text, which clears the time.
pub(super) fn moment(text: &str) -> Result<Option<i64>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let formats = ["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S%.f%z"];
    let plain = formats.iter().find_map(|format| strtime::parse(format, text).ok()?.to_timestamp().ok());
    let moment = plain.or_else(|| text.parse::<Timestamp>().ok());
    match moment {
        Some(moment) => Ok(Some(moment.as_second())),
        None => Err(Refusal::invalid("expires_at", text, "yyyy-MM-ddTHH:mm+0000")),
    }
}

/// Formats a time as `2026-11-23T09:00+0000`.
pub(super) fn minutes(seconds: i64) -> String {
    let moment = Timestamp::from_second(seconds).unwrap_or_default();
    strtime::format("%Y-%m-%dT%H:%M+0000", moment).unwrap_or_default()
}

/// Returns an error if a text is longer than the setup allows.
pub(super) fn within(longest: Option<usize>, property: &str, text: &str) -> Result<(), Refusal> {
    match longest {
        Some(longest) if text.chars().count() > longest => Err(Refusal::too_long(property, longest)),
        _ => Ok(()),
    }
}

/// Returns the texts in an array; `None` if it is missing or null.
pub(super) fn texts(fields: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = fields.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let texts: Option<Vec<String>> =
        value.as_array().and_then(|texts| texts.iter().map(|text| text.as_str().map(str::to_owned)).collect());
    texts.map(Some).ok_or_else(|| Refusal::invalid(name, &value.to_string(), "an array of strings"))
}

/// Returns the second part of an entity tag.
pub(super) fn new_tag() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
