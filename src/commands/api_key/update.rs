//! `api-key-update`

use crate::cli::keys::Update;
use crate::cli::when::When;
use crate::commands::support::completion;
use crate::commands::support::expiry::expiry;
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::messages;
use crate::commands::support::select::{Selector, check_operands};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam::client::Include;
use crate::iam::verified::{Failure, verified};
use crate::iam::{self, ApiKey, Client, KeyChanges};
use crate::output::keys::KeyReport;
use crate::text::visible;
use crate::time;

pub(crate) async fn run(context: &mut Context<'_>, options: Update) -> Result<u8, Error> {
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
    check_operands(context, options.key.is_some())?;
    let active = ActiveLogin::open(context).await?;
    let client = &active.login.client;
    let key = Selector::own(&active).one(context, options.key.as_deref(), Include::default()).await?;
    let name = context.ui.name(&key.name);
    context.ui.say(&format!("Updating API key {name} {}...", active.under_as(context.ui)));
    if let Some(moment) = changes.expires_at.as_deref().filter(|moment| !moment.is_empty()) {
        context.ui.note(format!("The key expires at {moment}."));
    }
    if key.locked {
        return Err(messages::locked(&key));
    }
    // A change without a version to refer to could overwrite anything.
    let key = if key.entity_tag.is_empty() { client.get_api_key(&key.id, Include::default()).await? } else { key };
    if key.entity_tag.is_empty() {
        return Err(Error::failed(format!(
            "{}: the service did not return the version of the key.",
            messages::called(&key)
        )));
    }
    context.in_progress = Some(messages::in_progress("update", &key));
    let made = verified(
        client,
        async || client.update_api_key(&key.id, &key.entity_tag, &changes).await,
        async || {
            let now = client.get_api_key(&key.id, Include::default()).await?;
            // With the old version it was not made; with another and our values it was, else somebody else's was.
            Ok::<_, iam::Error>((now.entity_tag != key.entity_tag && has_changes(&now, &changes)).then_some(now))
        },
    );
    let updated = match made.await {
        Ok(updated) => updated,
        Err(Failure::NotMade(error)) => {
            context.in_progress = Some(messages::ended("not changed", &key));
            return Err(refused(client, &key, error).await);
        }
        Err(Failure::Unknown(error)) => return Err(messages::unknown(&key, error)),
    };
    completion::saw(context, &active, &updated);
    context.ui.ok();
    let name = context.ui.name(&updated.name);
    context.ui.say(&format!("API key {name} was updated"));
    context.ui.say("");
    context.ui.render(&KeyReport::of(&updated))?;
    Ok(0)
}

/// Whether a key has the changed values.
fn has_changes(key: &ApiKey, changes: &KeyChanges) -> bool {
    let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
    let moment = |text: &str| time::parse(text).map(time::wire);
    same(&changes.name, &key.name)
        && same(&changes.description, &key.description)
        && same(&changes.action_when_leaked, &key.action_when_leaked)
        && changes.expires_at.as_deref().is_none_or(|wanted| moment(wanted) == moment(&key.expires_at))
}

/// Somebody else's change in between is shown, not overwritten.
async fn refused(client: &Client, key: &ApiKey, error: iam::Error) -> Error {
    let changed = error.refused_with(409).is_some() || error.refused_with(412).is_some();
    if changed
        && let Ok(now) = client.get_api_key(&key.id, Include::default()).await
        && !now.locked
        && now.entity_tag != key.entity_tag
    {
        let (called, difference) = (messages::called(key), difference(key, &now));
        let message = format!("{called} was changed in the meantime. Nothing was overwritten.{difference}");
        return Error::from(error)
            .reworded(Kind::Conflict, message)
            .hint("Check the key, then run the command again if the change still applies.");
    }
    messages::refused(client, key, error).await
}

/// A line a field that differs.
fn difference(before: &ApiKey, now: &ApiKey) -> String {
    let (Ok(old), Ok(new)) = (before.fields(), now.fields()) else {
        return String::new();
    };
    let mut lines = String::new();
    for (name, value) in new {
        let was = old.get(&name).unwrap_or(&serde_json::Value::Null);
        if *was != value && name != "entity_tag" {
            let line = format!("{name}: {was} is now {value}");
            lines.push_str(&format!("\n  {}", visible(&line)));
        }
    }
    lines
}
