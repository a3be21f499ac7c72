//! The only module that reads the environment: variables and folders, merged with the flags.

mod environment;
mod folders;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

pub use environment::Environment;
use environment::{next, on_path};

use crate::cli::Global;
use crate::error::Error;
use crate::hint::Invocation;
use crate::iam::HttpOptions;
use crate::iam::trace::Trace;
use crate::iam::waiting::Watch;
use crate::programs::Program;
use crate::secret::SecretString;
use crate::terminal::trace::TraceTo;
use crate::terminal::ui::UiSettings;

/// The variable with the folder for replaced key files, for commands whose `IBMIAM_HOME` is temporary.
pub const REPLACED: &str = "IBMIAM_REPLACED";

/// The variable that is set for the `ibmcloud` tool while it is asked for a token.
pub const RENEWING: &str = "IBMIAM_RENEWING";

/// The default timeout of one attempt of a request.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// The merged flags and environment variables. A flag takes precedence over a variable.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether a question to the user is an error.
    pub no_input: bool,
    /// The user's shell.
    pub shell: Option<PathBuf>,
    /// Whether a session may be renewed. A completion must not renew a session, because it can be ended at any time.
    pub may_renew: bool,
    /// The name of the requested session.
    pub session: Option<String>,
    /// The requested endpoint.
    pub endpoint: Option<String>,
    /// Whether the endpoint was requested by `--endpoint` on this command line.
    pub endpoint_is_option: bool,
    /// Whether the built-in IAM service is used.
    pub sandbox: bool,
    /// The options for requests.
    pub http: HttpOptions,
    /// The value of `IBMCLOUD_API_KEY`.
    pub api_key: Option<SecretString>,
    /// The values of `IBMCLOUD_CR_TOKEN` and `IBMCLOUD_CR_PROFILE`: the token of a compute resource, and the profile to
    /// log in to.
    pub compute_resource: (Option<SecretString>, Option<String>),
    /// The value of `IBMCLOUD_IAM_TOKEN`, which may start with `Bearer`.
    pub iam_token: Option<SecretString>,
    /// Where requests and responses are shown.
    pub trace: TraceTo,
    /// Whether there is a session bus, which provides keyrings on Linux.
    pub session_bus: bool,
    /// The value of `NO_PROXY` or `no_proxy`, for commands that this program runs.
    pub no_proxy: Option<String>,
    /// The file in which the `ibmcloud` tool stores its session. It may not exist.
    pub ibmcloud_config: Option<PathBuf>,
    home: Option<PathBuf>,
    replaced: Option<PathBuf>,
    search_path: Option<OsString>,
    may_ask_other: bool,
    /// The name of the tool that this program stands in for, if it was started with that name.
    pub stand_in: Option<String>,
}

/// Returns the command line, with the program's own name first.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module reads them for all others")]
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// Returns the folder that the process was started in.
#[must_use]
pub fn current_folder() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

/// Returns the settings of the user interface. They are known before [`Settings`], so that errors in [`Settings`] are
/// shown in the correct format.
///
/// An invalid variable counts as unset here.
#[must_use]
pub fn ui_settings(global: &Global, environment: &Environment) -> UiSettings {
    let format = global.output;
    let colour = global.color.unwrap_or_else(|| environment.colour().unwrap_or_default());
    let quiet = global.quiet || environment.flag("IBMCLOUD_QUIET").unwrap_or_default();
    let mut options = Vec::new();
    if global.sandbox {
        options.push("--sandbox".to_owned());
    }
    for (option, value) in [("--session", &global.session), ("--endpoint", &global.endpoint)] {
        options.extend(value.iter().flat_map(|value| [option.to_owned(), value.clone()]));
    }
    let invocation = Invocation { stand_in: global.stand_in.clone(), options };
    UiSettings { format, quiet, colour, invocation, is_dumb: environment.has_dumb_terminal() }
}

impl Settings {
    /// Merges the flags and the environment.
    ///
    /// # Errors
    /// `Usage` for an invalid variable, and for flags and variables that conflict.
    pub fn new(global: &Global, environment: &Environment) -> Result<Self, Error> {
        let by_variable = environment.flag("IBMIAM_SANDBOX")?;
        if by_variable && cfg!(not(feature = "sandbox")) {
            return Err(Error::usage("IBMIAM_SANDBOX is set, but this program was built without the sandbox."));
        }
        let sandbox = global.sandbox || by_variable;
        if sandbox && global.endpoint.is_some() {
            let error = Error::usage("The sandbox has its own endpoint.");
            return Err(error.hint("Remove --endpoint, or --sandbox (IBMIAM_SANDBOX)."));
        }
        let ca_file = global.ca_file.clone().or_else(|| environment.path("SSL_CERT_FILE"));
        let or_variable = |flag: &Option<String>, name: &str| match flag {
            Some(text) => Ok(Some(text.clone())),
            None => environment.text(name),
        };
        Ok(Self {
            no_input: global.no_input,
            shell: environment.path("SHELL"),
            may_renew: true,
            session: or_variable(&global.session, "IBMIAM_SESSION")?,
            endpoint: or_variable(&global.endpoint, "IBMCLOUD_IAM_API_ENDPOINT")?.filter(|_| !sandbox),
            endpoint_is_option: global.endpoint.is_some(),
            sandbox,
            http: HttpOptions {
                timeout: timeout(global, environment)?,
                ca_directory: ca_file.is_none() && environment.path("SSL_CERT_DIR").is_some(),
                ca_file,
                proxy: environment.proxy()?,
                watch: Watch::default(),
                trace: Trace::default(),
            },
            trace: trace(global, environment)?,
            api_key: environment.secret("IBMCLOUD_API_KEY")?,
            compute_resource: (environment.secret("IBMCLOUD_CR_TOKEN")?, environment.text("IBMCLOUD_CR_PROFILE")?),
            iam_token: environment.secret("IBMCLOUD_IAM_TOKEN")?,
            session_bus: environment.has_session_bus(),
            no_proxy: environment.text("NO_PROXY")?.or(environment.text("no_proxy")?),
            ibmcloud_config: environment.ibmcloud_config(),
            home: home(environment)?,
            replaced: environment.path(REPLACED),
            stand_in: global.stand_in.clone(),
            may_ask_other: !environment.flag(RENEWING)?,
            search_path: environment.search_path().map(OsStr::to_owned),
        })
    }

    /// Returns the same settings for a command that renews no session.
    #[must_use]
    pub fn without_renewal(self) -> Self {
        Self { may_renew: false, ..self }
    }

    /// Returns the first program of this name on `PATH` that is not this program; as the stand-in, the first one after
    /// this program.
    #[must_use]
    pub fn other_program(&self, name: &str) -> Option<PathBuf> {
        // If another copy of this program asks this one for a token, this copy must not ask a third program.
        let all = if self.may_ask_other { self.programs(name) } else { Vec::new() };
        // The stand-in uses the session of the program that it passes commands to.
        if self.stand_in.is_some() {
            next(all)
        } else {
            all.into_iter().find(|found| !found.is_own).map(|found| found.path)
        }
    }

    /// Returns all programs of this name on `PATH`.
    #[must_use]
    pub fn programs(&self, name: &str) -> Vec<Program> {
        on_path(self.search_path.as_deref(), name)
    }
}

/// Returns `IBMIAM_HOME`, which must be absolute: a relative path depends on the current folder, and could be a folder
/// of another user.
fn home(environment: &Environment) -> Result<Option<PathBuf>, Error> {
    match environment.path("IBMIAM_HOME") {
        Some(home) if home.is_relative() => {
            Err(Error::usage(format!("IBMIAM_HOME is '{}', which is not an absolute path.", home.display()))
                .hint("Set it to a path that begins with /."))
        }
        home => Ok(home),
    }
}

fn trace(global: &Global, environment: &Environment) -> Result<TraceTo, Error> {
    let variable = environment.text("IBMCLOUD_TRACE")?;
    let text = global.trace.clone().or(variable.filter(|text| !text.eq_ignore_ascii_case("false")));
    Ok(match text {
        None => TraceTo::Nowhere,
        Some(text) if ["", "true", "/dev/stderr"].contains(&text.to_ascii_lowercase().as_str()) => {
            TraceTo::StandardError
        }
        Some(path) => TraceTo::File(PathBuf::from(path)),
    })
}

fn timeout(global: &Global, environment: &Environment) -> Result<Duration, Error> {
    if let Some(seconds) = global.timeout {
        return Ok(Duration::from_secs(seconds));
    }
    let Some(text) = environment.text("IBMCLOUD_HTTP_TIMEOUT")? else {
        return Ok(DEFAULT_TIMEOUT);
    };
    match text.parse::<u64>() {
        // The `ibmcloud` tool uses 0 for "not set".
        Ok(0) => Ok(DEFAULT_TIMEOUT),
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => Err(Error::usage(format!("IBMCLOUD_HTTP_TIMEOUT is '{text}', which is not a number of seconds."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ColorChoice;
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
        let environment = Environment::of(&variables);
        assert_eq!(ui_settings(&Global::default(), &environment).colour, ColorChoice::Always);
        let flags = Global {
            timeout: Some(9),
            session: Some("home".to_owned()),
            color: Some(ColorChoice::Never),
            ..Global::default()
        };
        let from_flags = settings(&flags, &variables);
        assert_eq!(from_flags.http.timeout, Duration::from_secs(9));
        assert_eq!(from_flags.session.as_deref(), Some("home"));
        assert_eq!(ui_settings(&flags, &environment).colour, ColorChoice::Never);
    }

    #[test]
    fn empty_variables_are_as_good_as_none_and_false_is_no_flag() {
        let variables = [
            ("IBMCLOUD_API_KEY", ""),
            ("IBMCLOUD_QUIET", "false"),
            ("IBMIAM_SANDBOX", "0"),
            ("IBMCLOUD_HTTP_TIMEOUT", "0"),
        ];
        let settings = settings(&Global::default(), &variables);
        assert!(settings.api_key.is_none());
        assert!(!settings.sandbox);
        assert!(!ui_settings(&Global::default(), &Environment::of(&variables)).quiet);
        assert_eq!(settings.http.timeout, DEFAULT_TIMEOUT);
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_not_passed_over() {
        let value = std::os::unix::ffi::OsStringExt::from_vec(b"https://x\xff".to_vec());
        for name in ["IBMCLOUD_IAM_API_ENDPOINT", "IBMCLOUD_API_KEY", "IBMIAM_SESSION", "IBMIAM_SANDBOX"] {
            let environment = Environment([(name.into(), OsString::clone(&value))].into());
            let error = Settings::new(&Global::default(), &environment).unwrap_err();
            assert!(error.message.starts_with(name), "{error}");
        }
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
    fn the_session_of_ibmcloud_is_looked_for_where_that_tool_keeps_it() {
        let (new, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(new.path().join(".ibmcloud")).unwrap();
        let (new_home, old_home) = (new.path().to_str().unwrap(), old.path().to_str().unwrap());
        let found = |variables: &[(&str, &str)]| settings(&Global::default(), variables).ibmcloud_config;
        let in_new = Some(new.path().join(".ibmcloud/config.json"));
        let in_old = Some(old.path().join(".bluemix/config.json"));
        for name in ["IBMCLOUD_HOME", "BLUEMIX_HOME", if cfg!(windows) { "USERPROFILE" } else { "HOME" }] {
            assert_eq!(found(&[(name, new_home)]), in_new, "{name}");
            assert_eq!(found(&[(name, old_home)]), in_old, "{name}");
        }
        let homes = [("IBMCLOUD_HOME", old_home), ("BLUEMIX_HOME", new_home), ("HOME", new_home)];
        assert_eq!(found(&homes), in_old);
        assert_eq!(found(&[("IBMCLOUD_HOME", ""), ("BLUEMIX_HOME", old_home), ("HOME", new_home)]), in_old);
        // This variable names the folder itself, even if it does not exist.
        let itself = [&homes[..], &[("IBMCLOUD_CONFIG_HOME", "/nowhere")]].concat();
        assert_eq!(found(&itself), Some(std::path::Path::new("/nowhere").join("config.json")));
        assert_eq!(found(&[("IBMCLOUD_CONFIG_HOME", ""), ("HOME", "")]), None);
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn secrets_do_not_show() {
        let settings = settings(&Global::default(), &[("IBMCLOUD_API_KEY", " s3cret\n")]);
        assert_eq!(settings.api_key.as_ref().unwrap().expose_secret(), "s3cret");
        assert!(!format!("{settings:?}").contains("s3cret"));
    }
}
