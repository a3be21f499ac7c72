//! Updates one key without overwriting changes by others.

use crate::error::{Error, Kind};
use crate::iam::client::Include;
use crate::iam::verified::{ChangeFailure, verified};
use crate::iam::{self, ApiKey, Client, KeyChanges};
use crate::ops::messages;
use crate::text::visible;
use crate::time;

/// A key that was not updated.
pub(crate) struct NotUpdated {
    /// What went wrong.
    pub(crate) error: Error,
    /// Whether the change may have been made, because the service could not be asked.
    pub(crate) may_be_made: bool,
}

impl NotUpdated {
    fn certainly(error: impl Into<Error>) -> Self {
        Self { error: error.into(), may_be_made: false }
    }
}

/// Updates a key if it has not changed since it was read, and checks whether the change was made.
pub(crate) async fn update_key(client: &Client, key: &ApiKey, changes: &KeyChanges) -> Result<ApiKey, NotUpdated> {
    // Without the version of the key, the update could overwrite any other change.
    let read_again;
    let key = if key.entity_tag.is_empty() {
        read_again = client.get_api_key(&key.id, Include::default()).await.map_err(NotUpdated::certainly)?;
        &read_again
    } else {
        key
    };
    if key.entity_tag.is_empty() {
        let message = format!("{}: the service did not return the version of the key.", messages::called(key));
        return Err(NotUpdated::certainly(Error::failed(message)));
    }
    let made = verified(
        client,
        async || client.update_api_key(&key.id, &key.entity_tag, changes).await,
        async || {
            let now = client.get_api_key(&key.id, Include::default()).await?;
            // With the old version, the change was not made. With another version and the new values, it was made.
            // Otherwise another client made a different change.
            Ok::<_, iam::Error>((now.entity_tag != key.entity_tag && is_up_to_date(&now, changes)).then_some(now))
        },
    );
    match made.await {
        Ok(updated) => Ok(updated),
        Err(ChangeFailure::NotMade(error)) => Err(NotUpdated::certainly(refused(client, key, error).await)),
        Err(ChangeFailure::Unknown(error)) => {
            Err(NotUpdated { error: messages::unknown(key, error), may_be_made: true })
        }
    }
}

/// Whether a key already has the new values.
pub(crate) fn is_up_to_date(key: &ApiKey, changes: &KeyChanges) -> bool {
    let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
    let moment = |text: &str| time::parse(text).map(time::wire);
    same(&changes.name, &key.name)
        && same(&changes.description, &key.description)
        && same(&changes.action_when_leaked, &key.action_when_leaked)
        && changes.expires_at.as_deref().is_none_or(|wanted| moment(wanted) == moment(&key.expires_at))
}

/// Returns the error for a rejected update. Shows a change by another client, which was not overwritten.
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
            .context(message)
            .of_kind(Kind::Conflict)
            .hint("Check the key, then run the command again if the change still applies.");
    }
    messages::refused(client, key, error).await
}

/// Returns a line for each field that differs.
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
