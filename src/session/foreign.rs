//! A login by way of `ibmcloud`'s own session: its token while that is good, then one that it renews itself, or one
//! of ours by its refresh token, which goes into our own cache. Nothing of that tool's is ever written.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::claims::Claims;
use super::endpoint::parse_endpoint;
use super::ibmcloud::{self, Found};
use super::store::{KeptToken, StoreError};
use super::{Error, FOREIGN, Login, MARGIN, Places, Source, token};
use crate::config::{RENEWING, Settings};
use crate::context::Clock;
use crate::files::fingerprint;
use crate::iam::Identity;
use crate::secret::{ExposeSecret, SecretString};

/// How the names of tokens begin that were got with a session there; no session's name begins so.
const TOKENS: &str = "_ibmcloud-";

/// A token is shorter.
const LONGEST: usize = 64 << 10;

/// How long the other tool may take to renew its token.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether it is ready.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// The login of whoever is logged in there; `None` if nobody is.
pub(super) async fn open(settings: &Settings, places: &Places, now: Clock) -> Result<Option<Login>, Error> {
    let Some(path) = &settings.ibmcloud_config else {
        return Ok(None);
    };
    let Some(found) = read(settings, path).await? else {
        // Whoever logged out there is logged out here.
        let _ = forget(places);
        return Ok(None);
    };
    let source = Source::Ibmcloud { path: path.display().to_string() };
    let name = format!("{TOKENS}{}", fingerprint(path.as_os_str()));
    if let Some(token) = good(found.access_token.clone(), now).or_else(|| cached(places, &name, &found, now)) {
        return Login::new(&Identity::new(found.endpoint, &settings.http)?, token, source).map(Some);
    }
    let _lock = token::lock(places, &name).await?;
    // Meanwhile that tool, or another process of ours, may have renewed it.
    let Some(found) = read(settings, path).await? else {
        return Ok(None);
    };
    let identity = Identity::new(found.endpoint.clone(), &settings.http)?;
    if let Some(token) = good(found.access_token.clone(), now).or_else(|| cached(places, &name, &found, now)) {
        return Login::new(&identity, token, source).map(Some);
    }
    if let Some(token) = renewed_by_itself(settings).await {
        return Login::new(&identity, token, source).map(Some);
    }
    let ended = || Error::Expired(FOREIGN.to_owned());
    let refresh_token = found.refresh_token.as_ref().ok_or_else(ended)?;
    let tokens = identity.token_for_refresh_token(refresh_token, None).await.map_err(|error| match error {
        crate::iam::Error::Service(refusal) if matches!(refusal.status, 400 | 401) => {
            Error::Ended(FOREIGN.to_owned(), Box::new(crate::iam::Error::Service(refusal)))
        }
        other => other.into(),
    })?;
    let claims = Claims::read(&tokens.access_token)?;
    if let Some(own) = found.account_id.clone().filter(|own| claims.account_id().is_ok_and(|got| got != *own)) {
        let got = claims.account_id().unwrap_or_default();
        return Err(Error::OtherAccount { name: FOREIGN.to_owned(), own, got });
    }
    let kept = KeptToken { login_id: login_id(&found), access_token: tokens.access_token.clone() };
    let unsaved = places.files.keep_access_token(&name, &kept).err();
    let login = Login::new(&identity, tokens.access_token, source)?;
    login.unsaved.set(unsaved);
    Ok(Some(login))
}

/// Forgets the tokens that were got with it.
pub(super) fn forget(places: &Places) -> Result<(), StoreError> {
    places.files.remove_tokens(TOKENS)
}

/// The session as it is now, if it is for the endpoint that was asked for.
async fn read(settings: &Settings, path: &Path) -> Result<Option<Found>, Error> {
    let Some(found) = ibmcloud::read(path).await? else {
        return Ok(None);
    };
    if let Some(asked) = &settings.endpoint {
        let asked = parse_endpoint(asked)?;
        if asked != found.endpoint {
            let (own, asked) = (found.endpoint.to_string(), asked.to_string());
            return Err(Error::OtherEndpoint { name: FOREIGN.to_owned(), own, asked });
        }
    }
    Ok(Some(found))
}

fn good(token: Option<SecretString>, now: Clock) -> Option<SecretString> {
    let token = token?;
    let claims = Claims::read(&token).ok()?;
    (!claims.expires_within(MARGIN, now)).then_some(token)
}

fn cached(places: &Places, name: &str, found: &Found, now: Clock) -> Option<SecretString> {
    let kept = places.files.access_token(name).filter(|kept| kept.login_id == login_id(found))?;
    good(Some(kept.access_token), now)
}

/// Another login there has another refresh token. Only its fingerprint is kept.
fn login_id(found: &Found) -> String {
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
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    // It is never ended by us: it may be writing its session, which it empties first. Something that it leaves running may keep the pipe open, so the end of it is not waited for.
    let output = child.stdout.take()?;
    let read = Arc::new(Mutex::new(Zeroizing::new(Vec::new())));
    let gathered = Arc::clone(&read);
    std::thread::Builder::new().name("ibmcloud".to_owned()).spawn(move || gather(output, &gathered)).ok()?;
    let mut waited = Duration::ZERO;
    loop {
        let status = child.try_wait().ok()?;
        if let Some(printed) = read.lock().ok().and_then(|text| serde_json::from_slice::<Printed>(&text).ok()) {
            return bare(&printed.iam_token);
        }
        let over = status.is_some_and(|status| !status.success()) || waited > PATIENCE;
        if over || status.is_some() && waited > PATIENCE / 30 {
            return None;
        }
        tokio::time::sleep(TRY_EVERY).await;
        waited += TRY_EVERY;
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
