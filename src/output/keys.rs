//! The columns of an API key.

use std::borrow::Cow;

use super::Column;
use crate::iam::ApiKey;

type KeyColumn = Column<ApiKey>;

macro_rules! column {
    ($title:literal, $field:ident) => {
        KeyColumn { title: $title, field: stringify!($field), cell: |key| Cow::Borrowed(&key.$field) }
    };
    ($title:literal, flag $field:ident) => {
        KeyColumn {
            title: $title,
            field: stringify!($field),
            cell: |key| Cow::Borrowed(if key.$field { "true" } else { "false" }),
        }
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

/// A list's columns.
pub const LIST: [&KeyColumn; 6] = [&ID, &NAME, &DESCRIPTION, &CREATED, &MODIFIED, &LOCKED];

/// A list's columns with `--wide`.
pub const WIDE: [&KeyColumn; 10] =
    [&ID, &NAME, &DESCRIPTION, &CREATED, &MODIFIED, &LOCKED, &DISABLED, &EXPIRES, &WHEN_LEAKED, &CREATED_BY];

/// A key in full, as the lines of a record or a row of CSV.
const DETAILS: [&KeyColumn; 12] =
    [&ID, &NAME, &DESCRIPTION, &LOCKED, &CRN, &CREATED, &EXPIRES, &VERSION, &DISABLED, &LEAKED, &ACTION, &SESSIONS];

/// Width of the labels, with the gap behind the longest of them.
pub const LABELS: u16 = 21;

/// The lines of one key: label and value. A key that never expires has no line for it.
#[must_use]
pub fn details(key: &ApiKey) -> Vec<(&'static str, String)> {
    let applies = |column: &&&KeyColumn| !key.expires_at.is_empty() || column.field != EXPIRES.field;
    let columns: Vec<_> = DETAILS.iter().filter(applies).copied().collect();
    super::table::lines(&columns, key)
}

/// One key as CSV, with its value if it was just made.
#[must_use]
pub fn details_csv(key: &ApiKey, value: Option<&str>) -> String {
    let mut header: Vec<String> = DETAILS.map(|column| column.field.to_owned()).into();
    let mut row: Vec<String> = DETAILS.map(|column| (column.cell)(key).into_owned()).into();
    if let Some(value) = value {
        header.push("apikey".to_owned());
        row.push(value.to_owned());
    }
    super::csv::write([header, row].into_iter())
}
