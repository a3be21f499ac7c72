//! The output of a command: text for users, JSON and CSV for programs.

use serde_json::{Map, Value};

use super::screen::Screen;
use super::{Column, csv, json, object, of_format, table};
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

/// Returns the JSON object of an item.
type ObjectOf<T> = fn(&T) -> &Map<String, Value>;

/// Several items, with one row each.
pub struct List<'a, T> {
    /// The fields.
    pub columns: &'a [Column<T>],
    /// The items.
    pub items: &'a [T],
    /// The message if there are no items.
    pub empty: &'static str,
    /// Returns an item as JSON, if it is not an object of the fields.
    pub object: Option<ObjectOf<T>>,
}

impl<'a, T> List<'a, T> {
    /// Creates a list of these fields.
    #[must_use]
    pub fn new(columns: &'a [Column<T>], items: &'a [T], empty: &'static str) -> Self {
        Self { columns, items, empty, object: None }
    }
}

impl<T> Report for List<'_, T> {
    fn text(&self, _: Option<Screen>) -> Text {
        let columns = of_format(self.columns, Format::Table);
        if columns.is_empty() {
            return Text::Nothing;
        }
        if self.items.is_empty() {
            return Text::Empty(self.empty);
        }
        Text::Headed(table::list(&columns, self.items))
    }

    fn json(&self) -> Result<String, iam::Error> {
        Ok(match self.object {
            Some(object) => json::pretty(&self.items.iter().map(object).collect::<Vec<_>>()),
            None => json::pretty(&self.items.iter().map(|item| object(self.columns, item)).collect::<Vec<_>>()),
        })
    }

    fn csv(&self) -> String {
        csv::list(&of_format(self.columns, Format::Csv), self.items)
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
pub struct Record<'a, T> {
    /// The fields.
    pub columns: &'a [Column<T>],
    /// The item.
    pub item: &'a T,
    /// The width of the labels.
    pub width: u16,
    /// The text for a missing value.
    pub missing: &'static str,
    /// The item as JSON, if it is not an object of the fields.
    pub object: Option<Map<String, Value>>,
}

impl<'a, T> Record<'a, T> {
    /// Creates a record of these fields.
    #[must_use]
    pub fn new(columns: &'a [Column<T>], item: &'a T, width: u16) -> Self {
        Self { columns, item, width, missing: "", object: None }
    }
}

impl<T> Report for Record<'_, T> {
    fn text(&self, _: Option<Screen>) -> Text {
        let lines = of_format(self.columns, Format::Table).into_iter().map(|column| {
            let cell = (column.cell)(self.item);
            (column.title, if cell.is_missing() { self.missing.into() } else { cell.text })
        });
        Text::Plain(table::record(lines, self.width))
    }

    fn json(&self) -> Result<String, iam::Error> {
        Ok(match &self.object {
            Some(object) => json::pretty(object),
            None => json::pretty(&object(self.columns, self.item)),
        })
    }

    fn csv(&self) -> String {
        csv::list(&of_format(self.columns, Format::Csv), std::slice::from_ref(self.item))
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
    /// The text, if it is not the value.
    pub text: Option<String>,
}

impl Report for Single<'_> {
    fn text(&self, _: Option<Screen>) -> Text {
        Text::Plain(self.text.clone().unwrap_or_else(|| self.value.to_owned()))
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
    use serde_json::json;

    use super::super::Cell;
    use super::*;

    #[test]
    fn a_list_is_a_table_an_array_and_lines_and_empty_in_each() {
        const COLUMNS: [Column<&str>; 2] = [
            Column::new("Name", "name", |item| (*item).into()),
            Column::of(&[Format::Json], "", "length", |item| Cell::number(Some(item.len()))),
        ];
        let two = List::new(&COLUMNS, &["a", "b"], "None found.");
        assert_eq!(two.text(None), Text::Headed("Name\na\nb".to_owned()));
        assert_eq!(two.csv(), "name\na\nb\n");
        assert_eq!(two.json().unwrap().matches("\"length\": 1\n").count(), 2);
        let none = List::new(&COLUMNS, &[], "None found.");
        assert_eq!((none.text(None), none.csv().as_str()), (Text::Empty("None found."), "name\n"));
        assert_eq!(none.json().unwrap(), "[]\n");
    }

    #[test]
    fn a_record_has_a_line_a_field() {
        const COLUMNS: [Column<(&str, Option<&str>)>; 3] = [
            Column::new("User:", "user", |item| Cell::new(item.0, json!({"name": item.0}))),
            Column::inside("user", "Account:", "account", |item| item.1.into()),
            Column::new("Region:", "region", |_| "a,b".into()),
        ];
        let record = Record { missing: "-", ..Record::new(&COLUMNS, &("me", None), 10) };
        assert_eq!(record.text(None), Text::Plain("User:     me\nAccount:  -\nRegion:   a,b".to_owned()));
        assert_eq!(record.csv(), "user,account,region\nme,,\"a,b\"\n");
        let object: Value = serde_json::from_str(&record.json().unwrap()).unwrap();
        assert_eq!(object, json!({"user": {"name": "me", "account": null}, "region": "a,b"}));
    }
}
