//! A list of keys, written as a whole or page by page.

use super::key_table::{self, Fit};
use super::keys::{self, KeyField};
use super::report::{Report, Text};
use super::screen::Screen;
use super::{csv, json, table};
use crate::format::{Format, KeyColumn};
use crate::iam::{self, ApiKey, Key};
use crate::text::visible;

/// Writes keys page by page. A table needs its last row for the width of its columns, so it keeps the cells that it
/// shows, and no other data of a key.
pub struct KeyStream {
    fields: Vec<KeyField>,
    kind: Kind,
    count: usize,
    /// Whether a key was written. The first page may be empty.
    has_begun: bool,
}

enum Kind {
    Ids(Format),
    Json,
    Csv,
    Table(Vec<Box<[Box<str>]>>),
}

impl KeyStream {
    /// Creates a list with these columns.
    #[must_use]
    pub fn keys(format: Format, columns: &[KeyColumn]) -> Self {
        let kind = match format {
            Format::Table => Kind::Table(Vec::new()),
            Format::Json => Kind::Json,
            Format::Csv => Kind::Csv,
        };
        let fields = columns.iter().copied().map(keys::field).collect();
        Self { fields, kind, count: 0, has_begun: false }
    }

    /// Creates a list of IDs.
    #[must_use]
    pub fn ids(format: Format) -> Self {
        Self { kind: Kind::Ids(format), ..Self::keys(format, &[KeyColumn::Id]) }
    }

    /// Returns the number of keys so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the text for more keys.
    ///
    /// # Errors
    /// `Unreadable` for an object that is nested too deeply.
    pub fn page(&mut self, keys: &[Key<'_>]) -> Result<String, iam::Error> {
        if keys.is_empty() {
            return Ok(String::new());
        }
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        self.count += keys.len();
        Ok(match &mut self.kind {
            Kind::Table(rows) => {
                rows.extend(keys.iter().map(|key| table::cells(&self.fields, key)));
                String::new()
            }
            Kind::Ids(Format::Table) => {
                let mut text = String::with_capacity(keys.len() * ID_LENGTH);
                for key in keys {
                    text.push_str(&visible(&key.id));
                    text.push('\n');
                }
                text
            }
            Kind::Ids(Format::Csv) | Kind::Csv if is_first => {
                csv::header::<Key<'_>>(&self.fields) + &csv::rows(&self.fields, keys)
            }
            Kind::Ids(Format::Csv) | Kind::Csv => csv::rows(&self.fields, keys),
            Kind::Ids(Format::Json) | Kind::Json => {
                let is_of_ids = matches!(self.kind, Kind::Ids(_));
                let length: usize = keys.iter().map(|key| key.object().map_or(0, str::len)).sum();
                // Indentation adds about a third to the length.
                let mut text = String::with_capacity(length + length / 2);
                for (index, key) in keys.iter().enumerate() {
                    text.push_str(if is_first && index == 0 { "[\n    " } else { ",\n    " });
                    if is_of_ids {
                        text.push_str(json::pretty(&key.id).trim_end());
                    } else {
                        json::push_indented(&mut text, key.object()?, 1)
                            .ok_or_else(|| iam::Error::unreadable("it nests too deep"))?;
                    }
                }
                text
            }
        })
    }

    /// Returns the end of the list; `None` for an empty table, which a message replaces.
    #[must_use]
    pub fn end(self) -> Option<String> {
        let is_empty = self.count == 0;
        match self.kind {
            Kind::Table(_) if is_empty => None,
            Kind::Table(rows) => Some(table::rows::<Key<'_>>(&self.fields, &rows)),
            Kind::Json | Kind::Ids(Format::Json) => Some(if is_empty { "[]\n" } else { "\n]\n" }.to_owned()),
            Kind::Csv | Kind::Ids(Format::Csv) if is_empty => Some(csv::header::<Key<'_>>(&self.fields)),
            Kind::Csv | Kind::Ids(_) => Some(String::new()),
        }
    }
}

/// The length of most IDs with a newline, in bytes.
const ID_LENGTH: usize = 44;

/// The message in place of an empty list.
pub const NONE: &str = "No API keys found.";

/// A list of several keys.
pub struct KeyList<'a> {
    /// The columns of the table and of CSV.
    pub columns: &'a [KeyColumn],
    /// The keys.
    pub keys: &'a [ApiKey],
    /// How a table is fitted to a terminal; `None` for a table that is not fitted.
    pub fit: Option<Fit>,
}

impl KeyList<'_> {
    fn fields(&self) -> Vec<KeyField> {
        self.columns.iter().copied().map(keys::field).collect()
    }
}

impl Report for KeyList<'_> {
    fn text(&self, screen: Option<Screen>) -> Text {
        if self.keys.is_empty() {
            return Text::Empty(NONE);
        }
        Text::Headed(match (screen, self.fit) {
            (Some(screen), Some(fit)) => key_table::table(self.keys, fit, screen),
            _ => table::list(&self.fields(), self.keys),
        })
    }

    fn json(&self) -> Result<String, iam::Error> {
        let mut list = KeyStream::keys(Format::Json, self.columns);
        let text = list.page(self.keys)?;
        Ok(text + &list.end().unwrap_or_default())
    }

    fn csv(&self) -> String {
        csv::list(&self.fields(), self.keys)
    }
}
