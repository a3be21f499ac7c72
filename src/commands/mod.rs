//! The commands, one file per command, in folders by noun. They use `ops` and the lower layers.

mod api_key;
pub mod completion;
#[cfg(feature = "sandbox")]
mod sandbox;
mod service_id;
mod session;
pub mod stand_in;

use crate::cli::Command;
use crate::cli::key_command::KeyCommand;
use crate::cli::keys::Delete;
use crate::cli::service::{KeysOf, Whose};
use crate::context::Context;
use crate::error::Error;
use crate::iam::verified::KeyChange;
use crate::ops::messages;
use crate::signals::EndSignals;
use api_key::change::run as change;

/// Runs a command until it finishes or a signal ends it. The number is the exit status.
///
/// # Errors
/// The error of the command, which is not reported yet.
pub async fn run_until_interrupted(context: &mut Context<'_>, command: Command) -> Result<u8, Error> {
    if command.ends_at_interrupt_by_itself() {
        return run(context, command).await.map_err(|error| error.log_in_with(&context.log_in));
    }
    let mut signals = EndSignals::watch().map_err(|error| messages::cannot_handle_signals(&error))?;
    let signal = tokio::select! {
        // Checks for signals first, before the command starts.
        biased;
        signal = signals.next() => signal,
        result = run(context, command) => return result.map_err(|error| error.log_in_with(&context.log_in)),
    };
    context.ui.restore_terminal();
    Err(context.interrupted(signal))
}

/// Runs a command. The number is the exit status.
///
/// # Errors
/// The error of the command, which is not reported yet.
pub async fn run(context: &mut Context<'_>, command: Command) -> Result<u8, Error> {
    if reports_pending(&command) {
        api_key::reminder::remind(context);
    }
    match command {
        Command::Key(KeysOf(whose, command)) => Box::pin(key_command(context, whose, command)).await,
        Command::ServiceIds(options) => service_id::list::run(context, options).await,
        Command::ServiceId(options) => service_id::show::run(context, options).await,
        Command::Login(options) => session::login::run(context, options).await,
        Command::Logout => session::logout::run(context).await,
        Command::Target(options) => session::target::run(context, options).await,
        Command::Session(options) => session::list::run(context, options.command),
        Command::Api(options) => session::endpoint::run(context, &options),
        Command::StandIn(options) => stand_in::install::run(context, options.command),
        Command::Exec(options) => session::exec::run(context, options).await,
        Command::OauthTokens => session::tokens::oauth_tokens(context).await,
        Command::BearerToken => session::tokens::bearer_token(context).await,
        #[cfg(feature = "sandbox")]
        Command::Sandbox(options) => sandbox::run(context, options.command).await,
        Command::Completion(options) => completion::run(context, &options),
    }
}

/// Runs a command for the keys of a user or a service ID.
async fn key_command(context: &mut Context<'_>, whose: Whose, command: KeyCommand) -> Result<u8, Error> {
    if let (Whose::ServiceId(_), Some(option)) = (&whose, command.unsuitable_option()) {
        return Err(Error::usage(format!("{option} is only for API keys of users.")));
    }
    match command {
        KeyCommand::ApiKeyCreate(options) => api_key::create::run(context, whose, options).await,
        KeyCommand::ApiKeyAudit(options) => api_key::audit::run(context, whose, options).await,
        KeyCommand::ApiKeyIdentify(options) => api_key::identify::run(context, options).await,
        KeyCommand::ApiKeyRotate(options) => api_key::rotate::run(context, whose, options).await,
        KeyCommand::ApiKeyRecover(options) => Box::pin(api_key::recover::run(context, options)).await,
        KeyCommand::ApiKeyUpdate(options) => api_key::update::run(context, whose, options).await,
        KeyCommand::ApiKeyLock(targets) => change(context, whose, targets, KeyChange::Lock, false).await,
        KeyCommand::ApiKeyUnlock(targets) => change(context, whose, targets, KeyChange::Unlock, false).await,
        KeyCommand::ApiKeyDisable(targets) => change(context, whose, targets, KeyChange::Disable, false).await,
        KeyCommand::ApiKeyEnable(targets) => change(context, whose, targets, KeyChange::Enable, false).await,
        KeyCommand::ApiKeyDelete(Delete { targets, ignore_not_found }) => {
            change(context, whose, targets, KeyChange::Delete, ignore_not_found).await
        }
        KeyCommand::ApiKeyList(options) => api_key::list::run(context, whose, options).await,
        KeyCommand::ApiKeyShow(options) => api_key::show::run(context, whose, options).await,
    }
}

/// Whether a command works with keys or sessions, and so reports interrupted creations.
fn reports_pending(command: &Command) -> bool {
    let reports_itself = matches!(
        command,
        Command::Key(KeysOf(Whose::Own, KeyCommand::ApiKeyRecover(_) | KeyCommand::ApiKeyRotate(_)))
            | Command::Completion(_)
            | Command::Logout
    );
    !reports_itself && !command.ends_at_interrupt_by_itself()
}
