//! Logs in with the session of `ibmcloud`. Uses its access token while that is valid, then a token that `ibmcloud`
//! renews itself, then a token that this program requests with the session's refresh token and stores in its own cache.
//! Never writes a file of that tool.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::claims::Claims;
use super::endpoint::parse_endpoint;
use super::ibmcloud::{self, StoredLogin};
use super::store::{CachedToken, Lock, StoreError};
use super::token::Unsaved;
use super::{Error, IBMCLOUD, Login, MARGIN, Source, Stores, token};
use crate::config::{RENEWING, Settings};
use crate::context::Clock;
use crate::files::fingerprint;
use crate::iam::renewal::{Renewal, Renewed};
use crate::iam::{Endpoint, Identity};
use crate::programs;
use crate::secret::{ExposeSecret, SecretString};

/// The prefix of the names under which tokens of this session are cached. No session of this program can have such a
/// name.
const TOKENS: &str = "_ibmcloud-";

/// The maximum size of the tool's output, in bytes; a token is shorter.
const LONGEST: usize = 64 << 10;

/// The maximum time for the other tool to renew its token.
const TOOL_TIMEOUT: Duration = Duration::from_secs(30);

/// The interval between two checks whether the tool has finished.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// Opens the login of `ibmcloud`; `None` if no user is logged in there.
pub(super) async fn open(settings: &Settings, stores: &Stores, now: Clock) -> Result<Option<Login>, Error> {
    let Some(path) = &settings.ibmcloud_config else {
        return Ok(None);
    };
    let Some(found) = read(settings, path).await? else {
        // After a logout in that tool, the tokens that are cached here are deleted too.
        let _ = forget(stores);
        return Ok(None);
    };
    let source = Source::Ibmcloud { path: path.display().to_string() };
    let session = ForeignSession { settings: settings.clone(), stores: stores.clone(), path: path.clone(), now };
    if let Some(token) = session.usable(&found, None) {
        let mut login = Login::new(&Identity::new(found.endpoint.clone(), &settings.http)?, token, source)?;
        let (endpoint, claims, unsaved) = (found.endpoint, login.claims.clone(), login.unsaved.clone());
        login.client = login.client.renewed_by(ForeignRenewal { session, endpoint, claims, unsaved });
        return Ok(Some(login));
    }
    let _lock = session.lock().await?;
    // In the meantime, that tool or another process of this program may have renewed the token.
    let Some(found) = read(settings, path).await? else {
        return Ok(None);
    };
    let identity = Identity::new(found.endpoint.clone(), &settings.http)?;
    let (token, unsaved) = session.renewed(&identity, &found, None).await?;
    let login = Login::new(&identity, token, source)?;
    login.unsaved.set(unsaved);
    Ok(Some(login))
}

/// The session of `ibmcloud`, and what is required to renew its token.
struct ForeignSession {
    settings: Settings,
    stores: Stores,
    path: PathBuf,
    now: Clock,
}

impl ForeignSession {
    /// The name under which its token is cached.
    fn name(&self) -> String {
        format!("{TOKENS}{}", fingerprint(self.path.as_os_str()))
    }

    async fn lock(&self) -> Result<Lock, Error> {
        token::lock(&self.stores, &self.name()).await.map_err(|error| match error {
            Error::Busy(_) => Error::Busy(IBMCLOUD.to_owned()),
            error => error,
        })
    }

    /// Returns the session's token, otherwise the cached one, if it is still valid and not the one that the service
    /// rejected.
    fn usable(&self, found: &StoredLogin, refused: Option<&SecretString>) -> Option<SecretString> {
        let is_usable = |token: &SecretString| is_good(token, self.now) && !is_same(token, refused);
        found.access_token.clone().filter(is_usable).or_else(|| self.cached(found).filter(is_usable))
    }

    fn cached(&self, found: &StoredLogin) -> Option<SecretString> {
        let cached = self.stores.files.access_token(&self.name())?;
        (cached.login_id == login_id(found)).then_some(cached.access_token)
    }

    /// Returns a token other than the rejected one: one that another process renewed in the meantime, one that
    /// `ibmcloud` prints, or one that is requested with its refresh token. The second value is why the token could not
    /// be saved. The caller holds the lock.
    async fn renewed(
        &self,
        identity: &Identity,
        found: &StoredLogin,
        refused: Option<&SecretString>,
    ) -> Result<(SecretString, Option<StoreError>), Error> {
        if let Some(token) = self.usable(found, refused) {
            return Ok((token, None));
        }
        if let Some(token) = renewed_by_itself(&self.settings).await.filter(|token| !is_same(token, refused)) {
            return Ok((token, None));
        }
        let ended = || Error::Expired(IBMCLOUD.to_owned());
        let refresh_token = found.refresh_token.as_ref().ok_or_else(ended)?;
        let tokens = identity.token_for_refresh_token(refresh_token, None).await.map_err(|error| match error {
            crate::iam::Error::Service(refusal) if matches!(refusal.status, 400 | 401) => {
                Error::Ended(IBMCLOUD.to_owned(), Box::new(crate::iam::Error::Service(refusal)))
            }
            other => other.into(),
        })?;
        let got = Claims::read(&tokens.access_token)?.account_id().unwrap_or_default();
        if let Some(own) = found.account_id.clone().filter(|own| !got.is_empty() && got != *own) {
            return Err(Error::OtherAccount { name: IBMCLOUD.to_owned(), own, got });
        }
        let cached = CachedToken { login_id: login_id(found), access_token: tokens.access_token.clone() };
        let unsaved = self.stores.files.cache_access_token(&self.name(), &cached).err();
        Ok((tokens.access_token, unsaved))
    }
}

/// Renews the token of the `ibmcloud` session once, if the service rejects a token that seemed valid.
struct ForeignRenewal {
    session: ForeignSession,
    /// The endpoint that the command started with.
    endpoint: Endpoint,
    /// The identity that the command started with. After another login in that tool, the token can be for another user
    /// or account.
    claims: Claims,
    unsaved: Unsaved,
}

impl Renewal for ForeignRenewal {
    fn renew<'a>(&'a self, stale: &'a SecretString) -> Renewed<'a> {
        Box::pin(async move {
            let session = &self.session;
            let _lock = session.lock().await?;
            let found = read(&session.settings, &session.path).await?;
            let Some(found) = found.filter(|found| found.endpoint == self.endpoint) else {
                return Ok(None);
            };
            let identity = Identity::new(self.endpoint.clone(), &session.settings.http).map_err(Error::from)?;
            let (token, unsaved) = session.renewed(&identity, &found, Some(stale)).await?;
            self.unsaved.set(unsaved);
            let claims = Claims::read(&token)?;
            let account = |claims: &Claims| claims.account_id().unwrap_or_default();
            let is_same = claims.iam_id == self.claims.iam_id && account(&claims) == account(&self.claims);
            Ok(is_same.then_some(token))
        })
    }
}

/// Deletes the cached tokens of `ibmcloud` sessions.
pub(super) fn forget(stores: &Stores) -> Result<(), StoreError> {
    stores.files.remove_tokens(TOKENS)
}

/// Reads the current session, and checks that it is for the requested endpoint, if there is one.
async fn read(settings: &Settings, path: &Path) -> Result<Option<StoredLogin>, Error> {
    let Some(found) = ibmcloud::read(path).await? else {
        return Ok(None);
    };
    if let Some(asked) = &settings.endpoint {
        let asked = parse_endpoint(asked)?;
        if asked != found.endpoint {
            let (own, asked) = (found.endpoint.to_string(), asked.to_string());
            return Err(Error::OtherEndpoint { name: IBMCLOUD.to_owned(), own, asked });
        }
    }
    Ok(Some(found))
}

fn is_good(token: &SecretString, now: Clock) -> bool {
    Claims::read(token).is_ok_and(|claims| !claims.expires_within(MARGIN, now))
}

fn is_same(token: &SecretString, other: Option<&SecretString>) -> bool {
    other.is_some_and(|other| other.expose_secret() == token.expose_secret())
}

/// Identifies a login of that tool by the fingerprint of its refresh token, because each login has another refresh
/// token. Only the fingerprint is stored.
fn login_id(found: &StoredLogin) -> String {
    let token = found.refresh_token.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
    fingerprint(token.as_ref())
}

/// Returns the token that the tool renews and prints; `None` if the tool is missing or fails.
async fn renewed_by_itself(settings: &Settings) -> Option<SecretString> {
    #[derive(Deserialize)]
    struct Printed {
        iam_token: SecretString,
    }
    let program = settings.other_program("ibmcloud")?;
    let mut command = Command::new(program);
    command.args(["iam", "oauth-tokens", "--output", "json"]).env(RENEWING, "1");
    // The tool must use only its session, not a key or token from the environment.
    programs::without_secrets(&mut command);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    // This program never kills the tool, because the tool may be writing its session, and it empties the file first. A
    // process that the tool leaves running can keep the pipe open, so this does not wait for the end of the output.
    let output = child.stdout.take()?;
    let read = Arc::new(Mutex::new(Zeroizing::new(Vec::new())));
    let gathered = Arc::clone(&read);
    std::thread::Builder::new().name("ibmcloud".to_owned()).spawn(move || gather(output, &gathered)).ok()?;
    let (mut waited, mut since_exit) = (Duration::ZERO, Duration::ZERO);
    loop {
        let status = child.try_wait().ok()?;
        if let Some(printed) = read.lock().ok().and_then(|text| serde_json::from_slice::<Printed>(&text).ok()) {
            return bare(&printed.iam_token);
        }
        let over = status.is_some_and(|status| !status.success()) || waited > TOOL_TIMEOUT;
        if over || since_exit > TOOL_TIMEOUT / 30 {
            return None;
        }
        tokio::time::sleep(TRY_EVERY).await;
        waited += TRY_EVERY;
        if status.is_some() {
            since_exit += TRY_EVERY;
        }
    }
}

fn gather(mut output: impl Read, gathered: &Mutex<Zeroizing<Vec<u8>>>) {
    let mut chunk = Zeroizing::new([0; 4096]);
    while let Ok(length @ 1..) = output.read(&mut *chunk) {
        match gathered.lock() {
            Ok(mut text) if text.len() + length <= LONGEST => text.extend_from_slice(&chunk[..length]),
            _ => return,
        }
    }
}

/// Removes the scheme before the token; `None` if the rest is not a token.
fn bare(token: &SecretString) -> Option<SecretString> {
    let text = token.expose_secret();
    let bare = SecretString::from(text.split_once(' ').map_or(text, |(_, bare)| bare.trim()));
    Claims::read(&bare).ok().map(|_| bare)
}
