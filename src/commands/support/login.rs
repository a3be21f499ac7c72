//! A command's login, with the sandbox that it may need to stay alive.

use std::path::{Path, PathBuf};

use super::errors::{log_in_again, log_in_hints, no_account};
use super::messages::called;
use super::owner::KeyOwner;
use crate::blocking::on_a_thread;
use crate::cli::service::Whose;
use crate::config::Settings;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::hint::Note;
use crate::iam::ApiKey;
use crate::keyfile;
use crate::secret::{ExposeSecret, SecretString};
use crate::session::candidates::Mode;
use crate::session::store::StoreError;
use crate::session::{self, Login, Source, Stores};
use crate::terminal::ui::Ui;
use crate::text::reason;

/// Who acts.
pub(crate) struct ActiveLogin {
    /// The login.
    pub(crate) login: Login,
    /// Whose keys the command works with; the user's, unless it says otherwise.
    pub(crate) owner: KeyOwner,
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
        let mode = Mode::of(&context.settings);
        Self::open_as(context, mode, margin).await?.with_account()
    }

    /// The same for keys of a user or a service ID.
    pub(crate) async fn open_for_keys(context: &mut Context<'_>, whose: &Whose) -> Result<Self, Error> {
        let mut active = Self::open(context).await?;
        active.owner = KeyOwner::find(&active.login, whose).await?;
        Ok(active)
    }

    /// What `target` tells of. It need not be for an account.
    pub(crate) async fn open_target(context: &mut Context<'_>) -> Result<Self, Error> {
        let mode = Mode::of_target(&context.settings);
        Self::open_as(context, mode, session::MARGIN).await
    }

    /// The same, if it is for an account.
    pub(crate) fn with_account(self) -> Result<Self, Error> {
        match &self.login.source {
            _ if !self.login.account_id.is_empty() => Ok(self),
            Source::Stored { name, .. } => Err(no_account(Some(name))),
            _ => Err(no_account(None)),
        }
    }

    async fn open_as(context: &mut Context<'_>, mode: Mode, margin: i64) -> Result<Self, Error> {
        #[cfg(feature = "sandbox")]
        let sandbox = crate::commands::sandbox::start::start_if_asked(context).await?;
        #[cfg(feature = "sandbox")]
        let sandbox_login = sandbox.as_ref().map(crate::commands::sandbox::start::login).transpose()?;
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
                    context.ui.set_log_in_hints(vec![log_in_again(name, session.method)]);
                }
            })?,
        };
        context.ui.set_log_in_hints(log_in_hints(&login.source));
        let unsaved = login.unsaved.clone();
        let note = move || unsaved.take().map(|error| Note::from(not_saved(&error)));
        if let Some(note) = note() {
            context.ui.note(note);
        }
        // The token may have to be renewed in the middle of the command, too.
        context.final_notes.push(Box::new(note));
        Ok(Self {
            owner: KeyOwner::user_of(&login),
            login,
            #[cfg(feature = "sandbox")]
            _sandbox: sandbox,
        })
    }

    /// Warns before one of these keys is changed, if it is the key that the command logged in with. `may_ask` is whether
    /// a request to find out is worth its time.
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

    /// `under ACCOUNT as USER`, after `of service ID NAME` where the keys are not the user's.
    pub(crate) fn under_as(&self, ui: &Ui) -> String {
        let id = &self.login.account_id;
        let account = match &self.login.source {
            Source::Stored { account_name, .. } if !account_name.is_empty() && !ui.is_stand_in() => {
                ui.value(&format!("{account_name} ({id})"))
            }
            _ => ui.value(id),
        };
        format!("{}under {account} as {}", self.owner.of(ui), ui.value(self.login.user()))
    }
}

/// Reads a secret from a file, which may be a pipe that nobody writes to yet, or lie on a network disk that hangs.
pub(crate) async fn read_file(
    path: PathBuf,
    read: fn(&Path) -> Result<SecretString, Error>,
) -> Result<SecretString, Error> {
    let found = on_a_thread("file", move || read(&path)).await;
    found.map_err(|error| Error::failed(format!("The file could not be read: {}.", reason(&error)))).flatten()
}

/// The key that `IBMCLOUD_API_KEY` means, which may be in a file: `@FILE`.
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

/// What to say of a renewed token that could not be saved.
fn not_saved(error: &StoreError) -> String {
    format!("The renewed token could not be saved for the next command: {error}")
}
