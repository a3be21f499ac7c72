//! The only reader of the environment: variables and folders, merged with the flags.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::{ColorChoice, Global, OutputFormat};
use crate::error::Error;
use crate::iam::HttpOptions;
use crate::output::Format;
use crate::secret::{SecretString, from_line};
use crate::terminal::ui::Colour;

/// One attempt of a request, unless said otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// The environment as it was at the start.
pub struct Environment(HashMap<OsString, OsString>);

/// What flags and environment say together; a flag goes before a variable.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Of data on standard output.
    pub format: Format,
    /// Drop notes.
    pub quiet: bool,
    /// When to colour.
    pub colour: Colour,
    /// Asking is an error.
    pub no_input: bool,
    /// The login session asked for by name.
    pub session: Option<String>,
    /// The endpoint asked for.
    pub endpoint: Option<String>,
    /// Use the embedded IAM.
    pub sandbox: bool,
    /// Of requests.
    pub http: HttpOptions,
    /// `IBMCLOUD_API_KEY`.
    pub api_key: Option<SecretString>,
    /// `IBMCLOUD_IAM_TOKEN`, without `Bearer`.
    pub iam_token: Option<SecretString>,
    home: Option<PathBuf>,
}

/// The command line, the program's own name first.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module reads them for all others")]
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

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

    fn text(&self, name: &str) -> Option<String> {
        let value = self.0.get(&OsString::from(name))?.to_str()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.0.get(&OsString::from(name))?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(|value| from_line(&value))
    }

    /// Set, and neither `0` nor `false`, `no` or `off`.
    fn flag(&self, name: &str) -> bool {
        self.text(name)
            .is_some_and(|value| !matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off"))
    }

    fn colour(&self) -> Colour {
        match self.text("IBMCLOUD_COLOR").as_deref() {
            Some("true") => Colour::Always,
            Some("false") => Colour::Never,
            _ if self.text("NO_COLOR").is_some() => Colour::Never,
            _ if self.flag("CLICOLOR_FORCE") => Colour::Always,
            _ => Colour::Auto,
        }
    }
}

impl Settings {
    /// Merges.
    ///
    /// # Errors
    /// `Usage` for a variable that makes no sense.
    pub fn new(global: &Global, environment: &Environment) -> Result<Self, Error> {
        let sandbox = global.sandbox || environment.flag("IBMIAM_SANDBOX");
        if sandbox && global.endpoint.is_some() {
            let error = Error::usage("The sandbox has an endpoint of its own.");
            return Err(error.hint("Leave out --endpoint, or --sandbox (IBMIAM_SANDBOX)."));
        }
        let ca_file = global.ca_file.clone().or_else(|| environment.path("SSL_CERT_FILE"));
        Ok(Self {
            format: match global.output {
                OutputFormat::Table => Format::Table,
                OutputFormat::Json => Format::Json,
                OutputFormat::Csv => Format::Csv,
            },
            quiet: global.quiet || environment.flag("IBMCLOUD_QUIET"),
            colour: match global.color {
                Some(ColorChoice::Auto) => Colour::Auto,
                Some(ColorChoice::Always) => Colour::Always,
                Some(ColorChoice::Never) => Colour::Never,
                None => environment.colour(),
            },
            no_input: global.no_input,
            session: global.session.clone().or_else(|| environment.text("IBMIAM_SESSION")),
            endpoint: global
                .endpoint
                .clone()
                .or_else(|| environment.text("IBMCLOUD_IAM_API_ENDPOINT"))
                .filter(|_| !sandbox),
            sandbox,
            http: HttpOptions {
                timeout: timeout(global, environment)?,
                ca_directory: ca_file.is_none() && environment.path("SSL_CERT_DIR").is_some(),
                ca_file,
            },
            api_key: environment.secret("IBMCLOUD_API_KEY"),
            iam_token: environment.secret("IBMCLOUD_IAM_TOKEN"),
            home: environment.path("IBMIAM_HOME"),
        })
    }

    /// Where what must last is kept: sessions, the sandbox's data, replaced key files.
    ///
    /// # Errors
    /// `Failed` where the platform names no such folder.
    pub fn data_folder(&self) -> Result<PathBuf, Error> {
        self.folder(directories::ProjectDirs::data_local_dir)
    }

    /// Where what can be fetched again is kept.
    ///
    /// # Errors
    /// `Failed` where the platform names no such folder.
    pub fn cache_folder(&self) -> Result<PathBuf, Error> {
        match &self.home {
            Some(home) => Ok(home.join("cache")),
            None => self.folder(directories::ProjectDirs::cache_dir),
        }
    }

    /// A path as people write it: `~/` is the home folder.
    #[must_use]
    pub fn expand(&self, path: &str) -> PathBuf {
        let home = path.strip_prefix("~/").zip(directories::BaseDirs::new());
        home.map_or_else(|| PathBuf::from(path), |(rest, known)| known.home_dir().join(rest))
    }

    fn folder(&self, pick: fn(&directories::ProjectDirs) -> &Path) -> Result<PathBuf, Error> {
        if let Some(home) = &self.home {
            return Ok(home.clone());
        }
        let known = directories::ProjectDirs::from("", "", "ibmiam");
        known.map(|known| pick(&known).to_owned()).ok_or_else(|| {
            Error::failed("There is no home folder to keep files in.")
                .hint("Set HOME, or IBMIAM_HOME to a folder of your own.")
        })
    }
}

fn timeout(global: &Global, environment: &Environment) -> Result<Duration, Error> {
    if let Some(seconds) = global.timeout {
        return Ok(Duration::from_secs(seconds));
    }
    let Some(text) = environment.text("IBMCLOUD_HTTP_TIMEOUT") else {
        return Ok(DEFAULT_TIMEOUT);
    };
    match text.parse::<u64>() {
        // The mirrored tool's way to say "not set".
        Ok(0) => Ok(DEFAULT_TIMEOUT),
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => Err(Error::usage(format!("IBMCLOUD_HTTP_TIMEOUT is '{text}', which is not a number of seconds."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::ExposeSecret;

    fn settings(global: &Global, variables: &[(&str, &str)]) -> Settings {
        Settings::new(global, &Environment::of(variables)).unwrap()
    }

    #[test]
    fn a_flag_goes_before_a_variable() {
        let variables = [("IBMCLOUD_HTTP_TIMEOUT", "5"), ("IBMIAM_SESSION", "work"), ("IBMCLOUD_COLOR", "true")];
        let from_variables = settings(&Global::default(), &variables);
        assert_eq!(from_variables.http.timeout, Duration::from_secs(5));
        assert_eq!(from_variables.session.as_deref(), Some("work"));
        assert_eq!(from_variables.colour, Colour::Always);
        let flags = Global {
            timeout: Some(9),
            session: Some("home".to_owned()),
            color: Some(ColorChoice::Never),
            ..Global::default()
        };
        let from_flags = settings(&flags, &variables);
        assert_eq!(from_flags.http.timeout, Duration::from_secs(9));
        assert_eq!(from_flags.session.as_deref(), Some("home"));
        assert_eq!(from_flags.colour, Colour::Never);
    }

    #[test]
    fn empty_variables_are_as_good_as_none_and_false_is_no_flag() {
        let settings = settings(
            &Global::default(),
            &[
                ("IBMCLOUD_API_KEY", ""),
                ("IBMCLOUD_QUIET", "false"),
                ("IBMIAM_SANDBOX", "0"),
                ("IBMCLOUD_HTTP_TIMEOUT", "0"),
            ],
        );
        assert!(settings.api_key.is_none());
        assert!(!settings.quiet && !settings.sandbox);
        assert_eq!(settings.http.timeout, DEFAULT_TIMEOUT);
    }

    #[test]
    fn the_sandbox_takes_no_other_endpoint() {
        let variables = [("IBMIAM_SANDBOX", "1"), ("IBMCLOUD_IAM_API_ENDPOINT", "https://iam.cloud.ibm.com")];
        let ours = settings(&Global::default(), &variables);
        assert!(ours.sandbox && ours.endpoint.is_none());
        let flags = Global { endpoint: Some("https://iam.cloud.ibm.com".to_owned()), ..Global::default() };
        assert!(Settings::new(&flags, &Environment::of(&variables)).is_err());
    }

    #[test]
    fn secrets_do_not_show() {
        let settings = settings(&Global::default(), &[("IBMCLOUD_API_KEY", " s3cret\n")]);
        assert_eq!(settings.api_key.as_ref().unwrap().expose_secret(), "s3cret");
        assert!(!format!("{settings:?}").contains("s3cret"));
    }
}
