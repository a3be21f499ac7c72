//! `NAME|UUID` → a key. Names are not unique, so a name is never guessed at.

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::iam::ApiKey;
use crate::iam::client::Include;
use crate::session::Login;
use crate::terminal::prompt;
use crate::text::visible;

/// What every id starts with.
const ID_PREFIX: &str = "ApiKey-";

/// Finds the key that an operand means: by id if it has an id's form, then by its exact name among one's own.
pub(crate) async fn resolve(
    context: &mut Context<'_>,
    login: &Login,
    operand: &str,
    include: Include,
) -> Result<ApiKey, Error> {
    if has_form_of_id(operand) {
        match login.client.get_api_key(operand, include).await {
            Ok(key) => return Ok(key),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut found = by_name(login, operand).await?;
    let key = match found.len() {
        0 => {
            let message = format!("No API key found with the name or ID '{}'.", visible(operand));
            return Err(Error::new(Kind::NotFound, message).hint(Hint::run("To list your keys, run", ["api-key-list"])));
        }
        1 => found.remove(0),
        _ => choose(context, operand, found).await?,
    };
    if include.history || include.activity {
        return Ok(login.client.get_api_key(&key.id, include).await?);
    }
    Ok(key)
}

/// `ApiKey-` and a UUID, in any case.
fn has_form_of_id(operand: &str) -> bool {
    operand.strip_prefix(ID_PREFIX).is_some_and(|uuid| uuid.len() == 36 && uuid::Uuid::try_parse(uuid).is_ok())
}

pub(crate) async fn by_name(login: &Login, name: &str) -> Result<Vec<ApiKey>, Error> {
    Ok(login.client.own_keys_named(&login.account_id, login.iam_id(), name).await?)
}

async fn choose(context: &mut Context<'_>, name: &str, mut found: Vec<ApiKey>) -> Result<ApiKey, Error> {
    let items: Vec<String> = found
        .iter()
        .map(|key| {
            let description = if key.description.is_empty() { "-" } else { &key.description };
            format!("{}   {}   {}", visible(&key.id), visible(description), visible(&key.created_at))
        })
        .collect();
    if !context.settings.no_input {
        let question = format!("{} API keys are named {}:", found.len(), visible(name));
        if let Some(index) = prompt::choose(context.ui, &context.prompt, &question, &items).await? {
            return Ok(found.swap_remove(index));
        }
    }
    let message = format!("{} API keys are named '{}':\n  {}", found.len(), visible(name), items.join("\n  "));
    Err(Error::usage(message).hint("Pass the ID instead of the name."))
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
