//! The login of a command, and the sandbox that must run as long as the login is used.

pub(crate) mod owner;
#[cfg(feature = "sandbox")]
pub(crate) mod sandbox;

use std::path::{Path, PathBuf};

use crate::blocking::on_a_thread;
use crate::cli::service::Whose;
use crate::config::Settings;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::hint::Note;
use crate::iam::ApiKey;
use crate::keyfile;
use crate::ops::errors::{log_in_again, log_in_hints, no_account};
use crate::ops::login::owner::KeyOwner;
use crate::ops::messages::called;
use crate::secret::{ExposeSecret, SecretString};
use crate::session::candidates::Mode;
use crate::session::store::StoreError;
use crate::session::{self, Login, Source, Stores};
use crate::terminal::ui::Ui;
use crate::text::{name_with_id, reason};

/// The login that a command uses.
pub(crate) struct ActiveLogin {
    /// The login.
    pub(crate) login: Login,
    /// The owner of the keys that the command works with; by default the user.
    pub(crate) owner: KeyOwner,
    #[cfg(feature = "sandbox")]
    _sandbox: Option<crate::sandbox::Sandbox>,
}

impl ActiveLogin {
    /// Finds the login, and starts the sandbox if the settings request it.
    pub(crate) async fn open(context: &mut Context<'_>) -> Result<Self, Error> {
        Self::open_for(context, session::MARGIN).await
    }

    /// Like [`Self::open`], with a token that is valid for at least `margin` seconds, if the token can be renewed.
    pub(crate) async fn open_for(context: &mut Context<'_>, margin: i64) -> Result<Self, Error> {
        let mode = Mode::of(&context.settings);
        Self::open_as(context, mode, margin).await?.with_account()
    }

    /// Like [`Self::open`], for keys of a user or a service ID.
    pub(crate) async fn open_for_keys(context: &mut Context<'_>, whose: &Whose) -> Result<Self, Error> {
        let mut active = Self::open(context).await?;
        active.owner = KeyOwner::find(&active.login, whose).await?;
        Ok(active)
    }

    /// Finds the login that `target` shows. It may have no account.
    pub(crate) async fn open_target(context: &mut Context<'_>) -> Result<Self, Error> {
        let mode = Mode::of_target(&context.settings);
        Self::open_as(context, mode, session::MARGIN).await
    }

    /// Returns the login if it has an account, otherwise an error.
    pub(crate) fn with_account(self) -> Result<Self, Error> {
        match &self.login.source {
            _ if !self.login.account_id.is_empty() => Ok(self),
            Source::Stored { name, .. } => Err(no_account(Some(name))),
            _ => Err(no_account(None)),
        }
    }

    async fn open_as(context: &mut Context<'_>, mode: Mode, margin: i64) -> Result<Self, Error> {
        #[cfg(feature = "sandbox")]
        let sandbox = sandbox::start_if_asked(context).await?;
        #[cfg(feature = "sandbox")]
        let sandbox_login = sandbox.as_ref().map(sandbox::login).transpose()?;
        #[cfg(not(feature = "sandbox"))]
        let sandbox_login = None;
        let settings = &context.settings;
        let stores = Stores::of(settings)?;
        let read_key = async |key: &SecretString| read_key(settings, key).await;
        let login = session::open(settings, mode, sandbox_login, &stores, margin, context.now, read_key).await;
        let login = match (login, &settings.stand_in) {
            (Err(session::Error::NotLoggedIn), Some(name)) => {
                let message = format!("Not logged in. Use '{name} login' to log in.");
                return Err(Error::new(Kind::NotAuthorised, message));
            }
            (login, _) => login.inspect_err(|error| {
                if let session::Error::Expired(name) | session::Error::Ended(name, _) = error
                    && let Ok(Some(session)) = stores.files.load(name)
                {
                    context.log_in = vec![log_in_again(name, session.method)];
                }
            })?,
        };
        context.log_in = log_in_hints(&login.source);
        let unsaved = login.unsaved.clone();
        let note = move || unsaved.take().map(|error| Note::from(not_saved(&error)));
        if let Some(note) = note() {
            context.ui.note(note);
        }
        // The token may also be renewed during the command.
        context.final_notes.push(Box::new(note));
        Ok(Self {
            owner: KeyOwner::user_of(&login),
            login,
            #[cfg(feature = "sandbox")]
            _sandbox: sandbox,
        })
    }

    /// Warns if one of the keys that will be changed is the key that the command is logged in with. `may_ask` allows a
    /// request to find this out.
    pub(crate) async fn warn_about_own_key(&self, ui: &mut Ui, keys: &[&ApiKey], may_ask: bool) {
        let is_asked = self.login.api_key.is_some();
        if ui.is_quiet() || is_asked && !may_ask {
            return;
        }
        let own = self.login.key_id().await;
        let Some(key) = keys.iter().find(|key| Some(&*key.id) == own.as_deref()) else {
            return;
        };
        let key = called(key);
        ui.note(match &self.login.source {
            Source::Stored { name, .. } => {
                format!("You are logged in with {key}. The session '{name}' may end after this change.")
            }
            _ => format!("{key} is the key in IBMCLOUD_API_KEY. It cannot log in after this change."),
        });
    }

    /// Returns `under ACCOUNT as USER`, after `of service ID NAME` if the keys belong to a service ID.
    pub(crate) fn under_as(&self, ui: &Ui) -> String {
        let id = &self.login.account_id;
        let account = match &self.login.source {
            Source::Stored { account_name, .. } if !account_name.is_empty() && !ui.is_stand_in() => {
                ui.value(&name_with_id(account_name, id))
            }
            _ => ui.value(id),
        };
        format!("{}under {account} as {}", self.owner.of(ui), ui.value(self.login.user()))
    }
}

/// Reads a secret from a file on a separate thread, because the file may be a pipe without a writer, or on a network
/// disk that hangs.
pub(crate) async fn read_file(
    path: PathBuf,
    read: fn(&Path) -> Result<SecretString, Error>,
) -> Result<SecretString, Error> {
    let found = on_a_thread("file", move || read(&path)).await;
    found.map_err(|error| Error::failed(format!("Cannot read the file: {}.", reason(&error)))).flatten()
}

/// Returns the key of `IBMCLOUD_API_KEY`, which may be in a file: `@FILE`.
async fn read_key(settings: &Settings, given: &SecretString) -> Result<SecretString, Error> {
    match named_file(settings, given) {
        Some(path) => read_file(path, keyfile::read).await,
        None => Ok(given.clone()),
    }
}

/// The file that a value of the form `@FILE` names.
pub(crate) fn named_file(settings: &Settings, given: &SecretString) -> Option<PathBuf> {
    given.expose_secret().strip_prefix('@').map(|path| settings.expand(path))
}

/// Returns the message for a renewed token that could not be saved.
fn not_saved(error: &StoreError) -> String {
    format!("Cannot save the renewed token for the next command: {error}")
}
