//! Identifies the login of a command, as far as this is possible without a request.

use std::path::Path;

use super::candidates::{Candidate, Mode, candidates};
use super::claims::Claims;
use super::{Stores, asked_endpoint};
use crate::config::Settings;
use crate::files::fingerprint;
use crate::secret::ExposeSecret;

/// Returns a text that is the same for every command with this login; `None` if there is no login.
#[must_use]
pub fn login_name(settings: &Settings) -> Option<String> {
    let endpoint = || asked_endpoint(settings).ok().map(|endpoint| endpoint.to_string());
    let stores = Stores::of(settings).ok()?;
    for candidate in candidates(settings, Mode::of(settings)) {
        match candidate {
            Candidate::Sandbox => return Some("sandbox".to_owned()),
            Candidate::TokenVariable(token) => {
                let claims = Claims::read(token).ok()?;
                return Some(format!("token {} {} {}", endpoint()?, claims.iam_id, claims.account_id().ok()?));
            }
            Candidate::KeyVariable(key) => {
                let key = key.expose_secret();
                let named = key.strip_prefix('@').map(|path| version(&settings.expand(path)));
                let key = fingerprint(named.as_deref().unwrap_or(key).as_ref());
                return Some(format!("key {} {key}", endpoint()?));
            }
            Candidate::NamedSession(_) | Candidate::StoredSession => {
                let name = stores.name(settings).ok()?;
                match stores.files.load(&name).ok()? {
                    Some(session) => return Some(format!("session {}", session.login_id)),
                    None if settings.session.is_some() => return None,
                    None => {}
                }
            }
            // A later login of that tool could not be distinguished from this one.
            Candidate::IbmcloudSession => return None,
        }
    }
    None
}

/// Returns a text that changes when the key in a file changes.
fn version(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let modified = path.metadata().and_then(|found| found.modified()).ok();
    format!("{} {modified:?}", path.display())
}

/// Returns such a text for the accounts of a user, which do not depend on the login.
#[must_use]
pub fn accounts_name(endpoint: &str, user: &str) -> String {
    format!("accounts {endpoint} {user}")
}

/// Whether the keys can be listed without renewing a stored session. A completion must not interrupt a renewal.
#[must_use]
pub fn needs_no_renewal(settings: &Settings, now: crate::context::Clock) -> bool {
    let Ok(stores) = Stores::of(settings) else { return false };
    match candidates(settings, Mode::of(settings)).first() {
        Some(Candidate::Sandbox | Candidate::TokenVariable(_) | Candidate::KeyVariable(_)) => true,
        Some(Candidate::NamedSession(_) | Candidate::StoredSession) => {
            let Ok(name) = stores.name(settings) else { return false };
            let session = stores.files.load(&name).ok().flatten();
            session.is_some_and(|session| super::token::cached(&stores, &name, &session, super::MARGIN, now).is_some())
        }
        Some(Candidate::IbmcloudSession) | None => false,
    }
}
