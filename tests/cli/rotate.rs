//! `api-key-rotate`, and programs that get the value of a new key.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::Value;

use crate::support::{Outcome, Process, Server, World, finish, wait_until};

/// A world with a key named `ci`, whose value is in the file `ci.key`.
pub(crate) fn world() -> World {
    world_at(Server::start(None))
}

pub(crate) fn world_at(server: Server) -> World {
    let world = World::at(server);
    let made = world.run(&["api-key-create", "ci", "-d", "the pipeline", "--file", "ci.key"]);
    assert_eq!(made.status, 0, "{made}");
    world
}

/// All keys except the first key of the sandbox.
pub(crate) fn keys(world: &World) -> Vec<Value> {
    let listed = world.run(&["api-key-list", "-o", "json"]).json();
    listed.as_array().unwrap().iter().filter(|key| key["name"] != "sandbox").cloned().collect()
}

pub(crate) fn logs_in(world: &World, file: &str) -> bool {
    let mut command = world.command(&["target"]);
    finish(command.env("IBMCLOUD_API_KEY", format!("@{file}")).spawn().unwrap()).status == 0
}

#[track_caller]
pub(crate) fn assert_rotated(world: &World, rotated: &Outcome) {
    assert_eq!(rotated.status, 0, "{rotated}");
    let keys = keys(world);
    let names: Vec<&str> = keys.iter().map(|key| key["name"].as_str().unwrap()).collect();
    assert!(names.len() == 2 && names[0].starts_with("ci (rotated 20") && names[1] == "ci", "{names:?}: {rotated}");
    assert!(keys[0]["expires_at"].is_string(), "{keys:?}");
    assert_eq!(world.logged(), 0, "{rotated}");
}

#[test]
fn a_new_key_takes_the_place_of_the_old_one_with_all_that_it_had() {
    let world = World::new();
    let options = ["-d", "the pipeline", "--expires", "90d", "--action-if-leaked", "delete", "--support-sessions"];
    let made = world.run(&[&["api-key-create", "ci", "--file", "ci.key"], &options[..]].concat());
    assert_eq!(made.status, 0, "{made}");
    let old_value = fs::read_to_string(world.path("ci.key")).unwrap();
    fs::copy(world.path("ci.key"), world.path("old.key")).unwrap();
    let rotated = world.run(&["api-key-rotate", "ci", "--file", "ci.key", "--grace", "7d"]);
    assert_rotated(&world, &rotated);
    assert_ne!(fs::read_to_string(world.path("ci.key")).unwrap(), old_value);
    assert!(logs_in(&world, "ci.key") && logs_in(&world, "old.key"), "both work for a while");
    let keys = keys(&world);
    for field in ["description", "action_when_leaked", "support_sessions", "iam_id", "account_id"] {
        assert_eq!(keys[0][field], keys[1][field], "{field}");
    }
    // Both expire ninety days after they were created, but the rotation leaves the old one only a week.
    let day = |key: &Value| key["expires_at"].as_str().unwrap()[..10].to_owned();
    assert!(day(&keys[0]) < day(&keys[1]), "{keys:?}");
    assert_eq!(keys[1]["locked"], false);
}

#[test]
fn the_old_key_is_deleted_or_kept_if_that_is_asked_for() {
    let world = world();
    let asked = world.run(&["api-key-rotate", "ci", "--delete-old"]);
    assert!(asked.status == 2 && asked.stderr.contains("Confirmation required to rotate API key ci"), "{asked}");
    let rotated = world.run(&["api-key-rotate", "ci", "--delete-old", "--force", "-o", "json"]);
    assert_eq!(rotated.status, 0, "{rotated}");
    fs::write(world.path("new.key"), rotated.json()["apikey"].as_str().unwrap()).unwrap();
    assert_eq!(keys(&world).len(), 1);
    assert!(logs_in(&world, "new.key") && !logs_in(&world, "ci.key"));
    let before = keys(&world).remove(0);
    let deleted = world.run(&["api-key-rotate", "ci", "--delete-old", "--force", "--file", "next.key"]);
    let id = before["id"].as_str().unwrap();
    assert!(deleted.stderr.contains(&format!("The old API key ({id}) was deleted\n")), "{deleted}");
    let before = keys(&world).remove(0);
    let kept = world.run(&["api-key-rotate", "ci", "--keep-old", "--file", "next.key"]);
    assert_eq!(kept.status, 0, "{kept}");
    assert_eq!((keys(&world).len(), &keys(&world)[0]), (2, &before));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_changes_nothing() {
    let world = world();
    let before = keys(&world);
    let said = world.run(&["api-key-rotate", "ci", "--dry-run", "--", "gh", "secret", "set", "X"]);
    assert!(said.status == 0 && said.stdout.contains("standard input of gh"), "{said}");
    assert!(said.stdout.contains("is renamed to 'ci (rotated 20"), "{said}");
    assert_eq!((keys(&world), world.logged()), (before, 0));
}

#[test]
fn what_cannot_be_rotated_is_refused_before_anything_is_made() {
    let world = world();
    world.key_with("locked", &["--lock"]);
    world.key_with("disabled", &["--disabled"]);
    let before = keys(&world);
    for (arguments, status, said) in [
        (&["locked"][..], 5, "is locked."),
        (&["disabled"], 5, "is disabled."),
        (&["nosuch"], 3, "No API key found"),
        (&["ci", "--file", "nosuch/file"], 1, "Cannot write nosuch/file"),
        (&["ci", "--file", "f", "--", "cat"], 2, "cannot be used together"),
        (&["ci", "--grace", "soon"], 2, "use a duration"),
        (&["ci", "--delete-old", "--keep-old"], 2, "cannot be used with"),
    ] {
        let refused = world.run(&[&["api-key-rotate"], arguments].concat());
        assert!(refused.status == status && refused.stderr.contains(said), "{arguments:?}: {refused}");
    }
    assert_eq!((keys(&world), world.logged()), (before, 0));
    // At the limit, the service returns an error, and no new key is left.
    let full = world_at(Server::set_up("limits.keys_per_identity = 2"));
    let refused = full.run(&["api-key-rotate", "ci", "--file", "ci.key"]);
    assert!(refused.status == 5 && refused.stderr.contains("BXNIM0151E"), "{refused}");
    assert_eq!((keys(&full).len(), full.logged()), (1, 0));
    assert!(logs_in(&full, "ci.key"));
}

#[test]
fn a_key_that_cannot_log_in_does_not_replace_one_that_can() {
    let world = world_at(Server::start_with(|options| ibmiam::sandbox::Options {
        faults: vec!["POST /identity/token nth=4 status=400".parse().unwrap()],
        ..options
    }));
    let old = fs::read(world.path("ci.key")).unwrap();
    let before = keys(&world);
    // The creation, the list above and the rotation itself are the first three logins; the new key is the fourth.
    let refused = world.run(&["api-key-rotate", "ci", "--file", "ci.key"]);
    assert!(refused.stderr.contains("Cannot use the new API key: "), "{refused}");
    assert!(refused.stderr.contains("The old API key ci was not changed."), "{refused}");
    assert_eq!((keys(&world), world.logged(), fs::read(world.path("ci.key")).unwrap()), (before, 0, old));
}

/// Creates programs with the names of the clients of secret stores, which record all that they get.
fn fake_stores(world: &World) {
    fs::create_dir_all(world.path("bin")).unwrap();
    for name in ["gh", "vault", "kubectl"] {
        let script = "#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\" > arguments\nenv > environment\ncat > input\n\
                      tr '\\0' '\\n' < /proc/$$/environ >> environment\n";
        let path = world.path("bin").join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }
}

fn with_stores(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.command(arguments);
    command.env("PATH", format!("{}:/usr/bin:/bin", world.path("bin").display()));
    command
}

#[test]
fn a_store_gets_the_value_on_standard_input_and_nowhere_else() {
    let world = world();
    fake_stores(&world);
    for words in [
        &["gh", "secret", "set", "IBMCLOUD_API_KEY"][..],
        &["vault", "kv", "put", "secret/ci", "apikey=-"],
        &["kubectl", "create", "secret", "generic", "ci", "--from-file=apikey=/dev/stdin"],
    ] {
        for command in [&["api-key-rotate", "ci", "--delete-old", "-f", "--"][..], &["api-key-create", "other", "--"]] {
            let passed = finish(with_stores(&world, &[command, words].concat()).spawn().unwrap());
            assert_eq!(passed.status, 0, "{passed}");
            let value = fs::read_to_string(world.path("input")).unwrap();
            assert!(value.len() == 44 && !value.ends_with('\n'), "{value:?}");
            assert!(logs_in(&world, "input"));
            for file in ["arguments", "environment"] {
                let text = fs::read_to_string(world.path(file)).unwrap();
                assert!(!text.contains(&value), "{words:?} {file}");
            }
            assert!(!passed.stdout.contains(&value) && !passed.stderr.contains(&value), "{passed}");
            let arguments = fs::read_to_string(world.path("arguments")).unwrap();
            assert!(arguments.lines().skip(1).eq(words[1..].iter().copied()), "{arguments}");
        }
    }
}

#[test]
fn a_program_that_fails_takes_the_new_key_back_and_leaves_the_old_one() {
    let world = world();
    let before = keys(&world);
    for (words, said) in [
        (&["false"][..], "'false' failed with exit status 1."),
        (&["sh", "-c", "kill -9 $$"], "'sh' was ended by signal 9."),
        (&["./nosuch"], "Cannot run './nosuch': No such file or directory."),
    ] {
        for command in [&["api-key-rotate", "ci", "--"][..], &["api-key-create", "other", "--"]] {
            let failed = world.run(&[command, words].concat());
            assert!(failed.status == 1 && failed.stderr.contains(said), "{failed}");
            assert!(failed.stderr.contains("ibmiam deleted the new API key"), "{failed}");
            assert_eq!((keys(&world), world.logged()), (before.clone(), 0), "{failed}");
        }
    }
}

#[test]
fn a_name_that_begins_with_a_dash_stands_behind_two_dashes_and_a_program_behind_two_more() {
    let world = World::new();
    assert_eq!(world.run(&["api-key-create", "-q", "--", "-a"]).status, 0);
    let passed = world.run(&["api-key-create", "--", "-b", "--", "wc", "-c"]);
    assert!(passed.status == 0 && passed.stdout == "44\n", "{passed}");
    assert_eq!(world.names(), ["-a", "-b"]);
    let both = world.run(&["api-key-create", "c", "--file", "f", "--", "cat"]);
    assert!(both.status == 2 && both.stderr.contains("cannot be used together"), "{both}");
    let none = world.run(&["api-key-create"]);
    assert_eq!(none.status, 2, "{none}");
    let into_file = world.run(&["api-key-rotate", "--file", "f", "--delete-old", "-f", "--", "-a"]);
    assert!(into_file.status == 0 && world.path("f").exists(), "{into_file}");
    let passed = world.run(&["api-key-rotate", "--delete-old", "-f", "--", "-b", "--", "wc", "-c"]);
    assert!(passed.status == 0 && passed.stdout == "44\n", "{passed}");
    assert_eq!(world.names(), ["-a", "-b"]);
    for place in [["--file", "f"], ["--file-dir", "f"]] {
        let both = world.run(&[&["api-key-rotate", "x"], &place[..], &["--", "cat"]].concat());
        assert!(both.status == 2 && both.stderr.contains("cannot be used together"), "{both}");
    }
}

#[test]
fn json_is_alone_on_standard_output_beside_a_program() {
    let world = world();
    let rotated = world.run(&["api-key-rotate", "ci", "-o", "json", "--", "sh", "-c", "cat >/dev/null; echo said"]);
    assert!(rotated.status == 0 && rotated.stderr.contains("said"), "{rotated}");
    assert_eq!((rotated.json()["name"].as_str(), rotated.json().get("apikey")), (Some("ci"), None));
}

#[test]
fn of_two_rotations_at_once_one_is_made_and_the_other_says_so() {
    let world = world();
    let script = "cat > got; touch begun; while [ ! -e go ]; do sleep 0.01; done";
    let first = Process::start(&mut world.command(&["api-key-rotate", "ci", "--", "sh", "-c", script]));
    wait_until(|| world.path("begun").exists());
    let second = world.run(&["api-key-rotate", "ci", "--file", "second.key"]);
    assert_eq!(second.status, 5, "{second}");
    assert!(second.stderr.contains("Another process is rotating API key ci."), "{second}");
    fs::write(world.path("go"), "").unwrap();
    let first = first.finish();
    assert_eq!((first.status, keys(&world).len(), world.logged()), (0, 2, 0), "{first}");
    assert!(logs_in(&world, "got") && !world.path("second.key").exists());
}

#[test]
fn a_session_changes_to_the_new_key_and_outlives_the_old_one() {
    let world = world();
    let login = ["login", "--apikey", "@ci.key", "--store", "file", "--endpoint", &world.server.url];
    assert_eq!(finish(world.bare_command(&login).spawn().unwrap()).status, 0);
    let rotate = ["api-key-rotate", "ci", "--file", "ci.key", "--delete-old", "--force"];
    let rotated = finish(world.bare_command(&rotate).spawn().unwrap());
    assert!(rotated.status == 0 && rotated.stderr.contains("The session 'default' now uses the new key"), "{rotated}");
    let session = fs::read_to_string(world.home().join("sessions/default.json")).unwrap();
    let id = keys(&world)[0]["id"].as_str().unwrap().to_owned();
    assert!(session.contains(&id), "{session}");
    // Without its cached token, the session still works after the deletion of the old key.
    fs::remove_dir_all(world.home().join("cache")).unwrap();
    assert_eq!(finish(world.bare_command(&["api-key-list"]).spawn().unwrap()).status, 0);
    let mut by_variable = world.command(&["api-key-rotate", "sandbox", "--file", "s.key"]);
    let told = finish(by_variable.spawn().unwrap());
    assert!(told.status == 0 && told.stderr.contains("is the key in IBMCLOUD_API_KEY."), "{told}");
}

#[test]
fn a_program_that_does_not_read_the_value_has_not_stored_it() {
    let world = world();
    let before = keys(&world);
    for words in [&["true"][..], &["sh", "-c", "exec 0<&-; sleep 0.1"], &["sh", "-c", "head -c 10 >/dev/null"]] {
        let failed = world.run(&[&["api-key-rotate", "ci", "--delete-old", "-f", "--"], words].concat());
        assert!(failed.status == 1 && failed.stderr.contains("did not read the API key"), "{failed}");
        assert_eq!(keys(&world), before);
    }
    for command in ["api-key-rotate", "api-key-create"] {
        let empty = world.run(&[command, "ci", "--"]);
        assert!(empty.status == 2 && empty.stderr.contains("A command is missing after --."), "{empty}");
    }
    assert_eq!(keys(&world), before);
}

#[test]
fn a_rotation_that_waits_for_an_answer_does_not_miss_another_one() {
    let world = world();
    let mut asking = world.command(&["api-key-rotate", "ci", "--delete-old", "--file", "a.key"]);
    let mut asking = asking.stdin(std::process::Stdio::piped()).spawn().unwrap();
    // The process has read the key before it asks.
    let mut question = [0; 1];
    std::io::Read::read_exact(asking.stderr.as_mut().unwrap(), &mut question).unwrap();
    assert_eq!(world.run(&["api-key-rotate", "ci", "--file", "b.key"]).status, 0);
    std::io::Write::write_all(&mut asking.stdin.take().unwrap(), b"y\n").unwrap();
    let asked = finish(asking);
    assert!(asked.status == 5 && asked.stderr.contains("was changed in the meantime. Nothing was created."), "{asked}");
    assert_eq!(keys(&world).len(), 2);
    // A program that still runs after its rotation was killed keeps the key's rotation locked.
    let script = "cat > got; kill -9 $PPID; touch killed; while [ ! -e go ]; do sleep 0.02; done; touch done";
    let mut killed = world.command(&["api-key-rotate", "ci", "--", "sh", "-c", script]);
    killed.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    killed.env("PATH", "/usr/bin:/bin").spawn().unwrap().wait().unwrap();
    wait_until(|| world.path("killed").exists());
    let busy = world.run(&["api-key-rotate", "ci", "--", "cat"]);
    assert!(busy.status == 5 && busy.stderr.contains("Another process is rotating API key ci."), "{busy}");
    fs::write(world.path("go"), "").unwrap();
    wait_until(|| world.path("done").exists());
    wait_until(|| world.run(&["api-key-rotate", "ci", "--", "cat"]).status != 5);
    assert_eq!(world.logged(), 0);
}

#[test]
fn selected_keys_are_rotated_one_after_the_other_each_to_its_own_place() {
    let world = world();
    world.key("ci-2");
    world.key("with / slash");
    fs::create_dir(world.path("keys")).unwrap();
    let refused = world.run(&["api-key-rotate", "--match", "ci*", "--file-dir", "keys"]);
    assert!(refused.status == 2 && refused.stderr.contains("Really rotate these 2 API keys?"), "{refused}");
    let rotated =
        world.run(&["api-key-rotate", "--match", "*i*", "--file-dir", "keys", "--force", "--file-format", "raw"]);
    assert_eq!(rotated.status, 0, "{rotated}");
    let mut files: Vec<String> = fs::read_dir(world.path("keys"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert!(files.len() == 3 && files[0].starts_with("ApiKey-") && files[1..] == ["ci-2.key", "ci.key"], "{files:?}");
    assert!(files.iter().all(|file| logs_in(&world, &format!("keys/{file}"))));
    // The old keys, which the same selection includes, are not rotated again.
    let script = "cat > \"$IBMIAM_KEY_NAME.value\"; echo \"$IBMIAM_KEY_ID\" > id";
    let again = world.run(&["api-key-rotate", "--match", "ci*", "--delete-old", "-f", "--", "sh", "-c", script]);
    assert_eq!(again.status, 0, "{again}");
    assert!(logs_in(&world, "ci.value") && logs_in(&world, "ci-2.value"));
    assert!(fs::read_to_string(world.path("id")).unwrap().starts_with("ApiKey-"));
    for (arguments, said) in [
        (&["ci", "--match", "ci", "--file-dir", "keys"][..], "cannot be combined"),
        (&["--match", "ci"], "needs a folder or a command"),
        (&["ci", "--file-dir", "keys"], "is for several keys"),
    ] {
        let refused = world.run(&[&["api-key-rotate"], arguments].concat());
        assert!(refused.status == 2 && refused.stderr.contains(said), "{refused}");
    }
}

#[test]
fn several_rotations_are_one_list_for_programs() {
    let world = world();
    world.key("ci-2");
    let rotate = |options: &[&str]| {
        world.run(&[&["api-key-rotate", "--match", "ci*", "--file-dir", "keys", "--force"], options].concat())
    };
    let planned = rotate(&["--dry-run", "-o", "json"]).json();
    assert_eq!((planned.as_array().unwrap().len(), &planned[0]["old_key"]), (2, &"expire".into()), "{planned}");
    assert!(planned[1]["old_key_name"].as_str().unwrap().starts_with("ci-2 (rotated "), "{planned}");
    let rotated = rotate(&["-o", "csv"]);
    assert_eq!((rotated.status, rotated.stdout.lines().count()), (0, 3), "{rotated}");
    let none = world.run(&["api-key-rotate", "--match", "nosuch", "--file-dir", "keys", "-f", "-o", "json"]);
    assert_eq!(none.stdout, "[]\n", "{none}");
    let refused = world.run(&["api-key-rotate", "--match", "ci*", "--file-dir", "keys", "--no-input", "-o", "json"]);
    assert_eq!((refused.status, refused.stdout.as_str()), (2, ""), "{refused}");
    let again = rotate(&["-o", "json"]);
    assert_eq!(again.json().as_array().unwrap().len(), 2, "{again}");
    assert!(
        again.stderr.contains("ibmiam skipped 2 API keys that are old or new keys of another rotation."),
        "{again}"
    );
}

#[test]
fn what_to_do_with_the_variable_is_said_when_the_key_is_rotated() {
    let world = world();
    let rotate = |command: &[&str]| {
        let mut rotate = world.command(&[&["api-key-rotate", "ci"], command].concat());
        finish(rotate.env("IBMCLOUD_API_KEY", "@ci.key").spawn().unwrap())
    };
    let text = "Set the variable to the new value.";
    let failed = rotate(&["--", "false"]);
    assert!(failed.status == 1 && !failed.stderr.contains(text), "{failed}");
    let same = rotate(&["--file", "ci.key"]);
    assert!(same.status == 0 && !same.stderr.contains(text), "{same}");
    let elsewhere = rotate(&["--file", "new.key"]);
    assert!(elsewhere.status == 0 && elsewhere.stderr.contains(text), "{elsewhere}");
}

#[test]
fn a_grace_of_less_than_a_minute_is_refused() {
    let world = world();
    for grace in ["0d", "0h", "30s"] {
        let refused = world.run(&["api-key-rotate", "ci", "--grace", grace, "--file", "new.key"]);
        assert_eq!((refused.status, keys(&world).len()), (2, 1), "{grace}: {refused}");
    }
    let refused = world.run(&["api-key-rotate", "ci", "--grace", "-5d", "--file", "new.key"]);
    assert!(refused.status == 2 && refused.stderr.contains("Invalid value '-5d'"), "{refused}");
}
