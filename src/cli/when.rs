//! Times and durations on the command line.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::time;

/// A time: `90d`, `12h`, `2w`, `1y` (365 days), `2027-01-31`, `2027-01-31T10:00+0000`, RFC 3339, or `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// This duration from now.
    In(SignedDuration),
    /// At this time.
    At(Timestamp),
    /// Never.
    Never,
}

const FORMS: &str = "use never, a duration (90d, 12h, 2w, 1y), a date (2027-01-31) or a time (2027-01-31T10:00+0000)";

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("never") {
            return Ok(Self::Never);
        }
        if let Some(duration) = duration(text) {
            return Ok(Self::In(duration));
        }
        if let Ok(date) = text.parse::<Date>()
            && text.len() == "2027-01-31".len()
        {
            let midnight = date.to_zoned(jiff::tz::TimeZone::UTC);
            return midnight.map(|moment| Self::At(moment.timestamp())).map_err(|_| FORMS.to_owned());
        }
        time::parse(text).map(Self::At).ok_or_else(|| FORMS.to_owned())
    }
}

impl When {
    /// Returns the time, relative to now for a duration; `None` for `never`, or if it is out of range.
    #[must_use]
    pub fn moment(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::In(duration) => now.checked_add(duration).ok(),
            Self::At(moment) => Some(moment),
            Self::Never => None,
        }
    }
}

/// A duration: `12h`, `90d`, `2w`, `1y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age(pub SignedDuration);

impl FromStr for Age {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        duration(text).map(Self).ok_or("use a duration (12h, 90d, 2w, 1y)")
    }
}

/// Parses hours, days, weeks or years. `m` is not accepted, because it could mean minutes or months.
fn duration(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().last()?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().ok()?;
    let seconds = match unit {
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        'y' => 365 * 86_400,
        _ => return None,
    };
    let digits = text.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let total = number.checked_mul(seconds).filter(|_| digits)?;
    Some(SignedDuration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<String> {
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        let when: When = text.parse().ok()?;
        when.moment(now).map(|moment| moment.to_string())
    }

    #[test]
    fn each_form_is_understood() {
        for (text, moment) in [
            ("90d", "2027-02-21T09:00:00Z"),
            ("12h", "2026-11-23T21:00:00Z"),
            ("2w", "2026-12-07T09:00:00Z"),
            ("1y", "2027-11-23T09:00:00Z"),
            ("2027-01-31", "2027-01-31T00:00:00Z"),
            ("2027-01-31T10:00+0000", "2027-01-31T10:00:00Z"),
            ("2027-01-31T10:00:30+01:00", "2027-01-31T09:00:30Z"),
            ("2027-01-31T10:00:00Z", "2027-01-31T10:00:00Z"),
        ] {
            assert_eq!(at(text).as_deref(), Some(moment), "{text}");
        }
        assert_eq!("NEVER".parse(), Ok(When::Never));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "d",
            "90",
            "-1d",
            "+1d",
            "1.5d",
            "90 d",
            "tomorrow",
            "30m",
            "2W",
            "2027-13-01",
            "2027-02-30",
            "31.01.2027",
            "9223372036854775807d",
            "ü",
            "1ü",
        ] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }
}
