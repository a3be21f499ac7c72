//! JSON as the mirrored tool prints it: four blanks of indentation, one field a line.

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::text::is_harmful;

/// The text with a line end.
#[must_use]
pub fn pretty(value: &impl Serialize) -> String {
    indented(value, b"    ")
}

/// The same with another indentation.
#[must_use]
pub fn indented(value: &impl Serialize, indent: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(indent));
    // Maps with string keys in memory: there is nothing that could fail.
    let _ = value.serialize(&mut serializer);
    bytes.push(b'\n');
    escape(String::from_utf8(bytes).unwrap_or_default())
}

/// JSON text that is nested deeper is refused: indentation would make it grow beyond any bound.
const DEEPEST: usize = 127;

/// Indents JSON text as [`pretty`] does, from some depth on, without reading it into values: strings and numbers stay as
/// they are written. `None` if it is nested too deep.
#[must_use]
pub fn indented_text(json: &str, depth: usize) -> Option<String> {
    let bytes = json.as_bytes();
    let mut text = String::with_capacity(json.len() * 2);
    let mut level = depth;
    let line = |text: &mut String, level: usize| {
        text.push('\n');
        (0..level).for_each(|_| text.push_str("    "));
    };
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = end_of_string(bytes, at);
                text.push_str(json.get(at..end)?);
                at = end;
                continue;
            }
            open @ (b'{' | b'[') => {
                text.push(char::from(open));
                let next =
                    bytes[at + 1..].iter().position(|byte| !byte.is_ascii_whitespace()).map_or(at, |gap| at + 1 + gap);
                if matches!(bytes[next], b'}' | b']') && next > at {
                    text.push(char::from(bytes[next]));
                    at = next + 1;
                    continue;
                }
                level += 1;
                if level > depth + DEEPEST {
                    return None;
                }
                line(&mut text, level);
            }
            close @ (b'}' | b']') => {
                level = level.saturating_sub(1);
                line(&mut text, level);
                text.push(char::from(close));
            }
            b',' => {
                text.push(',');
                line(&mut text, level);
            }
            b':' => text.push_str(": "),
            byte if byte.is_ascii_whitespace() => {}
            byte => text.push(char::from(byte)),
        }
        at += 1;
    }
    Some(escape(text))
}

/// Behind the closing quote of a string that begins here.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Writes what a terminal would act on as `\u009b`, which is the same text in JSON.
fn escape(json: String) -> String {
    // ASCII but DEL is written by now as escapes.
    if json.bytes().all(|byte| byte < 0x7f) {
        return json;
    }
    let acts = |character: char| character != '\n' && character != '\t' && is_harmful(character);
    if !json.contains(acts) {
        return json;
    }
    let shown = |character: char| {
        if acts(character) { format!("\\u{:04x}", u32::from(character)) } else { character.to_string() }
    };
    json.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indented_text_is_what_its_values_would_be_indented_to() {
        for json in [
            r#"{"a":1,"b":[],"c":{},"d":[1,2,{"e":null}],"f":"x, {y}: \"[z]\\","g":true,"h":-1.5e10}"#,
            "[ { \"a\" : [ 1 , 2 ] , \"b\" : { } } , [ ] ]",
            "\"alone\"",
            "7",
            "[\"ü鍵\u{9b}\u{7f}\"]",
        ] {
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(
                indented_text(json, 0).unwrap() + "\n",
                pretty(&value).replace("15000000000.0", "1.5e10"),
                "{json}"
            );
        }
        assert_eq!(indented_text("{\"a\":1}", 1).unwrap(), "{\n        \"a\": 1\n    }");
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(indented_text(&deep(100), 0).is_some());
        assert!(indented_text(&deep(1000), 0).is_none());
    }

    #[test]
    fn text_that_a_terminal_would_act_on_is_escaped_and_stays_the_same_text() {
        let text = "a\n\u{1b}\u{7f}\u{9b}31m\u{202e}鍵🔑";
        let json = pretty(&[text]);
        assert!(!json.contains(['\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}']), "{json:?}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [text]);
    }
}
