//! `api-key-lock`, `-unlock`, `-disable`, `-enable`, `-delete`: one idea with five verbs.
//!
//! All operands are resolved before anything is changed, and one question names them all.

use crate::cli::keys::Targets;
use crate::commands::support::change_key::{Words, one_of};
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::messages;
use crate::commands::support::owner::KeyOwner;
use crate::commands::support::select::{Selector, check_operands};
use crate::context::Context;
use crate::error::Error;
use crate::iam::verified::KeyChange as Change;
use crate::iam::{self, ApiKey};
use crate::output::report::{Report, Text};
use crate::output::screen::Screen;
use crate::output::{csv, json};
use crate::text::visible;

/// What became of a key, for JSON and CSV.
struct Outcome<'a> {
    key: &'a ApiKey,
    outcome: String,
}

/// With `ignore_not_found`, a key that is not there is none of the operands.
pub(crate) async fn run(
    context: &mut Context<'_>,
    targets: Targets,
    change: Change,
    ignore_not_found: bool,
) -> Result<u8, Error> {
    check_operands(context, !targets.keys.is_empty())?;
    let active = ActiveLogin::open(context).await?;
    let makes_sense = |key: &ApiKey| !(change.is_done(key) || change == Change::Delete && key.locked);
    let selector = Selector::own(&active);
    let keys = match selector.several(context, &targets.keys, ignore_not_found, makes_sense).await? {
        Ok(keys) => keys,
        Err(status) => return Ok(status),
    };
    let refused = |key: &ApiKey| change == Change::Delete && key.locked;
    let open: Vec<&ApiKey> = keys.iter().filter(|key| !change.is_done(key) && !refused(key)).collect();
    if matches!(change, Change::Disable | Change::Delete) && !open.is_empty() {
        active.warn_about_own_key(context.ui, &open, !targets.force).await;
    }
    if !targets.force && !open.is_empty() {
        ask(context, &KeyOwner::user_of(&active), &open, change).await?;
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
    context.ui.render(&Outcomes(&outcomes))?;
    Ok(first_failure.unwrap_or(0))
}

async fn ask(context: &mut Context<'_>, owner: &KeyOwner, keys: &[&ApiKey], change: Change) -> Result<(), Error> {
    let question = |name: &dyn Fn(&str) -> String| {
        let verb = change.verb();
        let names: Vec<String> = keys
            .iter()
            .map(|key| {
                let owner = if owner.is_foreign(key) { format!(" of {}", visible(&key.iam_id)) } else { String::new() };
                format!("{} ({}){owner}", name(&key.name), visible(&key.id))
            })
            .collect();
        match names.as_slice() {
            [name] => format!("Really {verb} API key {name}?"),
            names => format!("{}\nReally {verb} these {} API keys?", names.join("\n"), names.len()),
        }
    };
    let to = match keys {
        [key] => format!("to {} {}", change.verb(), messages::called(key)),
        keys => format!("to {} {} API keys", change.verb(), keys.len()),
    };
    let question = question(&|name| context.ui.name(name));
    context.prompt.confirm(context.ui, &question, &to).await
}

/// What became of each key. For people, the messages of the changes say it.
struct Outcomes<'a>(&'a [Outcome<'a>]);

impl Report for Outcomes<'_> {
    fn text(&self, _: Option<Screen>) -> Text {
        Text::Nothing
    }

    fn json(&self) -> Result<String, iam::Error> {
        let object = |Outcome { key, outcome }: &Outcome<'_>| serde_json::json!({"id": key.id, "name": key.name, "outcome": outcome});
        Ok(json::pretty(&self.0.iter().map(object).collect::<Vec<_>>()))
    }

    fn csv(&self) -> String {
        let header = ["id", "name", "outcome"].map(str::to_owned).to_vec();
        let rows = self
            .0
            .iter()
            .map(|Outcome { key, outcome }| vec![key.id.to_string(), key.name.to_string(), outcome.clone()]);
        csv::write(std::iter::once(header).chain(rows))
    }
}
