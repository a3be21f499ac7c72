//! The contents of a pending file: the key's value, and everything that is needed to finish its creation.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::error::Error;
use super::plan::Plan;
use crate::secret::{self, SecretString};

/// The version of the form of pending files and log entries. It rises with each change that an older program would
/// misunderstand.
const VERSION: u32 = 2;

/// The start of each first line of this version.
const START: &[u8] = br#"{"version":2,"#;

/// The first line of a log entry, and of a pending file, which also has the value.
#[derive(Serialize, Deserialize)]
pub(super) struct FirstLine {
    version: u32,
    pub(super) plan: Plan,
    #[serde(default, serialize_with = "secret::exposed_option", skip_serializing_if = "Option::is_none")]
    apikey: Option<SecretString>,
}

/// Everything that is needed to finish a creation: the contents of a pending file.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) plan: Plan,
    /// The key's value; `None` if the service was to make it and it is not known.
    pub(super) value: Option<SecretString>,
    /// Whether the value, if there is one, was made by the service. Such a key was registered.
    pub(super) is_service_made: bool,
    /// When the service first did not know the value, as a command tried to discard it.
    pub(super) unknown_since: Option<Timestamp>,
}

/// A line that was added later.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Addition {
    /// When the service first did not know the value, as a command tried to discard it.
    UnknownSince(Timestamp),
    /// The request is sent again. Earlier `UnknownSince` lines no longer count.
    Sent(bool),
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

impl FirstLine {
    /// Builds the line that is stored before the request is sent; for a pending file, with the value if it is known.
    pub(super) fn new(plan: &Plan, value: Option<&SecretString>) -> Self {
        Self { version: VERSION, plan: plan.clone(), apikey: value.cloned() }
    }

    pub(super) fn to_line(&self) -> serde_json::Result<Zeroizing<String>> {
        let mut line = Zeroizing::new(serde_json::to_string(self)?);
        line.push('\n');
        Ok(line)
    }

    /// Reads the first line of a file; `None` if its process ended before the line was complete.
    ///
    /// # Errors
    /// Another version of this program wrote the file, or it is damaged. It may have the only copy of a value.
    pub(super) fn read(text: &[u8], path: &Path) -> Result<Option<Self>, Error> {
        #[derive(Deserialize)]
        struct Form {
            version: u32,
        }
        let Some(line) = text.split_inclusive(|byte| *byte == b'\n').next().and_then(|line| line.strip_suffix(b"\n"))
        else {
            let is_own = START.starts_with(text) || text.starts_with(START);
            return if is_own { Ok(None) } else { Err(Error::Garbled(path.to_owned())) };
        };
        let version = serde_json::from_slice(line).map_or(0, |form: Form| form.version);
        match serde_json::from_slice(line) {
            _ if version > VERSION => Err(Error::Newer(path.to_owned())),
            Ok(line) if version == VERSION => Ok(Some(line)),
            _ => Err(Error::Garbled(path.to_owned())),
        }
    }
}

impl Record {
    /// Reads a whole pending file; as [`FirstLine::read`].
    pub(super) fn read(text: &[u8], path: &Path) -> Result<Option<Self>, Error> {
        let Some(FirstLine { plan, apikey, .. }) = FirstLine::read(text, path)? else { return Ok(None) };
        let mut record = Self { plan, is_service_made: apikey.is_none(), value: apikey, unknown_since: None };
        // Incomplete lines after the first one are ignored.
        let lines = text.split(|byte| *byte == b'\n').skip(1);
        for addition in lines.filter_map(|line| serde_json::from_slice(line).ok()) {
            match addition {
                Addition::UnknownSince(moment) => _ = record.unknown_since.get_or_insert(moment),
                Addition::Sent(_) => record.unknown_since = None,
                Addition::Apikey(made) => (record.value, record.is_service_made) = (Some(made), true),
            }
        }
        Ok(Some(record))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::plan::{Place, Purpose, Rotation, Target};
    use super::*;
    use crate::iam::{Endpoint, KeyDraft};
    use crate::keyfile::Format;
    use crate::secret::ExposeSecret;

    pub(in crate::creation) fn example() -> Plan {
        Plan {
            run: "6f1c9c6e-8f2e-4f7b-9a55-0d1b7a3f6f10".to_owned(),
            place: Place::At(Endpoint::parse("https://iam.cloud.ibm.com").unwrap()),
            target: Target::File("/f/key".into()),
            user: "you@example.com".to_owned(),
            iam_id: "IBMid-1".to_owned(),
            draft: KeyDraft {
                name: "k\n\"".to_owned(),
                iam_id: "IBMid-1".to_owned(),
                account_id: "acc".to_owned(),
                locked: true,
                ..KeyDraft::default()
            },
            format: Format::Env,
            overwrite: true,
            begun_at: Timestamp::UNIX_EPOCH,
            purpose: Purpose::Create,
        }
    }

    fn read(text: &str) -> Record {
        Record::read(text.as_bytes(), Path::new("p")).unwrap().unwrap()
    }

    pub(in crate::creation) fn line(plan: &Plan, value: Option<&str>) -> Zeroizing<String> {
        FirstLine::new(plan, value.map(SecretString::from).as_ref()).to_line().unwrap()
    }

    #[test]
    fn a_record_comes_back_as_it_was_kept_and_does_not_show_its_value() {
        let back = read(&line(&example(), Some("s3cret")));
        assert!(!format!("{back:?}").contains("s3cret"));
        assert_eq!((back.value.unwrap().expose_secret(), back.is_service_made), ("s3cret", false));
        assert_eq!(format!("{:?}", back.plan), format!("{:?}", example()));
    }

    #[test]
    fn a_pending_file_has_these_bytes() {
        let rotation = Rotation { old_id: "ApiKey-1".to_owned(), name: "ci".to_owned() };
        let mut rotate = Plan { purpose: Purpose::Rotate(rotation), ..example() };
        rotate.draft.description = Some("d".to_owned());
        let lines = [
            line(&rotate, Some("s3cret")),
            Addition::UnknownSince(Timestamp::UNIX_EPOCH).to_line(),
            Addition::Sent(true).to_line(),
            Addition::Apikey(SecretString::from("m4de")).to_line(),
            line(&example(), None),
        ];
        let text: String = lines.iter().map(|line| line.as_str()).collect();
        assert_eq!(
            text,
            r#"{"version":2,"plan":{"run":"6f1c9c6e-8f2e-4f7b-9a55-0d1b7a3f6f10","place":{"at":"https://iam.cloud.ibm.com"},"target":{"file":"/f/key"},"user":"you@example.com","iam_id":"IBMid-1","draft":{"name":"k\n\"","iam_id":"IBMid-1","account_id":"acc","description":"d","locked":true,"disabled":false},"format":"env","overwrite":true,"begun_at":"1970-01-01T00:00:00Z","purpose":{"rotate":{"old_id":"ApiKey-1","name":"ci"}}},"apikey":"s3cret"}

{"unknown_since":"1970-01-01T00:00:00Z"}

{"sent":true}

{"apikey":"m4de"}
{"version":2,"plan":{"run":"6f1c9c6e-8f2e-4f7b-9a55-0d1b7a3f6f10","place":{"at":"https://iam.cloud.ibm.com"},"target":{"file":"/f/key"},"user":"you@example.com","iam_id":"IBMid-1","draft":{"name":"k\n\"","iam_id":"IBMid-1","account_id":"acc","locked":true,"disabled":false},"format":"env","overwrite":true,"begun_at":"1970-01-01T00:00:00Z","purpose":"create"}}
"#
        );
    }

    #[test]
    fn the_ten_minutes_of_an_unknown_value_begin_anew_when_the_request_is_sent_again() {
        let since = |moment: &str| Addition::UnknownSince(moment.parse().unwrap()).to_line();
        let (line, first, second) =
            (line(&example(), Some("v")), since("2026-01-01T00:00:00Z"), since("2026-01-02T00:00:00Z"));
        let known = |text: String| read(&text).unknown_since.map(|since| since.to_string());
        assert_eq!(known(format!("{}{}{}", *line, *first, *second)).as_deref(), Some("2026-01-01T00:00:00Z"));
        let sent = Addition::Sent(true).to_line();
        assert_eq!(known(format!("{}{}{}", *line, *first, *sent)), None);
        assert_eq!(known(format!("{}{}{}{}", *line, *first, *sent, *second)).as_deref(), Some("2026-01-02T00:00:00Z"));
    }

    #[test]
    fn a_value_that_the_service_makes_is_known_once_it_is_added() {
        let waiting = line(&example(), None);
        let back = read(&waiting);
        assert!(back.value.is_none() && back.is_service_made);
        let added = format!("{}{}", *waiting, *Addition::Apikey(SecretString::from("m4de")).to_line());
        let back = read(&added);
        assert!(back.value.unwrap().expose_secret() == "m4de" && back.is_service_made);
    }

    proptest! {
        #[test]
        fn no_bytes_by_chance_are_a_record(text in any::<Vec<u8>>()) {
            prop_assert!(!matches!(Record::read(&text, Path::new("p")), Ok(Some(_))));
        }

        #[test]
        fn any_name_and_value_come_back_whatever_was_added_later(
            name in any::<String>(),
            value in "[ -~]{1,60}",
            seconds in 0..4_000_000_000_i64,
            cut in any::<prop::sample::Index>(),
        ) {
            let mut plan = example();
            plan.draft.name.clone_from(&name);
            let since = Timestamp::from_second(seconds).unwrap();
            let (line, added) = (line(&plan, Some(&value)), Addition::UnknownSince(since).to_line());
            prop_assert_eq!(line.matches('\n').count(), 1);
            // The addition may be cut off anywhere, and another one may follow it.
            for text in [format!("{}{}", *line, *added), format!("{}{}{}", *line, &added[..cut.index(added.len())], *added)] {
                let back = read(&text);
                prop_assert_eq!(&back.plan.draft.name, &name);
                prop_assert_eq!(back.value.as_ref().map(ExposeSecret::expose_secret), Some(value.as_str()));
                prop_assert_eq!(back.unknown_since, Some(since));
            }
        }
    }
}
