//! Shows values as tables, CSV and JSON. Each type defines its columns once.

pub mod audit;
pub mod audit_page;
pub mod csv;
pub mod json;
pub mod key_list;
pub mod key_table;
pub mod keys;
pub mod report;
pub mod screen;
pub mod table;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::format::Format;

/// One column, or one line of a record, of items of type `T`.
pub trait ColumnOf<T> {
    /// The heading of the column in a table.
    fn title(&self) -> &'static str;
    /// The heading of the column in CSV: IAM's name for the field.
    fn field(&self) -> &'static str;
    /// Returns the text of an item.
    fn text<'k>(&self, item: &'k T) -> Cow<'k, str>;
}

/// Returns the value of an item's field.
type CellOf<T> = for<'a> fn(&'a T) -> Cell<'a>;

/// A field of items of type `T`: a column of a list, or a line of a record.
pub struct Column<T> {
    title: &'static str,
    field: &'static str,
    formats: &'static [Format],
    object: Option<&'static str>,
    cell: CellOf<T>,
}

impl<T> Column<T> {
    /// Creates a field. `title` is its heading or label in tables, `field` its name in JSON and CSV.
    #[must_use]
    pub const fn new(title: &'static str, field: &'static str, cell: CellOf<T>) -> Self {
        Self::of(&[Format::Table, Format::Json, Format::Csv], title, field, cell)
    }

    /// Creates a field of these formats only.
    #[must_use]
    pub const fn of(formats: &'static [Format], title: &'static str, field: &'static str, cell: CellOf<T>) -> Self {
        Self { title, field, formats, object: None, cell }
    }

    /// Creates a field of JSON and CSV.
    #[must_use]
    pub const fn for_programs(field: &'static str, cell: CellOf<T>) -> Self {
        Self::of(&[Format::Json, Format::Csv], "", field, cell)
    }

    /// Creates a field that is inside an object in JSON, which an earlier field creates.
    #[must_use]
    pub const fn inside(object: &'static str, title: &'static str, field: &'static str, cell: CellOf<T>) -> Self {
        Self { object: Some(object), ..Self::new(title, field, cell) }
    }
}

impl<T> ColumnOf<T> for &Column<T> {
    fn title(&self) -> &'static str {
        self.title
    }

    fn field(&self) -> &'static str {
        self.field
    }

    fn text<'k>(&self, item: &'k T) -> Cow<'k, str> {
        (self.cell)(item).text
    }
}

/// Returns the columns of a format.
fn of_format<T>(columns: &[Column<T>], format: Format) -> Vec<&Column<T>> {
    columns.iter().filter(|column| column.formats.contains(&format)).collect()
}

/// Returns an item as a JSON object.
#[must_use]
pub fn object<T>(columns: &[Column<T>], item: &T) -> Map<String, Value> {
    let mut object = Map::new();
    for column in of_format(columns, Format::Json) {
        let (field, value) = (column.field.to_owned(), (column.cell)(item).into_json());
        match column.object.map(|outer| &mut object[outer]) {
            Some(outer) => outer[field] = value,
            None => drop(object.insert(field, value)),
        }
    }
    object
}

/// The value of a field.
pub struct Cell<'a> {
    text: Cow<'a, str>,
    /// The value in JSON; `None` for the text.
    json: Option<Value>,
}

impl<'a> Cell<'a> {
    /// Creates a value that is another one in JSON than in tables and CSV.
    pub fn new(text: impl Into<Cow<'a, str>>, json: impl Into<Value>) -> Self {
        Self { text: text.into(), json: Some(json.into()) }
    }

    /// Creates a number.
    pub fn number(number: Option<impl ToString + Into<Value>>) -> Self {
        number.map_or_else(|| None.into(), |number| Self::new(number.to_string(), number))
    }

    /// Whether there is no value: it is `null` in JSON.
    fn is_missing(&self) -> bool {
        self.json == Some(Value::Null)
    }

    fn into_json(self) -> Value {
        self.json.unwrap_or_else(|| self.text.into_owned().into())
    }
}

impl<'a> From<Cow<'a, str>> for Cell<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self { text, json: None }
    }
}

impl<'a, T: AsRef<str> + ?Sized> From<&'a T> for Cell<'a> {
    fn from(text: &'a T) -> Self {
        Cow::Borrowed(text.as_ref()).into()
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Cow::<str>::Owned(text).into()
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or_else(|| Self::new("", Value::Null), Self::from)
    }
}

impl From<bool> for Cell<'_> {
    fn from(flag: bool) -> Self {
        Self::new(if flag { "true" } else { "false" }, flag)
    }
}
