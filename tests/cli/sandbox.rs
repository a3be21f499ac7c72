//! `--sandbox`, `sandbox serve`, `run` and `reset`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use snapbox::str;

use crate::support::curl::ask;
use crate::support::{Outcome, Process, Server, World, finish};

fn bare(world: &World, arguments: &[&str]) -> Outcome {
    finish(world.bare_command(arguments).spawn().unwrap())
}

/// Reads the `export` lines, which end with the last variable.
pub(crate) fn exports(process: &mut Process) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let output = BufReader::new(process.child().stdout.as_mut().unwrap());
    for line in output.lines() {
        let line = line.unwrap();
        let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
        variables.insert(name.to_owned(), value.trim_matches('\'').to_owned());
        if name == "IBMIAM_SANDBOX_PID" {
            break;
        }
    }
    variables
}

#[test]
fn the_readmes_first_command_works_with_nothing_set_up_and_the_data_stays() {
    let world = World::new();
    let arguments = ["--sandbox", "api-key-create", "MyKey", "-d", "this is my API key", "--file", "key_file"];
    crate::assert_outcome!(
        bare(&world, &arguments),
        str![[r#"
exit 0
--- stdout
--- stderr
Using the sandbox, a built-in IAM server. Nothing reaches IBM Cloud.
Creating API key MyKey under 0123456789abcdef0123456789abcdef as you@example.com...
OK
API key MyKey was created
Successfully saved API key information to key_file

"#]]
    );
    let listed = bare(&world, &["api-key-list", "--sandbox", "-o", "json"]).json();
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|key| key["name"].clone()).collect();
    assert_eq!(names, ["sandbox", "MyKey"]);
    let data = world.home().join("sandbox");
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o7777, 0o700);
    assert_eq!(data.join("iam.sqlite").metadata().unwrap().permissions().mode() & 0o7777, 0o600);
    let value = std::fs::read_to_string(world.path("key_file")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&value).unwrap();
    let stored = std::fs::read(data.join("iam.sqlite")).unwrap();
    let value = value["apikey"].as_str().unwrap().as_bytes();
    assert!(!stored.windows(value.len()).any(|part| part == value), "values are kept as hashes");
}

#[test]
fn it_works_on_when_its_user_deletes_every_key() {
    let world = World::new();
    assert_eq!(bare(&world, &["--sandbox", "api-key-delete", "-f", "sandbox"]).status, 0);
    let listed = bare(&world, &["--sandbox", "api-key-list"]);
    assert!(listed.stderr.ends_with("No API keys found.\n"), "{listed}");
    assert_eq!(bare(&world, &["--sandbox", "api-key-create", "k", "--file", "k"]).status, 0);
}

#[test]
fn several_processes_use_the_same_data_at_once() {
    let world = World::new();
    let running: Vec<_> = (0..19)
        .map(|number| {
            let (name, file) = (format!("k{number}"), format!("k{number}.key"));
            let mut command = world.bare_command(&["--sandbox", "api-key-create", &name, "--file", &file]);
            command.spawn().unwrap()
        })
        .collect();
    for child in running {
        let made = finish(child);
        assert_eq!(made.status, 0, "{made}");
    }
    let listed = bare(&world, &["--sandbox", "api-key-list", "--uuid"]);
    assert_eq!(listed.stdout.lines().count(), 20, "{listed}");
    let refused = bare(&world, &["--sandbox", "api-key-create", "one-too-many"]);
    assert_eq!(refused.status, 5, "{refused}");
}

#[test]
fn serve_prints_and_writes_the_variables_and_stops_at_ctrl_c() {
    let world = World::new();
    let arguments = ["sandbox", "serve", "--ephemeral", "--seed", "30", "--env-file", "sandbox.env"];
    let mut server = Process::start(&mut world.bare_command(&arguments));
    let variables = exports(&mut server);
    let names: Vec<&str> = variables.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "IAM_IDENTITY_ACCOUNT_ID",
            "IAM_IDENTITY_APIKEY",
            "IAM_IDENTITY_AUTHTYPE",
            "IAM_IDENTITY_AUTH_URL",
            "IAM_IDENTITY_IAM_ID",
            "IAM_IDENTITY_URL",
            "IBMCLOUD_API_KEY",
            "IBMCLOUD_IAM_API_ENDPOINT",
            "IBMIAM_SANDBOX_PID",
        ]
    );
    let count = |arguments: &[&str]| {
        let listed = finish(world.bare_command(arguments).envs(&variables).spawn().unwrap());
        assert_eq!(listed.status, 0, "{listed}");
        listed.stdout.lines().count()
    };
    assert_eq!(count(&["api-key-list", "--uuid"]), 10);
    assert_eq!(count(&["api-key-list", "--uuid", "--all"]), 30);
    let env_file = world.path("sandbox.env");
    assert_eq!(env_file.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
    let written = std::fs::read_to_string(env_file).unwrap();
    assert!(written.contains(&format!("export IBMCLOUD_API_KEY='{}'\n", variables["IBMCLOUD_API_KEY"])));
    server.interrupt();
    let stopped = server.finish();
    assert_eq!((stopped.status, stopped.stdout.as_str()), (0, ""), "{stopped}");
    assert!(!world.home().join("sandbox/iam.sqlite").exists(), "an ephemeral sandbox leaves no data behind");
    assert!(!world.path("sandbox.env").exists(), "the variables are there while the server is");
}

#[test]
fn variables_are_not_written_over_what_is_no_file() {
    let world = World::new();
    let pipe = world.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let refused = bare(&world, &["sandbox", "serve", "--ephemeral", "--env-file", "pipe"]);
    assert_eq!(refused.status, 2, "{refused}");
    assert!(!pipe.metadata().unwrap().is_file());
    std::fs::write(world.path("precious"), "mine").unwrap();
    std::os::unix::fs::symlink("precious", world.path("link")).unwrap();
    for (name, status) in [("precious", 2), ("link", 2), ("missing/file", 1)] {
        let refused = bare(&world, &["sandbox", "serve", "--ephemeral", "--env-file", name]);
        assert_eq!(refused.status, status, "{refused}");
    }
    assert_eq!(std::fs::read_to_string(world.path("precious")).unwrap(), "mine");
    assert!(!world.path("missing").exists());
}

#[test]
fn serve_ends_at_sigterm_and_leaves_no_certificate() {
    let world = World::new();
    for more in [&["--ephemeral"][..], &[]] {
        let arguments = [&["sandbox", "serve", "--tls", "--env-file", "o'brien.env"], more].concat();
        let mut command = world.bare_command(&arguments);
        let mut server = Process::start(command.env("TMPDIR", world.path("")));
        let variables = exports(&mut server);
        let bundle = std::path::Path::new(&variables["SSL_CERT_FILE"]).to_owned();
        assert!(bundle.exists() && world.path("o'brien.env").exists());
        server.signal("TERM");
        assert_eq!(server.finish().status, 0);
        assert!(!bundle.exists());
        assert_eq!(std::fs::read_dir(world.path("")).unwrap().count(), 0);
    }
}

#[test]
fn variables_can_be_sourced_wherever_the_home_is() {
    let world = World::new();
    let home = world.path("o'brien $(id) `id`");
    let mut command = world.bare_command(&["sandbox", "serve", "--tls", "--env-file", "env"]);
    let mut server = Process::start(command.env("IBMIAM_HOME", &home));
    let variables = exports(&mut server);
    let sourced = Command::new("/bin/sh")
        .args(["-c", ". ./env && printf %s \"$SSL_CERT_FILE\""])
        .current_dir(world.path(""))
        .output()
        .unwrap();
    assert_eq!(
        std::path::Path::new(std::str::from_utf8(&sourced.stdout).unwrap()).parent().unwrap(),
        home.join("sandbox")
    );
    assert!(variables["IAM_IDENTITY_URL"].starts_with("https://"));
    server.interrupt();
    server.finish();
}

#[test]
fn a_signal_to_run_reaches_the_command_and_nothing_is_left() {
    for signal in ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2"] {
        one_signal_to_run(signal);
    }
}

fn one_signal_to_run(signal: &str) {
    let world = World::new();
    let script =
        format!("trap 'echo ended; exit 5' {signal}; echo \"$IBMIAM_HOME\"; while :; do read line || exit 6; done");
    let mut command = world.bare_command(&["sandbox", "run", "--", "/bin/bash", "-c", &script]);
    let mut child = Process::start(command.env("TMPDIR", world.path("")).stdin(std::process::Stdio::piped()));
    let _open = child.child().stdin.take();
    let mut output = BufReader::new(child.child().stdout.take().unwrap());
    let mut home = String::new();
    output.read_line(&mut home).unwrap();
    let home = std::path::Path::new(home.trim());
    assert_eq!(home.metadata().unwrap().permissions().mode() & 0o7777, 0o700);
    // Bash can miss a signal that arrives just before it waits for input, until the next signal.
    while child.child().try_wait().unwrap().is_none() {
        let kill = format!("kill -{signal} {}", child.child().id());
        std::process::Command::new("/bin/sh").args(["-c", &kill]).status().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!((child.child().wait().unwrap().code(), rest.as_str()), (Some(5), "ended\n"), "{signal}");
    assert!(!home.exists());
    assert_eq!(std::fs::read_dir(world.path("")).unwrap().count(), 0);
}

#[test]
fn run_gives_a_command_a_sandbox_and_takes_over_its_exit_status() {
    let world = World::new();
    let binary = crate::support::binary().to_str().unwrap();
    let script = format!(
        "test -d \"$IBMIAM_HOME\" && test -z \"$IBMIAM_SANDBOX$IBMCLOUD_IAM_TOKEN\" && cd \"$IBMIAM_HOME\" && \
         {binary} login && {binary} api-key-create k --file k && {binary} -q api-key-list --uuid && pwd && exit 7"
    );
    let mut command = world.bare_command(&["sandbox", "run", "--seed", "3", "--", "/bin/sh", "-c", &script]);
    command.env("IBMIAM_SANDBOX", "1").env("IBMCLOUD_IAM_TOKEN", "outer").env("IBMCLOUD_API_KEY", "outer");
    let run = finish(command.spawn().unwrap());
    assert_eq!(run.status, 7, "{run}");
    assert_eq!(run.stdout.matches("ApiKey-").count(), 4, "{run}");
    let home = run.stdout.lines().last().unwrap();
    assert!(!std::path::Path::new(home).exists(), "{home} is left behind");
    let missing = bare(&world, &["sandbox", "run", "--", "./no-such-program"]);
    assert_eq!(missing.status, 127, "{missing}");
    assert!(missing.stderr.contains("Cannot run './no-such-program'"), "{missing}");
    assert_eq!(bare(&world, &["sandbox", "run", "--", "/dev"]).status, 126);
    let killed = bare(&world, &["sandbox", "run", "--", "/bin/sh", "-c", "kill -TERM $$"]);
    assert_eq!(killed.status, 143, "{killed}");
}

#[test]
fn a_mistyped_option_is_not_run_as_a_command() {
    let world = World::new();
    for arguments in [&["sandbox", "run", "--sed", "5", "--", "true"][..], &["exec", "--foo", "--", "true"]] {
        let refused = bare(&world, arguments);
        assert_eq!(refused.status, 2, "{refused}");
    }
    let run = bare(&world, &["sandbox", "run", "sh", "-c", "exit 7"]);
    assert_eq!(run.status, 7, "{run}");
}

#[test]
fn reset_starts_over() {
    let world = World::new();
    assert_eq!(bare(&world, &["--sandbox", "api-key-create", "k", "--file", "k"]).status, 0);
    assert_eq!(bare(&world, &["sandbox", "reset"]).status, 0);
    let listed = bare(&world, &["--sandbox", "api-key-list", "--uuid"]);
    assert_eq!(listed.stdout.lines().count(), 1, "{listed}");
    assert_eq!(bare(&world, &["sandbox", "reset"]).status, 0);
    assert_eq!(bare(&world, &["sandbox", "reset"]).status, 0);

    // A reset also works while a server uses the data.
    let mut server = Process::start(&mut world.bare_command(&["sandbox", "serve", "--seed", "5"]));
    let variables = exports(&mut server);
    assert_eq!(bare(&world, &["sandbox", "reset"]).status, 0);
    let old_key = finish(world.bare_command(&["api-key-list"]).envs(&variables).spawn().unwrap());
    assert_eq!(old_key.status, 4, "{old_key}");
    server.interrupt();
    assert_eq!(server.finish().status, 0);
}

#[test]
fn data_of_another_version_is_told_of_and_left_alone() {
    let world = World::new();
    assert_eq!(bare(&world, &["--sandbox", "api-key-create", "k", "--file", "k"]).status, 0);
    let data = world.home().join("sandbox/iam.sqlite");
    let refused = |version: i64| {
        let connection = rusqlite::Connection::open(&data).unwrap();
        connection.pragma_update(None, "user_version", version).unwrap();
        drop(connection);
        let before = files(data.parent().unwrap());
        let refused = bare(&world, &["--sandbox", "api-key-list"]);
        assert_eq!(files(data.parent().unwrap()), before, "version {version}");
        refused
    };
    let older = refused(3);
    crate::assert_outcome!(
        older,
        str![[r#"
exit 1
--- stdout
--- stderr
Using the sandbox, a built-in IAM server. Nothing reaches IBM Cloud.
FAILED
An older version of ibmiam wrote the sandbox's data in [..]/sandbox/iam.sqlite, and this version cannot use it.
To delete the data and start again, run: ibmiam sandbox reset

"#]]
    );
    crate::assert_outcome!(
        refused(99),
        str![[r#"
exit 1
--- stdout
--- stderr
Using the sandbox, a built-in IAM server. Nothing reaches IBM Cloud.
FAILED
A newer version of ibmiam wrote the sandbox's data in [..]/sandbox/iam.sqlite.
Use that version.
Or delete the data: ibmiam sandbox reset

"#]]
    );
    for version in [1, 99] {
        refused(version);
        assert_eq!(bare(&world, &["sandbox", "reset"]).status, 0);
        let listed = bare(&world, &["--sandbox", "api-key-list", "--uuid"]);
        assert_eq!(listed.stdout.lines().count(), 1, "{listed}");
    }
}

/// Returns the names and contents of the files in a folder.
fn files(folder: &std::path::Path) -> BTreeMap<std::ffi::OsString, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn data_that_is_damaged_is_told_of_and_reset() {
    let world = World::new();
    assert_eq!(bare(&world, &["--sandbox", "api-key-list"]).status, 0);
    let data = world.home().join("sandbox/iam.sqlite");
    std::fs::write(&data, "no database".repeat(100)).unwrap();
    let broken = bare(&world, &["--sandbox", "api-key-list"]);
    assert_eq!(broken.status, 1, "{broken}");
    assert!(broken.stderr.contains("file is not a database"), "{broken}");
    assert_eq!(bare(&world, &["sandbox", "reset"]).status, 0);
    assert_eq!(bare(&world, &["--sandbox", "api-key-list"]).status, 0);
}

#[test]
fn a_home_that_cannot_be_written_is_told_of() {
    let world = World::new();
    let mut command = world.bare_command(&["--sandbox", "api-key-list"]);
    let refused = finish(command.env("IBMIAM_HOME", "/proc/no").spawn().unwrap());
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("Cannot use the sandbox's data in /proc/no/sandbox/iam.sqlite"), "{refused}");
}

#[test]
fn it_listens_on_this_machine_alone() {
    let world = World::new();
    for address in ["0.0.0.0:0", "[::]:0", "192.168.1.1:80"] {
        let refused = bare(&world, &["sandbox", "serve", "--ephemeral", "--listen", address]);
        assert_eq!(refused.status, 2, "{refused}");
        assert!(refused.stderr.contains("is not a loopback address"), "{refused}");
    }
    let taken = world.server.url.trim_start_matches("http://");
    let refused = bare(&world, &["sandbox", "serve", "--ephemeral", "--listen", taken]);
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("Cannot listen on"), "{refused}");
}

#[test]
fn its_user_needs_no_login_and_cannot_log_in_elsewhere_meanwhile() {
    let world = World::new();
    let target = bare(&world, &["--sandbox", "target"]);
    assert!(target.stdout.contains("User:             you@example.com"), "{target}");
    for arguments in [&["--sandbox", "login"][..], &["--sandbox", "logout"]] {
        let nothing = bare(&world, arguments);
        assert!(nothing.status == 0 && nothing.stderr.contains("No session was changed."), "{nothing}");
        assert!(!world.home().join("sessions").exists());
    }
    for arguments in [
        &["--sandbox", "api", "cloud.ibm.com"][..],
        &["--sandbox", "session", "list"],
        &["--sandbox", "--endpoint", "https://iam.cloud.ibm.com", "target"],
    ] {
        let refused = bare(&world, arguments);
        assert_eq!(refused.status, 2, "{refused}");
    }
    let mut by_variable = world.bare_command(&["target"]);
    assert_eq!(finish(by_variable.env("IBMIAM_SANDBOX", "1").spawn().unwrap()).status, 0);
}

#[test]
fn ctrl_c_while_a_question_is_open_changes_nothing() {
    let world = World::new();
    let id = world.key("k");
    let mut command = world.command(&["api-key-delete", "k"]);
    let mut child = Process::start(command.stdin(std::process::Stdio::piped()));
    let mut question = [0; "Really delete".len()];
    child.child().stderr.as_mut().unwrap().read_exact(&mut question).unwrap();
    // The question stays open: the test keeps standard input open, which `wait` would close.
    let _open = child.child().stdin.take();
    child.interrupt();
    let status = child.child().wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert!(world.look(&id).is_some());
}

#[test]
fn passcodes_tokens_and_variables_are_json_too_and_run_needs_no_dashes() {
    let world = World::new();
    let bare = |arguments: &[&str]| finish(world.bare_command(arguments).spawn().unwrap());
    assert_eq!(bare(&["--sandbox", "api-key-list", "-q"]).status, 0);
    assert!(
        bare(&["sandbox", "passcode", "-o", "json"]).json()["passcode"].as_str().is_some_and(|code| !code.is_empty())
    );
    assert!(
        bare(&["sandbox", "cr-token", "-o", "json"]).json()["cr_token"]
            .as_str()
            .is_some_and(|token| token.contains('.'))
    );
    let mut server = Process::start(&mut world.bare_command(&["sandbox", "serve", "--ephemeral", "-o", "json"]));
    let output = BufReader::new(server.child().stdout.as_mut().unwrap());
    let mut deserializer = serde_json::Deserializer::from_reader(output).into_iter::<serde_json::Value>();
    let variables = deserializer.next().unwrap().unwrap();
    assert!(variables["IBMCLOUD_IAM_API_ENDPOINT"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    drop(deserializer);
    server.interrupt();
    assert_eq!(server.finish().status, 0);
    let run = bare(&["sandbox", "run", "/bin/sh", "-c", "echo \"$IBMCLOUD_API_KEY\"; exit 7"]);
    assert_eq!((run.status, run.stdout.trim().len()), (7, 44), "{run}");
}

/// The ID of the key that signs the tokens of a home's sandboxes.
fn key_id(world: &World, arguments: &[&str]) -> String {
    let mut server = Process::start(&mut world.bare_command(&[&["sandbox", "serve"], arguments].concat()));
    let url = exports(&mut server)["IAM_IDENTITY_URL"].clone();
    let keys = ask(&[&format!("{url}/identity/keys")]);
    server.interrupt();
    server.finish();
    keys.body["keys"][0]["kid"].as_str().unwrap().to_owned()
}

#[test]
fn tokens_are_signed_with_a_key_of_the_users_own_folder() {
    let (world, other) = (World::new(), World::new());
    let own = key_id(&world, &[]);
    assert_eq!(key_id(&world, &["--ephemeral"]), own, "the key is made once");
    assert_ne!(key_id(&other, &[]), own);
    let mode = world.home().join("sandbox/signing-key.der").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    // A token of another user's sandbox is invalid here.
    let mut server = Process::start(&mut world.bare_command(&["sandbox", "serve", "--ephemeral"]));
    let url = exports(&mut server)["IAM_IDENTITY_URL"].clone();
    let foreign = other.run(&["--sandbox", "bearer-token", "-q"]);
    let bearer = format!("authorization: Bearer {}", foreign.stdout.trim().trim_start_matches("Bearer "));
    assert_eq!(ask(&[&format!("{url}/v1/apikeys"), "-H", &bearer]).status, 401);
    server.interrupt();
    server.finish();
    // A command in `sandbox run` makes tokens with the signing key of that sandbox.
    let login = "\"$0\" login --cr-token \"$(\"$0\" sandbox cr-token)\" --profile sandbox-profile";
    let program = crate::support::binary().to_str().unwrap().to_owned();
    for home in [world.home().to_str().unwrap(), "/proc/no"] {
        let mut command = world.bare_command(&["sandbox", "run", "--", "/bin/sh", "-c", login, &program]);
        let run = finish(command.env("IBMIAM_HOME", home).spawn().unwrap());
        assert_eq!(run.status, 0, "{home}: {run}");
    }
    let mut command = world.bare_command(&["sandbox", "cr-token"]);
    let refused = finish(command.env("IBMIAM_HOME", "/proc/no").spawn().unwrap());
    assert!(refused.status == 1 && refused.stderr.contains("signing key in /proc/no/sandbox"), "{refused}");
}

#[test]
fn requests_of_web_pages_and_to_other_hosts_are_refused() {
    let server = Server::start(None);
    let bearer = format!("authorization: Bearer {}", server.token());
    let url = format!("{}/v1/apikeys", server.url);
    let by_name = url.replace("127.0.0.1", "localhost");
    for (url, headers, status) in [
        (&url, &[][..], 200),
        (&by_name, &[], 200),
        (&url, &["host: evil.example"], 403),
        (&url, &["host: evil.example:80"], 403),
        (&url, &["origin: https://evil.example"], 403),
        (&url, &["origin: null"], 403),
        (&url, &[&*format!("origin: {}", server.url)], 200),
    ] {
        let headers = headers.iter().flat_map(|header| ["-H", header]);
        let options: Vec<&str> = [url.as_str(), "-H", &bearer].into_iter().chain(headers).collect();
        let answer = ask(&options);
        assert_eq!(answer.status, status, "{options:?}: {}", answer.body);
        if status == 403 {
            assert!(answer.body["errors"][0]["message"].as_str().unwrap().starts_with("The sandbox refuses this"));
        }
    }
    let token = format!("{}/identity/token", server.url);
    let refused = ask(&[&token, "-H", "host: evil.example", "-d", "grant_type=x"]);
    assert_eq!((refused.status, &refused.body["errorCode"]), (403, &"SANDBOX001E".into()));
}
