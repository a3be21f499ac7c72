//! The system's keyring, which stores the long-lived secrets of a session, if there is one.
//!
//! Every call runs on a separate thread and with a timeout, because a locked keyring waits for the user, and a bus may
//! never respond. Only `login` allows the keyring to prompt the user, and then waits without a timeout.

#[cfg_attr(not(feature = "keyring"), path = "absent.rs")]
#[cfg_attr(all(feature = "keyring", any(target_os = "macos", windows)), path = "native.rs")]
#[cfg_attr(all(feature = "keyring", unix, not(target_os = "macos")), path = "secret_service.rs")]
mod system;

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::secret::SecretString;
use crate::text::reason;

/// The timeout of a call that does not prompt the user.
const LIMIT: Duration = Duration::from_secs(3);

/// The service name of every entry of this program.
#[cfg(feature = "keyring")]
const SERVICE: &str = "ibmiam";

/// A kind of secret of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// The refresh token, which renews the access token.
    RefreshToken,
    /// The API key of the login; stored only on request.
    ApiKey,
}

/// Why a keyring operation failed. Contains no part of a secret.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// There is no keyring.
    #[error("there is no keyring: {0}")]
    Missing(String),
    /// The keyring is locked, and would have to prompt the user.
    #[error("the keyring is locked")]
    Locked,
    /// The keyring does not exist yet, and would have to prompt the user for a new password.
    #[error("the keyring is not set up")]
    Unset,
    /// The keyring did not respond before the timeout.
    #[error("the keyring did not respond within {} seconds", LIMIT.as_secs())]
    Silent,
    /// Any other failure.
    #[error("the keyring failed: {0}")]
    Failed(String),
}

/// The entry for one secret of one login of one session.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "keyring"), expect(dead_code, reason = "there is no keyring to name it to"))]
struct Entry {
    /// The session, and the folder that it belongs to, because several folders can have a session `default`.
    owner: String,
    login_id: String,
    secret: Secret,
}

/// The keyring, for the sessions of one folder.
#[derive(Debug, Clone)]
pub struct Keyring {
    folder: String,
    reachable: bool,
    attended: bool,
}

impl Keyring {
    /// Creates the keyring for the sessions in a folder, which is identified by its fingerprint. On Linux, there is no
    /// keyring without a session bus.
    #[must_use]
    pub fn new(folder: String, session_bus: bool) -> Self {
        let reachable = session_bus || cfg!(not(target_os = "linux"));
        Self { folder, reachable, attended: false }
    }

    /// Sets whether the keyring may prompt the user, and wait without a timeout.
    #[must_use]
    pub fn attended(self, attended: bool) -> Self {
        Self { attended, ..self }
    }

    /// Reads a secret; `None` if the keyring does not have it.
    ///
    /// # Errors
    /// See [`KeyringError`].
    pub async fn read(
        &self,
        session: &str,
        login_id: &str,
        secret: Secret,
    ) -> Result<Option<SecretString>, KeyringError> {
        let entry = self.entry(session, login_id, secret);
        let bytes = self.ask(move |attended| system::read(&entry, attended)).await?;
        let Some(bytes) = bytes.map(Zeroizing::new) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| KeyringError::Failed("its entry is not text".to_owned()))?;
        Ok(Some(SecretString::from(text)))
    }

    /// Stores a secret, in place of an older one of the same login.
    ///
    /// # Errors
    /// See [`KeyringError`].
    pub async fn write(
        &self,
        session: &str,
        login_id: &str,
        secret: Secret,
        value: &SecretString,
    ) -> Result<(), KeyringError> {
        let (entry, value) = (self.entry(session, login_id, secret), value.clone());
        self.ask(move |attended| system::write(&entry, &value, attended)).await
    }

    /// Removes the secrets of a session: those of the login `known`, and, if the keyring can be searched, those of all
    /// other logins too, except for the login `kept`.
    ///
    /// # Errors
    /// See [`KeyringError`].
    pub async fn clear(&self, session: &str, known: Option<&str>, kept: Option<&str>) -> Result<(), KeyringError> {
        let entry = self.entry(session, known.unwrap_or_default(), Secret::RefreshToken);
        let kept = kept.map(str::to_owned);
        self.ask(move |attended| system::clear(&entry, kept.as_deref(), attended)).await
    }

    fn entry(&self, session: &str, login_id: &str, secret: Secret) -> Entry {
        Entry { owner: format!("{session}@{}", self.folder), login_id: login_id.to_owned(), secret }
    }

    /// Tries without a prompt first, to distinguish a bus that does not respond from an open prompt.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl Fn(bool) -> Result<T, KeyringError> + Send + Sync + 'static,
    ) -> Result<T, KeyringError> {
        if !self.reachable {
            return Err(KeyringError::Missing("there is no session bus".to_owned()));
        }
        let work = Arc::new(work);
        let unattended = Arc::clone(&work);
        let first = tokio::time::timeout(LIMIT, on_a_thread(move || unattended(false))).await;
        match first.unwrap_or(Err(KeyringError::Silent)) {
            Err(KeyringError::Locked | KeyringError::Unset) if self.attended => on_a_thread(move || work(true)).await,
            other => other,
        }
    }
}

/// Runs on a new thread. The runtime would wait for a thread of its own when it shuts down.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("keyring".to_owned());
    thread
        .spawn(move || drop(sender.send(work())))
        .map_err(|error| KeyringError::Failed(format!("no thread can be started: {}", reason(&error))))?;
    receiver.await.map_err(|_| KeyringError::Failed("it stopped unexpectedly".to_owned()))?
}

impl Entry {
    /// The label of the entry, for users who look into their keyring.
    fn label(&self) -> String {
        let session = self.owner.split('@').next().unwrap_or_default();
        let what = match self.secret {
            Secret::RefreshToken => "login session",
            Secret::ApiKey => "API key of session",
        };
        format!("ibmiam: {what} '{session}'")
    }

    #[cfg(feature = "keyring")]
    fn kind(&self) -> &'static str {
        match self.secret {
            Secret::RefreshToken => "refresh-token",
            Secret::ApiKey => "api-key",
        }
    }
}
