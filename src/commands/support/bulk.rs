//! A change of many keys at once.

use std::collections::HashSet;

use futures_util::StreamExt;
use futures_util::stream;

use super::PARALLEL;
use super::change_key::Words;
use super::completion;
use super::login::ActiveLogin;
use super::messages;
use crate::context::{Context, InProgress};
use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::iam::ApiKey;
use crate::iam::verified::{Failure, KeyChange};

/// Names that a message lists at most.
const LISTED: usize = 20;

/// What became of each key: the word for it, or why it is not so.
pub(crate) type Outcome = Result<String, Error>;

/// Changes keys in parallel, within a bound. Each failure is the key's own.
pub(crate) async fn change_all(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    keys: &[ApiKey],
    change: KeyChange,
) -> Vec<Outcome> {
    let client = &active.login.client;
    let count = keys.len();
    context.ui.say(&format!("{} {count} API keys {}...", change.doing(), active.under_as(context.ui)));
    let change_one = |index: usize| async move {
        let key = &keys[index];
        let outcome = match change {
            KeyChange::Delete if key.locked => Err(messages::locked(key)),
            _ if change.is_done(key) => Ok(format!("already {}", change.done())),
            _ => match change.apply(client, &key.id).await {
                Ok(()) => Ok(change.done().to_owned()),
                Err(Failure::Unknown(error)) => Err(messages::unknown(key, error)),
                Err(Failure::NotMade(error)) => Err(messages::refused(client, key, error).await),
            },
        };
        (index, outcome)
    };
    let mut changes = stream::iter((0..count).map(change_one)).buffer_unordered(PARALLEL);
    let mut outcomes: Vec<Option<Outcome>> = (0..count).map(|_| None).collect();
    let mut done = 0;
    context.in_progress = Some(in_progress(keys, &outcomes, change));
    while let Some((index, outcome)) = changes.next().await {
        done += 1;
        outcomes[index] = Some(outcome);
        context.in_progress = Some(in_progress(keys, &outcomes, change));
        context.ui.count(&format!("{done} of {count} API keys..."));
    }
    drop(changes);
    let changed = keys.iter().zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Some(Ok(_))));
    if change == KeyChange::Delete {
        let deleted: HashSet<&str> = changed.map(|(key, _)| &*key.id).collect();
        completion::saw_all_deleted(context, &deleted);
    } else {
        // Each is a file that is written; more than a screen of them is seen again by the next listing.
        changed.take(LISTED).for_each(|(key, _)| completion::saw(context, active, &change.applied_to(key)));
    }
    context.in_progress = None;
    outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err(Error::failed("It was not changed.")))).collect()
}

/// What a signal would cut off now.
fn in_progress(keys: &[ApiKey], outcomes: &[Option<Outcome>], change: KeyChange) -> InProgress {
    let done = outcomes.iter().filter(|outcome| matches!(outcome, Some(Ok(_)))).count();
    let open: Vec<&ApiKey> = keys
        .iter()
        .zip(outcomes)
        .filter(|(_, outcome)| outcome.is_none())
        .map(|(key, _)| key)
        .take(LISTED + 1)
        .collect();
    let left = outcomes.iter().filter(|outcome| outcome.is_none()).count();
    let mut lines: Vec<String> = open.iter().take(LISTED).map(|key| format!("{} ({})", key.name, key.id)).collect();
    if left > LISTED {
        lines.push(format!("and {} more", left - LISTED));
    }
    let text = format!(
        "{done} of {} API keys were {}. Up to {PARALLEL} of those not reached may have been, too.",
        keys.len(),
        change.done()
    );
    InProgress::new(text).not_reached(lines).hint(Hint::run("To list the keys, run", ["api-key-list"]))
}

/// Says how many keys were changed, and reports failures one by one; the kind of the first one.
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
        context.ui.say(&format!("{already} already {}", change.done()));
    }
    for error in &failed {
        context.ui.error(error);
    }
    if let Some(first) = failed.first() {
        context.ui.note(format!("{} of {} API keys were not {}.", failed.len(), outcomes.len(), change.done()));
        return Some(first.kind);
    }
    None
}
