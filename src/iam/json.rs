//! Parses JSON of the service, leniently and with limits.

use serde::Deserialize;

use super::error::Error;
use crate::mask;

/// Parses JSON. The error message has the position and not the text, which may be a secret.
///
/// # Errors
/// `Unreadable`.
pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Error> {
    if mask::is_too_rich(body) {
        return Err(Error::unreadable("it contains too many values"));
    }
    // The body is checked for UTF-8 once, so the parser need not check each text.
    let parsed = match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(body),
    };
    parsed.map_err(|error| {
        let start = body.trim_ascii_start();
        let what = match error.classify() {
            _ if start.is_empty() => "it is empty",
            _ if start.starts_with(b"<") => "it is a web page, not JSON",
            serde_json::error::Category::Data => "it is JSON, but not in the expected form",
            serde_json::error::Category::Eof => "it is incomplete",
            _ => "it is not JSON",
        };
        let (line, column) = (error.line(), error.column());
        Error::unreadable(format!("{what} (line {line}, column {column})"))
    })
}

/// Replaces lone surrogates (`\\ud800` alone), which are invalid text, by the replacement character; `None` if there
/// are none. One odd name must not make a list unreadable.
pub(super) fn without_lone_surrogates(json: &str) -> Option<String> {
    let unit =
        |at: usize| u16::from_str_radix(json.get(at + 2..at + 6)?, 16).ok().filter(|_| json[at..].starts_with("\\u"));
    let mut repaired: Option<String> = None;
    let (mut at, mut copied) = (0, 0);
    while let Some(found) = memchr::memchr(b'\\', &json.as_bytes()[at..]) {
        at += found;
        let width = match unit(at) {
            Some(0xd800..0xdc00) if matches!(unit(at + 6), Some(0xdc00..0xe000)) => 12,
            Some(0xd800..0xe000) => {
                let text = repaired.get_or_insert_default();
                text.push_str(&json[copied..at]);
                text.push_str("\\ufffd");
                copied = at + 6;
                6
            }
            Some(_) => 6,
            // An escape of one character.
            None => 2,
        };
        at = (at + width).min(json.len());
    }
    let mut text = repaired?;
    text.push_str(&json[copied..]);
    Some(text)
}

#[cfg(test)]
mod tests {
    use crate::iam::ApiKey;

    #[test]
    fn halves_of_characters_are_replaced_and_whole_ones_are_not() {
        for (name, shown) in [
            (r"a\ud800b", "a\u{fffd}b"),
            (r"\udc00\ud83d\udd11\ud800", "\u{fffd}🔑\u{fffd}"),
            (r"\\ud800", r"\ud800"),
            (r"\ud800\ud83d\udd11", "\u{fffd}🔑"),
            (r"\u0041", "A"),
        ] {
            let key = ApiKey::parse(format!(r#"{{"id":"ApiKey-1","name":"{name}"}}"#).as_bytes()).unwrap();
            assert_eq!(key.name, shown, "{name}");
            assert_eq!(key.fields().unwrap()["name"], shown, "{name}");
        }
    }
}
