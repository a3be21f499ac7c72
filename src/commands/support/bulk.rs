//! Changes many keys at once.

use std::collections::HashSet;

use futures_util::StreamExt;
use futures_util::stream;

use super::PARALLEL;
use super::completion;
use super::login::ActiveLogin;
use super::messages;
use crate::context::{Context, InProgress};
use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::iam::ApiKey;
use crate::iam::verified::{ChangeFailure, KeyChange};

/// The maximum number of changed keys to write to the completion cache one by one.
const LISTED: usize = 20;

/// The outcome for a key: the word that describes it, or the error.
pub(crate) type Outcome = Result<String, Error>;

/// Changes keys in parallel, with a limited number of requests. The failure of one key does not affect the others.
pub(crate) async fn change_all(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    keys: &[ApiKey],
    change: KeyChange,
) -> Vec<Outcome> {
    let client = &active.login.client;
    let count = keys.len();
    let possible = keys.iter().filter(|key| !(change == KeyChange::Delete && key.locked)).count();
    if possible > 0 {
        let number = messages::count_of_keys(possible);
        context.ui.say(&format!("{} {number} {}...", change.doing(), active.under_as(context.ui)));
    }
    let change_one = |index: usize| async move {
        let key = &keys[index];
        let outcome = match change {
            KeyChange::Delete if key.locked => Err(messages::locked(key)),
            _ if change.is_done(key) => Ok(format!("already {}", change.done())),
            _ => match change.apply(client, &key.id).await {
                Ok(()) => Ok(change.done().to_owned()),
                Err(ChangeFailure::Unknown(error)) => Err(messages::unknown(key, error)),
                Err(ChangeFailure::NotMade(error)) => Err(messages::refused(client, key, error).await),
            },
        };
        (index, outcome)
    };
    let mut changes = stream::iter((0..count).map(change_one)).buffer_unordered(PARALLEL);
    let mut outcomes: Vec<Option<Outcome>> = (0..count).map(|_| None).collect();
    let (mut done, mut changed_so_far, mut failed) = (0, 0, Vec::new());
    context.in_progress = Some(in_progress(keys, change));
    while let Some((index, outcome)) = changes.next().await {
        done += 1;
        match &outcome {
            Ok(_) => changed_so_far += 1,
            Err(error) => failed.push(error.message.clone()),
        }
        outcomes[index] = Some(outcome);
        note(context, &keys[index], changed_so_far, &failed, count, change);
        context.ui.count(&format!("{done} of {count} API keys..."));
    }
    drop(changes);
    let changed = keys.iter().zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Some(Ok(_))));
    if change == KeyChange::Delete {
        let deleted: HashSet<&str> = changed.map(|(key, _)| &*key.id).collect();
        completion::saw_all_deleted(context, &deleted);
    } else {
        // Each key rewrites the cache file. The next listing updates the keys beyond the limit.
        changed.take(LISTED).for_each(|(key, _)| completion::saw(context, active, &change.applied_to(key)));
    }
    context.in_progress = None;
    outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_or_else(|| Err(Error::failed("The API key was not changed."))))
        .collect()
}

/// Returns the keys that a change applies to. Before a question, notes how many are left out because they are locked.
pub(crate) fn possible<'a>(
    context: &mut Context<'_>,
    keys: &'a [ApiKey],
    change: KeyChange,
    is_question: bool,
) -> Vec<&'a ApiKey> {
    let refuses = |key: &ApiKey| change == KeyChange::Delete && key.locked;
    let locked = keys.iter().filter(|key| refuses(key)).count();
    if is_question && locked > 0 {
        let verb = if locked == 1 { "is" } else { "are" };
        let number = messages::count_of_keys(locked);
        context.ui.note(format!("{number} {verb} locked, and will not be {}.", change.done()));
    }
    keys.iter().filter(|key| !change.is_done(key) && !refuses(key)).collect()
}

/// Returns the progress before the first change, for the message after a signal.
pub(crate) fn in_progress(keys: &[ApiKey], change: KeyChange) -> InProgress {
    let text = message(0, keys.len(), change);
    InProgress::new(text)
        .not_reached(messages::not_reached(keys))
        .hint(Hint::run("To list the keys, run", ["api-key-list"]))
}

fn message(done: usize, count: usize, change: KeyChange) -> String {
    format!("{done} of {count} API keys were {}. Up to {PARALLEL} of the other keys may have been, too.", change.done())
}

/// Records the outcome of a key in the progress, for the message after a signal.
fn note(context: &mut Context<'_>, key: &ApiKey, done: usize, failed: &[String], count: usize, change: KeyChange) {
    let Some(progress) = &mut context.in_progress else { return };
    progress.not_reached.retain(|not_reached| not_reached.id != key.id);
    progress.message = message(done, count, change);
    if !failed.is_empty() {
        progress.message.push_str(&format!(" Failed: {}", failed.join(" ")));
    }
}

/// Reports how many keys were changed, and each failure. Returns the kind of the first failure.
pub(crate) fn report(context: &mut Context<'_>, outcomes: &[Outcome], change: KeyChange) -> Option<Kind> {
    let changed = outcomes.iter().filter(|outcome| matches!(outcome, Ok(word) if *word == change.done())).count();
    let failed: Vec<&Error> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    if failed.is_empty() {
        context.ui.ok();
    }
    let noun = if changed == 1 { "API key was" } else { "API keys were" };
    context.ui.say(&format!("{changed} {noun} {}", change.done()));
    let already = outcomes.len() - changed - failed.len();
    if already > 0 {
        context.ui.say(&already_done(already, change));
    }
    for error in &failed {
        context.ui.error(error);
    }
    if let Some(first) = failed.first() {
        let (number, verb) = (failed.len(), if failed.len() == 1 { "was" } else { "were" });
        context.ui.note(format!(
            "{number} of {} {verb} not {}.",
            messages::count_of_keys(outcomes.len()),
            change.done()
        ));
        return Some(first.kind);
    }
    None
}

/// `1 API key was already disabled`
pub(crate) fn already_done(count: usize, change: KeyChange) -> String {
    let verb = if count == 1 { "was" } else { "were" };
    format!("{} {verb} already {}", messages::count_of_keys(count), change.done())
}
