//! The output of a command: text for users, JSON and CSV for programs.

use serde_json::Value;

use super::screen::Screen;
use super::{Column, csv, json, table};
use crate::format::Format;
use crate::iam;
use crate::text::visible;

/// A result in each of the formats.
pub trait Report {
    /// Returns the text for users. On a terminal, the text may be fitted to its width.
    fn text(&self, screen: Option<Screen>) -> Text;

    /// Returns JSON for programs, with a newline at the end.
    ///
    /// # Errors
    /// `Unreadable` for an object of the service that cannot be shown.
    fn json(&self) -> Result<String, iam::Error>;

    /// Returns CSV for spreadsheets: a header line, then the rows.
    fn csv(&self) -> String;
}

/// A result as text for users.
#[derive(Debug, PartialEq, Eq)]
pub enum Text {
    /// No text, because the messages of the command contain everything.
    Nothing,
    /// A message in place of an empty list.
    Empty(&'static str),
    /// Lines, of which the first one is a heading.
    Headed(String),
    /// Lines without a heading.
    Plain(String),
}

/// Several items, with one row each.
pub struct List<'a, T> {
    /// The columns of the table and of CSV.
    pub columns: &'a [&'a Column<T>],
    /// The items.
    pub items: &'a [T],
    /// The message if there are no items.
    pub empty: &'static str,
    /// Returns an item as JSON.
    pub object: fn(&T) -> Value,
}

impl<T> Report for List<'_, T> {
    fn text(&self, _: Option<Screen>) -> Text {
        if self.items.is_empty() {
            return Text::Empty(self.empty);
        }
        Text::Headed(table::list(self.columns, self.items))
    }

    fn json(&self) -> Result<String, iam::Error> {
        Ok(json::pretty(&self.items.iter().map(self.object).collect::<Vec<_>>()))
    }

    fn csv(&self) -> String {
        csv::list(self.columns, self.items)
    }
}

/// Several results of one kind, each as JSON or CSV, as one list.
#[must_use]
pub fn joined(format: Format, results: &[String]) -> String {
    match format {
        Format::Json if results.is_empty() => "[]\n".to_owned(),
        Format::Json => {
            // A text within JSON has no line ends.
            let items: Vec<String> =
                results.iter().map(|text| format!("    {}", text.trim_end().replace('\n', "\n    "))).collect();
            format!("[\n{}\n]\n", items.join(",\n"))
        }
        Format::Csv => {
            let rows = results.iter().skip(1).map(|text| text.split_once('\n').map_or("", |(_, rows)| rows));
            results.iter().take(1).map(String::as_str).chain(rows).collect()
        }
        Format::Table => results.concat(),
    }
}

/// One item, with a line for each of its fields.
pub struct Record<'a> {
    /// For each field, the label in text, the name in CSV, and the value.
    pub fields: Vec<(&'a str, &'a str, String)>,
    /// The width of the labels.
    pub width: u16,
    /// The item as JSON.
    pub object: Value,
}

impl Report for Record<'_> {
    fn text(&self, _: Option<Screen>) -> Text {
        let lines: Vec<_> = self.fields.iter().map(|(label, _, value)| (*label, value.as_str())).collect();
        Text::Plain(table::record(&lines, self.width))
    }

    fn json(&self) -> Result<String, iam::Error> {
        Ok(json::pretty(&self.object))
    }

    fn csv(&self) -> String {
        let header = self.fields.iter().map(|(_, name, _)| (*name).to_owned()).collect();
        let row = self.fields.iter().map(|(.., value)| value.clone()).collect();
        csv::write([header, row].into_iter())
    }
}

/// IDs, one per line, or a single ID.
pub enum Ids<'a> {
    /// The ID of one item.
    One(&'a str),
    /// The IDs of several items.
    Many(Vec<&'a str>),
}

impl Ids<'_> {
    fn all(&self) -> &[&str] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Many(ids) => ids,
        }
    }
}

impl Report for Ids<'_> {
    fn text(&self, _: Option<Screen>) -> Text {
        let ids: Vec<_> = self.all().iter().map(|id| visible(id)).collect();
        if ids.is_empty() { Text::Nothing } else { Text::Plain(ids.join("\n")) }
    }

    fn json(&self) -> Result<String, iam::Error> {
        Ok(match self {
            Self::One(id) => json::pretty(id),
            Self::Many(ids) => json::pretty(ids),
        })
    }

    fn csv(&self) -> String {
        let header = std::iter::once(vec!["id".to_owned()]);
        csv::write(header.chain(self.all().iter().map(|id| vec![(*id).to_owned()])))
    }
}

/// One value. Text shows the value alone; JSON and CSV also show its name.
pub struct Single<'a> {
    /// The name of the value in JSON and CSV.
    pub name: &'static str,
    /// The value, which is shown unchanged.
    pub value: &'a str,
}

impl Report for Single<'_> {
    fn text(&self, _: Option<Screen>) -> Text {
        Text::Plain(self.value.to_owned())
    }

    fn json(&self) -> Result<String, iam::Error> {
        Ok(json::pretty(&serde_json::json!({self.name: self.value})))
    }

    fn csv(&self) -> String {
        csv::write([vec![self.name.to_owned()], vec![self.value.to_owned()]].into_iter())
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_a_table_an_array_and_lines_and_empty_in_each() {
        const COLUMNS: [&Column<&str>; 1] =
            [&Column { title: "Name", field: "name", cell: |item| Cow::Borrowed(item) }];
        let list =
            |items| List { columns: &COLUMNS, items, empty: "None found.", object: |item| json!({"name": item}) };
        let two = list(&["a", "b"]);
        assert_eq!(two.text(None), Text::Headed("Name\na\nb".to_owned()));
        assert_eq!(two.csv(), "name\na\nb\n");
        assert_eq!(two.json().unwrap().lines().count(), 8);
        let none = list(&[]);
        assert_eq!((none.text(None), none.csv().as_str()), (Text::Empty("None found."), "name\n"));
        assert_eq!(none.json().unwrap(), "[]\n");
    }

    #[test]
    fn a_record_has_a_line_a_field() {
        let fields = vec![("User:", "user", "me".to_owned()), ("Account:", "account", "a,b".to_owned())];
        let record = Record { fields, width: 10, object: json!({}) };
        assert_eq!(record.text(None), Text::Plain("User:     me\nAccount:  a,b".to_owned()));
        assert_eq!(record.csv(), "user,account\nme,\"a,b\"\n");
    }
}
