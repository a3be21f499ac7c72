//! JSON as the `ibmcloud` tool prints it: with four spaces of indentation, and one field per line.

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::text::is_harmful;

/// Returns a value as JSON, with a newline at the end.
#[must_use]
pub fn pretty(value: &impl Serialize) -> String {
    indented(value, b"    ")
}

/// Like [`pretty`], with another indentation.
#[must_use]
pub fn indented(value: &impl Serialize, indent: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(indent));
    // Writing maps with string keys to memory does not fail.
    let _ = value.serialize(&mut serializer);
    bytes.push(b'\n');
    escape(String::from_utf8(bytes).unwrap_or_default())
}

/// The maximum nesting depth of JSON text. Deeper text is rejected, because its indentation would grow without a limit.
const DEEPEST: usize = 127;

/// Adds JSON text, indented like [`pretty`] from `depth` on, without parsing it into values: strings and numbers stay
/// as they are written. Returns `None` if the text is nested too deeply.
#[must_use]
pub fn push_indented(text: &mut String, json: &str, depth: usize) -> Option<()> {
    let start = text.len();
    let bytes = json.as_bytes();
    let mut level = depth;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b'"' => end_of_string(bytes, at),
            b'{' | b'[' => {
                let next = at + 1 + bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                text.push(char::from(*byte));
                if let Some(close @ (b'}' | b']')) = bytes.get(next) {
                    text.push(char::from(*close));
                    at = next + 1;
                    continue;
                }
                level += 1;
                if level > depth + DEEPEST {
                    return None;
                }
                line(text, level);
                at += 1;
                continue;
            }
            b'}' | b']' => {
                level = level.saturating_sub(1);
                line(text, level);
                at + 1
            }
            b',' => {
                text.push(',');
                line(text, level);
                at += 1;
                continue;
            }
            b':' => {
                text.push_str(": ");
                at += 1;
                continue;
            }
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            _ => {
                let is_part = |byte: &&u8| !b",:]}".contains(byte) && !byte.is_ascii_whitespace();
                at + bytes[at..].iter().take_while(is_part).count().max(1)
            }
        };
        text.push_str(json.get(at..end)?);
        at = end;
    }
    // Checks the input, which has the same characters as the output and is shorter.
    if !is_plain(json) {
        let object = text.split_off(start);
        text.push_str(&escape(object));
    }
    Some(())
}

/// Adds a new line with indentation.
fn line(text: &mut String, level: usize) {
    const LINE: &str = "\n                                ";
    match LINE.get(..=level * 4) {
        Some(line) => text.push_str(line),
        None => {
            text.push('\n');
            (0..level).for_each(|_| text.push_str("    "));
        }
    }
}

/// Returns the position after the closing quote of a string that starts here.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// Whether nothing in JSON text must be escaped: in ASCII, only DEL is not yet escaped.
fn is_plain(json: &str) -> bool {
    json.is_ascii() && memchr::memchr(0x7f, json.as_bytes()).is_none()
}

/// Writes characters that a terminal would interpret as escapes, for example `\u009b`, which is the same text in JSON.
fn escape(json: String) -> String {
    if is_plain(&json) {
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

    fn indented_text(json: &str, depth: usize) -> Option<String> {
        let mut text = String::new();
        push_indented(&mut text, json, depth)?;
        Some(text)
    }

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
