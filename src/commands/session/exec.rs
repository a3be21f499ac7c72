//! `exec`: runs a command with a fresh token in its environment.

use std::process::Command;

use crate::cli::session::Exec;
use crate::context::Context;
use crate::error::Error;
use crate::hint::Hint;
use crate::ops::login::ActiveLogin;
use crate::programs::{KEY_VARIABLES, TOKEN_VARIABLES, become_it};
use crate::secret::ExposeSecret;
use crate::text::{reason, visible};

/// The minimum remaining validity of the token in seconds, if the service issues such tokens.
const FRESH: i64 = 900;

pub(crate) async fn run(context: &mut Context<'_>, options: Exec) -> Result<u8, Error> {
    if context.settings.sandbox {
        return Err(Error::usage("'exec' cannot be used with --sandbox: the sandbox ends before the command starts.")
            .hint(Hint::run("Instead, run", ["sandbox", "run", "--", "CMD"])));
    }
    let active = ActiveLogin::open_for(context, FRESH).await?;
    let bearer = format!("Bearer {}", active.login.token.expose_secret());
    let Some((program, arguments)) = options.command.split_first() else {
        return Err(Error::usage("A command is missing."));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    // These variables take precedence over a token, so an `ibmiam` child process would act with another login.
    for name in KEY_VARIABLES.iter().chain(&["IBMIAM_SESSION", "IBMIAM_SANDBOX"]) {
        command.env_remove(name);
    }
    for name in TOKEN_VARIABLES {
        command.env(name, &bearer);
    }
    command.env("IBMCLOUD_IAM_API_ENDPOINT", active.login.client.endpoint().to_string());
    context.ui.flush();
    let error = match become_it(command) {
        Ok(status) => return Ok(status),
        Err(error) => error,
    };
    let shown = visible(&program.to_string_lossy()).into_owned();
    context.report(&Error::failed(format!("Cannot run '{shown}': {}.", reason(&error))));
    // The same exit status as in a shell, because a caller may read it as the status of the command.
    Ok(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 })
}
