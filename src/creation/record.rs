//! The contents of a pending file: the key's value, and everything that is needed to finish its creation.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::plan::{Plan, Rotation};
use crate::iam::KeyDraft;
use crate::keyfile::Format;
use crate::secret::{self, ExposeSecret, SecretString};

/// The version of the file format. New fields do not need a new version, because older programs ignore them.
const VERSION: u32 = 1;

/// Everything that is needed to finish a creation.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// The plan. Its `run` is empty in records of older versions.
    pub(super) plan: Plan,
    /// The key's value; `None` if the service was to make it and it is not known.
    pub(super) value: Option<SecretString>,
    /// Whether the value, if there is one, was made by the service. Such a key was registered.
    pub(super) is_service_made: bool,
    /// When the service first did not know the value, as a command tried to discard it.
    pub(super) unknown_since: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    #[serde(default)]
    run: String,
    endpoint: String,
    account_id: String,
    user: String,
    #[serde(default)]
    iam_id: String,
    draft: KeyDraft,
    locked: bool,
    disabled: bool,
    format: Format,
    overwrite: bool,
    begun_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotation: Option<Rotation>,
    /// Empty if the service makes the value. Older programs reject such a record as an unknown format.
    #[serde(serialize_with = "secret::exposed")]
    apikey: SecretString,
}

/// A line that was added later.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Addition {
    /// When the service first did not know the value, as a command tried to discard it.
    UnknownSince(Timestamp),
    /// The request is sent again. Earlier `UnknownSince` lines no longer count.
    Sent(bool),
    /// Written by older versions: the value does not belong to the key, because the service was asked to make one.
    Void(bool),
    /// The value that the service made.
    Apikey(#[serde(serialize_with = "secret::exposed")] SecretString),
}

impl Addition {
    pub(super) fn to_line(&self) -> Zeroizing<String> {
        // The previous line may be incomplete, so this one starts with a line break.
        let line = Zeroizing::new(serde_json::to_string(self).unwrap_or_default());
        Zeroizing::new(format!("\n{}\n", *line))
    }
}

impl Record {
    /// Builds the record that is stored before the request is sent.
    pub(super) fn new(plan: &Plan, value: Option<&SecretString>) -> Self {
        Self { plan: plan.clone(), value: value.cloned(), is_service_made: false, unknown_since: None }
    }

    /// Formats the record as the first line of a pending file.
    pub(super) fn to_line(&self) -> Zeroizing<String> {
        let plan = &self.plan;
        let stored = Stored {
            version: VERSION,
            run: plan.run.clone(),
            endpoint: plan.endpoint.clone(),
            account_id: plan.account_id.clone(),
            user: plan.user.clone(),
            iam_id: plan.iam_id.clone(),
            draft: plan.draft.clone(),
            locked: plan.draft.locked,
            disabled: plan.draft.disabled,
            format: plan.format,
            overwrite: plan.overwrite,
            begun_at: plan.begun_at,
            rotation: plan.rotation.clone(),
            apikey: self.value.clone().unwrap_or_else(|| SecretString::from("")),
        };
        let mut line = Zeroizing::new(serde_json::to_string(&stored).unwrap_or_default());
        line.push('\n');
        line
    }

    /// Parses a whole pending file; `None` if it is invalid.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let mut lines = text.split(|byte| *byte == b'\n');
        let stored: Stored = serde_json::from_slice(lines.next()?).ok()?;
        // A record of an older version always has a value.
        let is_usable =
            stored.version == VERSION && !(stored.apikey.expose_secret().is_empty() && stored.run.is_empty());
        let mut value = Some(stored.apikey).filter(|value| !value.expose_secret().is_empty());
        let mut is_service_made = value.is_none();
        let mut unknown_since = None;
        // Incomplete lines after the first one are ignored.
        for addition in lines.filter_map(|line| serde_json::from_slice(line).ok()) {
            match addition {
                Addition::UnknownSince(moment) => unknown_since = unknown_since.or(Some(moment)),
                Addition::Sent(_) => unknown_since = None,
                Addition::Void(_) => (value, is_service_made) = (None, true),
                Addition::Apikey(made) => (value, is_service_made) = (Some(made), true),
            }
        }
        // Older records contain only the owner, who is also the acting user.
        let iam_id = if stored.iam_id.is_empty() { stored.draft.iam_id.clone() } else { stored.iam_id };
        is_usable.then(|| Self {
            plan: Plan {
                run: stored.run,
                endpoint: stored.endpoint,
                account_id: stored.account_id,
                user: stored.user,
                iam_id,
                draft: KeyDraft { locked: stored.locked, disabled: stored.disabled, ..stored.draft },
                format: stored.format,
                overwrite: stored.overwrite,
                begun_at: stored.begun_at,
                rotation: stored.rotation,
            },
            value,
            is_service_made,
            unknown_since,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::creation) fn example() -> Record {
        let plan = Plan {
            rotation: None,
            run: "6f1c9c6e-8f2e-4f7b-9a55-0d1b7a3f6f10".to_owned(),
            endpoint: "https://iam.cloud.ibm.com".to_owned(),
            account_id: "acc".to_owned(),
            user: "you@example.com".to_owned(),
            iam_id: "IBMid-1".to_owned(),
            draft: KeyDraft { name: "k\n\"".to_owned(), locked: true, ..KeyDraft::default() },
            format: Format::Env,
            overwrite: true,
            begun_at: Timestamp::UNIX_EPOCH,
        };
        Record::new(&plan, Some(&SecretString::from("s3cret")))
    }

    #[test]
    fn a_record_comes_back_as_it_was_kept_and_does_not_show_its_value() {
        let back = Record::parse(example().to_line().as_bytes()).unwrap();
        assert_eq!(
            (back.value.unwrap().expose_secret(), back.plan.draft.name.as_str(), back.plan.draft.locked),
            ("s3cret", "k\n\"", true)
        );
        assert_eq!((back.plan.format, back.plan.overwrite, back.is_service_made), (Format::Env, true, false));
        assert_eq!((back.plan.run, back.plan.iam_id), (example().plan.run, "IBMid-1".to_owned()));
        assert!(!format!("{:?}", example()).contains("s3cret"));
    }

    #[test]
    fn a_pending_file_has_these_bytes() {
        let mut record = example();
        record.plan.rotation = Some(Rotation { old_id: "ApiKey-1".to_owned(), name: "ci".to_owned() });
        record.plan.draft.description = Some("d".to_owned());
        let moment = Timestamp::UNIX_EPOCH;
        let lines = [
            record.to_line(),
            Addition::UnknownSince(moment).to_line(),
            Addition::Sent(true).to_line(),
            Addition::Apikey(SecretString::from("m4de")).to_line(),
            Record { value: None, ..example() }.to_line(),
        ];
        let text: String = lines.iter().map(|line| line.as_str()).collect();
        assert_eq!(
            text,
            r#"{"version":1,"run":"6f1c9c6e-8f2e-4f7b-9a55-0d1b7a3f6f10","endpoint":"https://iam.cloud.ibm.com","account_id":"acc","user":"you@example.com","iam_id":"IBMid-1","draft":{"name":"k\n\"","iam_id":"","account_id":"","description":"d"},"locked":true,"disabled":false,"format":"env","overwrite":true,"begun_at":"1970-01-01T00:00:00Z","rotation":{"old_id":"ApiKey-1","name":"ci"},"apikey":"s3cret"}

{"unknown_since":"1970-01-01T00:00:00Z"}

{"sent":true}

{"apikey":"m4de"}
{"version":1,"run":"6f1c9c6e-8f2e-4f7b-9a55-0d1b7a3f6f10","endpoint":"https://iam.cloud.ibm.com","account_id":"acc","user":"you@example.com","iam_id":"IBMid-1","draft":{"name":"k\n\"","iam_id":"","account_id":""},"locked":true,"disabled":false,"format":"env","overwrite":true,"begun_at":"1970-01-01T00:00:00Z","apikey":""}
"#
        );
    }

    #[test]
    fn a_record_of_an_older_version_is_understood() {
        let text = br#"{"version":1,"endpoint":"https://iam.cloud.ibm.com","account_id":"acc","user":"you@example.com","draft":{"name":"k","iam_id":"IBMid-1","account_id":"acc"},"locked":true,"disabled":false,"format":"raw","overwrite":false,"begun_at":"2026-11-23T09:00:00.123456789Z","apikey":"s3cret"}
"#;
        let back = Record::parse(text).unwrap();
        assert_eq!((back.plan.run.as_str(), back.plan.iam_id.as_str()), ("", "IBMid-1"));
        assert_eq!((back.value.unwrap().expose_secret(), back.plan.draft.locked), ("s3cret", true));
        let voided = Record::parse(&[&text[..], b"\n{\"void\":true}\n"].concat()).unwrap();
        assert!(voided.value.is_none() && voided.is_service_made);
        let made = Record::parse(&[&text[..], b"\n{\"void\":true}\n\n{\"apikey\":\"m4de\"}\n"].concat()).unwrap();
        assert!(made.value.unwrap().expose_secret() == "m4de" && made.is_service_made);
    }

    #[test]
    fn the_ten_minutes_of_an_unknown_value_begin_anew_when_the_request_is_sent_again() {
        let since = |moment: &str| Addition::UnknownSince(moment.parse().unwrap()).to_line();
        let (line, first, second) = (example().to_line(), since("2026-01-01T00:00:00Z"), since("2026-01-02T00:00:00Z"));
        let known = |text: String| Record::parse(text.as_bytes()).unwrap().unknown_since.map(|since| since.to_string());
        assert_eq!(known(format!("{}{}{}", *line, *first, *second)).as_deref(), Some("2026-01-01T00:00:00Z"));
        let sent = Addition::Sent(true).to_line();
        assert_eq!(known(format!("{}{}{}", *line, *first, *sent)), None);
        assert_eq!(known(format!("{}{}{}{}", *line, *first, *sent, *second)).as_deref(), Some("2026-01-02T00:00:00Z"));
    }

    #[test]
    fn a_value_that_the_service_makes_is_known_once_it_is_added() {
        let waiting = Record { value: None, ..example() }.to_line();
        let back = Record::parse(waiting.as_bytes()).unwrap();
        assert!(back.value.is_none() && back.is_service_made);
        let added = format!("{}{}", *waiting, *Addition::Apikey(SecretString::from("m4de")).to_line());
        let back = Record::parse(added.as_bytes()).unwrap();
        assert!(back.value.unwrap().expose_secret() == "m4de" && back.is_service_made);
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
            record.plan.draft.name.clone_from(&name);
            record.value = Some(SecretString::from(value.as_str()));
            let since = Timestamp::from_second(seconds).unwrap();
            let (line, added) = (record.to_line(), Addition::UnknownSince(since).to_line());
            prop_assert_eq!(line.matches('\n').count(), 1);
            // The addition may be cut off anywhere, and another one may follow it.
            for text in [format!("{}{}", *line, *added), format!("{}{}{}", *line, &added[..cut.index(added.len())], *added)] {
                let back = Record::parse(text.as_bytes()).unwrap();
                prop_assert_eq!(&back.plan.draft.name, &name);
                prop_assert_eq!(back.value.as_ref().map(ExposeSecret::expose_secret), Some(value.as_str()));
                prop_assert_eq!(back.unknown_since, Some(since));
            }
        }
    }
}
