//! `api-key-list`

use crate::cli::keys::{List, Sort};
use crate::commands::support::login::ActiveLogin;
use crate::context::Context;
use crate::error::Error;
use crate::format::Format;
use crate::iam::{ApiKey, KeyQuery, Scope, filter};
use crate::output::{csv, json, keys, table};

pub(crate) async fn run(context: &mut Context<'_>, options: List) -> Result<u8, Error> {
    let active = ActiveLogin::open(context).await?;
    if !options.uuid {
        context.ui.say(&format!("Getting all API keys {}...", active.under_as(context.ui)));
    }
    let mut keys = fetch(context, &active, &options).await?;
    sort(&mut keys, &options);
    print(context, &keys, &options)?;
    Ok(0)
}

async fn fetch(context: &mut Context<'_>, active: &ActiveLogin, options: &List) -> Result<Vec<ApiKey>, Error> {
    let login = &active.login;
    let (name, description) = (options.name.as_deref(), options.description.as_deref());
    let query = KeyQuery {
        account_id: login.account_id.clone(),
        scope: if options.all { Scope::Account } else { Scope::Own(login.iam_id().to_owned()) },
        filter: filter::contains(name, description),
    };
    let ui = &mut *context.ui;
    let mut count = |keys: usize| ui.count(&format!("{keys} API keys so far..."));
    let mut keys = login.client.list_api_keys(&query, &mut count).await?;
    // Whatever the service made of the filter, the answer is right.
    keys.retain(|key| {
        name.is_none_or(|text| key.name.contains(text)) && description.is_none_or(|text| key.description.contains(text))
    });
    Ok(keys)
}

/// The service's times are in one format and so sort as text.
fn sort(keys: &mut [ApiKey], options: &List) {
    match options.sort {
        None => {}
        Some(Sort::Name) => keys.sort_by(|a, b| a.name.cmp(&b.name)),
        Some(Sort::Created) => keys.sort_by(|a, b| a.created_at.cmp(&b.created_at)),
        Some(Sort::Modified) => keys.sort_by(|a, b| a.modified_at.cmp(&b.modified_at)),
    }
    if options.reverse {
        keys.reverse();
    }
}

fn print(context: &mut Context<'_>, items: &[ApiKey], options: &List) -> Result<(), Error> {
    let ui = &mut *context.ui;
    let columns = if options.wide { &keys::WIDE[..] } else { &keys::LIST[..] };
    match ui.format() {
        Format::Table if options.uuid => {
            let ids: String = items.iter().map(|key| format!("{}\n", crate::text::visible(&key.id))).collect();
            ui.data(&ids);
        }
        Format::Table => {
            ui.ok();
            if items.is_empty() {
                ui.say("No API key found.");
            } else {
                ui.table(&table::list(columns, items), true);
            }
        }
        Format::Json if options.uuid => {
            let ids: Vec<&str> = items.iter().map(|key| key.id.as_str()).collect();
            ui.data(&json::pretty(&ids));
        }
        Format::Json => {
            let objects = items.iter().map(ApiKey::fields).collect::<Result<Vec<_>, _>>()?;
            ui.data(&json::pretty(&objects));
        }
        Format::Csv => {
            let columns = if options.uuid { &keys::LIST[..1] } else { columns };
            ui.data(&csv::list(columns, items));
        }
    }
    Ok(())
}
