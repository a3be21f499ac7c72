//! Tables in the format of the `ibmcloud` tool: no borders, three spaces between columns, none at the end of a line.

use std::borrow::Cow;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::ColumnOf;
use crate::text::visible;

/// The number of spaces between two columns.
const GAP: u16 = 3;

/// The maximum number of rows that comfy-table formats. It measures each cell several times and keeps an object per
/// cell: for 10,000 rows of six cells, this takes ten times as long as [`aligned`], and three times the memory.
const COMFORTABLE: usize = 200;

/// Returns a line of headings and a line per item. Escapes characters that a terminal would interpret.
#[must_use]
pub fn list<T>(columns: &[impl ColumnOf<T>], items: &[T]) -> String {
    rows::<T>(columns, &items.iter().map(|item| cells(columns, item)).collect::<Vec<_>>())
}

/// Returns the cells of an item, as a table shows them.
#[must_use]
pub fn cells<T>(columns: &[impl ColumnOf<T>], item: &T) -> Box<[Box<str>]> {
    columns.iter().map(|column| shown(&column.text(item)).into()).collect()
}

/// Returns a line of headings and the rows, whose cells are already escaped.
#[must_use]
pub fn rows<T>(columns: &[impl ColumnOf<T>], rows: &[Box<[Box<str>]>]) -> String {
    let titles: Vec<&str> = columns.iter().map(ColumnOf::title).collect();
    titled(&titles, rows)
}

/// Like [`rows`], with other titles.
#[must_use]
pub fn titled(titles: &[&str], rows: &[Box<[Box<str>]>]) -> String {
    if rows.len() > COMFORTABLE { aligned(titles, rows) } else { laid_out(titles, rows) }
}

fn laid_out(titles: &[&str], rows: &[Box<[Box<str>]>]) -> String {
    let mut table = plain();
    table.set_header(titles);
    for row in rows {
        table.add_row(row.iter().map(AsRef::<str>::as_ref));
    }
    let last = titles.len().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { GAP }));
    }
    table.trim_fmt()
}

/// Like [`laid_out`], for many rows: measures each cell only once.
fn aligned(titles: &[&str], rows: &[Box<[Box<str>]>]) -> String {
    let widths: Vec<Vec<u32>> = rows.iter().map(|row| row.iter().map(|cell| width(cell)).collect()).collect();
    let mut columns: Vec<u32> = titles.iter().map(|title| width(title)).collect();
    for row in &widths {
        for (column, cell) in columns.iter_mut().zip(row) {
            *column = (*column).max(*cell);
        }
    }
    let line_length = columns.iter().sum::<u32>() as usize + columns.len() * usize::from(GAP) + 1;
    let mut text = String::with_capacity((rows.len() + 1) * line_length);
    let mut line = |cells: &mut dyn Iterator<Item = (&str, u32)>| {
        let start = text.len();
        for ((cell, width), column) in cells.zip(&columns) {
            text.push_str(cell);
            (width..column + u32::from(GAP)).for_each(|_| text.push(' '));
        }
        let end = text[start..].trim_end_matches(' ').len();
        text.truncate(start + end);
        text.push('\n');
    };
    line(&mut titles.iter().map(|title| (*title, width(title))));
    for (row, widths) in rows.iter().zip(&widths) {
        line(&mut row.iter().map(AsRef::as_ref).zip(widths.iter().copied()));
    }
    text.pop();
    text
}

fn width(text: &str) -> u32 {
    let columns = if text.is_ascii() { text.len() } else { unicode_width::UnicodeWidthStr::width(text) };
    u32::try_from(columns).unwrap_or(u32::MAX)
}

/// Returns a line per field: the label, padded to a width, then the value.
#[must_use]
pub fn record<'a>(lines: impl IntoIterator<Item = (&'a str, Cow<'a, str>)>, width: u16) -> String {
    let mut table = plain();
    for (label, value) in lines {
        table.add_row([label, &visible(&value)]);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 0));
        if index == 0 {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    table.trim_fmt()
}

fn shown(cell: &str) -> Cow<'_, str> {
    if cell.is_empty() { "-".into() } else { visible(cell) }
}

fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

#[cfg(test)]
mod tests {
    use super::super::Column;
    use super::*;

    const COLUMNS: [&Column<(&str, &str)>; 2] =
        [&Column::new("ID", "id", |item| item.0.into()), &Column::new("Name", "name", |item| item.1.into())];

    #[test]
    fn columns_stand_three_blanks_apart_and_lines_end_without_any() {
        let table = list(&COLUMNS, &[("1", "a"), ("1234", "")]);
        assert_eq!(table, "ID     Name\n1      a\n1234   -");
    }

    #[test]
    fn many_rows_are_laid_out_as_few_are() {
        let names = ["a", "", "wide 鍵鍵", "e\u{301}\u{200b}", "long long long", "ü", "trailing  ", "🔑"];
        let rows: Vec<Box<[Box<str>]>> = (0..60)
            .map(|row| (0..4).map(|column| shown(names[(row * 3 + column) % names.len()]).into()).collect())
            .collect();
        let titles = ["Name", "B", "A long title", "D"];
        assert_eq!(aligned(&titles, &rows), laid_out(&titles, &rows));
    }

    #[test]
    fn wide_characters_and_line_breaks_keep_the_columns() {
        let table = list(&COLUMNS, &[("鍵", "a"), ("a\nb", "b")]);
        assert_eq!(table, "ID     Name\n鍵     a\na\\nb   b");
    }

    #[test]
    fn a_records_values_stand_behind_the_width_of_its_labels() {
        let record = record([("ID", "1".into()), ("Action when leaked", "none".into())], 21);
        assert_eq!(record, "ID                   1\nAction when leaked   none");
    }
}
