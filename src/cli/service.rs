//! Commands for service IDs and their keys. They are the commands for keys of users, with the service ID as an
//! additional operand.
#![expect(missing_docs, reason = "clap takes the doc comment of a struct for the help of its command")]

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand};

use super::audit::Audit;
use super::keys::{Create, Delete, List, Show, Targets, Update, not_empty};
use super::rotate::Rotate;

/// The owner of the keys that a command is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The user who runs the command.
    Own,
    /// A service ID, by its name or ID.
    ServiceId(String),
}

/// The commands.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum ServiceCommand {
    /// Create an API key for a service ID
    ServiceApiKeyCreate(OfServiceId<Create>),
    /// Check the API keys of a service ID for age, use, expiration, leaks and more
    ServiceApiKeyAudit(OfServiceId<Audit>),
    /// Replace an API key of a service ID with a new one without downtime
    ServiceApiKeyRotate(OfServiceId<Rotate>),
    /// Update an API key of a service ID
    ServiceApiKeyUpdate(OfServiceId<Update>),
    /// Lock API keys of a service ID
    ServiceApiKeyLock(OfServiceId<Targets>),
    /// Unlock API keys of a service ID
    ServiceApiKeyUnlock(OfServiceId<Targets>),
    /// Disable API keys of a service ID
    ServiceApiKeyDisable(OfServiceId<Targets>),
    /// Enable disabled API keys of a service ID
    ServiceApiKeyEnable(OfServiceId<Targets>),
    /// Permanently delete API keys of a service ID
    ServiceApiKeyDelete(OfServiceId<Delete>),
    /// List the API keys of a service ID
    #[command(visible_alias = "service-api-keys")]
    ServiceApiKeyList(OfServiceId<List>),
    /// Show an API key of a service ID
    #[command(visible_alias = "service-api-key")]
    ServiceApiKeyShow(OfServiceId<Show>),
    /// List the service IDs of the account
    ServiceIds(ServiceIds),
    /// Show a service ID
    ServiceId(ServiceIdShow),
}

// `service-ids`
#[derive(Debug, Default, Args)]
pub struct ServiceIds {
    /// List only service IDs whose name contains TEXT
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub name: Option<String>,

    /// List only service IDs whose description contains TEXT
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub description: Option<String>,

    /// Accepted, since the mirrored tool has it
    #[arg(short, long, hide = true)]
    pub force: bool,

    /// Print only the IDs, one per line
    #[arg(long)]
    pub uuid: bool,
}

// `service-id`
#[derive(Debug, Args)]
pub struct ServiceIdShow {
    /// Name or ID of the service ID
    #[arg(value_name = "NAME|UUID", value_parser = not_empty)]
    pub service_id: String,

    /// Accepted, since the mirrored tool has it
    #[arg(short, long, hide = true)]
    pub force: bool,

    /// Print only the ID
    #[arg(long)]
    pub uuid: bool,
}

/// The options of a command for keys of users, and the service ID that owns the keys.
#[derive(Debug)]
pub struct OfServiceId<T> {
    pub(super) options: T,
    service_id: String,
}

impl<T> OfServiceId<T> {
    /// Returns the owner of the keys, and the options.
    #[must_use]
    pub fn split(self) -> (Whose, T) {
        (Whose::ServiceId(self.service_id), self.options)
    }
}

/// Options that apply only to keys of users.
const FOR_USERS: [&str; 4] = ["all", "owner", "support_sessions", "all_sessions"];

/// The options of a command for keys.
pub trait KeyOptions: Args {
    /// The ID of the argument that collects the operands.
    const ID: &'static str = "key";
    /// The operands before the service ID, as the usage shows them; `None` if there are none.
    const OPERANDS: Option<&'static str>;
    /// The line of the help that describes these operands.
    const OPERANDS_HELP: &'static str = KEY_HELP;
    /// Whether the arguments can end with a command of the user.
    const RUNS_PROGRAM: bool = false;
    /// The examples in the help.
    const EXAMPLES: &'static str = "";

    /// Returns the user's command. Operands that start with a dash are parsed as its first words.
    fn command(&mut self) -> Option<&mut Vec<OsString>> {
        None
    }

    /// Sets the names and IDs of keys.
    ///
    /// # Errors
    /// A sentence about missing or excess operands.
    fn set_keys(&mut self, keys: Vec<String>) -> Result<(), &'static str>;
}

impl KeyOptions for Create {
    const ID: &'static str = "name";
    const OPERANDS: Option<&'static str> = Some("<NAME>");
    const OPERANDS_HELP: &'static str = "  NAME        Name of the new key; does not have to be unique\n";
    const RUNS_PROGRAM: bool = true;
    const EXAMPLES: &'static str = "
Examples:
  ibmiam service-api-key-create deploy pipeline --file key_file
  ibmiam service-api-key-create deploy pipeline --expires 90d -- gh secret set IBMCLOUD_API_KEY";

    fn command(&mut self) -> Option<&mut Vec<OsString>> {
        Some(&mut self.command)
    }

    fn set_keys(&mut self, keys: Vec<String>) -> Result<(), &'static str> {
        self.name = at_most_one(keys)?;
        if self.name.is_some() { Ok(()) } else { Err(MISSING) }
    }
}

impl KeyOptions for Rotate {
    const OPERANDS: Option<&'static str> = Some("[NAME|UUID]");
    const RUNS_PROGRAM: bool = true;
    const EXAMPLES: &'static str = "
The new key gets the name, the description, the leak action and the lifetime of the old key. ibmiam logs in with the \
new key before it changes the old one. If a rotation is interrupted, run the same command again to continue. With \
options that select keys, a command finds the name of each key in IBMIAM_KEY_NAME, and the ID of the old key in \
IBMIAM_KEY_ID.

Examples:
  ibmiam service-api-key-rotate deploy pipeline --file deploy.key
  ibmiam service-api-key-rotate deploy pipeline -- gh secret set IBMCLOUD_API_KEY
  ibmiam service-api-key-rotate pipeline --older-than 90d --file-dir keys";

    fn command(&mut self) -> Option<&mut Vec<OsString>> {
        Some(&mut self.command)
    }

    fn set_keys(&mut self, keys: Vec<String>) -> Result<(), &'static str> {
        self.key = at_most_one(keys)?;
        Ok(())
    }
}

impl KeyOptions for Update {
    const OPERANDS: Option<&'static str> = Some("[NAME|UUID]");

    fn set_keys(&mut self, keys: Vec<String>) -> Result<(), &'static str> {
        self.key = at_most_one(keys)?;
        Ok(())
    }
}

impl KeyOptions for Show {
    const OPERANDS: Option<&'static str> = Some("[NAME|UUID]");

    fn set_keys(&mut self, keys: Vec<String>) -> Result<(), &'static str> {
        self.key = at_most_one(keys)?;
        Ok(())
    }
}

impl KeyOptions for Targets {
    const ID: &'static str = "keys";
    const OPERANDS: Option<&'static str> = Some("[NAME|UUID]...");

    fn set_keys(&mut self, keys: Vec<String>) -> Result<(), &'static str> {
        self.keys = keys;
        Ok(())
    }
}

impl KeyOptions for Delete {
    const ID: &'static str = Targets::ID;
    const OPERANDS: Option<&'static str> = Targets::OPERANDS;

    fn set_keys(&mut self, keys: Vec<String>) -> Result<(), &'static str> {
        self.targets.set_keys(keys)
    }
}

impl KeyOptions for List {
    const ID: &'static str = OPERAND;
    const OPERANDS: Option<&'static str> = None;
    const OPERANDS_HELP: &'static str = "";

    fn set_keys(&mut self, keys: Vec<String>) -> Result<(), &'static str> {
        if keys.is_empty() { Ok(()) } else { Err(TOO_MANY) }
    }
}

impl KeyOptions for Audit {
    const ID: &'static str = OPERAND;
    const OPERANDS: Option<&'static str> = None;
    const OPERANDS_HELP: &'static str = "";

    fn set_keys(&mut self, keys: Vec<String>) -> Result<(), &'static str> {
        if keys.is_empty() { Ok(()) } else { Err(TOO_MANY) }
    }
}

const KEY_HELP: &str = "  NAME|UUID   Name or ID of a key; default on a terminal: select from a list\n";
const SERVICE_ID_HELP: &str = "  SERVICE_ID  Name or ID of the service ID\n";
const PROGRAM_HELP: &str = "  CMD         Command that reads the value from its standard input; if the command fails, ibmiam deletes the \
     key\n";
const MISSING: &str = "missing argument: pass a key and a SERVICE_ID, in this order";
const EMPTY: &str = "empty argument: pass a key and a SERVICE_ID, in this order";
const TOO_MANY: &str = "too many arguments: pass a key and a SERVICE_ID, in this order";

fn at_most_one(mut keys: Vec<String>) -> Result<Option<String>, &'static str> {
    if keys.len() > 1 { Err(TOO_MANY) } else { Ok(keys.pop()) }
}

/// The ID of the operand for the service ID, in a command without operands for keys.
const OPERAND: &str = "service_id";

impl<T: KeyOptions> Args for OfServiceId<T> {
    fn augment_args(command: Command) -> Command {
        let name = command.get_name().to_owned();
        // The service ID is the last operand, wherever the options are. clap would count only adjacent operands, so one
        // argument collects all operands.
        let command = T::augment_args(command).mut_args(|arg| match arg {
            arg if FOR_USERS.contains(&arg.get_id().as_str()) => arg.hide(true),
            arg if arg.is_last_set() => arg.hide(true),
            arg if arg.is_positional() => arg.num_args(1..).action(ArgAction::Append).required(false).hide(true),
            arg => arg,
        });
        // `--force` is always accepted, as in that tool, even if there is no confirmation. Only `api-key-create` uses
        // -f for the file.
        let is_known = command.get_arguments().any(|arg| arg.get_id() == "force");
        let command =
            command.mut_args(|arg| if arg.get_short() == Some('f') && !is_known { arg.short(None) } else { arg });
        let command = if is_known { command } else { command.arg(ignored_force()) };
        let command = match T::OPERANDS {
            Some(_) => command,
            None => command
                .arg(Arg::new(OPERAND).value_name("SERVICE_ID").value_parser(not_empty).required(true).hide(true)),
        };
        let operands = T::OPERANDS.map(|operands| format!("{operands} ")).unwrap_or_default();
        let program = if T::RUNS_PROGRAM { " [-- <CMD>...]" } else { "" };
        let described = [T::OPERANDS_HELP, SERVICE_ID_HELP, if T::RUNS_PROGRAM { PROGRAM_HELP } else { "" }].concat();
        command
            .override_usage(format!("ibmiam {name} [OPTIONS] {operands}<SERVICE_ID>{program}"))
            .after_help(format!("Arguments:\n{described}{}", T::EXAMPLES))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Returns the option `--force` for a command that has no confirmation.
fn ignored_force() -> Arg {
    Arg::new("force").short('f').long("force").action(ArgAction::SetTrue).hide(true)
}

impl<T: KeyOptions> FromArgMatches for OfServiceId<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut operands: Vec<String> = matches.get_many(T::ID).into_iter().flatten().cloned().collect();
        let error = |text: &str| clap::Error::raw(ErrorKind::MissingRequiredArgument, text);
        let mut options = T::from_arg_matches(matches)?;
        if let Some(command) = options.command() {
            take_dashed(&mut operands, command);
        }
        if operands.iter().any(String::is_empty) {
            return Err(error(EMPTY));
        }
        let service_id = operands.pop().ok_or_else(|| error(MISSING))?;
        options.set_keys(operands).map_err(error)?;
        Ok(Self { options, service_id })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Moves operands from the words after the first `--`. They are there if one of them starts with a dash. The user's
/// command is then after a second `--`.
fn take_dashed(operands: &mut Vec<String>, command: &mut Vec<OsString>) {
    let is_dashed =
        |word: Option<&OsString>| word.is_some_and(|word| word != "--" && word.to_string_lossy().starts_with('-'));
    if !(operands.is_empty() || operands.len() == 1 && is_dashed(command.first())) {
        return;
    }
    while operands.len() < 2
        && let Some(word) = command.first().filter(|word| *word != "--").and_then(|word| word.to_str())
    {
        operands.push(word.to_owned());
        command.remove(0);
    }
    if command.first().is_some_and(|word| word == "--") {
        command.remove(0);
    }
}

impl ServiceCommand {
    /// Returns the name of an option for keys of users that was set, but does not apply to a service ID.
    #[must_use]
    pub fn unsuitable_option(&self) -> Option<&'static str> {
        let of_targets = |targets: &Targets| (targets.all, targets.selection.owner.is_some(), None);
        let (all, owner, other) = match self {
            Self::ServiceApiKeyCreate(of) => {
                (false, false, of.options.support_sessions.then_some("--support-sessions"))
            }
            Self::ServiceApiKeyAudit(OfServiceId { options, .. }) => {
                (options.all, options.selection.owner.is_some(), options.all_sessions.then_some("--all-sessions"))
            }
            Self::ServiceApiKeyRotate(of) => (false, of.options.selection.owner.is_some(), None),
            Self::ServiceApiKeyList(of) => (of.options.all, of.options.selection.owner.is_some(), None),
            Self::ServiceApiKeyDelete(of) => of_targets(&of.options.targets),
            Self::ServiceApiKeyLock(of)
            | Self::ServiceApiKeyUnlock(of)
            | Self::ServiceApiKeyDisable(of)
            | Self::ServiceApiKeyEnable(of) => of_targets(&of.options),
            _ => (false, false, None),
        };
        all.then_some("--all").or(owner.then_some("--owner")).or(other)
    }
}
