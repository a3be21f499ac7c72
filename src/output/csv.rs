//! CSV with IAM's field names as column headings. A text that a spreadsheet would read as a formula gets a single quote
//! at its start, which marks text in spreadsheets; values of keys and tokens stay exact.

use std::borrow::Cow;

use super::ColumnOf;

/// Fields that programs read, whose values stay exact.
const EXACT: [&str; 4] = ["apikey", "iam_token", "passcode", "cr_token"];

/// Returns a header line and one line per item, with quotes where CSV needs them.
#[must_use]
pub fn list<T>(columns: &[impl ColumnOf<T>], items: &[T]) -> String {
    header::<T>(columns) + &rows(columns, items)
}

/// Returns only the header line.
#[must_use]
pub fn header<T>(columns: &[impl ColumnOf<T>]) -> String {
    write(std::iter::once(columns.iter().map(|column| column.field().to_owned()).collect()))
}

/// Returns the lines of items, without a header.
#[must_use]
pub fn rows<T>(columns: &[impl ColumnOf<T>], items: &[T]) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::with_capacity(items.len() * 64 * columns.len()));
    let exact: Vec<bool> = columns.iter().map(|column| EXACT.contains(&column.field())).collect();
    for item in items {
        for (column, is_exact) in columns.iter().zip(&exact) {
            let cell = column.text(item);
            let cell = if *is_exact { cell } else { neutral(cell) };
            // Writing to memory does not fail.
            let _ = writer.write_field(cell.as_bytes());
        }
        let _ = writer.write_record(None::<&[u8]>);
    }
    text_of(writer)
}

/// Returns rows as lines. The first row is the header.
#[must_use]
pub fn write(rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let mut exact = Vec::new();
    for (number, row) in rows.enumerate() {
        if number == 0 {
            exact = row.iter().map(|name| EXACT.contains(&name.as_str())).collect();
        }
        let cells = row.iter().enumerate().map(|(column, text)| match exact.get(column) {
            Some(false) => neutral(Cow::Borrowed(text)),
            _ => Cow::Borrowed(text.as_str()),
        });
        // Writing to memory does not fail, and all rows have the same length.
        let _ = writer.write_record(cells.map(|cell| cell.as_bytes().to_owned()));
    }
    text_of(writer)
}

fn text_of(writer: ::csv::Writer<Vec<u8>>) -> String {
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// Adds a single quote at the start of a text that starts like a formula.
fn neutral(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.as_bytes().first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') => format!("'{text}").into(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(field: &str, text: &str) -> String {
        let rows = [vec![field.to_owned()], vec![text.to_owned()]];
        let written = write(rows.into_iter());
        let mut reader = ::csv::Reader::from_reader(written.as_bytes());
        reader.records().next().unwrap().unwrap()[0].to_owned()
    }

    #[test]
    fn a_spreadsheet_runs_nothing_and_a_program_gets_the_value_as_it_is() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"] {
            assert_eq!(cell("name", formula), format!("'{formula}"));
            assert_eq!(cell("apikey", formula), formula);
        }
        for text in ["plain", "a=b", "two\nlines", "quoted \"text\"", "\u{1b}[2J", "1,5"] {
            assert_eq!(cell("name", text), text);
        }
    }
}
