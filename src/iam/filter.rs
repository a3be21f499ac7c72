//! Filter expressions for lists: the service's SCIM subset (`co`, `sw`, `ew` over `name` and `description`).

/// Builds a filter for names that start with this text; `None` if the text cannot be written in a filter.
#[must_use]
pub fn name_starts_with(text: &str) -> Option<String> {
    term("name", "sw", text)
}

/// Builds a filter for keys whose `name` and `description` contain these texts, as far as given.
///
/// `None` if there is nothing to filter by, or a text cannot be written in a filter.
#[must_use]
pub fn contains(name: Option<&str>, description: Option<&str>) -> Option<String> {
    let terms = [("name", name), ("description", description)];
    let terms: Option<Vec<String>> = terms
        .into_iter()
        .filter_map(|(field, text)| text.filter(|text| !text.is_empty()).map(|text| (field, text)))
        .map(|(field, text)| term(field, "co", text))
        .collect();
    terms.filter(|terms| !terms.is_empty()).map(|terms| terms.join(" and "))
}

/// Longer texts would make the URL too long for a request.
const LONGEST: usize = 1024;

/// Builds one term. The escaping of special characters is not documented, so this program compares such texts itself.
fn term(field: &str, operator: &str, text: &str) -> Option<String> {
    let writable =
        (1..=LONGEST).contains(&text.len()) && !text.contains(['"', '\\']) && !text.contains(char::is_control);
    writable.then(|| format!("{field} {operator} \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_written_in_the_services_grammar() {
        assert_eq!(name_starts_with("my key").as_deref(), Some(r#"name sw "my key""#));
        assert_eq!(contains(Some("a"), Some("b")).as_deref(), Some(r#"name co "a" and description co "b""#));
        assert_eq!(contains(None, Some("b")).as_deref(), Some(r#"description co "b""#));
    }

    #[test]
    fn text_that_needs_escaping_gives_no_filter() {
        for text in ["a\"b", "a\\b", "a\nb", "", &"n".repeat(1025)] {
            assert_eq!(name_starts_with(text), None, "{text:?}");
        }
        assert_eq!(contains(Some("plain"), Some("quo\"te")), None);
        assert_eq!(contains(None, None), None);
    }
}
