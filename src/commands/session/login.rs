//! `login`

use std::time::Duration;

use super::account::{account, is_id};
use super::view;
use crate::cli::session::Login;
use crate::context::{Context, InProgress};
use crate::error::{Error, Kind};
use crate::iam::identity::{TokenClient, Tokens};
use crate::iam::{self, Client, Endpoint, Identity};
use crate::keyfile;
use crate::ops::login::read_file;
use crate::secret::{ExposeSecret, SecretString};
use crate::session::claims::Claims;
use crate::session::login;
use crate::session::store::{Method, StoreError};
use crate::session::{self, Stores, token};
use crate::terminal::browser::open_page;
use crate::text::{reason, visible};

/// How long the command waits for the ID of the key.
const KEY_ID_TIMEOUT: Duration = Duration::from_secs(3);

/// The credential of a login.
enum Credential {
    Key(SecretString),
    Passcode(SecretString),
    ComputeResource { token: SecretString, profile: String },
}

pub(crate) async fn run(context: &mut Context<'_>, options: Login) -> Result<u8, Error> {
    if view::in_sandbox(context) {
        return Ok(0);
    }
    let mut stores = Stores::of(&context.settings)?;
    stores.keyring = stores.keyring.attended(context.prompt.can_ask());
    let name = stores.name(&context.settings)?;
    // Reports an invalid session before a one-time passcode is used.
    let before = stores.files.load(&name)?;
    let endpoint = endpoint(context, options.api.as_deref())?;
    let identity = Identity::new(endpoint.clone(), &context.settings.http)?;
    let shown = context.ui.value(&view::cloud(context, &endpoint));
    context.ui.say(&format!("API endpoint: {shown}"));
    let credential = credential(context, &identity, &options).await?;
    if options.keep_key && !matches!(credential, Credential::Key(_)) {
        return Err(Error::usage("--keep-key requires a login with an API key."));
    }
    context.ui.say("Authenticating...");
    if matches!(credential, Credential::Passcode(_)) {
        let message = "The one-time passcode may have been used; no session was saved.";
        context.in_progress = Some(InProgress::new(message).hint("Get another passcode before you log in again."));
    }
    let asked = options.account.as_deref();
    let id = asked.filter(|account| is_id(account));
    let tokens = match &credential {
        Credential::Key(key) => identity.token_for_api_key(key, TokenClient::Cli, id).await?,
        Credential::Passcode(passcode) => identity.token_for_passcode(passcode, id).await?,
        Credential::ComputeResource { token, profile } => identity.token_for_compute_resource(token, profile).await?,
    };
    let tokens = if options.no_account { tokens } else { for_account(context, &identity, tokens, asked).await? };
    let method = match credential {
        Credential::Key(_) => Method::ApiKey,
        Credential::Passcode(_) => Method::Passcode,
        Credential::ComputeResource { .. } => Method::ComputeResource,
    };
    let key = match credential {
        Credential::Key(key) => Some(key),
        _ => None,
    };
    let (account, key_id) = tokio::join!(
        view::account_of(context, &endpoint, &tokens.access_token),
        key_id(&identity, &tokens.access_token, key.as_ref()),
    );
    let key = key.filter(|_| options.keep_key);
    let lock = token::lock(&stores, &name).await?;
    context.in_progress = Some(view::session_in_progress(&name, "saved"));
    let account_name = account.as_ref().map(|account| account.name.clone()).unwrap_or_default();
    let login = login::NewSession { endpoint, tokens, choice: options.store, key, method, key_id, account_name };
    let wants_keyring = options.keep_key;
    let done = login::keep(&stores, &name, login, context.now, &lock).await.map_err(|error| match error {
        session::Error::Store(StoreError::Keyring(why)) if wants_keyring => {
            Error::failed(format!("--keep-key requires a keyring, but {why}.")).hint("Leave out --keep-key.")
        }
        other => other.into(),
    })?;
    context.ui.ok();
    view::report_login(context, &stores, &name, &done, account.as_ref())?;
    if let Some(before) = before.filter(|before| {
        (&before.user, &before.endpoint, &before.account_id)
            != (&done.session.user, &done.session.endpoint, &done.session.account_id)
    }) {
        let (name, user, endpoint) = (visible(&name), visible(&before.user), visible(&before.endpoint));
        let account = visible(&before.account_id);
        context.ui.note(format!(
            "This login replaced the login of {user} in account {account} at {endpoint} in the session '{name}'. To \
             keep several logins, pass --session NAME."
        ));
    }
    Ok(0)
}

/// Returns the ID of the key that logs in, for a warning before the key is deleted; `None` if the service does not
/// return it in time.
async fn key_id(identity: &Identity, token: &SecretString, key: Option<&SecretString>) -> Option<String> {
    let client = Client::new(identity.http(), token.clone());
    let asked = client.get_api_keys_details(key?);
    Some(tokio::time::timeout(KEY_ID_TIMEOUT, asked).await.ok()?.ok()?.id.into_owned())
}

async fn credential(context: &mut Context<'_>, identity: &Identity, options: &Login) -> Result<Credential, Error> {
    if let Some(passcode) = &options.passcode {
        let passcode = one_word(passcode).ok_or_else(|| Error::usage("The passcode is empty or not one word."))?;
        return Ok(Credential::Passcode(passcode));
    }
    if options.sso {
        return ask_for_passcode(context, identity).await.map(Credential::Passcode);
    }
    let (token, profile) = context.settings.compute_resource.clone();
    let by_variable = token.filter(|_| options.apikey.is_none() && context.settings.api_key.is_none());
    if let Some(token) = options.cr_token.clone().or(by_variable) {
        let token = match token.expose_secret().strip_prefix('@') {
            Some(path) => read_file(context.settings.expand(path), keyfile::read_token).await?,
            None => {
                if options.cr_token.is_some() {
                    context.ui.note("Other users can see a token on the command line. Use --cr-token @FILE instead.");
                }
                token
            }
        };
        let profile = options.profile.clone().or(profile).ok_or_else(|| {
            Error::usage("Login with a compute resource token requires a trusted profile.")
                .hint("Pass --profile with its ID, name or CRN, or set IBMCLOUD_CR_PROFILE.")
        })?;
        return Ok(Credential::ComputeResource { token, profile });
    }
    if options.profile.is_some() {
        return Err(Error::usage("--profile requires the token of a compute resource.")
            .hint("Pass --cr-token, or set IBMCLOUD_CR_TOKEN."));
    }
    key(context, options.apikey.clone()).await.map(Credential::Key)
}

/// Returns the endpoint to log in to. Scripts pass the names of the cloud; an endpoint in the settings takes precedence
/// over them, because it is the address of the IAM service.
fn endpoint(context: &Context<'_>, asked: Option<&str>) -> Result<Endpoint, Error> {
    let set = session::asked_endpoint(&context.settings)?;
    let Some(text) = asked else {
        return Ok(set);
    };
    let bad = |why| session::Error::BadEndpoint { text: iam::endpoint::without_password(text), why };
    let asked = Endpoint::of_cloud(text).map_err(bad)?;
    match &context.settings.endpoint {
        Some(_) if asked == set || asked.is_iams() => Ok(set),
        Some(_) => Err(Error::usage(format!(
            "-a {asked} conflicts with --endpoint or IBMCLOUD_IAM_API_ENDPOINT, which is {set}."
        ))
        .hint("Leave out one of them.")),
        None => Ok(asked),
    }
}

/// Asks for a passcode. The user gets it in a browser; a pipe already contains it.
async fn ask_for_passcode(context: &mut Context<'_>, identity: &Identity) -> Result<SecretString, Error> {
    if context.settings.no_input {
        return Err(
            Error::usage("--sso prompts for a passcode, but --no-input was given.").hint("Pass it with --passcode.")
        );
    }
    let page = identity.passcode_page().await?;
    let shown = visible(&page).into_owned();
    context.ui.say(&format!("Get a one-time passcode from {shown} to proceed."));
    let wanted = context.prompt.offer(context.ui, "Open the URL in the default browser?").await?;
    if wanted && let Err(error) = open_page(&page) {
        context.ui.note(format!("Cannot open the browser: {}. Open the page yourself.", reason(&error)));
    }
    let passcode = context.prompt.secret(context.ui, "One-time passcode").await?;
    one_word(&passcode)
        .ok_or_else(|| Error::usage("No passcode was given.").hint("Pass it with --passcode, or on standard input."))
}

/// Returns tokens for the requested account, the only account, or the account that the user selects.
async fn for_account(
    context: &mut Context<'_>,
    identity: &Identity,
    tokens: Tokens,
    asked: Option<&str>,
) -> Result<Tokens, Error> {
    let claims = Claims::read(&tokens.access_token).map_err(Error::from)?;
    let current = claims.account_id().ok();
    let wanted = match (asked, &current) {
        (None, Some(_)) => return Ok(tokens),
        (Some(asked), Some(current)) if asked == current => return Ok(tokens),
        (asked, _) => account(context, identity, &tokens.access_token, asked).await?.id,
    };
    if current.as_deref() == Some(wanted.as_str()) {
        return Ok(tokens);
    }
    let Some(refresh_token) = tokens.refresh_token else {
        let message = match current {
            Some(own) => format!("This login is valid for account {own} only."),
            None => "This login has no account.".to_owned(),
        };
        return Err(Error::new(Kind::NotAuthorised, message));
    };
    let switched = identity.token_for_refresh_token(&refresh_token, Some(&wanted)).await?;
    login::is_for(&wanted, &switched)?;
    Ok(Tokens { refresh_token: switched.refresh_token.or(Some(refresh_token)), ..switched })
}

/// Returns the key from the flag, a file, standard input or the environment.
async fn key(context: &mut Context<'_>, given: Option<SecretString>) -> Result<SecretString, Error> {
    let from_flag = given.is_some();
    let Some(given) = given.or_else(|| context.settings.api_key.clone()) else {
        if context.prompt.can_ask() {
            return read_standard_input(context).await;
        }
        return Err(Error::usage("No API key was given.")
            .hint("Pass --apikey @FILE, --apikey - to read it from standard input, or set IBMCLOUD_API_KEY."));
    };
    match given.expose_secret() {
        "" => Err(Error::usage("The API key is empty.")),
        "-" if from_flag => read_standard_input(context).await,
        text => match text.strip_prefix('@') {
            Some(path) => read_file(context.settings.expand(path), keyfile::read).await,
            None => {
                if from_flag {
                    context.ui.note(
                        "Other users can see a key on the command line, and the shell saves it in its history. Use \
                         --apikey @FILE or --apikey - instead.",
                    );
                }
                Ok(given)
            }
        },
    }
}

async fn read_standard_input(context: &mut Context<'_>) -> Result<SecretString, Error> {
    let text = context.prompt.secret(context.ui, "API key").await?;
    one_word(&text).ok_or_else(|| Error::usage("Standard input contains no API key."))
}

fn one_word(text: &SecretString) -> Option<SecretString> {
    let word = text.expose_secret().trim();
    let one = !word.is_empty() && !word.contains(char::is_whitespace);
    one.then(|| SecretString::from(word))
}
