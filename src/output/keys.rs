//! The columns of an API key.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::report::{Report, Text};
use super::screen::Screen;
use super::{ColumnOf, csv, json};
use crate::iam::{self, ApiKey, Key};

/// A column of a key, whose texts may borrow from a response.
pub struct KeyColumn {
    title: &'static str,
    /// IAM's name for the field.
    pub field: &'static str,
    cell: for<'k> fn(&'k Key<'_>) -> &'k str,
}

impl<'a> ColumnOf<Key<'a>> for KeyColumn {
    fn title(&self) -> &'static str {
        self.title
    }

    fn field(&self) -> &'static str {
        self.field
    }

    fn cell<'k>(&self, key: &'k Key<'a>) -> Cow<'k, str> {
        Cow::Borrowed((self.cell)(key))
    }
}

macro_rules! column {
    ($title:literal, $field:ident) => {
        KeyColumn { title: $title, field: stringify!($field), cell: |key| &key.$field }
    };
    ($title:literal, flag $field:ident) => {
        KeyColumn { title: $title, field: stringify!($field), cell: |key| if key.$field { "true" } else { "false" } }
    };
}

const ID: KeyColumn = column!("ID", id);
const NAME: KeyColumn = column!("Name", name);
const DESCRIPTION: KeyColumn = column!("Description", description);
const CREATED: KeyColumn = column!("Created At", created_at);
const MODIFIED: KeyColumn = column!("Last Updated", modified_at);
const LOCKED: KeyColumn = column!("Locked", flag locked);
const DISABLED: KeyColumn = column!("Disabled", flag disabled);
const EXPIRES: KeyColumn = column!("Expires At", expires_at);
const WHEN_LEAKED: KeyColumn = column!("Action When Leaked", action_when_leaked);
const CREATED_BY: KeyColumn = column!("Created By", created_by);
const CRN: KeyColumn = column!("CRN", crn);
const VERSION: KeyColumn = column!("Version", entity_tag);
const LEAKED: KeyColumn = column!("Leaked", flag leaked);
const ACTION: KeyColumn = column!("Action when leaked", action_when_leaked);
const SESSIONS: KeyColumn = column!("Session supported", flag support_sessions);

const OWNER: KeyColumn = column!("IAM ID", iam_id);
const ACCOUNT: KeyColumn = column!("Account", account_id);

/// All columns of a list.
pub const ALL: [&KeyColumn; 16] = [
    &ID,
    &NAME,
    &DESCRIPTION,
    &CREATED,
    &MODIFIED,
    &EXPIRES,
    &LOCKED,
    &DISABLED,
    &LEAKED,
    &WHEN_LEAKED,
    &SESSIONS,
    &CREATED_BY,
    &OWNER,
    &ACCOUNT,
    &CRN,
    &VERSION,
];

/// Returns the column with this name.
#[must_use]
pub fn column(name: &str) -> Option<&'static KeyColumn> {
    ALL.into_iter().find(|column| column.field == name)
}

/// The default columns of a list.
pub const LIST: [&KeyColumn; 6] = [&ID, &NAME, &DESCRIPTION, &CREATED, &MODIFIED, &LOCKED];

/// The columns of a list with `--wide`.
pub const WIDE: [&KeyColumn; 10] =
    [&ID, &NAME, &DESCRIPTION, &CREATED, &MODIFIED, &LOCKED, &DISABLED, &EXPIRES, &WHEN_LEAKED, &CREATED_BY];

/// The columns of a key with all details, as the lines of a record or a row of CSV.
const DETAILS: [&KeyColumn; 12] =
    [&ID, &NAME, &DESCRIPTION, &LOCKED, &CRN, &CREATED, &EXPIRES, &VERSION, &DISABLED, &LEAKED, &ACTION, &SESSIONS];

/// The width of the labels, with the gap after the longest one.
pub const LABELS: u16 = 21;

/// One key with all details. In text, a key that never expires has no line for its expiration time.
pub struct KeyReport<'a> {
    /// The key.
    pub key: &'a ApiKey,
    /// The value of a key that was just created, as the last line.
    pub value: Option<&'a str>,
    /// The fields for JSON; `None` for the fields of `key`.
    pub fields: Option<&'a Map<String, Value>>,
}

impl<'a> KeyReport<'a> {
    /// Returns the report of a key without its value.
    #[must_use]
    pub fn of(key: &'a ApiKey) -> Self {
        Self { key, value: None, fields: None }
    }
}

impl Report for KeyReport<'_> {
    fn text(&self, _: Option<Screen>) -> Text {
        let applies = |column: &&&KeyColumn| !self.key.expires_at.is_empty() || column.field != EXPIRES.field;
        let columns: Vec<_> = DETAILS.iter().filter(applies).copied().collect();
        let lines = super::table::lines(&columns, self.key);
        let mut lines: Vec<(&str, &str)> = lines.iter().map(|(label, text)| (*label, text.as_str())).collect();
        lines.extend(self.value.map(|value| ("API Key", value)));
        Text::Plain(super::table::record(&lines, LABELS))
    }

    fn json(&self) -> Result<String, iam::Error> {
        let mut fields = match self.fields {
            Some(fields) => fields.clone(),
            None => self.key.fields()?,
        };
        if let Some(value) = self.value {
            fields.insert("apikey".to_owned(), value.into());
        }
        Ok(json::pretty(&fields))
    }

    fn csv(&self) -> String {
        let mut header: Vec<String> = DETAILS.map(|column| column.field.to_owned()).into();
        let mut row: Vec<String> = DETAILS.map(|column| (column.cell)(self.key).to_owned()).into();
        if let Some(value) = self.value {
            header.push("apikey".to_owned());
            row.push(value.to_owned());
        }
        csv::write([header, row].into_iter())
    }
}
