//! JSON as the mirrored tool prints it: four blanks of indentation, one field a line.

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

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
    String::from_utf8(bytes).unwrap_or_default()
}
