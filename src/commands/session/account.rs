//! Which of a user's accounts is meant.

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::iam::Identity;
use crate::iam::accounts::{Account, list_accounts};
use crate::secret::SecretString;
use crate::text::visible;

/// The id of the account that a text means; without one, the only account or the one that a person chooses.
pub(crate) async fn account(
    context: &mut Context<'_>,
    identity: &Identity,
    token: &SecretString,
    asked: Option<&str>,
) -> Result<String, Error> {
    if let Some(id) = asked.filter(|asked| is_id(asked)) {
        return Ok(id.to_owned());
    }
    let mut accounts = list_accounts(identity.endpoint(), &context.settings.http, token).await?;
    let there: Vec<String> = accounts.iter().map(told).collect();
    if let Some(name) = asked {
        accounts.retain(|account| account.name == name);
    }
    match (accounts.as_slice(), asked) {
        ([account], _) => return Ok(account.id.clone()),
        ([], None) => return Err(Error::new(Kind::NotAuthorised, "This user is not a member of any account.")),
        ([], Some(name)) => {
            let message = format!("This user is not a member of an account named '{}'.", visible(name));
            return Err(Error::new(Kind::NotAuthorised, message)
                .hint(format!("The accounts of this user:\n  {}", there.join("\n  "))));
        }
        _ => {}
    }
    let items: Vec<String> = accounts.iter().map(told).collect();
    if let Some(index) = context.prompt.choose(context.ui, "Select an account:", &items).await? {
        return Ok(accounts.swap_remove(index).id);
    }
    Err(Error::usage(format!("This user is a member of several accounts:\n  {}", items.join("\n  ")))
        .hint("Pass the id of one of them with -c."))
}

fn told(account: &Account) -> String {
    format!("{}   {}   {}", visible(&account.id), visible(&account.name), visible(&account.owner))
}

/// 32 hexadecimal digits.
pub(crate) fn is_id(account: &str) -> bool {
    account.len() == 32 && account.bytes().all(|byte| byte.is_ascii_hexdigit())
}
