//! Accounts: the memberships of users, and the account list of IBM's accounts service.
//!
//! Memberships are in the setup, not in the data: they exist only while a server with that setup runs.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::error::Refusal;
use super::identities::{ACCOUNT, Identity, first_user_of, identity};
use super::setup::{Role, Setup};

/// The path of the list; the links between its pages have no origin.
const PATH: &str = "/coe/v2/accounts";

/// The default page size.
const PAGE_SIZE: usize = 50;

/// The name of the sandbox's own account, unless the setup sets another.
const NAME: &str = "Sandbox";

/// The creation time of all accounts; no code depends on it.
const MADE: &str = "2026-01-01T00:00:00.000Z";

/// Whether a text has the format of an account ID: 32 hexadecimal digits in lower case.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

impl Identity {
    /// Returns the accounts of a stored user: their own, then those in the setup, in the same order.
    pub(super) fn accounts<'a>(&'a self, setup: &'a Setup) -> Vec<&'a str> {
        let others = setup.accounts.iter().filter(|account| account.members.contains(&self.iam_id));
        let others = others.map(|account| account.id.as_str()).filter(|id| *id != self.account_id);
        std::iter::once(self.account_id.as_str()).chain(others).collect()
    }

    /// Returns a stored user as they act in this account; `None` if they are not a member. Their role applies only to
    /// their own account; in other accounts, they are a plain member.
    pub(super) fn within(self, account_id: &str, setup: &Setup) -> Option<Self> {
        if account_id == self.account_id {
            return Some(self);
        }
        let is_member = self.accounts(setup).contains(&account_id);
        is_member.then(|| Self { account_id: account_id.to_owned(), role: Role::Member, ..self })
    }
}

/// `GET /coe/v2/accounts`: returns the accounts of the token's user. A token without an account is valid here.
pub(super) fn list(call: &Call) -> Result<Reply, Refusal> {
    let (user, _) = call.bearer()?;
    let size = number(call, "_limit", "1..100")?.unwrap_or(PAGE_SIZE);
    if !(1..=100).contains(&size) {
        return Err(Refusal::invalid("_limit", &size.to_string(), "1..100"));
    }
    let start = number(call, "_start", "a number of accounts")?.unwrap_or(0);
    let accounts = user.accounts(&call.app.setup);
    let connection = call.app.store.lock();
    let page = accounts.iter().skip(start).take(size);
    let page = page.map(|id| resource(&connection, &call.app.setup, id, &user)).collect::<Result<Vec<_>, _>>()?;
    let next = start.saturating_add(size);
    Ok(Reply::ok(json!({
        "total_results": accounts.len(),
        "total_pages": accounts.len().div_ceil(size),
        "prev_url": null,
        "next_url": (next < accounts.len()).then(|| format!("{PATH}?_limit={size}&_start={next}")),
        "resources": page,
    })))
}

fn number(call: &Call, name: &str, valid: &str) -> Result<Option<usize>, Refusal> {
    let number = |text: &str| text.parse().map_err(|_| Refusal::invalid(name, text, valid));
    call.parameter(name).map(number).transpose()
}

/// Returns an account in the format that the service shows to a member.
fn resource(connection: &Connection, setup: &Setup, id: &str, member: &Identity) -> Result<Value, Refusal> {
    let known = setup.accounts.iter().find(|account| account.id == id);
    let first_member = known.and_then(|account| account.members.first());
    let owner = match (first_user_of(connection, id)?, first_member) {
        (Some(owner), _) => owner,
        (None, Some(first)) => identity(connection, first)?.unwrap_or_else(|| member.clone()),
        (None, None) => member.clone(),
    };
    let called = if owner.email.is_empty() { &owner.iam_id } else { &owner.email };
    let name = match known {
        Some(account) => account.name.clone(),
        None if id == ACCOUNT => NAME.to_owned(),
        None => format!("{called}'s Account"),
    };
    Ok(json!({
        "metadata": {"guid": id, "url": format!("{PATH}/{id}"), "created_at": MADE, "updated_at": MADE},
        "entity": {
            "name": name,
            "type": "STANDARD",
            "state": "ACTIVE",
            "owner": owner.iam_id.trim_start_matches("IBMid-"),
            "owner_userid": owner.email,
            "owner_unique_id": owner.iam_id,
            "owner_iam_id": owner.iam_id,
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: &str = "ffffffffffffffffffffffffffffffff";

    #[test]
    fn an_id_is_32_digits_in_lower_case() {
        assert!(is_account_id(ACCOUNT) && is_account_id(OTHER));
        for wrong in ["", "f", &OTHER.to_uppercase(), &OTHER[1..], &format!("{OTHER}f"), &"ü".repeat(16)] {
            assert!(!is_account_id(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_role_is_for_the_own_account() {
        let text = format!("[[accounts]]\nid = \"{OTHER}\"\nname = \"O\"\nmembers = [\"IBMid-5500SANDBX\"]");
        let setup = Setup::read(&text).unwrap();
        assert_eq!(Identity::owner().accounts(&setup), [ACCOUNT, OTHER]);
        assert_eq!(Identity::profile().accounts(&setup), [ACCOUNT]);
        let role = |account: &str| Identity::owner().within(account, &setup).map(|user| (user.account_id, user.role));
        assert_eq!(role(ACCOUNT), Some((ACCOUNT.to_owned(), Role::Administrator)));
        assert_eq!(role(OTHER), Some((OTHER.to_owned(), Role::Member)));
        assert_eq!(role("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"), None);
    }
}
