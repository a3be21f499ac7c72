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

/// One column, or one line of a record, of items of type `T`.
pub trait ColumnOf<T> {
    /// The heading of the column in a table.
    fn title(&self) -> &'static str;
    /// The heading of the column in CSV: IAM's name for the field.
    fn field(&self) -> &'static str;
    /// Returns the cell of an item.
    fn cell<'k>(&self, item: &'k T) -> Cow<'k, str>;
}

impl<T, C: ColumnOf<T>> ColumnOf<T> for &C {
    fn title(&self) -> &'static str {
        (*self).title()
    }

    fn field(&self) -> &'static str {
        (*self).field()
    }

    fn cell<'k>(&self, item: &'k T) -> Cow<'k, str> {
        (*self).cell(item)
    }
}

/// A column of items that contain no borrowed data.
pub struct Column<T> {
    /// The heading of the column in a table.
    pub title: &'static str,
    /// The heading of the column in CSV: IAM's name for the field.
    pub field: &'static str,
    /// Returns the cell of an item.
    pub cell: for<'a> fn(&'a T) -> Cow<'a, str>,
}

impl<T> ColumnOf<T> for Column<T> {
    fn title(&self) -> &'static str {
        self.title
    }

    fn field(&self) -> &'static str {
        self.field
    }

    fn cell<'k>(&self, item: &'k T) -> Cow<'k, str> {
        (self.cell)(item)
    }
}
