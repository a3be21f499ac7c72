//! Moments in the formats of the wire.

use jiff::Timestamp;
use jiff::fmt::strtime;

/// The service's format for moments, to the minute.
#[must_use]
pub fn wire(moment: Timestamp) -> String {
    strtime::format("%Y-%m-%dT%H:%M+0000", moment).unwrap_or_default()
}

/// Reads the formats that the service and its documentation use.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    const FORMATS: [&str; 3] = ["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S%.f%z"];
    let rfc = || text.parse::<Timestamp>().ok();
    let minutes = text.strip_suffix('Z').map(|start| format!("{start}+0000"));
    let text = minutes.as_deref().unwrap_or(text);
    let lenient = |format: &&str| strtime::parse(*format, text).ok()?.to_timestamp().ok();
    FORMATS.iter().find_map(lenient).or_else(rfc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_of_a_moment_is_read() {
        let expected: Timestamp = "2022-08-18T20:33:00Z".parse().unwrap();
        for text in [
            "2022-08-18T20:33+0000",
            "2022-08-18T20:33:00+0000",
            "2022-08-18T20:33:00.000Z",
            "2022-08-18T20:33:00Z",
            "2022-08-18T20:33Z",
            "2022-08-18T22:33+0200",
            "2022-08-18T20:33:00+00:00",
            "2022-08-18T20:33:00.000+0000",
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert_eq!(parse("yesterday"), None);
        assert_eq!(wire(expected), "2022-08-18T20:33+0000");
    }
}
