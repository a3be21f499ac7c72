//! Reads a setup file, with checks that its types do not cover.

use std::collections::BTreeSet;

use super::fault::Fault;
use super::identities::{OWNER, is_account_id};
use super::setup::{Choices, KeySetup, Setup, YEAR};

impl Setup {
    /// Reads the text of a setup file.
    ///
    /// # Errors
    /// The place and the reason of the error, on several lines.
    pub fn read(text: &str) -> Result<Self, String> {
        let setup: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        setup.check()?;
        Ok(setup)
    }

    /// Returns an error for values that the types allow but the sandbox does not.
    fn check(&self) -> Result<(), String> {
        check_choices(&self.choices)?;
        for fault in &self.faults {
            fault.parse::<Fault>().map_err(|error| format!("faults: {error}"))?;
        }
        if self.limits.request_seconds == 0 {
            return Err("limits.request_seconds must be 1 or more".to_owned());
        }
        let lifetimes = &self.lifetimes;
        if [lifetimes.access_token, lifetimes.refresh_token, lifetimes.passcode].contains(&0) {
            return Err("lifetimes: a lifetime must be longer than 0 seconds".to_owned());
        }
        self.check_users()?;
        self.check_accounts()
    }

    fn check_users(&self) -> Result<(), String> {
        let (mut users, mut values) = (BTreeSet::new(), BTreeSet::new());
        for user in &self.users {
            if !users.insert(&user.iam_id) {
                return Err(format!("users: '{}' is listed twice", user.iam_id));
            }
            if !user.iam_id.starts_with("IBMid-") {
                return Err(format!("users: '{}' is not the iam_id of a user, which starts with IBMid-", user.iam_id));
            }
            if user.account_id.as_deref().is_some_and(|id| !is_account_id(id)) {
                return Err(format!("users: the account_id of '{}' is not 32 hexadecimal digits", user.iam_id));
            }
            if user.iam_id.contains(char::is_whitespace) {
                return Err(format!("users: '{}' is not a valid iam_id", user.iam_id));
            }
            check_keys("users", &user.keys, &mut values)?;
        }
        let mut names = BTreeSet::new();
        for service_id in &self.service_ids {
            if !names.insert((&service_id.account_id, &service_id.name)) {
                return Err(format!("service_ids: '{}' is listed twice", service_id.name));
            }
            if service_id.name.trim().is_empty() {
                return Err("service_ids: a service ID needs a name".to_owned());
            }
            if service_id.account_id.as_deref().is_some_and(|id| !is_account_id(id)) {
                return Err(format!(
                    "service_ids: the account_id of '{}' is not 32 hexadecimal digits",
                    service_id.name
                ));
            }
            if let Some(by) = &service_id.created_by
                && by != OWNER
                && !self.users.iter().any(|user| user.iam_id == *by)
            {
                return Err(format!(
                    "service_ids: '{by}', who created '{}', is not a user of this setup",
                    service_id.name
                ));
            }
            check_keys("service_ids", &service_id.keys, &mut values)?;
        }
        Ok(())
    }

    fn check_accounts(&self) -> Result<(), String> {
        let mut ids = BTreeSet::new();
        for account in &self.accounts {
            let (id, name) = (&account.id, &account.name);
            if !is_account_id(id) {
                return Err(format!("accounts: the id '{id}' is not 32 hexadecimal digits in lower case"));
            }
            if !ids.insert(id) {
                return Err(format!("accounts: '{id}' is listed twice"));
            }
            if name.trim().is_empty() {
                return Err(format!("accounts: '{id}' needs a name"));
            }
            let mut members = BTreeSet::new();
            for member in &account.members {
                if member != OWNER && !self.users.iter().any(|user| user.iam_id == *member) {
                    return Err(format!("accounts: the member '{member}' of '{name}' is not a user of this setup"));
                }
                if !members.insert(member) {
                    return Err(format!("accounts: '{member}' is a member of '{name}' twice"));
                }
            }
        }
        Ok(())
    }
}

fn check_keys<'a>(table: &str, keys: &'a [KeySetup], values: &mut BTreeSet<&'a String>) -> Result<(), String> {
    for key in keys {
        let short = key.value.as_ref().is_some_and(|value| value.chars().count() < 32);
        if key.name.is_empty() || short {
            let name = &key.name;
            return Err(format!("{table}: key '{name}' needs a name, and a value of 32 characters or none"));
        }
        if key.value.as_ref().is_some_and(|value| !values.insert(value)) {
            return Err(format!("{table}: the value of key '{}' is listed twice", key.name));
        }
    }
    Ok(())
}

fn check_choices(choices: &Choices) -> Result<(), String> {
    for (name, status, allowed) in [
        ("locked_status", choices.locked_status, &[409, 422][..]),
        ("repeated_status", choices.repeated_status, &[204, 409]),
        ("taken_value_status", choices.taken_value_status, &[400, 409, 422]),
        ("not_implemented_status", choices.not_implemented_status, &[404, 501]),
    ] {
        if !allowed.contains(&status) {
            return Err(format!("choices.{name} is {status}, but must be one of {allowed:?}"));
        }
    }
    for attribute in &choices.filter_attributes {
        if !super::filter::MORE_ATTRIBUTES.contains(&attribute.as_str()) {
            let known = super::filter::MORE_ATTRIBUTES.join(", ");
            return Err(format!("choices.filter_attributes has '{attribute}', but supports only {known}"));
        }
    }
    if choices.conflict_code.is_empty() || choices.expired_key_code.is_empty() {
        return Err("choices: a code must not be empty".to_owned());
    }
    let offset = choices.clock_offset;
    if !(-YEAR..=YEAR).contains(&offset) {
        return Err(format!(
            "choices.clock_offset is {offset}, but the limit is {YEAR} seconds, a year, in either direction"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, part) in [
            ("limits.keys = 3", "unknown field `keys`, expected one of `keys_per_identity`"),
            ("[lifetimes]\naccess_token = \"long\"", "line 2"),
            ("[lifetimes]\naccess_token = -1", "line 2"),
            ("choices.locked_status = 400", "choices.locked_status is 400, but must be one of [409, 422]"),
            ("choices.filter_attributes = [\"crn\"]", "has 'crn'"),
            ("choices.expires_at = \"never\"", "expected `minutes` or `as-sent`"),
            ("choices.clock_offset = 31536001", "clock_offset is 31536001, but the limit is 31536000 seconds, a year"),
            ("choices.clock_offset = -9223372036854775808", "a year, in either direction"),
            ("choices.clock_offset = \"2h\"", "invalid type: string"),
            ("faults = [\"explode\"]", "faults: 'explode' is invalid"),
            ("[[users]]\nemail = \"a\"", "missing field `iam_id`"),
            ("[[users]]\niam_id = \"IBMid-a\"\nrole = \"king\"", "unknown variant `king`"),
            ("[[users]]\niam_id = \"IBMid-a b\"", "'IBMid-a b' is not a valid iam_id"),
            (
                "[[users]]\niam_id = \"IBMid-a\"\nkeys = [{ name = \"k\", value = \"short\" }]",
                "a value of 32 characters",
            ),
            ("[[users]]\niam_id = \"IBMid-a\"\nkeys = [{ name = \"k\", age = \"1y\" }]", "'1y' is not a time"),
            ("[[users]]\niam_id = \"IBMid-a\"\nkeys = [{ name = \"k\", age = \"ü\" }]", "'ü' is not a time"),
            ("[[users]]\niam_id = \"iam-ServiceId-1\"", "which starts with IBMid-"),
            ("users = [{ iam_id = \"IBMid-a\" }, { iam_id = \"IBMid-a\" }]", "'IBMid-a' is listed twice"),
            ("[[users]]\niam_id = \"IBMid-a\"\nkeys = [{ name = \"k\", age = \"99999d\" }]", "longer than 100 years"),
            (
                "[[users]]\niam_id = \"IBMid-a\"\nkeys = [{ name = \"a\", value = \"0123456789012345678901234567890123\" }, \
                 { name = \"b\", value = \"0123456789012345678901234567890123\" }]",
                "the value of key 'b' is listed twice",
            ),
            ("[[users]]\niam_id = \"IBMid-a\"\naccount_id = \"mine\"", "is not 32 hexadecimal digits"),
            ("choices.passcode_without_account = \"home\"", "expected `account` or `none`"),
            ("[[accounts]]\nid = \"ffffffffffffffffffffffffffffffff\"", "missing field `name`"),
            ("[[accounts]]\nid = \"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\"\nname = \"A\"", "is not 32 hexadecimal digits"),
            ("[[accounts]]\nid = \"ffffffffffffffffffffffffffffffff\"\nname = \"\"", "needs a name"),
            (
                "accounts = [{ id = \"ffffffffffffffffffffffffffffffff\", name = \"A\" }, \
                 { id = \"ffffffffffffffffffffffffffffffff\", name = \"B\" }]",
                "'ffffffffffffffffffffffffffffffff' is listed twice",
            ),
            (
                "[[accounts]]\nid = \"ffffffffffffffffffffffffffffffff\"\nname = \"A\"\nmembers = [\"IBMid-a\"]",
                "the member 'IBMid-a' of 'A' is not a user of this setup",
            ),
            (
                "[[accounts]]\nid = \"ffffffffffffffffffffffffffffffff\"\nname = \"A\"\n\
                 members = [\"IBMid-5500SANDBX\", \"IBMid-5500SANDBX\"]",
                "'IBMid-5500SANDBX' is a member of 'A' twice",
            ),
            ("[[service_ids]]\nname = \"\"", "needs a name"),
            ("[[service_ids]]\nname = \"s\"\naccount_id = \"x\"", "the account_id of 's' is not 32"),
            ("[[service_ids]]\nname = \"s\"\ncreated_by = \"IBMid-x\"", "'IBMid-x', who created 's', is not a user"),
            ("[[service_ids]]\nname = \"s\"\nkeys = [{ name = \"\" }]", "service_ids: key '' needs a name"),
            ("limits.request_seconds = 0", "must be 1 or more"),
            ("choices.not_implemented_status = 200", "must be one of [404, 501]"),
            ("choices.issuer = \"ibm\"", "expected `sandbox` or `service`"),
            ("lifetimes.access_token = 0", "a lifetime must be longer than 0 seconds"),
            ("not toml", "line 1"),
        ] {
            let error = Setup::read(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn a_clock_may_be_off_by_a_year_either_way() {
        for offset in [YEAR, -YEAR, 0] {
            let setup = Setup::read(&format!("choices.clock_offset = {offset}")).unwrap();
            assert_eq!(setup.choices.clock_offset, offset);
        }
    }
}
