//! The filter grammar: `name sw "a" and (description co_ci "b" or name ew "c")`, translated to SQL.
//!
//! `and` binds tighter than `or`, which the service's documentation leaves open. How to escape a quote inside a text is
//! not documented either; by default, it is not possible here.

use std::iter::Peekable;
use std::vec::IntoIter;

/// An SQL condition and its parameters, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Condition {
    /// SQL with a `?` for each parameter.
    pub sql: String,
    /// The texts for the parameters.
    pub parameters: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Open,
    Close,
    Plain(String),
    Text(String),
}

/// The maximum nesting depth of parentheses.
const MAX_DEPTH: u32 = 20;

/// The maximum number of SQL parameters, of which an `ew` term has two; SQLite's own limit is higher.
const MAX_TERMS: usize = 200;

/// The SQL function that folds case in all scripts; SQLite's own function does not.
pub(super) const FOLD: &str = "fold_case";

/// Attributes that a setup can allow in addition to name and description; also column names.
pub(super) const MORE_ATTRIBUTES: [&str; 3] = ["id", "iam_id", "created_by"];

/// What a setup allows beyond the documented grammar.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Grammar<'a> {
    /// Attributes from [`MORE_ATTRIBUTES`].
    pub(super) attributes: &'a [String],
    /// Whether a backslash escapes a quote.
    pub(super) escapes: bool,
}

/// Parses an expression; `None` if it is invalid.
pub(super) fn parse(expression: &str, grammar: Grammar<'_>) -> Option<Condition> {
    let mut words = words(expression, grammar.escapes)?.into_iter().peekable();
    let mut condition = Condition::default();
    any_of(&mut words, &mut condition, grammar, 0)?;
    words.next().is_none().then_some(condition)
}

fn any_of(words: &mut Peekable<IntoIter<Word>>, to: &mut Condition, grammar: Grammar<'_>, depth: u32) -> Option<()> {
    to.sql.push('(');
    loop {
        all_of(words, to, grammar, depth)?;
        if !next_is(words, "or") {
            to.sql.push(')');
            return Some(());
        }
        to.sql.push_str(" OR ");
    }
}

fn all_of(words: &mut Peekable<IntoIter<Word>>, to: &mut Condition, grammar: Grammar<'_>, depth: u32) -> Option<()> {
    loop {
        term(words, to, grammar, depth)?;
        if !next_is(words, "and") {
            return Some(());
        }
        to.sql.push_str(" AND ");
    }
}

fn term(words: &mut Peekable<IntoIter<Word>>, to: &mut Condition, grammar: Grammar<'_>, depth: u32) -> Option<()> {
    match words.next()? {
        Word::Open if depth < MAX_DEPTH => {
            any_of(words, to, grammar, depth + 1)?;
            (words.next()? == Word::Close).then_some(())
        }
        Word::Plain(attribute) => {
            let column = match attribute.as_str() {
                "name" => "name",
                "description" => "coalesce(description, '')",
                other => {
                    let allowed = grammar.attributes.iter().any(|attribute| attribute == other);
                    MORE_ATTRIBUTES.into_iter().find(|known| allowed && *known == other)?
                }
            };
            let (Some(Word::Plain(operator)), Some(Word::Text(text))) = (words.next(), words.next()) else {
                return None;
            };
            comparison(column, &operator, text, to)
        }
        _ => None,
    }
}

fn comparison(column: &str, operator: &str, text: String, to: &mut Condition) -> Option<()> {
    if text.is_empty() || to.parameters.len() >= MAX_TERMS {
        return None;
    }
    let (operator, text, column) = match operator.strip_suffix("_ci") {
        Some(operator) => (operator, text.to_lowercase(), format!("{FOLD}({column})")),
        None => (operator, text, column.to_owned()),
    };
    let sql = match operator {
        "co" => format!("instr({column}, ?) > 0"),
        "sw" => format!("instr({column}, ?) = 1"),
        "ew" => {
            to.parameters.push(text.clone());
            format!("substr({column}, -length(?)) = ?")
        }
        _ => return None,
    };
    to.parameters.push(text);
    to.sql.push_str(&sql);
    Some(())
}

fn next_is(words: &mut Peekable<IntoIter<Word>>, word: &str) -> bool {
    let found = matches!(words.peek(), Some(Word::Plain(next)) if next.eq_ignore_ascii_case(word));
    if found {
        words.next();
    }
    found
}

fn words(expression: &str, escapes: bool) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '(' => (Word::Open, &rest[1..]),
            ')' => (Word::Close, &rest[1..]),
            '"' => {
                let (text, after) = quoted(&rest[1..], escapes)?;
                (Word::Text(text), after)
            }
            _ => {
                let end = rest.find(|next: char| next.is_whitespace() || "()\"".contains(next)).unwrap_or(rest.len());
                (Word::Plain(rest[..end].to_owned()), &rest[end..])
            }
        };
        words.push(word);
        rest = after.trim_start();
    }
    Some(words)
}

/// Returns the text up to the closing quote, and the rest of the expression.
fn quoted(rest: &str, escapes: bool) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = rest.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((text, &rest[place + 1..])),
            '\\' if escapes => text.push(characters.next()?.1),
            other => text.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(expression: &str) -> Option<Condition> {
        super::parse(expression, Grammar::default())
    }

    #[test]
    fn a_setup_can_allow_more() {
        let attributes = ["created_by".to_owned()];
        let grammar = Grammar { attributes: &attributes, escapes: true };
        let condition = super::parse(r#"created_by sw "IBMid" and name co "a\"b\\""#, grammar).unwrap();
        assert_eq!(condition.parameters, ["IBMid", "a\"b\\"]);
        assert_eq!(super::parse(r#"iam_id sw "IBMid""#, grammar), None);
        assert_eq!(parse(r#"created_by sw "IBMid""#), None);
        assert_eq!(super::parse(r#"name co "a\"#, grammar), None);
    }

    fn sql(expression: &str) -> Option<String> {
        parse(expression).map(|condition| condition.sql)
    }

    #[test]
    fn terms_join_with_and_before_or_and_parentheses_before_both() {
        assert_eq!(
            sql(r#"name co "Foo" and description sw "Bar" or name ew "x""#).unwrap(),
            "(instr(name, ?) > 0 AND instr(coalesce(description, ''), ?) = 1 OR substr(name, -length(?)) = ?)"
        );
        assert_eq!(
            sql(r#"name sw "a" and (name co "b" or name co_ci "C")"#).unwrap(),
            "(instr(name, ?) = 1 AND (instr(name, ?) > 0 OR instr(fold_case(name), ?) > 0))"
        );
    }

    #[test]
    fn the_texts_go_in_as_parameters() {
        let condition = parse(r#"name ew_ci "x' OR 1=1 --""#).unwrap();
        assert_eq!(condition.parameters, ["x' or 1=1 --", "x' or 1=1 --"]);
        assert!(!condition.sql.contains("1=1"));
    }

    #[test]
    fn what_the_grammar_does_not_have_is_refused() {
        for expression in [
            "",
            "name",
            r#"name eq "a""#,
            r#"id sw "a""#,
            "name sw a",
            r#"name sw "a"#,
            r#"name sw """#,
            r#"(name sw "a""#,
            r#"name sw "a")"#,
            r#"name sw "a" name sw "b""#,
            r#"not name sw "a""#,
            r#"name sw "a" and"#,
        ] {
            assert_eq!(parse(expression), None, "{expression}");
        }
        let long = vec![r#"name co "a""#; 300].join(" and ");
        assert_eq!(parse(&long), None);
        let deep = format!("{}name sw \"a\"{}", "(".repeat(9999), ")".repeat(9999));
        assert_eq!(parse(&deep), None);
    }
}
