//! Questions to the user, or to a pipe in place of the user.

use std::io;
use std::sync::Arc;

use super::input::{Input, Piped, Restored};
use super::ui::Ui;
use crate::blocking::on_a_thread;
use crate::error::Error;
use crate::secret::SecretString;
use crate::text::{reason, visible};

/// Asks questions, if the user or a pipe can answer them.
#[derive(Clone)]
pub struct Prompt {
    input: Arc<dyn Input>,
    no_input: bool,
    is_dumb: bool,
}

impl Prompt {
    /// Creates prompts that this input answers. With `no_input`, no question is asked. With `is_dumb`, the terminal
    /// cannot move its cursor.
    #[must_use]
    pub fn new(input: Arc<dyn Input>, no_input: bool, is_dumb: bool) -> Self {
        Self { input, no_input, is_dumb }
    }

    /// Whether the user can be asked.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        !self.no_input && self.input.is_person()
    }

    /// Asks for a confirmation before a change. If standard input is a pipe, it can contain the answer. `to` is the
    /// purpose, for example "to delete 2 API keys".
    ///
    /// # Errors
    /// `Cancelled` if the answer is no; `Usage` if the question cannot be answered.
    pub async fn confirm(&self, ui: &mut Ui, question: &str, to: &str) -> Result<(), Error> {
        let unanswered = |why: &str| {
            let error = Error::usage(format!("Confirmation required {to}, but {why}. Nothing was changed."));
            error.hint("Pass --force to skip the confirmation.")
        };
        if self.no_input {
            return Err(unanswered("--no-input is set"));
        }
        if self.input.is_person() {
            return if self.yes_or_no(ui, question).await? { Ok(()) } else { Err(Error::cancelled()) };
        }
        ui.question(&format!("{question} [y/N]> "));
        let answer = self.ask(|input| input.piped()).await?;
        let (text, result) = match answer {
            Piped::Nothing => (String::new(), Err(unanswered("standard input contains no answer, or is a file"))),
            Piped::More => {
                (String::new(), Err(unanswered("standard input contains more than one answer, or is still open")))
            }
            Piped::Answer(text) => {
                let result = match yes(&text) {
                    Some(true) => Ok(()),
                    Some(false) => Err(Error::cancelled()),
                    None => Err(Error::usage("The answer is neither yes nor no. Nothing was changed.")
                        .hint("Answer 'y' or 'n', or pass --force.")),
                };
                (text, result)
            }
        };
        // An answer that was not typed is not on the screen yet.
        ui.question(&format!("{}\n", visible(&text)));
        result
    }

    /// Asks the user to enter the number of keys before a change of many keys. If standard input is a pipe, it can
    /// contain the number.
    ///
    /// # Errors
    /// `Cancelled` for an empty answer; `Usage` if the question cannot be answered, or a pipe contains another number.
    pub async fn confirm_number(&self, ui: &mut Ui, question: &str, number: usize, to: &str) -> Result<(), Error> {
        let unanswered = || {
            let error = Error::usage(format!(
                "Confirmation required {to}, but the number of keys was not entered. Nothing was changed."
            ));
            error.hint("Pass --force to skip the confirmation.")
        };
        if self.no_input {
            return Err(unanswered());
        }
        ui.question(&format!("{question}\nEnter the number of keys ({number}) to confirm, or press Enter to cancel> "));
        if self.input.is_person() {
            loop {
                let Some(answer) = self.ask(|input| input.line()).await? else {
                    ui.question("\n");
                    return Err(Error::cancelled());
                };
                match answer.trim() {
                    "" => return Err(Error::cancelled()),
                    answer if answer == number.to_string() => return Ok(()),
                    _ => ui.question(&format!("Enter {number}, or press Enter to cancel> ")),
                }
            }
        }
        let Piped::Answer(text) = self.ask(|input| input.piped()).await? else { return Err(unanswered()) };
        ui.question(&format!("{}\n", visible(&text)));
        match text.trim() {
            "" => Err(Error::cancelled()),
            answer if answer == number.to_string() => Ok(()),
            _ => Err(unanswered()),
        }
    }

    /// Asks one of several questions. A pipe answers each question with one line.
    ///
    /// # Errors
    /// `Usage` if the question cannot be answered.
    pub async fn answer(&self, ui: &mut Ui, question: &str) -> Result<bool, Error> {
        if self.input.is_person() {
            return self.yes_or_no(ui, question).await;
        }
        if self.no_input || self.input.is_terminal() {
            return Err(Error::usage("Confirmation required, but ibmiam cannot prompt."));
        }
        ui.question(&format!("{question} [y/N]> "));
        let answer = self.ask(|input| input.line()).await?;
        ui.question(&format!("{}\n", visible(answer.as_deref().unwrap_or_default())));
        match answer.as_deref().map(yes) {
            Some(Some(answer)) => Ok(answer),
            Some(None) => Err(Error::usage("The answer is neither yes nor no.")),
            None => Err(Error::usage("Confirmation required, but standard input is at end of file.")),
        }
    }

    /// Asks the user until the answer is yes or no; the end of input means no.
    async fn yes_or_no(&self, ui: &mut Ui, question: &str) -> Result<bool, Error> {
        loop {
            ui.question(&format!("{question} [y/N]> "));
            let Some(answer) = self.ask(|input| input.line()).await? else {
                ui.question("\n");
                return Ok(false);
            };
            match yes(&answer) {
                Some(answer) => return Ok(answer),
                None => ui.question("Please enter 'y', 'n', 'yes' or 'no'.\n"),
            }
        }
    }

    /// Offers something to the user; an empty answer means yes. Returns false without a question if the user cannot be
    /// asked.
    ///
    /// # Errors
    /// `Cancelled` at the end of input.
    pub async fn offer(&self, ui: &mut Ui, question: &str) -> Result<bool, Error> {
        if !self.can_ask() {
            return Ok(false);
        }
        ui.question(&format!("{question} [Y/n]> "));
        let answer = self.ask(|input| input.line()).await?.ok_or_else(Error::cancelled)?;
        Ok(matches!(answer.to_ascii_lowercase().as_str(), "" | "y" | "yes"))
    }

    /// Lets the user select one item; `None` if the user cannot be asked. No item is preselected.
    ///
    /// # Errors
    /// `Cancelled` if the user selects nothing.
    pub async fn choose(&self, ui: &mut Ui, question: &str, items: &[String]) -> Result<Option<usize>, Error> {
        if !self.can_ask() {
            return Ok(None);
        }
        if self.is_dumb {
            return self.choose_by_number(ui, question, items).await.map(Some);
        }
        ui.question(&format!("{question} (arrow keys move, typing filters, Enter selects, Esc cancels)\n"));
        self.select(items.to_vec()).await.map(Some)
    }

    /// Lets the user select any number of items; `None` if the user cannot be asked.
    ///
    /// # Errors
    /// `Cancelled` if the user selects nothing.
    pub async fn choose_several(
        &self,
        ui: &mut Ui,
        question: &str,
        items: &[String],
    ) -> Result<Option<Vec<usize>>, Error> {
        if !self.can_ask() {
            return Ok(None);
        }
        if self.is_dumb {
            return self.choose_by_number(ui, question, items).await.map(|index| Some(vec![index]));
        }
        ui.question(&format!(
            "{question} (arrow keys move, typing filters, Enter marks, Esc cancels; then select Done)\n"
        ));
        let mut selected = vec![false; items.len()];
        loop {
            let count = selected.iter().filter(|selected| **selected).count();
            let mut lines: Vec<String> = items
                .iter()
                .zip(&selected)
                .map(|(item, selected)| format!("{} {item}", if *selected { "[x]" } else { "[ ]" }))
                .collect();
            if count > 0 {
                lines.push(format!("Done: {count} selected"));
            }
            match selected.get_mut(self.select(lines).await?) {
                Some(selected) => *selected = !*selected,
                None => break,
            }
        }
        Ok(Some((0..items.len()).filter(|index| selected[*index]).collect()))
    }

    async fn select(&self, lines: Vec<String>) -> Result<usize, Error> {
        let _restored = Restored::later();
        let selected = self.ask(move |input| input.select("Filter:", &lines));
        selected.await?.ok_or_else(Error::cancelled)
    }

    async fn choose_by_number(&self, ui: &mut Ui, question: &str, items: &[String]) -> Result<usize, Error> {
        let numbered = items.iter().enumerate();
        let lines: String = numbered.map(|(index, item)| format!("{}. {item}\n", index + 1)).collect();
        ui.question(&format!("{question}\n{lines}"));
        loop {
            ui.question("Enter a number, or press Enter to cancel> ");
            let answer = self.ask(|input| input.line()).await?;
            let Some(answer) = answer else {
                ui.question("\n");
                return Err(Error::cancelled());
            };
            if answer.is_empty() {
                return Err(Error::cancelled());
            }
            match answer.parse::<usize>() {
                Ok(number) if (1..=items.len()).contains(&number) => return Ok(number - 1),
                _ => ui.question(&format!("Please enter a number from 1 to {}.\n", items.len())),
            }
        }
    }

    /// Reads a secret: without echo from the user, otherwise all of standard input.
    ///
    /// # Errors
    /// `Failed` if it cannot be read.
    pub async fn secret(&self, ui: &mut Ui, question: &str) -> Result<SecretString, Error> {
        ui.question("");
        let question = question.to_owned();
        let _restored = Restored::later();
        self.ask(move |input| input.secret(&question)).await
    }

    /// Waits for an answer without a timeout.
    async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Input) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let input = Arc::clone(&self.input);
        on_a_thread("prompt", move || ask(&*input)).await.flatten().map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => Error::cancelled(),
            _ => Error::failed(format!("Cannot read the answer: {}.", reason(&error))),
        })
    }
}

/// Parses yes or no; an empty answer means no.
fn yes(answer: &str) -> Option<bool> {
    match answer.to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "" | "n" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;

    use super::*;
    use crate::error::Kind;

    /// An input that returns these answers in order, then the end of input.
    struct Scripted {
        person: bool,
        answers: Mutex<Vec<&'static str>>,
    }

    impl Input for Scripted {
        fn is_person(&self) -> bool {
            self.person
        }
        fn is_terminal(&self) -> bool {
            self.person
        }
        fn line(&self) -> io::Result<Option<String>> {
            Ok(self.answers.lock().unwrap().pop().map(str::to_owned))
        }
        fn piped(&self) -> io::Result<Piped> {
            Ok(self.line()?.map_or(Piped::Nothing, Piped::Answer))
        }
        fn select(&self, _: &str, items: &[String]) -> io::Result<Option<usize>> {
            Ok(self.line()?.and_then(|answer| items.iter().position(|item| item.ends_with(&answer))))
        }
        fn secret(&self, _: &str) -> io::Result<SecretString> {
            Ok(SecretString::from(self.answers.lock().unwrap().pop().unwrap_or_default()))
        }
    }

    /// A stream whose contents a test can read.
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

    fn scripted(person: bool, answers: &[&'static str]) -> Prompt {
        let answers = Mutex::new(answers.iter().rev().copied().collect());
        Prompt::new(Arc::new(Scripted { person, answers }), false, true)
    }

    async fn asked(person: bool, answers: &[&'static str]) -> (Option<Kind>, String) {
        let screen = Screen::default();
        let mut ui = Ui::new(Box::new(io::sink()), Box::new(screen.clone()), (false, true));
        let result = scripted(person, answers).confirm(&mut ui, "Really?", "to do it").await;
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
        let chosen = scripted(false, &["2"]).choose(&mut ui, "Which?", &items).await;
        assert_eq!(chosen.unwrap(), None);
        let chosen = scripted(true, &["b", "0", "3", "2"]).choose(&mut ui, "Which?", &items).await;
        assert_eq!(chosen.unwrap(), Some(1));
        for left in [&[""][..], &[]] {
            let left = scripted(true, left).choose(&mut ui, "Which?", &items).await;
            assert_eq!(left.unwrap_err().kind, Kind::Cancelled);
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn several_items_are_marked_and_unmarked_until_it_is_done() {
        let mut ui = Ui::new(Box::new(io::sink()), Box::new(io::sink()), (false, false));
        let items = ["a", "b", "c"].map(str::to_owned);
        let prompt = |answers: &[&'static str]| Prompt { is_dumb: false, ..scripted(true, answers) };
        let chosen = prompt(&["a", "c", "a", "b", "selected"]).choose_several(&mut ui, "Which?", &items).await;
        assert_eq!(chosen.unwrap(), Some(vec![1, 2]));
        let left = prompt(&["a"]).choose_several(&mut ui, "Which?", &items).await;
        assert_eq!(left.unwrap_err().kind, Kind::Cancelled);
    }
}
