//! Makes text from servers, files and the operating system safe to show.

use std::borrow::Cow;
use std::fmt::{Display, Write};

/// Escapes control characters and bidirectional marks: `\n`, `\x1b`, `\u{202e}`.
///
/// Call it before the width is computed, so that tables stay aligned.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_harmless(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            harmful if is_harmful(harmful) => {
                let code = u32::from(harmful);
                // Writing to a string cannot fail.
                let _ = if code < 0x100 { write!(shown, "\\x{code:02x}") } else { write!(shown, "\\u{{{code:x}}}") };
            }
            other => shown.push(other),
        }
    }
    Cow::Owned(shown)
}

/// Formats a name for a sentence: escaped, and in quotation marks if it is empty or contains spaces.
#[must_use]
pub fn name(text: &str) -> Cow<'_, str> {
    let shown = visible(text);
    if text.is_empty() || text.contains(char::is_whitespace) { Cow::Owned(format!("'{shown}'")) } else { shown }
}

/// Returns a name with an ID: `NAME (ID)`.
#[must_use]
pub fn name_with_id(name: &str, id: &str) -> String {
    format!("{name} ({id})")
}

/// Whether a text contains no character that controls a terminal. Called for every cell in lists of thousands of keys.
#[must_use]
pub fn is_harmless(text: &str) -> bool {
    is_plain(text) || !text.contains(is_harmful)
}

/// Whether a text is printable ASCII. Checks eight bytes at a time: the subtraction sets the highest bit for a byte
/// below 0x20 or for 0x7f, and a byte that is not ASCII has this bit already.
fn is_plain(text: &str) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = text.as_bytes().as_chunks();
    let is_plain = |word: &[u8; 8]| {
        let word = u64::from_ne_bytes(*word);
        let (control, delete) = (word.wrapping_sub(EACH * 0x20), (word ^ (EACH * 0x7f)).wrapping_sub(EACH));
        (word | control | delete) & (EACH * 0x80) == 0
    };
    words.iter().all(is_plain) && rest.iter().all(|byte| (0x20..0x7f).contains(byte))
}

/// Whether a character is C0, DEL, C1, a line or paragraph separator, or changes the direction of text.
#[must_use]
pub fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns the message of an operating system error, without the number and the path that libraries add.
#[must_use]
pub fn reason(error: &(impl Display + ?Sized)) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

/// Returns a sentence with a capital at its start.
#[must_use]
pub fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| format!("{}{}", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_told_byte_by_byte_and_eight_at_a_time() {
        for byte in 0..=0x7f_u8 {
            for (before, after) in [(0, 0), (3, 12), (7, 0), (8, 0), (9, 7), (15, 8)] {
                let text = format!("{}{}{}", "a".repeat(before), char::from(byte), "~".repeat(after));
                assert_eq!(is_plain(&text), (0x20..0x7f).contains(&byte), "{text:?}");
            }
        }
        for text in ["ü", "aaaaaaaü", "aaaaaaaaaü", "\u{80}aaaaaaaa", "aaaaaaaaé a"] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn a_name_with_blanks_is_quoted() {
        for (text, expected) in
            [("MyKey", "MyKey"), ("My key", "'My key'"), ("", "''"), ("a\tb", "'a\\tb'"), ("it's", "it's")]
        {
            assert_eq!(name(text), expected);
        }
    }

    #[test]
    fn a_reason_is_the_systems_sentence_alone() {
        let missing = std::fs::read("/nowhere/at/all").unwrap_err();
        assert_eq!(reason(&missing), "No such file or directory");
        let missing = tempfile::tempfile_in("/nowhere/at/all").unwrap_err();
        assert_eq!(reason(&missing), "No such file or directory");
        assert_eq!(reason("nothing to cut"), "nothing to cut");
    }

    #[test]
    fn plain_text_of_any_script_is_left_alone() {
        for text in ["", "my key", "schlüssel", "鍵", "🔑", "العربية"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn control_characters_and_direction_marks_are_shown() {
        assert_eq!(visible("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(visible("\x1b]0;x\x07"), "\\x1b]0;x\\x07");
        assert_eq!(visible("\u{9b}31m\u{7f}"), "\\x9b31m\\x7f");
        assert_eq!(visible("a\u{202e}b\u{2066}"), "a\\u{202e}b\\u{2066}");
    }
}
