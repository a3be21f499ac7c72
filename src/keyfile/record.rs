//! What a pending file holds: the key's value, and all that is needed to finish its creation.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Format;
use crate::iam::KeyDraft;
use crate::secret::{ExposeSecret, SecretString};

/// Of the file's form.
const VERSION: u32 = 1;

/// All that is needed to finish a creation.
#[derive(Debug, Clone)]
pub struct Record {
    /// Where the key was to be registered; empty for the sandbox, whose address is another each time.
    pub endpoint: String,
    /// In which account.
    pub account_id: String,
    /// As whom, for people.
    pub user: String,
    /// What the key was to be.
    pub draft: KeyDraft,
    /// What the file was to hold.
    pub format: Format,
    /// Whether a file that is there may be replaced.
    pub overwrite: bool,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// The key's value; `None` where the service was to make it, and nobody knows what it made.
    pub value: Option<SecretString>,
    /// When the service was first asked for the value, to give it up, and did not know it.
    pub unknown_since: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    endpoint: String,
    account_id: String,
    user: String,
    draft: KeyDraft,
    locked: bool,
    disabled: bool,
    format: Format,
    overwrite: bool,
    begun_at: Timestamp,
    apikey: String,
}

/// A line that was added later.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Addition {
    /// Since when the service was first asked for the value, to give it up, and did not know it.
    UnknownSince(Timestamp),
    /// The value is not that of the key: the service was asked to make one.
    Void(bool),
    /// The value that the service made.
    Apikey(String),
}

impl Addition {
    pub(super) fn to_line(&self) -> Zeroizing<String> {
        // The line before may have broken off.
        let line = Zeroizing::new(serde_json::to_string(self).unwrap_or_default());
        Zeroizing::new(format!("\n{}\n", *line))
    }
}

impl Record {
    /// As the first line of a pending file.
    pub(super) fn to_line(&self) -> Zeroizing<String> {
        let stored = Stored {
            version: VERSION,
            endpoint: self.endpoint.clone(),
            account_id: self.account_id.clone(),
            user: self.user.clone(),
            draft: self.draft.clone(),
            locked: self.draft.locked,
            disabled: self.draft.disabled,
            format: self.format,
            overwrite: self.overwrite,
            begun_at: self.begun_at,
            apikey: self.value.as_ref().map(|value| value.expose_secret().to_owned()).unwrap_or_default(),
        };
        let mut line = serde_json::to_string(&stored).unwrap_or_default();
        line.push('\n');
        Zeroizing::new(line)
    }

    /// Reads a whole pending file; `None` if it makes no sense.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let mut lines = text.split(|byte| *byte == b'\n');
        let stored: Stored = serde_json::from_slice(lines.next()?).ok()?;
        let usable = stored.version == VERSION && !stored.apikey.is_empty();
        let mut value = Some(SecretString::from(stored.apikey));
        let mut unknown_since = None;
        // Of what was added later, one that broke off is as good as none.
        for addition in lines.filter_map(|line| serde_json::from_slice(line).ok()) {
            match addition {
                Addition::UnknownSince(moment) => unknown_since = unknown_since.or(Some(moment)),
                Addition::Void(_) => value = None,
                Addition::Apikey(made) => value = Some(SecretString::from(made)),
            }
        }
        usable.then(|| Self {
            endpoint: stored.endpoint,
            account_id: stored.account_id,
            user: stored.user,
            draft: KeyDraft { locked: stored.locked, disabled: stored.disabled, ..stored.draft },
            format: stored.format,
            overwrite: stored.overwrite,
            begun_at: stored.begun_at,
            value,
            unknown_since,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::keyfile) fn example() -> Record {
        Record {
            endpoint: "https://iam.cloud.ibm.com".to_owned(),
            account_id: "acc".to_owned(),
            user: "you@example.com".to_owned(),
            draft: KeyDraft { name: "k\n\"".to_owned(), locked: true, ..KeyDraft::default() },
            format: Format::Env,
            overwrite: true,
            begun_at: Timestamp::UNIX_EPOCH,
            value: Some(SecretString::from("s3cret")),
            unknown_since: None,
        }
    }

    #[test]
    fn a_record_comes_back_as_it_was_kept_and_does_not_show_its_value() {
        let back = Record::parse(example().to_line().as_bytes()).unwrap();
        assert_eq!(
            (back.value.unwrap().expose_secret(), back.draft.name.as_str(), back.draft.locked),
            ("s3cret", "k\n\"", true)
        );
        assert_eq!((back.format, back.overwrite), (Format::Env, true));
        assert!(!format!("{:?}", example()).contains("s3cret"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_fail_in_another_way_than_none(text in any::<Vec<u8>>()) {
            prop_assert!(Record::parse(&text).is_none());
        }

        #[test]
        fn any_name_and_value_come_back_whatever_was_added_later(
            name in any::<String>(),
            value in "[ -~]{1,60}",
            seconds in 0..4_000_000_000_i64,
            cut in any::<prop::sample::Index>(),
        ) {
            let mut record = example();
            record.draft.name.clone_from(&name);
            record.value = Some(SecretString::from(value.as_str()));
            let since = Timestamp::from_second(seconds).unwrap();
            let (line, added) = (record.to_line(), Addition::UnknownSince(since).to_line());
            prop_assert_eq!(line.matches('\n').count(), 1);
            // The addition may have broken off anywhere, and another one may have followed.
            for text in [format!("{}{}", *line, *added), format!("{}{}{}", *line, &added[..cut.index(added.len())], *added)] {
                let back = Record::parse(text.as_bytes()).unwrap();
                prop_assert_eq!(&back.draft.name, &name);
                prop_assert_eq!(back.value.as_ref().map(ExposeSecret::expose_secret), Some(value.as_str()));
                prop_assert_eq!(back.unknown_since, Some(since));
            }
        }
    }
}
