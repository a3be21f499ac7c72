//! `target`, `oauth-tokens` and `bearer-token`: who is logged in, and with what.

use serde_json::json;

use super::acting::Acting;
use super::login;
use crate::cli::session::Target;
use crate::context::Context;
use crate::error::Error;
use crate::iam::{Endpoint, Identity};
use crate::output::{Format, csv, json, table};
use crate::secret::ExposeSecret;
use crate::session::store::{Place, Session};
use crate::session::{self, Places, Source};
use crate::time;

/// Width of the labels, that of the mirrored tool.
const LABELS: u16 = 18;

pub(super) async fn target(context: &mut Context<'_>, options: Target) -> Result<u8, Error> {
    if let Some(account) = options.account {
        return switch(context, &account).await;
    }
    if context.settings.stand_in.is_some() {
        return super::block::target(context).await;
    }
    let acting = Acting::open(context).await?;
    let login = &acting.login;
    let (session, place) = match &login.source {
        Source::Sandbox => ("sandbox".to_owned(), "the sandbox of this program".to_owned()),
        Source::TokenVariable => ("-".to_owned(), "IBMCLOUD_IAM_TOKEN".to_owned()),
        Source::KeyVariable => ("-".to_owned(), "IBMCLOUD_API_KEY".to_owned()),
        Source::Ibmcloud { path } => ("ibmcloud".to_owned(), path.clone()),
        Source::Stored { name, place, path, keeps_key, .. } => (name.clone(), told(*place, *keeps_key, path)),
    };
    let until = login.claims.end().map(time::wire).unwrap_or_default();
    let endpoint = login.client.endpoint().to_string();
    let fields = Fields { endpoint: &endpoint, user: login.user(), account: &login.account_id };
    match context.ui.format() {
        Format::Table => {
            let lines = [("Session:", session.as_str()), ("Kept in:", &place), ("Token until:", &until)];
            show(context, &fields, &lines);
        }
        Format::Json => context.ui.data(&json::pretty(&json!({
            "api_endpoint": endpoint,
            "account": {"guid": login.account_id},
            "user": {"display_name": login.user(), "user_email": login.user(), "iam_id": login.iam_id()},
            "session": {"name": session, "kept_in": place, "token_until": until},
        }))),
        Format::Csv => {
            let header = ["endpoint", "user", "account", "session", "kept_in", "token_until"];
            let row = [endpoint.as_str(), login.user(), &login.account_id, &session, &place, &until];
            let rows = [header, row].map(|cells| cells.map(str::to_owned).to_vec());
            context.ui.data(&csv::write(rows.into_iter()));
        }
    }
    Ok(0)
}

pub(super) async fn oauth_tokens(context: &mut Context<'_>) -> Result<u8, Error> {
    print_token(context, "IAM token:  Bearer ").await
}

pub(super) async fn bearer_token(context: &mut Context<'_>) -> Result<u8, Error> {
    print_token(context, "").await
}

/// Of a stored session only: nothing else can be kept for another account.
async fn switch(context: &mut Context<'_>, asked: &str) -> Result<u8, Error> {
    let acting = Acting::open_anywhere(context, session::MARGIN).await?;
    let Source::Stored { name, login_id, .. } = &acting.login.source else {
        return Err(Error::usage("Only a stored session can be switched to another account.")
            .hint("Log in with 'ibmiam login', and leave out what goes before the session."));
    };
    let places = Places::of(&context.settings)?;
    let identity = Identity::new(acting.login.client.endpoint().clone(), &context.settings.http)?;
    let account = login::account(context, &identity, &acting.login.token, Some(asked)).await?;
    context.in_progress = Some(login::session_in_progress(name, "switched to another account"));
    let done = session::login::switch(&identity, &places, name, login_id, &account, context.now).await?;
    context.ui.ok();
    login::tell(context, &places, name, &done).await;
    Ok(0)
}

/// An endpoint as people call it: in the words of the tool that is stood in for, if that is so.
pub(super) fn cloud(context: &Context<'_>, endpoint: &Endpoint) -> String {
    let endpoint = endpoint.to_string();
    let named = match endpoint.as_str() {
        "https://iam.cloud.ibm.com" => "https://cloud.ibm.com",
        "https://private.iam.cloud.ibm.com" => "https://private.cloud.ibm.com",
        "https://iam.test.cloud.ibm.com" => "https://test.cloud.ibm.com",
        _ => return endpoint,
    };
    if context.settings.stand_in.is_some() { named.to_owned() } else { endpoint }
}

/// Where a session's secrets are, for people.
fn told(place: Place, keeps_key: bool, path: &str) -> String {
    match (place, keeps_key) {
        (Place::File, false) => path.to_owned(),
        (Place::File, true) => format!("{path}, and its API key in the system's keyring"),
        (Place::Keyring, false) => "the system's keyring".to_owned(),
        (Place::Keyring, true) => "the system's keyring, with its API key".to_owned(),
        (Place::Nowhere, false) => "nowhere; it ends with its access token".to_owned(),
        (Place::Nowhere, true) => "the system's keyring, as its API key".to_owned(),
    }
}

/// The end of `login`.
pub(super) fn show_stored(context: &mut Context<'_>, name: &str, session: &Session, path: &str) {
    let place = told(session.place, session.keeps_key, path);
    let place = place.as_str();
    let fields = Fields { endpoint: &session.endpoint, user: &session.user, account: &session.account_id };
    match context.ui.format() {
        Format::Table => show(context, &fields, &[("Session:", name), ("Kept in:", place)]),
        Format::Json => context.ui.data(&json::pretty(&json!({
            "api_endpoint": session.endpoint,
            "account": {"guid": session.account_id},
            "user": {"display_name": session.user, "user_email": session.user},
            "session": {"name": name, "kept_in": place},
        }))),
        Format::Csv => {
            let header = ["endpoint", "user", "account", "session", "kept_in"];
            let row = [session.endpoint.as_str(), &session.user, &session.account_id, name, place];
            let rows = [header, row].map(|cells| cells.map(str::to_owned).to_vec());
            context.ui.data(&csv::write(rows.into_iter()));
        }
    }
}

struct Fields<'a> {
    endpoint: &'a str,
    user: &'a str,
    account: &'a str,
}

fn show(context: &mut Context<'_>, fields: &Fields<'_>, more: &[(&str, &str)]) {
    let known = [("API endpoint:", fields.endpoint), ("User:", fields.user), ("Account:", fields.account)];
    let lines: Vec<(&str, &str)> = known.into_iter().chain(more.iter().copied()).collect();
    context.ui.table(&table::record(&lines, LABELS), false);
}

async fn print_token(context: &mut Context<'_>, heading: &str) -> Result<u8, Error> {
    let acting = Acting::open(context).await?;
    let token = acting.login.token.expose_secret();
    let bearer = format!("Bearer {token}");
    let text = match context.ui.format() {
        Format::Table => format!("{heading}{token}\n"),
        Format::Json => json::pretty(&json!({"iam_token": bearer})),
        Format::Csv => csv::write([vec!["iam_token".to_owned()], vec![bearer]].into_iter()),
    };
    context.ui.data(&text);
    Ok(0)
}
