//! Finds the keys for operands. Names are not unique, so an ambiguous name never selects a key automatically.

use crate::cli::selection::Selection;
use crate::cli::service::Whose;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam::client::Include;
use crate::iam::paging::PAGE_SIZE;
use crate::iam::types;
use crate::iam::{ApiKey, Client, KeyQuery, Scope};
use crate::ops::keys::completion;
use crate::ops::keys::criteria::Criteria;
use crate::ops::login::ActiveLogin;
use crate::ops::login::owner::KeyOwner;
use crate::ops::messages::note_coverage;
use crate::text::visible;

/// The prefix of every key ID.
const ID_PREFIX: &str = "ApiKey-";

const LIST: &str = "To list the keys, run";

/// Finds the keys for a command.
pub(crate) struct Selector<'a> {
    active: &'a ActiveLogin,
    client: &'a Client,
    owner: &'a KeyOwner,
}

impl<'a> Selector<'a> {
    /// Creates a selector for the keys that a command works with.
    pub(crate) fn of(active: &'a ActiveLogin) -> Self {
        Self { active, client: &active.login.client, owner: &active.owner }
    }

    /// Finds one key. Without an operand, the user selects it.
    pub(crate) async fn one(
        &self,
        context: &mut Context<'_>,
        operand: Option<&str>,
        include: Include,
    ) -> Result<ApiKey, Error> {
        let Some(operand) = operand else {
            let mut keys = self.offered(context, |_| true).await?;
            let question = "Select an API key:";
            let chosen = context.prompt.choose(context.ui, question, &described(&keys)).await?;
            let key = keys.swap_remove(chosen.ok_or_else(|| missing_operand(context, self.owner.is_user()))?);
            return self.with(key, include).await;
        };
        self.resolve(context, operand, include).await
    }

    /// Finds several keys. Without operands, the user selects them from the keys that the command can be used on. The
    /// number is the exit status if a key was not found or an operand is invalid, which is already reported.
    pub(crate) async fn several(
        &self,
        context: &mut Context<'_>,
        operands: &[String],
        ignore_not_found: bool,
        makes_sense: impl Fn(&ApiKey) -> bool,
    ) -> Result<Result<Vec<ApiKey>, u8>, Error> {
        if operands.is_empty() {
            let keys = self.offered(context, makes_sense).await?;
            let question = "Select one or more API keys:";
            let chosen = context.prompt.choose_several(context.ui, question, &described(&keys)).await?;
            let chosen = chosen.ok_or_else(|| missing_operand(context, self.owner.is_user()))?;
            let keys = keys.into_iter().enumerate().filter(|(index, _)| chosen.contains(index));
            return Ok(Ok(keys.map(|(_, key)| key).collect()));
        }
        let mut keys = Vec::<ApiKey>::new();
        let mut status = None;
        for operand in operands {
            match self.resolve(context, operand, Include::default()).await {
                Ok(key) if keys.iter().any(|known| known.id == key.id) => {}
                Ok(key) => keys.push(key),
                Err(error) if ignore_not_found && error.kind == Kind::NotFound => context.ui.note(error.message),
                // An operand that is not found or ambiguous does not stop the others. Any other error would occur
                // again.
                Err(error) if matches!(error.kind, Kind::NotFound | Kind::Usage) => {
                    context.report(&error);
                    status.get_or_insert(error.kind.exit_status());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(status.map_or(Ok(keys), Err))
    }

    /// Returns the keys that match a selection, of the owner or in another scope. With `fresh`, asks the service for
    /// their activity now.
    pub(crate) async fn selected(
        &self,
        context: &mut Context<'_>,
        selection: &Selection,
        scope: Option<Scope>,
        fresh: bool,
    ) -> Result<Vec<ApiKey>, Error> {
        let criteria = Criteria::new(selection, (context.now)());
        let own = self.owner.query(criteria.filter());
        let is_own = scope.is_none();
        let query = KeyQuery { scope: scope.unwrap_or(own.scope), ..own };
        let ui = &mut *context.ui;
        let progress = |count: usize| {
            if count >= PAGE_SIZE as usize {
                ui.count(&format!("{count} API keys so far..."));
            }
        };
        let (mut keys, coverage) = self.client.list_api_keys(&query, progress).await?;
        note_coverage(context.ui, coverage);
        keys.retain(|key| !(is_own && self.owner.is_foreign(key)) && criteria.matches(key));
        criteria.retain_unused(context, self.active, keys, fresh).await
    }

    /// Finds a key by ID if the operand has the form of an ID, otherwise or if not found by its exact name among the
    /// owner's keys.
    async fn resolve(&self, context: &mut Context<'_>, operand: &str, include: Include) -> Result<ApiKey, Error> {
        if has_form_of_id(operand) {
            match self.client.get_api_key(operand, include).await {
                // With an explicit owner, a key of another owner is an error.
                Ok(key) if !self.owner.is_user() && self.owner.is_foreign(&key) => return Err(self.owner.not_of(&key)),
                Ok(key) => return Ok(key),
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error.into()),
            }
        }
        let mut found = self.named(operand).await?;
        let key = match found.len() {
            0 => return Err(self.not_found(context, operand).await),
            1 => found.remove(0),
            _ => choose(context, operand, found).await?,
        };
        self.with(key, include).await
    }

    /// Returns all keys of the owner with exactly this name.
    pub(crate) async fn named(&self, name: &str) -> Result<Vec<ApiKey>, Error> {
        let (account_id, iam_id) = (self.owner.account_id(), self.owner.iam_id());
        Ok(self.client.own_keys_named(account_id, iam_id, name).await?)
    }

    /// Returns a key with details that the service returns only for a single key.
    async fn with(&self, key: ApiKey, include: Include) -> Result<ApiKey, Error> {
        if include.history || include.activity {
            return Ok(self.client.get_api_key(&key.id, include).await?);
        }
        Ok(key)
    }

    /// Returns the keys that the user may select from.
    async fn offered(
        &self,
        context: &mut Context<'_>,
        makes_sense: impl Fn(&ApiKey) -> bool,
    ) -> Result<Vec<ApiKey>, Error> {
        if !context.prompt.can_ask() {
            return Err(missing_operand(context, self.owner.is_user()));
        }
        let mut keys = self.all(context).await?;
        keys.retain(|key| !self.owner.is_foreign(key) && makes_sense(key));
        if keys.is_empty() {
            let error = Error::new(Kind::NotFound, "No API keys found that this command can use.");
            return Err(error.hint(self.owner.list_hint(LIST)));
        }
        types::sort_by(&mut keys, |key| (false, &key.name));
        Ok(keys)
    }

    /// Returns all keys of the owner, and stores them for shell completion.
    async fn all(&self, context: &Context<'_>) -> Result<Vec<ApiKey>, Error> {
        let (keys, _) = self.client.list_api_keys(&self.owner.query(None), |_| ()).await?;
        completion::saw_all(context, self.active, &keys);
        Ok(keys)
    }

    /// Returns the error for an unknown name, with a hint to a name that differs only in case.
    async fn not_found(&self, context: &Context<'_>, operand: &str) -> Error {
        let message = format!("No API key found with the name or ID '{}'.", visible(operand));
        let error = Error::new(Kind::NotFound, message);
        let all = self.all(context).await.unwrap_or_default();
        let lower = operand.to_lowercase();
        let similar = all.iter().find(|key| !self.owner.is_foreign(key) && key.name.to_lowercase() == lower);
        match similar {
            Some(key) => error.hint(format!("Names are case-sensitive. Did you mean '{}'?", visible(&key.name))),
            None => error.hint(self.owner.list_hint(LIST)),
        }
    }
}

/// Returns an error if there is no operand and the user cannot select a key.
pub(crate) fn check_operands(context: &Context<'_>, whose: &Whose, has_any: bool) -> Result<(), Error> {
    let is_user = matches!(whose, Whose::Own);
    if has_any || context.prompt.can_ask() { Ok(()) } else { Err(missing_operand(context, is_user)) }
}

fn missing_operand(context: &Context<'_>, is_user: bool) -> Error {
    let (message, pass) = if is_user {
        ("Missing argument: the name or ID of an API key.", "Pass the name or ID of a key")
    } else {
        ("Missing argument: a key and a SERVICE_ID are required.", "Pass the name or ID of a key, then the SERVICE_ID")
    };
    let or = if context.settings.no_input { "leave out --no-input" } else { "run the command on a terminal" };
    Error::usage(message).hint(format!("{pass}, or {or} to select a key."))
}

/// Whether an operand is `ApiKey-` and a UUID, whose digits may be in any case.
pub(crate) fn has_form_of_id(operand: &str) -> bool {
    operand.strip_prefix(ID_PREFIX).is_some_and(|uuid| uuid.len() == 36 && uuid::Uuid::try_parse(uuid).is_ok())
}

async fn choose(context: &mut Context<'_>, name: &str, mut found: Vec<ApiKey>) -> Result<ApiKey, Error> {
    let items: Vec<String> = found
        .iter()
        .map(|key| {
            let description = if key.description.is_empty() { "-" } else { &key.description };
            format!("{}   {}   {}", visible(&key.id), visible(description), visible(&key.created_at))
        })
        .collect();
    let question = format!("{} API keys are named {}:", found.len(), visible(name));
    if let Some(index) = context.prompt.choose(context.ui, &question, &items).await? {
        return Ok(found.swap_remove(index));
    }
    let message = format!(
        "{} API keys are named '{}' (ID, description, creation time):\n  {}",
        found.len(),
        visible(name),
        items.join("\n  ")
    );
    Err(Error::usage(message).hint("Pass one of these IDs instead of the name."))
}

/// Returns a line for each key, from which the user selects.
fn described(keys: &[ApiKey]) -> Vec<String> {
    let line = |key: &ApiKey| {
        let mut line = visible(&key.name).into_owned();
        for (holds, state) in [(key.locked, "locked"), (key.disabled, "disabled"), (key.leaked, "leaked")] {
            if holds {
                line.push_str(&format!(" [{state}]"));
            }
        }
        for text in [&key.description, &key.created_at, &key.id] {
            if !text.is_empty() {
                line.push_str(&format!("   {}", visible(text)));
            }
        }
        line
    };
    keys.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_by_its_form() {
        assert!(has_form_of_id("ApiKey-18f773b0-db53-43f1-ad68-92c667c218fe"));
        assert!(has_form_of_id("ApiKey-18F773B0-DB53-43F1-AD68-92C667C218FE"));
        for name in [
            "ApiKey-SVA",
            "ApiKey-",
            "18f773b0-db53-43f1-ad68-92c667c218fe",
            "ApiKey-18f773b0db5343f1ad6892c667c218fe",
            "ApiKey-{18f773b0-db53-43f1-ad68-92c667c218f}",
            "apikey-18f773b0-db53-43f1-ad68-92c667c218fe",
        ] {
            assert!(!has_form_of_id(name), "{name}");
        }
    }
}
