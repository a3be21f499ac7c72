//! Changes several keys, with messages about each key or with their number.

use std::cell::RefCell;
use std::collections::HashSet;

use futures_util::StreamExt;
use futures_util::stream;

use crate::context::{Context, InProgress};
use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::iam::ApiKey;
use crate::iam::verified::KeyChange;
use crate::ops::PARALLEL;
use crate::ops::keys::change_key::{Outcome, make, with_messages};
use crate::ops::keys::completion;
use crate::ops::login::ActiveLogin;
use crate::ops::messages;

/// The maximum number of changed keys to write to the completion cache one by one.
const LISTED: usize = 20;

/// How changes are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reporting {
    /// With messages about each key. The keys are changed one after the other.
    PerKey,
    /// With the number of keys. Several keys are changed at the same time.
    Total,
}

/// Changes keys, and reports the outcomes. The failure of one key does not affect the others.
pub(crate) async fn change_all(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    keys: &[ApiKey],
    change: KeyChange,
    reporting: Reporting,
) -> Vec<Outcome> {
    let count = keys.len();
    let possible = keys.iter().filter(|key| !change.is_refused(key)).count();
    if reporting == Reporting::Total && possible > 0 {
        let number = messages::count_of_keys(possible);
        context.ui.say(&format!("{} {number} {}...", change.doing(), active.under_as(context.ui)));
    }
    let (mut changed, mut failed) = (0, Vec::new());
    context.in_progress = Some(in_progress(changed, &failed, count, change).not_reached(messages::not_reached(keys)));
    let shared = RefCell::new(&mut *context);
    let change_one = async |index: usize| {
        let key = &keys[index];
        let outcome = match reporting {
            _ if change.is_refused(key) => Err(messages::locked(key)),
            Reporting::PerKey => with_messages(&shared, active, key, change, None).await,
            Reporting::Total if change.is_done(key) => Ok(false),
            Reporting::Total => make(active, key, change, || ()).await.map(|()| true),
        };
        (index, outcome)
    };
    let parallel = if reporting == Reporting::PerKey { 1 } else { PARALLEL };
    let mut changes = stream::iter((0..count).map(&change_one)).buffer_unordered(parallel);
    let mut outcomes: Vec<Option<Outcome>> = (0..count).map(|_| None).collect();
    while let Some((index, outcome)) = changes.next().await {
        let mut context = shared.borrow_mut();
        match (reporting, &outcome) {
            (Reporting::PerKey, Err(error)) => context.report(error),
            (Reporting::PerKey, Ok(_)) => {}
            (Reporting::Total, Ok(_)) => changed += 1,
            (Reporting::Total, Err(error)) => failed.push(error.one_line()),
        }
        if reporting == Reporting::Total {
            context.next_in_progress(&keys[index].id, in_progress(changed, &failed, count, change));
            context.ui.count(&format!("{} of {count} API keys...", changed + failed.len()));
        }
        outcomes[index] = Some(outcome);
    }
    drop(changes);
    let not_changed = || Err(Error::failed("The API key was not changed."));
    let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(not_changed)).collect();
    context.in_progress = None;
    if reporting == Reporting::Total {
        store_names(context, active, keys, &outcomes, change);
        report(context, &outcomes, change);
    }
    outcomes
}

/// Returns the kind of the first failure.
pub(crate) fn first_failure(outcomes: &[Outcome]) -> Option<Kind> {
    outcomes.iter().find_map(|outcome| Some(outcome.as_ref().err()?.kind))
}

/// Stores the changed keys for shell completion.
fn store_names(context: &Context<'_>, active: &ActiveLogin, keys: &[ApiKey], outcomes: &[Outcome], change: KeyChange) {
    let changed = keys.iter().zip(outcomes).filter(|(_, outcome)| outcome.is_ok()).map(|(key, _)| key);
    if change == KeyChange::Delete {
        let deleted: HashSet<&str> = changed.map(|key| &*key.id).collect();
        completion::saw_all_deleted(context, &deleted);
    } else {
        // Each key rewrites the cache file. The next listing updates the keys beyond the limit.
        changed.take(LISTED).for_each(|key| completion::saw(context, active, &change.applied_to(key)));
    }
}

/// Returns the keys that a change applies to. Before a question, notes how many are left out because they are locked.
pub(crate) fn possible<'a>(
    context: &mut Context<'_>,
    keys: &'a [ApiKey],
    change: KeyChange,
    is_question: bool,
) -> Vec<&'a ApiKey> {
    if is_question {
        note_locked(context, keys, change, "will");
    }
    keys.iter().filter(|key| !change.is_done(key) && !change.is_refused(key)).collect()
}

/// Notes how many keys are locked, so that they `will` or `would` not be changed.
pub(crate) fn note_locked(context: &mut Context<'_>, keys: &[ApiKey], change: KeyChange, will: &str) {
    let locked = keys.iter().filter(|key| change.is_refused(key)).count();
    if locked > 0 {
        let verb = if locked == 1 { "is" } else { "are" };
        let number = messages::count_of_keys(locked);
        context.ui.note(format!("{number} {verb} locked, and {will} not be {}.", change.done()));
    }
}

/// Returns the progress after some changes, for the message after a signal.
fn in_progress(changed: usize, failed: &[String], count: usize, change: KeyChange) -> InProgress {
    let mut text = format!(
        "{changed} of {count} API keys were {}. Up to {PARALLEL} of the other keys may have been, too.",
        change.done()
    );
    if !failed.is_empty() {
        text.push_str(&format!(" Failed: {}", failed.join(" ")));
    }
    InProgress::new(text).hint(Hint::run("To list the keys, run", ["api-key-list"]))
}

/// Reports how many keys were changed, and each failure.
fn report(context: &mut Context<'_>, outcomes: &[Outcome], change: KeyChange) {
    let changed = outcomes.iter().filter(|outcome| matches!(outcome, Ok(true))).count();
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
        context.report(error);
    }
    if !failed.is_empty() {
        let (number, verb) = (failed.len(), if failed.len() == 1 { "was" } else { "were" });
        context.ui.note(format!(
            "{number} of {} {verb} not {}.",
            messages::count_of_keys(outcomes.len()),
            change.done()
        ));
    }
}

/// `1 API key was already disabled`
pub(crate) fn already_done(count: usize, change: KeyChange) -> String {
    let verb = if count == 1 { "was" } else { "were" };
    format!("{} {verb} already {}", messages::count_of_keys(count), change.done())
}
