//! Stores the names that commands see in the cache for shell completion.

use std::collections::HashSet;

use crate::context::Context;
use crate::iam::accounts::Account;
use crate::iam::service_ids::ServiceId;
use crate::iam::{ApiKey, Key};
use crate::names::{KnownKey, Listing, NameCache};
use crate::ops::login::ActiveLogin;
use crate::ops::login::owner::KeyOwner;
use crate::session;

/// Stores all keys of the user. Skips keys of other owners.
pub(crate) fn saw_all(context: &Context<'_>, active: &ActiveLogin, keys: &[ApiKey]) {
    let owner = &active.owner;
    if owner.is_user()
        && let Some(cache) = cache(context)
    {
        let mut listing = Listing::default();
        keys.iter().filter(|key| !owner.is_foreign(key)).for_each(|key| listing.push(&known(key)));
        cache.set_listing(listing, (context.now)().as_second());
    }
}

/// Stores a listing of all keys of the user.
pub(crate) fn saw_listing(context: &Context<'_>, listing: Listing) {
    if let Some(cache) = cache(context) {
        cache.set_listing(listing, (context.now)().as_second());
    }
}

/// Stores the current state of a key.
pub(crate) fn saw(context: &Context<'_>, active: &ActiveLogin, key: &ApiKey) {
    if !KeyOwner::user_of(&active.login).is_foreign(key)
        && let Some(cache) = cache(context)
    {
        cache.set_key(&known(key));
    }
}

/// Removes a key from the cache.
pub(crate) fn saw_deleted(context: &Context<'_>, key: &ApiKey) {
    if let Some(cache) = cache(context) {
        cache.remove_key(&key.id);
    }
}

/// Removes several keys from the cache.
pub(crate) fn saw_all_deleted(context: &Context<'_>, ids: &HashSet<&str>) {
    if let Some(cache) = cache(context) {
        cache.remove_keys(|id| ids.contains(id));
    }
}

/// Stores all service IDs of the account.
pub(crate) fn saw_service_ids(context: &Context<'_>, service_ids: &[ServiceId]) {
    if let Some(cache) = cache(context) {
        let now = (context.now)().as_second();
        cache.set_service_ids(service_ids.iter().map(|found| (found.id.as_str(), found.name.as_str())), now);
    }
}

/// Stores the accounts of a user.
pub(crate) fn saw_accounts(context: &Context<'_>, endpoint: &str, user: &str, accounts: &[Account]) {
    if let Ok(folder) = context.settings.cache_folder() {
        let cache = NameCache::new(&folder, &session::accounts_name(endpoint, user));
        cache.set_accounts(accounts.iter().map(|account| (account.id.as_str(), account.name.as_str())));
    }
}

fn cache(context: &Context<'_>) -> Option<NameCache> {
    let login = session::login_name(&context.settings)?;
    Some(NameCache::new(&context.settings.cache_folder().ok()?, &login))
}

pub(crate) fn known<'k>(key: &'k Key<'_>) -> KnownKey<'k> {
    let (locked, disabled) = (key.locked, key.disabled);
    KnownKey { id: &key.id, name: &key.name, description: &key.description, locked, disabled }
}
