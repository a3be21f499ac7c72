//! The remains of interrupted creations: moved, restored from a backup, started elsewhere or at another time.

use std::fs;
use std::path::Path;

use crate::support::relay::Fake;
use crate::support::{Outcome, Process, Server, World, feed, finish, wait_until};

/// A world where the response to the first creation is delayed by 60 s.
fn slow(setup: &str) -> World {
    let setup = ibmiam::sandbox::Setup::read(setup).unwrap();
    World::at(Server::start_with(move |options| {
        let faults = vec!["POST /v1/apikeys nth=1 delay-after=60s".parse().unwrap()];
        ibmiam::sandbox::Options { setup, faults, ..options }
    }))
}

/// Runs a creation and kills it once the service has the key.
fn killed(world: &World, options: &[&str]) {
    let mut creation = Process::start(world.command(&["api-key-create", "k"]).args(options));
    wait_until(|| !world.names().is_empty());
    creation.signal("KILL");
    assert_eq!(creation.finish().status, -1);
}

#[test]
fn a_credential_is_not_sent_where_only_a_file_says_that_it_should_go() {
    let world = slow("");
    killed(&world, &["--file", "key_file"]);
    // Simulates that the server and the log are gone, and that another process listens at the address in the pending
    // file.
    fs::remove_dir_all(world.home().join("pending")).unwrap();
    let listener = Fake::start(|_, _| Vec::new());
    let pending = world.path(".ibmiam-key_file.pending");
    let text = fs::read_to_string(&pending).unwrap().replace(&world.server.url, &listener.url());
    fs::write(&pending, text).unwrap();
    for elsewhere in [Some(world.server.url.as_str()), None] {
        for credential in ["IBMCLOUD_API_KEY", "IBMCLOUD_IAM_TOKEN"] {
            let mut command = world.bare_command(&["api-key-recover", "key_file"]);
            let token = world.run(&["bearer-token", "-q"]).stdout;
            command.env(credential, if credential.ends_with("TOKEN") { token.trim() } else { &world.server.key });
            if let Some(url) = elsewhere {
                command.env("IBMCLOUD_IAM_API_ENDPOINT", url);
            }
            let refused = finish(command.spawn().unwrap());
            assert_eq!(refused.status, 2, "{refused}");
            assert!(refused.stderr.contains(&format!("--endpoint {}", listener.url())), "{refused}");
        }
    }
    assert_eq!(listener.requests(), [] as [&str; 0]);
    assert!(pending.exists());
    let asked = world.run(&["api-key-recover", "key_file", "--endpoint", &world.server.url]);
    assert_eq!(asked.status, 0, "what is asked for by option is done: {asked}");
}

#[test]
fn an_orphan_is_found_whatever_the_two_clocks_say() {
    for offset in [-7200, 7200, 400_000] {
        let world = slow(&format!("choices.clock_offset = {offset}\nlifetimes.access_token = 1000000"));
        killed(&world, &[]);
        let kept = world.run_with(&["api-key-recover"], "no\n");
        assert!(kept.stderr.contains("Really delete API key k"), "{offset}: {kept}");
        let deleted = world.run_with(&["api-key-recover"], "y\n");
        assert_eq!((deleted.status, world.names().len()), (0, 0), "{offset}: {deleted}");
        world.assert_nothing_is_left_in_the_end();
    }
}

#[test]
fn a_clock_that_was_set_since_hides_no_key_and_an_empty_search_forgets_nothing() {
    let world = slow("");
    killed(&world, &[]);
    // Simulates that this machine's clock was far ahead when the creation started.
    let entry = fs::read_dir(world.home().join("pending")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&entry).unwrap();
    let begun_at =
        serde_json::from_str::<serde_json::Value>(text.lines().next().unwrap()).unwrap()["plan"]["begun_at"].clone();
    fs::write(&entry, text.replace(begun_at.as_str().unwrap(), "2099-01-01T00:00:00Z")).unwrap();
    let shown = world.run(&["api-key-recover"]);
    assert_eq!((shown.status, world.logged()), (0, 1), "{shown}");
    assert!(
        shown.stderr.contains("has the same name.\nIf this key is from the interrupted creation, delete it: "),
        "{shown}"
    );
    let id = world.run(&["api-key-show", "k", "--uuid"]).stdout;
    assert!(shown.stderr.contains(&format!("ibmiam api-key-delete {}", id.trim())), "{shown}");
    assert_eq!(world.run(&["api-key-delete", "--force", "k"]).status, 0);
    let nothing = world.run(&["api-key-recover"]);
    assert_eq!((nothing.status, world.logged()), (0, 1), "{nothing}");
    assert!(nothing.stderr.contains("--discard"), "{nothing}");
    assert_eq!(world.run_with(&["api-key-recover", "--discard"], "y\n").status, 0);
    assert_eq!(world.logged(), 0);
}

#[test]
fn recovering_one_creation_does_not_forget_another_into_the_same_file() {
    let world = slow("");
    killed(&world, &["--file", "key_file", "--server-generated"]);
    assert_eq!(world.run(&["api-key-recover", "key_file", "--discard"]).status, 0);
    assert_eq!(world.logged(), 1, "there may be a key");
    // Another creation into the same file is also interrupted, and then finished.
    let relay = Fake::relay_unless(&world.server.url, |head| {
        (head.starts_with("POST /v1/apikeys") || head.contains("/details")).then(Vec::new)
    });
    let mut command = world.command(&["api-key-create", "other", "--file", "key_file"]);
    let lost = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
    assert_eq!((lost.status, world.logged()), (6, 2), "{lost}");
    let recovered = world.run(&["api-key-recover", "key_file", "--endpoint", &world.server.url]);
    assert_eq!((recovered.status, world.logged()), (0, 1), "{recovered}");
    let orphan = world.run_with(&["api-key-recover"], "y\n");
    assert!(orphan.status == 0 && orphan.stderr.contains("API key k was deleted"), "{orphan}");
    world.assert_nothing_is_left_in_the_end();
    assert_eq!(world.names(), ["other"]);
}

#[test]
fn a_folder_that_is_not_there_makes_nothing_forgotten() {
    let world = slow("");
    fs::create_dir(world.path("disk")).unwrap();
    killed(&world, &["--file", "disk/key_file"]);
    fs::rename(world.path("disk"), world.path("moved")).unwrap();
    for file in ["disk/key_file", "./disk/key_file"] {
        let missing = world.run(&["api-key-recover", file]);
        assert_eq!((missing.status, world.logged()), (1, 1), "{missing}");
        assert!(missing.stderr.contains("Cannot find the pending file"), "{missing}");
    }
    let asked = world.run_with(&["api-key-recover"], "y\n");
    assert_eq!((asked.status, world.logged()), (1, 1), "{asked}");
    let moved = world.run(&["api-key-recover", "moved/key_file"]);
    assert_eq!((moved.status, world.logged()), (0, 0), "it is known by itself and not by its place: {moved}");
    assert_eq!(world.names(), ["k"]);

    let world = slow("");
    fs::create_dir(world.path("disk")).unwrap();
    killed(&world, &["--file", "disk/key_file"]);
    fs::remove_dir_all(world.path("disk")).unwrap();
    let given_up = world.run(&["api-key-recover", "disk/key_file", "--discard"]);
    assert_eq!((given_up.status, world.logged()), (0, 0), "{given_up}");
}

#[test]
fn a_missing_pending_file_is_not_taken_for_one_that_was_never_complete() {
    let recover = ["api-key-recover", "disk/key_file"];
    let world = slow("");
    fs::create_dir(world.path("disk")).unwrap();
    killed(&world, &["--file", "disk/key_file"]);
    // The process was killed before it could add the step.
    let entry = fs::read_dir(world.home().join("pending")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&entry).unwrap();
    assert!(text.contains("\"recorded\"\n"), "{text}");
    private(&entry, &text.replace("\"recorded\"\n", ""));
    let relay = Fake::relay_unless(&world.server.url, |head| head.contains("/details").then(Vec::new));
    let failed = world.run(&[&recover[..], &["--endpoint", &relay.url()]].concat());
    assert_eq!((failed.status, world.logged()), (6, 1), "{failed}");
    fs::rename(world.path("disk"), world.path("moved")).unwrap();
    let missing = world.run(&recover);
    assert_eq!((missing.status, world.logged()), (1, 1), "{missing}");
}

#[test]
fn a_pending_file_from_a_backup_does_not_bring_a_deleted_key_back() {
    let world = slow("");
    killed(&world, &["--file", "key_file"]);
    let (pending, backup) = (world.path(".ibmiam-key_file.pending"), world.output());
    fs::copy(&pending, &backup).unwrap();
    assert_eq!(world.run(&["api-key-recover", "key_file"]).status, 0);
    assert_eq!(world.run(&["api-key-delete", "--force", "k"]).status, 0);
    fs::remove_file(world.path("key_file")).unwrap();
    fs::copy(&backup, &pending).unwrap();
    let refused = world.run(&["api-key-recover", "key_file"]);
    assert_eq!((refused.status, world.names()), (1, vec![]), "{refused}");
    assert!(refused.stderr.contains("may come from a backup"), "{refused}");
    assert!(pending.exists() && !world.path("key_file").exists());
}

#[test]
fn what_was_begun_in_the_sandbox_does_not_hide_the_rest() {
    let world = slow("");
    killed(&world, &[]);
    write_entry(&world, &entry("older", "\"sandbox\"", "\"stream\""));
    let recovered = world.run_with(&["api-key-recover"], "y\n");
    assert_eq!(recovered.status, 0, "{recovered}");
    assert!(recovered.stderr.contains("Run the command again with --sandbox."), "{recovered}");
    assert!(recovered.stderr.contains("API key k was deleted"), "{recovered}");
    assert_eq!((world.logged(), world.names().len()), (2, 0));
}

#[test]
fn what_was_begun_at_a_server_that_is_gone_is_discarded_with_the_command_that_the_note_names() {
    let world = World::new();
    write_entry(&world, &entry("older", &at("http://127.0.0.1:9"), "\"stream\""));
    let sandbox = |arguments: &[&str]| feed(world.bare_command(&[&["--sandbox"], arguments].concat()), "y\n");
    let told = sandbox(&["api-key-recover"]);
    assert!(told.stderr.contains("run: ibmiam --sandbox api-key-recover --discard"), "{told}");
    let discarded = sandbox(&["api-key-recover", "--discard"]);
    assert_eq!((discarded.status, world.logged()), (0, 0), "{discarded}");
}

#[test]
fn a_creation_that_was_finished_is_not_announced() {
    let world = World::new();
    let entry = entry("k", &at(&world.server.url), &into(&world.path("key_file")));
    write_entry(&world, &format!("{entry}\"finished\"\n"));
    let listed = world.run(&["api-key-list"]);
    assert!(!listed.stderr.contains("interrupted"), "{listed}");
    assert_eq!(world.logged(), 0);
}

#[test]
fn a_creation_that_cannot_be_recorded_is_refused() {
    for options in [&["--file", "key_file"][..], &[]] {
        let world = World::new();
        let relay = Fake::relay(&world.server.url);
        fs::create_dir_all(world.home()).unwrap();
        fs::write(world.home().join("pending"), "in the way").unwrap();
        let mut command = world.command(&["api-key-create", "k"]);
        let refused = finish(command.args(options).env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
        assert_eq!(refused.status, 1, "{refused}");
        assert!(refused.stderr.contains("Cannot record the creation in"), "{refused}");
        assert!(!relay.requests().iter().any(|line| line.starts_with("POST /v1")), "{:?}", relay.requests());
        assert_eq!(fs::read_dir(world.path("")).unwrap().count(), 0);
    }
}

#[test]
fn what_is_overwritten_below_a_sandbox_of_its_own_outlives_it() {
    let world = World::new();
    fs::write(world.path("key_file"), "the old one").unwrap();
    let binary = crate::support::binary().to_str().unwrap();
    let run = ["sandbox", "run", "--", binary, "api-key-create", "k", "--file", "key_file", "--overwrite"];
    let made: Outcome = finish(world.bare_command(&run).spawn().unwrap());
    assert_eq!(made.status, 0, "{made}");
    let kept: Vec<_> =
        fs::read_dir(world.home().join("replaced")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read_to_string(&kept[0]).unwrap(), "the old one");
    assert!(made.stderr.contains(kept[0].to_str().unwrap()), "{made}");
}

#[test]
fn a_value_is_not_given_up_while_a_request_that_was_sent_since_may_arrive() {
    let world = World::at(Server::faulty(&["POST /v1/apikeys drop=before"]));
    let lost = world.run(&["api-key-create", "k", "--file", "key_file"]);
    assert_eq!(lost.status, 6, "{lost}");
    let discard = ["api-key-recover", "key_file", "--discard"];
    assert_eq!(world.run(&discard).status, 1);
    let pending = world.path(".ibmiam-key_file.pending");
    let text = fs::read_to_string(&pending).unwrap();
    // Simulates that the service was asked long ago.
    let (line, since) = text.split_once("\n\n").unwrap();
    let start = since.split_once("\":\"").unwrap().0;
    fs::write(&pending, format!("{line}\n{start}\":\"2026-01-01T00:00:00Z\"}}\n")).unwrap();
    assert_eq!(world.run(&["api-key-recover", "key_file"]).status, 6, "the request is sent again");
    let refused = world.run(&discard);
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("Nothing was discarded."), "{refused}");
    assert!(pending.exists());
}

#[test]
fn a_pipe_in_the_files_place_holds_up_no_command() {
    let world = slow("");
    killed(&world, &["--file", "key_file"]);
    assert!(std::process::Command::new("mkfifo").arg(world.path("key_file")).status().unwrap().success());
    let listed = world.run(&["api-key-list"]);
    assert_eq!(listed.status, 0, "{listed}");
    assert!(listed.stderr.contains("was interrupted."), "{listed}");
    let refused = world.run(&["api-key-recover", "key_file"]);
    assert_ne!(refused.status, 0, "{refused}");
    fs::remove_file(world.path("key_file")).unwrap();
    assert_eq!(world.run(&["api-key-recover", "key_file"]).status, 0);
}

#[test]
fn what_another_process_has_at_the_moment_is_not_said_to_be_nothing() {
    let world = slow("");
    fs::create_dir(world.path("disk")).unwrap();
    killed(&world, &["--file", "disk/key_file"]);
    let entry = fs::read_dir(world.home().join("pending")).unwrap().next().unwrap().unwrap().path();
    let held = fs::File::open(entry).unwrap();
    held.lock().unwrap();
    let listed = world.run(&["api-key-recover"]);
    assert!(listed.stderr.contains("Another process is creating API key k."), "{listed}");
    let one = world.run(&["api-key-recover", "disk/key_file"]);
    assert_eq!(one.status, 5, "{one}");
    fs::rename(world.path("disk"), world.path("moved")).unwrap();
    let one = world.run(&["api-key-recover", "disk/key_file"]);
    assert_eq!(one.status, 5, "{one}");
    held.unlock().unwrap();
    assert_eq!(world.run(&["api-key-recover", "moved/key_file"]).status, 0);
}

#[test]
fn a_pending_file_that_cannot_be_used_is_neither_missing_nor_forgotten() {
    use std::os::unix::fs::PermissionsExt;
    let world = slow("");
    killed(&world, &["--file", "key_file"]);
    let pending = world.path(".ibmiam-key_file.pending");
    fs::set_permissions(&pending, fs::Permissions::from_mode(0o644)).unwrap();
    for arguments in [&["api-key-recover"][..], &["api-key-recover", "--discard"], &["api-key-recover", "key_file"]] {
        let refused = world.run_with(arguments, "y\n");
        assert_eq!((refused.status, world.logged()), (1, 1), "{refused}");
        assert!(refused.stderr.contains("run: chmod 600 "), "{refused}");
    }
    fs::set_permissions(&pending, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(world.run(&["api-key-recover", "key_file"]).status, 0);
}

#[test]
fn an_older_creation_into_the_same_file_does_not_touch_what_a_newer_one_left() {
    let world = slow("");
    fs::create_dir(world.path("disk")).unwrap();
    killed(&world, &["--file", "disk/key_file"]);
    fs::rename(world.path("disk"), world.path("moved")).unwrap();
    fs::create_dir(world.path("disk")).unwrap();
    let newer = entry("newer", &at(&world.server.url), &into(&world.path("disk/key_file")));
    write_entry(&world, &newer.replace("2026-01-01", "2099-01-01"));
    // The empty file of a process that was killed before it wrote its record.
    private(&world.path("disk/.ibmiam-key_file.pending"), "");
    assert_eq!(world.run(&["api-key-recover", "--no-input"]).status, 0);
    assert_eq!(world.logged(), 1, "the newer one is over, the older one is not");
    assert_eq!(world.run(&["api-key-recover", "moved/key_file"]).status, 0);
    assert_eq!(world.logged(), 0);
}

#[test]
fn a_key_that_was_deleted_since_is_said_to_be_deleted() {
    let world = World::new();
    let folder = world.path("key_file");
    let relay = Fake::relay_after(&world.server.url, move |head| {
        if head.starts_with("POST /v1/apikeys") {
            fs::create_dir_all(&folder).unwrap();
        }
    });
    let unreachable = Fake::relay_unless(&relay.url(), |head| head.starts_with("DELETE").then(Vec::new));
    let mut command = world.command(&["api-key-create", "k", "--file", "key_file", "--server-generated"]);
    let failed = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", unreachable.url()).spawn().unwrap());
    assert!(failed.stderr.contains("Its value is saved"), "{failed}");
    fs::remove_dir(world.path("key_file")).unwrap();
    assert_eq!(world.run(&["api-key-delete", "--force", "k"]).status, 0);
    let gone = world.run(&["api-key-recover", "key_file", "--endpoint", &world.server.url]);
    assert_eq!(gone.status, 1, "{gone}");
    assert!(gone.stderr.contains("and later deleted"), "{gone}");
}

#[test]
fn what_another_version_left_is_kept_named_once_and_in_no_ones_way() {
    let world = World::new();
    let (older, newer) = (world.path(".ibmiam-older.pending"), world.path(".ibmiam-newer.pending"));
    let texts = ["{\"version\":1,\"apikey\":\"s3cret\"}\n", "{\"version\":3,\"apikey\":\"s3cret\"}\n"];
    private(&older, texts[0]);
    private(&newer, texts[1]);
    let entry = entry("k", &at(&world.server.url), &into(&world.path("newer")));
    write_entry(&world, &entry.replace("\"version\":2", "\"version\":3"));
    let said = "A newer version of ibmiam wrote ";
    let first = world.run(&["api-key-list"]);
    assert!(first.stderr.contains(said) && first.stderr.contains("0a.jsonl"), "{first}");
    assert!(!world.run(&["api-key-list"]).stderr.contains(said));
    assert!(world.run(&["api-key-recover"]).stderr.contains(said));
    for (file, which) in [("older", "If another version of ibmiam wrote it, use that version."), ("newer", said)] {
        for arguments in [
            &["api-key-recover", file][..],
            &["api-key-recover", file, "--discard"],
            &["api-key-create", "k", "--file", file],
        ] {
            let refused = world.run(arguments);
            assert!(refused.status == 1 && refused.stderr.contains(which), "{refused}");
        }
    }
    assert_eq!(world.names(), [] as [&str; 0]);
    assert_eq!(world.run(&["api-key-create", "k", "--file", "key_file"]).status, 0);
    assert_eq!(world.run(&["api-key-rotate", "k", "--file", "key_file"]).status, 0);
    assert_eq!([older, newer].map(|path| fs::read_to_string(path).unwrap()), texts);
    assert_eq!(world.logged(), 1);
}

#[test]
fn an_orphan_that_is_locked_is_a_conflict() {
    let world = slow("");
    killed(&world, &["--lock"]);
    let locked = world.run_with(&["api-key-recover"], "y\n");
    assert_eq!((locked.status, world.names().len(), world.logged()), (5, 1, 1), "{locked}");
    assert!(locked.stderr.contains("Unlock it first"), "{locked}");
}

/// The first line of a log entry.
fn entry(name: &str, place: &str, target: &str) -> String {
    format!(
        "{{\"version\":2,\"plan\":{{\"run\":\"0a\",\"place\":{place},\"target\":{target},\"user\":\"u\",\"iam_id\":\"i\",\
         \"draft\":{{\"name\":\"{name}\",\"iam_id\":\"i\",\"account_id\":\"a\",\"locked\":false,\"disabled\":false}},\
         \"format\":\"json\",\"overwrite\":false,\"begun_at\":\"2026-01-01T00:00:00Z\",\"purpose\":\"create\"}}}}\n"
    )
}

fn at(endpoint: &str) -> String {
    format!("{{\"at\":\"{endpoint}\"}}")
}

fn into(file: &Path) -> String {
    format!("{{\"file\":\"{}\"}}", file.display())
}

/// Writes an entry into the log, as a process does.
fn write_entry(world: &World, text: &str) {
    let folder = world.home().join("pending");
    fs::create_dir_all(&folder).unwrap();
    private(&folder.join("0a.jsonl"), text);
}

/// Writes a file that only this user can access.
fn private(path: &Path, text: &str) {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
