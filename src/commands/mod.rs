//! The commands, one file per command, in folders by noun. They use `support` and the lower layers.

mod api_key;
pub mod completion;
#[cfg(feature = "sandbox")]
mod sandbox;
mod service_id;
mod session;
pub mod stand_in;
mod support;

use crate::cli::Command;
use crate::cli::keys::{Delete, Targets};
use crate::cli::service::{OfServiceId, ServiceCommand, Whose};
use crate::context::Context;
use crate::error::Error;
use crate::iam::verified::KeyChange;
use crate::signals::EndSignals;
use api_key::change::run as change;
use support::messages;

/// Runs a command until it finishes or a signal ends it. The number is the exit status.
///
/// # Errors
/// The error of the command, which is not reported yet.
pub async fn run_until_interrupted(context: &mut Context<'_>, command: Command) -> Result<u8, Error> {
    if command.ends_at_interrupt_by_itself() {
        return run(context, command).await;
    }
    let mut signals = EndSignals::watch().map_err(|error| messages::cannot_handle_signals(&error))?;
    let signal = tokio::select! {
        // Checks for signals first, before the command starts.
        biased;
        signal = signals.next() => signal,
        result = run(context, command) => return result,
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
        Command::ApiKeyCreate(options) => api_key::create::run(context, Whose::Own, options).await,
        Command::ApiKeyAudit(options) => Box::pin(api_key::audit::run(context, Whose::Own, options)).await,
        Command::ApiKeyIdentify(options) => Box::pin(api_key::identify::run(context, options)).await,
        Command::ApiKeyRotate(options) => Box::pin(api_key::rotate::run(context, Whose::Own, options)).await,
        Command::ApiKeyRecover(options) => Box::pin(api_key::recover::run(context, options)).await,
        Command::ApiKeyUpdate(options) => api_key::update::run(context, Whose::Own, options).await,
        Command::ApiKeyLock(targets) => change(context, Whose::Own, targets, KeyChange::Lock, false).await,
        Command::ApiKeyUnlock(targets) => change(context, Whose::Own, targets, KeyChange::Unlock, false).await,
        Command::ApiKeyDisable(targets) => change(context, Whose::Own, targets, KeyChange::Disable, false).await,
        Command::ApiKeyEnable(targets) => change(context, Whose::Own, targets, KeyChange::Enable, false).await,
        Command::ApiKeyDelete(Delete { targets, ignore_not_found }) => {
            change(context, Whose::Own, targets, KeyChange::Delete, ignore_not_found).await
        }
        Command::ApiKeyList(options) => api_key::list::run(context, Whose::Own, options).await,
        Command::ApiKeyShow(options) => api_key::show::run(context, Whose::Own, options).await,
        Command::Service(command) => Box::pin(of_service_ids(context, command)).await,
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

/// Runs a command for service IDs: mostly the same command as for users' keys, with another owner.
async fn of_service_ids(context: &mut Context<'_>, command: ServiceCommand) -> Result<u8, Error> {
    if let Some(option) = command.unsuitable_option() {
        return Err(Error::usage(format!("{option} is only for API keys of users.")));
    }
    let change_of = async |context: &mut Context<'_>, of: OfServiceId<Targets>, key_change| {
        let (whose, targets) = of.split();
        change(context, whose, targets, key_change, false).await
    };
    match command {
        ServiceCommand::ServiceApiKeyCreate(of) => {
            let (whose, options) = of.split();
            api_key::create::run(context, whose, options).await
        }
        ServiceCommand::ServiceApiKeyAudit(of) => {
            let (whose, options) = of.split();
            api_key::audit::run(context, whose, options).await
        }
        ServiceCommand::ServiceApiKeyRotate(of) => {
            let (whose, options) = of.split();
            api_key::rotate::run(context, whose, options).await
        }
        ServiceCommand::ServiceApiKeyUpdate(of) => {
            let (whose, options) = of.split();
            api_key::update::run(context, whose, options).await
        }
        ServiceCommand::ServiceApiKeyLock(of) => change_of(context, of, KeyChange::Lock).await,
        ServiceCommand::ServiceApiKeyUnlock(of) => change_of(context, of, KeyChange::Unlock).await,
        ServiceCommand::ServiceApiKeyDisable(of) => change_of(context, of, KeyChange::Disable).await,
        ServiceCommand::ServiceApiKeyEnable(of) => change_of(context, of, KeyChange::Enable).await,
        ServiceCommand::ServiceApiKeyDelete(of) => {
            let (whose, Delete { targets, ignore_not_found }) = of.split();
            change(context, whose, targets, KeyChange::Delete, ignore_not_found).await
        }
        ServiceCommand::ServiceApiKeyList(of) => {
            let (whose, options) = of.split();
            api_key::list::run(context, whose, options).await
        }
        ServiceCommand::ServiceApiKeyShow(of) => {
            let (whose, options) = of.split();
            api_key::show::run(context, whose, options).await
        }
        ServiceCommand::ServiceIds(options) => service_id::list::run(context, options).await,
        ServiceCommand::ServiceId(options) => service_id::show::run(context, options).await,
    }
}

/// Whether a command works with keys or sessions, and so reports interrupted creations.
fn reports_pending(command: &Command) -> bool {
    !matches!(command, Command::ApiKeyRecover(_) | Command::ApiKeyRotate(_) | Command::Completion(_) | Command::Logout)
        && !command.ends_at_interrupt_by_itself()
}
