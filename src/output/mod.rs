//! What a type looks like as a table, as CSV and as JSON. A type says its columns once.

pub mod csv;
pub mod json;
pub mod key_list;
pub mod key_table;
pub mod keys;
pub mod report;
pub mod screen;
pub mod table;

use std::borrow::Cow;

/// One column, or one line of a record.
pub struct Column<T> {
    /// Over the column in a table.
    pub title: &'static str,
    /// Over the column in CSV: IAM's name for the field.
    pub field: &'static str,
    /// The cell.
    pub cell: for<'a> fn(&'a T) -> Cow<'a, str>,
}
