//! One file a command, in folders by noun: what it does, in terms of `support` and of the layers below.

mod api_key;
pub mod completion;
#[cfg(feature = "sandbox")]
mod sandbox;
mod session;
pub mod stand_in;
mod support;

use crate::cli::Command;
use crate::context::Context;
use crate::error::Error;
use crate::iam::verified::KeyChange;
use crate::signals::EndSignals;
use support::messages;

/// Runs a command until it is done, or until a signal ends it. The number is the exit status.
///
/// # Errors
/// What went wrong; not reported yet.
pub async fn run_until_interrupted(context: &mut Context<'_>, command: Command) -> Result<u8, Error> {
    if command.ends_at_interrupt_by_itself() {
        return run(context, command).await;
    }
    let mut signals = EndSignals::watch().map_err(|error| messages::cannot_handle_signals(&error))?;
    let signal = tokio::select! {
        // Looked at before anything is begun.
        biased;
        signal = signals.next() => signal,
        result = run(context, command) => return result,
    };
    context.ui.restore_terminal();
    Err(context.interrupted(signal))
}

/// Runs a command.
///
/// # Errors
/// What went wrong; not reported yet.
pub async fn run(context: &mut Context<'_>, command: Command) -> Result<u8, Error> {
    if reports_pending(&command) {
        api_key::reminder::remind(context);
    }
    match command {
        Command::ApiKeyCreate(options) => api_key::create::run(context, options).await,
        Command::ApiKeyAudit(options) => Box::pin(api_key::audit::run(context, options)).await,
        Command::ApiKeyIdentify(options) => Box::pin(api_key::identify::run(context, options)).await,
        Command::ApiKeyRotate(options) => Box::pin(api_key::rotate::run(context, options)).await,
        Command::ApiKeyRecover(options) => Box::pin(api_key::recover::run(context, options)).await,
        Command::ApiKeyUpdate(options) => api_key::update::run(context, options).await,
        Command::ApiKeyLock(targets) => api_key::change::run(context, targets, KeyChange::Lock, false).await,
        Command::ApiKeyUnlock(targets) => api_key::change::run(context, targets, KeyChange::Unlock, false).await,
        Command::ApiKeyDisable(targets) => api_key::change::run(context, targets, KeyChange::Disable, false).await,
        Command::ApiKeyEnable(targets) => api_key::change::run(context, targets, KeyChange::Enable, false).await,
        Command::ApiKeyDelete(options) => {
            api_key::change::run(context, options.targets, KeyChange::Delete, options.ignore_not_found).await
        }
        Command::ApiKeyList(options) => api_key::list::run(context, options).await,
        Command::ApiKeyShow(options) => api_key::show::run(context, options).await,
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

/// Whether a command works with keys or sessions, and so reports interrupted creations.
fn reports_pending(command: &Command) -> bool {
    !matches!(command, Command::ApiKeyRecover(_) | Command::ApiKeyRotate(_) | Command::Completion(_) | Command::Logout)
        && !command.ends_at_interrupt_by_itself()
}
