//! `api-key-lock`, `-unlock`, `-disable`, `-enable`, `-delete`: one idea with five verbs.
//!
//! All operands are resolved before anything is changed, and one question names them all.

use serde_json::json;

use super::acting::Acting;
use super::{errors, target};
use crate::cli::keys::Targets;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::iam::verified::Failure;
pub(super) use crate::iam::verified::KeyChange as Change;
use crate::output::{Format, csv, json};
use crate::session::Login;
use crate::terminal::{prompt, text::visible};

/// What became of a key, for JSON and CSV.
struct Outcome<'a> {
    key: &'a ApiKey,
    outcome: String,
}

/// The words for a change.
trait Words {
    /// As in "Really delete".
    fn verb(self) -> &'static str;
    /// As in "Deleting".
    fn doing(self) -> &'static str;
    /// As in "was deleted".
    fn done(self) -> &'static str;
}

impl Words for Change {
    fn verb(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Delete => "delete",
        }
    }

    fn doing(self) -> &'static str {
        match self {
            Self::Lock => "Locking",
            Self::Unlock => "Unlocking",
            Self::Disable => "Disabling",
            Self::Enable => "Enabling",
            Self::Delete => "Deleting",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Lock => "locked",
            Self::Unlock => "unlocked",
            Self::Disable => "disabled",
            Self::Enable => "enabled",
            Self::Delete => "deleted",
        }
    }
}

pub(super) async fn run(context: &mut Context<'_>, targets: Targets, change: Change) -> Result<u8, Error> {
    let acting = Acting::open(context).await?;
    let mut keys = Vec::<ApiKey>::new();
    let mut unresolved = None;
    for operand in &targets.keys {
        match target::resolve(context, &acting.login, operand, Include::default()).await {
            Ok(key) if keys.iter().any(|known| known.id == key.id) => {}
            Ok(key) => keys.push(key),
            // One that is not there does not hide another; anything else would go wrong again.
            Err(error) if matches!(error.kind, Kind::NotFound | Kind::Usage) => {
                context.ui.error(&error);
                unresolved.get_or_insert(error.kind.exit_status());
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(status) = unresolved {
        return Ok(status);
    }
    let refused = |key: &ApiKey| change == Change::Delete && key.locked;
    let open: Vec<&ApiKey> = keys.iter().filter(|key| !change.is_done(key) && !refused(key)).collect();
    if !targets.force && !open.is_empty() {
        ask(context, &acting.login, &open, change).await?;
    }
    let mut first_failure = None;
    let mut outcomes = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        let rest = &keys[index + 1..];
        let result =
            if refused(key) { Err(errors::locked(key)) } else { one_of(context, &acting, key, rest, change).await };
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(error) => {
                context.ui.error(&error);
                first_failure.get_or_insert(error.kind.exit_status());
                "failed".to_owned()
            }
        };
        outcomes.push(Outcome { key, outcome });
    }
    report(context, &outcomes);
    Ok(first_failure.unwrap_or(0))
}

async fn ask(context: &mut Context<'_>, login: &Login, keys: &[&ApiKey], change: Change) -> Result<(), Error> {
    let question = |name: &dyn Fn(&str) -> String| {
        let verb = change.verb();
        let names: Vec<String> = keys
            .iter()
            .map(|key| {
                let foreign = !key.iam_id.is_empty() && key.iam_id != login.iam_id();
                let owner = if foreign { format!(" of {}", visible(&key.iam_id)) } else { String::new() };
                format!("{} ({}){owner}", name(&key.name), visible(&key.id))
            })
            .collect();
        match names.as_slice() {
            [name] => format!("Really {verb} API key {name}?"),
            names => format!("{}\nReally {verb} these {} API keys?", names.join("\n"), names.len()),
        }
    };
    if context.settings.no_input {
        let question = question(&|name| visible(name).into_owned());
        return Err(Error::usage(format!("{question} This needs an answer, and --no-input was given."))
            .hint("Pass --force to go ahead without being asked."));
    }
    let question = question(&|name| context.ui.name(name));
    prompt::confirm(context.ui, &context.prompt, &question).await
}

/// Changes one key; the word for what became of it.
pub(super) async fn one(
    context: &mut Context<'_>,
    acting: &Acting,
    key: &ApiKey,
    change: Change,
) -> Result<String, Error> {
    one_of(context, acting, key, &[], change).await
}

/// Changes one of several keys; those in `rest` are still to come.
async fn one_of(
    context: &mut Context<'_>,
    acting: &Acting,
    key: &ApiKey,
    rest: &[ApiKey],
    change: Change,
) -> Result<String, Error> {
    let ui = &mut *context.ui;
    let name = ui.name(&key.name);
    let already = format!("already {}", change.done());
    if change.is_done(key) {
        ui.ok();
        ui.say(&format!("API key {name} is {already}"));
        return Ok(already);
    }
    ui.say(&format!("{} API key {name} {}...", change.doing(), acting.under_as(ui)));
    let rest: Vec<String> = rest.iter().map(|key| format!("{} ({})", key.name, key.id)).collect();
    context.in_progress = Some(errors::in_progress(change.verb(), key).not_reached(rest.clone()));
    let client = &acting.login.client;
    match change.apply(client, &key.id).await {
        Ok(()) => context.in_progress = Some(errors::ended(change.done(), key).not_reached(rest)),
        Err(Failure::Unknown(error)) => return Err(errors::unknown(key, error)),
        Err(Failure::NotMade(error)) => {
            context.in_progress = Some(errors::ended("not changed", key).not_reached(rest));
            return Err(errors::refused(client, key, error).await);
        }
    }
    ui.ok();
    ui.say(&format!("API key {name} was {}", change.done()));
    Ok(change.done().to_owned())
}

fn report(context: &mut Context<'_>, outcomes: &[Outcome<'_>]) {
    match context.ui.format() {
        Format::Table => {}
        Format::Json => {
            let objects: Vec<_> = outcomes
                .iter()
                .map(|Outcome { key, outcome }| json!({"id": key.id, "name": key.name, "outcome": outcome}))
                .collect();
            context.ui.data(&json::pretty(&objects));
        }
        Format::Csv => {
            let header = ["id", "name", "outcome"].map(str::to_owned).to_vec();
            let rows =
                outcomes.iter().map(|Outcome { key, outcome }| vec![key.id.clone(), key.name.clone(), outcome.clone()]);
            context.ui.data(&csv::write(std::iter::once(header).chain(rows)));
        }
    }
}
