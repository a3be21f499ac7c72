//! `api-key-show`

use std::borrow::Cow;

use crate::cli::keys::Show;
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::select;
use crate::commands::support::show_key::show_key;
use crate::context::Context;
use crate::error::Error;
use crate::format::Format;
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::iam::types::HistoryRecord;
use crate::output::{Column, csv, json, keys, table};
use crate::text::visible;

pub(crate) async fn run(context: &mut Context<'_>, options: Show) -> Result<u8, Error> {
    if context.ui.format() == Format::Csv && (options.activity || options.history) {
        return Err(Error::usage("CSV output does not support --activity and --history.").hint("Use --output json."));
    }
    let active = ActiveLogin::open(context).await?;
    let include = Include { history: options.history, activity: options.activity };
    if !options.uuid {
        let name = context.ui.name(&options.key);
        context.ui.say(&format!("Getting API key {name} {}...", active.under_as(context.ui)));
    }
    let key = select::resolve(context, &active.login, &options.key, include).await?;
    if options.uuid {
        let id = match context.ui.format() {
            Format::Table => format!("{}\n", visible(&key.id)),
            Format::Json => json::pretty(&key.id),
            Format::Csv => csv::list(&keys::LIST[..1], std::slice::from_ref(&key)),
        };
        context.ui.data(&id);
        return Ok(0);
    }
    context.ui.ok();
    show_key(context, &key)?;
    if context.ui.format() == Format::Table {
        more(context, &key, include);
    }
    Ok(0)
}

/// What was asked for beyond the key itself; in JSON it is part of the object.
fn more(context: &mut Context<'_>, key: &ApiKey, include: Include) {
    if include.activity {
        let activity = key.activity.clone().unwrap_or_default();
        let count = activity.authn_count.to_string();
        let last = activity.last_authn.unwrap_or_else(|| "-".to_owned());
        let lines = [("Last used", last.as_str()), ("Times used", count.as_str())];
        context.ui.table(&table::record(&lines, keys::LABELS), false);
    }
    if include.history {
        context.ui.say("");
        if key.history.is_empty() {
            context.ui.say("No history found.");
        } else {
            context.ui.table(&table::list(&HISTORY, &key.history), true);
        }
    }
}

const HISTORY: [&Column<HistoryRecord>; 4] = [
    &Column { title: "Timestamp", field: "timestamp", cell: |record| Cow::Borrowed(&record.timestamp) },
    &Column { title: "IAM ID", field: "iam_id", cell: |record| Cow::Borrowed(&record.iam_id) },
    &Column { title: "Action", field: "action", cell: |record| Cow::Borrowed(&record.action) },
    &Column { title: "Message", field: "message", cell: |record| Cow::Borrowed(&record.message) },
];
