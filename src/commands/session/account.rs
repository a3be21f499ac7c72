//! Selects one of a user's accounts.

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam::Identity;
use crate::iam::accounts::{Account, list_accounts};
use crate::ops::keys::completion;
use crate::secret::SecretString;
use crate::session::claims::Claims;
use crate::text::visible;

/// Returns the account with this ID or name. Without one, returns the only account or the one that the user selects.
pub(crate) async fn account(
    context: &mut Context<'_>,
    identity: &Identity,
    token: &SecretString,
    asked: Option<&str>,
) -> Result<Account, Error> {
    if let Some(id) = asked.filter(|asked| is_id(asked)) {
        let (id, name, owner) = (id.to_owned(), String::new(), String::new());
        return Ok(Account { id, name, owner });
    }
    let mut accounts = list_accounts(identity.endpoint(), &context.settings.http, token).await?;
    if let Ok(claims) = Claims::read(token) {
        completion::saw_accounts(context, &identity.endpoint().to_string(), claims.user(), &accounts);
    }
    let there: Vec<String> = accounts.iter().map(describe).collect();
    let names: Vec<String> = accounts.iter().map(|account| account.name.clone()).collect();
    if let Some(name) = asked {
        let exact = accounts.iter().any(|account| account.name == name);
        let lower = name.to_lowercase();
        // Case only matters if one of the names matches exactly.
        accounts.retain(|account| if exact { account.name == name } else { account.name.to_lowercase() == lower });
    }
    match (accounts.as_slice(), asked) {
        ([account], _) => return Ok(account.clone()),
        ([], None) => return Err(Error::new(Kind::NotAuthorised, "This user is not a member of any account.")),
        ([], Some(name)) => {
            let message = format!("This user is not a member of an account named '{}'.", visible(name));
            let error = Error::new(Kind::NotAuthorised, message);
            let similar = nearest(name, &names).map(|name| format!("Did you mean '{}'?", visible(name)));
            let all = format!("The accounts of this user:\n  {}", there.join("\n  "));
            return Err(match similar {
                Some(similar) => error.hint(similar).and_hint(all),
                None => error.hint(all),
            });
        }
        _ => {}
    }
    let items: Vec<String> = accounts.iter().map(describe).collect();
    if let Some(index) = context.prompt.choose(context.ui, "Select an account:", &items).await? {
        return Ok(accounts.swap_remove(index));
    }
    Err(Error::usage(format!("This user is a member of several accounts:\n  {}", items.join("\n  ")))
        .hint("Pass the ID of one of them with -c."))
}

fn describe(account: &Account) -> String {
    format!("{}   {}   {}", visible(&account.id), visible(&account.name), visible(&account.owner))
}

/// Returns the name that contains the text, or is contained in it, in any case, if there is exactly one.
fn nearest<'a>(text: &str, names: &'a [String]) -> Option<&'a str> {
    let lower = text.to_lowercase();
    let holds = |name: &&String| {
        let name = name.to_lowercase();
        !lower.is_empty() && !name.is_empty() && (name.contains(&lower) || lower.contains(&name))
    };
    let mut near = names.iter().filter(holds);
    near.next().filter(|_| near.next().is_none()).map(String::as_str)
}

/// Whether a text is an account ID: 32 hexadecimal digits.
pub(crate) fn is_id(account: &str) -> bool {
    account.len() == 32 && account.bytes().all(|byte| byte.is_ascii_hexdigit())
}
