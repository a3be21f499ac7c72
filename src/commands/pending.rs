//! What is pending: told once by other commands, and shown and asked about by `api-key-recover` without FILE.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::change::{self, Change};
use super::recover::{belongs_to, one, open, settled};
use super::{errors, target};
use crate::config::Settings;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::keyfile::journal::{CutOff, Journal};
use crate::keyfile::pending::{Found, Pending};
use crate::output::{Column, Format, csv, json, table};
use crate::session::Login;
use crate::terminal::{prompt, text::visible};
use crate::time;

/// How far the service's clock may be behind ours.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

const COLUMNS: [Column<CutOff>; 6] = [
    Column { title: "Name", field: "name", cell: |found| Cow::Borrowed(&found.entry.name) },
    Column { title: "Begun At", field: "begun_at", cell: |found| time::wire(found.entry.begun_at).into() },
    Column { title: "Into", field: "file", cell: |found| file(found) },
    Column { title: "ID", field: "id", cell: |found| found.key_id.as_deref().unwrap_or_default().into() },
    Column { title: "Account", field: "account_id", cell: |found| Cow::Borrowed(&found.entry.account_id) },
    Column { title: "User", field: "user", cell: |found| Cow::Borrowed(&found.entry.user) },
];

fn file(found: &CutOff) -> Cow<'_, str> {
    found.entry.file.as_ref().map_or("standard output".into(), |file| file.to_string_lossy())
}

/// Tells of creations that were cut off, of each one once.
pub(super) fn mention(context: &mut Context<'_>) {
    if context.ui.is_quiet() {
        return;
    }
    for mut found in outstanding(&context.settings) {
        // What was begun elsewhere cannot be finished here, and is told of there.
        if found.entry.endpoint.is_empty() != context.settings.sandbox || !found.is_to_be_mentioned() {
            continue;
        }
        let entry = &found.entry;
        let (name, begun_at) = (visible(&entry.name).into_owned(), time::wire(entry.begun_at));
        let told = match entry.file.as_ref().filter(|_| !found.is_orphan) {
            Some(file) => {
                let file = visible(&file.to_string_lossy()).into_owned();
                format!(
                    "The creation of API key {name} into {file}, begun at {begun_at}, was cut off.\n\
                     Finish it with: ibmiam api-key-recover '{file}'"
                )
            }
            None => format!(
                "The creation of API key {name}, begun at {begun_at}, was cut off; there may be a key whose value \
                 nobody has.\nLook with: ibmiam api-key-recover"
            ),
        };
        context.ui.note(&told);
    }
}

/// Shows what is pending and asks about each of it; with `discard`, whether to give it up.
pub(super) async fn run(context: &mut Context<'_>, discard: bool) -> Result<u8, Error> {
    let all = outstanding(&context.settings);
    show(context, &all);
    if context.ui.format() != Format::Table || context.settings.no_input {
        return Ok(0);
    }
    let mut first_failure = None;
    let mut declined = false;
    for found in all {
        context.ui.say("");
        let settled = match found.entry.file.clone().filter(|_| !found.is_orphan) {
            Some(file) => {
                let into = context.ui.name(&file.to_string_lossy());
                let name = context.ui.name(&found.entry.name);
                let verb = if discard { "give up" } else { "finish" };
                let question = format!("Really {verb} the creation of API key {name} into {into}?");
                // Its pending file has a lock of its own.
                drop(found);
                if asked(context, &question).await? {
                    one(context, &file, discard).await
                } else {
                    declined = true;
                    Ok(())
                }
            }
            None => {
                let done = if discard { forget(context, found).await } else { orphan(context, found).await };
                done.map(|all| declined |= !all)
            }
        };
        match settled {
            Ok(()) => {}
            Err(error) if error.kind == Kind::Usage => return Err(error),
            Err(error) => {
                context.ui.error(&error);
                first_failure.get_or_insert(error.kind.exit_status());
            }
        }
    }
    let cancelled = if declined { Kind::Cancelled.exit_status() } else { 0 };
    Ok(first_failure.unwrap_or(cancelled))
}

/// What was cut off and is not settled by other ways since.
fn outstanding(settings: &Settings) -> Vec<CutOff> {
    let Ok(folder) = settings.data_folder() else {
        return Vec::new();
    };
    let mut outstanding = Vec::new();
    for found in Journal::new(&folder).cut_off() {
        let Some(file) = found.entry.file.as_ref().filter(|_| !found.is_orphan) else {
            outstanding.push(found);
            continue;
        };
        match Pending::find(file) {
            Ok(Found::UnderWay) => {}
            Ok(Found::NotBegun(_)) => found.done(),
            // Nothing there may mean that a disk is not there; whoever finishes or discards it forgets it.
            Ok(Found::Nothing | Found::Interrupted(..)) | Err(_) => outstanding.push(found),
        }
    }
    outstanding
}

fn show(context: &mut Context<'_>, all: &[CutOff]) {
    match context.ui.format() {
        Format::Table => {
            context.ui.ok();
            if all.is_empty() {
                context.ui.say("No creation is pending");
            } else {
                let text = table::list(&COLUMNS.each_ref(), all);
                context.ui.table(&text, true);
            }
        }
        Format::Json => {
            let objects: Vec<_> = all
                .iter()
                .map(|CutOff { entry, key_id, .. }| {
                    json!({
                        "name": entry.name, "begun_at": time::wire(entry.begun_at), "file": entry.file, "id": key_id,
                        "account_id": entry.account_id, "user": entry.user, "endpoint": entry.endpoint,
                    })
                })
                .collect();
            context.ui.data(&json::pretty(&objects));
        }
        Format::Csv => {
            let header = COLUMNS.each_ref().map(|column| column.field.to_owned()).to_vec();
            let rows = all.iter().map(|found| COLUMNS.each_ref().map(|column| (column.cell)(found).into()).to_vec());
            context.ui.data(&csv::write(std::iter::once(header).chain(rows)));
        }
    }
}

/// False for a no, which here means the next question and not the end.
async fn asked(context: &mut Context<'_>, question: &str) -> Result<bool, Error> {
    match prompt::confirm(context.ui, &context.prompt, question).await {
        Ok(()) => Ok(true),
        Err(error) if error.kind == Kind::Cancelled => Ok(false),
        Err(error) => {
            Err(error
                .hint("Answer y or n for each; a FILE is asked nothing about, and --no-input shows the list alone."))
        }
    }
}

/// False for a no.
async fn forget(context: &mut Context<'_>, found: CutOff) -> Result<bool, Error> {
    let name = context.ui.name(&found.entry.name);
    let question = format!("Really forget the creation of API key {name}? If there is a key, it stays.");
    let wanted = asked(context, &question).await?;
    if wanted {
        found.done();
        context.ui.ok();
    }
    Ok(wanted)
}

/// A key whose value went nowhere: shows it and offers to delete it; false for a no.
async fn orphan(context: &mut Context<'_>, found: CutOff) -> Result<bool, Error> {
    let entry = &found.entry;
    let acting = open(context, &entry.endpoint).await?;
    belongs_to(&entry.account_id, &entry.iam_id, &entry.user, &acting.login)?;
    let certain = found.key_id.is_some();
    let keys = match &found.key_id {
        Some(id) => match acting.login.client.get_api_key(id, Include::default()).await {
            Ok(key) => vec![key],
            Err(error) if error.is_not_found() => Vec::new(),
            Err(error) => return Err(error.into()),
        },
        None => made_about(&acting.login, &entry.name, entry.begun_at).await?,
    };
    let name = context.ui.name(&entry.name);
    if keys.is_empty() {
        let over = certain || settled(entry.begun_at, (context.now)());
        context.ui.ok();
        context.ui.say(&format!("No API key {name} is left of the creation"));
        if over {
            found.done();
        } else {
            context.ui.note("It may still be on the way to the service; look again in ten minutes.");
        }
        return Ok(true);
    }
    let mut left = keys.len();
    for key in keys {
        let why = match (certain, found.maybe_delivered) {
            (true, false) => "Nobody has the value of",
            (true, true) => "Unless you have it, nobody has the value of",
            (false, _) => "If you did not make it in another way, nobody has the value of",
        };
        let created = visible(&key.created_at).into_owned();
        context.ui.say(&format!("{why} {}, created at {created}.", errors::called(&key)));
        if key.locked {
            context.ui.error(&errors::locked(&key));
            continue;
        }
        if asked(context, &format!("Really delete {}?", errors::called(&key))).await? {
            change::one(context, &acting, &key, Change::Delete).await?;
            left -= 1;
        }
    }
    if left == 0 {
        found.done();
    } else {
        context.ui.note("What was left will be shown again; 'ibmiam api-key-recover --discard' forgets it.");
    }
    Ok(left == 0)
}

/// The keys of that name that were made when the creation was under way.
async fn made_about(login: &Login, name: &str, begun_at: Timestamp) -> Result<Vec<ApiKey>, Error> {
    let mut keys = target::by_name(login, name).await?;
    let window = begun_at.checked_sub(CLOCKS_DIFFER).unwrap_or(Timestamp::MIN)
        ..=begun_at.checked_add(super::recover::SETTLED_AFTER + CLOCKS_DIFFER).unwrap_or(Timestamp::MAX);
    keys.retain(|key| time::parse(&key.created_at).is_none_or(|created| window.contains(&created)));
    Ok(keys)
}
