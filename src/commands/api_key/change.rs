//! `api-key-lock`, `-unlock`, `-disable`, `-enable`, `-delete`: one idea with five verbs.
//!
//! All operands are resolved before anything is changed, and one question names them all.

use serde_json::json;

use crate::cli::keys::Targets;
use crate::commands::support::change_key::{Words, one_of};
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::{messages, select};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::format::Format;
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::iam::verified::KeyChange as Change;
use crate::output::{csv, json};
use crate::session::Login;
use crate::terminal::prompt;
use crate::text::visible;

/// What became of a key, for JSON and CSV.
struct Outcome<'a> {
    key: &'a ApiKey,
    outcome: String,
}

pub(crate) async fn run(context: &mut Context<'_>, targets: Targets, change: Change) -> Result<u8, Error> {
    let active = ActiveLogin::open(context).await?;
    let mut keys = Vec::<ApiKey>::new();
    let mut unresolved = None;
    for operand in &targets.keys {
        match select::resolve(context, &active.login, operand, Include::default()).await {
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
        ask(context, &active.login, &open, change).await?;
    }
    let mut first_failure = None;
    let mut outcomes = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        let rest = &keys[index + 1..];
        let result =
            if refused(key) { Err(messages::locked(key)) } else { one_of(context, &active, key, rest, change).await };
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
        return Err(Error::usage(format!("{question} Confirmation required, but --no-input is set."))
            .hint("Pass --force to skip the confirmation."));
    }
    let question = question(&|name| context.ui.name(name));
    prompt::confirm(context.ui, &context.prompt, &question).await
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
