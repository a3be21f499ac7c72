//! A page of keys: read in one pass, with texts that stay parts of the response. A page with something odd in it is read
//! again, object by object.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::Error;
use super::json::parse;
use super::lenient::Object;
use super::paging::PAGE_SIZE;
use super::types::Key;

/// What a page holds.
pub(super) struct Page<'a> {
    pub(super) keys: Vec<Key<'a>>,
    /// The address of the next page.
    pub(super) next: Option<Cow<'a, str>>,
}

/// A service that puts many more keys on a page means no good.
const LARGEST: usize = 10 * PAGE_SIZE as usize;

/// The error for more keys than there can be.
pub(super) const TOO_MANY: &str = "it lists more keys than an account can have";

/// The page, with its keys in one form or another.
#[derive(Deserialize)]
struct Form<'a, T> {
    apikeys: Vec<T>,
    #[serde(borrow, default)]
    next: Option<Cow<'a, str>>,
}

impl<'a> Page<'a> {
    /// Reads a page. Its keys have their objects only if those are wanted.
    ///
    /// # Errors
    /// `Unreadable`.
    pub(super) fn read(body: &'a [u8], objects: bool) -> Result<Self, Error> {
        if !objects && let Ok(form) = parse::<Form<'a, Object<Key<'a>>>>(body) {
            let keys = form.apikeys.into_iter().map(|Object(key)| key.with_id()).collect::<Result<_, _>>()?;
            return Self { keys, next: form.next }.in_bounds();
        }
        let form: Form<'a, &'a RawValue> = parse(body)?;
        let keys = form.apikeys.into_iter().map(Key::read).collect::<Result<_, _>>()?;
        Self { keys, next: form.next }.in_bounds()
    }

    fn in_bounds(self) -> Result<Self, Error> {
        if self.keys.len() > LARGEST { Err(Error::unreadable(TOO_MANY)) } else { Ok(self) }
    }

    /// Whether the response contained a value of a key.
    pub(super) fn has_values(&self) -> bool {
        self.keys.iter().any(Key::has_value)
    }
}

/// The address of the next page, if it comes before the keys: it is known long before they are read.
pub(super) fn early_next(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Start {
        next: Option<String>,
    }
    /// Far more than what comes before the keys.
    const START: usize = 4096;
    let start = &body[..body.len().min(START)];
    let start = std::str::from_utf8(start).or_else(|error| std::str::from_utf8(&start[..error.valid_up_to()])).ok()?;
    let (start, _) = start.split_once("\"apikeys\"")?;
    let start = format!("{}}}", start.trim_end().strip_suffix(',')?);
    serde_json::from_str::<Start>(&start).ok()?.next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_known_before_the_keys_are_read_if_its_address_comes_first() {
        for (body, expected) in [
            (r#"{"offset":0,"next":"/v1/apikeys?pagetoken=1","apikeys":[{"id":"A"#, Some("/v1/apikeys?pagetoken=1")),
            (r#"{ "next" : "a\"b" , "apikeys" : []"#, Some("a\"b")),
            (r#"{"next":null,"apikeys":[]}"#, None),
            (r#"{"apikeys":[],"next":"/x"}"#, None),
            (r#"{"a":"\"apikeys\"","next":"/x","apikeys":[]}"#, Some("/x")),
            (r#"{"a":{"next":"/x","apikeys":[]},"next":"/y"}"#, None),
            (r#"{"apikeys":[{"next":"/x","apikeys":1}]}"#, None),
            ("", None),
            ("ü", None),
        ] {
            assert_eq!(early_next(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn texts_are_parts_of_the_page_and_an_odd_key_makes_no_other_one_unreadable() {
        let body = br#"{"apikeys":[{"id":"1","name":"n","locked":true},{"id":"2","name":null,"description":"a\"b"}]}"#;
        let page = Page::read(body, false).unwrap();
        assert!(matches!(page.keys[0].name, Cow::Borrowed("n")) && page.keys[0].locked);
        assert_eq!((&*page.keys[1].name, &*page.keys[1].description), ("", "a\"b"));
        assert!(page.keys.iter().all(|key| key.object().is_err()));
        let body = br#"{"apikeys":[{"id":"1","name":7},{"id":"2","name":"\ud800n"}],"next":"/x"}"#;
        for objects in [false, true] {
            let page = Page::read(body, objects).unwrap();
            assert_eq!(page.keys[0].name, "");
            assert_eq!(page.keys[1].name, "\u{fffd}n");
            assert_eq!(page.next.as_deref(), Some("/x"));
        }
        for body in [&br#"{"apikeys":[{"name":"n"}]}"#[..], br#"{"apikeys":[["1"]]}"#, br#"{"apikeys":[1]}"#, b"[]"] {
            assert!(Page::read(body, false).is_err() && Page::read(body, true).is_err());
        }
    }
}
