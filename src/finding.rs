//! What an audit can find about API keys.

/// Something about a key, or about its owner, that deserves attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// IBM found the key in public.
    Leaked,
    /// The expiration time of the key has passed.
    Expired,
    /// The key is older than a day, and no login with it is recorded.
    NeverUsed,
    /// The last login with the key was too long ago.
    Unused,
    /// The key was created too long ago.
    Old,
    /// The key expires soon.
    Expiring,
    /// The owner has another key with the same name.
    Duplicate,
    /// The key is disabled and cannot log in.
    Disabled,
    /// The key is in use and not locked, so it can be deleted by accident.
    Unlocked,
    /// The owner has almost the maximum number of keys.
    NearLimit,
}

impl Finding {
    /// All findings, the most serious first.
    pub const ALL: [Self; 10] = [
        Self::Leaked,
        Self::Expired,
        Self::NeverUsed,
        Self::Unused,
        Self::Old,
        Self::Expiring,
        Self::Duplicate,
        Self::Disabled,
        Self::Unlocked,
        Self::NearLimit,
    ];

    /// Returns the word for the finding in tables, JSON, CSV and options.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Leaked => "leaked",
            Self::Expired => "expired",
            Self::NeverUsed => "never-used",
            Self::Unused => "unused",
            Self::Old => "old",
            Self::Expiring => "expiring",
            Self::Duplicate => "duplicate",
            Self::Disabled => "disabled",
            Self::Unlocked => "unlocked",
            Self::NearLimit => "near-limit",
        }
    }

    /// Returns the description of the finding for help texts.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Leaked => "IBM found the key in public",
            Self::Expired => "The key has expired",
            Self::NeverUsed => "The key is at least a day old and was never used",
            Self::Unused => "Nobody has logged in with the key for --unused",
            Self::Old => "The key is older than --max-age",
            Self::Expiring => "The key expires within --expiring",
            Self::Duplicate => "The owner has another key of the same name",
            Self::Disabled => "The key is disabled",
            Self::Unlocked => "The key is in use and not locked",
            Self::NearLimit => "The owner has 18 or more of the 20 possible keys",
        }
    }
}
