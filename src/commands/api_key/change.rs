//! `api-key-lock`, `-unlock`, `-disable`, `-enable`, `-delete`: one implementation for five commands.
//!
//! All operands are resolved before anything is changed, and a single question lists all keys.

use crate::cli::keys::Targets;
use crate::cli::service::Whose;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam::ApiKey;
use crate::iam::verified::KeyChange;
use crate::ops::keys::bulk::{self, Reporting};
use crate::ops::keys::confirm::confirm;
use crate::ops::keys::criteria::Criteria;
use crate::ops::keys::select::{Selector, check_operands};
use crate::ops::login::ActiveLogin;
use crate::ops::messages;
use crate::output::key_list::KeyList;
use crate::output::key_table::Fit;
use crate::output::report::List;
use crate::output::{Column, keys};

/// The outcome for a key, for programs. As text, the messages of the changes already show it.
struct Outcome {
    id: String,
    name: String,
    outcome: String,
}

const COLUMNS: [Column<Outcome>; 3] = [
    Column::for_programs("id", |one| (&one.id).into()),
    Column::for_programs("name", |one| (&one.name).into()),
    Column::for_programs("outcome", |one| (&one.outcome).into()),
];

/// Changes the keys that the command line selects. With `ignore_not_found`, ignores operands that are not found.
pub(crate) async fn run(
    context: &mut Context<'_>,
    whose: Whose,
    targets: Targets,
    change: KeyChange,
    ignore_not_found: bool,
) -> Result<u8, Error> {
    let is_selection = check(context, &whose, &targets)?;
    let active = ActiveLogin::open_for_keys(context, &whose).await?;
    let selector = Selector::of(&active);
    let keys = if is_selection {
        let mut keys = selector
            .selected(
                context,
                &targets.selection,
                targets.all.then(|| Criteria::scope_of_all(&targets.selection)),
                true,
            )
            .await?;
        // Skips keys that are already in the new state.
        keys.retain(|key| !change.is_done(key));
        keys
    } else {
        let makes_sense = |key: &ApiKey| !(change.is_done(key) || change.is_refused(key));
        match selector.several(context, &targets.keys, ignore_not_found, makes_sense).await? {
            Ok(keys) => keys,
            Err(status) => return Ok(status),
        }
    };
    let open = bulk::possible(context, &keys, change, is_selection && !targets.force && !targets.dry_run);
    if targets.dry_run {
        return dry_run(context, &keys, &open, change);
    }
    if is_selection && keys.is_empty() {
        context.ui.say("No API keys match.");
        context.ui.render(&List::new(&COLUMNS, &[], ""))?;
        return Ok(0);
    }
    if matches!(change, KeyChange::Disable | KeyChange::Delete) && !open.is_empty() {
        active.warn_about_own_key(context.ui, &open, !targets.force).await;
    }
    if !targets.force && !open.is_empty() {
        let counts = is_selection && change == KeyChange::Delete;
        confirm(context, &active.owner, &open, change.verb(), "", counts).await?;
    }
    let reporting = if is_selection { Reporting::Total } else { Reporting::PerKey };
    let outcomes = bulk::change_all(context, &active, &keys, change, reporting).await;
    let shown = keys.iter().zip(&outcomes).map(|(key, outcome)| Outcome {
        id: key.id.to_string(),
        name: key.name.to_string(),
        outcome: match outcome {
            Ok(true) => change.done().to_owned(),
            Ok(false) => format!("already {}", change.done()),
            Err(_) => "failed".to_owned(),
        },
    });
    context.ui.render(&List::new(&COLUMNS, &shown.collect::<Vec<_>>(), ""))?;
    Ok(bulk::first_failure(&outcomes).map_or(0, Kind::exit_status))
}

/// Checks the command line. Returns whether filters select the keys, and not names and IDs.
fn check(context: &Context<'_>, whose: &Whose, targets: &Targets) -> Result<bool, Error> {
    let is_selection = targets.all || !targets.selection.is_empty();
    if !is_selection {
        return check_operands(context, whose, !targets.keys.is_empty()).map(|()| false);
    }
    if !targets.keys.is_empty() {
        return Err(Error::usage("Names and IDs cannot be combined with options that select keys.")
            .hint("Leave out one of them."));
    }
    targets.selection.check(targets.all)?;
    if targets.selection.is_empty() {
        return Err(Error::usage("--all alone would select every key of the account.")
            .hint("Add an option that selects keys, for example --match or --older-than."));
    }
    Ok(true)
}

fn dry_run(context: &mut Context<'_>, keys: &[ApiKey], open: &[&ApiKey], change: KeyChange) -> Result<u8, Error> {
    let shown: Vec<ApiKey> = open.iter().map(|key| (*key).clone()).collect();
    let fit = Some(Fit { owners: true, now: (context.now)() });
    context.ui.render(&KeyList { columns: &keys::LIST, keys: &shown, fit })?;
    bulk::note_locked(context, keys, change, "would");
    let number = messages::count_of_keys(shown.len());
    context.ui.note(format!("{number} would be {}. Nothing was changed (--dry-run).", change.done()));
    Ok(0)
}
