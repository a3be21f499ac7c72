//! Questions to a person, or to whatever stands at the other end of standard input.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Read};
use std::sync::Arc;

use dialoguer::Password;
use dialoguer::console::{Term, truncate_str};

use zeroize::Zeroizing;

use super::ui::Ui;
use crate::blocking::on_a_thread;
use crate::error::Error;
use crate::programs;
use crate::secret::SecretString;

/// Who answers. The calls block, so they run on a thread of their own and Ctrl-C stays alive.
pub trait Prompt: Send + Sync {
    /// Whether there is a person who can be asked again.
    fn is_person(&self) -> bool;

    /// One line without its end; `None` at the end of input.
    ///
    /// # Errors
    /// What reading said.
    fn line(&self) -> io::Result<Option<String>>;

    /// All of the input, or a line typed unseen.
    ///
    /// # Errors
    /// What reading said.
    fn secret(&self, question: &str) -> io::Result<SecretString>;
}

/// Standard input: a terminal, or a pipe that holds the answers.
pub struct StandardInput;

impl Prompt for StandardInput {
    fn is_person(&self) -> bool {
        io::stdin().is_terminal() && (io::stdout().is_terminal() || io::stderr().is_terminal())
    }

    /// Reads byte by byte: what follows the line belongs to somebody else, as in `while read` loops.
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

/// More than any key or token.
const LONGEST_SECRET: u64 = 64 << 10;

/// The stream that a person sees.
fn screen() -> Term {
    if io::stderr().is_terminal() { Term::stderr() } else { Term::stdout() }
}

/// As much of a line as fits on the terminal: one that is wrapped cannot be drawn over.
pub(super) fn fitting(line: &str, margin: usize) -> Cow<'_, str> {
    let width = usize::from(screen().size().1).saturating_sub(margin);
    truncate_str(line, width, "…")
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

/// Asks for a yes before a change.
///
/// # Errors
/// `Cancelled` for a no; `Usage` where nobody can answer or the answer is neither.
pub async fn confirm(ui: &mut Ui, prompt: &Arc<dyn Prompt>, question: &str) -> Result<(), Error> {
    loop {
        ui.question(&format!("{question} [y/N]> "));
        let asked = Arc::clone(prompt);
        let answer = answer(move || asked.line()).await?;
        let person = prompt.is_person();
        if !person {
            // The answer is not on the screen yet, as it would be if it had been typed.
            let echo = answer.as_deref().unwrap_or_default();
            ui.question(&format!("{}\n", crate::text::visible(echo)));
        }
        match answer.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("y" | "yes") => return Ok(()),
            Some("" | "n" | "no") => return Err(Error::cancelled()),
            None if person => {
                ui.question("\n");
                return Err(Error::cancelled());
            }
            Some(_) if person => ui.say("Please enter 'y', 'n', 'yes' or 'no'."),
            None => {
                let error = Error::usage("Confirmation required, but standard input is at end of file.");
                return Err(error.hint("Pass --force to skip the confirmation."));
            }
            Some(_) => {
                let error = Error::usage("The answer is neither yes nor no. Nothing was changed.");
                return Err(error.hint("Answer 'y' or 'n', or pass --force."));
            }
        }
    }
}

/// Offers something to a person, who gets it unless they say no. Nobody else does.
///
/// # Errors
/// `Cancelled` at the end of input.
pub async fn offer(ui: &mut Ui, prompt: &Arc<dyn Prompt>, question: &str) -> Result<bool, Error> {
    if !prompt.is_person() {
        return Ok(false);
    }
    ui.question(&format!("{question} [Y/n]> "));
    let asked = Arc::clone(prompt);
    let answer = answer(move || asked.line()).await?;
    let answer = answer.ok_or_else(Error::cancelled)?;
    Ok(matches!(answer.to_ascii_lowercase().as_str(), "" | "y" | "yes"))
}

/// Opens a page in the person's browser, without waiting for it.
///
/// # Errors
/// What the system said of the last program that could open it.
pub fn open_page(url: &str) -> io::Result<()> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for mut command in open::commands(url) {
        programs::without_secrets(&mut command);
        let silent = std::process::Stdio::null;
        match command.stdin(silent()).stdout(silent()).stderr(silent()).spawn() {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Lets a person choose by number; `None` where there is none. Nothing is chosen unless it is named.
///
/// # Errors
/// `Cancelled` if the person left without choosing.
pub async fn choose(
    ui: &mut Ui,
    prompt: &Arc<dyn Prompt>,
    question: &str,
    items: &[String],
) -> Result<Option<usize>, Error> {
    if !prompt.is_person() {
        return Ok(None);
    }
    let lines: Vec<String> = items.iter().enumerate().map(|(index, item)| format!("{}. {item}\n", index + 1)).collect();
    ui.question(&format!("{question}\n{}", lines.concat()));
    loop {
        ui.question("Enter a number, or press Enter to cancel> ");
        let asked = Arc::clone(prompt);
        let answer = answer(move || asked.line()).await?;
        let Some(answer) = answer.filter(|answer| !answer.is_empty()) else {
            return Err(Error::cancelled());
        };
        match answer.parse::<usize>() {
            Ok(number) if (1..=items.len()).contains(&number) => return Ok(Some(number - 1)),
            _ => ui.say(&format!("Please enter a number from 1 to {}.", items.len())),
        }
    }
}

/// Reads a secret: unseen from a person, else all of standard input.
///
/// # Errors
/// `Failed` if it cannot be read.
pub async fn secret(ui: &mut Ui, prompt: &Arc<dyn Prompt>, question: &str) -> Result<SecretString, Error> {
    ui.question("");
    let asked = Arc::clone(prompt);
    let question = question.to_owned();
    let _restored = Restored::later();
    answer(move || asked.secret(&question)).await
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
        // There is nobody to tell.
        let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &was);
    }
}

/// Restores the lines when dropped, also when Ctrl-C drops the question.
struct Restored;

impl Restored {
    fn later() -> Self {
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

/// Waits for an answer for as long as it takes.
async fn answer<T: Send + 'static>(ask: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, Error> {
    on_a_thread("prompt", ask).await.flatten().map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => Error::cancelled(),
        _ => Error::failed(format!("Cannot read the answer: {error}.")),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;

    use super::*;
    use crate::error::Kind;

    /// Gives these answers in turn, then the end of input.
    struct Scripted {
        person: bool,
        answers: Mutex<Vec<&'static str>>,
    }

    impl Prompt for Scripted {
        fn is_person(&self) -> bool {
            self.person
        }
        fn line(&self) -> io::Result<Option<String>> {
            Ok(self.answers.lock().unwrap().pop().map(str::to_owned))
        }
        fn secret(&self, _: &str) -> io::Result<SecretString> {
            Ok(SecretString::from(self.answers.lock().unwrap().pop().unwrap_or_default()))
        }
    }

    /// A stream that the test can look at.
    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn scripted(person: bool, answers: &[&'static str]) -> Arc<dyn Prompt> {
        let answers = Mutex::new(answers.iter().rev().copied().collect());
        Arc::new(Scripted { person, answers })
    }

    async fn asked(person: bool, answers: &[&'static str]) -> (Option<Kind>, String) {
        let screen = Screen::default();
        let mut ui = Ui::new(Box::new(screen.clone()), Box::new(io::sink()), (false, false));
        let result = confirm(&mut ui, &scripted(person, answers), "Really?").await;
        let text = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
        (result.err().map(|error| error.kind), text)
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_person_is_asked_until_the_answer_is_one_and_a_pipe_only_once() {
        let (kind, screen) = asked(true, &["what", "", "y"]).await;
        assert_eq!(kind, Some(Kind::Cancelled));
        assert_eq!(screen.matches("Really? [y/N]> ").count(), 2);
        assert_eq!(asked(true, &["what", "YES"]).await.0, None);
        assert_eq!(asked(false, &["what", "yes"]).await.0, Some(Kind::Usage));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_end_of_input_is_a_persons_no_and_a_pipes_mistake() {
        assert_eq!(asked(true, &[]).await.0, Some(Kind::Cancelled));
        assert_eq!(asked(false, &[]).await.0, Some(Kind::Usage));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_answer_from_a_pipe_is_shown_and_cannot_harm_the_screen() {
        let (_, screen) = asked(false, &["y"]).await;
        assert_eq!(screen, "Really? [y/N]> y\n");
        let (_, screen) = asked(false, &["\x1b[2J"]).await;
        assert_eq!(screen, "Really? [y/N]> \\x1b[2J\n");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn nobody_chooses_where_there_is_no_person() {
        let mut ui = Ui::new(Box::new(io::sink()), Box::new(io::sink()), (false, false));
        let items = ["a".to_owned(), "b".to_owned()];
        let chosen = choose(&mut ui, &scripted(false, &["2"]), "Which?", &items).await;
        assert_eq!(chosen.unwrap(), None);
        let chosen = choose(&mut ui, &scripted(true, &["b", "0", "3", "2"]), "Which?", &items).await;
        assert_eq!(chosen.unwrap(), Some(1));
        for left in [&[""][..], &[]] {
            let left = choose(&mut ui, &scripted(true, left), "Which?", &items).await;
            assert_eq!(left.unwrap_err().kind, Kind::Cancelled);
        }
    }
}
