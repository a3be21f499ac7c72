//! Finds errors in the state after a run, by the messages of the program and by the responses of the service.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::scenario::{Destination, FILE};
use super::stage::Trial;
use super::tally::Wrong;
use super::truth::Key;
use crate::support::Outcome;

/// The exit statuses that a run may have; -1 stands for an end by a signal.
const STATUSES: [i32; 11] = [0, 1, 2, 3, 4, 5, 6, 129, 130, 131, 143];

/// Phrases that leave it open whether there is a key.
const OPEN: [&str; 6] = [
    "Its value is saved",
    "has not found the new API key",
    " may ",
    "nterrupted",
    "could not delete",
    "api-key-recover",
];

/// Phrases that say for certain that there is no key, and phrases that withdraw this.
const CERTAIN: [&str; 2] = ["ibmiam deleted the new", "No key was created"];
const UNLESS: [&str; 2] = [" may ", "so far"];

impl Trial<'_> {
    /// Checks a process, whatever its command is.
    pub(super) fn judge_process(&mut self, outcome: &Outcome, is_killed: bool) {
        let is_known = STATUSES.contains(&outcome.status) || is_killed && outcome.status == -1;
        self.wrong_if(!is_known, Wrong::Other, "a status that is none of ours");
        self.wrong_if(outcome.stderr.contains("ibmiam crashed"), Wrong::Other, "a panic");
        if outcome.stdout.contains("ended before ibmiam requested a key") {
            self.site.relay.settle();
            self.wrong_if(!self.keys().is_empty(), Wrong::Words, "said that no key was asked for, and there is one");
        }
        self.judge_secrecy(outcome);
    }

    /// Checks a creation that reported success.
    pub(super) fn judge_delivery(&mut self, created: &Outcome) {
        let keys = self.keys();
        let [key] = &keys[..] else {
            let (wrong, what) = match keys.len() {
                0 => (Wrong::KeyLost, "done, and there is no key"),
                _ => (Wrong::SecondKey, "done, and there are two keys"),
            };
            return self.wrong(wrong, what);
        };
        match self.value(created) {
            None => self.wrong(Wrong::KeyLost, "done, and the value is not there whole"),
            Some(value) if self.site.truth.owner(&value).as_ref() != Some(&key.id) => {
                self.wrong(Wrong::KeyLost, "done, and the value is not the key's");
            }
            Some(_) => {}
        }
        if self.scenario.destination.is_file() {
            let mode = self.file().metadata().map(|found| found.mode() & 0o7777);
            self.wrong_if(mode.is_ok_and(|mode| mode != 0o600), Wrong::Other, "the file is not private");
        }
        if self.scenario.destination == Destination::Json {
            let fields: serde_json::Value =
                self.contents().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            let is_its = fields["id"] == key.id.as_str() && fields["name"] == self.scenario.name.as_str();
            self.wrong_if(!is_its, Wrong::Other, "the file is not about the key");
        }
    }

    /// Checks that the earlier text of the file is still in the file or was kept elsewhere.
    pub(super) fn judge_what_was_there(&mut self) {
        let kept = texts_below(vec![self.home().join("replaced")]);
        let all: Vec<String> = kept.into_iter().chain(self.contents()).collect();
        let lost = self.precious.iter().any(|text| !all.contains(text));
        self.wrong_if(lost, Wrong::Other, "a file that was replaced is lost");
    }

    pub(super) fn judge_end(&mut self, created: &Outcome) {
        self.judge_what_was_there();
        let text = self.contents().filter(|text| !self.precious.contains(text));
        if let Some(text) = text {
            let works = self.value_in(&text).is_some_and(|value| self.site.truth.owner(&value).is_some());
            self.wrong_if(!works, Wrong::Other, "a file whose value does not work");
        }
        if created.status == 0 || !self.scenario.service_made {
            let entries = std::fs::read_dir(self.work()).unwrap();
            let left = entries.map(|entry| entry.unwrap().file_name()).any(|name| name != FILE);
            self.wrong_if(left, Wrong::Other, "something is left beside the file");
        }
    }

    /// Checks that a value appears only at its destination.
    fn judge_secrecy(&mut self, outcome: &Outcome) {
        let values = self.site.relay.seen().values;
        let shows = |text: &str| values.iter().any(|value| text.contains(value));
        let into_file = self.scenario.destination.is_file();
        let leaks = shows(&outcome.stderr) || into_file && shows(&outcome.stdout);
        self.wrong_if(leaks, Wrong::Other, "a value on a stream where none belongs");
        let folders = if into_file { vec![self.home()] } else { vec![self.home(), self.work()] };
        let kept = texts_below(folders).iter().any(|text| shows(text));
        self.wrong_if(kept, Wrong::Other, "a value on the disk where none belongs");
    }

    /// Whether the destination has the value of the key.
    pub(super) fn is_in_hand(&self, key: &Key, created: &Outcome) -> bool {
        self.value(created).and_then(|value| self.site.truth.owner(&value)).as_ref() == Some(&key.id)
    }

    /// The value at its destination, if it is complete.
    fn value(&self, created: &Outcome) -> Option<String> {
        match self.scenario.destination {
            Destination::TableOnStdout => {
                let mut lines = created.stdout.split_inclusive('\n');
                let line = lines.find_map(|line| line.strip_prefix("API Key "))?;
                Some(line.strip_suffix('\n')?.trim().to_owned())
            }
            Destination::JsonOnStdout => value_of_json(&created.stdout),
            _ => self.value_in(&self.contents()?),
        }
    }

    /// The value in the text of a file, if the text is complete and in the requested format.
    fn value_in(&self, text: &str) -> Option<String> {
        let value = match self.scenario.destination {
            Destination::Env => text.strip_prefix("IBMCLOUD_API_KEY=")?.strip_suffix('\n')?.to_owned(),
            Destination::Raw => text.strip_suffix('\n')?.to_owned(),
            _ => value_of_json(text)?,
        };
        Some(value).filter(|_| !self.precious.iter().any(|other| other == text))
    }
}

/// Whether the messages of a failed run say that there is no key.
pub(super) fn says_that_there_is_none(stderr: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    if has(&CERTAIN) { !has(&UNLESS) } else { !has(&OPEN) }
}

fn value_of_json(text: &str) -> Option<String> {
    let fields: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(fields["apikey"].as_str()?.to_owned())
}

/// The texts of all files in the folders and their subfolders.
fn texts_below(mut folders: Vec<PathBuf>) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                texts.push(String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned());
            }
        }
    }
    texts
}
