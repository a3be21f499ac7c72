//! The names of keys and accounts for shell completion: a private file per login, written by commands that receive the
//! names. The file contains no values of keys, and only completion depends on it.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::files;
use crate::text::{is_harmful, is_harmless};

/// A key, with the fields that completion shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey<'a> {
    /// `ApiKey-<uuid>`.
    pub id: &'a str,
    /// The name in the service. Names with characters that control a terminal are not stored.
    pub name: &'a str,
    /// The description, on one line.
    pub description: &'a str,
    /// Whether it is locked.
    pub locked: bool,
    /// Whether it is disabled.
    pub disabled: bool,
}

/// The file with the names of one login.
#[derive(Debug, Clone)]
pub struct NameCache {
    path: PathBuf,
}

/// The contents of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    text: String,
    /// The time of the last listing of all keys, in seconds since 1970; 0 if there was none.
    pub listed_at: i64,
    /// The time when a completion last tried to list them, in seconds since 1970.
    tried_at: i64,
}

/// All keys of a login, in the order in which they are received.
#[derive(Debug, Default)]
pub struct Listing(String);

impl Listing {
    /// Adds a key, unless the listing is too long for completion.
    pub fn push(&mut self, key: &KnownKey<'_>) {
        if self.0.len() < LONGEST_LISTING {
            push_line(&mut self.0, key);
        }
    }
}

/// The maximum size of a listing in bytes, enough for about 20,000 keys. A user can have 20.
const LONGEST_LISTING: usize = 2 << 20;

/// The maximum length of a description, in characters; a shell shows no more.
const SHOWN: usize = 80;

/// The start of the first line of a file in this format.
const FORM: &str = "ibmiam names 1";

/// The maximum number of bytes to read. A larger file would delay a completion too much.
const LONGEST: u64 = 8 << 20;

impl NameCache {
    /// Returns the file of a login; `login` identifies the login.
    #[must_use]
    pub fn new(cache: &Path, login: &str) -> Self {
        Self { path: cache.join("names").join(files::fingerprint(login.as_ref())) }
    }

    /// Loads the file. A file that cannot be read, or is not private to this user, has no names.
    #[must_use]
    pub fn load(&self) -> Names {
        let read = || -> io::Result<String> {
            let mut text = String::new();
            if let Some(file) = files::open_own(&self.path)? {
                file.take(LONGEST).read_to_string(&mut text)?;
            }
            Ok(text)
        };
        read().ok().and_then(Names::parse).unwrap_or_default()
    }

    /// Stores all keys of the login; other lines stay. Does nothing if the file has these keys already and is recent.
    pub fn set_listing(&self, listing: Listing, now: i64) {
        let old = self.load();
        let mut body = listing.0;
        old.lines_but('k').for_each(|line| body.push_str(&format!("{line}\n")));
        if old.body() != body || now - old.listed_at > STALE_AFTER / 2 {
            self.write(now, now, &body);
        }
    }

    /// Stores the time of an attempt to list the keys, so that not every completion tries it if the service does not
    /// respond.
    pub fn note_try(&self, now: i64) {
        let old = self.load();
        self.write(old.listed_at, now, old.body());
    }

    /// Stores the current state of one key, in place of an older one.
    pub fn set_key(&self, key: &KnownKey<'_>) {
        let mut line = String::new();
        push_line(&mut line, key);
        self.change(|id| id != key.id, &line);
    }

    /// Removes a key.
    pub fn remove_key(&self, id: &str) {
        self.change(|known| known != id, "");
    }

    /// Removes the keys for whose IDs `is_gone` returns true.
    pub fn remove_keys(&self, is_gone: impl Fn(&str) -> bool) {
        self.change(|known| !is_gone(known), "");
    }

    /// Stores the accounts of the user: ID and name.
    pub fn set_accounts<'k>(&self, accounts: impl Iterator<Item = (&'k str, &'k str)>) {
        self.set_pairs('a', accounts);
    }

    /// Stores all service IDs of the account, ID and name, and the time of their listing.
    pub fn set_service_ids<'k>(&self, service_ids: impl Iterator<Item = (&'k str, &'k str)>, now: i64) {
        self.set_pairs('s', service_ids);
        let old = self.load();
        let body: String = old.lines_but(LISTED).map(|line| format!("{line}\n")).collect();
        self.write(old.listed_at, old.tried_at, &format!("{body}{LISTED}\t{now}\n"));
    }

    fn set_pairs<'k>(&self, kind: char, pairs: impl Iterator<Item = (&'k str, &'k str)>) {
        let old = self.load();
        let mut body: String = old.lines_but(kind).map(|line| format!("{line}\n")).collect();
        for (id, name) in pairs.filter(|(id, name)| is_harmless(id) && is_harmless(name)) {
            if body.len() < LONGEST_LISTING {
                body.push_str(&format!("{kind}\t{id}\t{name}\n"));
            }
        }
        if old.body() != body {
            self.write(old.listed_at, old.tried_at, &body);
        }
    }

    fn change(&self, keep: impl Fn(&str) -> bool, new: &str) {
        let old = self.load();
        if old.listed_at == 0 {
            // Without a listing, this key would look like the only one.
            return;
        }
        let kept = old.body().lines().filter(|line| {
            let mut cells = line.split('\t');
            cells.next() != Some("k") || cells.next().is_none_or(&keep)
        });
        let mut body: String = kept.map(|line| format!("{line}\n")).collect();
        body.push_str(new);
        self.write(old.listed_at, old.tried_at, &body);
    }

    /// Writes the file. An error is ignored, because then only completion lacks these names.
    fn write(&self, listed_at: i64, tried_at: i64, body: &str) {
        let write = || -> io::Result<()> {
            files::private_folder(self.path.parent().unwrap_or(&self.path))?;
            let mut file = files::temporary_beside(&self.path)?;
            file.write_all(format!("{FORM} {listed_at} {tried_at}\n").as_bytes())?;
            file.write_all(body.as_bytes())?;
            // The file is not synced, because it can be lost without damage.
            file.persist(&self.path).map_err(|error| error.error)?;
            Ok(())
        };
        let _ = write();
    }
}

/// The kind of the line with the time when the service IDs were listed.
const LISTED: char = 'm';

/// The maximum age of a listing for completion, in seconds; an older one is renewed.
const STALE_AFTER: i64 = 300;

/// The minimum time between two attempts of completion to list the keys, in seconds.
const TRY_AFTER: i64 = 30;

impl Names {
    fn parse(text: String) -> Option<Self> {
        let first = text.lines().next()?;
        let mut moments = first.strip_prefix(FORM)?.split_whitespace().map(str::parse);
        let (listed_at, tried_at) = (moments.next()?.ok()?, moments.next()?.ok()?);
        Some(Self { text, listed_at, tried_at })
    }

    /// Whether a completion should list the keys again.
    #[must_use]
    pub fn is_stale(&self, now: i64) -> bool {
        now - self.listed_at > STALE_AFTER && now - self.tried_at > TRY_AFTER
    }

    /// Whether a completion should list the service IDs again.
    #[must_use]
    pub fn has_stale_service_ids(&self, now: i64) -> bool {
        let listed_at = self.lines(LISTED).find_map(|line| line[2..].parse().ok()).unwrap_or(0);
        now - listed_at > STALE_AFTER && now - self.tried_at > TRY_AFTER
    }

    fn body(&self) -> &str {
        self.text.split_once('\n').map_or("", |(_, body)| body)
    }

    fn lines(&self, kind: char) -> impl Iterator<Item = &str> {
        self.body().lines().filter(move |line| line.starts_with(kind) && line[1..].starts_with('\t'))
    }

    /// Returns all lines of other kinds.
    fn lines_but(&self, kind: char) -> impl Iterator<Item = &str> {
        self.body().lines().filter(move |line| !line.starts_with(kind))
    }

    /// Returns the keys.
    pub fn keys(&self) -> impl Iterator<Item = KnownKey<'_>> {
        self.lines('k').filter_map(|line| {
            let mut cells = line.split('\t').skip(1);
            let (id, flags, name) = (cells.next()?, cells.next()?, cells.next()?);
            let (locked, disabled) = (flags.contains('l'), flags.contains('d'));
            Some(KnownKey { id, name, description: cells.next().unwrap_or_default(), locked, disabled })
        })
    }

    /// Returns the accounts: ID and name.
    pub fn accounts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs('a')
    }

    /// Returns the service IDs of the account: ID and name.
    pub fn service_ids(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs('s')
    }

    fn pairs(&self, kind: char) -> impl Iterator<Item = (&str, &str)> {
        self.lines(kind).filter_map(|line| line[2..].split_once('\t'))
    }
}

fn push_line(body: &mut String, key: &KnownKey<'_>) {
    if !is_harmless(key.id) || !is_harmless(key.name) || key.name.is_empty() {
        return;
    }
    let flags = (if key.locked { "l" } else { "" }, if key.disabled { "d" } else { "" });
    // Not formatted, because that takes longer for thousands of keys.
    body.extend(["k\t", key.id, "\t", flags.0, flags.1, "\t", key.name, "\t"]);
    // The description is only shown, so characters that control a terminal are removed.
    if key.description.len() <= SHOWN && is_harmless(key.description) {
        body.push_str(key.description);
    } else {
        body.extend(key.description.chars().filter(|one| !is_harmful(*one)).take(SHOWN));
    }
    body.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key<'a>(id: &'a str, name: &'a str, locked: bool) -> KnownKey<'a> {
        KnownKey { id, name, description: "text", locked, disabled: false }
    }

    fn listing(keys: &[KnownKey<'_>]) -> Listing {
        let mut listing = Listing::default();
        for key in keys {
            listing.push(key);
        }
        listing
    }

    fn names(cache: &NameCache) -> Vec<(String, bool)> {
        cache.load().keys().map(|key| (key.name.to_owned(), key.locked)).collect()
    }

    #[test]
    fn keys_and_accounts_come_back_and_changes_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = NameCache::new(folder.path(), "login");
        cache.set_key(&key("1", "early", false));
        assert_eq!(cache.load(), Names::default(), "one key is not all of them");
        cache.set_listing(
            listing(&[key("1", "a key", false), key("2", "it's", false), key("3", "bad\nname", false)]),
            1000,
        );
        cache.set_accounts([("acc", "Staging"), ("bad", "a\tb")].into_iter());
        cache.set_key(&key("1", "a key", true));
        cache.remove_key("2");
        cache.set_key(&key("4", "new", false));
        assert_eq!(names(&cache), [("a key".to_owned(), true), ("new".to_owned(), false)]);
        assert_eq!(cache.load().listed_at, 1000);
        assert!(cache.load().is_stale(2000) && !cache.load().is_stale(1200));
        cache.note_try(2000);
        assert!(
            !cache.load().is_stale(2010) && cache.load().is_stale(2100),
            "a try that fails is not repeated at once"
        );
        assert_eq!(cache.load().accounts().collect::<Vec<_>>(), [("acc", "Staging")]);
        cache.set_listing(listing(&[key("5", "other", false)]), 2000);
        assert_eq!(names(&cache), [("other".to_owned(), false)]);
        assert_eq!(cache.load().accounts().count(), 1, "a listing keeps the accounts");
        assert_eq!(NameCache::new(folder.path(), "other").load(), Names::default());
    }

    #[test]
    fn a_file_of_another_form_knows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let cache = NameCache::new(folder.path(), "login");
        cache.set_listing(listing(&[key("1", "a", false)]), 1);
        for text in ["", "ibmiam names 2 5\nk\t1\t\ta\t\n", "ibmiam names 1 x\n", "ibmiam names 1 5\n", "\u{0}"] {
            std::fs::write(&cache.path, text).unwrap();
            assert_eq!(cache.load(), Names::default(), "{text}");
        }
        std::fs::write(&cache.path, "ibmiam names 1 5 5\nk\nk\t1\nk\t1\t\nq\t1\nk\t1\t\tok\n").unwrap();
        assert_eq!(names(&cache), [("ok".to_owned(), false)]);
    }
}
