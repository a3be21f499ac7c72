//! The setup of a sandbox in a TOML file: users and their keys, service IDs, accounts, limits, lifetimes, faults, and
//! the points that IBM's documentation leaves open.

use serde::Deserialize;

/// The whole file; all parts are optional.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// Faults, in the format of `--fault`.
    pub faults: Vec<String>,
    /// Limits on numbers and sizes.
    pub limits: Limits,
    /// Lifetimes of tokens and passcodes.
    pub lifetimes: Lifetimes,
    /// The points that the documentation leaves open.
    pub choices: Choices,
    /// Users in addition to the owner, or the owner with other rights.
    pub users: Vec<UserSetup>,
    /// Service IDs.
    pub service_ids: Vec<ServiceIdSetup>,
    /// Accounts in addition to the sandbox's own.
    pub accounts: Vec<AccountSetup>,
}

/// Limits on numbers and sizes.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The maximum number of keys of one user or service ID; the service's own limit is 20.
    pub keys_per_identity: u32,
    /// The maximum number of seconds for the head of a request, and for its body.
    pub request_seconds: u32,
    /// The maximum length of a name in characters; none is documented.
    pub name: Option<usize>,
    /// The maximum length of a description in characters.
    pub description: Option<usize>,
}

/// Lifetimes of tokens and passcodes, in seconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lifetimes {
    /// Access tokens; default: one hour.
    pub access_token: u32,
    /// Refresh tokens; default: three days.
    pub refresh_token: u32,
    /// One-time passcodes; default: five minutes.
    pub passcode: u32,
}

/// Points without evidence from the service; a client must not depend on any of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Choices {
    /// Status of a change or deletion of a locked key or service ID: 409 or 422.
    pub locked_status: u16,
    /// Status of a lock, unlock, disable or enable request that changes nothing: 204 or 409.
    pub repeated_status: u16,
    /// Status of the creation of a key with a value that is taken: 400, 409 or 422.
    pub taken_value_status: u16,
    /// The message code of conflicts.
    pub conflict_code: String,
    /// The error code for an expired key at the token endpoint.
    pub expired_key_code: String,
    /// The format of `expires_at` in responses.
    pub expires_at: Echo,
    /// Whether responses to reads have an empty `apikey` instead of no `apikey`.
    pub empty_apikey: bool,
    /// Whether the value of the `ETag` header is quoted.
    pub quoted_etag: bool,
    /// Whether `next` repeats the other parameters of the request.
    pub next_repeats_parameters: bool,
    /// Additional attributes for filters: `id`, `iam_id`, `created_by`.
    pub filter_attributes: Vec<String>,
    /// Whether a backslash escapes a quote in a filter.
    pub filter_escapes: bool,
    /// Seconds after the creation of a key until `details` finds its value.
    pub details_after: u32,
    /// Seconds after the creation of a key until a request for its ID finds it.
    pub reads_after: u32,
    /// Seconds after the creation of a key until lists contain it.
    pub lists_after: u32,
    /// Whether a list without `group_id` contains service IDs, and their keys, of the default group only.
    pub default_group: bool,
    /// Whether that is also so for a list of keys with `iam_id`.
    pub default_group_with_iam_id: bool,
    /// Whether a service ID that has keys can be deleted, with its keys; never if a key is locked.
    pub delete_service_id_with_keys: bool,
    /// Status for operations that the sandbox does not implement: 501 or 404.
    pub not_implemented_status: u16,
    /// The issuer in the tokens.
    pub issuer: Issuer,
    /// Whether keys have the field `leaked`, which IBM's specification does not have.
    pub leaked_field: bool,
    /// The account of a token for a passcode, if the user has one account and the request names none.
    pub passcode_without_account: Unchosen,
    /// Seconds by which the service's clock is ahead, or behind if negative; at most one year.
    pub clock_offset: i64,
}

/// The format of a time in responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Echo {
    /// Truncated to minutes.
    Minutes,
    /// As in the request.
    AsSent,
}

/// The issuer of a token, in its claim `iss`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Issuer {
    /// The sandbox, as its URL.
    Sandbox,
    /// The public service, which validators of its tokens expect.
    Service,
}

/// The account of a token if the request names none and the user has only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unchosen {
    /// The user's account.
    Account,
    /// No account, as for users with several accounts.
    None,
}

/// An account, and its members in addition to the users whose own account it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSetup {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The display name.
    pub name: String,
    /// IAM IDs of users of this setup, or of the owner.
    #[serde(default)]
    pub members: Vec<String>,
}

/// A user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSetup {
    /// The IAM ID, for example `IBMid-1`.
    pub iam_id: String,
    /// The user's email address.
    #[serde(default)]
    pub email: String,
    /// The user's own account, 32 hexadecimal digits; default: the sandbox's account.
    #[serde(default)]
    pub account_id: Option<String>,
    /// The user's rights in the account.
    #[serde(default)]
    pub role: Role,
    /// Keys to create at start, unless the user has a key with this name or any key has this value.
    #[serde(default)]
    pub keys: Vec<KeySetup>,
}

/// Rights in an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sees and changes the keys of everyone in the account.
    Administrator,
    /// Sees and changes only its own keys, and the service IDs that it created.
    #[default]
    Member,
    /// Like a member, but a user cannot create keys for itself (an account setting of IBM Cloud can forbid that), and a
    /// service ID can only read its own keys.
    Restricted,
}

impl Role {
    /// Returns the word that is stored for the role.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Member => "member",
            Self::Restricted => "restricted",
        }
    }

    fn of_service_ids() -> Self {
        Self::Restricted
    }

    /// Returns the role for a stored word.
    pub(super) fn from_word(word: &str) -> Self {
        let known = [Self::Administrator, Self::Member];
        known.into_iter().find(|role| role.word() == word).unwrap_or(Self::Restricted)
    }
}

/// A service ID.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceIdSetup {
    /// The name; an existing service ID with this name in the account is not changed.
    pub name: String,
    /// The description.
    #[serde(default)]
    pub description: Option<String>,
    /// The account; default: the sandbox's account.
    #[serde(default)]
    pub account_id: Option<String>,
    /// The user who created it, and who can manage it without being an administrator; default: the owner.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Whether the service ID is locked.
    #[serde(default)]
    pub locked: bool,
    /// The rights of the service ID itself; by default, it can only read its own keys.
    #[serde(default = "Role::of_service_ids")]
    pub role: Role,
    /// Keys to create at start, unless the service ID has a key with this name or any key has this value.
    #[serde(default)]
    pub keys: Vec<KeySetup>,
}

/// A key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySetup {
    /// The name.
    pub name: String,
    /// The description.
    #[serde(default)]
    pub description: Option<String>,
    /// The value, to log in with; default: a random value that is not shown.
    #[serde(default)]
    pub value: Option<String>,
    /// Whether the key is locked.
    #[serde(default)]
    pub locked: bool,
    /// Whether the key is disabled.
    #[serde(default)]
    pub disabled: bool,
    /// The time until it expires, from now: `30d`, `-1h`.
    #[serde(default)]
    pub expires: Option<Span>,
    /// The time since its creation.
    #[serde(default)]
    pub age: Option<Span>,
    /// The number of logins with it.
    #[serde(default)]
    pub uses: u32,
    /// The time since its last login.
    #[serde(default)]
    pub last_used: Option<Span>,
}

/// A number of seconds, written as `90s`, `15m`, `12h` or `30d`, with an optional sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub i64);

/// A year in seconds.
pub(super) const YEAR: i64 = 365 * 86_400;

const LONGEST: i64 = 100 * YEAR;

impl Choices {
    /// Returns the time according to the service.
    pub(super) fn service_time(&self, now: i64) -> i64 {
        now.saturating_add(self.clock_offset)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { keys_per_identity: 20, request_seconds: 30, name: None, description: None }
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
            reads_after: 0,
            lists_after: 0,
            default_group: true,
            default_group_with_iam_id: false,
            delete_service_id_with_keys: true,
            not_implemented_status: 501,
            issuer: Issuer::Sandbox,
            leaked_field: false,
            passcode_without_account: Unchosen::Account,
            clock_offset: 0,
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
        assert!(setup.users.len() > 1 && !setup.faults.is_empty() && !setup.accounts.is_empty());
    }
}
