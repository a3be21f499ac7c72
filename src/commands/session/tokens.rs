//! `oauth-tokens` and `bearer-token`

use serde_json::json;

use crate::context::Context;
use crate::error::Error;
use crate::iam;
use crate::ops::login::ActiveLogin;
use crate::output::report::{Report, Text};
use crate::output::screen::Screen;
use crate::output::{csv, json};
use crate::secret::ExposeSecret;

pub(crate) async fn oauth_tokens(context: &mut Context<'_>) -> Result<u8, Error> {
    print_token(context, "IAM token:  Bearer ").await
}

pub(crate) async fn bearer_token(context: &mut Context<'_>) -> Result<u8, Error> {
    print_token(context, "").await
}

async fn print_token(context: &mut Context<'_>, heading: &'static str) -> Result<u8, Error> {
    let active = ActiveLogin::open(context).await?;
    let token = active.login.token.expose_secret();
    let bearer = format!("Bearer {token}");
    context.ui.render(&Token { heading, token, bearer })?;
    Ok(0)
}

/// A token. Text shows the token alone or after a heading; JSON and CSV show it with its type.
struct Token<'a> {
    heading: &'static str,
    token: &'a str,
    bearer: String,
}

impl Report for Token<'_> {
    fn text(&self, _: Option<Screen>) -> Text {
        Text::Plain(format!("{}{}", self.heading, self.token))
    }

    fn json(&self) -> Result<String, iam::Error> {
        Ok(json::pretty(&json!({"iam_token": self.bearer})))
    }

    fn csv(&self) -> String {
        csv::write([vec!["iam_token".to_owned()], vec![self.bearer.clone()]].into_iter())
    }
}
