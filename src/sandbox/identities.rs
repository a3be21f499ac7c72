//! Identities, which can log in and have keys: users, the trusted profile, and service IDs.
//!
//! Memberships in other accounts are in the setup, not in the data: they exist only while a server with it runs.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::entities::{self, Entity, is_service_id};
use super::error::Refusal;
use super::setup::{Role, Setup, UserSetup};

/// The account of the owner, and of all users without an account of their own.
pub(super) const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";

/// The owner of the sandbox.
pub(super) const OWNER: &str = "IBMid-5500SANDBX";

/// An identity that can log in: a user, the trusted profile or a service ID.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub iam_id: String,
    /// The account in which it acts; in stored data, its own account.
    pub account_id: String,
    pub email: String,
    pub given_name: String,
    pub family_name: String,
    pub role: Role,
}

/// The IAM ID of the only trusted profile, which compute resources can use.
pub(super) const PROFILE: &str = "iam-Profile-5a0d0000-0000-4000-8000-000000000001";

/// The name of the trusted profile.
pub(super) const PROFILE_NAME: &str = "sandbox-profile";

impl Identity {
    /// Returns the identity of a user in the setup.
    pub(super) fn of(setup: &UserSetup) -> Self {
        let name = setup.email.split('@').next().unwrap_or_default();
        Self {
            iam_id: setup.iam_id.clone(),
            account_id: setup.account_id.clone().unwrap_or_else(|| ACCOUNT.to_owned()),
            email: setup.email.clone(),
            given_name: name.to_owned(),
            family_name: String::new(),
            role: setup.role,
        }
    }

    /// Returns the identity of the trusted profile.
    pub(super) fn profile() -> Self {
        Self {
            iam_id: PROFILE.to_owned(),
            account_id: ACCOUNT.to_owned(),
            email: String::new(),
            given_name: PROFILE_NAME.to_owned(),
            family_name: String::new(),
            role: Role::Restricted,
        }
    }

    /// Whether it may see and change the keys of everyone in its account.
    pub(super) fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }

    /// Returns the `sub_type` of its tokens; `None` for a user.
    pub(super) fn sub_type(&self) -> Option<&'static str> {
        match &self.iam_id {
            id if is_service_id(id) => Some("ServiceId"),
            id if id.starts_with("iam-Profile-") => Some("Profile"),
            _ => None,
        }
    }

    /// Whether it may see and change the keys of an identity in its account: its own, those of a service ID that it
    /// created, and, as an administrator, those of everyone.
    pub(super) fn may_manage(&self, connection: &Connection, iam_id: &str) -> rusqlite::Result<bool> {
        if self.iam_id == iam_id || self.is_administrator() {
            return Ok(true);
        }
        Ok(entities::by_iam_id(connection, iam_id)?.is_some_and(|service_id| service_id.created_by == self.iam_id))
    }

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

    /// Returns the error for an action that it has no rights for.
    pub(super) fn forbidden(&self, action: &str) -> Refusal {
        Refusal::forbidden(action, &self.iam_id, &self.account_id)
    }

    pub(super) fn owner() -> Self {
        Self {
            iam_id: OWNER.to_owned(),
            account_id: ACCOUNT.to_owned(),
            email: "you@example.com".to_owned(),
            given_name: "You".to_owned(),
            family_name: "Example".to_owned(),
            role: Role::Administrator,
        }
    }

    pub(super) fn seeded(number: u32) -> Self {
        Self {
            iam_id: format!("IBMid-55SEED{number:04}"),
            account_id: ACCOUNT.to_owned(),
            email: format!("user{number}@example.com"),
            given_name: "User".to_owned(),
            family_name: number.to_string(),
            role: Role::Member,
        }
    }

    pub(super) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role",
            )?
            .execute(params![
                self.iam_id,
                self.account_id,
                self.email,
                self.given_name,
                self.family_name,
                self.role.word(),
            ])
            .map(drop)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            iam_id: row.get(0)?,
            account_id: row.get(1)?,
            email: row.get(2)?,
            given_name: row.get(3)?,
            family_name: row.get(4)?,
            role: Role::from_word(&row.get::<_, String>(5)?),
        })
    }
}

impl From<Entity> for Identity {
    fn from(service_id: Entity) -> Self {
        Self {
            iam_id: service_id.iam_id(),
            account_id: service_id.account_id,
            email: String::new(),
            given_name: service_id.name,
            family_name: String::new(),
            role: service_id.role,
        }
    }
}

/// Returns the identity with this IAM ID, if it exists.
pub(super) fn identity(connection: &Connection, iam_id: &str) -> rusqlite::Result<Option<Identity>> {
    if is_service_id(iam_id) {
        return Ok(entities::by_iam_id(connection, iam_id)?.map(Identity::from));
    }
    connection.prepare_cached("SELECT * FROM users WHERE iam_id = ?")?.query_row([iam_id], Identity::read).optional()
}

/// Returns the first user whose own account this is.
pub(super) fn first_user_of(connection: &Connection, account_id: &str) -> rusqlite::Result<Option<Identity>> {
    connection
        .prepare_cached("SELECT * FROM users WHERE account_id = ? ORDER BY rowid LIMIT 1")?
        .query_row([account_id], Identity::read)
        .optional()
}

/// Whether a text has the format of an account ID: 32 hexadecimal digits in lower case.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
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
