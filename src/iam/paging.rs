//! Following `next`: a URL whose `pagetoken` leads to the following page, absent on the last one.

use std::collections::HashSet;

use super::error::Error;

/// The largest page that the service gives.
pub const PAGE_SIZE: u32 = 100;

/// No account holds 200,000 keys; a service that goes on and on is broken.
const MAX_PAGES: usize = 2_000;

/// The tokens of one chain of pages; notices a service that sends in circles.
#[derive(Debug, Default)]
pub struct Chain {
    seen: HashSet<String>,
}

impl Chain {
    /// The token for the next page, `None` after the last one.
    ///
    /// # Errors
    /// `Unreadable` if `next` has no token, one that was there before, or comes for ever.
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

/// Takes the token alone: a page is asked for at our endpoint, wherever `next` points.
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
