//! `oauth-tokens` and `bearer-token`

use serde_json::json;

use crate::commands::support::login::ActiveLogin;
use crate::context::Context;
use crate::error::Error;
use crate::format::Format;
use crate::output::{csv, json};
use crate::secret::ExposeSecret;

pub(crate) async fn oauth_tokens(context: &mut Context<'_>) -> Result<u8, Error> {
    print_token(context, "IAM token:  Bearer ").await
}

pub(crate) async fn bearer_token(context: &mut Context<'_>) -> Result<u8, Error> {
    print_token(context, "").await
}

async fn print_token(context: &mut Context<'_>, heading: &str) -> Result<u8, Error> {
    let active = ActiveLogin::open(context).await?;
    let token = active.login.token.expose_secret();
    let bearer = format!("Bearer {token}");
    let text = match context.ui.format() {
        Format::Table => format!("{heading}{token}\n"),
        Format::Json => json::pretty(&json!({"iam_token": bearer})),
        Format::Csv => csv::write([vec!["iam_token".to_owned()], vec![bearer]].into_iter()),
    };
    context.ui.data(&text);
    Ok(0)
}
