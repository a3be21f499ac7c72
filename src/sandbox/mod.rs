//! An IAM Identity service of one's own: real HTTP on loopback, kept in SQLite.
//!
//! It shares no type with [`crate::iam`], so that a mistake in one cannot hide in the other.
//!
//! It answers for API keys of users and service IDs, their tokens, service IDs, and the accounts of users;
//! `docs/sandbox.md` has the table. Left out: the grants `password`, `assume`, `iam-authz` and `derive`, delegated refresh tokens,
//! `/identity/userinfo` and `/identity/revoke`, sessions. What is not evidenced of the service is a switch in [`Setup`].

mod accounts;
mod action;
mod call;
mod check;
mod entities;
mod error;
mod fault;
mod fields;
mod filter;
mod fixed_answer;
mod grants;
mod history;
mod identities;
mod keys;
mod list;
mod log;
mod misbehave;
mod neighbours;
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
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;

pub use fault::Fault;
use identities::{ACCOUNT, OWNER};
pub use setup::Setup;
pub use store::OpenError;
use store::Store;
use token::{Grant, Signer};

use crate::text::reason;

/// Where the data is.
#[derive(Debug, Clone)]
pub enum Data {
    /// In memory, gone at the end.
    Ephemeral,
    /// In this folder, for next time.
    Folder(PathBuf),
}

/// The key that tokens are signed with.
#[derive(Debug, Clone)]
pub enum Signing {
    /// Kept in this folder, and made if there is none.
    Folder(PathBuf),
    /// This one, as PKCS#1.
    Key(Vec<u8>),
}

/// How to start.
#[derive(Debug)]
pub struct Options {
    /// Where the data is.
    pub data: Data,
    /// What tokens are signed with.
    pub signing: Signing,
    /// A loopback address; port 0 for a free one.
    pub listen: SocketAddr,
    /// Fill the account up to this many keys.
    pub seed: Option<u32>,
    /// Users, limits, lifetimes and choices.
    pub setup: Setup,
    /// What goes wrong on purpose, beside what the setup says.
    pub faults: Vec<Fault>,
    /// Where each request is written down.
    pub log: Option<std::fs::File>,
    /// Serve https, and write the certificate to trust to this file.
    pub tls: Option<PathBuf>,
    /// Tells the time.
    pub now: fn() -> Timestamp,
}

impl Options {
    /// As it is without any wishes: on a free port, with nothing going wrong.
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

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nobody else may reach a sandbox.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {}", reason(source))]
    Listen {
        /// The one asked for.
        address: SocketAddr,
        /// The system's word.
        source: io::Error,
    },
    /// The data cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The data cannot be written.
    #[error("cannot write the sandbox's data: {0}")]
    Data(#[from] rusqlite::Error),
    /// The certificate cannot be made or written.
    #[error("the sandbox cannot serve https: {0}")]
    Tls(String),
    /// Signing does not work.
    #[error("the sandbox cannot sign tokens")]
    Signing,
    /// There is no signing key, and none can be stored.
    #[error("cannot read or create the sandbox's signing key in {}: {}", folder.display(), reason(source))]
    SigningKey {
        /// Where it would be.
        folder: PathBuf,
        /// The system's word.
        source: io::Error,
    },
}

/// A running sandbox; stops when dropped.
pub struct Sandbox {
    app: Arc<App>,
    task: JoinHandle<()>,
}

/// What every request needs.
struct App {
    setup: Setup,
    faults: Vec<Fault>,
    log: Option<log::Log>,
    store: Store,
    signer: Signer,
    url: String,
    /// Tells the time as it is; the service goes by [`App::now`].
    clock: fn() -> Timestamp,
}

impl App {
    /// What the service takes for the time, in Unix seconds.
    fn now(&self) -> i64 {
        self.setup.choices.service_time((self.clock)().as_second())
    }

    /// The same in milliseconds.
    fn now_in_milliseconds(&self) -> i64 {
        let offset = self.setup.choices.clock_offset.saturating_mul(1000);
        (self.clock)().as_millisecond().saturating_add(offset)
    }

    /// How long the head of a request may take, and its body.
    fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.setup.limits.request_seconds.into())
    }
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
        // Checked when the setup was read.
        faults.extend(fault.parse::<Fault>());
    }
    store.apply(&options.setup, now)?;
    if let Some(total) = options.seed {
        store.seed(total, now)?;
    }
    store.serve()?;
    let listen = |source| StartError::Listen { address, source };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(listen)?;
    // The certificate goes by the real time: a client that refused it would never see that the clock is off.
    let tls = options.tls.as_deref().map(|bundle| tls::acceptor(bundle, address.ip(), real_now)).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let app = Arc::new(App {
        setup: options.setup,
        faults,
        log: options.log.map(log::Log::new),
        store,
        signer: signer(&options.signing)?,
        url: format!("{scheme}://{}", listener.local_addr().map_err(listen)?),
        clock: options.now,
    });
    let router = routes::router(Arc::clone(&app));
    let task = tokio::spawn(server::serve(listener, tls, router, Arc::clone(&app)));
    Ok(Sandbox { app, task })
}

/// Forgets the data in a folder, also under a process that is using it.
///
/// # Errors
/// The data can be neither emptied nor removed.
pub fn reset(folder: &Path, now: i64) -> Result<(), StartError> {
    match Store::in_folder(folder, now) {
        Ok(store) => Ok(store.start_over(now)?),
        // Nothing that could be emptied, nor that a process of this version could be using.
        Err(error) if Store::is_foreign(&error) => Ok(Store::remove(folder)?),
        Err(error) => Err(error.into()),
    }
}

impl Sandbox {
    /// Where it answers, as `http://127.0.0.1:4711`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// The account of the user whose sandbox it is.
    #[must_use]
    pub fn account_id(&self) -> &'static str {
        ACCOUNT
    }

    /// The user whose sandbox it is.
    #[must_use]
    pub fn iam_id(&self) -> &'static str {
        OWNER
    }

    /// The value of the key that the sandbox starts with.
    ///
    /// # Errors
    /// The data cannot be read or written.
    pub fn first_key(&self) -> Result<String, StartError> {
        Ok(self.app.store.first_key(self.app.now())?)
    }

    /// An access token for the sandbox's user, also where no key of theirs is left.
    ///
    /// # Errors
    /// The data cannot be read.
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

    /// A one-time passcode for a user, also for one who has no key.
    ///
    /// # Errors
    /// The data cannot be written.
    pub fn passcode(&self, iam_id: &str) -> Result<String, StartError> {
        let expires = self.app.now() + i64::from(self.app.setup.lifetimes.passcode);
        Ok(self.app.store.passcode(iam_id, expires)?)
    }
}

/// Makes a one-time passcode for the owner of the data in a folder.
///
/// # Errors
/// The data cannot be read or written.
pub fn passcode(folder: &Path, now: i64) -> Result<String, StartError> {
    let store = Store::in_folder(folder, now)?;
    Ok(store.passcode(OWNER, now + i64::from(Setup::default().lifetimes.passcode))?)
}

fn signer(signing: &Signing) -> Result<Signer, StartError> {
    let key = match signing {
        // Where nothing can be kept, as in a container that is read only, the key is good for this process.
        Signing::Folder(folder) => signing_key::in_folder(folder).ok().or_else(signing_key::new),
        Signing::Key(key) => Some(key.clone()),
    };
    Signer::new(&key.ok_or(StartError::Signing)?).map_err(|_| StartError::Signing)
}

/// Puts the key of one folder into another, whose programs then make tokens for the same sandboxes.
///
/// # Errors
/// A folder cannot be written.
pub fn share_signing_key(from: &Path, to: &Path) -> io::Result<()> {
    signing_key::share(from, to)
}

/// A token of a compute resource, good for an hour at every sandbox with the key in this folder.
///
/// # Errors
/// Signing does not work, or the key cannot be stored: then no server has it.
pub fn compute_resource_token(folder: &Path, now: i64) -> Result<String, StartError> {
    let key = signing_key::in_folder(folder)
        .map_err(|source| StartError::SigningKey { folder: folder.to_owned(), source })?;
    let signer = signer(&Signing::Key(key))?;
    signer.sign_compute_resource(now, now + 3600).ok_or(StartError::Signing)
}

/// The trusted profile that a compute resource can act as.
#[must_use]
pub fn profile_id() -> &'static str {
    identities::PROFILE.trim_start_matches("iam-")
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}
