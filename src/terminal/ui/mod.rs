//! The two output streams of a command: what is written to which one, quiet mode, and colours.
//!
//! A stream that failed ignores all further writes, so that a closed pipe does not interrupt a command in the middle of
//! a change; [`Ui::end`] reports the failure. Only [`Ui::deliver`] reports it at once.

mod results;

use std::io::{self, ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use crate::error::{CAUSED_BY, Error};
use crate::format::{ColorChoice, Format};
use crate::hint::{Invocation, Note};
use crate::mask;
use crate::output::report::joined;
use crate::text::{name, reason, visible};

use crate::terminal::input::fitting;
use crate::terminal::stream::{Stream, is_null_device};

/// Settings of the output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UiSettings {
    /// The format of data on standard output.
    pub format: Format,
    /// Whether `OK`, notes and warnings are dropped.
    pub quiet: bool,
    /// When to use colours.
    pub colour: ColorChoice,
    /// How the program was started, for the commands in hints.
    pub invocation: Invocation,
    /// Whether the terminal can neither move its cursor nor colour text.
    pub is_dumb: bool,
}

/// Where messages are written: progress, `OK` and results.
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

const NAME: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));
const GOOD: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const BAD: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));

impl Ui {
    /// Creates the output on the streams of the process.
    #[must_use]
    pub fn of_process() -> Self {
        let out = io::stdout();
        let err = io::stderr();
        let terminals = (out.is_terminal(), err.is_terminal());
        let discarded = !terminals.0 && is_null_device(&out);
        Self { discarded, ..Self::new(Box::new(out), Box::new(err), terminals) }
    }

    /// Creates the output on any two streams. `terminals` is whether they are terminals.
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

    /// Applies the settings, once the flags are known.
    pub fn configure(&mut self, settings: UiSettings) {
        self.format = settings.format;
        self.quiet = settings.quiet;
        self.invocation = settings.invocation;
        self.messages = match (settings.format, &self.invocation.stand_in) {
            // The other tool writes its messages to standard output.
            (Format::Table, Some(_)) => Messages::Out,
            (Format::Table, None) if !settings.quiet => Messages::Err,
            _ => Messages::Nowhere,
        };
        self.is_dumb = settings.is_dumb;
        for stream in [&mut self.out, &mut self.err] {
            stream.colour = match settings.colour {
                ColorChoice::Auto => stream.terminal && !settings.is_dumb,
                ColorChoice::Always => true,
                ColorChoice::Never => false,
            };
        }
    }

    /// The format of data on standard output.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether messages have the form of the other tool's messages.
    #[must_use]
    pub fn is_stand_in(&self) -> bool {
        self.invocation.stand_in.is_some()
    }

    /// Whether standard error is a terminal where progress can be shown.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.err.terminal && !self.quiet && !self.is_dumb
    }

    /// Whether `OK`, notes and warnings are dropped.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Moves messages to standard error, because a key file is written to standard output.
    pub fn keep_out_free(&mut self) {
        if self.messages == Messages::Out {
            self.messages = Messages::Err;
        }
    }

    /// Formats the name of a key or file for a sentence: escaped, coloured, and quoted if it contains spaces. The
    /// stand-in quotes nothing, because the original tool quotes nothing.
    #[must_use]
    pub fn name(&self, text: &str) -> String {
        if self.is_stand_in() { self.value(text) } else { self.painted_name(&name(text)) }
    }

    /// Formats other external text for a sentence: escaped, and coloured like a name.
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

    /// Writes a line of progress or a result; nothing with `--output json|csv`.
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

    /// Writes the line `OK`.
    pub fn ok(&mut self) {
        if !self.quiet {
            let colour = if self.messages == Messages::Out { self.out.colour } else { self.err.colour };
            self.say(&paint(colour, GOOD, "OK"));
        }
    }

    /// Whether standard output is discarded: it is `/dev/null`, or was closed, and a closed one was reopened as
    /// `/dev/null`.
    #[must_use]
    pub fn is_discarded(&self) -> bool {
        self.discarded
    }

    /// Writes a note or warning to standard error.
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
                // A program that reads errors as JSON reads notes as JSON too.
                self.err.write(&format!("{}\n", serde_json::json!({"note": line})));
            } else {
                self.err.write(&format!("{line}\n"));
            }
        }
    }

    /// Writes a question, without a line end, to standard error, or to the stream that is a terminal. The stand-in
    /// prefers standard output if it is a terminal.
    pub fn question(&mut self, text: &str) {
        self.clear_counter();
        self.flush();
        let prefers_out = self.messages == Messages::Out || !self.err.terminal;
        let stream = if prefers_out && self.out.terminal { &mut self.out } else { &mut self.err };
        stream.write(text);
        stream.flush();
    }

    /// Shows the progress of a long operation in a line that is overwritten, only on a terminal.
    pub fn count(&mut self, text: &str) {
        if self.is_watched() {
            self.out.flush();
            // A line that wraps could not be replaced by the next one.
            self.err.write(&format!("\r\x1b[K{}", fitting(text, 1)));
            self.err.flush();
            self.counter = true;
        }
    }

    /// Writes an error, as text or as one JSON object.
    pub fn error(&mut self, error: &Error) {
        self.clear_counter();
        self.out.flush();
        // The tool that this program stands in for writes errors as text in every format.
        if self.format == Format::Json && self.invocation.stand_in.is_none() {
            let masked = |text: &str| mask::text(text).into_owned();
            let object = serde_json::json!({"error": {
                "kind": error.kind.name(),
                "message": masked(&error.message),
                "caused_by": error.causes().map(masked).collect::<Vec<_>>(),
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
        // Masked before it is escaped, because an escaped secret would not be found.
        let mut text = visible_lines(&mask::text(&error.message));
        text.push('\n');
        for cause in error.causes() {
            text.push_str(&format!("{CAUSED_BY}: {}\n", visible_lines(&mask::text(cause))));
        }
        if let Some(code) = &error.code {
            text.push_str(&format!("Code: {}\n", visible(code)));
        }
        if let Some(id) = &error.transaction_id {
            text.push_str(&format!("Transaction ID: {}\n", visible(id)));
        }
        if !error.hints.is_empty() {
            text.push_str(&visible_lines(&mask::text(&self.invocation.hints(&error.hints))));
            text.push('\n');
        }
        self.err.write(&mask::text(&text));
    }

    /// Flushes both streams.
    pub fn flush(&mut self) {
        self.out.flush();
        self.err.flush();
    }

    /// Shows the cursor again, which a selection list hides.
    pub fn restore_terminal(&mut self) {
        if self.err.terminal && !self.is_dumb {
            self.err.write("\x1b[?25h\n");
            self.err.flush();
        }
    }

    /// Reports the result of the command, flushes both streams, and returns the exit status.
    ///
    /// A closed pipe is not an error, because the reader has finished. A full disk is an error.
    pub fn end(&mut self, result: Result<u8, Error>) -> u8 {
        let mut status = result.unwrap_or_else(|error| {
            self.error(&error);
            error.kind.exit_status()
        });
        // A command that failed before its first result writes no empty list.
        if let Some(collected) = self.collected.take().filter(|results| status == 0 || !results.is_empty()) {
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

/// Escapes a sentence of this program, except for its line ends. Names and responses in it were escaped before.
fn visible_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(visible).collect();
    lines.join("\n")
}
