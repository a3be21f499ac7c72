//! The system's keyring: where a session's long-lived secrets lie, if there is one.
//!
//! Every call runs on a thread of its own and under a time limit, because a keyring that is locked waits for a person
//! and a bus can be silent for ever. Only `login` lets the keyring ask a person, and then waits as long as that takes.

#[cfg_attr(not(feature = "keyring"), path = "absent.rs")]
#[cfg_attr(all(feature = "keyring", any(target_os = "macos", windows)), path = "native.rs")]
#[cfg_attr(all(feature = "keyring", unix, not(target_os = "macos")), path = "secret_service.rs")]
mod system;

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::secret::SecretString;
use crate::text::reason;

/// How long a keyring may take where nobody is asked.
const LIMIT: Duration = Duration::from_secs(3);

/// What every entry of ours is found by.
#[cfg(feature = "keyring")]
const SERVICE: &str = "ibmiam";

/// Which secret of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// Renews the access token.
    RefreshToken,
    /// The key that logged in; kept on request only.
    ApiKey,
}

/// Why a keyring did not do what it was asked to. Holds nothing of a secret.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// There is none.
    #[error("there is no keyring: {0}")]
    Missing(String),
    /// It would have to ask a person.
    #[error("the keyring is locked")]
    Locked,
    /// It would have to ask a person for a password to begin with.
    #[error("the keyring is not set up")]
    Unset,
    /// It is silent.
    #[error("the keyring did not answer within {} seconds", LIMIT.as_secs())]
    Silent,
    /// Anything else.
    #[error("the keyring failed: {0}")]
    Failed(String),
}

/// One secret of one login of one session.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "keyring"), expect(dead_code, reason = "there is no keyring to name it to"))]
struct Entry {
    /// The session, and the folder that it belongs to: several may have a `default`.
    owner: String,
    login_id: String,
    secret: Secret,
}

/// The keyring, as far as it concerns the sessions of one folder.
#[derive(Debug, Clone)]
pub struct Keyring {
    folder: String,
    reachable: bool,
    attended: bool,
}

impl Keyring {
    /// For the sessions in a folder, known by its fingerprint. Without a session bus there is no keyring on Linux.
    #[must_use]
    pub fn new(folder: String, session_bus: bool) -> Self {
        let reachable = session_bus || cfg!(not(target_os = "linux"));
        Self { folder, reachable, attended: false }
    }

    /// The keyring may ask a person now, and take as long as that takes.
    #[must_use]
    pub fn attended(self, attended: bool) -> Self {
        Self { attended, ..self }
    }

    /// Reads a secret; `None` if it has none.
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

    /// Keeps a secret, in place of an older one of the same login.
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

    /// Removes what it keeps for a session: of the login `known`, and where it can be searched of all others, too, but
    /// for the login `kept`.
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

    /// Without a person first: a bus that is silent is told from a dialogue that is open.
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

/// Not one of the runtime's, whose end would wait for it.
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
    /// For people who look into their keyring.
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
