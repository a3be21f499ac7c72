//! Keys whose values are lost: finds them with the data in the log, shows them, and deletes them if the user agrees.

use jiff::{SignedDuration, Timestamp};

use super::change_key::one;
use super::interrupted;
use super::login::ActiveLogin;
use super::messages;
use super::select::Selector;
use crate::context::Context;
use crate::creation::{Interrupted, SETTLED_AFTER, State, Subject, is_settled};
use crate::error::{Error, Kind};
use crate::hint::{Hint, Note};
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::iam::verified::KeyChange;
use crate::text::visible;
use crate::time;

/// The maximum difference between the creation time of a key and the expected time on the service's clock.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Shows the keys of a creation whose value is lost, and offers to delete them. Returns false if the user declines.
///
/// # Errors
/// The outer error: no answer can be read.
pub(crate) async fn orphan(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    mut found: Interrupted,
) -> Result<Result<bool, Error>, Error> {
    let State::Orphan { id, maybe_delivered } = found.state.clone() else { return Ok(Ok(true)) };
    let name = context.ui.name(&found.subject.name);
    let keys = match candidates(active, &found.subject, id.as_deref(), (context.now)()).await {
        Ok(keys) => keys,
        Err(error) => return Ok(Err(error)),
    };
    if keys.likely.is_empty() {
        context.ui.ok();
        context.ui.say(&format!("Found no API key {name} from this creation"));
    }
    let mut left = keys.likely.len();
    let mut locked = None;
    for key in keys.likely {
        let called = format!("{}, created at {}", messages::called(&key), visible(&key.created_at));
        context.ui.say(&match (id.as_deref() == Some(&*key.id), maybe_delivered) {
            (true, false) => format!("The value of {called}, is lost."),
            (true, true) => format!("The value of {called}, is lost, unless you saved it."),
            (false, _) => format!("{called}, may be from this creation. If so, its value is lost."),
        });
        if key.locked {
            locked.get_or_insert(messages::locked(&key));
            continue;
        }
        if asked(context, &format!("Really delete {}{}?", messages::called(&key), active.owner.of_key(&key))).await? {
            if let Err(error) = one(context, active, &key, KeyChange::Delete).await {
                return Ok(Err(error));
            }
            found.note_deleted();
            left -= 1;
        }
    }
    for key in &keys.others {
        let (called, created_at) = (messages::called(key), visible(&key.created_at));
        let note = Note::from(format!("{called}, created at {created_at}, has the same name."));
        let hint = messages::key_hint(
            "If this key is from the interrupted creation, delete it",
            "delete",
            &key.id,
            &key.iam_id,
        );
        context.ui.note(note.hint(hint));
    }
    let begun_at = found.subject.begun_at;
    if left > 0 || !(keys.is_certain || found.was_deleted()) {
        let note = Note::from("ibmiam will show this creation again.");
        context.ui.note(note.hint(Hint::run("To discard the creation, run", ["api-key-recover", "--discard"])));
    } else if is_settled(begun_at, (context.now)()) {
        return Ok(found.forget().map(|()| true).map_err(Error::from));
    } else {
        let moment = begun_at.checked_add(SETTLED_AFTER).map(time::wire).unwrap_or_default();
        let note = Note::from("A delayed copy of the request may create the key again.");
        let hint = Hint::run(format!("To check, run this after {moment}"), ["api-key-recover"]);
        context.ui.note(note.hint(hint));
    }
    Ok(locked.map_or(Ok(left == 0), Err))
}

/// Keys that an interrupted creation may have created.
struct Candidates {
    /// Keys that match by ID, or by name and creation time.
    likely: Vec<ApiKey>,
    /// Keys with the same name but another creation time on the service's clock.
    others: Vec<ApiKey>,
    /// Whether nothing is left of the creation after the likely keys are deleted. A search by name without a result is
    /// not certain.
    is_certain: bool,
}

async fn candidates(
    active: &ActiveLogin,
    subject: &Subject,
    id: Option<&str>,
    now: Timestamp,
) -> Result<Candidates, Error> {
    let client = &active.login.client;
    if let Some(id) = id {
        match client.get_api_key(id, Include::default()).await {
            Ok(key) => return Ok(Candidates { likely: vec![key], others: Vec::new(), is_certain: true }),
            // A delayed copy of the request may have created another key since.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    if subject.rotation.is_some() && !interrupted::has_own_name(subject) {
        // Both keys of the rotation have this name, and one of them is in use.
        return Ok(Candidates { likely: Vec::new(), others: Vec::new(), is_certain: id.is_some() });
    }
    let keys = Selector::of(active).named(&subject.name).await?;
    // The times of keys are from the service's clock, but the start time of the creation is from the local clock.
    let service_now = client.service_time();
    let ahead = service_now.map_or(SignedDuration::ZERO, |service_now| service_now.duration_since(now));
    let begun_at = subject.begun_at.checked_add(ahead).unwrap_or(subject.begun_at);
    let window = begun_at.checked_sub(TOLERANCE).unwrap_or(Timestamp::MIN)
        ..=begun_at.checked_add(SETTLED_AFTER + TOLERANCE).unwrap_or(Timestamp::MAX);
    let is_likely = |key: &ApiKey| time::parse(&key.created_at).is_none_or(|created| window.contains(&created));
    let (likely, others): (Vec<_>, Vec<_>) = keys.into_iter().partition(is_likely);
    Ok(Candidates { is_certain: id.is_some() || !likely.is_empty(), likely, others })
}

/// Asks a question. Returns false for a no, after which the command continues with the next question.
pub(crate) async fn asked(context: &mut Context<'_>, question: &str) -> Result<bool, Error> {
    context.prompt.answer(context.ui, question).await.map_err(|error| match error.kind {
        Kind::Usage => error.hint(
            "Answer y or n for each creation. To finish one without questions, pass its FILE. To show only the list, \
             pass --no-input.",
        ),
        _ => error,
    })
}
