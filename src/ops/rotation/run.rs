//! A rotation, from the request for the new key to the retirement of the old key.

use std::time::Duration;

use crate::context::{Context, InProgress};
use crate::creation::{self, Cause, Recipient, Recorded, Registered, Rotation};
use crate::error::Error;
use crate::iam::identity::{TokenClient, Tokens};
use crate::iam::{Client, CreatedKey, KeyChanges};
use crate::ops::keys::update_key::update_key;
use crate::ops::login::ActiveLogin;
use crate::ops::new_key::delivery::{deliver, rolled_back_error, unregistered};
use crate::ops::rotation::own_key::{self, OwnKey};
use crate::ops::rotation::retire::{Policy, retire};
use crate::text;

/// Runs all steps, starting with the request for the new key.
pub(crate) async fn carry_out(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    recorded: Recorded,
    rotation: &Rotation,
    own_key: OwnKey,
    policy: Policy,
) -> Result<(), Error> {
    let client = &active.login.client;
    let is_own = own_key == OwnKey::OfSession;
    let message = format!("The rotation of API key {} is not finished.", text::name(&rotation.name));
    context.next_in_progress(&rotation.old_id, InProgress::new(message).hint(AGAIN));
    let mut registered = match recorded.register(client).await {
        Ok(registered) => registered,
        Err(failure) => {
            let is_open = matches!(failure.cause, Cause::Open { .. });
            let error = unregistered(*failure, client).await;
            return Err(if is_open { error.hint(AGAIN) } else { unchanged(error, &rotation.name) });
        }
    };
    if let Err(error) = name_finally(client, &mut registered, &rotation.name).await {
        return Err(unchanged(roll_back(active, registered, &error.one_line()).await, &rotation.name));
    }
    let tokens = match verify(active, registered.created(), is_own).await {
        Ok(tokens) => tokens,
        Err(error) => {
            return Err(unchanged(roll_back(active, registered, &error.one_line()).await, &rotation.name));
        }
    };
    let delivered = deliver(context, active, registered, true).await;
    let mut delivered = delivered.map_err(|error| unchanged(error, &rotation.name))?;
    let message =
        format!("The new API key {} was delivered. The old key may still be unchanged.", text::name(&rotation.name));
    context.next_in_progress(&rotation.old_id, InProgress::new(message).hint(AGAIN));
    if delivered.unsynced.is_some() {
        return Err(Error::failed(
            "The old API key was not changed, because ibmiam cannot confirm that the new file is \
                                  saved on disk.",
        )
        .hint(AGAIN));
    }
    if is_own {
        let created = &delivered.created;
        own_key::move_session(context, active, tokens, &created.key.id, &created.value).await;
    }
    retire(context, active, &rotation.old_id, &rotation.name, policy)
        .await
        .map_err(|error| not_retired(error, rotation))?;
    delivered.end_rotation();
    context.in_progress = None;
    let name = context.ui.name(&rotation.name);
    context.ui.say(&format!("API key {name} was rotated"));
    if own_key == OwnKey::OfVariable && policy != Policy::Keep {
        let file = match &delivered.to {
            Recipient::File { path, .. } => Some(path.as_path()),
            _ => None,
        };
        own_key::remind_of_variable(context, file);
    }
    Ok(())
}

/// Gives the new key its final name, if it was created with another name.
async fn name_finally(client: &Client, registered: &mut Registered, name: &str) -> Result<(), Error> {
    if registered.created().key.name == name {
        return Ok(());
    }
    let changes = KeyChanges { name: Some(name.to_owned()), ..KeyChanges::default() };
    let renamed = update_key(client, &registered.created().key, &changes).await.map_err(|failure| failure.error)?;
    Ok(registered.set_key(renamed)?)
}

const AGAIN: &str = "To finish the rotation, run the same command again.";

/// The waiting times before the login attempts with a new key, in milliseconds.
const WAITS: [u64; 6] = [0, 500, 1000, 2000, 4000, 8000];

/// Logs in with the new key, so that a key that does not work never replaces the old key.
async fn verify(active: &ActiveLogin, created: &CreatedKey, is_own: bool) -> Result<Tokens, Error> {
    // A session needs a refresh token, which only this client gets.
    let token_client = if is_own { TokenClient::Cli } else { TokenClient::Default };
    let identity = active.login.client.identity();
    let mut failure = Error::failed("The service does not know it.");
    for wait in WAITS {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        match identity.token_for_api_key(&created.value, token_client, None).await {
            Ok(tokens) => return Ok(tokens),
            Err(error) => {
                let error = Error::from(error);
                // The token endpoint may not know the key yet.
                let is_unknown = error.code.as_deref() == Some("BXNIM0415E");
                failure = error;
                if !is_unknown {
                    break;
                }
            }
        }
    }
    Err(failure)
}

async fn roll_back(active: &ActiveLogin, registered: Registered, why: &str) -> Error {
    let undelivered = registered.refuse(creation::Error::Unusable(why.to_owned()));
    rolled_back_error(undelivered.roll_back(&active.login.client).await)
}

fn unchanged(error: Error, name: &str) -> Error {
    error.context(format!("The old API key {} was not changed.", text::name(name)))
}

/// Returns the error if the new key is delivered, but the old key could not be retired.
pub(crate) fn not_retired(error: Error, rotation: &Rotation) -> Error {
    let name = text::name(&rotation.name);
    let message = format!(
        "The new API key {name} was delivered, but ibmiam could not change the old key ({}).",
        text::visible(&rotation.old_id)
    );
    error.context(message).and_hint(
        "To finish the rotation, run the same command again. To leave the old key \
        unchanged, add --keep-old.",
    )
}
