//! Messages and hints that several commands use.

use std::path::Path;

use crate::context::{InProgress, NotReached};
use crate::creation::{Leftover, Plan, Rotation};
use crate::error::{Error, Kind};
use crate::hint::{Hint, Note, Word};
use crate::iam::service_ids::{Coverage, ServiceId};
use crate::iam::{self, ApiKey, Client, Key};
use crate::terminal::ui::Ui;
use crate::text::{name, name_with_id, reason, visible};

/// Returns the words of the `api-key-recover` command for a file.
pub(crate) fn recover_words(path: &Path) -> [Word; 2] {
    ["api-key-recover".into(), path.into()]
}

/// The hint to run a command for a key of this owner, such as `unlock`, after a text.
pub(crate) fn key_hint(text: &str, verb: &str, id: &str, iam_id: &str) -> Hint {
    match ServiceId::id_of(iam_id) {
        Some(service_id) => Hint::run(text, [format!("service-api-key-{verb}").as_str(), id, service_id]),
        None => Hint::run(text, [format!("api-key-{verb}").as_str(), id]),
    }
}

/// Returns the hint to check a key.
pub(crate) fn check_key(key: &ApiKey) -> Hint {
    key_hint("To check the key, run", "show", &key.id, &key.iam_id)
}

/// `1 API key`, `2 API keys`.
pub(crate) fn count_of_keys(count: usize) -> String {
    format!("{count} API key{}", if count == 1 { "" } else { "s" })
}

/// Notes a list that contains service IDs of the default group only, and keys of only those.
pub(crate) fn note_coverage(ui: &mut Ui, coverage: Coverage) {
    if coverage == Coverage::DefaultGroup {
        ui.note(format!("{ONLY_DEFAULT_GROUP} Service IDs in other groups, and their keys, are not included."));
    }
}

/// Why service IDs of other groups are unknown.
pub(crate) const ONLY_DEFAULT_GROUP: &str = "You are not authorized to list the groups of service IDs.";

/// Formats a key for a sentence: its name and ID, always on one line.
pub(crate) fn called(key: &Key<'_>) -> String {
    format!("API key {}", name_with_id(&name(&key.name), &visible(&key.id)))
}

/// Returns the error for a locked key, which cannot be changed or deleted.
pub(crate) fn locked(key: &ApiKey) -> Error {
    Error::new(Kind::Conflict, format!("{} is locked.", called(key))).hint(key_hint(
        "Unlock it first",
        "unlock",
        &key.id,
        &key.iam_id,
    ))
}

/// Returns the error for a rejected change of a key. Checks whether the key is locked, because the service reports this
/// with different status codes.
pub(crate) async fn refused(client: &Client, key: &ApiKey, error: iam::Error) -> Error {
    if let iam::Error::Service(refusal) = &error
        && matches!(refusal.status, 400 | 409 | 412 | 422)
        && let Ok(now) = client.get_api_key(&key.id, iam::client::Include::default()).await
        && now.locked
    {
        let Error { kind, message, hints, .. } = locked(&now);
        return Error { hints, ..Error::from(error).context(message).of_kind(kind) };
    }
    let state = if error.may_still_complete() {
        "is not changed yet, but a delayed copy of the request may still change it"
    } else {
        "was not changed"
    };
    Error::from(error).context(format!("{} {state}.", called(key)))
}

/// Returns the error for a change whose outcome is unknown.
pub(crate) fn unknown(key: &ApiKey, error: iam::Error) -> Error {
    let message = format!("{} may have been changed.", called(key));
    Error::from(error).context(message).hint(check_key(key))
}

/// Returns the progress of a change that was sent to the service and has no response yet.
pub(crate) fn in_progress(verb: &str, key: &ApiKey) -> InProgress {
    InProgress::new(format!("The request to {verb} {} may have completed.", called(key))).hint(check_key(key))
}

/// Returns the keys of a command that it has not changed yet, for the message after a signal.
pub(crate) fn not_reached(keys: &[ApiKey]) -> Vec<NotReached> {
    keys.iter().map(|key| NotReached { id: key.id.to_string(), name: key.name.to_string() }).collect()
}

/// Returns the progress of a change that has ended while the command continues.
pub(crate) fn ended(done: &str, key: &ApiKey) -> InProgress {
    InProgress::new(format!("{} was {done}.", called(key)))
}

/// Returns the note for a rotation whose process ended before the rotation was finished.
pub(crate) fn interrupted_rotation(left: &Leftover, rotation: &Rotation) -> Note {
    let plan = &left.creation().plan;
    note_of_rotation(
        plan,
        rotation,
        match left {
            Leftover::Orphan(_) => discard_lost_rotation(plan),
            _ => discard_rotation(plan),
        },
    )
}

fn note_of_rotation(plan: &Plan, rotation: &Rotation, discard: Hint) -> Note {
    let key = name_with_id(&name(&rotation.name), &visible(&rotation.old_id));
    let text = format!("The rotation of API key {key}{} was interrupted.", of_owner(plan));
    Note::from(text).hint(finish_rotation(plan, rotation)).hint(discard)
}

/// Returns the hint to discard an interrupted rotation.
pub(crate) fn discard_rotation(plan: &Plan) -> Hint {
    Hint::run("To discard the rotation instead, run", discard_words(plan.file()))
}

/// Returns the hint to discard an interrupted rotation whose new value is lost.
pub(crate) fn discard_lost_rotation(plan: &Plan) -> Hint {
    match plan.file() {
        None => Hint::run("To delete its new key instead, run", ["api-key-recover"]),
        Some(_) => discard_rotation(plan),
    }
}

/// Returns the hint to finish an interrupted rotation.
pub(crate) fn finish_rotation(plan: &Plan, rotation: &Rotation) -> Hint {
    let service_id = service_id(plan).map(Word::from);
    let command = if service_id.is_some() { "service-api-key-rotate" } else { "api-key-rotate" };
    let mut words: Vec<Word> = vec![command.into(), rotation.old_id.as_str().into()];
    words.extend(service_id);
    if let Some(file) = plan.file() {
        words.extend(["--file".into(), Word::from(file)]);
    }
    Hint::run("To finish it, run this with the same options and command as before", words)
}

/// Returns the error for a command that cannot continue because of an interrupted rotation, whose new value is saved or
/// delivered.
pub(crate) fn unfinished_rotation(plan: &Plan, rotation: &Rotation) -> Error {
    conflict(note_of_rotation(plan, rotation, discard_rotation(plan)))
}

/// Returns an error as a note of a command that goes on.
pub(crate) fn as_note(error: impl Into<Error>) -> Note {
    let Error { message, hints, .. } = error.into();
    Note { text: message, hints }
}

/// Returns a note as the error of a command that cannot continue because of it.
pub(crate) fn conflict(note: Note) -> Error {
    note.hints.into_iter().fold(Error::new(Kind::Conflict, note.text), Error::and_hint)
}

/// Returns the command that discards a creation; without a file, it asks about each creation.
pub(crate) fn discard_words(file: Option<&Path>) -> Vec<Word> {
    let file = file.map(Word::from);
    ["api-key-recover".into()].into_iter().chain(file).chain(["--discard".into()]).collect()
}

/// Returns the service ID that owns the key of a creation; `None` if a user owns it.
pub(crate) fn service_id(plan: &Plan) -> Option<&str> {
    ServiceId::id_of(plan.other_owner()?)
}

/// Returns the owner of the key as the end of a sentence; empty if a user owns it.
pub(crate) fn of_owner(plan: &Plan) -> String {
    service_id(plan).map(|id| format!(" of service ID {}", visible(id))).unwrap_or_default()
}

pub(crate) fn cannot_handle_signals(error: &std::io::Error) -> Error {
    Error::failed(format!("Cannot set up signal handling: {}.", reason(&error)))
}
