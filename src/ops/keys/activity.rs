//! Reads when keys were last used. This takes one request per key, which is costly for the service, so results are
//! cached for one hour.

use std::collections::HashMap;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::Settings;
use crate::context::Context;
use crate::error::Error;
use crate::files;
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::iam::types::Activity;
use crate::ops::PARALLEL;
use crate::ops::login::ActiveLogin;
use crate::ops::messages::count_of_keys;
use crate::session;

/// How long a cached result is valid, in seconds.
const GOOD_FOR: i64 = 3600;

/// The maximum number of bytes to read from the cache file.
const LONGEST: u64 = 32 << 20;

/// The cached data of a login.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cached {
    keys: HashMap<String, CachedActivity>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct CachedActivity {
    read_at: i64,
    last_authn: Option<String>,
    authn_count: u64,
}

/// Returns the same keys with their activity, in the same order. Omits keys that no longer exist. A key whose activity
/// this login may not see has no activity. With `fresh`, asks the service about every key.
pub(crate) async fn read(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    keys: Vec<ApiKey>,
    fresh: bool,
) -> Result<Vec<ApiKey>, Error> {
    let now = (context.now)().as_second();
    let mut cached = load(&context.settings).unwrap_or_default();
    cached.keys.retain(|_, activity| (0..GOOD_FOR).contains(&(now - activity.read_at)));
    if fresh {
        for key in &keys {
            cached.keys.remove(&*key.id);
        }
    }
    let is_known = |key: &ApiKey| cached.keys.contains_key(&*key.id);
    let unknown: Vec<&ApiKey> = keys.iter().filter(|key| !is_known(key)).collect();
    let include = Include { activity: true, history: false };
    let client = &active.login.client;
    let mut answers = stream::iter(
        unknown.iter().map(|key| async move { (key.id.to_string(), client.get_api_key(&key.id, include).await) }),
    )
    .buffer_unordered(PARALLEL);
    let (mut read, mut gone, mut refused) = (HashMap::new(), Vec::new(), 0);
    let mut done = 0;
    while let Some((id, answer)) = answers.next().await {
        done += 1;
        match answer {
            Ok(ApiKey { activity: Some(activity), .. }) => drop(read.insert(id, activity)),
            // A response without activity does not mean that the key was never used.
            Ok(_) => refused += 1,
            Err(error) if error.is_not_found() => gone.push(id),
            Err(error) if error.refused_with(403).is_some() => refused += 1,
            Err(error) => return Err(error.into()),
        }
        context.ui.count(&format!("Reading the last use of the keys: {done} of {}...", unknown.len()));
    }
    drop(answers);
    if refused > 0 {
        context.ui.note(format!("You are not authorized to see the last use of {}.", count_of_keys(refused)));
    }
    for (id, activity) in read {
        let Activity { last_authn, authn_count } = activity;
        cached.keys.insert(id, CachedActivity { read_at: now, last_authn, authn_count });
    }
    store(&context.settings, &cached);
    let with = |mut key: ApiKey| {
        if gone.iter().any(|id| *id == key.id) {
            return None;
        }
        let activity = cached.keys.get(&*key.id).cloned();
        key.activity =
            activity.map(|CachedActivity { last_authn, authn_count, .. }| Activity { last_authn, authn_count });
        Some(key)
    };
    Ok(keys.into_iter().filter_map(with).collect())
}

/// Returns when a key was last used, or when it was created if no use is known.
pub(crate) fn last_sign_of_life(key: &ApiKey) -> Option<Timestamp> {
    let last = key.activity.as_ref().and_then(|activity| activity.last_authn.as_deref());
    crate::time::parse(last.unwrap_or(&key.created_at))
}

fn path(settings: &Settings) -> Option<std::path::PathBuf> {
    let login = session::login_name(settings)?;
    Some(settings.cache_folder().ok()?.join("activity").join(files::fingerprint(login.as_ref())))
}

fn load(settings: &Settings) -> Option<Cached> {
    let file = files::open_own(&path(settings)?).ok()??;
    serde_json::from_reader(std::io::BufReader::new(std::io::Read::take(file, LONGEST))).ok()
}

/// Ignores errors: data that is not stored is requested again.
fn store(settings: &Settings, cached: &Cached) {
    let write = || -> Option<()> {
        let path = path(settings)?;
        files::private_folder(path.parent()?).ok()?;
        files::replace(&path, &serde_json::to_vec(cached).ok()?).ok()
    };
    let _ = write();
}
