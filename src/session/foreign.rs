//! A login by way of `ibmcloud`'s own session: its token while that is good, then one that it renews itself, or one
//! of ours by its refresh token, which goes into our own cache. Nothing of that tool's is ever written.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use super::claims::Claims;
use super::ibmcloud::{self, Found};
use super::store::KeptToken;
use super::{Error, FOREIGN, Login, MARGIN, Places, Source, parse_endpoint, token};
use crate::config::Settings;
use crate::context::Clock;
use crate::files::fingerprint;
use crate::iam::Identity;
use crate::secret::{ExposeSecret, SecretString};

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
        return Ok(None);
    };
    let source = Source::Ibmcloud { path: path.display().to_string() };
    let name = format!("ibmcloud-{}", fingerprint(path.as_os_str()));
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
    let kept = KeptToken { login_id: login_id(&found), access_token: tokens.access_token.clone() };
    let unkept = places.files.keep_access_token(&name, &kept).err();
    let mut login = Login::new(&identity, tokens.access_token, source)?;
    login.unkept = unkept;
    Ok(Some(login))
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
    command.args(["iam", "oauth-tokens", "--output", "json"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut waited = Duration::ZERO;
    // A token is shorter than what a pipe holds, so the program never waits for us.
    while child.try_wait().ok()?.is_none() {
        if waited > PATIENCE {
            let _ = child.kill().and_then(|()| child.wait());
            return None;
        }
        tokio::time::sleep(TRY_EVERY).await;
        waited += TRY_EVERY;
    }
    let output = child.wait_with_output().ok().filter(|output| output.status.success())?;
    let printed = zeroize::Zeroizing::new(output.stdout);
    let printed: Printed = serde_json::from_slice(&printed).ok()?;
    let token = printed.iam_token.expose_secret();
    let bare = token.split_once(' ').map_or(token, |(_, bare)| bare.trim());
    Claims::read(&SecretString::from(bare)).ok()?;
    Some(SecretString::from(bare))
}
