//! The contents of a key file: written in three formats, and read in these and in all formats that other tools ever
//! wrote.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::files;
use crate::format::FileFormat as Format;
use crate::iam::CreatedKey;
use crate::output::json;
use crate::secret::{ExposeSecret, SecretString, has_form_of_value};
use crate::text::reason;

/// The order of fields in the mirrored tool. Other fields that the service sent follow.
const FIELDS: [&str; 12] = [
    "id",
    "crn",
    "iam_id",
    "account_id",
    "name",
    "description",
    "apikey",
    "locked",
    "entity_tag",
    "created_at",
    "created_by",
    "modified_at",
];

/// The maximum length of a key file, in bytes. A longer file was named by mistake.
const LONGEST: u64 = 1 << 20;

/// Returns the contents of a key file in the given format.
#[must_use]
pub fn render(created: &CreatedKey, format: Format) -> Zeroizing<String> {
    let value = created.value.expose_secret();
    Zeroizing::new(match format {
        Format::Raw => format!("{value}\n"),
        Format::Env if has_form_of_value(&created.value) => format!("IBMCLOUD_API_KEY={value}\n"),
        // A shell may read the file. The quotes keep it from running any part of the value.
        Format::Env => format!("IBMCLOUD_API_KEY='{}'\n", value.replace('\'', "'\\''")),
        Format::Json => {
            let mut rest = created.fields.clone();
            rest.insert("apikey".to_owned(), value.into());
            let mut fields = Map::new();
            for name in FIELDS {
                let empty = || Value::String(String::new());
                let found = rest.shift_remove(name);
                if name == "description" || found.is_some() {
                    fields.insert(name.to_owned(), found.unwrap_or_else(empty));
                }
            }
            fields.extend(rest);
            json::indented(&fields, b"\t")
        }
    })
}

/// Reads a key from a file in any of the three formats, or in any that the mirrored tool or the console ever wrote.
///
/// # Errors
/// `Usage` if the file cannot be read or contains no key.
pub fn read(path: &Path) -> Result<SecretString, Error> {
    text(path)?.and_then(|text| find_key(&text)).ok_or_else(|| {
        Error::usage(format!("{} contains no API key.", path.display()))
            .hint("A key file contains JSON with an apikey field, a line IBMCLOUD_API_KEY=…, or only the key.")
    })
}

/// Whether a file exists and has this value.
#[must_use]
pub fn has_value(path: &Path, value: &SecretString) -> bool {
    let Ok(Some(file)) = files::open_regular(path) else { return false };
    let text = read_text(file).ok().flatten();
    text.and_then(|text| find_key(&text)).is_some_and(|found| found.expose_secret() == value.expose_secret())
}

/// Reads a file that contains only a token, such as those of compute resources.
///
/// # Errors
/// `Usage` if the file cannot be read or contains no token.
pub fn read_token(path: &Path) -> Result<SecretString, Error> {
    let text = text(path)?;
    let token =
        text.as_ref().map(|text| text.trim()).filter(|token| !token.is_empty() && !token.contains(char::is_whitespace));
    token.map(SecretString::from).ok_or_else(|| Error::usage(format!("{} contains no token.", path.display())))
}

/// Reads a file; `None` if it is too long to be a key file or a token.
fn text(path: &Path) -> Result<Option<Zeroizing<String>>, Error> {
    let unreadable = |error: &io::Error| Error::usage(format!("Cannot read {}: {}.", path.display(), reason(&error)));
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    read_text(file).map_err(|error| unreadable(&error))
}

fn read_text(file: File) -> io::Result<Option<Zeroizing<String>>> {
    let mut text = Zeroizing::new(String::new());
    let length = file.take(LONGEST + 1).read_to_string(&mut text)?;
    Ok((length as u64 <= LONGEST).then_some(text))
}

/// Finds the key in a text: JSON, an assignment, or the text itself.
fn find_key(text: &str) -> Option<SecretString> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let found = if text.starts_with('{') {
        let fields: Map<String, Value> = serde_json::from_str(text).ok()?;
        let field = fields.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("apikey"));
        match field?.1 {
            Value::String(value) => value,
            _ => return None,
        }
    } else {
        let assigned = text.lines().find_map(|line| {
            let line = line.trim().trim_start_matches("export ").trim_start();
            line.strip_prefix("IBMCLOUD_API_KEY=")
        });
        assigned.unwrap_or(text).trim_matches(['"', '\'']).to_owned()
    };
    let found = Zeroizing::new(found);
    let one_word = !found.is_empty() && !found.contains(|part: char| part.is_whitespace() || part.is_control());
    (one_word && !found.contains(['{', '<'])).then(|| SecretString::from(found.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::CreateAnswer;

    fn created() -> CreatedKey {
        with_value("v-_1")
    }

    fn with_value(value: &str) -> CreatedKey {
        let body = br#"{"id":"ApiKey-1","entity_tag":"1-a","crn":"crn:1","locked":false,"name":"n",
            "iam_id":"IBMid-1","account_id":"acc","created_at":"c","created_by":"b","modified_at":"m","zeta":1}"#;
        CreateAnswer::parse(body).unwrap().with_value(SecretString::from(value))
    }

    #[test]
    fn a_shell_that_reads_the_env_form_runs_nothing_of_the_value() {
        let ours = crate::secret::generate().unwrap();
        let plain = format!("IBMCLOUD_API_KEY={}\n", ours.expose_secret());
        assert_eq!(*render(&with_value(ours.expose_secret()), Format::Env), plain);
        assert_eq!(*render(&with_value("$(id)`id`"), Format::Env), "IBMCLOUD_API_KEY='$(id)`id`'\n");
        assert_eq!(*render(&with_value("it's"), Format::Env), "IBMCLOUD_API_KEY='it'\\''s'\n");
    }

    #[test]
    fn json_has_the_mirrored_tools_order_and_then_the_rest() {
        let expected = "{\n\t\"id\": \"ApiKey-1\",\n\t\"crn\": \"crn:1\",\n\t\"iam_id\": \"IBMid-1\",\n\t\
            \"account_id\": \"acc\",\n\t\"name\": \"n\",\n\t\"description\": \"\",\n\t\"apikey\": \"v-_1\",\n\t\
            \"locked\": false,\n\t\"entity_tag\": \"1-a\",\n\t\"created_at\": \"c\",\n\t\"created_by\": \"b\",\n\t\
            \"modified_at\": \"m\",\n\t\"zeta\": 1\n}\n";
        assert_eq!(*render(&created(), Format::Json), expected);
    }

    #[test]
    fn every_format_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        for format in [Format::Json, Format::Env, Format::Raw] {
            let path = folder.path().join("key");
            std::fs::write(&path, &*render(&created(), format)).unwrap();
            assert_eq!(read(&path).unwrap().expose_secret(), "v-_1", "{format:?}");
        }
    }

    #[test]
    fn the_formats_of_others_are_read() {
        for text in [
            r#"{"name":"n","description":"","createdAt":"2018-09-21T07:16+0000","apikey":"v-_1","uuid":""}"#,
            r#"{"Apikey":"v-_1"}"#,
            "\u{feff}{\"apikey\":\"v-_1\"}",
            "v-_1",
            "\n v-_1 \n",
            "export IBMCLOUD_API_KEY=\"v-_1\"",
            "# a comment\nIBMCLOUD_API_KEY='v-_1'\nOTHER=1",
        ] {
            let found = find_key(text).map(|key| key.expose_secret().to_owned());
            assert_eq!(found.as_deref(), Some("v-_1"), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_not_taken_for_one() {
        for text in
            ["", " ", "{}", r#"{"apikey":""}"#, r#"{"apikey":1}"#, "two words", "{\"apikey\":", "<html>", "a\nb"]
        {
            assert!(find_key(text).is_none(), "{text}");
        }
    }
}
