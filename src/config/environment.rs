//! The environment at program start, and the values that are found with it.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::error::Error;
use crate::format::ColorChoice;
use crate::mask;
use crate::programs::{self, Program};
use crate::secret::SecretString;

/// The environment at program start.
pub struct Environment(pub(super) HashMap<OsString, OsString>);

impl Environment {
    /// Reads the process's environment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this module reads it for all others")]
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// Creates an environment from these variables, for tests.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let owned = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Self(owned.collect())
    }

    /// Returns the text of a variable. An empty variable counts as unset.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(value) = self.0.get(OsStr::new(name)) else {
            return Ok(None);
        };
        // If an invalid variable were ignored, the command could use another login or another endpoint.
        let text = value.to_str().ok_or_else(|| Error::usage(format!("{name} is not valid UTF-8 text.")))?;
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.0.get(OsStr::new(name))?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    }

    /// Returns the path where the `ibmcloud` tool looks for its `config.json`: as in
    /// `bluemix/configuration/config_helpers` of its SDK 1.12.1.
    pub(super) fn ibmcloud_config(&self) -> Option<PathBuf> {
        let below_home = || {
            // These variables name the parent folder, although the documentation says otherwise.
            let home = self.path("IBMCLOUD_HOME").or_else(|| self.path("BLUEMIX_HOME")).or_else(|| self.user_home())?;
            let folder = home.join(".ibmcloud");
            Some(if folder.exists() { folder } else { home.join(".bluemix") })
        };
        let folder = self.path("IBMCLOUD_CONFIG_HOME").or_else(below_home)?;
        Some(folder.join("config.json"))
    }

    /// Returns the user's home as the `ibmcloud` tool finds it: only with variables.
    fn user_home(&self) -> Option<PathBuf> {
        if cfg!(not(windows)) {
            return self.path("HOME");
        }
        let on_drive = self.path("HOMEDRIVE").zip(self.path("HOMEPATH"));
        on_drive.map(|(drive, path)| drive.join(path)).or_else(|| self.path("USERPROFILE"))
    }

    pub(super) fn secret(&self, name: &str) -> Result<Option<SecretString>, Error> {
        let secret = self.text(name)?.map(SecretString::from);
        secret.iter().for_each(mask::remember);
        Ok(secret)
    }

    /// Whether a variable is set, and is not `0`, `false`, `no` or `off`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Error> {
        let value = self.text(name)?.map(|value| value.to_ascii_lowercase());
        Ok(value.is_some_and(|value| !matches!(value.as_str(), "0" | "false" | "no" | "off")))
    }

    /// Whether there is a session bus. Without one, the keyring library would try to start a bus, which this program
    /// must not do.
    pub(super) fn has_session_bus(&self) -> bool {
        let runtime = self.path("XDG_RUNTIME_DIR").map(|folder| folder.join("bus"));
        self.path("DBUS_SESSION_BUS_ADDRESS").is_some() || runtime.is_some_and(|bus| bus.exists())
    }

    pub(super) fn search_path(&self) -> Option<&OsStr> {
        self.0.get(OsStr::new("PATH")).map(OsString::as_os_str)
    }

    /// Returns the next program of this name on `PATH`, after this program if that is on `PATH`. Otherwise two copies
    /// of this program could call each other without end.
    #[must_use]
    pub fn next_program(&self, name: &str) -> Option<PathBuf> {
        next(on_path(self.search_path(), name))
    }

    /// Returns the proxy for HTTPS, as reqwest finds it, and the variable that sets it.
    pub(super) fn proxy(&self) -> Result<Option<(&'static str, String)>, Error> {
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            if let Some(url) = self.text(name)? {
                return Ok(Some((name, url)));
            }
        }
        Ok(None)
    }

    /// Returns the shell that requests a completion, if this run is a completion.
    #[must_use]
    pub fn completing_shell(&self) -> Option<String> {
        self.text("IBMIAM_COMPLETE").ok().flatten()
    }

    /// Whether the terminal can neither move its cursor nor colour text.
    #[must_use]
    pub fn has_dumb_terminal(&self) -> bool {
        self.text("TERM").ok().flatten().is_some_and(|terminal| terminal == "dumb")
    }

    pub(super) fn colour(&self) -> Result<ColorChoice, Error> {
        Ok(match self.text("IBMCLOUD_COLOR")?.as_deref() {
            Some("true") => ColorChoice::Always,
            Some("false") => ColorChoice::Never,
            _ if self.text("NO_COLOR")?.is_some() => ColorChoice::Never,
            _ if self.flag("CLICOLOR_FORCE")? => ColorChoice::Always,
            _ => ColorChoice::Auto,
        })
    }
}

/// Returns the first other program after this one.
pub(super) fn next(all: Vec<Program>) -> Option<PathBuf> {
    let own = all.iter().position(|found| found.is_own).map_or(0, |own| own + 1);
    all.into_iter().skip(own).find(|found| !found.is_own).map(|found| found.path)
}

pub(super) fn on_path(search_path: Option<&OsStr>, name: &str) -> Vec<Program> {
    let found = search_path.zip(programs::own()).map(|(search_path, own)| programs::all(search_path, name, &own));
    found.unwrap_or_default()
}
