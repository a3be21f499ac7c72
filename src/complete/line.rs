//! Reads a command line up to the cursor like a shell, and quotes words for the position of the cursor.

/// How the word at the cursor starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Open {
    /// The quote that is open.
    pub(super) quote: Option<char>,
    /// The number of characters of the word before the part that the shell replaces.
    pub(super) kept: usize,
}

/// Returns the words of a bash command line, without quotes, and how the last one starts. `breaks` is
/// `COMP_WORDBREAKS`.
pub(super) fn bash(line: &str, breaks: &str) -> (Vec<String>, Open) {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut open = Open::default();
    // The value of `kept` before the open quote.
    let mut before = 0;
    let mut characters = line.chars().peekable();
    while let Some(one) = characters.next() {
        match (open.quote, one) {
            (Some(quote), _) if one == quote => open = Open { quote: None, kept: before },
            (Some('"'), '\\') => {
                let next = characters.next_if(|next| matches!(next, '"' | '\\' | '$' | '`'));
                push(&mut word, next.unwrap_or('\\'));
            }
            (Some(_), _) => push(&mut word, one),
            (None, '\\') => match characters.next() {
                Some(next) => push(&mut word, next),
                None => drop(word.get_or_insert_default()),
            },
            (None, '\'' | '"') => {
                let word = word.get_or_insert_default();
                before = open.kept;
                open = Open { quote: Some(one), kept: word.chars().count() };
            }
            (None, ' ' | '\t') => {
                words.extend(word.take());
                open = Open::default();
            }
            (None, _) => {
                push(&mut word, one);
                if breaks.contains(one) {
                    open.kept = word.as_ref().map_or(0, |word| word.chars().count());
                }
            }
        }
    }
    words.push(word.unwrap_or_default());
    // Variables before the command are not part of its words.
    let is_variable = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let first = words.iter().position(|word| !is_variable(word)).unwrap_or(0);
    (words.split_off(first), open)
}

fn push(word: &mut Option<String>, one: char) {
    word.get_or_insert_default().push(one);
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|one| one.is_ascii_alphanumeric() || one == '_')
}

/// Removes the quotes of fish from a word, because fish passes the word at the cursor as it was typed.
pub(super) fn fish_unquoted(word: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    let mut characters = word.chars().peekable();
    while let Some(one) = characters.next() {
        match (quote, one) {
            (Some(open), _) if one == open => quote = None,
            (None, '\'' | '"') => quote = Some(one),
            (Some('\''), '\\') => text.push(characters.next_if(|next| matches!(next, '\'' | '\\')).unwrap_or('\\')),
            (Some(_), '\\') => text.push(characters.next_if(|next| matches!(next, '"' | '\\' | '$')).unwrap_or('\\')),
            (None, '\\') => text.extend(characters.next()),
            _ => text.push(one),
        }
    }
    text
}

/// Returns the part of a candidate that bash inserts, quoted for its position; `None` if it cannot be quoted there.
pub(super) fn bash_quoted(candidate: &str, open: &Open) -> Option<String> {
    let rest: String = candidate.chars().skip(open.kept).collect();
    Some(match open.quote {
        Some('\'') => rest.replace('\'', "'\\''"),
        Some(_) => {
            // In double quotes, nothing protects `!` from the history expansion of an interactive shell.
            if rest.contains('!') {
                return None;
            }
            let mut text = String::new();
            for one in rest.chars() {
                if matches!(one, '"' | '\\' | '$' | '`') {
                    text.push('\\');
                }
                text.push(one);
            }
            text
        }
        None => {
            let mut text = String::new();
            for one in rest.chars() {
                if one.is_ascii() && !one.is_ascii_alphanumeric() && !"-_./:@,=+%".contains(one) {
                    text.push('\\');
                }
                text.push(one);
            }
            text
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = " \t\n\"'><=;|&(:";

    #[test]
    fn a_line_is_read_as_bash_reads_it() {
        for (line, words, quote, kept) in [
            ("ibmiam api-key-delete ", &["ibmiam", "api-key-delete", ""][..], None, 0),
            ("ibmiam x my\\ ke", &["ibmiam", "x", "my ke"], None, 0),
            ("ibmiam x \"my ke", &["ibmiam", "x", "my ke"], Some('"'), 0),
            ("ibmiam x 'it", &["ibmiam", "x", "it"], Some('\''), 0),
            ("ibmiam x a:b", &["ibmiam", "x", "a:b"], None, 2),
            ("ibmiam x --session=wo", &["ibmiam", "x", "--session=wo"], None, 10),
            ("ibmiam x 'a b' c", &["ibmiam", "x", "a b", "c"], None, 0),
            ("A=1 B=2 ibmiam x", &["ibmiam", "x"], None, 0),
            ("ibmiam x \"a\\\"b\\c", &["ibmiam", "x", "a\"b\\c"], Some('"'), 0),
            ("ibmiam x ab\"c", &["ibmiam", "x", "abc"], Some('"'), 2),
            ("ibmiam x ab\"c\"d", &["ibmiam", "x", "abcd"], None, 0),
            ("ibmiam \\", &["ibmiam", ""], None, 0),
            ("", &[""], None, 0),
        ] {
            let (found, open) = bash(line, BREAKS);
            assert_eq!(
                (found, open),
                (words.iter().map(|word| (*word).to_owned()).collect(), Open { quote, kept }),
                "{line}"
            );
        }
    }

    #[test]
    fn what_is_inserted_is_one_word_again_and_runs_nothing() {
        for name in
            ["my key", "it's", "a:b", "ti`id`ck", "se;rm", "$HOME", "a\"b", "~t", "#x", "ü&鍵", "*", "a\\b", "!x"]
        {
            for start in ["", "'", "\""] {
                let (_, open) = bash(&format!("ibmiam x {start}"), BREAKS);
                let Some(inserted) = bash_quoted(name, &open) else {
                    assert!(start == "\"" && name.contains('!'), "{name} {start}");
                    continue;
                };
                let line = format!("printf %s {start}{inserted}{start}");
                let output = std::process::Command::new("bash").args(["-c", &line]).output().unwrap();
                assert_eq!(String::from_utf8(output.stdout).unwrap(), name, "{line}");
            }
        }
    }

    #[test]
    fn a_word_of_fish_loses_its_quotes() {
        for (word, expected) in
            [("my\\ ke", "my ke"), ("'it\\'s", "it's"), ("\"a\\$b", "a$b"), ("'a\\b", "a\\b"), ("", "")]
        {
            assert_eq!(fish_unquoted(word), expected);
        }
    }
}
