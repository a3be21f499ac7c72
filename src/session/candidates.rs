//! The logins that a command can use, in the order in which they are tried.

use crate::config::Settings;
use crate::secret::SecretString;

/// A possible source of a login.
#[derive(Debug, Clone, Copy)]
pub enum Candidate<'a> {
    /// The built-in IAM server.
    Sandbox,
    /// The stored session that is named in the settings.
    NamedSession(&'a str),
    /// The access token in `IBMCLOUD_IAM_TOKEN`.
    TokenVariable(&'a SecretString),
    /// The API key in `IBMCLOUD_API_KEY`.
    KeyVariable(&'a SecretString),
    /// The default session.
    StoredSession,
    /// The session of `ibmcloud`.
    IbmcloudSession,
}

/// What determines the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A command of `ibmiam`.
    Normal,
    /// A command of the tool that this program stands in for.
    StandIn {
        /// Whether the real tool is on `PATH`. Commands that are handed over to it use the session of the real tool.
        real_tool: bool,
    },
    /// The command `target` of that tool, which only shows and changes sessions.
    Target {
        /// As for `StandIn`.
        real_tool: bool,
    },
}

impl Mode {
    /// Returns the mode of a command.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        if settings.stand_in.is_none() {
            return Self::Normal;
        }
        Self::StandIn { real_tool: settings.other_program("ibmcloud").is_some() }
    }

    /// Returns the mode of `target`.
    #[must_use]
    pub fn of_target(settings: &Settings) -> Self {
        match Self::of(settings) {
            Self::StandIn { real_tool } => Self::Target { real_tool },
            mode => mode,
        }
    }
}

/// Returns the candidates of a command, in order. The sandbox and a named session exclude all others.
#[must_use]
pub fn candidates(settings: &Settings, mode: Mode) -> Vec<Candidate<'_>> {
    if settings.sandbox {
        return vec![Candidate::Sandbox];
    }
    if let Some(name) = &settings.session {
        return vec![Candidate::NamedSession(name)];
    }
    let token = settings.iam_token.as_ref().map(Candidate::TokenVariable);
    let key = settings.api_key.as_ref().map(Candidate::KeyVariable);
    let stored = Some(Candidate::StoredSession);
    let ibmcloud = settings.ibmcloud_config.as_ref().map(|_| Candidate::IbmcloudSession);
    let order = match mode {
        Mode::Normal => [token, key, stored, ibmcloud],
        // In that tool, only `login` reads the key in the environment.
        Mode::StandIn { real_tool: true } => [token, ibmcloud, stored, key],
        Mode::StandIn { real_tool: false } => [token, stored, ibmcloud, key],
        Mode::Target { real_tool: true } => [ibmcloud, stored, None, None],
        Mode::Target { real_tool: false } => [stored, ibmcloud, None, None],
    };
    order.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Global;
    use crate::config::Environment;

    fn word(candidate: &Candidate<'_>) -> &'static str {
        match candidate {
            Candidate::Sandbox => "sandbox",
            Candidate::NamedSession(name) => {
                assert_eq!(*name, "work");
                "named"
            }
            Candidate::TokenVariable(_) => "token",
            Candidate::KeyVariable(_) => "key",
            Candidate::StoredSession => "stored",
            Candidate::IbmcloudSession => "ibmcloud",
        }
    }

    type Row<'a> = (Mode, &'a [(&'a str, &'a str)], &'a [&'a str]);

    #[test]
    fn each_mode_has_its_order_of_candidates() {
        let named = ("IBMIAM_SESSION", "work");
        let token = ("IBMCLOUD_IAM_TOKEN", "t");
        let key = ("IBMCLOUD_API_KEY", "k");
        let ibmcloud = ("IBMCLOUD_CONFIG_HOME", "/desk");
        let (stand_in, target) = (|real_tool| Mode::StandIn { real_tool }, |real_tool| Mode::Target { real_tool });
        let table: &[Row<'_>] = &[
            (Mode::Normal, &[token, key, ibmcloud], &["token", "key", "stored", "ibmcloud"]),
            (Mode::Normal, &[key, ibmcloud], &["key", "stored", "ibmcloud"]),
            (Mode::Normal, &[ibmcloud], &["stored", "ibmcloud"]),
            (Mode::Normal, &[], &["stored"]),
            (Mode::Normal, &[named, token, key, ibmcloud], &["named"]),
            (stand_in(false), &[token, key, ibmcloud], &["token", "stored", "ibmcloud", "key"]),
            (stand_in(true), &[token, key, ibmcloud], &["token", "ibmcloud", "stored", "key"]),
            (stand_in(false), &[key], &["stored", "key"]),
            (stand_in(true), &[key], &["stored", "key"]),
            (stand_in(true), &[named, token, key, ibmcloud], &["named"]),
            (target(false), &[token, key, ibmcloud], &["stored", "ibmcloud"]),
            (target(true), &[token, key, ibmcloud], &["ibmcloud", "stored"]),
            (target(true), &[token, key], &["stored"]),
            (target(true), &[named, ibmcloud], &["named"]),
        ];
        for (mode, variables, expected) in table {
            let mut settings = Settings::new(&Global::default(), &Environment::of(variables)).unwrap();
            let found: Vec<_> = candidates(&settings, *mode).iter().map(word).collect();
            assert_eq!(found, *expected, "{mode:?} {variables:?}");
            settings.sandbox = true;
            assert!(matches!(candidates(&settings, *mode)[..], [Candidate::Sandbox]), "{mode:?} {variables:?}");
        }
    }
}
