//! Tables in the mirrored tool's manner: no lines, three blanks between columns, none at the end.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::Column;
use crate::text::visible;

/// Blanks between two columns.
const GAP: u16 = 3;

/// A line of headings, then a line an item. Texts are made harmless.
#[must_use]
pub fn list<T>(columns: &[&Column<T>], items: &[T]) -> String {
    let mut table = plain();
    table.set_header(columns.iter().map(|column| column.title));
    for item in items {
        table.add_row(columns.iter().map(|column| shown(&(column.cell)(item)).into_owned()));
    }
    let last = columns.len().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { GAP }));
    }
    table.trim_fmt()
}

/// A line a field: label, padded to a width, then value.
#[must_use]
pub fn record(lines: &[(&str, &str)], width: u16) -> String {
    let mut table = plain();
    for (label, value) in lines {
        table.add_row([(*label).to_owned(), visible(value).into_owned()]);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 0));
        if index == 0 {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    table.trim_fmt()
}

/// An item's lines, as labels and values.
pub fn lines<T>(columns: &[&Column<T>], item: &T) -> Vec<(&'static str, String)> {
    columns.iter().map(|column| (column.title, shown_or_dash((column.cell)(item).as_ref()))).collect()
}

fn shown(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.is_empty() { "-".into() } else { visible(cell) }
}

fn shown_or_dash(cell: &str) -> String {
    if cell.is_empty() { "-" } else { cell }.to_owned()
}

fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    const COLUMNS: [&Column<(&str, &str)>; 2] = [
        &Column { title: "ID", field: "id", cell: |item| Cow::Borrowed(item.0) },
        &Column { title: "Name", field: "name", cell: |item| Cow::Borrowed(item.1) },
    ];

    #[test]
    fn columns_stand_three_blanks_apart_and_lines_end_without_any() {
        let table = list(&COLUMNS, &[("1", "a"), ("1234", "")]);
        assert_eq!(table, "ID     Name\n1      a\n1234   -");
    }

    #[test]
    fn wide_characters_and_line_breaks_keep_the_columns() {
        let table = list(&COLUMNS, &[("鍵", "a"), ("a\nb", "b")]);
        assert_eq!(table, "ID     Name\n鍵     a\na\\nb   b");
    }

    #[test]
    fn a_records_values_stand_behind_the_width_of_its_labels() {
        let record = record(&[("ID", "1"), ("Action when leaked", "none")], 21);
        assert_eq!(record, "ID                   1\nAction when leaked   none");
    }
}
