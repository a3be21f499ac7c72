//! A login by way of `ibmcloud`'s own session: its token while that is good, then one that it renews itself, or one
//! of ours by its refresh token, which goes into our own cache. Nothing of that tool's is ever written.

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
use crate::iam::client::{Renewal, Renewed};
use crate::iam::{Endpoint, Identity};
use crate::programs;
use crate::secret::{ExposeSecret, SecretString};

/// How the names of tokens begin that were got with a session there; no session's name begins so.
const TOKENS: &str = "_ibmcloud-";

/// A token is shorter.
const LONGEST: usize = 64 << 10;

/// How long the other tool may take to renew its token.
const TOOL_TIMEOUT: Duration = Duration::from_secs(30);

/// How often it is looked whether it is ready.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// The login of whoever is logged in there; `None` if nobody is.
pub(super) async fn open(settings: &Settings, stores: &Stores, now: Clock) -> Result<Option<Login>, Error> {
    let Some(path) = &settings.ibmcloud_config else {
        return Ok(None);
    };
    let Some(found) = read(settings, path).await? else {
        // Whoever logged out there is logged out here.
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
    // Meanwhile that tool, or another process of ours, may have renewed it.
    let Some(found) = read(settings, path).await? else {
        return Ok(None);
    };
    let identity = Identity::new(found.endpoint.clone(), &settings.http)?;
    let (token, unsaved) = session.renewed(&identity, &found, None).await?;
    let login = Login::new(&identity, token, source)?;
    login.unsaved.set(unsaved);
    Ok(Some(login))
}

/// The session there, and what it takes to renew its token.
struct ForeignSession {
    settings: Settings,
    stores: Stores,
    path: PathBuf,
    now: Clock,
}

impl ForeignSession {
    /// The name of its token in our cache.
    fn name(&self) -> String {
        format!("{TOKENS}{}", fingerprint(self.path.as_os_str()))
    }

    async fn lock(&self) -> Result<Lock, Error> {
        token::lock(&self.stores, &self.name()).await.map_err(|error| match error {
            Error::Busy(_) => Error::Busy(IBMCLOUD.to_owned()),
            error => error,
        })
    }

    /// The token there, else the cached one, if it is still good and not the one that the service refused.
    fn usable(&self, found: &StoredLogin, refused: Option<&SecretString>) -> Option<SecretString> {
        let is_usable = |token: &SecretString| is_good(token, self.now) && !is_same(token, refused);
        found.access_token.clone().filter(is_usable).or_else(|| self.cached(found).filter(is_usable))
    }

    fn cached(&self, found: &StoredLogin) -> Option<SecretString> {
        let cached = self.stores.files.access_token(&self.name())?;
        (cached.login_id == login_id(found)).then_some(cached.access_token)
    }

    /// A token other than the one that was refused: what others got meanwhile, what that tool prints, or what its
    /// refresh token leads to. The second value tells what could not be saved. The caller holds the lock.
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

/// Renews the token of the session there once, when the service does not take one that looked good.
struct ForeignRenewal {
    session: ForeignSession,
    /// Where the command began.
    endpoint: Endpoint,
    /// Whom the command began as: after another login there the token is somebody else's, or for another account.
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

/// Forgets the tokens that were got with it.
pub(super) fn forget(stores: &Stores) -> Result<(), StoreError> {
    stores.files.remove_tokens(TOKENS)
}

/// The session as it is now, if it is for the endpoint that was asked for.
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

/// Another login there has another refresh token. Only its fingerprint is kept.
fn login_id(found: &StoredLogin) -> String {
    let token = found.refresh_token.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
    fingerprint(token.as_ref())
}

/// The token that the tool itself renews and prints; `None` where it is not there or cannot.
async fn renewed_by_itself(settings: &Settings) -> Option<SecretString> {
    #[derive(Deserialize)]
    struct Printed {
        iam_token: SecretString,
    }
    let program = settings.other_program("ibmcloud")?;
    let mut command = Command::new(program);
    command.args(["iam", "oauth-tokens", "--output", "json"]).env(RENEWING, "1");
    // Whose token is wanted is the session's business alone.
    programs::without_secrets(&mut command);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    // It is never ended by us: it may be writing its session, which it empties first. Something that it leaves running may keep the pipe open, so the end of it is not waited for.
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

/// Without the scheme's word, if it is a token.
fn bare(token: &SecretString) -> Option<SecretString> {
    let text = token.expose_secret();
    let bare = SecretString::from(text.split_once(' ').map_or(text, |(_, bare)| bare.trim()));
    Claims::read(&bare).ok().map(|_| bare)
}
