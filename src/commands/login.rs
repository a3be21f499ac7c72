//! `login` and `logout`

use super::acting::store;
use crate::cli::session::Login;
use crate::context::Context;
use crate::error::Error;
use crate::keyfile;
use crate::secret::{ExposeSecret, SecretString};
use crate::session::store::SessionStore;
use crate::session::{self, login};
use crate::terminal::prompt;

pub(super) async fn login(context: &mut Context<'_>, options: Login) -> Result<u8, Error> {
    not_in_sandbox(context)?;
    let store = store(&context.settings)?;
    let name = context.settings.session.clone().unwrap_or_else(|| session::DEFAULT.to_owned());
    let endpoint = session::asked_endpoint(&context.settings)?.to_string();
    context.ui.say(&format!("API endpoint: {}", context.ui.name(&endpoint)));
    let key = key(context, options).await?;
    context.ui.say("Authenticating...");
    let done = login::with_api_key(&context.settings, &store, &name, &key, context.now).await?;
    context.ui.ok();
    let account = context.ui.name(&done.session.account_id);
    context.ui.say(&format!("\nTargeted account {account}\n"));
    super::whoami::show_stored(context, &name, &done.session, &store.place(&name));
    if !done.renewable {
        context.ui.note("The service gave no way to renew this session; it ends with its access token.");
    }
    Ok(0)
}

pub(super) async fn logout(context: &mut Context<'_>) -> Result<u8, Error> {
    not_in_sandbox(context)?;
    let store = store(&context.settings)?;
    let name = context.settings.session.clone().unwrap_or_else(|| session::DEFAULT.to_owned());
    context.ui.say("Logging out...");
    let was_there = login::forget(&store, &name).await?;
    context.ui.ok();
    if was_there {
        context.ui.note("The session was forgotten. The API key that it was made with still works.");
    } else {
        context.ui.note("There was no session to forget.");
    }
    Ok(0)
}

/// The sandbox has no session; one for elsewhere is not to be touched by mistake.
fn not_in_sandbox(context: &Context<'_>) -> Result<(), Error> {
    if context.settings.sandbox {
        return Err(Error::usage("The sandbox needs no login: its user is always logged in.")
            .hint("Leave out --sandbox (IBMIAM_SANDBOX) to log in or out elsewhere."));
    }
    Ok(())
}

/// The key from the flag, a file, standard input or the environment.
async fn key(context: &mut Context<'_>, options: Login) -> Result<SecretString, Error> {
    let given = options.apikey;
    let from_flag = given.is_some();
    let Some(given) = given.or_else(|| context.settings.api_key.clone()) else {
        if context.prompt.is_person() && !context.settings.no_input {
            return read_standard_input(context).await;
        }
        return Err(Error::usage("No API key was given.")
            .hint("Pass --apikey @FILE, --apikey - to read it from standard input, or set IBMCLOUD_API_KEY."));
    };
    match given.expose_secret() {
        "" => Err(Error::usage("The API key is empty.")),
        "-" if from_flag => read_standard_input(context).await,
        text => match text.strip_prefix('@') {
            Some(path) => keyfile::read(&context.settings.expand(path)),
            None => {
                if from_flag {
                    context.ui.note(
                        "A key on the command line can be read by others on this machine and stays in the shell's \
                         history; --apikey @FILE and --apikey - are safer.",
                    );
                }
                Ok(given)
            }
        },
    }
}

async fn read_standard_input(context: &mut Context<'_>) -> Result<SecretString, Error> {
    let text = prompt::secret(context.ui, &context.prompt, "API key").await?;
    let key = text.expose_secret().trim();
    let one_word = !key.is_empty() && !key.contains(char::is_whitespace);
    one_word.then(|| SecretString::from(key)).ok_or_else(|| Error::usage("Standard input holds no API key."))
}
