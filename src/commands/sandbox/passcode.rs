//! `sandbox passcode` and `sandbox cr-token`

use super::start::unix_seconds;
use crate::context::Context;
use crate::error::Error;
use crate::iam::Identity;
use crate::iam::identity::TokenClient;
use crate::ops::login::sandbox::folder;
use crate::output::report::Single;
use crate::sandbox;
use crate::secret::{ExposeSecret, SecretString};
use crate::session;

/// Shows a passcode from the server in the settings, or else from the sandbox data of this program.
pub(crate) async fn passcode(context: &mut Context<'_>) -> Result<u8, Error> {
    let settings = &context.settings;
    let passcode = match (&settings.endpoint, &settings.api_key) {
        (Some(_), Some(key)) => {
            let identity = Identity::new(session::asked_endpoint(settings)?, &settings.http)?;
            let tokens = identity.token_for_api_key(key, TokenClient::Cli, None).await?;
            let refresh_token =
                tokens.refresh_token.ok_or_else(|| Error::failed("The service returned no refresh token."))?;
            identity.passcode(&refresh_token).await?
        }
        (Some(endpoint), None) => {
            return Err(Error::usage(format!("Getting a passcode from {endpoint} requires an API key."))
                .hint("Set IBMCLOUD_API_KEY to a key of that endpoint, or remove --endpoint."));
        }
        _ => SecretString::from(sandbox::passcode(&folder(context)?, unix_seconds())?),
    };
    context.ui.render(&Single { name: "passcode", value: passcode.expose_secret(), text: None })?;
    Ok(0)
}

pub(crate) fn compute_resource_token(context: &mut Context<'_>) -> Result<u8, Error> {
    let token = sandbox::compute_resource_token(&folder(context)?, unix_seconds())?;
    context.ui.render(&Single { name: "cr_token", value: &token, text: None })?;
    // Without a full stop at the end: the ID is there to be copied.
    context.ui.note(format!("The token is valid for one hour. Use it with --profile {}", sandbox::profile_id()));
    Ok(0)
}
