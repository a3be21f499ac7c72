//! The expiration time of a key, in the format of the service.

use jiff::Timestamp;

use crate::cli::when::When;
use crate::error::Error;
use crate::time;

/// Checks an expiration time and returns it in the format of the service; `None` for never.
pub(crate) fn expiry(when: When, now: Timestamp) -> Result<Option<String>, Error> {
    if when == When::Never {
        return Ok(None);
    }
    let moment = when.moment(now).ok_or_else(|| Error::usage("The expiration time is too far in the future."))?;
    // The service counts whole minutes, so the check uses the time without seconds.
    let written = time::wire(moment);
    if time::parse(&written).is_none_or(|moment| moment <= now) {
        return Err(Error::usage(format!("The expiration time {written} is in the past."))
            .hint("Pass a time in the future, for example 90d. To stop a key at once, disable or delete it."));
    }
    Ok(Some(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_counts_in_whole_minutes_and_lies_ahead() {
        let now: Timestamp = "2026-11-23T09:00:30Z".parse().unwrap();
        let at = |text: &str| expiry(When::At(text.parse().unwrap()), now);
        assert!(at("2026-11-23T09:00:59Z").is_err());
        assert_eq!(at("2026-11-23T09:01:00Z").unwrap().as_deref(), Some("2026-11-23T09:01+0000"));
        assert!(expiry(When::In(jiff::SignedDuration::MAX), now).is_err());
        assert_eq!(expiry(When::Never, now).unwrap(), None);
    }
}
