//! Fills the data: with the content of a setup, or with many keys.

use rusqlite::Connection;

use super::entities::{Entity, Kind, by_name};
use super::identities::{ACCOUNT, Identity, OWNER, identity};
use super::records::{NewKey, hash, key_by};
use super::setup::{KeySetup, ServiceIdSetup, Setup};
use super::store::{Store, immediate};

impl Store {
    /// Adds the missing users, service IDs and keys of a setup, and sets the roles of existing users.
    pub(super) fn apply(&self, setup: &Setup, now: i64) -> rusqlite::Result<()> {
        if setup.users.is_empty() && setup.service_ids.is_empty() {
            return Ok(());
        }
        let mut connection = self.lock();
        let change = immediate(&mut connection)?;
        for wanted in &setup.users {
            Identity::of(wanted).insert(&change)?;
            // A user who already existed keeps their account.
            let Some(user) = identity(&change, &wanted.iam_id)? else { continue };
            for key in &wanted.keys {
                key.insert(&change, &user, &user.iam_id, now)?;
            }
        }
        for wanted in &setup.service_ids {
            wanted.insert(&change, now)?;
        }
        change.commit()
    }

    /// Fills the account up to this many keys of users: ten keys of the owner, and twenty of each other user. In
    /// addition, creates a service ID with two keys for each hundred keys, rounded up.
    pub(super) fn seed(&self, total: u32, now: i64) -> rusqlite::Result<()> {
        let mut connection = self.lock();
        let change = immediate(&mut connection)?;
        let count = |iam_id: &str| -> rusqlite::Result<u32> {
            let sql = "SELECT count(*) FROM keys WHERE iam_id LIKE ?";
            change.query_row(sql, [iam_id], |row| row.get(0))
        };
        let own = count(OWNER)?;
        for number in own..total.min(10) {
            NewKey::of(ACCOUNT, OWNER, &format!("seeded-{number:04}")).insert(&change, now)?;
        }
        let all = count("IBMid-%")?;
        for number in all..total {
            let user = Identity::seeded((number - 10) / 20);
            user.insert(&change)?;
            let name = format!("seeded-{number:04}");
            NewKey::of(&user.account_id, &user.iam_id, &name).insert(&change, now)?;
        }
        let seeded = "SELECT count(*) FROM entities WHERE name LIKE 'seeded-service-%'";
        let seeded: i64 = change.query_row(seeded, [], |row| row.get(0))?;
        for number in seeded..i64::from(total.div_ceil(100)) {
            let name = format!("seeded-service-{number:03}");
            let service_id = Entity::new(Kind::ServiceId, ACCOUNT, &name, OWNER, now);
            service_id.insert(&change)?;
            let iam_id = service_id.iam_id();
            for key in ["deploy", "read-only"] {
                let key = NewKey { created_by: OWNER, ..NewKey::of(ACCOUNT, &iam_id, key) };
                key.insert(&change, now)?;
            }
        }
        change.commit()
    }
}

impl KeySetup {
    /// Stores the key in its owner's account, unless the owner has a key with this name there, or any key has this
    /// value.
    fn insert(&self, connection: &Connection, user: &Identity, by: &str, now: i64) -> rusqlite::Result<()> {
        let there = "SELECT 1 FROM keys WHERE account_id = ? AND iam_id = ? AND name = ?";
        if connection.prepare_cached(there)?.exists([&user.account_id, &user.iam_id, &self.name])? {
            return Ok(());
        }
        // The key may have been renamed since it was created.
        if let Some(value) = &self.value
            && key_by(connection, "hash", &hash(value))?.is_some()
        {
            return Ok(());
        }
        let mut key = NewKey::of(&user.account_id, &user.iam_id, &self.name);
        key.created_by = by;
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

impl ServiceIdSetup {
    /// Stores the service ID and its keys, or only the keys if the account already has a service ID with this name.
    fn insert(&self, connection: &Connection, now: i64) -> rusqlite::Result<()> {
        let account_id = self.account_id.as_deref().unwrap_or(ACCOUNT);
        let known = by_name(connection, account_id, &self.name)?;
        let service_id = match known {
            Some(known) => known,
            None => {
                let created_by = self.created_by.as_deref().unwrap_or(OWNER);
                let mut new = Entity::new(Kind::ServiceId, account_id, &self.name, created_by, now);
                (new.description, new.locked, new.role) = (self.description.clone(), self.locked, self.role);
                new.insert(connection)?;
                new
            }
        };
        let owner = Identity::from(service_id.clone());
        self.keys.iter().try_for_each(|key| key.insert(connection, &owner, &service_id.created_by, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeding_fills_up_to_the_number_and_no_further() {
        let store = Store::in_memory(0).unwrap();
        for _ in 0..2 {
            store.seed(50, 0).unwrap();
            let connection = store.lock();
            let count = |sql: &str| -> i64 { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
            assert_eq!(count("SELECT count(*) FROM keys WHERE iam_id LIKE 'IBMid-%'"), 50);
            assert_eq!(count("SELECT count(*) FROM keys WHERE iam_id LIKE 'iam-ServiceId-%'"), 2);
            assert_eq!(count("SELECT count(*) FROM keys WHERE iam_id = 'IBMid-5500SANDBX'"), 10);
            assert_eq!(count("SELECT count(*) FROM users"), 4);
        }
    }
}
