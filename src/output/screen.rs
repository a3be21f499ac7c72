//! Tables that fit a terminal, with one line per item at any width.

use anstyle::Style;
use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, Width, presets};
use unicode_width::UnicodeWidthStr;

/// The terminal that shows a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// The width in columns.
    pub width: usize,
    /// Whether the terminal shows colours.
    pub colour: bool,
}

/// A column of a table that fits a terminal.
pub struct FitColumn {
    /// The heading of the column.
    pub title: &'static str,
    /// The minimum width to which texts are truncated; `None` if texts are not truncated.
    pub least: Option<usize>,
    /// The maximum share of the terminal width in percent, so that one long text does not pad every row; 0 for all of
    /// the remaining width.
    pub share: usize,
    /// The minimum width of a terminal that shows the column.
    pub from: usize,
    /// If the terminal is too narrow, columns with the highest rank are omitted first; a column of rank 0 is always
    /// shown.
    pub rank: usize,
}

/// The width of short texts in columns, which a share does not truncate.
const SHORT: usize = 24;

/// The number of spaces between two columns.
const GAP: usize = 2;

/// Returns a heading and a line for each row, not wider than the terminal. `style` returns the style of a row's cell in
/// the column `styled`.
#[must_use]
pub fn fitted(
    columns: &[FitColumn],
    rows: &[Vec<String>],
    screen: Screen,
    styled: usize,
    style: impl Fn(usize) -> Style,
) -> String {
    let widths = widths(columns, rows, screen.width);
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    // Texts do not contain this delimiter, so they are truncated at the end of the column and not between words.
    table.set_delimiter('\u{2028}');
    table.set_width(u16::try_from(screen.width).unwrap_or(u16::MAX));
    table.set_header(widths.iter().map(|(column, _)| columns[*column].title));
    for row in rows {
        let mut cells = Row::from(widths.iter().map(|(column, _)| row[*column].as_str()).collect::<Vec<_>>());
        cells.max_height(1);
        table.add_row(cells);
    }
    let last = widths.len().saturating_sub(1);
    for (index, (column, (_, width))) in table.column_iter_mut().zip(&widths).enumerate() {
        let gap = if index == last { 0 } else { GAP };
        column.set_padding((0, u16::try_from(gap).unwrap_or_default()));
        let width = u16::try_from(width + gap).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    let text = table.trim_fmt();
    let place = widths.iter().position(|(column, _)| *column == styled);
    let Some(place) = place.filter(|_| screen.colour) else { return text };
    let start: usize = widths[..place].iter().map(|(_, width)| width + GAP).sum();
    let paint = |(index, line): (usize, &str)| match index.checked_sub(1) {
        Some(row) => painted(line, start, &rows[row][styled], style(row)),
        None => line.to_owned(),
    };
    text.lines().enumerate().map(paint).collect::<Vec<_>>().join("\n")
}

/// Adds a style to the cell of a line that starts at a column of the terminal.
fn painted(line: &str, start: usize, cell: &str, style: Style) -> String {
    let mut width = 0;
    let at = line.char_indices().find(|(_, character)| {
        let here = width;
        width += unicode_width::UnicodeWidthChar::width(*character).unwrap_or_default();
        here >= start
    });
    match at.and_then(|(at, _)| Some((&line[..at], line[at..].strip_prefix(cell)?))) {
        Some((before, after)) => format!("{before}{style}{cell}{style:#}{after}"),
        None => line.to_owned(),
    }
}

/// Returns the columns that are shown, and their widths.
fn widths(columns: &[FitColumn], rows: &[Vec<String>], width: usize) -> Vec<(usize, usize)> {
    let natural = |column: usize| {
        let cells = rows.iter().map(|row| row[column].width());
        cells.max().unwrap_or_default().max(columns[column].title.width())
    };
    let mut shown: Vec<(usize, usize)> = (0..columns.len())
        .filter(|column| columns[*column].from <= width)
        .map(|column| (column, natural(column)))
        .collect();
    let least = |(column, natural): &(usize, usize)| columns[*column].least.unwrap_or(*natural).min(*natural);
    let needed =
        |shown: &[(usize, usize)]| shown.iter().map(least).sum::<usize>() + GAP * shown.len().saturating_sub(1);
    while needed(&shown) > width {
        let Some(out) = (0..shown.len()).max_by_key(|index| columns[shown[*index].0].rank) else { break };
        if columns[shown[out].0].rank == 0 {
            break;
        }
        shown.remove(out);
    }
    let mut spare = width.saturating_sub(needed(&shown));
    let mut given: Vec<usize> = shown.iter().map(least).collect();
    for (given, (column, natural)) in given.iter_mut().zip(&shown) {
        let most = match columns[*column].share {
            0 => *natural,
            share => (width * share / 100).max(SHORT).min(*natural),
        };
        let more = most.saturating_sub(*given).min(spare);
        *given += more;
        spare -= more;
    }
    shown.iter().zip(given).map(|((column, _), given)| (*column, given.clamp(1, width.max(1)))).collect()
}

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;

    use super::*;

    const COLUMNS: [FitColumn; 4] = [
        FitColumn { title: "Name", least: Some(6), share: 30, from: 0, rank: 0 },
        FitColumn { title: "State", least: None, share: 0, from: 0, rank: 1 },
        FitColumn { title: "Text", least: Some(5), share: 0, from: 0, rank: 2 },
        FitColumn { title: "ID", least: None, share: 0, from: 60, rank: 3 },
    ];

    fn table(rows: &[[&str; 4]], width: usize, colour: bool) -> String {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
        let style = |_| AnsiColor::Red.on_default();
        fitted(&COLUMNS, &rows, Screen { width, colour }, 1, style)
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_each_item_has_one() {
        let long = "n".repeat(255);
        let wide = "鍵".repeat(90);
        let rows = [
            ["a", "active", "a text of several words", "ApiKey-1"],
            [&long, "locked, disabled", &long, "ApiKey-2"],
            [&wide, "active", "-", "ApiKey-3"],
        ];
        for width in [1, 10, 20, 40, 59, 60, 80, 120, 200, 1000] {
            let text = table(&rows, width, false);
            if width >= 30 {
                assert_eq!(text.lines().count(), 4, "{width}:\n{text}");
                assert!(text.lines().all(|line| line.width() <= width), "{width}:\n{text}");
            }
            assert_eq!(text.contains("ApiKey-2"), width >= 60, "{width}:\n{text}");
        }
    }

    #[test]
    fn a_long_name_takes_its_share_and_no_more() {
        let long = "n".repeat(50);
        let text =
            table(&[["a", "active", "a text", "ApiKey-1"], [&long, "active", &"t".repeat(200), "ApiKey-2"]], 80, false);
        let second = text.lines().nth(2).unwrap();
        assert!(second.starts_with(&format!("{}…  active  ttt", "n".repeat(23))), "{text}");
        let text = table(&[[&long, "active", "-", "ApiKey-2"]], 200, false);
        assert!(text.contains(&long), "{text}");
    }

    #[test]
    fn only_the_cell_is_coloured_also_behind_wide_characters() {
        let red = AnsiColor::Red.on_default();
        let text = table(&[["鍵鍵", "active", "active", "1"], ["active", "locked", "", "2"]], 80, true);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Name    State   Text    ID");
        assert_eq!(lines[1], format!("鍵鍵    {red}active{red:#}  active  1"));
        assert_eq!(lines[2], format!("active  {red}locked{red:#}          2"));
    }
}
