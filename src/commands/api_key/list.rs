//! `api-key-list`

use crate::cli::keys::{List, Sort};
use crate::cli::service::Whose;
use crate::context::Context;
use crate::error::Error;
use crate::format::Format;
use crate::iam::paging::PAGE_SIZE;
use crate::iam::{self, ApiKey, Key, KeyQuery, filter};
use crate::names::Listing;
use crate::ops::keys::completion;
use crate::ops::keys::criteria::Criteria;
use crate::ops::login::ActiveLogin;
use crate::ops::messages::note_coverage;
use crate::output::key_list::{self, KeyList, KeyStream};
use crate::output::key_table::Fit;
use crate::output::keys;
use crate::output::report::Ids;
use crate::terminal::ui::Ui;

pub(crate) async fn run(context: &mut Context<'_>, whose: Whose, options: List) -> Result<u8, Error> {
    options.selection.check(options.all)?;
    let active = ActiveLogin::open_for_keys(context, &whose).await?;
    if !options.uuid {
        context.ui.say(&format!("Getting all API keys {}...", active.under_as(context.ui)));
    }
    let (columns, fits) = match (&options.columns[..], options.wide) {
        ([], false) => (&keys::LIST[..], true),
        ([], true) => (&keys::WIDE[..], false),
        (chosen, _) => (chosen, false),
    };
    let is_sorted = options.sort.is_some() || options.reverse || options.selection.unused_for.is_some();
    if is_sorted || fits && !options.uuid && context.ui.fits_tables() {
        let mut keys = Vec::new();
        each_page(context, &active, &options, |_, page| {
            keys.extend(page.into_iter().map(Key::into_owned));
            Ok(())
        })
        .await?;
        let criteria = Criteria::new(&options.selection, (context.now)());
        keys = criteria.retain_unused(context, &active, keys, false).await?;
        sort(&mut keys, &options);
        if options.uuid {
            context.ui.render(&Ids::Many(keys.iter().map(|key| &*key.id).collect()))?;
        } else {
            context.ui.ok();
            let fit = fits.then(|| Fit { owners: options.all, now: (context.now)() });
            context.ui.render(&KeyList { columns, keys: &keys, fit })?;
        }
        return Ok(0);
    }
    let format = context.ui.format();
    let mut stream = if options.uuid { KeyStream::ids(format) } else { KeyStream::keys(format, columns) };
    each_page(context, &active, &options, |ui, page| {
        let text = stream.page(&page)?;
        ui.data(&text);
        Ok(())
    })
    .await
    .map_err(|error| {
        if stream.count() > 0 && (format != Format::Table || options.uuid) {
            let count = stream.count();
            return error.context(format!("The output is incomplete: it ends after {count} API keys."));
        }
        error
    })?;
    if !options.uuid {
        context.ui.ok();
    }
    match stream.end() {
        Some(table) if format == Format::Table && !options.uuid => {
            let text = context.ui.headed(&table);
            context.ui.data(&text);
        }
        Some(end) => context.ui.data(&end),
        None => context.ui.say(key_list::NONE),
    }
    Ok(0)
}

/// Handles the keys that the options select, page by page. Stores them for shell completion if they are all keys of the
/// user.
async fn each_page(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    options: &List,
    mut handle: impl FnMut(&mut Ui, Vec<Key<'_>>) -> Result<(), Error>,
) -> Result<(), Error> {
    let (owner, client) = (&active.owner, &active.login.client);
    let (name, description) = (options.name.as_deref(), options.description.as_deref());
    let criteria = Criteria::new(&options.selection, (context.now)());
    let own = owner.query(filter::contains(name, description).or_else(|| criteria.filter()));
    let scope = if options.all { Criteria::scope_of_all(&options.selection) } else { own.scope };
    let query = KeyQuery { scope, objects: context.ui.format() == Format::Json && !options.uuid, ..own };
    let is_whole = owner.is_user() && name.is_none() && description.is_none() && query.filter.is_none();
    let mut seen = is_whole.then(Listing::default);
    let mut count = 0;
    let ui = &mut *context.ui;
    let pages = client.each_page(&query, |mut page: Vec<Key<'_>>| {
        if let Some(seen) = &mut seen {
            page.iter().filter(|key| !owner.is_foreign(key)).for_each(|key| seen.push(&completion::known(key)));
        }
        let is_full = page.len() >= PAGE_SIZE as usize;
        // Applies the filter again, so that the result is correct even if the service ignores the filter.
        page.retain(|key| {
            (options.all || !owner.is_foreign(key))
                && name.is_none_or(|text| key.name.contains(text))
                && description.is_none_or(|text| key.description.contains(text))
                && criteria.matches(key)
        });
        count += page.len();
        if is_full {
            ui.count(&format!("{count} API keys so far..."));
        }
        handle(ui, page)
    });
    let coverage = pages.await?;
    note_coverage(context.ui, coverage);
    if let Some(seen) = seen {
        completion::saw_listing(context, seen);
    }
    Ok(())
}

/// Sorts the keys. The times of the service have one format, so they sort as text.
fn sort(keys: &mut [ApiKey], options: &List) {
    // Keys that never expire come last.
    let field: fn(&ApiKey) -> (bool, &str) = match options.sort {
        None => |_| (false, ""),
        Some(Sort::Name) => |key| (false, &key.name),
        Some(Sort::Created) => |key| (false, &key.created_at),
        Some(Sort::Modified) => |key| (false, &key.modified_at),
        Some(Sort::Expires) => |key| (key.expires_at.is_empty(), &key.expires_at),
    };
    iam::types::sort_by(keys, field);
    if options.reverse {
        keys.reverse();
    }
}
