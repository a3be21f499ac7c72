//! One file a verb: what a command does, in terms of the layers below.

mod acting;
mod api;
mod block;
mod change;
mod completion;
mod create;
mod delivery;
mod errors;
mod exec;
pub mod hand_over;
mod list;
mod login;
mod origin;
mod orphans;
mod recover;
mod reminder;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(feature = "sandbox")]
mod sandbox_run;
mod sessions;
mod show;
mod stand_in;
mod target;
mod update;
mod whoami;

use crate::cli::Command;
use crate::config::Settings;
use crate::context::Context;
use crate::creation::Log;
use crate::error::Error;
use crate::signals::EndSignals;
use change::Change;

/// Runs a command until it is done, or until a signal ends it. The number is the exit status.
///
/// # Errors
/// What went wrong; not reported yet.
pub async fn run_until_interrupted(context: &mut Context<'_>, command: Command) -> Result<u8, Error> {
    if command.ends_at_interrupt_by_itself() {
        return run(context, command).await;
    }
    let mut signals = EndSignals::watch().map_err(errors::cannot_handle_signals)?;
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
    if tells_of_pending(&command) {
        reminder::remind(context);
    }
    match command {
        Command::ApiKeyCreate(options) => create::run(context, options).await,
        Command::ApiKeyRecover(options) => Box::pin(recover::run(context, options)).await,
        Command::ApiKeyUpdate(options) => update::run(context, options).await,
        Command::ApiKeyLock(targets) => change::run(context, targets, Change::Lock).await,
        Command::ApiKeyUnlock(targets) => change::run(context, targets, Change::Unlock).await,
        Command::ApiKeyDisable(targets) => change::run(context, targets, Change::Disable).await,
        Command::ApiKeyEnable(targets) => change::run(context, targets, Change::Enable).await,
        Command::ApiKeyDelete(targets) => change::run(context, targets, Change::Delete).await,
        Command::ApiKeyList(options) => list::run(context, options).await,
        Command::ApiKeyShow(options) => show::run(context, options).await,
        Command::Login(options) => login::login(context, options).await,
        Command::Logout => login::logout(context).await,
        Command::Target(options) => whoami::target(context, options).await,
        Command::Session(options) => sessions::run(context, options.command),
        Command::Api(options) => api::run(context, &options),
        Command::StandIn(options) => stand_in::run(context, options.command),
        Command::Exec(options) => exec::run(context, options).await,
        Command::OauthTokens => whoami::oauth_tokens(context).await,
        Command::BearerToken => whoami::bearer_token(context).await,
        #[cfg(feature = "sandbox")]
        Command::Sandbox(options) => sandbox::run(context, options.command).await,
        Command::Completion(options) => {
            completion::run(context, &options);
            Ok(0)
        }
    }
}

/// Whether a command works with keys or sessions, and so is the right place to tell of a creation that was cut off.
fn tells_of_pending(command: &Command) -> bool {
    !matches!(command, Command::ApiKeyRecover(_) | Command::Completion(_) | Command::Logout)
        && !command.ends_at_interrupt_by_itself()
}

/// The log of creations.
fn log(settings: &Settings) -> Result<Log, Error> {
    Ok(Log::new(&settings.data_folder()?))
}
