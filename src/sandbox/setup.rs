//! How a sandbox is set up by a TOML file: users and their keys, accounts, limits, lifetimes, faults, and the points
//! that IBM's documentation leaves open.

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
    /// Service IDs.
    pub service_ids: Vec<ServiceIdSetup>,
    /// Accounts beside the sandbox's own.
    pub accounts: Vec<AccountSetup>,
}

/// How much there may be.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Keys of one user; the service's own limit is 20.
    pub keys_per_identity: u32,
    /// Seconds that the head of a request may take, and its body.
    pub request_seconds: u32,
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
    /// Status for what the sandbox does not implement: 501 or 404.
    pub not_implemented_status: u16,
    /// Who the tokens say has issued them.
    pub issuer: Issuer,
    /// Whether keys have `leaked`, which IBM's specification does not.
    pub leaked_field: bool,
    /// What a passcode gives to a user of one account who names none.
    pub passcode_without_account: Unchosen,
    /// Seconds that the service's clock is ahead, or behind if negative; a year at most.
    pub clock_offset: i64,
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

/// Who has issued a token, by its claim `iss`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Issuer {
    /// The sandbox, by its URL.
    Sandbox,
    /// The public service, as validators of its tokens expect.
    Service,
}

/// What a token is for when no account was named and there is one only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unchosen {
    /// For that account.
    Account,
    /// For none, as where there are several.
    None,
}

/// An account and who is a member of it beside those whose own it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSetup {
    /// 32 hexadecimal digits.
    pub id: String,
    /// For people.
    pub name: String,
    /// IAM ids of users of this setup, or the owner's.
    #[serde(default)]
    pub members: Vec<String>,
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

impl Role {
    /// As it is stored.
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

    /// From what is stored.
    pub(super) fn from_word(word: &str) -> Self {
        let known = [Self::Administrator, Self::Member];
        known.into_iter().find(|role| role.word() == word).unwrap_or(Self::Restricted)
    }
}

/// A service ID.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceIdSetup {
    /// Its name; one of this name in the account is left as it is.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Its account; else the sandbox's.
    #[serde(default)]
    pub account_id: Option<String>,
    /// Who made it, and so may manage it without being an administrator; else the owner.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Locked.
    #[serde(default)]
    pub locked: bool,
    /// What it may do itself; by default, nothing but use its own keys.
    #[serde(default = "Role::of_service_ids")]
    pub role: Role,
    /// Keys to start with; those that are there by name already are left as they are.
    #[serde(default)]
    pub keys: Vec<KeySetup>,
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

/// In seconds.
pub(super) const YEAR: i64 = 365 * 86_400;

const LONGEST: i64 = 100 * YEAR;

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
}

impl Choices {
    /// What the service takes for the time.
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
