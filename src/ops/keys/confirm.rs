//! The question before keys are changed.

use crate::context::Context;
use crate::error::Error;
use crate::iam::ApiKey;
use crate::ops::login::owner::KeyOwner;
use crate::ops::messages;
use crate::text::{name_with_id, visible};

/// A deletion of more keys than this is confirmed with their number.
const MOST_WITHOUT_NUMBER: usize = 10;

/// Asks before keys are changed, as in "Really delete API key ci?", with a list if there are several keys.
/// `and` follows the keys in the question. With `counts`, the user confirms many keys by entering their number.
///
/// # Errors
/// `Cancelled` if the answer is no; `Usage` if the question cannot be answered.
pub(crate) async fn confirm(
    context: &mut Context<'_>,
    owner: &KeyOwner,
    keys: &[&ApiKey],
    verb: &str,
    and: &str,
    counts: bool,
) -> Result<(), Error> {
    let describe = |key: &&ApiKey| name_with_id(&context.ui.name(&key.name), &visible(&key.id)) + &owner.of_key(key);
    let names: Vec<String> = keys.iter().map(describe).collect();
    let (question, to) = match keys {
        [key] => (format!("Really {verb} API key {}{and}?", names[0]), format!("to {verb} {}", messages::called(key))),
        keys => {
            let number = format!("{} API keys", keys.len());
            (format!("{}\nReally {verb} these {number}{and}?", names.join("\n")), format!("to {verb} {number}"))
        }
    };
    if counts && keys.len() > MOST_WITHOUT_NUMBER {
        return context.prompt.confirm_number(context.ui, &question, keys.len(), &to).await;
    }
    context.prompt.confirm(context.ui, &question, &to).await
}
