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
    finder.end_run(b'\n');
    Ok(finder.found)
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
    /// NUL bytes between them.
    halves: usize,
    /// The last byte was a NUL byte.
    is_after_zero: bool,
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
}

/// The maximum number of characters before a value that can look like a part of it.
const MARK: usize = 5;

impl Default for Finder {
    fn default() -> Self {
        let run = Vec::with_capacity(LENGTH + MARK + 1);
        Self {
            line: 1,
            run,
            halves: 0,
            is_after_zero: false,
            before: b'\n',
            escape: Escape::None,
            found: Scan::default(),
        }
    }
}

impl Finder {
    fn push(&mut self, byte: u8) {
        match (self.escape, byte) {
            (_, 0) => return self.push_zero(),
            (Escape::Started, b'[') => return self.escape = Escape::InSequence,
            (Escape::InSequence, b'@'..=b'~') | (Escape::Started, _) => return self.escape = Escape::None,
            (Escape::InSequence, _) => return,
            (Escape::None, 0x1b) => {
                // An escape sequence, such as a colour, ends the current text. If no text is directly before it, the
                // character before it is kept, so that a coloured line of a diff is still recognised.
                let before = self.before;
                let is_empty = self.run.is_empty();
                self.end_run(byte);
                self.before = if is_empty { before } else { byte };
                self.escape = Escape::Started;
                return;
            }
            (Escape::None, _) => {}
        }
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
            if self.halves > 0 && !self.is_after_zero {
                // Not UTF-16: the NUL byte before the last character ended a text.
                let last = self.run.pop();
                self.end_run(0);
                self.run.extend(last);
            }
            self.is_after_zero = false;
            if self.run.len() <= LENGTH + MARK {
                self.run.push(byte);
            }
            return;
        }
        self.end_run(byte);
    }

    /// In UTF-16, each character has a NUL byte before or after it. Elsewhere, a NUL byte ends a text.
    fn push_zero(&mut self) {
        self.is_after_zero = true;
        if self.halves + 1 >= self.run.len() {
            self.halves += usize::from(!self.run.is_empty());
        } else {
            self.end_run(0);
        }
    }

    fn end_run(&mut self, byte: u8) {
        self.halves = 0;
        let run = self.run.as_slice();
        let extra = run.len().checked_sub(LENGTH);
        let is_hex =
            |range: std::ops::Range<usize>| run.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_hexdigit));
        let is_value = match (extra, self.before, run.first()) {
            // The value alone; the value in a line that a diff removes; the value after an escaped line end.
            (Some(0), ..) | (Some(1), b'\n' | b' ', Some(b'-')) | (Some(1), b'\\', Some(b'n' | b'r' | b't')) => true,
            // The value in the diff of a merge.
            (Some(2), b'\n', Some(b'-')) => run[1] == b'-',
            // The value after an escape in a program, in JSON or in a URL.
            (Some(3), b'\\', Some(b'x')) => is_hex(1..3),
            (Some(5), b'\\', Some(b'u')) => is_hex(1..5),
            (Some(2), b'%', _) => is_hex(0..2),
            _ => false,
        };
        if let Some(text) = extra.filter(|_| is_value).map(|extra| &run[extra..]).filter(|text| is_likely(text)) {
            let text = zeroize::Zeroizing::new(String::from_utf8_lossy(text).into_owned());
            self.found.add(self.line, &text);
        }
        zeroize::Zeroize::zeroize(&mut self.run);
        self.before = byte;
        self.line += u64::from(byte == b'\n');
    }
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

    #[test]
    fn what_is_longer_shorter_or_a_hash_is_no_candidate() {
        for text in ["a".repeat(43), "Ab".repeat(23), "0123456789abcdef".repeat(3)[..44].to_owned(), "A".repeat(44)] {
            assert_eq!(found(&text), [], "{text}");
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
