//! Standard input: a terminal with a user, or a pipe with an answer.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Read};
#[cfg(unix)]
use std::time::Duration;

use dialoguer::console::{Term, truncate_str};
use dialoguer::{FuzzySelect, Password};
use zeroize::Zeroizing;

use crate::secret::SecretString;

/// The source of answers. The methods block, so they run on a separate thread and Ctrl-C still works.
pub trait Input: Send + Sync {
    /// Whether a user can see questions and answer them.
    fn is_person(&self) -> bool;

    /// Whether answers are typed, even if the questions may not be visible.
    fn is_terminal(&self) -> bool;

    /// Reads one line, without the line end; `None` at the end of input.
    ///
    /// # Errors
    /// Why the input cannot be read.
    fn line(&self) -> io::Result<Option<String>>;

    /// Reads the answer of a pipe to a single question.
    ///
    /// # Errors
    /// Why the input cannot be read.
    fn piped(&self) -> io::Result<Piped>;

    /// Lets the user select an item with arrow keys, or by typing a part of its text; `None` for Escape.
    ///
    /// # Errors
    /// `Interrupted` for Ctrl-C; why the input cannot be read.
    fn select(&self, prompt: &str, items: &[String]) -> io::Result<Option<usize>>;

    /// Reads a secret: a line that is typed without echo on a terminal, otherwise all of the input.
    ///
    /// # Errors
    /// Why the input cannot be read.
    fn secret(&self, question: &str) -> io::Result<SecretString>;
}

/// An answer that was not typed.
#[derive(Debug, PartialEq, Eq)]
pub enum Piped {
    /// There is no answer: standard input has ended, or is a file, whose lines are meant for another program.
    Nothing,
    /// Exactly one answer, which can be repeated, as the program `yes` does.
    Answer(String),
    /// More than one answer, such as the list that a `while read` loop reads, or the input is still open.
    More,
}

/// Returns standard input as data, for a command that reads no answers from it.
#[must_use]
pub fn standard_input() -> impl Read {
    io::stdin()
}

/// The standard input of the process.
pub struct StandardInput;

impl Input for StandardInput {
    fn is_person(&self) -> bool {
        io::stdin().is_terminal() && (io::stdout().is_terminal() || io::stderr().is_terminal())
    }

    fn is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }

    /// Reads byte by byte, because the input after the line belongs to another program.
    fn line(&self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        let mut input = unbuffered_stdin()?;
        loop {
            match input.read(&mut byte) {
                Ok(0) if bytes.is_empty() => return Ok(None),
                Ok(0) => break,
                Ok(_) if byte[0] == b'\n' => break,
                // The rest of a long line is read too, so that it does not become the next answer.
                Ok(_) if bytes.len() == LONGEST_LINE => {}
                Ok(_) => bytes.push(byte[0]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned()))
    }

    fn piped(&self) -> io::Result<Piped> {
        if !is_pipe()? {
            return Ok(Piped::Nothing);
        }
        let Some(answer) = self.line()? else { return Ok(Piped::Nothing) };
        // Another process may still be writing a list, so the input after the answer decides.
        if !is_readable_soon()? {
            return Ok(Piped::More);
        }
        Ok(match self.line()? {
            None => Piped::Answer(answer),
            Some(next) if next == answer => Piped::Answer(answer),
            Some(_) => Piped::More,
        })
    }

    fn select(&self, prompt: &str, items: &[String]) -> io::Result<Option<usize>> {
        let term = screen();
        // A wrapped line cannot be redrawn. The number at its start distinguishes truncated items.
        let digits = items.len().to_string().len();
        let numbered = items.iter().enumerate();
        let lines = numbered.map(|(index, item)| fitting(&format!("{:digits$}  {item}", index + 1), 3).into_owned());
        let list = FuzzySelect::new().with_prompt(prompt).items(lines).report(false);
        let selected = list.highlight_matches(false).max_length(LONGEST_LIST).interact_on_opt(&term);
        selected.map_err(|dialoguer::Error::IO(error)| {
            // The list hides the cursor. An error is ignored, because a terminal that was closed needs no cursor.
            let _ = term.show_cursor();
            error
        })
    }

    fn secret(&self, question: &str) -> io::Result<SecretString> {
        if io::stdin().is_terminal() {
            let typed = Password::new().with_prompt(question).interact_on(&screen());
            return typed.map(SecretString::from).map_err(|dialoguer::Error::IO(error)| error);
        }
        let mut text = Zeroizing::new(String::new());
        io::stdin().lock().take(LONGEST_SECRET).read_to_string(&mut text)?;
        Ok(SecretString::from(text.as_str()))
    }
}

/// The maximum length of an answer in bytes; the rest of a longer line is discarded.
const LONGEST_LINE: usize = 1024;

/// The maximum size of a secret in bytes; every key and token is shorter.
const LONGEST_SECRET: u64 = 64 << 10;

/// The maximum number of lines of a list that are shown at once.
const LONGEST_LIST: usize = 12;

/// The maximum time to wait for more input or the end of a pipe after an answer.
#[cfg(unix)]
const UNTIL_END: Duration = Duration::from_secs(1);

/// Returns the stream that the user sees.
fn screen() -> Term {
    if io::stderr().is_terminal() { Term::stderr() } else { Term::stdout() }
}

/// Returns the width of the terminal on standard output, in columns.
pub(super) fn terminal_width() -> usize {
    usize::from(Term::stdout().size().1)
}

/// Truncates a line to the width of the terminal, because a wrapped line cannot be redrawn.
pub(in crate::terminal) fn fitting(line: &str, margin: usize) -> Cow<'_, str> {
    let width = usize::from(screen().size().1).saturating_sub(margin);
    truncate_str(line, width, "…")
}

#[cfg(unix)]
fn unbuffered_stdin() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    let owned = io::stdin().as_fd().try_clone_to_owned()?;
    Ok(std::fs::File::from(owned))
}

#[cfg(not(unix))]
fn unbuffered_stdin() -> io::Result<impl Read> {
    Ok(io::stdin())
}

#[cfg(unix)]
fn is_pipe() -> io::Result<bool> {
    use std::os::unix::fs::FileTypeExt;
    let kind = unbuffered_stdin()?.metadata()?.file_type();
    Ok(kind.is_fifo() || kind.is_socket())
}

#[cfg(not(unix))]
fn is_pipe() -> io::Result<bool> {
    Ok(!io::stdin().is_terminal())
}

/// Whether more input, or its end, is available before the timeout.
#[cfg(unix)]
fn is_readable_soon() -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = io::stdin();
    let time = Timespec::try_from(UNTIL_END).map_err(|_| io::ErrorKind::InvalidInput)?;
    loop {
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&time)) {
            Err(rustix::io::Errno::INTR) => {}
            ready => return Ok(ready? > 0),
        }
    }
}

#[cfg(not(unix))]
fn is_readable_soon() -> io::Result<bool> {
    Ok(true)
}

/// The settings of the terminal before the current question, if a question is open.
#[cfg(unix)]
static BEFORE: std::sync::Mutex<Option<rustix::termios::Termios>> = std::sync::Mutex::new(None);

/// Restores the echo and line mode of the terminal, if a question is open. The panic hook calls this too, because a
/// panic drops nothing.
pub fn restore_lines() {
    #[cfg(unix)]
    if let Ok(mut before) = BEFORE.lock()
        && let Some(was) = before.take()
    {
        // An error is ignored, because a terminal that was closed needs no settings.
        let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &was);
    }
}

/// Restores the terminal on drop, also when Ctrl-C drops the question.
pub(super) struct Restored;

impl Restored {
    pub(super) fn later() -> Self {
        #[cfg(unix)]
        if let Ok(mut before) = BEFORE.lock() {
            *before = rustix::termios::tcgetattr(io::stdin()).ok();
        }
        Self
    }
}

impl Drop for Restored {
    fn drop(&mut self) {
        restore_lines();
    }
}
