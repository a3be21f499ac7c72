//! The two streams: who may write what where, quiet, and colour.
//!
//! A stream that fails stays failed and swallows the rest, so that a command in the middle of a change is not
//! torn by a closed pipe; [`Ui::end`] tells. Only [`Ui::deliver`] answers at once.

use std::io::{self, ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use crate::error::Error;
use crate::format::Format;
use crate::hint::{Hint, Invocation, Note};
use crate::iam;
use crate::mask;
use crate::output::report::{Report, Text, joined};
use crate::output::screen::Screen;
use crate::text::{name, reason, visible};

use super::input::terminal_width;
use super::stream::{Stream, is_null_device};

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colour {
    /// On a terminal.
    #[default]
    Auto,
    /// Also into files and pipes.
    Always,
    /// Nowhere.
    Never,
}

/// How to speak.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UiSettings {
    /// Of data on standard output.
    pub format: Format,
    /// Drop `OK`, notes and warnings.
    pub quiet: bool,
    /// When to colour.
    pub colour: Colour,
    /// How the program was started, for commands in hints.
    pub invocation: Invocation,
    /// Whether the terminal can neither move its cursor nor colour text.
    pub is_dumb: bool,
}

/// Where messages go: progress, `OK` and results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Messages {
    Out,
    Err,
    Nowhere,
}

/// Standard output and standard error of a command.
pub struct Ui {
    out: Stream,
    err: Stream,
    format: Format,
    quiet: bool,
    is_dumb: bool,
    messages: Messages,
    counter: bool,
    discarded: bool,
    invocation: Invocation,
    /// Results for programs that are written as one list.
    collected: Option<Vec<String>>,
}

const HEADING: Style = Style::new().bold();
const NAME: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));
const GOOD: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const BAD: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));

impl Ui {
    /// The process's own streams.
    #[must_use]
    pub fn of_process() -> Self {
        let out = io::stdout();
        let err = io::stderr();
        let terminals = (out.is_terminal(), err.is_terminal());
        let discarded = !terminals.0 && is_null_device(&out);
        Self { discarded, ..Self::new(Box::new(out), Box::new(err), terminals) }
    }

    /// Any two streams, and whether they are terminals.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>, terminals: (bool, bool)) -> Self {
        let stream = |writer, terminal| Stream { writer, terminal, colour: terminal, failure: None };
        Self {
            out: stream(out, terminals.0),
            err: stream(err, terminals.1),
            format: Format::Table,
            quiet: false,
            is_dumb: false,
            messages: Messages::Err,
            counter: false,
            discarded: false,
            invocation: Invocation::default(),
            collected: None,
        }
    }

    /// Takes the flags into account, once they are known.
    pub fn configure(&mut self, settings: UiSettings) {
        self.format = settings.format;
        self.quiet = settings.quiet;
        self.invocation = settings.invocation;
        self.messages = match (settings.format, &self.invocation.stand_in) {
            // That tool's messages go to standard output.
            (Format::Table, Some(_)) => Messages::Out,
            (Format::Table, None) if !settings.quiet => Messages::Err,
            _ => Messages::Nowhere,
        };
        self.is_dumb = settings.is_dumb;
        for stream in [&mut self.out, &mut self.err] {
            stream.colour = match settings.colour {
                Colour::Auto => stream.terminal && !settings.is_dumb,
                Colour::Always => true,
                Colour::Never => false,
            };
        }
    }

    /// The format of data on standard output.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether messages are those of another tool.
    #[must_use]
    pub fn is_stand_in(&self) -> bool {
        self.invocation.stand_in.is_some()
    }

    /// Whether there is somebody on standard error to tell what is waited for.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.err.terminal && !self.quiet && !self.is_dumb
    }

    /// Whether `OK`, notes and warnings are dropped.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Leaves standard output to a key file that is written there.
    pub fn keep_out_free(&mut self) {
        if self.messages == Messages::Out {
            self.messages = Messages::Err;
        }
    }

    /// A name of a key or file as part of a sentence: harmless, coloured, and quoted if it has blanks. The stand-in
    /// quotes nothing, as its original.
    #[must_use]
    pub fn name(&self, text: &str) -> String {
        if self.is_stand_in() { self.value(text) } else { self.painted_name(&name(text)) }
    }

    /// Other text from outside as part of a sentence: harmless, and coloured as a name.
    #[must_use]
    pub fn value(&self, text: &str) -> String {
        self.painted_name(&visible(text))
    }

    fn painted_name(&self, text: &str) -> String {
        let colour = match self.messages {
            Messages::Out => self.out.colour,
            Messages::Err | Messages::Nowhere => self.err.colour,
        };
        paint(colour, NAME, text)
    }

    /// A line of progress or result; not with `--output json|csv`.
    pub fn say(&mut self, line: &str) {
        self.clear_counter();
        match self.messages {
            Messages::Out => self.out.write(&format!("{line}\n")),
            Messages::Err => {
                self.out.flush();
                self.err.write(&format!("{line}\n"));
            }
            Messages::Nowhere => {}
        }
    }

    /// The line `OK`.
    pub fn ok(&mut self) {
        if !self.quiet {
            let colour = if self.messages == Messages::Out { self.out.colour } else { self.err.colour };
            self.say(&paint(colour, GOOD, "OK"));
        }
    }

    /// Shows a result in the format that was asked for.
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

    /// A result as [`Self::render`] writes it. A message in place of a list is said instead.
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

    /// Lines whose first one is a heading, as they are written.
    #[must_use]
    pub fn headed(&self, lines: &str) -> String {
        match lines.split_once('\n') {
            Some((heading, rows)) => format!("{}\n{rows}\n", paint(self.out.colour, HEADING, heading)),
            None => format!("{lines}\n"),
        }
    }

    /// Data on standard output, whatever the format.
    pub fn data(&mut self, text: &str) {
        self.clear_counter();
        if self.format == Format::Csv && self.out.terminal {
            // Exact for programs, harmless for the terminal; JSON is both as it is.
            let shown = visible_lines(text);
            self.out.write(&shown);
        } else {
            self.out.write(text);
        }
    }

    /// A value that exists only here: written and flushed, or told at once that it was not.
    ///
    /// # Errors
    /// What the stream said, now or before.
    pub fn deliver(&mut self, text: &str) -> io::Result<()> {
        self.data(text);
        self.out.flush();
        match &self.out.failure {
            Some(failure) => Err(io::Error::new(failure.kind(), failure.to_string())),
            None => Ok(()),
        }
    }

    /// Whether what is written goes nowhere: standard output is `/dev/null`, or was closed, which is the same by now.
    #[must_use]
    pub fn is_discarded(&self) -> bool {
        self.discarded
    }

    /// A note or warning on standard error.
    pub fn note(&mut self, note: impl Into<Note>) {
        if !self.quiet {
            self.clear_counter();
            self.out.flush();
            let Note { mut text, hints } = note.into();
            if !hints.is_empty() {
                text.push('\n');
                text.push_str(&visible_lines(&self.invocation.hints(&hints)));
            }
            let line = mask::text(&text);
            if self.format == Format::Json && self.invocation.stand_in.is_none() {
                // Whoever reads errors as JSON reads this as JSON, too.
                self.err.write(&format!("{}\n", serde_json::json!({"note": line})));
            } else {
                self.err.write(&format!("{line}\n"));
            }
        }
    }

    /// What a hint to log in again says from now on.
    pub fn set_log_in_hints(&mut self, hints: Vec<Hint>) {
        self.invocation.log_in = hints;
    }

    /// A question without its line end: on standard error, or where a person sees it. The stand-in prefers standard
    /// output, if that is a terminal.
    pub fn question(&mut self, text: &str) {
        self.clear_counter();
        self.flush();
        let prefers_out = self.messages == Messages::Out || !self.err.terminal;
        let stream = if prefers_out && self.out.terminal { &mut self.out } else { &mut self.err };
        stream.write(text);
        stream.flush();
    }

    /// How far a long work is; a line that is overwritten, on a terminal only.
    pub fn count(&mut self, text: &str) {
        if self.is_watched() {
            self.out.flush();
            self.err.write(&format!("\r\x1b[K{text}"));
            self.err.flush();
            self.counter = true;
        }
    }

    /// An error, in text or as one JSON object.
    pub fn error(&mut self, error: &Error) {
        self.clear_counter();
        self.out.flush();
        // The tool that is stood in for tells them as text whatever the data's format.
        if self.format == Format::Json && self.invocation.stand_in.is_none() {
            let masked = |text: &str| mask::text(text).into_owned();
            let object = serde_json::json!({"error": {
                "kind": error.kind.name(),
                "message": masked(&error.message),
                "code": error.code.as_deref().map(masked),
                "transaction_id": error.transaction_id.as_deref().map(masked),
                "hint": (!error.hints.is_empty()).then(|| masked(&self.invocation.hints(&error.hints))),
            }});
            self.err.write(&format!("{object}\n"));
            return;
        }
        if !error.kind.is_cancellation() {
            let failed = paint(self.err.colour, BAD, "FAILED");
            self.err.write(&format!("{failed}\n"));
        }
        // Masked before it is made harmless: a secret with odd characters would not be found any more.
        let mut text = visible_lines(&mask::text(&error.message));
        text.push('\n');
        if let Some(code) = &error.code {
            text.push_str(&format!("Code: {}\n", visible(code)));
        }
        if let Some(id) = &error.transaction_id {
            text.push_str(&format!("Transaction id: {}\n", visible(id)));
        }
        if !error.hints.is_empty() {
            text.push_str(&visible_lines(&mask::text(&self.invocation.hints(&error.hints))));
            text.push('\n');
        }
        self.err.write(&mask::text(&text));
    }

    /// Whether tables fit a terminal, and so need all rows and more than their cells.
    #[must_use]
    pub fn fits_tables(&self) -> bool {
        self.format == Format::Table && self.out.terminal && self.invocation.stand_in.is_none()
    }

    /// The terminal on standard output, unless the layout is that of the other tool.
    fn screen(&self) -> Option<Screen> {
        let fits = self.out.terminal && self.invocation.stand_in.is_none();
        fits.then(|| Screen { width: terminal_width(), colour: self.out.colour })
    }

    /// Sends what was written so far.
    pub fn flush(&mut self) {
        self.out.flush();
        self.err.flush();
    }

    /// Shows the cursor again, which a list to choose from hides.
    pub fn restore_terminal(&mut self) {
        if self.err.terminal && !self.is_dumb {
            self.err.write("\x1b[?25h\n");
            self.err.flush();
        }
    }

    /// Reports how the command ended, flushes both streams, and gives the exit status.
    ///
    /// A closed pipe is no error: whoever read has read enough. A full disk is one.
    pub fn end(&mut self, result: Result<u8, Error>) -> u8 {
        let mut status = result.unwrap_or_else(|error| {
            self.error(&error);
            error.kind.exit_status()
        });
        if let Some(collected) = self.collected.take() {
            self.data(&joined(self.format, &collected));
        }
        self.clear_counter();
        self.out.flush();
        if let Some(failure) = self.out.failure.take()
            && failure.kind() != ErrorKind::BrokenPipe
            && status == 0
        {
            let error = Error::failed(format!("Cannot write to standard output: {}.", reason(&failure)));
            self.error(&error);
            status = error.kind.exit_status();
        }
        self.err.flush();
        status
    }

    fn clear_counter(&mut self) {
        if std::mem::take(&mut self.counter) {
            self.err.write("\r\x1b[K");
            self.err.flush();
        }
    }
}

fn paint(colour: bool, style: Style, text: &str) -> String {
    if colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

/// For sentences of ours, whose line ends stay. Names and answers were made harmless when they went in.
fn visible_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(visible).collect();
    lines.join("\n")
}
