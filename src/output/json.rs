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

/// Writes what a terminal would act on as `\u009b`, which is the same text in JSON.
fn escape(json: String) -> String {
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
    fn text_that_a_terminal_would_act_on_is_escaped_and_stays_the_same_text() {
        let text = "a\n\u{1b}\u{7f}\u{9b}31m\u{202e}鍵🔑";
        let json = pretty(&[text]);
        assert!(!json.contains(['\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}']), "{json:?}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [text]);
    }
}
