//! How a sandbox is set up by a TOML file: users and their keys, limits, lifetimes, faults, and the points that
//! IBM's documentation leaves open.

use std::collections::BTreeSet;

use serde::Deserialize;

/// The whole file; every part of it may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// Faults, as `--fault` takes them.
    pub faults: Vec<String>,
    /// How much there may be.
    pub limits: Limits,
    /// How long things are good.
    pub lifetimes: Lifetimes,
    /// What the documentation leaves open.
    pub choices: Choices,
    /// Users beside the owner, or the owner with other rights.
    pub users: Vec<UserSetup>,
}

/// How much there may be.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Keys of one user; the service's own limit is 20.
    pub keys_per_identity: u32,
    /// Longest name in characters; the documentation gives none.
    pub name: Option<usize>,
    /// Longest description in characters.
    pub description: Option<usize>,
}

/// How long things are good, in seconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lifetimes {
    /// Access tokens: an hour.
    pub access_token: u32,
    /// Refresh tokens: three days.
    pub refresh_token: u32,
    /// One-time passcodes: five minutes.
    pub passcode: u32,
}

/// Points that are not evidenced either way; a client must not depend on any of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Choices {
    /// Status of a change or deletion of a locked key: 409 or 422.
    pub locked_status: u16,
    /// Status of locking or disabling what is so already: 204 or 409.
    pub repeated_status: u16,
    /// Status of a creation with a value that is taken: 400, 409 or 422.
    pub taken_value_status: u16,
    /// The code of conflicts.
    pub conflict_code: String,
    /// The code of an expired key at the token endpoint.
    pub expired_key_code: String,
    /// How `expires_at` comes back.
    pub expires_at: Echo,
    /// Whether reads have an empty `apikey` instead of none.
    pub empty_apikey: bool,
    /// Whether the `ETag` header has quotes.
    pub quoted_etag: bool,
    /// Whether `next` repeats the other parameters of the request.
    pub next_repeats_parameters: bool,
    /// What else can be filtered by: of `id`, `iam_id`, `created_by`.
    pub filter_attributes: Vec<String>,
    /// Whether a backslash escapes a quote in a filter.
    pub filter_escapes: bool,
    /// Seconds after its creation until `details` finds a value.
    pub details_after: u32,
}

/// How a moment comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Echo {
    /// Cut to minutes.
    Minutes,
    /// As it was sent.
    AsSent,
}

/// A user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSetup {
    /// As `IBMid-1`.
    pub iam_id: String,
    /// The user's address.
    #[serde(default)]
    pub email: String,
    /// An account of their own, of 32 hexadecimal digits; else the sandbox's.
    #[serde(default)]
    pub account_id: Option<String>,
    /// The user's rights in the account.
    #[serde(default)]
    pub role: Role,
    /// Keys to start with; those that are there by name already are left as they are.
    #[serde(default)]
    pub keys: Vec<KeySetup>,
}

/// Rights in the account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sees and changes everybody's keys.
    Administrator,
    /// Own keys alone.
    #[default]
    Member,
    /// Own keys, but not new ones: what an account's setting can take away.
    Restricted,
}

/// A key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySetup {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// A value to log in with; else one that nobody learns.
    #[serde(default)]
    pub value: Option<String>,
    /// Locked.
    #[serde(default)]
    pub locked: bool,
    /// Disabled.
    #[serde(default)]
    pub disabled: bool,
    /// When it expires, counted from now: `30d`, `-1h`.
    #[serde(default)]
    pub expires: Option<Span>,
    /// How long ago it was made.
    #[serde(default)]
    pub age: Option<Span>,
    /// How often it was used.
    #[serde(default)]
    pub uses: u32,
    /// How long ago it was last used.
    #[serde(default)]
    pub last_used: Option<Span>,
}

/// A number of seconds, written `90s`, `15m`, `12h`, `30d`, perhaps with a minus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub i64);

/// A hundred years, in seconds.
const LONGEST: i64 = 100 * 365 * 86_400;

impl Setup {
    /// Reads a file's text.
    ///
    /// # Errors
    /// Where it is wrong and why, over several lines.
    pub fn read(text: &str) -> Result<Self, String> {
        let setup: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        setup.check()?;
        Ok(setup)
    }

    /// What the types alone do not rule out.
    fn check(&self) -> Result<(), String> {
        let choices = &self.choices;
        for (name, status, allowed) in [
            ("locked_status", choices.locked_status, &[409, 422][..]),
            ("repeated_status", choices.repeated_status, &[204, 409]),
            ("taken_value_status", choices.taken_value_status, &[400, 409, 422]),
        ] {
            if !allowed.contains(&status) {
                return Err(format!("choices.{name} is {status}, but can be one of {allowed:?} only"));
            }
        }
        for attribute in &choices.filter_attributes {
            if !super::filter::MORE_ATTRIBUTES.contains(&attribute.as_str()) {
                let known = super::filter::MORE_ATTRIBUTES.join(", ");
                return Err(format!("choices.filter_attributes has '{attribute}', but can have {known} only"));
            }
        }
        for fault in &self.faults {
            fault.parse::<super::Fault>().map_err(|error| format!("faults: {error}"))?;
        }
        if choices.conflict_code.is_empty() || choices.expired_key_code.is_empty() {
            return Err("choices: a code cannot be empty".to_owned());
        }
        let lifetimes = &self.lifetimes;
        if [lifetimes.access_token, lifetimes.refresh_token, lifetimes.passcode].contains(&0) {
            return Err("lifetimes: nothing can be good for 0 seconds".to_owned());
        }
        let (mut users, mut values) = (BTreeSet::new(), BTreeSet::new());
        for user in &self.users {
            if !users.insert(&user.iam_id) {
                return Err(format!("users: '{}' is there twice", user.iam_id));
            }
            if !user.iam_id.starts_with("IBMid-") {
                return Err(format!(
                    "users: '{}' cannot be the iam_id of a user, which starts with IBMid-",
                    user.iam_id
                ));
            }
            let is_digit = |digit: char| matches!(digit, '0'..='9' | 'a'..='f');
            if user.account_id.as_ref().is_some_and(|id| id.len() != 32 || !id.chars().all(is_digit)) {
                return Err(format!("users: the account_id of '{}' is not 32 hexadecimal digits", user.iam_id));
            }
            if user.iam_id.contains(char::is_whitespace) {
                return Err(format!("users: '{}' cannot be an iam_id", user.iam_id));
            }
            for key in &user.keys {
                let short = key.value.as_ref().is_some_and(|value| value.chars().count() < 32);
                if key.name.is_empty() || short {
                    let name = &key.name;
                    return Err(format!("users: key '{name}' needs a name, and a value of 32 characters or none"));
                }
                if key.value.as_ref().is_some_and(|value| !values.insert(value)) {
                    return Err(format!("users: the value of key '{}' is there twice", key.name));
                }
            }
        }
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { keys_per_identity: 20, name: None, description: None }
    }
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self { access_token: 3600, refresh_token: 259_200, passcode: 300 }
    }
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            locked_status: 409,
            repeated_status: 204,
            taken_value_status: 400,
            conflict_code: "BXNIM0120E".to_owned(),
            expired_key_code: "BXNIM0462E".to_owned(),
            expires_at: Echo::Minutes,
            empty_apikey: false,
            quoted_etag: false,
            next_repeats_parameters: false,
            filter_attributes: Vec::new(),
            filter_escapes: false,
            details_after: 0,
        }
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not a time like 90s, 15m, 12h, 30d or -1d");
        let unit = text.chars().last().ok_or_else(wrong)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(wrong()),
        };
        let number: i32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
        let span = i64::from(number) * seconds;
        if span.abs() > LONGEST {
            return Err(format!("'{text}' is longer than 100 years"));
        }
        Ok(Self(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_service_as_it_is_documented() {
        let setup = Setup::read("").unwrap();
        assert_eq!(setup.limits.keys_per_identity, 20);
        assert_eq!(setup.lifetimes.access_token, 3600);
        assert_eq!(setup.choices.locked_status, 409);
    }

    #[test]
    fn the_example_in_the_documentation_is_right() {
        let text = include_str!("../../docs/sandbox.toml");
        let setup = Setup::read(text).unwrap();
        assert!(setup.users.len() > 1 && !setup.faults.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, part) in [
            ("limits.keys = 3", "unknown field `keys`, expected one of `keys_per_identity`"),
            ("[lifetimes]\naccess_token = \"long\"", "line 2"),
            ("[lifetimes]\naccess_token = -1", "line 2"),
            ("choices.locked_status = 400", "choices.locked_status is 400, but can be one of [409, 422] only"),
            ("choices.filter_attributes = [\"crn\"]", "has 'crn'"),
            ("choices.expires_at = \"never\"", "expected `minutes` or `as-sent`"),
            ("faults = [\"explode\"]", "faults: 'explode' is not understood"),
            ("[[users]]\nemail = \"a\"", "missing field `iam_id`"),
            ("[[users]]\niam_id = \"IBMid-a\"\nrole = \"king\"", "unknown variant `king`"),
            ("[[users]]\niam_id = \"IBMid-a b\"", "'IBMid-a b' cannot be an iam_id"),
            (
                "[[users]]\niam_id = \"IBMid-a\"\nkeys = [{ name = \"k\", value = \"short\" }]",
                "a value of 32 characters",
            ),
            ("[[users]]\niam_id = \"IBMid-a\"\nkeys = [{ name = \"k\", age = \"1y\" }]", "'1y' is not a time"),
            ("[[users]]\niam_id = \"IBMid-a\"\nkeys = [{ name = \"k\", age = \"ü\" }]", "'ü' is not a time"),
            ("[[users]]\niam_id = \"iam-ServiceId-1\"", "which starts with IBMid-"),
            ("users = [{ iam_id = \"IBMid-a\" }, { iam_id = \"IBMid-a\" }]", "'IBMid-a' is there twice"),
            ("[[users]]\niam_id = \"IBMid-a\"\nkeys = [{ name = \"k\", age = \"99999d\" }]", "longer than 100 years"),
            (
                "[[users]]\niam_id = \"IBMid-a\"\nkeys = [{ name = \"a\", value = \"0123456789012345678901234567890123\" }, \
                 { name = \"b\", value = \"0123456789012345678901234567890123\" }]",
                "the value of key 'b' is there twice",
            ),
            ("[[users]]\niam_id = \"IBMid-a\"\naccount_id = \"mine\"", "is not 32 hexadecimal digits"),
            ("lifetimes.access_token = 0", "nothing can be good for 0 seconds"),
            ("not toml", "line 1"),
        ] {
            let error = Setup::read(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
