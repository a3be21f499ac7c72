//! Where sessions and their secrets are stored.

use super::file::FileStore;
use super::keyring::{Keyring, Secret};
use super::store::{Session, Storage, StoreError};
use crate::config::Settings;
use crate::files::fingerprint;
use crate::secret::SecretString;

/// The name of the session that is used if no other one is named.
pub const DEFAULT: &str = "default";

/// Where sessions and their secrets are stored.
#[derive(Debug, Clone)]
pub struct Stores {
    /// The files with sessions and access tokens.
    pub files: FileStore,
    /// The system's keyring, if any; it stores refresh tokens and API keys.
    pub keyring: Keyring,
}

impl Stores {
    /// Returns the stores in the folders of the settings.
    ///
    /// # Errors
    /// `Failed` if the platform has no such folders.
    pub fn of(settings: &Settings) -> Result<Self, crate::error::Error> {
        let data = settings.data_folder()?;
        let keyring = Keyring::new(fingerprint(data.as_os_str()), settings.session_bus);
        Ok(Self { files: FileStore::new(&data, &settings.cache_folder()?), keyring })
    }

    /// Returns the name of the session to use: the one in the settings, otherwise the one set by `session use`.
    ///
    /// # Errors
    /// The errors of the store.
    pub fn name(&self, settings: &Settings) -> Result<String, StoreError> {
        match &settings.session {
            // Names that begin with `_` are reserved for this program.
            Some(name) if name.starts_with('_') => Err(StoreError::BadName(name.clone())),
            Some(name) => Ok(name.clone()),
            None => Ok(self.files.current()?.unwrap_or_else(|| DEFAULT.to_owned())),
        }
    }

    /// Returns the refresh token of a session, if it is stored.
    pub(super) async fn refresh_token(
        &self,
        name: &str,
        session: &Session,
    ) -> Result<Option<SecretString>, StoreError> {
        match session.storage {
            Storage::File => Ok(session.refresh_token.clone()),
            Storage::Keyring => self.secret(name, session, Secret::RefreshToken).await,
            Storage::Nowhere => Ok(None),
        }
    }

    /// Reads a secret of a session from the keyring.
    pub(super) async fn secret(
        &self,
        name: &str,
        session: &Session,
        secret: Secret,
    ) -> Result<Option<SecretString>, StoreError> {
        Ok(self.keyring.read(name, &session.login_id, secret).await?)
    }
}
