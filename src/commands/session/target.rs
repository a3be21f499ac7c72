//! `target`: shows who is logged in, where, and until when.

use serde_json::json;

use super::account::account;
use super::view::{self, describe_account, describe_place};
use crate::cli::session::Target;
use crate::context::Context;
use crate::error::Error;
use crate::hint::Hint;
use crate::iam::Identity;
use crate::ops::login::ActiveLogin;
use crate::output::report::Record;
use crate::session::{self, Source, Stores};
use crate::time;

pub(crate) async fn run(context: &mut Context<'_>, options: Target) -> Result<u8, Error> {
    if let Some(account) = options.account {
        return switch(context, &account).await;
    }
    let active = ActiveLogin::open_target(context).await?.with_account()?;
    if context.settings.stand_in.is_some() {
        view::targeted(context, &active.login).await?;
        return Ok(0);
    }
    let login = &active.login;
    let (session, storage) = match &login.source {
        Source::Sandbox => ("sandbox".to_owned(), "the local sandbox".to_owned()),
        Source::TokenVariable => ("-".to_owned(), "IBMCLOUD_IAM_TOKEN".to_owned()),
        Source::KeyVariable => ("-".to_owned(), "IBMCLOUD_API_KEY".to_owned()),
        Source::Ibmcloud { path } => ("ibmcloud".to_owned(), path.clone()),
        Source::Stored { name, storage, path, keeps_key, .. } => {
            (name.clone(), describe_place(*storage, *keeps_key, path))
        }
    };
    let account_name = match &login.source {
        Source::Stored { account_name, .. } if !account_name.is_empty() => account_name.clone(),
        _ => {
            let account = view::account_of(context, login.client.endpoint(), &login.token).await;
            account.map(|account| account.name).unwrap_or_default()
        }
    };
    let until = login.claims.end().map(time::wire).unwrap_or_default();
    let endpoint = login.client.endpoint().to_string();
    let object = json!({
        "api_endpoint": endpoint,
        "account": {"guid": login.account_id, "name": account_name},
        "user": {"display_name": login.user(), "user_email": login.user(), "iam_id": login.iam_id()},
        "session": {"name": session, "kept_in": storage, "token_until": until},
    });
    let fields = vec![
        ("API endpoint:", "endpoint", endpoint),
        ("User:", "user", login.user().to_owned()),
        ("Account:", "account", describe_account(&account_name, &login.account_id)),
        ("Session:", "session", session),
        ("Stored in:", "kept_in", storage),
        ("Token expires:", "token_until", until),
    ];
    context.ui.render(&Record { fields, width: view::LABELS, object })?;
    Ok(0)
}

/// Switches a stored session to another account. No other login can be stored for another account.
async fn switch(context: &mut Context<'_>, asked: &str) -> Result<u8, Error> {
    let active = ActiveLogin::open_target(context).await?;
    if active.login.source == Source::Sandbox {
        return Err(Error::usage("The sandbox user has one account.")
            .hint("To switch the account of a stored session, leave out --sandbox (IBMIAM_SANDBOX)."));
    }
    let Source::Stored { name, login_id, .. } = &active.login.source else {
        return Err(Error::usage("Only a stored session can be switched to another account.")
            .hint("Unset IBMCLOUD_IAM_TOKEN and IBMCLOUD_API_KEY.")
            .and_hint(Hint::run("Then log in", ["login", "--apikey", "@FILE"])));
    };
    let stores = Stores::of(&context.settings)?;
    let identity = Identity::new(active.login.client.endpoint().clone(), &context.settings.http)?;
    let account = account(context, &identity, &active.login.token, Some(asked)).await?;
    context.in_progress = Some(view::session_in_progress(name, "switched to another account"));
    let done = session::login::switch(&identity, &stores, name, login_id, &account, context.now).await?;
    context.ui.ok();
    view::report_login(context, &stores, name, &done, Some(&account))?;
    Ok(0)
}
