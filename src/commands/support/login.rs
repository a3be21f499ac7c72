//! A command's login, with the sandbox that it may need to stay alive.

use std::path::{Path, PathBuf};

use crate::blocking::on_a_thread;
use crate::config::Settings;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::keyfile;
use crate::secret::{ExposeSecret, SecretString};
use crate::session::{self, Login, Places};
use crate::terminal::ui::Ui;

/// Who acts.
pub(crate) struct ActiveLogin {
    /// The login.
    pub(crate) login: Login,
    #[cfg(feature = "sandbox")]
    _sandbox: Option<crate::sandbox::Sandbox>,
}

impl ActiveLogin {
    /// Finds the login, and starts the sandbox if that is meant.
    pub(crate) async fn open(context: &mut Context<'_>) -> Result<Self, Error> {
        Self::open_for(context, session::MARGIN).await
    }

    /// The same with a token that has so many seconds left, where that is in our hands.
    pub(crate) async fn open_for(context: &mut Context<'_>, margin: i64) -> Result<Self, Error> {
        let active = Self::open_anywhere(context, margin).await?;
        if active.login.account_id.is_empty() {
            return Err(session::Error::NoAccount.into());
        }
        Ok(active)
    }

    /// The same where the login need not be for an account.
    pub(crate) async fn open_anywhere(context: &mut Context<'_>, margin: i64) -> Result<Self, Error> {
        #[cfg(feature = "sandbox")]
        let sandbox = crate::commands::sandbox::start::start_if_asked(context).await?;
        #[cfg(feature = "sandbox")]
        let sandbox_login = sandbox.as_ref().map(crate::commands::sandbox::start::login).transpose()?;
        #[cfg(not(feature = "sandbox"))]
        let sandbox_login = None;
        let places = Places::of(&context.settings)?;
        // To the tool that is stood in for, the key in the environment is what `login` reads, and a session goes first.
        let later = context.settings.api_key.take_if(|_| context.settings.stand_in.is_some());
        read_key_file(&mut context.settings).await?;
        let login = session::open(&context.settings, sandbox_login, &places, margin, context.now).await;
        let login = match (login, later) {
            (Err(error @ (session::Error::NotLoggedIn | session::Error::Ibmcloud(_))), Some(key)) => {
                if let session::Error::Ibmcloud(why) = error {
                    context.ui.note(&format!("{why} IBMCLOUD_API_KEY is used instead."));
                }
                context.settings.api_key = Some(key);
                read_key_file(&mut context.settings).await?;
                session::open(&context.settings, None, &places, margin, context.now).await?
            }
            (Err(session::Error::NotLoggedIn), None) if context.settings.stand_in.is_some() => {
                let name = context.settings.stand_in.as_deref().unwrap_or_default();
                let message = format!("Not logged in. Use '{name} login' to log in.");
                return Err(Error::new(Kind::NotAuthorised, message));
            }
            (login, _) => login?,
        };
        if let Some(error) = &login.unkept {
            context.ui.note(&format!("The renewed token could not be kept for the next command: {error}"));
        }
        Ok(Self {
            login,
            #[cfg(feature = "sandbox")]
            _sandbox: sandbox,
        })
    }

    /// `under ACCOUNT as USER`
    pub(crate) fn under_as(&self, ui: &Ui) -> String {
        let account = ui.name(&self.login.account_id);
        format!("under {account} as {}", ui.name(self.login.user()))
    }
}

/// Reads a secret from a file, which may be a pipe that nobody writes to yet, or lie on a network disk that hangs.
pub(crate) async fn read_file(
    path: PathBuf,
    read: fn(&Path) -> Result<SecretString, Error>,
) -> Result<SecretString, Error> {
    let found = on_a_thread("file", move || read(&path)).await;
    found.map_err(|error| Error::failed(format!("The file could not be read: {error}.")).caused_by(error)).flatten()
}

/// `IBMCLOUD_API_KEY` may name a file, as `@FILE`; it is read if the key will be needed.
async fn read_key_file(settings: &mut Settings) -> Result<(), Error> {
    let needed = !settings.sandbox && settings.session.is_none() && settings.iam_token.is_none();
    let key = settings.api_key.as_ref().filter(|_| needed).map(ExposeSecret::expose_secret);
    if let Some(path) = key.and_then(|key| key.strip_prefix('@')) {
        settings.api_key = Some(read_file(settings.expand(path), keyfile::read).await?);
    }
    Ok(())
}
