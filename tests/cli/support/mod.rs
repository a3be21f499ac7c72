//! A sandbox, a home folder, and functions that run the binary with them.

pub(crate) mod curl;
pub(crate) mod killed;
pub(crate) mod limits;
pub(crate) mod relay;
pub(crate) mod source;

use std::fmt;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, Once};
use std::thread::JoinHandle;

use ibmiam::context::system_clock;
use ibmiam::sandbox::{self, Data, Options, Sandbox, Setup, Signing};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

const SIGNING_KEY: &[u8] = include_bytes!("../../fixtures/signing-key.der");

/// A signing key for all sandboxes of tests, so that no test has to generate one.
pub(crate) fn signing() -> Signing {
    Signing::Key(SIGNING_KEY.to_vec())
}

/// A sandbox in memory, in a thread of this process.
pub(crate) struct Server {
    pub url: String,
    pub key: String,
    pub sandbox: Sandbox,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(seed: Option<u32>) -> Self {
        Self::start_with(move |options| Options { seed, ..options })
    }

    /// Starts a sandbox with the text of a setup file.
    pub(crate) fn set_up(text: &str) -> Self {
        let setup = Setup::read(text).unwrap();
        Self::start_with(move |options| Options { setup, ..options })
    }

    /// Starts a sandbox with these faults.
    pub(crate) fn faulty(faults: &[&str]) -> Self {
        let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        Self::start_with(move |options| Options { faults, ..options })
    }

    pub(crate) fn start_with(options: impl FnOnce(Options) -> Options + Send + 'static) -> Self {
        let (ready, started) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let options = options(Options::new(Data::Ephemeral, signing(), system_clock));
                let sandbox = sandbox::start(options).await.unwrap();
                ready.send(sandbox).ok();
                stopped.await.ok();
            });
        });
        let sandbox = started.recv().unwrap();
        let (url, key) = (sandbox.url().to_owned(), sandbox.first_key().unwrap());
        Self { url, key, sandbox, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// A sandbox, and folders that only this world uses.
pub(crate) struct World {
    pub server: Server,
    folder: TempDir,
    /// If set, a command for keys becomes the command for keys of this service ID.
    service_id: Option<&'static str>,
}

/// A setup with the service ID of [`World::of_service_id`].
pub(crate) const SERVICE_ID: &str = "[[service_ids]]\nname = \"pipeline\"\n";

/// The result of a run of the binary.
pub(crate) struct Outcome {
    pub stdout: String,
    pub stderr: String,
    pub status: i32,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(None)
    }

    /// Creates a world whose account has this number of keys.
    pub(crate) fn seeded(keys: u32) -> Self {
        Self::with(Some(keys))
    }

    fn with(seed: Option<u32>) -> Self {
        Self::at(Server::start(seed))
    }

    /// Creates a world with this sandbox.
    pub(crate) fn at(server: Server) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("work")).unwrap();
        Self { server, folder, service_id: None }
    }

    /// Creates a world with this sandbox, which is set up with [`SERVICE_ID`]: a command for keys becomes the command
    /// for keys of the service ID.
    pub(crate) fn of_service_id(server: Server) -> Self {
        Self { service_id: Some("pipeline"), ..Self::at(server) }
    }

    /// The folder of the program's own files.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A path in the folder that the binary runs in.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    /// A file for output, outside the work folder.
    pub(crate) fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    /// The binary in the work folder; its environment holds the home, and the key and address of the sandbox.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare_command(&self.of_owner(arguments));
        command.env("IBMCLOUD_IAM_API_ENDPOINT", &self.server.url).env("IBMCLOUD_API_KEY", &self.server.key);
        command
    }

    /// Returns the arguments for keys of the service ID, if there is one.
    fn of_owner<'a>(&self, arguments: &[&'a str]) -> Vec<&'a str> {
        let mut words = arguments.to_vec();
        let Some(service_id) = self.service_id else { return words };
        let Some(of_service_id) = of_service_id(words[0]) else { return words };
        words[0] = of_service_id;
        let end = words.iter().position(|word| *word == "--").unwrap_or(words.len());
        words.insert(end, service_id);
        words
    }

    /// The binary in the work folder without a login, with the arguments unchanged.
    pub(crate) fn bare_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .env_clear()
            .env("IBMIAM_HOME", self.home())
            .current_dir(self.path(""))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        finish(self.command(arguments).spawn().unwrap())
    }

    /// Runs a command with this text on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Outcome {
        feed(self.command(arguments), input)
    }

    /// Creates a key and returns its ID.
    pub(crate) fn key(&self, name: &str) -> String {
        self.key_with(name, &[])
    }

    pub(crate) fn key_with(&self, name: &str, options: &[&str]) -> String {
        let mut arguments = vec!["api-key-create", "-o", "json"];
        arguments.extend(options);
        arguments.extend(name.starts_with('-').then_some("--"));
        arguments.push(name);
        let made = self.run(&arguments);
        assert_eq!(made.status, 0, "{made}");
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// The key as the service returns it; `None` if the service has no key with this ID.
    pub(crate) fn look(&self, id: &str) -> Option<serde_json::Value> {
        let shown = self.run(&["api-key-show", "-o", "json", id]);
        match shown.status {
            0 => Some(shown.json()),
            3 => None,
            _ => panic!("{shown}"),
        }
    }

    /// Stores the signing key of the tests' sandboxes where the binary finds it.
    pub(crate) fn share_signing_key(&self) {
        let folder = self.home().join("sandbox");
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
        let mut file =
            std::fs::File::options().write(true).create_new(true).mode(0o600).open(folder.join("signing-key.der"));
        file.as_mut().unwrap().write_all(SIGNING_KEY).unwrap();
    }

    /// The number of creations in the log.
    pub(crate) fn logged(&self) -> usize {
        let entries = std::fs::read_dir(self.home().join("pending")).into_iter().flatten().filter_map(Result::ok);
        entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "jsonl")).count()
    }

    /// Changes the start time of all creations in the log to a time long ago, so that no request can still arrive, and
    /// checks that a recovery then clears the log.
    #[track_caller]
    pub(crate) fn assert_nothing_is_left_in_the_end(&self) {
        for entry in std::fs::read_dir(self.home().join("pending")).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let (start, rest) = text.split_once("\"begun_at\":\"").unwrap();
            let (_, end) = rest.split_once('"').unwrap();
            std::fs::write(&path, format!("{start}\"begun_at\":\"2020-01-01T00:00:00Z\"{end}")).unwrap();
        }
        let recovered = self.run(&["api-key-recover"]);
        assert_eq!((recovered.status, self.logged()), (0, 0), "{recovered}");
    }

    /// The names of all keys of the user, without the first key.
    pub(crate) fn names(&self) -> Vec<String> {
        let listed = self.run(&["api-key-list", "-o", "json"]).json();
        let keys = listed.as_array().unwrap();
        let names = keys.iter().map(|key| key["name"].as_str().unwrap().to_owned());
        names.filter(|name| name != "sandbox").collect()
    }
}

/// Returns the command for keys of a service ID that corresponds to this command for keys of users.
fn of_service_id(command: &str) -> Option<&'static str> {
    const COMMANDS: [&str; 11] = [
        "service-api-key-create",
        "service-api-key-audit",
        "service-api-key-rotate",
        "service-api-key-update",
        "service-api-key-lock",
        "service-api-key-unlock",
        "service-api-key-disable",
        "service-api-key-enable",
        "service-api-key-delete",
        "service-api-key-list",
        "service-api-key-show",
    ];
    COMMANDS.into_iter().find(|known| known.strip_prefix("service-") == Some(command))
}

/// The number of sandboxes that one test runs at the same time: two such tests stay below 1,024 open files, the usual
/// limit of a user.
const PARALLEL: usize = 24;

/// Runs a function for each item, for several at the same time.
pub(crate) fn in_parallel<T: Send>(items: Vec<T>, run: impl Fn(T) + Sync) {
    let items = Mutex::new(items.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(|| {
                let next = || items.lock().unwrap().next();
                while let Some(item) = next() {
                    run(item);
                }
            });
        }
    });
}

/// Waits until a condition holds. Fails after a minute.
#[track_caller]
pub(crate) fn wait_until(mut holds: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !holds() {
        assert!(started.elapsed() < limits::seconds(60), "the condition does not hold after a minute");
        std::thread::yield_now();
    }
}

/// A pipe without a reader. A process that another test starts at this moment can hold the read end open for a short
/// time.
pub(crate) fn closed_pipe() -> std::io::PipeWriter {
    let (reader, mut writer) = std::io::pipe().unwrap();
    drop(reader);
    while writer.write(b" ").is_ok() {}
    writer
}

/// Runs a command with this text on standard input.
pub(crate) fn feed(mut command: Command, input: &str) -> Outcome {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    // A program that does not read its input does not fail the test.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    finish(child)
}

pub(crate) fn finish(child: Child) -> Outcome {
    let output = child.wait_with_output().unwrap();
    Outcome {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap_or(-1),
    }
}

/// A process that ends with its test, even if the test fails.
pub(crate) struct Process(Option<Child>);

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(Some(command.spawn().unwrap()))
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }

    /// Sends a signal, such as `INT`.
    pub(crate) fn signal(&mut self, name: &str) {
        let kill = format!("kill -{name} {}", self.child().id());
        assert!(Command::new("/bin/sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Sends SIGINT, as Ctrl-C does.
    pub(crate) fn interrupt(&mut self) {
        self.signal("INT");
    }

    pub(crate) fn finish(mut self) -> Outcome {
        finish(self.0.take().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// The binary, which handles signals even if the process of the tests ignores them: `nohup` and a script's `&` start
/// a process with signals ignored, and its children inherit that.
pub(crate) fn binary() -> &'static Path {
    static DEFAULT_SIGNALS: Once = Once::new();
    DEFAULT_SIGNALS.call_once(handle_ignored_signals);
    Path::new(env!("CARGO_BIN_EXE_ibmiam"))
}

/// Handles the ignored ones of the signals that end a process, without an effect. A handled signal has its default
/// action in a new program, unlike an ignored one.
fn handle_ignored_signals() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_default();
    let ignored = u64::from_str_radix(ignored.trim(), 16).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for kind in [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit(), SignalKind::terminate()] {
            if ignored >> (kind.as_raw_value() - 1) & 1 != 0 {
                drop(signal(kind).unwrap());
            }
        }
    });
}

impl Outcome {
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The error object of `--output json`.
    #[track_caller]
    pub(crate) fn error(&self) -> serde_json::Value {
        let all: serde_json::Value =
            serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self}"));
        all["error"].clone()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}\n--- stdout\n{}--- stderr\n{}", self.status, self.stdout, self.stderr)
    }
}

/// Compares a whole outcome; `[..]` stands for the rest of a word or line.
#[macro_export]
macro_rules! assert_outcome {
    ($outcome:expr, $expected:expr) => {
        snapbox::assert_data_eq!($outcome.to_string(), $expected)
    };
}

/// A bundle of valid certificates that does not fit the certificate of the server under test.
pub(crate) fn other_bundle(world: &World) -> PathBuf {
    let run = "exec cat \"$SSL_CERT_FILE\"";
    let other = finish(world.bare_command(&["sandbox", "run", "--tls", "--", "/bin/sh", "-c", run]).spawn().unwrap());
    assert!(other.stdout.contains("BEGIN CERTIFICATE"), "{other}");
    let path = world.path("other.pem");
    std::fs::write(&path, other.stdout).unwrap();
    path
}
