//! Finds the login of a command, and opens it.

use super::candidates::{Candidate, Mode, candidates};
use super::endpoint::{asked_endpoint, parse_endpoint};
use super::store::Session;
use super::{DEFAULT, Error, Login, Source, Stores, ibmcloud_login, token};
use crate::config::Settings;
use crate::context::Clock;
use crate::iam::identity::TokenClient;
use crate::iam::{Endpoint, Identity};
use crate::secret::{ExposeSecret, SecretString};

/// The maximum accepted difference between the service's clock and the local clock, in seconds.
const CLOCKS_DIFFER: i64 = 300;

/// A running sandbox, as far as a login needs it.
pub struct SandboxLogin {
    /// The URL of its IAM server.
    pub url: String,
    /// An access token for the sandbox user.
    pub token: SecretString,
}

/// Finds the login of a command: the first candidate that exists. A candidate that exists but cannot be used is an
/// error, so that the command does not act as another user. The token of a stored session is renewed if it has less
/// than `margin` seconds left. `read_key` resolves the value of the key variable, which can name a file.
///
/// # Errors
/// See [`Error`].
pub async fn open(
    settings: &Settings,
    mode: Mode,
    mut sandbox: Option<SandboxLogin>,
    stores: &Stores,
    margin: i64,
    now: Clock,
    read_key: impl AsyncFn(&SecretString) -> Result<SecretString, crate::error::Error>,
) -> Result<Login, Error> {
    if let Some(asked) = &settings.endpoint {
        parse_endpoint(asked)?;
    }
    for candidate in candidates(settings, mode) {
        let found = match candidate {
            Candidate::Sandbox => sandbox.take().map(|sandbox| with_sandbox(settings, sandbox)).transpose()?,
            Candidate::TokenVariable(token) => Some(with_token(settings, token, now)?),
            Candidate::KeyVariable(key) => {
                let key = read_key(key).await.map_err(|error| Error::KeyVariable(Box::new(error)))?;
                Some(with_key(settings, &key).await?)
            }
            Candidate::NamedSession(_) | Candidate::StoredSession => stored(settings, stores, margin, now).await?,
            Candidate::IbmcloudSession => ibmcloud_login::open(settings, stores, now).await?,
        };
        if let Some(login) = found {
            return Ok(login);
        }
    }
    Err(Error::NotLoggedIn)
}

fn with_sandbox(settings: &Settings, sandbox: SandboxLogin) -> Result<Login, Error> {
    let identity = Identity::new(parse_endpoint(&sandbox.url)?, &settings.http)?;
    Login::new(&identity, sandbox.token, Source::Sandbox)
}

async fn with_key(settings: &Settings, key: &SecretString) -> Result<Login, Error> {
    let identity = Identity::new(asked_endpoint(settings)?, &settings.http)?;
    let tokens = identity.token_for_api_key(key, TokenClient::Default, None).await?;
    let login = Login::new(&identity, tokens.access_token, Source::KeyVariable)?;
    let client = login.client.renewed_by(token::KeyRenewal { identity, key: key.clone() });
    Ok(Login { api_key: Some(key.clone()), client, ..login })
}

fn with_token(settings: &Settings, text: &SecretString, now: Clock) -> Result<Login, Error> {
    let text = text.expose_secret();
    let bare = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("bearer ") => text[7..].trim_start(),
        _ => text,
    };
    let identity = Identity::new(asked_endpoint(settings)?, &settings.http)?;
    let login = Login::new(&identity, SecretString::from(bare), Source::TokenVariable)?;
    // The service's clock may be behind the local clock, and the service decides whether the token has expired.
    if login.claims.expires_within(-CLOCKS_DIFFER, now) {
        return Err(Error::TokenExpired);
    }
    Ok(login)
}

/// Opens a stored session, with a token that is valid for at least `margin` seconds; `None` if there is no session.
async fn stored(settings: &Settings, stores: &Stores, margin: i64, now: Clock) -> Result<Option<Login>, Error> {
    let name = stores.name(settings)?;
    let Some((session, own)) = load(settings, stores, &name)? else {
        let is_chosen = settings.session.is_some() || name != DEFAULT;
        return if is_chosen { Err(Error::NoSuchSession(name)) } else { Ok(None) };
    };
    if let Some(token) = token::cached(stores, &name, &session, margin, now) {
        let identity = Identity::new(own, &settings.http)?;
        let login = Login::new(&identity, token, source(stores, &name, &session))?;
        let is_renewable = settings.may_renew;
        return Ok(Some(if is_renewable { renewable(login, identity, stores, &name, &session) } else { login }));
    }
    if !settings.may_renew {
        return Err(Error::Expired(name));
    }
    let _lock = token::lock(stores, &name).await?;
    // In the meantime, another process may have renewed the token, logged in to another endpoint, or logged out.
    let (session, own) = load(settings, stores, &name)?.ok_or(Error::NotLoggedIn)?;
    let identity = Identity::new(own, &settings.http)?;
    let source = source(stores, &name, &session);
    if let Some(token) = token::cached(stores, &name, &session, margin, now) {
        let login = Login::new(&identity, token, source)?;
        return Ok(Some(renewable(login, identity, stores, &name, &session)));
    }
    let (token, unsaved) = token::renew(&identity, stores, &name, session.clone()).await?;
    let login = Login::new(&identity, token, source)?;
    login.unsaved.set(unsaved);
    Ok(Some(renewable(login, identity, stores, &name, &session)))
}

/// Lets the login renew its token if the service rejects it, for example in a command that runs for hours.
fn renewable(login: Login, identity: Identity, stores: &Stores, name: &str, session: &Session) -> Login {
    let (name, login_id) = (name.to_owned(), session.login_id.clone());
    let unsaved = login.unsaved.clone();
    let renewal = token::StoredRenewal { identity, stores: stores.clone(), name, login_id, unsaved };
    Login { client: login.client.renewed_by(renewal), ..login }
}

fn source(stores: &Stores, name: &str, session: &Session) -> Source {
    Source::Stored {
        name: name.to_owned(),
        path: stores.files.path(name),
        storage: session.storage,
        keeps_key: session.keeps_key,
        account_name: session.account_name.clone(),
        method: session.method,
        key_id: session.key_id.clone(),
        login_id: session.login_id.clone(),
    }
}

/// Loads a stored session and its endpoint. The endpoint must equal the requested one, if there is one.
fn load(settings: &Settings, stores: &Stores, name: &str) -> Result<Option<(Session, Endpoint)>, Error> {
    let Some(session) = stores.files.load(name)? else {
        return Ok(None);
    };
    let own = parse_endpoint(&session.endpoint)?;
    if let Some(asked) = &settings.endpoint {
        let asked = parse_endpoint(asked)?;
        if asked != own {
            let (own, asked) = (own.to_string(), asked.to_string());
            return Err(Error::OtherEndpoint { name: name.to_owned(), own, asked });
        }
    }
    Ok(Some((session, own)))
}

#[cfg(test)]
mod tests {
    use super::super::MARGIN;
    use super::super::store::{CachedToken, Method, Storage};
    use super::*;
    use crate::cli::Global;
    use crate::config::Environment;
    use crate::context::system_clock;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_login_in_the_meantime_is_told_with_its_own_storage() {
        let home = tempfile::tempdir().unwrap();
        let variables = [("IBMIAM_HOME", home.path().to_str().unwrap())];
        let settings = Settings::new(&Global::default(), &Environment::of(&variables)).unwrap();
        let stores = Stores::of(&settings).unwrap();
        let session = |login_id: &str, storage: Storage| Session {
            login_id: login_id.to_owned(),
            endpoint: "http://127.0.0.1:1".to_owned(),
            user: String::new(),
            account_id: String::new(),
            account_name: String::new(),
            method: Method::ApiKey,
            key_id: None,
            ended: false,
            storage,
            refresh_token: (storage == Storage::File).then(|| SecretString::from("r")),
            keeps_key: false,
            logged_in_at: system_clock(),
        };
        stores.files.save(DEFAULT, &session("old", Storage::File)).unwrap();
        let lock = token::lock(&stores, DEFAULT).await.unwrap();
        let log_in = async {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            stores.files.save(DEFAULT, &session("new", Storage::Nowhere)).unwrap();
            let claims = URL_SAFE_NO_PAD.encode(r#"{"iam_id":"IBMid-1","exp":9000000000}"#);
            let access_token = SecretString::from(format!("e30.{claims}.s"));
            let token = CachedToken { login_id: "new".to_owned(), access_token };
            stores.files.cache_access_token(DEFAULT, &token).unwrap();
            drop(lock);
        };
        let read_key = async |key: &SecretString| Ok(key.clone());
        let open = open(&settings, Mode::Normal, None, &stores, MARGIN, system_clock, read_key);
        let (login, ()) = tokio::join!(open, log_in);
        let source = login.unwrap().source;
        let Source::Stored { storage, login_id, .. } = &source else { panic!("{source:?}") };
        assert_eq!((*storage, login_id.as_str()), (Storage::Nowhere, "new"));
    }
}
