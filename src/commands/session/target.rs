//! `target`: shows who is logged in, where, and until when.

use super::account::account;
use super::view::{self, Shown, describe_place};
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
    let (session, stored_in) = match &login.source {
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
    let shown = Shown {
        endpoint: login.client.endpoint().to_string(),
        user: login.user().to_owned(),
        iam_id: Some(login.iam_id().to_owned()),
        account_id: login.account_id.clone(),
        account_name,
        session,
        stored_in,
        token_until: login.claims.end().map(time::wire).unwrap_or_default(),
    };
    context.ui.render(&Record::new(&view::FIELDS, &shown, view::LABELS))?;
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
