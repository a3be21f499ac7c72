//! `api-key-update`

use crate::cli::keys::Update;
use crate::cli::service::Whose;
use crate::cli::when::When;
use crate::context::Context;
use crate::error::Error;
use crate::iam::KeyChanges;
use crate::iam::client::Include;
use crate::ops::keys::completion;
use crate::ops::keys::expiry::expiry;
use crate::ops::keys::select::{Selector, check_operands};
use crate::ops::keys::update_key::{NotUpdated, update_key};
use crate::ops::login::ActiveLogin;
use crate::ops::messages;
use crate::output::keys::KeyReport;

pub(crate) async fn run(context: &mut Context<'_>, whose: Whose, options: Update) -> Result<u8, Error> {
    let changes = KeyChanges {
        name: options.name,
        description: options.description,
        action_when_leaked: options.action_if_leaked.map(|action| action.word().to_owned()),
        expires_at: match options.expires {
            None => None,
            Some(When::Never) => Some(String::new()),
            Some(when) => expiry(when, (context.now)())?,
        },
    };
    if changes == KeyChanges::default() {
        return Err(Error::usage("No changes specified.")
            .hint("Pass at least one of --name, --description, --action-if-leaked and --expires."));
    }
    check_operands(context, &whose, options.key.is_some())?;
    let active = ActiveLogin::open_for_keys(context, &whose).await?;
    let key = Selector::of(&active).one(context, options.key.as_deref(), Include::default()).await?;
    let name = context.ui.name(&key.name);
    context.ui.say(&format!("Updating API key {name} {}...", active.under_as(context.ui)));
    if let Some(moment) = changes.expires_at.as_deref().filter(|moment| !moment.is_empty()) {
        context.ui.note(format!("The key expires at {moment}."));
    }
    if key.locked {
        return Err(messages::locked(&key));
    }
    context.in_progress = Some(messages::in_progress("update", &key));
    let updated = match update_key(&active.login.client, &key, &changes).await {
        Ok(updated) => updated,
        Err(NotUpdated { error, may_be_made }) => {
            if !may_be_made {
                context.in_progress = Some(messages::ended("not changed", &key));
            }
            return Err(error);
        }
    };
    completion::saw(context, &active, &updated);
    context.ui.ok();
    let name = context.ui.name(&updated.name);
    context.ui.say(&format!("API key {name} was updated"));
    context.ui.say("");
    context.ui.render(&KeyReport::of(&updated))?;
    Ok(0)
}
