//! The columns of an API key.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::report::{Report, Text};
use super::screen::Screen;
use super::{ColumnOf, csv, json, table};
use crate::format::KeyColumn::{
    self, AccountId, ActionWhenLeaked, CreatedAt, CreatedBy, Crn, Description, Disabled, EntityTag, ExpiresAt, IamId,
    Id, Leaked, Locked, ModifiedAt, Name, SupportSessions,
};
use crate::iam::{self, ApiKey, Key};

/// What a column of a key shows, whose texts may borrow from a response.
#[derive(Clone, Copy)]
pub struct KeyField {
    title: &'static str,
    /// IAM's name for the field.
    name: &'static str,
    cell: for<'k> fn(&'k Key<'_>) -> &'k str,
}

impl<'a> ColumnOf<Key<'a>> for KeyField {
    fn title(&self) -> &'static str {
        self.title
    }

    fn field(&self) -> &'static str {
        self.name
    }

    fn text<'k>(&self, key: &'k Key<'a>) -> Cow<'k, str> {
        Cow::Borrowed((self.cell)(key))
    }
}

/// Returns what a column shows.
#[must_use]
pub fn field(column: KeyColumn) -> KeyField {
    macro_rules! text {
        ($title:literal, $name:ident) => {
            KeyField { title: $title, name: stringify!($name), cell: |key| &key.$name }
        };
    }
    macro_rules! flag {
        ($title:literal, $name:ident) => {
            KeyField { title: $title, name: stringify!($name), cell: |key| if key.$name { "true" } else { "false" } }
        };
    }
    match column {
        Id => text!("ID", id),
        Name => text!("Name", name),
        Description => text!("Description", description),
        CreatedAt => text!("Created At", created_at),
        ModifiedAt => text!("Last Updated", modified_at),
        ExpiresAt => text!("Expires At", expires_at),
        Locked => flag!("Locked", locked),
        Disabled => flag!("Disabled", disabled),
        Leaked => flag!("Leaked", leaked),
        ActionWhenLeaked => text!("Action When Leaked", action_when_leaked),
        SupportSessions => flag!("Session supported", support_sessions),
        CreatedBy => text!("Created By", created_by),
        IamId => text!("IAM ID", iam_id),
        AccountId => text!("Account", account_id),
        Crn => text!("CRN", crn),
        EntityTag => text!("Version", entity_tag),
    }
}

/// The default columns of a list.
pub const LIST: [KeyColumn; 6] = [Id, Name, Description, CreatedAt, ModifiedAt, Locked];

/// The columns of a list with `--wide`.
pub const WIDE: [KeyColumn; 10] =
    [Id, Name, Description, CreatedAt, ModifiedAt, Locked, Disabled, ExpiresAt, ActionWhenLeaked, CreatedBy];

/// The columns of a key with all details, as the lines of a record or a row of CSV.
const DETAILS: [KeyColumn; 12] = [
    Id,
    Name,
    Description,
    Locked,
    Crn,
    CreatedAt,
    ExpiresAt,
    EntityTag,
    Disabled,
    Leaked,
    ActionWhenLeaked,
    SupportSessions,
];

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
        let applies = |column: &KeyColumn| !self.key.expires_at.is_empty() || *column != ExpiresAt;
        let label = |column| match column {
            // The mirrored tool writes this label in another way than the title of a list.
            ActionWhenLeaked => KeyField { title: "Action when leaked", ..field(column) },
            column => field(column),
        };
        let line = |field: KeyField| match (field.cell)(self.key) {
            "" => (field.title, "-".into()),
            text => (field.title, text.into()),
        };
        let lines = DETAILS.into_iter().filter(applies).map(label).map(line);
        Text::Plain(table::record(lines.chain(self.value.map(|value| ("API Key", value.into()))), LABELS))
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
        let fields = DETAILS.map(field);
        let mut header: Vec<String> = fields.map(|field| field.name.to_owned()).into();
        let mut row: Vec<String> = fields.map(|field| (field.cell)(self.key).to_owned()).into();
        if let Some(value) = self.value {
            header.push("apikey".to_owned());
            row.push(value.to_owned());
        }
        csv::write([header, row].into_iter())
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn a_column_has_one_name_on_the_command_line_and_in_the_output() {
        for column in KeyColumn::value_variants() {
            assert_eq!(column.to_possible_value().unwrap().get_name(), field(*column).name);
        }
    }
}
