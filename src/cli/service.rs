//! Commands for service IDs and their keys. They are the commands for keys of users, with the service ID as an
//! additional operand.
#![expect(missing_docs, reason = "clap takes the doc comment of a struct for the help of its command")]

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand};

use super::audit::Audit;
use super::key_command::{KeyCommand, MISSING};
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

/// A command for keys, and their owner.
#[derive(Debug)]
pub struct KeysOf(pub Whose, pub KeyCommand);

/// The commands for keys of service IDs.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
#[expect(clippy::enum_variant_names, reason = "clap takes the names of the commands from them")]
enum ServiceCommand {
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
}

impl ServiceCommand {
    /// Returns the command for keys of users with the same options, and the operands.
    fn split(self) -> (KeyCommand, Vec<String>) {
        match self {
            Self::ServiceApiKeyCreate(of) => (KeyCommand::ApiKeyCreate(of.options), of.operands),
            Self::ServiceApiKeyAudit(of) => (KeyCommand::ApiKeyAudit(of.options), of.operands),
            Self::ServiceApiKeyRotate(of) => (KeyCommand::ApiKeyRotate(of.options), of.operands),
            Self::ServiceApiKeyUpdate(of) => (KeyCommand::ApiKeyUpdate(of.options), of.operands),
            Self::ServiceApiKeyLock(of) => (KeyCommand::ApiKeyLock(of.options), of.operands),
            Self::ServiceApiKeyUnlock(of) => (KeyCommand::ApiKeyUnlock(of.options), of.operands),
            Self::ServiceApiKeyDisable(of) => (KeyCommand::ApiKeyDisable(of.options), of.operands),
            Self::ServiceApiKeyEnable(of) => (KeyCommand::ApiKeyEnable(of.options), of.operands),
            Self::ServiceApiKeyDelete(of) => (KeyCommand::ApiKeyDelete(of.options), of.operands),
            Self::ServiceApiKeyList(of) => (KeyCommand::ApiKeyList(of.options), of.operands),
            Self::ServiceApiKeyShow(of) => (KeyCommand::ApiKeyShow(of.options), of.operands),
        }
    }

    /// Returns the command for the keys of the service ID, which is the last operand.
    fn of_service_id(self) -> Result<KeysOf, &'static str> {
        let (mut command, mut operands) = self.split();
        if let Some(program) = command.program() {
            take_dashed(&mut operands, program);
        }
        if operands.iter().any(String::is_empty) {
            return Err(EMPTY);
        }
        let service_id = operands.pop().ok_or(MISSING)?;
        command.set_keys(operands)?;
        Ok(KeysOf(Whose::ServiceId(service_id), command))
    }
}

impl Subcommand for KeysOf {
    fn augment_subcommands(root: Command) -> Command {
        ServiceCommand::augment_subcommands(KeyCommand::augment_subcommands(root))
    }

    fn augment_subcommands_for_update(root: Command) -> Command {
        Self::augment_subcommands(root)
    }

    fn has_subcommand(name: &str) -> bool {
        KeyCommand::has_subcommand(name) || ServiceCommand::has_subcommand(name)
    }
}

impl FromArgMatches for KeysOf {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Self::from_arg_matches_mut(&mut matches.clone())
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        if matches.subcommand_name().is_some_and(KeyCommand::has_subcommand) {
            return Ok(Self(Whose::Own, KeyCommand::from_arg_matches_mut(matches)?));
        }
        let command = ServiceCommand::from_arg_matches_mut(matches)?;
        command.of_service_id().map_err(|text| clap::Error::raw(ErrorKind::MissingRequiredArgument, text))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
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

/// The options of a command for keys of users, and the operands: those of that command, then the service ID.
#[derive(Debug)]
struct OfServiceId<T> {
    options: T,
    operands: Vec<String>,
}

/// Options that apply only to keys of users.
const FOR_USERS: [&str; 4] = ["all", "owner", "support_sessions", "all_sessions"];

/// The operands of a command for keys.
trait Operands: Args {
    /// The ID of the argument that collects the operands.
    const ID: &'static str = "key";
    /// The operands before the service ID, as the usage shows them; `None` if there are none.
    const USAGE: Option<&'static str> = Some("[NAME|UUID]");
    /// The line of the help that describes these operands.
    const HELP: &'static str = KEY_HELP;
    /// Whether the arguments can end with a command of the user.
    const RUNS_PROGRAM: bool = false;
    /// The rest of the help.
    const MORE_HELP: &'static str = "";
}

impl Operands for Create {
    const ID: &'static str = "name";
    const USAGE: Option<&'static str> = Some("<NAME>");
    const HELP: &'static str = "  NAME        Name of the new key; does not have to be unique\n";
    const RUNS_PROGRAM: bool = true;
    const MORE_HELP: &'static str = "
Examples:
  ibmiam service-api-key-create deploy pipeline --file key_file
  ibmiam service-api-key-create deploy pipeline --expires 90d -- gh secret set IBMCLOUD_API_KEY";
}

impl Operands for Rotate {
    const RUNS_PROGRAM: bool = true;
    const MORE_HELP: &'static str = "
The new key gets the name, the description, the leak action and the lifetime of the old key. ibmiam logs in with the \
new key before it changes the old one. If a rotation is interrupted, run the same command again to continue. With \
options that select keys, a command finds the name of each key in IBMIAM_KEY_NAME, and the ID of the old key in \
IBMIAM_KEY_ID.

Examples:
  ibmiam service-api-key-rotate deploy pipeline --file deploy.key
  ibmiam service-api-key-rotate deploy pipeline -- gh secret set IBMCLOUD_API_KEY
  ibmiam service-api-key-rotate pipeline --older-than 90d --file-dir keys";
}

impl Operands for Update {}

impl Operands for Show {}

impl Operands for Targets {
    const ID: &'static str = "keys";
    const USAGE: Option<&'static str> = Some("[NAME|UUID]...");
}

impl Operands for Delete {
    const ID: &'static str = Targets::ID;
    const USAGE: Option<&'static str> = Targets::USAGE;
}

impl Operands for List {
    const ID: &'static str = OPERAND;
    const USAGE: Option<&'static str> = None;
    const HELP: &'static str = "";
}

impl Operands for Audit {
    const ID: &'static str = OPERAND;
    const USAGE: Option<&'static str> = None;
    const HELP: &'static str = "";
}

const KEY_HELP: &str = "  NAME|UUID   Name or ID of a key; default on a terminal: select from a list\n";
const SERVICE_ID_HELP: &str = "  SERVICE_ID  Name or ID of the service ID\n";
const PROGRAM_HELP: &str = "  CMD         Command that reads the value from its standard input; if the command fails, ibmiam deletes the \
     key\n";
const EMPTY: &str = "empty argument: pass a key and a SERVICE_ID, in this order";

/// The ID of the operand for the service ID, in a command without operands for keys.
const OPERAND: &str = "service_id";

impl<T: Operands> Args for OfServiceId<T> {
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
        let command = match T::USAGE {
            Some(_) => command,
            None => command
                .arg(Arg::new(OPERAND).value_name("SERVICE_ID").value_parser(not_empty).required(true).hide(true)),
        };
        let operands = T::USAGE.map(|operands| format!("{operands} ")).unwrap_or_default();
        let program = if T::RUNS_PROGRAM { " [-- <CMD>...]" } else { "" };
        let described = [T::HELP, SERVICE_ID_HELP, if T::RUNS_PROGRAM { PROGRAM_HELP } else { "" }].concat();
        command
            .override_usage(format!("ibmiam {name} [OPTIONS] {operands}<SERVICE_ID>{program}"))
            .after_help(format!("Arguments:\n{described}{}", T::MORE_HELP))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Returns the option `--force` for a command that has no confirmation.
fn ignored_force() -> Arg {
    Arg::new("force").short('f').long("force").action(ArgAction::SetTrue).hide(true)
}

impl<T: Operands> FromArgMatches for OfServiceId<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let operands = matches.get_many(T::ID).into_iter().flatten().cloned().collect();
        Ok(Self { options: T::from_arg_matches(matches)?, operands })
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
