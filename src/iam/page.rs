//! A page of keys: parsed in one pass, with texts borrowed from the response. A page with unexpected content is parsed
//! again, object by object.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::Error;
use super::json::parse;
use super::lenient::Object;
use super::paging::PAGE_SIZE;
use super::types::{self, Key};
use crate::mask;

/// The contents of a page.
pub(super) struct Page<'a> {
    pub(super) keys: Vec<Key<'a>>,
    /// The URL of the next page.
    pub(super) next: Option<Cow<'a, str>>,
}

/// The maximum number of keys on a page. A service that sends many more is faulty or malicious.
const LARGEST: usize = 10 * PAGE_SIZE as usize;

/// The error for more keys than an account can have.
pub(super) const TOO_MANY: &str = "it lists more keys than an account can have";

/// A page, with its keys as they were sent.
#[derive(Deserialize)]
struct Form<'a> {
    #[serde(borrow)]
    apikeys: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    next: Option<Cow<'a, str>>,
}

impl<'a> Page<'a> {
    /// Parses a page. Its keys have their objects only if `objects` is set.
    ///
    /// # Errors
    /// `Unreadable`.
    pub(super) fn read(body: &'a [u8], objects: bool) -> Result<Self, Error> {
        if let Some(page) = Self::in_one_pass(body, objects) {
            return if page.keys.iter().any(|key| key.id.is_empty()) { Err(types::no_id()) } else { page.in_bounds() };
        }
        let form: Form<'a> = parse(body)?;
        let keys = form.apikeys.into_iter().map(Key::read).collect::<Result<_, _>>()?;
        Self { keys, next: form.next }.in_bounds()
    }

    /// Parses the keys in one pass; `None` if the page has another form than the service's, or unexpected content.
    fn in_one_pass(body: &'a [u8], objects: bool) -> Option<Self> {
        let text = std::str::from_utf8(body).ok().filter(|_| !mask::is_too_rich(body))?;
        let (start, list) = text.split_once(LIST)?;
        let before = Fields::of(start.trim_end().strip_suffix(',').unwrap_or(start), "}")?;
        let mut rest = list.trim_start().strip_prefix(':')?.trim_start().strip_prefix('[')?.trim_start();
        let mut keys = Vec::with_capacity(PAGE_SIZE as usize);
        while !rest.starts_with(']') {
            if !keys.is_empty() {
                rest = rest.strip_prefix(',')?.trim_start();
            }
            let mut found = serde_json::Deserializer::from_str(rest).into_iter::<Object<Key<'a>>>();
            let Object(key) = found.next()?.ok()?;
            let (object, after) = rest.split_at_checked(found.byte_offset())?;
            keys.push(if objects { key.with_object(object)? } else { key });
            rest = after.trim_start();
        }
        let end = rest.strip_prefix(']')?.trim_start();
        let after = Fields::of("{", end.strip_prefix(',').unwrap_or(end))?;
        let is_one_list = memchr::memmem::find(end.as_bytes(), LIST.as_bytes()).is_none();
        is_one_list.then(|| Self { keys, next: before.next.or(after.next).map(Cow::Owned) })
    }

    fn in_bounds(self) -> Result<Self, Error> {
        if self.keys.len() > LARGEST { Err(Error::unreadable(TOO_MANY)) } else { Ok(self) }
    }

    /// Whether the response contained the value of a key.
    pub(super) fn has_values(&self) -> bool {
        self.keys.iter().any(Key::has_value)
    }
}

/// The name of the list on a page, with its quotes.
const LIST: &str = "\"apikeys\"";

/// The fields of a page besides the list.
#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    next: Option<String>,
}

impl Fields {
    /// Parses an object from its two parts; `None` if they are not a valid object.
    fn of(start: &str, end: &str) -> Option<Self> {
        serde_json::from_str(&format!("{start}{end}")).ok()
    }
}

/// Returns the URL of the next page, if it comes before the keys, so that it is known long before they are read.
pub(super) fn early_next(body: &[u8]) -> Option<String> {
    /// Far more bytes than come before the keys.
    const START: usize = 4096;
    let start = &body[..body.len().min(START)];
    let start = std::str::from_utf8(start).or_else(|error| std::str::from_utf8(&start[..error.valid_up_to()])).ok()?;
    let (start, _) = start.split_once(LIST)?;
    Fields::of(start.trim_end().strip_suffix(',')?, "}")?.next
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
    fn keys_with_objects_are_read_in_one_pass_or_as_slowly_as_is_needed() {
        let key = r#"{"id":"1","name":"a]b","x":[{"apikeys":1}]}"#;
        for (page, count, next) in [
            (format!(r#"{{"offset":0,"next":"/x?a","apikeys":[{key}, {key} ]}}"#), Some(2), Some("/x?a")),
            (format!("{{\n \"apikeys\" : [ {key} ] , \"next\":\"/y\" }}"), Some(1), Some("/y")),
            (r#"{"apikeys":[]}"#.to_owned(), Some(0), None),
            (r#"{"apikeys":[{"id":"1","apikey":"value"}]}"#.to_owned(), None, None),
            (r#"{"apikeys":[{"id":"1","name":"\ud800"}]}"#.to_owned(), None, None),
            (format!(r#"{{"apikeys":[{key}],"apikeys":[]}}"#), None, None),
            (format!(r#"{{"apikeys":[{key},]}}"#), None, None),
            (format!(r#"{{"apikeys":[{key}{key}]}}"#), None, None),
            (format!(r#"{{"a":{{"apikeys":[{key}]}}}}"#), None, None),
            (format!(r#"{{"apikeys":[{key}]"#), None, None),
            (format!(r#"{{"apikeys":[{key}]}} more"#), None, None),
        ] {
            let read = Page::in_one_pass(page.as_bytes(), true);
            assert_eq!(read.as_ref().map(|page| page.keys.len()), count, "{page}");
            if let Some(read) = read {
                assert_eq!(read.next.as_deref(), next, "{page}");
                assert!(read.keys.iter().all(|read| read.object().unwrap() == key));
                let slowly: Form<'_> = parse(page.as_bytes()).unwrap();
                assert_eq!((slowly.apikeys.len(), slowly.next.as_deref()), (read.keys.len(), next));
            }
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
