//! The login for each grant of the token endpoint, and what a login changes in the data.

use rusqlite::{Connection, OptionalExtension, params};

use super::call::Call;
use super::error::Refusal;
use super::identities::{ACCOUNT, Identity, PROFILE, PROFILE_NAME, identity, is_account_id};
use super::records::{hash, key_by, random_value};
use super::setup::Unchosen;
use super::store::immediate;

/// The value of the field `refresh_token` if no refresh token is issued.
pub(super) const NOT_SUPPORTED: &str = "not_supported";

/// The client: none for the SDKs, `bx:bx` for IBM's command line, and an ID for others. The secrets of other clients
/// are not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Client {
    Default,
    Cli,
    Other(String),
}

impl Client {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Default => "default",
            Self::Cli => "bx",
            Self::Other(id) => id,
        }
    }
}

/// A login: the user, the account, and the proof.
pub(super) struct Login {
    pub user: Identity,
    /// The account of its tokens; `None` until an account is selected.
    pub account: Option<String>,
    /// Whether the login is valid for that account only, as with a key.
    bound: bool,
    proof: Proof,
}

/// The proof with which a client logs in.
enum Proof {
    /// The ID of the key.
    Key(String),
    /// With the ID of the key, if the first login used a key.
    RefreshToken(Option<String>),
    /// The hash of the passcode.
    Passcode(String),
    ComputeResource,
}

impl Login {
    /// Switches to the account in the request, if the request names one and the user is a member of it.
    pub(super) fn choose(mut self, call: &Call) -> Result<Self, Refusal> {
        if let Ok(asked) = call.field("account") {
            if self.bound && self.account.as_ref() != Some(&asked) {
                return Err(Refusal::not_a_member());
            }
            self.account = Some(asked);
        }
        match &self.account {
            Some(account) if !self.user.accounts(&call.app.setup).contains(&account.as_str()) => {
                Err(Refusal::not_a_member())
            }
            _ => Ok(self),
        }
    }

    /// Returns a new refresh token. It is opaque to clients; the service reads the account from its end: `.ACCOUNT`,
    /// `.ACCOUNT.key` if the login is bound to the account, or `.` for no account.
    pub(super) fn refresh_token(&self) -> String {
        let bound = if self.bound { ".key" } else { "" };
        format!("{}.{}{bound}", random_value(), self.account.as_deref().unwrap_or_default())
    }

    /// Returns the account of a refresh token, and whether the login is bound to it; `None` if the end is invalid.
    fn purpose(token: &str) -> Option<(Option<String>, bool)> {
        let (_, end) = token.split_once('.')?;
        if end.is_empty() {
            return Some((None, false));
        }
        let (account, bound) = end.strip_suffix(".key").map_or((end, false), |account| (account, true));
        is_account_id(account).then(|| (Some(account.to_owned()), bound))
    }

    /// Logs in with the value of an API key.
    pub(super) fn by_api_key(call: &Call, connection: &Connection) -> Result<Login, Refusal> {
        let key = key_by(connection, "hash", &hash(&call.field("apikey")?))?.ok_or_else(Refusal::unknown_key)?;
        if key.disabled {
            return Err(Refusal::disabled_key());
        }
        if key.expires_at.is_some_and(|end| end <= call.now) {
            return Err(Refusal::expired_key(&call.app.setup.choices));
        }
        if !is_tenant(call, &key.account_id) {
            return Err(Refusal::unknown_key());
        }
        let user = identity(connection, &key.iam_id)?.ok_or_else(Refusal::unknown_key)?;
        Ok(Self { user, account: Some(key.account_id), bound: true, proof: Proof::Key(key.id) })
    }

    /// Logs in with a refresh token of this client.
    pub(super) fn by_refresh_token(
        connection: &Connection,
        token: &str,
        client: &Client,
        now: i64,
    ) -> Result<Login, Refusal> {
        let found: Option<(String, i64, Option<String>)> = connection
            .prepare_cached("SELECT iam_id, expires_at, key FROM refresh_tokens WHERE hash = ? AND client = ?")?
            .query_row([hash(token).as_str(), client.id()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (iam_id, end, key) = found.ok_or_else(Refusal::bad_refresh_token)?;
        // A login with a key ends when the key is disabled or deleted.
        if let Some(key) = &key
            && key_by(connection, "id", key)?
                .is_none_or(|key| key.disabled || key.expires_at.is_some_and(|end| end <= now))
        {
            return Err(Refusal::bad_refresh_token());
        }
        if end <= now {
            return Err(Refusal::expired_refresh_token());
        }
        let user = identity(connection, &iam_id)?.ok_or_else(Refusal::bad_refresh_token)?;
        let (account, bound) = Self::purpose(token).ok_or_else(Refusal::bad_refresh_token)?;
        Ok(Self { user, account, bound, proof: Proof::RefreshToken(key) })
    }

    /// Logs in with a passcode, which is valid once, in any account of its user. The account may be selected later.
    pub(super) fn by_passcode(call: &Call, connection: &Connection) -> Result<Login, Refusal> {
        let passcode = hash(&call.field("passcode")?);
        let found: Option<(String, i64)> = connection
            .prepare_cached("SELECT iam_id, expires_at FROM passcodes WHERE hash = ?")?
            .query_row([&passcode], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (iam_id, _) = found.filter(|(_, end)| *end > call.now).ok_or_else(Refusal::bad_passcode)?;
        let user = identity(connection, &iam_id)?.ok_or_else(Refusal::bad_passcode)?;
        let setup = &call.app.setup;
        let no_choice = setup.choices.passcode_without_account == Unchosen::Account && user.accounts(setup).len() == 1;
        let account = no_choice.then(|| user.account_id.clone());
        Ok(Self { user, account, bound: false, proof: Proof::Passcode(passcode) })
    }

    /// Logs in as the trusted profile, with a compute resource token.
    pub(super) fn by_compute_resource(call: &Call, connection: &Connection) -> Result<Login, Refusal> {
        if !call.app.signer.is_compute_resource(&call.field("cr_token")?, call.now) {
            return Err(Refusal::malformed_token());
        }
        let id = PROFILE.trim_start_matches("iam-");
        let named = [
            ("profile_id", [id.to_owned(), PROFILE.to_owned()]),
            ("profile_name", [PROFILE_NAME.to_owned(), String::new()]),
            ("profile_crn", [profile_crn(), String::new()]),
        ];
        let mut given = named.iter().filter_map(|(field, known)| Some((call.field(field).ok()?, known)));
        let (asked, known) = given.next().ok_or_else(|| Refusal::missing("profile_id"))?;
        if !known.contains(&asked) {
            return Err(Refusal::no_profile());
        }
        if !is_tenant(call, ACCOUNT) {
            return Err(Refusal::no_profile());
        }
        let user = identity(connection, PROFILE)?.ok_or_else(Refusal::no_profile)?;
        Ok(Self { user, account: Some(ACCOUNT.to_owned()), bound: true, proof: Proof::ComputeResource })
    }

    /// Stores all changes of a login in one transaction: deletes a used passcode, counts the use of a key, and stores a
    /// refresh token.
    pub(super) fn record(
        &self,
        call: &Call,
        connection: &mut Connection,
        client: &Client,
        refresh_token: Option<&str>,
    ) -> Result<(), Refusal> {
        let change = immediate(connection)?;
        if let Proof::Passcode(passcode) = &self.proof
            && change.prepare_cached("DELETE FROM passcodes WHERE hash = ?")?.execute([passcode])? == 0
        {
            return Err(Refusal::bad_passcode());
        }
        if let Proof::Key(key) = &self.proof {
            change
                .prepare_cached("UPDATE keys SET authn_count = authn_count + 1, last_authn = ? WHERE id = ?")?
                .execute(params![call.now, key])?;
        }
        if let Some(token) = refresh_token.filter(|token| *token != NOT_SUPPORTED) {
            self.store_refresh_token(call, &change, client, token)?;
        }
        Ok(change.commit()?)
    }

    /// Stores a refresh token. A used one stays valid, because clients that run in parallel use it several times.
    fn store_refresh_token(
        &self,
        call: &Call,
        connection: &Connection,
        client: &Client,
        token: &str,
    ) -> Result<(), Refusal> {
        let key = match &self.proof {
            Proof::Key(key) => Some(key),
            Proof::RefreshToken(key) => key.as_ref(),
            Proof::Passcode(_) | Proof::ComputeResource => None,
        };
        let expires = call.now + i64::from(call.app.setup.lifetimes.refresh_token);
        connection.prepare_cached("INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, ?)")?.execute(params![
            hash(token),
            self.user.iam_id,
            client.id(),
            expires,
            key,
        ])?;
        // An expired token stays in the data for a while, so that its error differs from that of an unknown token. This
        // uses the real time, so that a clock that is ahead for one request does not delete valid tokens.
        let forget =
            call.now.min((call.app.clock)().as_second()) - i64::from(call.app.setup.lifetimes.refresh_token) - 86_400;
        connection.prepare_cached("DELETE FROM refresh_tokens WHERE expires_at <= ?")?.execute([forget])?;
        Ok(())
    }
}

/// Whether the account is one of those that the client accepts; true if the client names none.
fn is_tenant(call: &Call, account_id: &str) -> bool {
    call.header("ibm-cloud-tenant").is_none_or(|tenants| tenants.split(',').any(|tenant| tenant.trim() == account_id))
}

/// Returns the cloud resource name of the trusted profile.
fn profile_crn() -> String {
    let id = PROFILE.trim_start_matches("iam-");
    format!("crn:v1:bluemix:public:iam-identity::a/{ACCOUNT}::profile:{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_says_what_it_is_for_in_one_way_only() {
        let other = "ffffffffffffffffffffffffffffffff";
        for (account, bound) in [(None, false), (Some(ACCOUNT), false), (Some(other), false), (Some(other), true)] {
            let account = account.map(str::to_owned);
            let proof = Proof::RefreshToken(None);
            let login = Login { user: Identity::owner(), account: account.clone(), bound, proof };
            assert_eq!(Login::purpose(&login.refresh_token()), Some((account, bound)));
        }
        for end in ["", ".x", "..", ".key", "..key", ".FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"] {
            assert!(Login::purpose(&format!("{}{end}", random_value())).is_none(), "{end}");
        }
        assert!(Login::purpose(&format!("r.{other}.")).is_none());
    }
}
