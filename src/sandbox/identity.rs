//! `POST /identity/token`: the grants `apikey` and `refresh_token`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde_json::json;

use super::call::{Call, Reply};
use super::error::Fault;
use super::records::{User, hash, key_by, random_value, user};
use super::token::Grant;

const API_KEY: &str = "urn:ibm:params:oauth:grant-type:apikey";

/// An access token lives an hour, a refresh token three days: the service's defaults.
pub(super) const ACCESS_SECONDS: i64 = 3600;
const REFRESH_SECONDS: i64 = 259_200;

/// The token endpoint.
pub(super) fn token(call: &Call) -> Result<Reply, Fault> {
    let client = client(call)?;
    let grant_type = call.field("grant_type")?;
    let mut connection = call.app.store.lock();
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let user = match grant_type.as_str() {
        API_KEY => by_api_key(&change, &call.field("apikey")?, call.now)?,
        "refresh_token" => by_refresh_token(&change, &call.field("refresh_token")?, client, call.now)?,
        other => {
            let valid = format!("{API_KEY}, refresh_token");
            return Err(Fault::invalid("grant_type", other, &valid));
        }
    };
    let refresh_token = match client {
        Client::Default => "not_supported".to_owned(),
        Client::Cli => new_refresh_token(&change, &user, client, call.now)?,
    };
    change.commit()?;
    drop(connection);

    let expires = call.now + ACCESS_SECONDS;
    let access_token = call.app.signer.sign(&Grant {
        user: &user,
        issuer: &call.app.url,
        grant_type: &grant_type,
        client: client.id(),
        issued: call.now,
        expires,
    });
    Ok(Reply::ok(json!({
        "access_token": access_token.ok_or_else(|| Fault::internal("no random numbers"))?,
        "refresh_token": refresh_token,
        "ims_user_id": 1,
        "token_type": "Bearer",
        "expires_in": ACCESS_SECONDS,
        "expiration": expires,
        "scope": "ibm openid",
    })))
}

/// Who asks: the SDKs nobody, IBM's command line `bx:bx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    Default,
    Cli,
}

impl Client {
    fn id(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Cli => "bx",
        }
    }
}

fn client(call: &Call) -> Result<Client, Fault> {
    let Some(header) = call.header("authorization") else {
        return Ok(Client::Default);
    };
    let encoded = header.strip_prefix("Basic ").ok_or_else(Fault::no_token)?;
    match STANDARD.decode(encoded.trim()).as_deref() {
        Ok(b"bx:bx") => Ok(Client::Cli),
        _ => Err(Fault::no_token()),
    }
}

fn by_api_key(connection: &Connection, value: &str, now: i64) -> Result<User, Fault> {
    let key = key_by(connection, "hash", &hash(value))?.ok_or_else(Fault::unknown_key)?;
    if key.disabled {
        return Err(Fault::disabled_key());
    }
    if key.expires_at.is_some_and(|end| end <= now) {
        return Err(Fault::expired_key());
    }
    connection
        .prepare_cached("UPDATE keys SET authn_count = authn_count + 1, last_authn = ? WHERE id = ?")?
        .execute(params![now, key.id])?;
    user(connection, &key.iam_id)?.ok_or_else(Fault::unknown_key)
}

fn by_refresh_token(connection: &Connection, token: &str, client: Client, now: i64) -> Result<User, Fault> {
    let found: Option<(String, i64)> = connection
        .prepare_cached("SELECT iam_id, expires_at FROM refresh_tokens WHERE hash = ? AND client = ?")?
        .query_row([hash(token).as_str(), client.id()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (iam_id, end) = found.ok_or_else(Fault::bad_refresh_token)?;
    if end <= now {
        return Err(Fault::expired_refresh_token());
    }
    user(connection, &iam_id)?.ok_or_else(Fault::bad_refresh_token)
}

/// The one that was used stays good: clients that run in parallel use it several times.
fn new_refresh_token(connection: &Connection, user: &User, client: Client, now: i64) -> Result<String, Fault> {
    let token = random_value();
    connection.prepare_cached("INSERT INTO refresh_tokens VALUES (?, ?, ?, ?)")?.execute(params![
        hash(&token),
        user.iam_id,
        client.id(),
        now + REFRESH_SECONDS
    ])?;
    connection.prepare_cached("DELETE FROM refresh_tokens WHERE expires_at <= ?")?.execute([now - REFRESH_SECONDS])?;
    Ok(token)
}
