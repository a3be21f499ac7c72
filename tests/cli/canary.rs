//! Known secrets in every input: runs every command in every way, then searches everything that the runs wrote.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::relay::Fake;
use crate::support::{Outcome, Process, Server, World, feed, finish};

const KEY: &str = "canary-api-key-0123456789-abcdefghijklmnop";
const LEAKED_BY_SERVER: &str = "canary-echoed-by-the-server-0123456789";

/// All outputs of the runs, each with its source.
#[derive(Default)]
struct Outputs(Vec<(String, String)>);

impl Outputs {
    fn add(&mut self, what: &str, outcome: &Outcome) {
        self.0.push((format!("{what}: stdout"), outcome.stdout.clone()));
        self.0.push((format!("{what}: stderr"), outcome.stderr.clone()));
    }
}

fn world() -> World {
    let user = format!(
        "[[users]]\niam_id = \"IBMid-CAN\"\nemail = \"canary@example.com\"\nrole = \"administrator\"\n\
         keys = [{{ name = \"canary\", value = \"{KEY}\" }}]\n"
    );
    let mut world = World::at(Server::set_up(&user));
    KEY.clone_into(&mut world.server.key);
    world
}

fn read(path: PathBuf, field: &str) -> String {
    let value: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    value[field].as_str().unwrap().to_owned()
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was searched is worth knowing")]
#[expect(clippy::too_many_lines, reason = "one run after the other, and one search in all of them")]
fn secrets_are_where_they_are_meant_to_be_and_nowhere_else() {
    let world = world();
    let mut outputs = Outputs::default();
    fs::write(world.path("key"), KEY).unwrap();
    let url = world.server.url.clone();
    // A login that is stored, and its secrets.
    let login = ["login", "--store", "file", "--endpoint", &url, "--trace", "--apikey", "@key"];
    outputs.add("login", &finish(world.bare_command(&login).spawn().unwrap()));
    let refresh_token = read(world.home().join("sessions/default.json"), "refresh_token");
    let access_token = read(world.home().join("cache/tokens/default"), "access_token");
    let passcode = world.server.sandbox.passcode("IBMid-CAN").unwrap();
    let mut secrets = vec![KEY.to_owned(), refresh_token, access_token.clone(), LEAKED_BY_SERVER.to_owned()];

    // Every command, as text and as data, with the trace on standard error and in a file.
    let commands: Vec<Vec<&str>> = [
        "api-key-list",
        "api-key-list --all --wide",
        "api-key-show canary --history --activity",
        "api-key-update canary -d changed",
        "api-key-lock canary -f",
        "api-key-lock canary -f",
        "api-key-delete canary -f",
        "api-key-unlock canary -f",
        "api-key-disable k -f",
        "api-key-enable nosuch -f",
        "api-key-create k --file file --overwrite",
        "api-key-create k --file /nosuch/folder/file",
        "api-key-delete k -f",
        "api-key-show nosuch",
        "target",
        "target -c ffffffffffffffffffffffffffffffff",
        "session list",
        "api-key-recover",
        "login --passcode wrong --store file --session other",
        "api",
        "stand-in status",
        "logout --session none",
        "--help",
        "api-key-list --endpoint http://127.0.0.1:1",
        "api-key-create",
        "nosuch",
    ]
    .iter()
    .map(|line| line.split(' ').collect())
    .collect();
    let trace = format!("--trace={}", world.path("trace").display());
    for words in &commands {
        for more in [&["--trace"][..], &["--trace", "-o", "json"], &["-o", "csv"], &[&trace, "-q"]] {
            let words: Vec<&str> = words.iter().chain(more).copied().collect();
            for by_key in [true, false] {
                let command = if by_key { world.command(&words) } else { world.bare_command(&words) };
                outputs.add(&format!("{words:?}"), &feed(command, ""));
            }
        }
        if world.path("file").exists() {
            secrets.push(read(world.path("file"), "apikey"));
        }
    }
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(world.path("trace")).unwrap()) & 0o777, 0o600);
    outputs.0.push(("the trace's file".to_owned(), fs::read_to_string(world.path("trace")).unwrap()));

    // One-time passcodes and compute resources' tokens.
    let by_passcode =
        ["login", "--endpoint", &url, "--store", "file", "--session", "p", "--trace", "--passcode", &passcode];
    outputs.add("passcode", &finish(world.bare_command(&by_passcode).spawn().unwrap()));
    let made = finish(world.bare_command(&["sandbox", "cr-token"]).spawn().unwrap());
    let (cr_token, profile) =
        (made.stdout.trim().to_owned(), made.stderr.split("--profile ").nth(1).unwrap().trim().to_owned());
    fs::write(world.path("cr"), &cr_token).unwrap();
    for profile in [profile.as_str(), "Profile-none"] {
        let login = [
            "login",
            "--endpoint",
            &url,
            "--store",
            "file",
            "--session",
            "cr",
            "--trace",
            "--cr-token",
            "@cr",
            "--profile",
            profile,
        ];
        outputs.add("compute resource", &finish(world.bare_command(&login).spawn().unwrap()));
    }
    secrets.extend([passcode, cr_token]);

    // A server whose errors repeat the request, and contain a token where none is expected.
    let echo = Fake::start(move |head, body| {
        let all = format!("{head} {body} {LEAKED_BY_SERVER}").replace(['"', '\r', '\n', '\\'], " ");
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJjYW5hcnkiOiJ5ZXMifQ.canary-signature";
        let body = format!(
            "{{\"errors\":[{{\"message_code\":\"BXNIM0000E\",\"message\":\"{all} {token}\"}}],\"apikey\":\"{LEAKED_BY_SERVER}\"}}"
        );
        format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\nx-{LEAKED_BY_SERVER}: {LEAKED_BY_SERVER}\r\n\r\n{body}",
            body.len()
        )
        .into()
    });
    for words in [&["api-key-list"][..], &["api-key-create", "k", "--file", "echoed"], &["login", "--apikey", "@key"]] {
        for more in [&["--trace"][..], &["-o", "json", "--trace"], &[]] {
            let mut command = world.command(&[words, more].concat());
            outputs.add("echo", &finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", echo.url()).spawn().unwrap()));
            let mut command = world.bare_command(&[words, more, &["--endpoint", &echo.url()]].concat());
            outputs.add("echo", &finish(command.env("IBMCLOUD_IAM_TOKEN", &access_token).spawn().unwrap()));
        }
    }
    secrets.push("canary-signature".to_owned());

    // The programs that ibmiam starts, and what other processes can see of it.
    let show = [
        "exec",
        "--",
        "/bin/sh",
        "-c",
        "env | grep -v IAM_TOKEN; tr '\\0' ' ' < /proc/$$/cmdline; cat /proc/$PPID/cmdline",
    ];
    let mut exec = world.bare_command(&show);
    exec.env("IBMCLOUD_API_KEY", KEY).env("IBMCLOUD_IAM_API_ENDPOINT", &url).env("PATH", "/usr/bin:/bin");
    outputs.add("exec", &finish(exec.spawn().unwrap()));
    let slow = Server::faulty(&["GET /v1/apikeys delay=60s"]);
    let mut listing = world.command(&["api-key-list"]);
    listing.env("IBMCLOUD_IAM_API_ENDPOINT", &slow.url).env("IBMCLOUD_API_KEY", &slow.key);
    let running = Process::start(&mut listing);
    let listed = Command::new("ps").args(["axww", "-o", "args"]).stdin(Stdio::null()).output().unwrap();
    outputs.0.push(("the process list".to_owned(), String::from_utf8_lossy(&listed.stdout).into_owned()));
    drop(running);

    secrets.sort();
    secrets.dedup();
    let mut bytes = 0;
    for (what, text) in &outputs.0 {
        bytes += text.len();
        for secret in &secrets {
            // This includes the passcode, which the test passed on a command line.
            assert!(!text.contains(secret.as_str()), "{what} holds {secret}: {text}");
        }
    }
    println!("{} outputs of {bytes} bytes searched for {} secrets", outputs.0.len(), secrets.len());
    assert!(outputs.0.len() > 300 && bytes > 100_000, "{} {bytes}", outputs.0.len());
    files_hold_only_their_own(&world, &secrets);
}

/// Searches the files that were written; only some of them may contain secrets.
fn files_hold_only_their_own(world: &World, secrets: &[String]) {
    let mut folders = vec![world.home(), world.path("")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.display().to_string();
            let meant = ["/sessions/", "/tokens/", "/work/file", "/work/key", "/work/cr", "/replaced/"];
            if meant.iter().any(|place| name.contains(place)) {
                assert!(name.contains("/work/") || path.metadata().unwrap().permissions().mode() & 0o777 == 0o600);
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            for secret in secrets {
                assert!(!text.contains(secret.as_str()), "{name} holds {secret}");
            }
        }
    }
    let sessions = fs::read_to_string(world.home().join("sessions/default.json")).unwrap();
    assert!(!sessions.contains(KEY), "the key that logged in is not kept");
}

#[test]
fn the_sandboxs_log_holds_no_secret() {
    let world = World::new();
    let log = world.path("log");
    let script = format!(
        "{} login --store file --apikey \"$IBMCLOUD_API_KEY\" -q >/dev/null 2>&1; {0} api-key-create k --file f; {0} api-key-list; cat f",
        crate::support::binary().display()
    );
    let run = ["sandbox", "run", "--log", log.to_str().unwrap(), "--", "/bin/sh", "-c", &script];
    let ran = finish(world.bare_command(&run).spawn().unwrap());
    assert_eq!(ran.status, 0, "{ran}");
    let value = ran.stdout.split("\"apikey\": \"").nth(1).unwrap().split('"').next().unwrap();
    let text = fs::read_to_string(log).unwrap();
    assert!(text.lines().count() >= 4 && !text.contains(value) && !text.contains("eyJ"), "{text}");
}

#[test]
fn a_trace_goes_to_no_link_and_to_no_file_of_others() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let world = World::new();
    let victim = world.path("victim");
    fs::write(&victim, "as it was").unwrap();
    symlink(&victim, world.path("link")).unwrap();
    assert!(Command::new("mkfifo").arg(world.path("pipe")).status().unwrap().success());
    fs::set_permissions(&victim, PermissionsExt::from_mode(0o644)).unwrap();
    for name in ["link", "victim", "pipe", "nosuch/trace"] {
        let refused = world.run(&["api-key-list", &format!("--trace={name}")]);
        assert_eq!(refused.status, 1, "{name}: {refused}");
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "as it was");
    let mut by_variable = world.command(&["api-key-list", "-q"]);
    let traced = finish(by_variable.env("IBMCLOUD_TRACE", "true").spawn().unwrap());
    assert!(traced.stderr.contains("GET http://127.0.0.1") && !traced.stdout.contains("REQUEST"), "{traced}");
    let mut off = world.command(&["api-key-list", "-q"]);
    assert_eq!(finish(off.env("IBMCLOUD_TRACE", "false").spawn().unwrap()).stderr, "");
}
