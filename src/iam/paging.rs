//! Follows `next`: a URL whose `pagetoken` identifies the following page. The last page has no `next`.

use std::collections::HashSet;

use super::error::Error;

/// The largest page size that the service supports.
pub const PAGE_SIZE: u32 = 100;

/// The maximum number of pages. No account has 200,000 keys; a service that sends more pages is broken.
const MAX_PAGES: usize = 2_000;

/// The tokens of a series of pages. Detects a service that repeats pages.
#[derive(Debug, Default)]
pub struct Chain {
    seen: HashSet<String>,
}

impl Chain {
    /// Returns the token for the next page; `None` after the last one.
    ///
    /// # Errors
    /// `Unreadable` if `next` has no token or a repeated one, or if there are too many pages.
    pub fn advance(&mut self, next: Option<&str>) -> Result<Option<String>, Error> {
        let Some(next) = next.filter(|next| !next.is_empty()) else {
            return Ok(None);
        };
        let token = page_token(next).ok_or_else(|| Error::unreadable("the link to the next page has no page token"))?;
        if self.seen.len() >= MAX_PAGES || !self.seen.insert(token.clone()) {
            return Err(Error::unreadable("the list has no last page"));
        }
        Ok(Some(token))
    }
}

/// Takes only the token. The page is requested from the configured endpoint, whatever `next` points to.
fn page_token(next: &str) -> Option<String> {
    let (_, query) = next.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(key, value)| (key == "pagetoken").then(|| value.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_taken_from_the_url_and_decoded() {
        let mut chain = Chain::default();
        let next = "https://elsewhere.example/v1/apikeys?account_id=1&pagetoken=a%2Bb%3D%3D";
        assert_eq!(chain.advance(Some(next)).unwrap().as_deref(), Some("a+b=="));
        assert_eq!(chain.advance(None).unwrap(), None);
        assert_eq!(chain.advance(Some("")).unwrap(), None);
    }

    #[test]
    fn circles_and_links_without_a_token_are_errors() {
        let mut chain = Chain::default();
        chain.advance(Some("/x?pagetoken=1")).unwrap();
        chain.advance(Some("/x?pagetoken=2")).unwrap();
        assert!(chain.advance(Some("/x?pagetoken=1")).is_err());
        assert!(chain.advance(Some("/x")).is_err());
        assert!(chain.advance(Some("/x?page=1")).is_err());
    }
}
