//! The environment as it was at the start, and what is found by it.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::error::Error;
use crate::mask;
use crate::programs::{self, Program};
use crate::secret::SecretString;
use crate::terminal::ui::Colour;

/// The environment as it was at the start.
pub struct Environment(pub(super) HashMap<OsString, OsString>);

impl Environment {
    /// Reads the process's environment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this module reads it for all others")]
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// Any variables, for tests.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let owned = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Self(owned.collect())
    }

    /// A variable's text; an empty one is as good as none.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(value) = self.0.get(OsStr::new(name)) else {
            return Ok(None);
        };
        // To pass over such a variable would be to act as somebody else, or somewhere else.
        let text = value.to_str().ok_or_else(|| Error::usage(format!("{name} is not valid UTF-8 text.")))?;
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.0.get(OsStr::new(name))?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    }

    /// The `config.json` of the `ibmcloud` tool, where that looks for it: `bluemix/configuration/config_helpers` of its
    /// SDK 1.12.1.
    pub(super) fn ibmcloud_config(&self) -> Option<PathBuf> {
        let below_home = || {
            // These name the folder above, whatever the documentation says.
            let home = self.path("IBMCLOUD_HOME").or_else(|| self.path("BLUEMIX_HOME")).or_else(|| self.user_home())?;
            let folder = home.join(".ibmcloud");
            Some(if folder.exists() { folder } else { home.join(".bluemix") })
        };
        let folder = self.path("IBMCLOUD_CONFIG_HOME").or_else(below_home)?;
        Some(folder.join("config.json"))
    }

    /// The user's home as that tool understands it: by variables alone.
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

    /// Set, and neither `0` nor `false`, `no` or `off`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Error> {
        let value = self.text(name)?.map(|value| value.to_ascii_lowercase());
        Ok(value.is_some_and(|value| !matches!(value.as_str(), "0" | "false" | "no" | "off")))
    }

    /// Where the library would otherwise try to start a bus, which is not for us to do.
    pub(super) fn has_session_bus(&self) -> bool {
        let runtime = self.path("XDG_RUNTIME_DIR").map(|folder| folder.join("bus"));
        self.path("DBUS_SESSION_BUS_ADDRESS").is_some() || runtime.is_some_and(|bus| bus.exists())
    }

    pub(super) fn search_path(&self) -> Option<&OsStr> {
        self.0.get(OsStr::new("PATH")).map(OsString::as_os_str)
    }

    /// The next program of this name on `PATH`, behind this one if that is there: two copies of this program must not
    /// hand over to each other for ever.
    #[must_use]
    pub fn next_program(&self, name: &str) -> Option<PathBuf> {
        next(on_path(self.search_path(), name))
    }

    /// The proxy for https, as reqwest finds it, and the variable that names it.
    pub(super) fn proxy(&self) -> Result<Option<(&'static str, String)>, Error> {
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            if let Some(url) = self.text(name)? {
                return Ok(Some((name, url)));
            }
        }
        Ok(None)
    }

    /// The shell that asks for a completion, if this run is one.
    #[must_use]
    pub fn completing_shell(&self) -> Option<String> {
        self.text("IBMIAM_COMPLETE").ok().flatten()
    }

    /// Whether the terminal can neither move its cursor nor colour text.
    #[must_use]
    pub fn has_dumb_terminal(&self) -> bool {
        self.text("TERM").ok().flatten().is_some_and(|terminal| terminal == "dumb")
    }

    pub(super) fn colour(&self) -> Result<Colour, Error> {
        Ok(match self.text("IBMCLOUD_COLOR")?.as_deref() {
            Some("true") => Colour::Always,
            Some("false") => Colour::Never,
            _ if self.text("NO_COLOR")?.is_some() => Colour::Never,
            _ if self.flag("CLICOLOR_FORCE")? => Colour::Always,
            _ => Colour::Auto,
        })
    }
}

/// The first other program behind this one.
pub(super) fn next(all: Vec<Program>) -> Option<PathBuf> {
    let own = all.iter().position(|found| found.is_own).map_or(0, |own| own + 1);
    all.into_iter().skip(own).find(|found| !found.is_own).map(|found| found.path)
}

pub(super) fn on_path(search_path: Option<&OsStr>, name: &str) -> Vec<Program> {
    let found = search_path.zip(programs::own()).map(|(search_path, own)| programs::all(search_path, name, &own));
    found.unwrap_or_default()
}
