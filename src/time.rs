//! Times in the formats of the service, and for display.

use jiff::Timestamp;
use jiff::fmt::strtime;

/// Formats a time as the service does, to the minute.
#[must_use]
pub fn wire(moment: Timestamp) -> String {
    strtime::format("%Y-%m-%dT%H:%M+0000", moment).unwrap_or_default()
}

/// Formats a time relative to now: `3 days ago`, `in 12 days`; as a date if it is more than a month away.
#[must_use]
pub fn relative(moment: Timestamp, now: Timestamp) -> String {
    let distance = moment.duration_since(now);
    let seconds = distance.abs().as_secs();
    let (count, unit) = match seconds {
        0..60 => return "now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        86_400..2_678_400 => (seconds / 86_400, "day"),
        _ => return strtime::format("%Y-%m-%d", moment).unwrap_or_default(),
    };
    let plural = if count == 1 { "" } else { "s" };
    if distance.is_negative() { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
}

/// Parses the formats that the service and its documentation use.
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
    fn moments_are_near_or_dates() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("2026-11-25T12:00:30Z", "now"),
            ("2026-11-25T11:59:00Z", "1 minute ago"),
            ("2026-11-25T15:30:00Z", "in 3 hours"),
            ("2026-11-22T12:00:00Z", "3 days ago"),
            ("2026-12-07T12:00:00Z", "in 12 days"),
            ("2026-10-25T12:00:00Z", "2026-10-25"),
            ("2027-01-31T00:00:00Z", "2027-01-31"),
        ] {
            assert_eq!(relative(text.parse().unwrap(), now), expected);
        }
    }

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
