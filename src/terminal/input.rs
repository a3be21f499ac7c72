//! Standard input, and the terminal that it may be.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Read};

use dialoguer::console::{Term, truncate_str};
use zeroize::Zeroizing;

/// The stream that a person sees.
pub(super) fn screen() -> Term {
    if io::stderr().is_terminal() { Term::stderr() } else { Term::stdout() }
}

/// As much of a line as fits on the terminal: one that is wrapped cannot be drawn over.
pub(super) fn fitting(line: &str, margin: usize) -> Cow<'_, str> {
    let width = usize::from(screen().size().1).saturating_sub(margin);
    truncate_str(line, width, "…")
}

/// A line of standard input without its end, or `None` at the end of input. What is beyond the limit is thrown away.
///
/// Reads byte by byte: what follows the line belongs to somebody else, as in `while read` loops.
pub(super) fn line(limit: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // No piece of a secret is left behind where a vector was that grew.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit));
    let mut byte = Zeroizing::new([0]);
    let mut input = unbuffered_stdin()?;
    loop {
        wait_for_terminal()?;
        match input.read(&mut *byte) {
            Ok(0) if bytes.is_empty() => return Ok(None),
            Ok(0) => return Ok(Some(bytes)),
            Ok(_) if byte[0] == b'\n' => return Ok(Some(bytes)),
            // The rest of the line is read, so that it is not taken for the next answer.
            Ok(_) if bytes.len() == limit => {}
            Ok(_) => bytes.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Waits until something is typed. A process that was stopped while it *reads* a terminal, as by Ctrl-Z, would stop
/// again as soon as it goes on in the background, and so could not be ended by `kill`.
#[cfg(unix)]
fn wait_for_terminal() -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Ok(());
    }
    loop {
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None) {
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other systems' form")]
fn wait_for_terminal() -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn unbuffered_stdin() -> io::Result<impl Read> {
    use std::os::fd::AsFd;
    let owned = io::stdin().as_fd().try_clone_to_owned()?;
    Ok(std::fs::File::from(owned))
}

#[cfg(not(unix))]
fn unbuffered_stdin() -> io::Result<impl Read> {
    Ok(io::stdin())
}

/// How the terminal was before its echo was turned off, if it is.
#[cfg(unix)]
static BEFORE: std::sync::Mutex<Option<rustix::termios::Termios>> = std::sync::Mutex::new(None);

/// Gives the terminal its echo back, if it is off. A panic does so, too, which drops nothing.
pub fn restore_echo() {
    #[cfg(unix)]
    if let Ok(mut before) = BEFORE.lock()
        && let Some(was) = before.take()
        // In the background the shell has settings of its own, and the attempt would stop the process.
        && rustix::termios::tcgetpgrp(io::stdin()).is_ok_and(|foreground| foreground == rustix::process::getpgrp())
    {
        // There is nobody to tell.
        let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &was);
    }
}

/// Keeps what is typed off the screen until dropped, also where a signal drops the question.
pub(super) struct EchoOff;

impl EchoOff {
    /// Does nothing where standard input is no terminal.
    pub(super) fn begin() -> Self {
        #[cfg(unix)]
        if let Ok(mut before) = BEFORE.lock()
            && let Ok(was) = rustix::termios::tcgetattr(io::stdin())
        {
            let mut hidden = was.clone();
            hidden.local_modes.remove(rustix::termios::LocalModes::ECHO);
            // What was typed before is thrown away: it was no answer to this question, and it was seen.
            let flush = rustix::termios::OptionalActions::Flush;
            *before = rustix::termios::tcsetattr(io::stdin(), flush, &hidden).is_ok().then_some(was);
        }
        Self
    }
}

impl Drop for EchoOff {
    fn drop(&mut self) {
        restore_echo();
    }
}
