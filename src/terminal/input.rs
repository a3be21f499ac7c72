//! Standard input: a terminal with a person, or a pipe that holds an answer.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Read};
#[cfg(unix)]
use std::time::Duration;

use dialoguer::console::{Term, truncate_str};
use dialoguer::{FuzzySelect, Password};
use zeroize::Zeroizing;

use crate::secret::SecretString;

/// Where answers come from. The calls block, so they run on a thread of their own and Ctrl-C stays alive.
pub trait Input: Send + Sync {
    /// Whether a person sees questions and can answer them.
    fn is_person(&self) -> bool;

    /// Whether answers are typed, though perhaps nobody sees the questions.
    fn is_terminal(&self) -> bool;

    /// One line without its end; `None` at the end of input.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn line(&self) -> io::Result<Option<String>>;

    /// What a pipe says to one question.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn piped(&self) -> io::Result<Piped>;

    /// An item that a person selects with arrow keys, or by typing a part of it; `None` for Escape.
    ///
    /// # Errors
    /// `Interrupted` for Ctrl-C.
    fn select(&self, prompt: &str, items: &[String]) -> io::Result<Option<usize>>;

    /// All of the input, or a line that is typed unseen.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn secret(&self, question: &str) -> io::Result<SecretString>;
}

/// An answer that was not typed.
#[derive(Debug, PartialEq, Eq)]
pub enum Piped {
    /// There is none: standard input has ended, or is a file, whose lines are for a program that reads them in turn.
    Nothing,
    /// One answer and nothing else; `yes` repeats it.
    Answer(String),
    /// More than an answer, as the list that a `while read` loop reads.
    More,
}

/// The process's own standard input.
pub struct StandardInput;

impl Input for StandardInput {
    fn is_person(&self) -> bool {
        io::stdin().is_terminal() && (io::stdout().is_terminal() || io::stderr().is_terminal())
    }

    fn is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }

    /// Reads byte by byte: what follows the line belongs to another program.
    fn line(&self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        let mut input = unbuffered_stdin()?;
        loop {
            match input.read(&mut byte) {
                Ok(0) if bytes.is_empty() => return Ok(None),
                Ok(0) => break,
                Ok(_) if byte[0] == b'\n' => break,
                // The rest of the line is read, so that it is not taken for the next answer.
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
        // A list may still be written: what follows decides.
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
        // A line that is wrapped cannot be drawn over. The number in front keeps cut items apart.
        let digits = items.len().to_string().len();
        let numbered = items.iter().enumerate();
        let lines = numbered.map(|(index, item)| fitting(&format!("{:digits$}  {item}", index + 1), 3).into_owned());
        let list = FuzzySelect::new().with_prompt(prompt).items(lines).report(false);
        let selected = list.highlight_matches(false).max_length(LONGEST_LIST).interact_on_opt(&term);
        selected.map_err(|dialoguer::Error::IO(error)| {
            // The list hides it. A terminal that is gone needs none.
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

/// An answer is a word; of a longer line the rest is thrown away.
const LONGEST_LINE: usize = 1024;

/// More than any key or token, in bytes.
const LONGEST_SECRET: u64 = 64 << 10;

/// Lines of a list that are shown at once.
const LONGEST_LIST: usize = 12;

/// How long a pipe has to show that it holds one answer only.
#[cfg(unix)]
const UNTIL_END: Duration = Duration::from_secs(1);

/// The stream that a person sees.
fn screen() -> Term {
    if io::stderr().is_terminal() { Term::stderr() } else { Term::stdout() }
}

/// Of standard output, in columns.
pub(super) fn terminal_width() -> usize {
    usize::from(Term::stdout().size().1)
}

/// As much of a line as fits on the terminal: one that is wrapped cannot be drawn over.
pub(super) fn fitting(line: &str, margin: usize) -> Cow<'_, str> {
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

/// Whether there is more, or the end, before the time is up.
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

/// How the terminal was before the question that is open, if one is.
#[cfg(unix)]
static BEFORE: std::sync::Mutex<Option<rustix::termios::Termios>> = std::sync::Mutex::new(None);

/// Gives the terminal its echo and its lines back, if a question is open. A panic does so, too, which drops nothing.
pub fn restore_lines() {
    #[cfg(unix)]
    if let Ok(mut before) = BEFORE.lock()
        && let Some(was) = before.take()
    {
        // A terminal that is gone needs nothing.
        let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &was);
    }
}

/// Restores the lines when dropped, also when Ctrl-C drops the question.
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
