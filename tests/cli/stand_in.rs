//! This program under the name `ibmcloud`: one script for both names, what is passed on, and the link itself.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::limits::seconds;
use crate::support::{Outcome, Process, Server, World, binary, feed, finish};

/// A world where the link is first on the search path, and another program can come after it.
struct Place {
    world: World,
}

impl Place {
    fn new() -> Self {
        Self::at(Server::start(None))
    }

    fn at(server: Server) -> Self {
        let world = World::at(server);
        for folder in ["links", "real", "desk"] {
            fs::create_dir(world.path(folder)).unwrap();
        }
        symlink(binary(), world.path("links/ibmcloud")).unwrap();
        Self { world }
    }

    /// Creates another program named `ibmcloud`, later on the search path.
    fn real(&self, script: &str) {
        let path = self.world.path("real/ibmcloud");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn search_path(&self) -> String {
        let (links, real) = (self.world.path("links"), self.world.path("real"));
        format!("{}:{}:/usr/bin:/bin", links.display(), real.display())
    }

    fn prepare(&self, command: &mut Command) {
        command.env_clear().env("PATH", self.search_path()).env("HOME", self.world.path("desk"));
        command.env("IBMIAM_HOME", self.world.home()).env("IBMCLOUD_IAM_API_ENDPOINT", &self.world.server.url);
        command.current_dir(self.world.path("")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }

    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.world.path("links").join(name));
        command.args(arguments);
        self.prepare(&mut command);
        command
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        finish(self.command("ibmcloud", arguments).spawn().unwrap())
    }

    fn log_in(&self) {
        let done = feed(self.command("ibmcloud", &["login", "--apikey", "-", "-q"]), &self.world.server.key);
        assert_eq!(done.status, 0, "{done}");
    }
}

const LIFE: &str = r#"set -euo pipefail
$TOOL login --apikey "@$KEY_FILE" --no-region >/dev/null 2>&1
$IAM api-key-create life -d "a key" --file life.json >/dev/null
grep -q '"apikey": "' life.json
$TOOL login --apikey @life.json >/dev/null 2>&1
$IAM api-key-lock life -f
if $IAM api-key-delete life -f 2> refused; then exit 21; fi
grep -q 'is locked' refused
$IAM api-key-unlock life --force
yes 2>/dev/null | $IAM api-key-delete life || test $? -eq 141
if $IAM api-key life >/dev/null 2>&1; then exit 22; fi
$TOOL login --apikey "@$KEY_FILE" >/dev/null 2>&1
$TOOL logout >/dev/null 2>&1
if $IAM api-keys >/dev/null 2>&1; then exit 23; fi
echo the end
"#;

#[test]
fn one_script_serves_both_names() {
    let place = Place::new();
    fs::write(place.world.path("key"), &place.world.server.key).unwrap();
    let own = binary().to_str().unwrap();
    for (tool, iam) in [("ibmcloud", "ibmcloud iam"), (own, own)] {
        let mut bash = Command::new("/bin/bash");
        bash.args(["-c", LIFE]);
        place.prepare(&mut bash);
        bash.env("TOOL", tool).env("IAM", iam).env("KEY_FILE", place.world.path("key"));
        let life = finish(bash.spawn().unwrap());
        assert_eq!(life.status, 0, "{tool}: {life}");
        // The stream of the messages depends on the name of the program.
        let messages = if tool == own { &life.stderr } else { &life.stdout };
        assert!(messages.contains("was deleted\n") && life.stdout.ends_with("the end\n"), "{tool}: {life}");
        fs::remove_file(place.world.path("life.json")).unwrap();
    }
}

#[test]
fn what_is_not_ours_reaches_the_other_program_as_it_was_given() {
    let place = Place::new();
    let script = "for a in \"$@\"; do echo \"[$a]\"; done; cat; echo \"$MARK\"; exit 7";
    place.real(script);
    let arguments = ["plugin", "install", "-f", "a b", "", "*", "--x=y z", "--", "ü"];
    let mut command = place.command("ibmcloud", &arguments);
    command.env("MARK", "marked");
    let outcome = feed(command, "from standard input\n");
    let expected: String = arguments.iter().map(|argument| format!("[{argument}]\n")).collect();
    assert_eq!(outcome.stdout, format!("{expected}from standard input\nmarked\n"), "{outcome}");
    assert_eq!(outcome.status, 7);
    place.real("env");
    let mut command = place.command("ibmcloud", &["resource", "groups"]);
    let environment = finish(command.env("A", "1").spawn().unwrap()).stdout;
    let mut names: Vec<&str> = environment.lines().filter_map(|line| line.split('=').next()).collect();
    names.retain(|name| !["PWD", "_", "SHLVL", "OLDPWD"].contains(name));
    names.sort_unstable();
    assert_eq!(names, ["A", "HOME", "IBMCLOUD_IAM_API_ENDPOINT", "IBMIAM_HOME", "PATH"]);
}

#[test]
fn a_signal_comes_back_and_reaches_the_other_program() {
    let place = Place::new();
    place.real("kill -TERM $$");
    let mut killed = place.command("ibmcloud", &["ks", "clusters"]).spawn().unwrap();
    let status = killed.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(15));
    place.real("trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
    let mut process = Process::start(&mut place.command("ibmcloud", &["ks", "clusters"]));
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(process.child().stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    process.signal("TERM");
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    assert_eq!(line, "ready\ncaught\n");
    assert_eq!(process.finish().status, 3);
}

#[test]
fn the_session_and_unknown_flags_are_the_other_programs_where_it_is_there() {
    let place = Place::new();
    place.real("echo \"other: $*\"");
    for arguments in [
        &["login", "--sso"][..],
        &["logout"],
        &["target"],
        &["api"],
        &["config", "--list"],
        &["help"],
        &["iam", "service-policies", "x"],
        &["iam", "api-keys", "--brand-new"],
        &["iam", "api-keys-usage", "--ids", "x"],
    ] {
        assert_eq!(place.run(arguments).stdout, format!("other: {}\n", arguments.join(" ")));
    }
    let ours = place.run(&["iam", "api-keys"]);
    assert!(ours.status == 4 && ours.stderr.contains("Use 'ibmcloud login' to log in."), "{ours}");
    assert!(place.run(&["--version"]).stdout.contains("standing in"));
}

#[test]
fn without_another_program_there_is_a_sentence() {
    let place = Place::new();
    for arguments in [&["plugin", "list"][..], &["iam", "service-policies", "x"], &["--trace-everything"], &["ks"]] {
        let refused = place.run(arguments);
        assert_eq!((refused.status, refused.stdout.as_str()), (2, ""), "{refused}");
        assert!(refused.stderr.contains("no other ibmcloud is on PATH"), "{refused}");
    }
    let unknown = place.run(&["iam", "api-keys", "--brand-new"]);
    assert_eq!(unknown.status, 2, "{unknown}");
    assert_eq!(place.run(&["config", "--check-version=false"]).to_string(), "exit 0\n--- stdout\n--- stderr\n");
}

#[test]
fn links_to_links_lead_to_no_loop() {
    let place = Place::new();
    let (links, more) = (place.world.path("links"), place.world.path("real"));
    symlink(links.join("ibmcloud"), more.join("ibmcloud")).unwrap();
    symlink(links.join("ibmcloud"), links.join("bx")).unwrap();
    fs::create_dir(place.world.path("hard")).unwrap();
    if fs::hard_link(binary(), place.world.path("hard/ibmcloud")).is_ok() {
        fs::remove_file(more.join("ibmcloud")).unwrap();
        symlink(place.world.path("hard/ibmcloud"), more.join("ibmcloud")).unwrap();
    }
    for name in ["ibmcloud", "bx"] {
        let refused = finish(place.command(name, &["plugin", "list"]).spawn().unwrap());
        assert_eq!(refused.status, 2, "{name}: {refused}");
    }
}

#[test]
fn two_copies_hand_over_to_each_other_no_more_than_once() {
    let place = Place::new();
    fs::copy(binary(), place.world.path("real/ibmcloud")).unwrap();
    let refused = place.run(&["plugin", "list"]);
    assert_eq!(refused.status, 2, "{refused}");
    assert!(refused.stderr.contains("no other ibmcloud is on PATH"), "{refused}");
}

#[test]
fn a_tool_that_leaves_something_running_is_not_waited_for() {
    let place = Place::new();
    let token = finish(place.world.command(&["bearer-token"]).spawn().unwrap()).stdout;
    fs::create_dir(place.world.path("desk/.bluemix")).unwrap();
    let text = format!("{{\"IAMEndpoint\": \"{}\", \"IAMToken\": \"Bearer expired\"}}", place.world.server.url);
    fs::write(place.world.path("desk/.bluemix/config.json"), text).unwrap();
    let pid = place.world.path("pid");
    place.real(&format!(
        "sleep 60 & echo $! > {}; echo '{{\"iam_token\": \"Bearer {}\"}}'",
        pid.display(),
        token.trim()
    ));
    let began = std::time::Instant::now();
    let listed = place.run(&["iam", "api-keys"]);
    assert_eq!(listed.status, 0, "{listed}");
    assert!(began.elapsed() < seconds(20));
    let sleeping = fs::read_to_string(pid).unwrap();
    Command::new("/bin/kill").arg(sleeping.trim()).status().unwrap();
}

#[test]
fn the_other_programs_session_is_used_and_not_written_to() {
    let place = Place::new();
    // A token from the sandbox stands for a token of the real service.
    let token = finish(place.world.command(&["bearer-token"]).spawn().unwrap());
    let token = token.stdout.trim().to_owned();
    fs::create_dir(place.world.path("desk/.bluemix")).unwrap();
    let config = place.world.path("desk/.bluemix/config.json");
    let text = format!(
        "{{\"IAMEndpoint\": \"{}\", \"IAMToken\": \"Bearer expired\", \"IAMRefreshToken\": \"r\"}}",
        place.world.server.url
    );
    fs::write(&config, &text).unwrap();
    let asked = place.world.path("asked");
    place.real(&format!("echo \"$*\" >> {}; echo '{{\"iam_token\": \"Bearer {token}\"}}'", asked.display()));
    let listed = place.run(&["iam", "api-keys"]);
    assert_eq!(listed.status, 0, "{listed}");
    assert_eq!(fs::read_to_string(&asked).unwrap(), "iam oauth-tokens --output json\n");
    assert_eq!(fs::read_to_string(&config).unwrap(), text);
    // The session of `ibmcloud` takes precedence over a session of ibmiam, because commands that are passed on use it.
    let login = feed(
        place.world.bare_command(&["login", "--store", "file", "--endpoint", &place.world.server.url, "--apikey", "-"]),
        &place.world.server.key,
    );
    assert_eq!(login.status, 0, "{login}");
    assert_eq!(place.run(&["iam", "api-keys"]).status, 0);
    assert_eq!(fs::read_to_string(&asked).unwrap().lines().count(), 2);
}

#[test]
fn a_session_goes_before_the_key_in_the_environment() {
    let ann = "a-value-of-ann-with-32-characters-or-more";
    let user = format!(
        "users = [{{ iam_id = \"IBMid-ANN\", email = \"ann@example.com\", keys = [{{ name = \"k\", value = \"{ann}\" }}] }}]"
    );
    let place = Place::at(Server::set_up(&user));
    let as_ann =
        |arguments: &[&str]| finish(place.command("ibmcloud", arguments).env("IBMCLOUD_API_KEY", ann).spawn().unwrap());
    assert!(as_ann(&["iam", "api-keys"]).stdout.contains("as ann@example.com..."), "nobody is logged in");
    assert_eq!(as_ann(&["target"]).status, 4, "which tells of sessions only");
    place.log_in();
    assert!(as_ann(&["iam", "api-keys"]).stdout.contains("as you@example.com..."));
    let mut broken = place.command("ibmcloud", &["iam", "api-keys"]);
    let listed = finish(broken.env("IBMCLOUD_API_KEY", "@nosuch").spawn().unwrap());
    assert_eq!(listed.status, 0, "a key file that is not needed is not read: {listed}");
    assert_eq!(as_ann(&["login", "-q"]).status, 0, "which reads it");
    assert!(as_ann(&["iam", "api-keys"]).stdout.contains("as ann@example.com..."));
}

#[test]
fn a_broken_session_is_no_reason_to_act_as_somebody_else() {
    let place = Place::new();
    fs::create_dir(place.world.path("desk/.bluemix")).unwrap();
    fs::write(place.world.path("desk/.bluemix/config.json"), "broken").unwrap();
    let mut command = place.command("ibmcloud", &["iam", "api-keys"]);
    let refused = finish(command.env("IBMCLOUD_API_KEY", &place.world.server.key).spawn().unwrap());
    assert!(refused.status == 4 && refused.stderr.contains("Cannot read the session of ibmcloud"), "{refused}");
    let token = finish(place.world.command(&["bearer-token"]).spawn().unwrap()).stdout;
    let mut target = place.command("ibmcloud", &["target"]);
    let target = finish(target.env("IBMCLOUD_IAM_TOKEN", token.trim()).spawn().unwrap());
    assert!(
        target.status == 4 && target.stderr.contains("Cannot read the session of ibmcloud"),
        "of sessions only: {target}"
    );
}

#[test]
fn login_and_target_end_in_the_block_that_scripts_read() {
    let place = Place::new();
    let login = feed(place.command("ibmcloud", &["login", "--apikey", "-", "-q"]), &place.world.server.key);
    crate::assert_outcome!(
        login,
        snapbox::str![[r#"
exit 0
--- stdout
API endpoint: http://127.0.0.1:[..]
Authenticating...

Targeted account Sandbox (0123456789abcdef0123456789abcdef)


API endpoint:     http://127.0.0.1:[..]
Region:
User:             you@example.com
Account:          Sandbox (0123456789abcdef0123456789abcdef)
Resource group:   No resource group targeted, use 'ibmcloud target -g RESOURCE_GROUP'
--- stderr

"#]]
    );
    let target = place.run(&["target", "-r", "us-south", "-g", "default"]);
    let block: String = login.stdout.split("\n\n\n").nth(1).unwrap().to_owned();
    assert_eq!(target.stdout, format!("\n{block}"));
    assert_eq!(place.run(&["target", "-output", "JSON"]).json()["account"]["name"], "Sandbox");
    assert_eq!(place.run(&["api", "test.cloud.ibm.com"]).status, 0);
}

#[test]
fn errors_are_text_and_speak_of_the_name_that_was_typed() {
    let place = Place::new();
    symlink(binary(), place.world.path("links/ic")).unwrap();
    place.log_in();
    let run = |arguments: &[&str]| finish(place.command("ic", arguments).spawn().unwrap());
    assert_eq!(run(&["iam", "api-key-create", "k", "--lock", "-o", "json"]).status, 0);
    let locked = run(&["iam", "api-key-delete", "k", "-f", "-o", "json"]);
    assert_eq!(locked.status, 5, "{locked}");
    assert!(locked.stderr.starts_with("FAILED\nAPI key k (ApiKey-"), "{locked}");
    assert!(locked.stderr.contains("ic iam api-key-unlock ApiKey-"), "{locked}");
    let help = run(&["iam", "api-key-create", "--help"]);
    assert!(help.stdout.contains("Usage: ic iam api-key-create"), "{help}");
    assert!(run(&["iam"]).stdout.contains("ic iam COMMAND"));
    assert!(run(&["login", "--help"]).stdout.contains("  ic login --apikey @key_file"));
}

#[test]
fn a_file_that_is_there_is_replaced_and_kept() {
    let place = Place::new();
    place.log_in();
    for name in ["first", "second"] {
        let made = place.run(&["iam", "api-key-create", name, "--file", "key.json"]);
        assert_eq!(made.status, 0, "{made}");
    }
    assert!(fs::read_to_string(place.world.path("key.json")).unwrap().contains("\"second\""));
    let kept: Vec<PathBuf> =
        fs::read_dir(place.world.home().join("replaced")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(kept.len() == 1 && fs::read_to_string(&kept[0]).unwrap().contains("\"first\""));
}

#[test]
fn the_link_is_made_shown_and_removed_and_nothing_else_is_touched() {
    let place = Place::new();
    let folder = place.world.path("bin");
    fs::create_dir(&folder).unwrap();
    let dir = folder.to_str().unwrap();
    let run = |arguments: &[&str], search_path: &str| {
        let mut command = place.world.bare_command(arguments);
        finish(command.env("PATH", search_path).spawn().unwrap())
    };
    let made = run(&["stand-in", "install", "--dir", dir], dir);
    assert!(made.status == 0 && made.stderr.contains("the only ibmcloud on PATH"), "{made}");
    let again = run(&["stand-in", "install", "--dir", dir], "/usr/bin");
    assert!(again.status == 0 && again.stderr.contains("already"), "{again}");
    assert!(again.stderr.contains("is not on PATH"), "{again}");
    place.real("true");
    let real = place.world.path("real");
    let (first, second) = (format!("{dir}:{}", real.display()), format!("{}:{dir}", real.display()));
    let before = run(&["stand-in", "install", "--dir", dir], &first);
    assert!(
        before
            .stderr
            .contains("The link is the first ibmcloud on PATH. ibmiam passes commands that it does not support to"),
        "{before}"
    );
    let behind = run(&["stand-in", "install", "--dir", dir], &second);
    assert!(behind.stderr.contains("is before the link on PATH"), "{behind}");
    let shown = run(&["stand-in", "status", "-o", "json"], &second).json();
    assert_eq!((shown[0]["stand_in"].as_bool(), shown[1]["stand_in"].as_bool()), (Some(false), Some(true)));
    let foreign = real.to_str().unwrap();
    for verb in ["install", "remove"] {
        let refused = run(&["stand-in", verb, "--dir", foreign], &first);
        assert!(refused.status == 5 && refused.stderr.contains("Nothing was changed."), "{refused}");
    }
    assert!(real.join("ibmcloud").exists());
    assert_eq!(run(&["stand-in", "remove", "--dir", dir], dir).status, 0);
    assert!(!folder.join("ibmcloud").exists());
    assert_eq!(run(&["stand-in", "remove", "--dir", dir], dir).status, 0);
    assert_eq!(run(&["stand-in", "install", "--dir", "/nosuch"], dir).status, 2);
    symlink("/nosuch", folder.join("ibmcloud")).unwrap();
    assert_eq!(run(&["stand-in", "install", "--dir", dir], dir).status, 5, "also not over a link that leads nowhere");
}

#[test]
fn the_endpoint_is_kept_until_it_is_unset() {
    let place = Place::new();
    let run = |arguments: &[&str]| finish(place.world.bare_command(arguments).spawn().unwrap());
    assert_eq!(run(&["api"]).stdout, "API endpoint: https://iam.cloud.ibm.com\n");
    assert_eq!(run(&["api", &place.world.server.url]).status, 0);
    let mut by_key = place.world.bare_command(&["api-key-list", "-q"]);
    let listed = finish(by_key.env("IBMCLOUD_API_KEY", &place.world.server.key).spawn().unwrap());
    assert_eq!(listed.status, 0, "{listed}");
    assert_eq!(run(&["api", "http://example.com"]).status, 2);
    assert_eq!(run(&["api", "--unset", "-o", "json"]).json()["api_endpoint"], "https://iam.cloud.ibm.com");
    assert_eq!(
        run(&["api", "-o", "csv", "test.cloud.ibm.com"]).stdout,
        "api_endpoint\nhttps://iam.test.cloud.ibm.com\n"
    );
}
