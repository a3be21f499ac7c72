//! CSV with IAM's field names over the columns.

use super::Column;

/// A header line, then a line an item; texts are as they are, quoted where need be.
#[must_use]
pub fn list<T>(columns: &[&Column<T>], items: &[T]) -> String {
    let header = columns.iter().map(|column| column.field.to_owned()).collect();
    let rows = items.iter().map(|item| {
        let cells = columns.iter().map(|column| (column.cell)(item).into_owned());
        cells.collect()
    });
    write(std::iter::once(header).chain(rows))
}

/// Any lines.
#[must_use]
pub fn write(rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Into memory, and all rows are of one length.
        let _ = writer.write_record(row);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
