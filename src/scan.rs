//! Finds texts in a stream that have the form of an API key: 44 characters of base64url, as the service and this
//! program generate them. Values are never shown; the output identifies a value by its line and its first characters.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};

use crate::secret::{ExposeSecret, SecretString};

/// The length of a key's value.
const LENGTH: usize = 44;

/// The number of characters of a value that can be shown.
const SHOWN: usize = 4;

/// The maximum number of texts to collect.
const MOST: usize = 100_000;

/// A text that may be the value of a key.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The line where it occurs first, counted from 1.
    pub line: u64,
    /// The text.
    pub value: SecretString,
}

impl Candidate {
    /// Returns the first characters.
    #[must_use]
    pub fn prefix(&self) -> String {
        let value = self.value.expose_secret();
        // Of a text that is shorter than a key, at most a quarter: it may be a password.
        value.chars().take(SHOWN.min(value.chars().count() / 4)).collect()
    }
}

/// The result of a scan.
#[derive(Debug, Default)]
pub struct Scan {
    /// Every text once, in the order of the lines.
    pub candidates: Vec<Candidate>,
    /// Whether there are more texts than were collected.
    pub is_cut: bool,
    seen: HashSet<(u64, u64)>,
    state: RandomState,
}

/// Finds all texts in a stream that have the form of a key.
///
/// # Errors
/// The error of the stream.
pub fn scan(mut input: impl Read) -> io::Result<Scan> {
    let mut finder = Finder::default();
    let mut buffer = vec![0; 64 << 10];
    while !finder.found.is_cut {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => buffer[..length].iter().for_each(|byte| finder.push(*byte)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(finder.finish())
}

impl Scan {
    /// Adds a text, unless it was added before.
    pub fn add(&mut self, line: u64, text: &str) {
        // The hash of a text is not a secret, and does not need to be cleared.
        if !self.seen.insert((self.state.hash_one(text), self.state.hash_one((text, 1)))) {
            return;
        }
        if self.candidates.len() == MOST {
            self.is_cut = true;
            return;
        }
        self.candidates.push(Candidate { line, value: SecretString::from(text) });
    }
}

/// Scans a stream byte by byte.
struct Finder {
    line: u64,
    /// The base64url characters since the last other character; no more than are needed to detect that they are too
    /// many.
    run: Vec<u8>,
    /// Each of them, except perhaps the last one, is followed by a NUL byte, as in UTF-16.
    is_wide: bool,
    /// The byte before them is a NUL byte.
    starts_after_zero: bool,
    /// The last byte of the stream.
    last: u8,
    /// The character before them.
    before: u8,
    /// The state of the current escape sequence of a terminal, if any.
    escape: Escape,
    found: Scan,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Started,
    InSequence,
    /// The same in UTF-16, with NUL bytes between the characters.
    StartedWide,
    InSequenceWide,
}

/// The maximum number of characters before a value that can look like a part of it.
const MARK: usize = 5;

/// The number of characters that are too many for a value, even without the first or last one.
const LONGEST_RUN: usize = LENGTH + MARK + 2;

impl Default for Finder {
    fn default() -> Self {
        let run = Vec::with_capacity(LONGEST_RUN);
        Self {
            line: 1,
            run,
            is_wide: false,
            starts_after_zero: false,
            last: b'\n',
            before: b'\n',
            escape: Escape::None,
            found: Scan::default(),
        }
    }
}

impl Finder {
    fn push(&mut self, byte: u8) {
        let last = self.last;
        self.last = byte;
        if self.escape == Escape::None && is_word(byte) {
            return self.push_word(byte, last);
        }
        match (self.escape, byte) {
            (_, 0) => self.push_zero(last),
            (Escape::None | Escape::StartedWide, 0x1b) => {
                // An escape sequence, such as a colour, ends the current text. If no text is directly before it, the
                // character before it is kept, so that a coloured line of a diff is still recognised.
                let before = self.before;
                let is_empty = self.run.is_empty();
                self.end_run(byte, last);
                self.before = if is_empty { before } else { byte };
                self.escape = Escape::Started;
            }
            (_, b'\n') => {
                // An escape sequence that is cut off ends at the end of its line.
                self.escape = Escape::None;
                self.end_run(byte, last);
            }
            (Escape::None, _) => self.end_run(byte, last),
            (Escape::Started, b'[') => self.escape = Escape::InSequence,
            (Escape::StartedWide, b'[') => self.escape = Escape::InSequenceWide,
            (Escape::Started, _) | (Escape::InSequence, b'@'..=b'~') => self.escape = Escape::None,
            (Escape::StartedWide, _) => {
                // In UTF-16, the byte of an escape can also be a half of another character, such as U+4E1B.
                self.escape = Escape::None;
                if is_word(byte) { self.push_word(byte, last) } else { self.end_run(byte, last) }
            }
            (Escape::InSequenceWide, b'@'..=b'~') => {
                self.escape = Escape::None;
                // The NUL byte that may follow belongs to the sequence.
                self.last = 0;
            }
            (Escape::InSequence | Escape::InSequenceWide, _) => {}
        }
    }

    /// Adds a character to the run. Inlined, because most bytes of a text come here.
    #[inline]
    fn push_word(&mut self, byte: u8, last: u8) {
        if self.is_wide && last != 0 {
            // The end of UTF-16: the last character may be the first one of another text.
            self.end_run(0, last);
            self.run.push(last);
        }
        if self.run.len() < LONGEST_RUN {
            self.run.push(byte);
        }
    }

    /// In UTF-16, each character has a NUL byte before or after it. Elsewhere, a NUL byte ends a text.
    fn push_zero(&mut self, last: u8) {
        match self.escape {
            Escape::Started => self.escape = Escape::StartedWide,
            Escape::InSequenceWide => return,
            // No sequence has a single NUL byte: its first two bytes are another character, such as U+5B1B.
            Escape::InSequence => self.escape = Escape::None,
            Escape::None | Escape::StartedWide => {}
        }
        match (self.is_wide, self.run.len()) {
            (true, _) if last != 0 => return,
            (false, 1) => return self.is_wide = true,
            // The last byte can be a character all the same, if it was taken for the end of an escape sequence.
            (false, 0) if !is_word(last) => return self.starts_after_zero = true,
            _ => self.end_run(0, last),
        }
        if last != 0 {
            // The character before the NUL byte may be the first one of UTF-16.
            self.run.push(last);
            self.is_wide = true;
            self.starts_after_zero = false;
        }
    }

    /// Ends the stream.
    fn finish(mut self) -> Scan {
        self.end_run(b'\n', self.last);
        self.found
    }

    /// Adds the text of the run, if it is a value. `byte` ends the run, and `last` is the byte before it.
    fn end_run(&mut self, byte: u8, last: u8) {
        if !self.run.is_empty() {
            let run = self.run.as_slice();
            // The NUL byte of the first or last character can be missing. Then this character is a half of another
            // one, such as U+3042: the last one in little-endian, the first one in big-endian.
            let little = if self.is_wide && last != 0 { &run[..run.len() - 1] } else { run };
            let big = if self.is_wide && !self.starts_after_zero { &run[1..] } else { run };
            let value = value_in(little, self.before);
            let other = if self.is_wide { value_in(big, self.before) } else { None };
            for text in [value, other].into_iter().flatten() {
                let text = zeroize::Zeroizing::new(String::from_utf8_lossy(text).into_owned());
                self.found.add(self.line, &text);
            }
            zeroize::Zeroize::zeroize(&mut self.run);
        }
        self.is_wide = false;
        self.starts_after_zero = byte == 0;
        self.before = byte;
        self.line += u64::from(byte == b'\n');
    }
}

/// Whether a byte is a character of base64url.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// Returns the value in the characters after `before`, without the characters before it that only look like a part.
fn value_in(run: &[u8], before: u8) -> Option<&[u8]> {
    let extra = run.len().checked_sub(LENGTH)?;
    let is_hex =
        |range: std::ops::Range<usize>| run.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_hexdigit));
    let is_value = match (extra, before, run[0]) {
        // The value alone; the value in a line that a diff removes; the value after an escaped line end.
        (0, ..) | (1, b'\n' | b' ', b'-') | (1, b'\\', b'n' | b'r' | b't') => true,
        // The value in the diff of a merge.
        (2, b'\n', b'-') => run[1] == b'-',
        // The value after an escape in a program, in JSON or in a URL.
        (3, b'\\', b'x') => is_hex(1..3),
        (5, b'\\', b'u') => is_hex(1..5),
        (2, b'%', _) => is_hex(0..2),
        _ => false,
    };
    Some(&run[extra..]).filter(|text| is_value && is_likely(text))
}

/// Whether a text is likely random: random text of this length has letters of both cases, and a hexadecimal hash does
/// not.
fn is_likely(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::generate;

    fn found(text: &str) -> Vec<(u64, String)> {
        let scan = scan(text.as_bytes()).unwrap();
        scan.candidates.iter().map(|found| (found.line, found.value.expose_secret().to_owned())).collect()
    }

    #[test]
    fn a_value_is_found_wherever_it_stands() {
        for _ in 0..50 {
            let value = generate().unwrap().expose_secret().to_owned();
            for (text, line) in [
                (format!("a\nexport IBMCLOUD_API_KEY={value}\n"), 2),
                (format!("{{\"apikey\": \"{value}\"}}"), 1),
                (format!("-{value}\n+other"), 1),
                (format!("diff\n\n+{value}"), 3),
                (format!("\"first\\n{value}\\nlast\""), 1),
                (value.clone(), 1),
                (format!("--{value}\n"), 1),
                (format!(" -{value}\n"), 1),
                (format!("\u{1b}[32m+\u{1b}[m\u{1b}[32m{value}\u{1b}[m\n"), 1),
                (format!("\u{1b}[31m-{value}\u{1b}[m\n"), 1),
                (format!("key%3D{value}&x"), 1),
                (format!("\\u0022{value}\\u0022"), 1),
                (format!("\\x3d{value}"), 1),
                (value.encode_utf16().flat_map(u16::to_le_bytes).map(char::from).collect(), 1),
                (value.encode_utf16().flat_map(u16::to_be_bytes).map(char::from).collect(), 1),
                (format!("A=1\0KEY={value}\0NEXT=2\0"), 1),
                (format!("x\0{value}\0y"), 1),
                (format!("\0\0{value}"), 1),
                (format!("({value}), ({value})"), 1),
            ] {
                assert_eq!(found(&text), [(line, value.clone())], "{text}");
            }
        }
    }

    /// The code units of UTF-16 in little-endian, then in big-endian.
    fn in_utf_16(units: &[u16]) -> [Vec<u8>; 2] {
        let little = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        [little, units.iter().flat_map(|unit| unit.to_be_bytes()).collect()]
    }

    fn is_found_between(before: u16, value: &str, after: u16) -> bool {
        let units: Vec<u16> = std::iter::once(before).chain(value.encode_utf16()).chain([after]).collect();
        in_utf_16(&units).iter().all(|bytes| {
            let mut finder = Finder::default();
            for byte in bytes {
                finder.push(*byte);
            }
            finder.finish().candidates.iter().any(|found| found.value.expose_secret() == value)
        })
    }

    #[test]
    fn a_value_in_utf_16_is_found_next_to_every_character_that_is_not_part_of_it() {
        let words = |unit: &u16| u8::try_from(*unit).is_ok_and(is_word);
        let value = generate().unwrap().expose_secret().to_owned();
        for unit in (0..=u16::MAX).filter(|unit| !words(unit)) {
            assert!(is_found_between(unit, &value, unit), "{value} between U+{unit:04X}");
        }
        // Their halves are characters of a value, bytes of escape sequences, or NUL bytes.
        let units =
            [0, 0x1b, 0x20, 0x41_00, 0x01_41, 0x30_42, 0x30_93, 0x41_42, 0xff_41, 0x1b_41, 0x1b_5b, 0x5b_1b, 0x4e_1b];
        for (before, after) in units.iter().flat_map(|before| units.map(|after| (*before, after))) {
            // The first character can be one that does not end an escape sequence.
            for value in [&value, &format!("7{}", &value[1..])] {
                assert!(is_found_between(before, value, after), "{value} between U+{before:04X} and U+{after:04X}");
            }
        }
    }

    #[test]
    fn a_coloured_value_in_utf_16_is_found() {
        let value = generate().unwrap().expose_secret().to_owned();
        for text in [format!("\u{1b}[32m{value}\u{1b}[m\n"), format!("\u{3042}\u{1b}[1;32m{value}\u{1b}[m")] {
            for bytes in in_utf_16(&text.encode_utf16().collect::<Vec<_>>()) {
                let scan = scan(&*bytes).unwrap();
                assert!(scan.candidates.iter().any(|found| found.value.expose_secret() == value), "{bytes:x?}");
            }
        }
    }

    #[test]
    fn an_escape_sequence_that_is_cut_off_hides_no_value_on_the_next_line() {
        let value = generate().unwrap().expose_secret().to_owned();
        for text in [format!("a\u{1b}[31\n{value}\n"), format!("a\u{1b}\n{value}\n")] {
            assert_eq!(scan(text.as_bytes()).unwrap().candidates[0].line, 2, "{text}");
        }
    }

    #[test]
    fn what_is_longer_shorter_or_a_hash_is_no_candidate() {
        for text in ["a".repeat(43), "Ab".repeat(23), "0123456789abcdef".repeat(3)[..44].to_owned(), "A".repeat(44)] {
            assert_eq!(found(&text), [], "{text}");
            for bytes in in_utf_16(&format!("\u{3042} {text} \u{3042}").encode_utf16().collect::<Vec<_>>()) {
                assert_eq!(scan(&*bytes).unwrap().candidates.len(), 0, "{text}");
            }
        }
    }

    #[test]
    fn a_value_is_found_across_the_pieces_that_a_stream_comes_in() {
        struct Bytewise<'a>(&'a [u8]);
        impl Read for Bytewise<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
                (buffer[0], self.0) = (*first, rest);
                Ok(1)
            }
        }
        let value = generate().unwrap();
        let text = format!("x\n{}\n", value.expose_secret());
        let scan = scan(Bytewise(text.as_bytes())).unwrap();
        assert_eq!((scan.candidates.len(), scan.candidates[0].line), (1, 2));
        assert_eq!(scan.candidates[0].prefix(), value.expose_secret()[..4]);
    }
}
