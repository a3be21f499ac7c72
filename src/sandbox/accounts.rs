//! `GET /coe/v2/accounts`: the account list of IBM's accounts service.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::error::Refusal;
use super::identities::{ACCOUNT, Identity, first_user_of, identity};
use super::setup::Setup;

/// The path of the list; the links between its pages have no origin.
const PATH: &str = "/coe/v2/accounts";

/// The default page size.
const PAGE_SIZE: usize = 50;

/// The name of the sandbox's own account, unless the setup sets another.
const NAME: &str = "Sandbox";

/// The creation time of all accounts; no code depends on it.
const MADE: &str = "2026-01-01T00:00:00.000Z";

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
