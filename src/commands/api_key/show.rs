//! `api-key-show`

use crate::cli::keys::Show;
use crate::cli::service::Whose;
use crate::context::Context;
use crate::error::Error;
use crate::format::Format;
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::iam::types::{Activity, HistoryRecord};
use crate::ops::keys::select::{Selector, check_operands};
use crate::ops::login::ActiveLogin;
use crate::output::keys::{self, KeyReport};
use crate::output::report::{Ids, List, Record};
use crate::output::{Cell, Column};

pub(crate) async fn run(context: &mut Context<'_>, whose: Whose, options: Show) -> Result<u8, Error> {
    if context.ui.format() == Format::Csv && (options.activity || options.history) {
        return Err(Error::usage("CSV output does not support --activity and --history.").hint("Use --output json."));
    }
    check_operands(context, &whose, options.key.is_some())?;
    let active = ActiveLogin::open_for_keys(context, &whose).await?;
    let include = Include { history: options.history, activity: options.activity };
    if !options.uuid {
        let name = options.key.as_deref().map(|key| format!("{} ", context.ui.name(key))).unwrap_or_default();
        context.ui.say(&format!("Getting API key {name}{}...", active.under_as(context.ui)));
    }
    let key = Selector::of(&active).one(context, options.key.as_deref(), include).await?;
    if options.uuid {
        context.ui.render(&Ids::One(&key.id))?;
        return Ok(0);
    }
    context.ui.ok();
    context.ui.say("");
    context.ui.render(&KeyReport::of(&key))?;
    if context.ui.format() == Format::Table {
        more(context, &key, include)?;
    }
    Ok(0)
}

/// Shows the requested activity and history. In JSON they are part of the key's object.
fn more(context: &mut Context<'_>, key: &ApiKey, include: Include) -> Result<(), Error> {
    if include.activity {
        let activity = key.activity.clone().unwrap_or_default();
        context.ui.render(&Record { missing: "-", ..Record::new(&ACTIVITY, &activity, keys::LABELS) })?;
    }
    if include.history {
        if !key.history.is_empty() {
            // Part of the data, so that the two tables do not touch in a file.
            context.ui.data("\n");
        }
        context.ui.render(&List::new(&HISTORY, &key.history, "No history found."))?;
    }
    Ok(())
}

const ACTIVITY: [Column<Activity>; 2] = [
    Column::new("Last used", "last_authn", |activity| activity.last_authn.as_deref().into()),
    Column::new("Times used", "authn_count", |activity| Cell::number(Some(activity.authn_count))),
];

const HISTORY: [Column<HistoryRecord>; 4] = [
    Column::new("Timestamp", "timestamp", |record| (&record.timestamp).into()),
    Column::new("IAM ID", "iam_id", |record| (&record.iam_id).into()),
    Column::new("Action", "action", |record| (&record.action).into()),
    Column::new("Message", "message", |record| (&record.message).into()),
];
