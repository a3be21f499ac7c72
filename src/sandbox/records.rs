//! Stored keys, and the creation of keys.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::fields::new_tag;
use super::history;

/// A stored key. Its value is stored only as a hash, except for [`StoredKey::stored_value`].
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
    /// The expiry as in the request.
    pub expires_text: Option<String>,
    pub created_at: i64,
    pub created_by: String,
    pub modified_at: i64,
    pub revision: i64,
    pub tag: String,
    pub authn_count: i64,
    pub last_authn: Option<i64>,
    /// The value, if a service ID's key was created to store it.
    pub stored_value: Option<String>,
}

/// All columns of a key, in the order of [`StoredKey::read`].
pub(super) const KEY_COLUMNS: &str = "id, account_id, iam_id, name, description, locked, disabled, support_sessions, \
     action_when_leaked, expires_at, expires_text, created_at, created_by, modified_at, revision, tag, authn_count, last_authn, \
     stored_value";

/// A key that is not stored yet.
pub(super) struct NewKey<'a> {
    pub account_id: &'a str,
    pub iam_id: &'a str,
    /// The IAM ID of the creator.
    pub created_by: &'a str,
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub value: String,
    /// Whether the value is stored and can be read later.
    pub is_value_stored: bool,
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
    /// Creates a key whose creator is its owner, with the service's defaults and a random value.
    pub(super) fn of(account_id: &'a str, iam_id: &'a str, name: &'a str) -> Self {
        Self {
            account_id,
            iam_id,
            created_by: iam_id,
            name,
            description: None,
            value: random_value(),
            is_value_stored: false,
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

    /// Stores the key and returns its ID.
    pub(super) fn insert(&self, connection: &Connection, now: i64) -> rusqlite::Result<String> {
        let id = format!("ApiKey-{}", uuid::Uuid::new_v4());
        connection
            .prepare_cached(
                "INSERT INTO keys (id, account_id, iam_id, name, description, hash, locked, disabled, \
                 support_sessions, action_when_leaked, expires_at, expires_text, created_at, created_by, modified_at, \
                 revision, tag, authn_count, last_authn, stored_value) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?17, ?13, 1, ?14, ?15, ?16, ?18)",
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
                self.created_by,
                self.is_value_stored.then_some(&self.value),
            ])?;
        history::record(connection, &id, self.created_by, "CREATE", now)?;
        Ok(id)
    }
}

impl StoredKey {
    /// Reads a row with [`KEY_COLUMNS`].
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
            stored_value: row.get(18)?,
        })
    }

    /// Returns the entity tag, `<revision>-<tag>`.
    pub(super) fn entity_tag(&self) -> String {
        format!("{}-{}", self.revision, self.tag)
    }
}

/// Returns the number of keys of an identity in an account.
pub(super) fn count(connection: &Connection, account_id: &str, iam_id: &str) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT count(*) FROM keys WHERE account_id = ? AND iam_id = ?")?
        .query_row([account_id, iam_id], |row| row.get(0))
}

/// Returns the key whose column has this value.
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

/// Returns the hash under which a secret value is stored: SHA-256 in hexadecimal.
pub(super) fn hash(value: &str) -> String {
    hex(digest(&SHA256, value.as_bytes()).as_ref())
}

/// Returns 33 random bytes in base64url, which is the service's own format: 44 characters.
pub(super) fn random_value() -> String {
    let mut bytes = [0; 33];
    // This fails only on systems without random numbers, where TLS does not work either.
    let _ = SystemRandom::new().fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
