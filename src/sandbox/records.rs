//! Users and keys as they are stored: rows and what makes them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::setup::{KeySetup, Role, UserSetup};

/// The account of the owner, and of everybody who has none of their own.
pub(super) const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";

/// The user whose sandbox it is.
pub(super) const OWNER: &str = "IBMid-5500SANDBX";

/// Somebody who can have keys.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub iam_id: String,
    /// The account that it acts in; as it is stored, its own.
    pub account_id: String,
    pub email: String,
    pub given_name: String,
    pub family_name: String,
    pub role: Role,
}

/// The one trusted profile, which compute resources can act as.
pub(super) const PROFILE: &str = "iam-Profile-5a0d0000-0000-4000-8000-000000000001";

/// Its name.
pub(super) const PROFILE_NAME: &str = "sandbox-profile";

/// A key as it is stored; its value only as a hash.
#[derive(Debug, Clone)]
pub(super) struct StoredKey {
    pub id: String,
    pub account_id: String,
    pub iam_id: String,
    pub name: String,
    pub description: Option<String>,
    pub locked: bool,
    pub disabled: bool,
    pub support_sessions: bool,
    pub action_when_leaked: String,
    pub expires_at: Option<i64>,
    /// As it was sent.
    pub expires_text: Option<String>,
    pub created_at: i64,
    pub created_by: String,
    pub modified_at: i64,
    pub revision: i64,
    pub tag: String,
    pub authn_count: i64,
    pub last_authn: Option<i64>,
}

/// All columns of a key, in the order of [`StoredKey::read`].
pub(super) const KEY_COLUMNS: &str = "id, account_id, iam_id, name, description, locked, disabled, support_sessions, \
     action_when_leaked, expires_at, expires_text, created_at, created_by, modified_at, revision, tag, authn_count, last_authn";

/// A key to be stored.
pub(super) struct NewKey<'a> {
    pub account_id: &'a str,
    pub iam_id: &'a str,
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub value: String,
    pub locked: bool,
    pub disabled: bool,
    pub support_sessions: bool,
    pub action_when_leaked: &'a str,
    pub expires_at: Option<i64>,
    pub expires_text: Option<&'a str>,
    pub authn_count: u32,
    pub last_authn: Option<i64>,
}

impl<'a> NewKey<'a> {
    /// A key with the service's defaults and a value of its own.
    pub(super) fn of(account_id: &'a str, iam_id: &'a str, name: &'a str) -> Self {
        Self {
            account_id,
            iam_id,
            name,
            description: None,
            value: random_value(),
            locked: false,
            disabled: false,
            support_sessions: false,
            action_when_leaked: "disable",
            expires_at: None,
            expires_text: None,
            authn_count: 0,
            last_authn: None,
        }
    }

    /// Stores it and returns its id.
    pub(super) fn insert(&self, connection: &Connection, now: i64) -> rusqlite::Result<String> {
        let id = format!("ApiKey-{}", uuid::Uuid::new_v4());
        connection
            .prepare_cached(
                "INSERT INTO keys (id, account_id, iam_id, name, description, hash, locked, disabled, \
                 support_sessions, action_when_leaked, expires_at, expires_text, created_at, created_by, modified_at, \
                 revision, tag, authn_count, last_authn) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?3, ?13, 1, ?14, ?15, ?16)",
            )?
            .execute(params![
                id,
                self.account_id,
                self.iam_id,
                self.name,
                self.description,
                hash(&self.value),
                self.locked,
                self.disabled,
                self.support_sessions,
                self.action_when_leaked,
                self.expires_at,
                self.expires_text,
                now,
                new_tag(),
                self.authn_count,
                self.last_authn,
            ])?;
        record(connection, &id, self.iam_id, "CREATE", now)?;
        Ok(id)
    }
}

impl KeySetup {
    /// Stores the key in its user's own account, unless they have one of that name there already.
    pub(super) fn insert(&self, connection: &Connection, user: &User, now: i64) -> rusqlite::Result<()> {
        let there = "SELECT 1 FROM keys WHERE account_id = ? AND iam_id = ? AND name = ?";
        if connection.prepare_cached(there)?.exists([&user.account_id, &user.iam_id, &self.name])? {
            return Ok(());
        }
        let mut key = NewKey::of(&user.account_id, &user.iam_id, &self.name);
        key.description = self.description.as_deref();
        if let Some(value) = &self.value {
            key.value.clone_from(value);
        }
        key.locked = self.locked;
        key.disabled = self.disabled;
        key.expires_at = self.expires.map(|span| now + span.0);
        key.authn_count = self.uses;
        key.last_authn = self.last_used.map(|span| now - span.0);
        key.insert(connection, now - self.age.map_or(0, |span| span.0)).map(drop)
    }
}

impl User {
    /// The user of a setup.
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

    /// The trusted profile.
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

    /// Whether it may see and change everybody's keys.
    pub(super) fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }

    /// Whether it is a trusted profile and not a person.
    pub(super) fn is_profile(&self) -> bool {
        self.iam_id.starts_with("iam-Profile-")
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
                match self.role {
                    Role::Administrator => "administrator",
                    Role::Member => "member",
                    Role::Restricted => "restricted",
                },
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
            role: match row.get::<_, String>(5)?.as_str() {
                "administrator" => Role::Administrator,
                "member" => Role::Member,
                _ => Role::Restricted,
            },
        })
    }
}

impl StoredKey {
    /// Reads [`KEY_COLUMNS`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            account_id: row.get(1)?,
            iam_id: row.get(2)?,
            name: row.get(3)?,
            description: row.get(4)?,
            locked: row.get(5)?,
            disabled: row.get(6)?,
            support_sessions: row.get(7)?,
            action_when_leaked: row.get(8)?,
            expires_at: row.get(9)?,
            expires_text: row.get(10)?,
            created_at: row.get(11)?,
            created_by: row.get(12)?,
            modified_at: row.get(13)?,
            revision: row.get(14)?,
            tag: row.get(15)?,
            authn_count: row.get(16)?,
            last_authn: row.get(17)?,
        })
    }

    /// `<revision>-<hash>`.
    pub(super) fn entity_tag(&self) -> String {
        format!("{}-{}", self.revision, self.tag)
    }
}

/// The user, if there is one.
pub(super) fn user(connection: &Connection, iam_id: &str) -> rusqlite::Result<Option<User>> {
    connection.prepare_cached("SELECT * FROM users WHERE iam_id = ?")?.query_row([iam_id], User::read).optional()
}

/// Of the users whose own account this is, the first.
pub(super) fn first_user_of(connection: &Connection, account_id: &str) -> rusqlite::Result<Option<User>> {
    connection
        .prepare_cached("SELECT * FROM users WHERE account_id = ? ORDER BY rowid LIMIT 1")?
        .query_row([account_id], User::read)
        .optional()
}

/// The key whose column has this value.
pub(super) fn key_by(
    connection: &Connection,
    column: &'static str,
    value: &str,
) -> rusqlite::Result<Option<StoredKey>> {
    connection
        .prepare_cached(&format!("SELECT {KEY_COLUMNS} FROM keys WHERE {column} = ?"))?
        .query_row([value], StoredKey::read)
        .optional()
}

/// Adds an entry to a key's history.
pub(super) fn record(connection: &Connection, id: &str, iam_id: &str, action: &str, now: i64) -> rusqlite::Result<()> {
    let message = format!("{action} by {iam_id}");
    connection
        .prepare_cached("INSERT INTO history VALUES (?, ?, ?, ?, ?)")?
        .execute(params![id, now, iam_id, action, message])
        .map(drop)
}

/// The form in which values are kept.
pub(super) fn hash(value: &str) -> String {
    hex(digest(&SHA256, value.as_bytes()).as_ref())
}

/// 33 random bytes in base64url, the service's own form: 44 characters.
pub(super) fn random_value() -> String {
    let mut bytes = [0; 33];
    // Fails only on systems without random numbers, where TLS would not work either.
    let _ = SystemRandom::new().fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The second half of an entity tag.
pub(super) fn new_tag() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
