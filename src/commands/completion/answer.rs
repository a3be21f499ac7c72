//! The response to a completion script.

use std::io::sink;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::key_command::KeyCommand;
use crate::cli::keys::List;
use crate::cli::service::{KeysOf, ServiceIds, Whose};
use crate::cli::{self, Command};
use crate::complete::{self, Request, Source};
use crate::config::{self, Environment, Settings};
use crate::context::{Context, system_clock};
use crate::names::{NameCache, Names};
use crate::session::{self, Stores};
use crate::terminal::input::StandardInput;
use crate::terminal::prompt::Prompt;
use crate::terminal::ui::{Ui, UiSettings};

/// How long a completion waits for the service.
const NETWORK_TIMEOUT: Duration = Duration::from_millis(300);

/// Returns the response to a shell. Reports no errors, because a message would appear in the user's command line.
#[must_use]
pub fn answer(request: &Request, environment: &Environment) -> String {
    let global = cli::lenient_global(&request.words);
    let source = Settings::new(&global, environment);
    let source = source.map(|settings| names(settings.without_renewal(), request)).unwrap_or_default();
    request.answer(source, config::current_folder().as_deref())
}

/// Returns the names that the command line may need.
fn names(settings: Settings, request: &Request) -> Source {
    let stores = Stores::of(&settings).ok();
    let sessions = stores.as_ref().and_then(|stores| stores.files.names().ok()).unwrap_or_default();
    let names = if complete::names_service_id(&request.words) {
        let list = ServiceIds { uuid: true, ..ServiceIds::default() };
        listed(settings, Command::ServiceIds(list), Names::has_stale_service_ids)
    } else if complete::is_of_keys(&request.words) {
        let list = KeyCommand::ApiKeyList(List::default());
        listed(settings, Command::Key(KeysOf(Whose::Own, list)), Names::is_stale)
    } else {
        stores.and_then(|stores| accounts(&settings, &stores)).unwrap_or_default()
    };
    Source { names, sessions }
}

/// Returns the accounts of the stored session's user.
fn accounts(settings: &Settings, stores: &Stores) -> Option<Names> {
    let session = stores.files.load(&stores.name(settings).ok()?).ok()??;
    let name = session::accounts_name(&session.endpoint, &session.user);
    Some(NameCache::new(&settings.cache_folder().ok()?, &name).load())
}

/// Returns the names of the last listing, which the `listing` command stores. Runs this command again if the names are
/// stale, if no session must be renewed for it, and if the service responds in time.
fn listed(settings: Settings, listing: Command, is_stale: fn(&Names, i64) -> bool) -> Names {
    let cache = || Some(NameCache::new(&settings.cache_folder().ok()?, &session::login_name(&settings)?));
    let Some(cache) = cache() else { return Names::default() };
    let known = cache.load();
    let now = system_clock().as_second();
    if !is_stale(&known, now) || !session::needs_no_renewal(&settings, system_clock) {
        return known;
    }
    cache.note_try(now);
    let mut ui = Ui::new(Box::new(sink()), Box::new(sink()), (false, false));
    ui.configure(UiSettings { quiet: true, ..UiSettings::default() });
    let prompt = Prompt::new(Arc::new(StandardInput), true, true);
    let (in_progress, final_notes) = (None, Vec::new());
    let mut context =
        Context { settings, ui: &mut ui, prompt, now: system_clock, in_progress, log_in: Vec::new(), final_notes };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return known };
    runtime.block_on(async {
        let listing = crate::commands::run(&mut context, listing);
        // After the timeout, the names of the last listing are shown.
        let _ = tokio::time::timeout(NETWORK_TIMEOUT, listing).await;
    });
    runtime.shutdown_background();
    cache.load()
}
