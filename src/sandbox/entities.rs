//! Service IDs and their groups as they are stored.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::fields::{minutes, new_tag};
use super::history;
use super::setup::Role;

/// The kind of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A service ID.
    ServiceId,
    /// A group of service IDs. Its operations are documented; the format of its ID is not.
    Group,
}

impl Kind {
    /// Returns the name of the kind in errors, which is also the prefix of its IDs.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::ServiceId => "ServiceId",
            Self::Group => "ServiceIdGroup",
        }
    }

    /// Returns the name of its lists, which is also the last part of their path.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::ServiceId => "serviceids",
            Self::Group => "serviceid_groups",
        }
    }

    /// Returns the name of the kind in cloud resource names and in names of actions.
    pub(super) fn resource(self) -> &'static str {
        match self {
            Self::ServiceId => "serviceid",
            Self::Group => "serviceid-group",
        }
    }
}

/// The prefix of the IAM IDs of all service IDs.
const IAM_ID_PREFIX: &str = "iam-ServiceId-";

/// Whether an IAM ID has the format of a service ID's.
pub(super) fn is_service_id(iam_id: &str) -> bool {
    iam_id.starts_with(IAM_ID_PREFIX)
}

/// A service ID or a group.
#[derive(Debug, Clone)]
pub(super) struct Entity {
    pub kind: Kind,
    pub id: String,
    pub account_id: String,
    pub name: String,
    pub description: Option<String>,
    /// The group of a service ID; `None` for the default group.
    pub group_id: Option<String>,
    /// The CRNs of the instances that a service ID is connected to.
    pub instances: Vec<String>,
    pub locked: bool,
    /// The rights of a service ID itself.
    pub role: Role,
    pub created_by: String,
    pub created_at: i64,
    pub modified_at: i64,
    pub revision: i64,
    pub tag: String,
}

/// All columns, in the order of [`Entity::read`].
pub(super) const COLUMNS: &str = "kind, id, account_id, name, description, group_id, instances, locked, role, \
     created_by, created_at, modified_at, revision, tag";

impl Entity {
    /// Creates a new entity, which is not stored yet.
    pub(super) fn new(kind: Kind, account_id: &str, name: &str, created_by: &str, now: i64) -> Self {
        Self {
            kind,
            id: format!("{}-{}", kind.word(), uuid::Uuid::new_v4()),
            account_id: account_id.to_owned(),
            name: name.to_owned(),
            description: None,
            group_id: None,
            instances: Vec::new(),
            locked: false,
            role: Role::Restricted,
            created_by: created_by.to_owned(),
            created_at: now,
            modified_at: now,
            revision: 1,
            tag: new_tag(),
        }
    }

    /// Returns the IAM ID of a service ID, which is the `iam_id` of its keys.
    pub(super) fn iam_id(&self) -> String {
        format!("iam-{}", self.id)
    }

    /// Stores a new entity.
    pub(super) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection
            .prepare_cached(&format!(
                "INSERT INTO entities ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            ))?
            .execute(params![
                self.kind.word(),
                self.id,
                self.account_id,
                self.name,
                self.description,
                self.group_id,
                serde_json::to_string(&self.instances).unwrap_or_default(),
                self.locked,
                self.role.word(),
                self.created_by,
                self.created_at,
                self.modified_at,
                self.revision,
                self.tag,
            ])?;
        history::record(connection, &self.id, &self.created_by, "CREATE", self.created_at)
    }

    /// Stores the fields that can change, as the next version.
    pub(super) fn revise(&mut self, connection: &Connection, by: &str, action: &str, now: i64) -> rusqlite::Result<()> {
        (self.revision, self.tag, self.modified_at) = (self.revision + 1, new_tag(), now);
        connection
            .prepare_cached(
                "UPDATE entities SET name = ?, description = ?, instances = ?, locked = ?, modified_at = ?, \
                 revision = ?, tag = ? WHERE id = ?",
            )?
            .execute(params![
                self.name,
                self.description,
                serde_json::to_string(&self.instances).unwrap_or_default(),
                self.locked,
                now,
                self.revision,
                self.tag,
                self.id,
            ])?;
        history::record(connection, &self.id, by, action, now)
    }

    /// Deletes the entity, and the keys of a service ID.
    pub(super) fn delete(&self, connection: &Connection) -> rusqlite::Result<()> {
        if self.kind == Kind::ServiceId {
            let of_keys = "DELETE FROM history WHERE object IN (SELECT id FROM keys WHERE iam_id = ?)";
            connection.execute(of_keys, [self.iam_id()])?;
            connection.execute("DELETE FROM keys WHERE iam_id = ?", [self.iam_id()])?;
            connection.execute("DELETE FROM refresh_tokens WHERE iam_id = ?", [self.iam_id()])?;
        }
        connection.execute("DELETE FROM entities WHERE id = ?", [&self.id])?;
        history::forget(connection, &self.id)
    }

    /// Reads a row with [`COLUMNS`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let instances: String = row.get(6)?;
        Ok(Self {
            kind: if row.get::<_, String>(0)? == Kind::Group.word() { Kind::Group } else { Kind::ServiceId },
            id: row.get(1)?,
            account_id: row.get(2)?,
            name: row.get(3)?,
            description: row.get(4)?,
            group_id: row.get(5)?,
            instances: serde_json::from_str(&instances).unwrap_or_default(),
            locked: row.get(7)?,
            role: Role::from_word(&row.get::<_, String>(8)?),
            created_by: row.get(9)?,
            created_at: row.get(10)?,
            modified_at: row.get(11)?,
            revision: row.get(12)?,
            tag: row.get(13)?,
        })
    }

    /// Returns the entity tag, `<revision>-<tag>`.
    pub(super) fn entity_tag(&self) -> String {
        format!("{}-{}", self.revision, self.tag)
    }

    /// Returns the entity in the format of the service, with the same order of fields.
    pub(super) fn body(&self, shows_group: bool) -> Value {
        let (account, resource) = (&self.account_id, self.kind.resource());
        let mut body = json!({"id": self.id});
        if self.kind == Kind::ServiceId {
            body["iam_id"] = self.iam_id().into();
        }
        body["entity_tag"] = self.entity_tag().into();
        body["crn"] = format!("crn:v1:bluemix:public:iam-identity::a/{account}::{resource}:{}", self.id).into();
        if self.kind == Kind::ServiceId {
            body["locked"] = self.locked.into();
        }
        body["created_at"] = minutes(self.created_at).into();
        if self.kind == Kind::Group {
            body["created_by"] = self.created_by.clone().into();
        }
        body["modified_at"] = minutes(self.modified_at).into();
        body["account_id"] = account.clone().into();
        if let Some(group) = self.group_id.as_ref().filter(|_| shows_group) {
            body["group_id"] = group.clone().into();
        }
        body["name"] = self.name.clone().into();
        if let Some(description) = &self.description {
            body["description"] = description.clone().into();
        }
        if self.kind == Kind::ServiceId {
            body["unique_instance_crns"] = self.instances.clone().into();
        }
        body
    }
}

/// The ID of the group of all service IDs that are in no other group.
pub(super) const DEFAULT_GROUP: &str = "default";

/// Returns the entity with this ID.
pub(super) fn find(connection: &Connection, kind: Kind, id: &str) -> rusqlite::Result<Option<Entity>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM entities WHERE kind = ? AND id = ?"))?
        .query_row([kind.word(), id], Entity::read)
        .optional()
}

/// Returns the service ID with this IAM ID.
pub(super) fn by_iam_id(connection: &Connection, iam_id: &str) -> rusqlite::Result<Option<Entity>> {
    match iam_id.strip_prefix("iam-") {
        Some(id) if is_service_id(iam_id) => find(connection, Kind::ServiceId, id),
        _ => Ok(None),
    }
}

/// Returns the number of entities of a kind in an account.
pub(super) fn count(connection: &Connection, kind: Kind, account_id: &str) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT count(*) FROM entities WHERE kind = ? AND account_id = ?")?
        .query_row([kind.word(), account_id], |row| row.get(0))
}

/// Returns the first service ID of an account with this name.
pub(super) fn by_name(connection: &Connection, account_id: &str, name: &str) -> rusqlite::Result<Option<Entity>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM entities WHERE kind = ? AND account_id = ? AND name = ? ORDER BY seq LIMIT 1"
        ))?
        .query_row([Kind::ServiceId.word(), account_id, name], Entity::read)
        .optional()
}
