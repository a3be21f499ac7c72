//! Texts in a stream that have the form of an API key: 44 characters of base64url, as the service and this program make
//! them. Values are never shown: what stands for one is its line and its first characters.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};

use crate::secret::{ExposeSecret, SecretString};

/// Length of a key's value.
const LENGTH: usize = 44;

/// Characters of a value that may be shown.
const SHOWN: usize = 4;

/// More are not collected.
const MOST: usize = 100_000;

/// A text that may be the value of a key.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Where it stands first, counted from 1.
    pub line: u64,
    /// The text.
    pub value: SecretString,
}

impl Candidate {
    /// The first characters.
    #[must_use]
    pub fn prefix(&self) -> String {
        self.value.expose_secret().chars().take(SHOWN).collect()
    }
}

/// What a stream contains.
#[derive(Debug, Default)]
pub struct Scan {
    /// Each text once, in the order of the lines.
    pub candidates: Vec<Candidate>,
    /// There are more of them.
    pub is_cut: bool,
}

/// Finds everything in a stream that has the form of a key.
///
/// # Errors
/// The stream's.
pub fn scan(mut input: impl Read) -> io::Result<Scan> {
    let mut finder = Finder { line: 1, run: Vec::with_capacity(LENGTH + 2), before: b'\n', found: Vec::new() };
    let mut buffer = vec![0; 64 << 10];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => buffer[..length].iter().for_each(|byte| finder.push(*byte)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if finder.found.len() > 2 * MOST {
            break;
        }
    }
    finder.end_run(b'\n');
    let mut candidates = finder.found;
    // The first place of each. The hash of one is no secret worth clearing.
    let state = RandomState::new();
    let mut seen = HashSet::new();
    candidates.retain(|candidate| {
        let text = candidate.value.expose_secret();
        seen.insert((state.hash_one(text), state.hash_one((text, 1))))
    });
    let is_cut = candidates.len() > MOST;
    candidates.truncate(MOST);
    Ok(Scan { candidates, is_cut })
}

/// Goes through a stream byte by byte.
struct Finder {
    line: u64,
    /// Characters of base64url since the last other one, as many as say whether it is too long.
    run: Vec<u8>,
    /// The character before them.
    before: u8,
    found: Vec<Candidate>,
}

impl Finder {
    fn push(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
            if self.run.len() < LENGTH + 2 {
                self.run.push(byte);
            }
            return;
        }
        self.end_run(byte);
    }

    fn end_run(&mut self, byte: u8) {
        let run = self.run.as_slice();
        let exact = (run.len() == LENGTH).then_some(run);
        // A line that a diff removes, and an escaped line end in JSON, add a character.
        let is_marked = match (self.before, run.first()) {
            (b'\n', Some(b'-')) | (b'\\', Some(b'n' | b'r' | b't')) => run.len() == LENGTH + 1,
            _ => false,
        };
        if let Some(text) = exact.or(is_marked.then(|| &run[1..])).filter(|text| is_likely(text)) {
            let value = SecretString::from(String::from_utf8_lossy(text).into_owned());
            self.found.push(Candidate { line: self.line, value });
        }
        zeroize::Zeroize::zeroize(&mut self.run);
        self.before = byte;
        self.line += u64::from(byte == b'\n');
    }
}

/// Random text of this length has letters of both cases; hashes in hexadecimal digits have not.
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
