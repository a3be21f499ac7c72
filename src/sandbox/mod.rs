//! A built-in IAM Identity service: real HTTP on loopback, with its data in SQLite.
//!
//! It shares no type with [`crate::iam`], so that a mistake in one is not hidden by the same mistake in the other.
//!
//! It implements the API keys of users and service IDs, their tokens, service IDs, and the accounts of users;
//! `docs/sandbox.md` has the table. It does not implement the grants `password`, `assume`, `iam-authz` and `derive`,
//! delegated refresh tokens, `/identity/userinfo` and `/identity/revoke`, and sessions. For behavior of the service
//! without evidence, [`Setup`] has a switch.

mod accounts;
mod action;
mod app;
mod call;
mod check;
mod entities;
mod error;
mod fault;
mod fields;
mod fill;
mod filter;
mod fixed_answer;
mod grants;
mod history;
mod host_check;
mod identities;
mod keys;
mod list;
mod log;
mod misbehave;
mod pieces;
mod preferences;
mod records;
mod routes;
mod schema;
mod server;
mod service_ids;
mod setup;
mod signing_key;
mod store;
mod tls;
mod token;
mod token_endpoint;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::JoinHandle;

use app::App;
pub use fault::Fault;
use identities::{ACCOUNT, OWNER};
use log::Log;
pub use setup::Setup;
pub use store::OpenError;
use store::Store;
use token::{Grant, Signer};

use crate::text::reason;

/// Where the data is stored.
#[derive(Debug, Clone)]
pub enum Data {
    /// In memory; the data is lost when the process ends.
    Ephemeral,
    /// In this folder; the data is kept.
    Folder(PathBuf),
}

/// The key that signs tokens.
#[derive(Debug, Clone)]
pub enum Signing {
    /// Stored in this folder, and created there if it is missing.
    Folder(PathBuf),
    /// This key, as PKCS#1.
    Key(Vec<u8>),
}

/// The options for [`start`].
#[derive(Debug)]
pub struct Options {
    /// Where the data is stored.
    pub data: Data,
    /// The key that signs tokens.
    pub signing: Signing,
    /// The address to listen on, which must be a loopback address; with port 0, the system selects a free port.
    pub listen: SocketAddr,
    /// The number of keys up to which the account is filled.
    pub seed: Option<u32>,
    /// Users, limits, lifetimes and choices.
    pub setup: Setup,
    /// Faults to inject, in addition to those in the setup.
    pub faults: Vec<Fault>,
    /// The file to which each request is logged.
    pub log: Option<std::fs::File>,
    /// If set, the sandbox serves HTTPS, and writes the certificate to trust to this file.
    pub tls: Option<PathBuf>,
    /// Returns the current time.
    pub now: fn() -> Timestamp,
}

impl Options {
    /// The default options: a free port, and no faults.
    #[must_use]
    pub fn new(data: Data, signing: Signing, now: fn() -> Timestamp) -> Self {
        Self {
            data,
            signing,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            seed: None,
            setup: Setup::default(),
            faults: Vec::new(),
            log: None,
            tls: None,
            now,
        }
    }
}

/// The reason why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not a loopback address; other machines must not reach a sandbox.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The sandbox cannot listen on the address.
    #[error("cannot listen on {address}: {}", reason(source))]
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The error from the operating system.
        source: io::Error,
    },
    /// The data cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The data cannot be read or written.
    #[error("cannot write the sandbox's data: {0}")]
    Data(#[from] rusqlite::Error),
    /// The certificate cannot be created or written.
    #[error("the sandbox cannot serve https: {0}")]
    Tls(String),
    /// Signing failed.
    #[error("the sandbox cannot sign tokens")]
    Signing,
    /// The signing key is missing, and a new one cannot be stored.
    #[error("cannot read or create the sandbox's signing key in {}: {}", folder.display(), reason(source))]
    SigningKey {
        /// The folder of the key.
        folder: PathBuf,
        /// The error from the operating system.
        source: io::Error,
    },
}

/// A running sandbox; it stops when this value is dropped.
pub struct Sandbox {
    app: Arc<App>,
    task: JoinHandle<()>,
}

/// Starts a sandbox on the current runtime.
///
/// # Errors
/// See [`StartError`].
pub async fn start(options: Options) -> Result<Sandbox, StartError> {
    let address = options.listen;
    if !address.ip().is_loopback() {
        return Err(StartError::NotLoopback(address));
    }
    let real_now = (options.now)().as_second();
    let now = options.setup.choices.service_time(real_now);
    let store = match &options.data {
        Data::Ephemeral => Store::in_memory(now)?,
        Data::Folder(folder) => Store::in_folder(folder, now)?,
    };
    let mut faults = options.faults;
    for fault in &options.setup.faults {
        // The faults were checked when the setup was read, so no error is lost here.
        faults.extend(fault.parse::<Fault>());
    }
    store.apply(&options.setup, now)?;
    if let Some(total) = options.seed {
        store.seed(total, now)?;
    }
    store.serve()?;
    let listen = |source| StartError::Listen { address, source };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(listen)?;
    // The certificate uses the real time: a client that rejects the certificate would not see the wrong clock at all.
    let tls = options.tls.as_deref().map(|bundle| tls::acceptor(bundle, address.ip(), real_now)).transpose();
    let tls = tls.map_err(StartError::Tls)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let app = Arc::new(App {
        setup: options.setup,
        faults,
        log: options.log.map(|file| Log::new(file, options.now)),
        store,
        signer: signer(&options.signing)?,
        url: format!("{scheme}://{}", listener.local_addr().map_err(listen)?),
        clock: options.now,
    });
    let router = routes::router(Arc::clone(&app));
    let task = tokio::spawn(server::serve(listener, tls, router, Arc::clone(&app)));
    Ok(Sandbox { app, task })
}

/// Deletes the data in a folder, even while another process uses it.
///
/// # Errors
/// The data can be neither emptied nor removed.
pub fn reset(folder: &Path, now: i64) -> Result<(), StartError> {
    match Store::in_folder(folder, now) {
        Ok(store) => Ok(store.start_over(now)?),
        // This version cannot empty such data, and no process of this version can be using it.
        Err(error) if Store::is_foreign(&error) => Ok(Store::remove(folder)?),
        Err(error) => Err(error.into()),
    }
}

impl Sandbox {
    /// Returns the URL of the server, for example `http://127.0.0.1:4711`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// Returns the account of the sandbox's owner.
    #[must_use]
    pub fn account_id(&self) -> &'static str {
        ACCOUNT
    }

    /// Returns the IAM ID of the sandbox's owner.
    #[must_use]
    pub fn iam_id(&self) -> &'static str {
        OWNER
    }

    /// Returns the value of the key that every sandbox has at start.
    ///
    /// # Errors
    /// The data cannot be read or written.
    pub fn first_key(&self) -> Result<String, StartError> {
        Ok(self.app.store.first_key(self.app.now())?)
    }

    /// Returns an access token for the sandbox's owner, even if the owner has no key left.
    ///
    /// # Errors
    /// The data cannot be read, or signing failed.
    pub fn access_token(&self) -> Result<String, StartError> {
        let user = self.app.store.identity(OWNER)?.ok_or(StartError::Signing)?;
        let issued = self.app.now();
        let grant = Grant {
            user: &user,
            account: Some(&user.account_id),
            issuer: self.url(),
            grant_type: "urn:ibm:params:oauth:grant-type:apikey",
            client: "bx",
            issued,
            expires: issued + i64::from(self.app.setup.lifetimes.access_token),
        };
        self.app.signer.sign(&grant).ok_or(StartError::Signing)
    }

    /// Returns a one-time passcode for a user, who does not need a key.
    ///
    /// # Errors
    /// The data cannot be written.
    pub fn passcode(&self, iam_id: &str) -> Result<String, StartError> {
        let expires = self.app.now() + i64::from(self.app.setup.lifetimes.passcode);
        Ok(self.app.store.passcode(iam_id, expires)?)
    }
}

/// Creates a one-time passcode for the owner of the data in a folder.
///
/// # Errors
/// The data cannot be read or written.
pub fn passcode(folder: &Path, now: i64) -> Result<String, StartError> {
    let store = Store::in_folder(folder, now)?;
    Ok(store.passcode(OWNER, now + i64::from(Setup::default().lifetimes.passcode))?)
}

fn signer(signing: &Signing) -> Result<Signer, StartError> {
    let key = match signing {
        // If the key cannot be stored, for example in a read-only container, it is used for this process only.
        Signing::Folder(folder) => signing_key::in_folder(folder).ok().or_else(signing_key::new),
        Signing::Key(key) => Some(key.clone()),
    };
    Signer::new(&key.ok_or(StartError::Signing)?).map_err(|_| StartError::Signing)
}

/// Copies the signing key of one folder to another, so that programs that use the other folder can create tokens for
/// the same sandboxes.
///
/// # Errors
/// The key cannot be read or created, or the other folder cannot be written.
pub fn share_signing_key(from: &Path, to: &Path) -> io::Result<()> {
    signing_key::share(from, to)
}

/// Returns a compute resource token, valid for one hour in every sandbox that uses the key in this folder.
///
/// # Errors
/// Signing failed, or the key cannot be stored, so that no server would have it.
pub fn compute_resource_token(folder: &Path, now: i64) -> Result<String, StartError> {
    let key = signing_key::in_folder(folder)
        .map_err(|source| StartError::SigningKey { folder: folder.to_owned(), source })?;
    let signer = signer(&Signing::Key(key))?;
    signer.sign_compute_resource(now, now + 3600).ok_or(StartError::Signing)
}

/// Returns the ID of the trusted profile that a compute resource can use.
#[must_use]
pub fn profile_id() -> &'static str {
    identities::PROFILE.trim_start_matches("iam-")
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}
