//! Keys whose values are lost: finds them with the data in the log, shows them, and deletes them if the user agrees.

use jiff::{SignedDuration, Timestamp};

use crate::context::Context;
use crate::creation::{Orphan, SETTLED_AFTER, is_settled};
use crate::error::{Error, Kind};
use crate::hint::{Hint, Note};
use crate::iam::ApiKey;
use crate::iam::verified::KeyChange;
use crate::ops::keys::change_key::one;
use crate::ops::keys::select::Selector;
use crate::ops::login::ActiveLogin;
use crate::ops::messages;
use crate::text::visible;
use crate::time;

/// The maximum difference between the creation time of a key and the expected time on the service's clock.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// What became of an interrupted creation that the user was asked about.
pub(crate) enum Settled {
    /// It was finished or discarded, or nothing can be done now.
    Done,
    /// The user declined.
    Declined,
    /// It failed. The next creation may still be settled.
    Failed(Error),
}

impl From<Result<(), Error>> for Settled {
    fn from(result: Result<(), Error>) -> Self {
        result.map_or_else(Self::Failed, |()| Self::Done)
    }
}

/// Shows the keys of a creation whose value is lost, and offers to delete them.
///
/// # Errors
/// No answer can be read.
pub(crate) async fn settle(context: &mut Context<'_>, active: &ActiveLogin, orphan: Orphan) -> Result<Settled, Error> {
    let keys = match candidates(active, &orphan, (context.now)()).await {
        Ok(keys) => keys,
        Err(error) => return Ok(Settled::Failed(error)),
    };
    if keys.likely.is_empty() {
        let name = context.ui.name(&orphan.creation.plan.draft.name);
        context.ui.ok();
        context.ui.say(&format!("Found no API key {name} from this creation"));
    }
    let mut left = keys.likely.len();
    let mut locked = None;
    for key in keys.likely {
        say_lost(context, &orphan, &key);
        if key.locked {
            locked.get_or_insert(messages::locked(&key));
            continue;
        }
        if asked(context, &format!("Really delete {}{}?", messages::called(&key), active.owner.of_key(&key))).await? {
            if let Err(error) = one(context, active, &key, KeyChange::Delete).await {
                return Ok(Settled::Failed(error));
            }
            orphan.note_deleted();
            left -= 1;
        }
    }
    keys.others.iter().for_each(|key| note_other(context, key));
    let is_over = left == 0 && (keys.is_certain || orphan.was_deleted);
    if is_over {
        return Ok(end(context, orphan).into());
    }
    let note = Note::from("ibmiam will show this creation again.");
    context.ui.note(note.hint(Hint::run("To discard the creation, run", ["api-key-recover", "--discard"])));
    Ok(match locked {
        Some(error) => Settled::Failed(error),
        None if left > 0 => Settled::Declined,
        None => Settled::Done,
    })
}

fn say_lost(context: &mut Context<'_>, orphan: &Orphan, key: &ApiKey) {
    let called = format!("{}, created at {}", messages::called(key), visible(&key.created_at));
    context.ui.say(&match (orphan.creation.key_id.as_deref() == Some(&*key.id), orphan.maybe_delivered) {
        (true, false) => format!("The value of {called}, is lost."),
        (true, true) => format!("The value of {called}, is lost, unless you saved it."),
        (false, _) => format!("{called}, may be from this creation. If so, its value is lost."),
    });
}

fn note_other(context: &mut Context<'_>, key: &ApiKey) {
    let (called, created_at) = (messages::called(key), visible(&key.created_at));
    let note = Note::from(format!("{called}, created at {created_at}, has the same name."));
    let text = "If this key is from the interrupted creation, delete it";
    context.ui.note(note.hint(messages::key_hint(text, "delete", &key.id, &key.iam_id)));
}

/// Forgets a creation of which no key is left, once no request can create one any more.
fn end(context: &mut Context<'_>, orphan: Orphan) -> Result<(), Error> {
    let begun_at = orphan.creation.plan.begun_at;
    if is_settled(begun_at, (context.now)()) {
        return Ok(orphan.forget()?);
    }
    let moment = begun_at.checked_add(SETTLED_AFTER).map(time::wire).unwrap_or_default();
    let note = Note::from("A delayed copy of the request may create the key again.");
    context.ui.note(note.hint(Hint::run(format!("To check, run this after {moment}"), ["api-key-recover"])));
    Ok(())
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

async fn candidates(active: &ActiveLogin, orphan: &Orphan, now: Timestamp) -> Result<Candidates, Error> {
    let client = &active.login.client;
    let plan = &orphan.creation.plan;
    let has_id = orphan.creation.key_id.is_some();
    if let Some(key) = orphan.creation.key(client).await? {
        return Ok(Candidates { likely: vec![key], others: Vec::new(), is_certain: true });
    }
    // A delayed copy of the request may have created another key since.
    if plan.rotation().is_some() && !plan.has_own_name() {
        // Both keys of the rotation have this name, and one of them is in use.
        return Ok(Candidates { likely: Vec::new(), others: Vec::new(), is_certain: has_id });
    }
    let keys = Selector::of(active).named(&plan.draft.name).await?;
    // The times of keys are from the service's clock, but the start time of the creation is from the local clock.
    let service_now = client.service_time();
    let ahead = service_now.map_or(SignedDuration::ZERO, |service_now| service_now.duration_since(now));
    let begun_at = plan.begun_at.checked_add(ahead).unwrap_or(plan.begun_at);
    let window = begun_at.checked_sub(TOLERANCE).unwrap_or(Timestamp::MIN)
        ..=begun_at.checked_add(SETTLED_AFTER + TOLERANCE).unwrap_or(Timestamp::MAX);
    let is_likely = |key: &ApiKey| time::parse(&key.created_at).is_none_or(|created| window.contains(&created));
    let (likely, others): (Vec<_>, Vec<_>) = keys.into_iter().partition(is_likely);
    Ok(Candidates { is_certain: has_id || !likely.is_empty(), likely, others })
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
