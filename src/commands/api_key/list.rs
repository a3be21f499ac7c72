//! `api-key-list`

use crate::cli::keys::{List, Sort};
use crate::commands::support::completion;
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::owner::KeyOwner;
use crate::context::Context;
use crate::error::Error;
use crate::iam::{ApiKey, KeyQuery, Scope, filter};
use crate::output::key_table::Fit;
use crate::output::keys::{self, Ids, KeyList};

pub(crate) async fn run(context: &mut Context<'_>, options: List) -> Result<u8, Error> {
    let active = ActiveLogin::open(context).await?;
    if !options.uuid {
        context.ui.say(&format!("Getting all API keys {}...", active.under_as(context.ui)));
    }
    let mut keys = fetch(context, &active, &options).await?;
    if options.name.is_none() && options.description.is_none() {
        completion::saw_all(context, &active, &keys);
    }
    sort(&mut keys, &options);
    if options.uuid {
        context.ui.render(&Ids::Many(&keys))?;
    } else {
        context.ui.ok();
        let chosen: Vec<_> = options.columns.iter().filter_map(|column| keys::column(&column.name())).collect();
        let (columns, fits) = match (&chosen[..], options.wide) {
            ([], false) => (&keys::LIST[..], true),
            ([], true) => (&keys::WIDE[..], false),
            (chosen, _) => (chosen, false),
        };
        let fit = fits.then(|| Fit { owners: options.all, now: (context.now)() });
        context.ui.render(&KeyList { columns, keys: &keys, fit })?;
    }
    Ok(0)
}

async fn fetch(context: &mut Context<'_>, active: &ActiveLogin, options: &List) -> Result<Vec<ApiKey>, Error> {
    let (owner, client) = (KeyOwner::user_of(active), &active.login.client);
    let (name, description) = (options.name.as_deref(), options.description.as_deref());
    let own = owner.query(filter::contains(name, description));
    let query = if options.all { KeyQuery { scope: Scope::Account, ..own } } else { own };
    let ui = &mut *context.ui;
    let mut count = |keys: usize| ui.count(&format!("{keys} API keys so far..."));
    let mut keys = client.list_api_keys(&query, &mut count).await?;
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
        // Those that never expire come last.
        Some(Sort::Expires) => {
            keys.sort_by(|a, b| {
                (a.expires_at.is_empty(), &a.expires_at).cmp(&(b.expires_at.is_empty(), &b.expires_at))
            });
        }
    }
    if options.reverse {
        keys.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::keys::KeyColumn;

    #[test]
    fn the_command_line_and_the_output_have_the_same_columns() {
        let of_output: Vec<&str> = keys::ALL.iter().map(|column| column.field).collect();
        let of_command_line: Vec<String> = KeyColumn::all().iter().map(|column| column.name()).collect();
        assert_eq!(of_command_line.len(), of_output.len());
        assert!(of_command_line.iter().all(|name| of_output.contains(&name.as_str())));
    }
}
