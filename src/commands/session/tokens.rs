//! `oauth-tokens` and `bearer-token`

use crate::context::Context;
use crate::error::Error;
use crate::ops::login::ActiveLogin;
use crate::output::report::Single;
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
    let text = Some(format!("{heading}{token}"));
    context.ui.render(&Single { name: "iam_token", value: &format!("Bearer {token}"), text })?;
    Ok(0)
}
