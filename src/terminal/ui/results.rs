//! The results of a command on standard output, in the requested format.

use std::io;

use anstyle::Style;

use super::{Ui, paint, visible_lines};
use crate::format::Format;
use crate::iam;
use crate::output::report::{Report, Text};
use crate::output::screen::Screen;
use crate::terminal::input::terminal_width;

const HEADING: Style = Style::new().bold();

impl Ui {
    /// Writes a result in the requested format.
    ///
    /// # Errors
    /// `Unreadable` for an object of the service that cannot be shown.
    pub fn render(&mut self, report: &impl Report) -> Result<(), iam::Error> {
        let text = self.rendered(report)?;
        match &mut self.collected {
            Some(collected) => collected.push(text),
            None => self.data(&text),
        }
        Ok(())
    }

    /// From here on collects results for programs, to write them as one list when the command ends.
    pub fn collect(&mut self) {
        if self.format != Format::Table {
            self.collected = Some(Vec::new());
        }
    }

    /// Formats a result as [`Self::render`] writes it. If a list is empty, its message is written at once instead.
    ///
    /// # Errors
    /// `Unreadable` for an object of the service that cannot be shown.
    pub fn rendered(&mut self, report: &impl Report) -> Result<String, iam::Error> {
        let text = match self.format {
            Format::Json => return report.json(),
            Format::Csv => return Ok(report.csv()),
            Format::Table => report.text(self.screen()),
        };
        Ok(match text {
            Text::Nothing => String::new(),
            Text::Empty(message) => {
                self.say(message);
                String::new()
            }
            Text::Plain(lines) => format!("{lines}\n"),
            Text::Headed(lines) => self.headed(&lines),
        })
    }

    /// Formats lines of which the first one is a heading.
    #[must_use]
    pub fn headed(&self, lines: &str) -> String {
        match lines.split_once('\n') {
            Some((heading, rows)) => format!("{}\n{rows}\n", paint(self.out.colour, HEADING, heading)),
            None => format!("{lines}\n"),
        }
    }

    /// Writes data to standard output, in every format.
    pub fn data(&mut self, text: &str) {
        self.clear_counter();
        if self.format == Format::Csv && self.out.terminal {
            // CSV is exact for programs, but escaped on a terminal. JSON is escaped already.
            let shown = visible_lines(text);
            self.out.write(&shown);
        } else {
            self.out.write(text);
        }
    }

    /// Writes a value that exists nowhere else, and flushes it, so that a failure is reported at once.
    ///
    /// # Errors
    /// The error of the stream, from this write or an earlier one.
    pub fn deliver(&mut self, text: &str) -> io::Result<()> {
        self.data(text);
        self.out.flush();
        match &self.out.failure {
            Some(failure) => Err(io::Error::new(failure.kind(), failure.to_string())),
            None => Ok(()),
        }
    }

    /// Whether tables are fitted to a terminal, which requires all rows in advance, and more fields than the table
    /// shows.
    #[must_use]
    pub fn fits_tables(&self) -> bool {
        self.format == Format::Table && self.out.terminal && self.invocation.stand_in.is_none()
    }

    /// The terminal on standard output, unless the layout of the other tool is used.
    fn screen(&self) -> Option<Screen> {
        let fits = self.out.terminal && self.invocation.stand_in.is_none();
        fits.then(|| Screen { width: terminal_width(), colour: self.out.colour })
    }
}
