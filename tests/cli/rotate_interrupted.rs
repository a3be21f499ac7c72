//! Rotations that were killed, or whose responses were lost, and the run that continues them.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::rotate::{assert_rotated, keys, logs_in, world, world_at};
use crate::support::relay::Fake;
use crate::support::{Outcome, Process, Server, World, finish, wait_until};

/// Kills its parent process, but only once.
const KILLER: &str = "cat > got; if [ ! -e killed ]; then touch killed; kill -9 $PPID; fi";

#[test]
fn a_rotation_that_is_killed_while_a_program_has_the_value_is_made_by_the_next_run() {
    let world = world();
    let rotate = ["api-key-rotate", "ci", "--", "sh", "-c", KILLER];
    let killed = world.run(&rotate);
    assert_eq!((killed.status, world.logged()), (-1, 1), "{killed}");
    let reminded = world.run(&["api-key-list"]);
    assert_eq!(keys(&world).len(), 2, "{reminded}");
    assert!(reminded.stderr.contains("The rotation of API key ci"), "{reminded}");
    let rotated = world.run(&rotate);
    assert_rotated(&world, &rotated);
    assert!(rotated.stderr.contains("An earlier rotation was interrupted"), "{rotated}");
    assert!(logs_in(&world, "got") && logs_in(&world, "ci.key"));
}

/// A relay where requests for a new key get no response until the flag is set, and neither do requests that look it up.
fn broken_relay(world: &World) -> (Fake, Arc<AtomicBool>) {
    let is_up = Arc::new(AtomicBool::new(false));
    let up = Arc::clone(&is_up);
    let relay = Fake::relay_unless(&world.server.url, move |head| {
        let is_down = !up.load(Ordering::SeqCst);
        (is_down && (head.starts_with("POST /v1/apikeys") || head.contains("/details"))).then(Vec::new)
    });
    (relay, is_up)
}

fn run_through(world: &World, relay: &Fake, arguments: &[&str]) -> Outcome {
    let mut command = world.command(arguments);
    finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap())
}

#[test]
fn an_interrupted_rotation_into_a_file_is_finished_by_the_same_command_and_by_no_other() {
    let world = world();
    let (relay, is_up) = broken_relay(&world);
    let run = |arguments: &[&str]| run_through(&world, &relay, arguments);
    let failed = run(&["api-key-rotate", "ci", "--file", "ci.key"]);
    assert!(failed.status == 6 && failed.stderr.contains("run the same command again"), "{failed}");
    assert!(logs_in(&world, "ci.key"), "the old value stays");
    is_up.store(true, Ordering::SeqCst);
    for other in [&["--file", "other.key"][..], &["--", "cat"], &[]] {
        let refused = run(&[&["api-key-rotate", "ci"], other].concat());
        assert!(refused.status == 5 && refused.stderr.contains("--file "), "{other:?}: {refused}");
    }
    let refused = run(&["api-key-recover", "ci.key"]);
    assert!(refused.status == 5 && refused.stderr.contains(" --file "), "{refused}");
    let rotated = run(&["api-key-rotate", "ci", "--file", "ci.key"]);
    assert_rotated(&world, &rotated);
    assert!(logs_in(&world, "ci.key"));
}

/// Kills a rotation while a program has the value, after the program stored it; returns a world and the old key's ID.
/// The stored value is in the file `got`.
fn killed_while_storing() -> (World, String) {
    let world = world();
    let old = keys(&world)[0]["id"].as_str().unwrap().to_owned();
    let killed = world.run(&["api-key-rotate", "ci", "--", "sh", "-c", KILLER]);
    assert_eq!((killed.status, keys(&world).len()), (-1, 2), "{killed}");
    (world, old)
}

#[test]
fn a_key_that_may_have_been_delivered_is_not_deleted_if_the_old_one_is_gone() {
    let (world, old) = killed_while_storing();
    assert_eq!(world.run(&["api-key-delete", "-f", &old]).status, 0);
    let rotated = world.run(&["api-key-rotate", "ci", "--", "cat"]);
    assert_eq!((rotated.status, keys(&world).len(), world.logged()), (0, 1, 0), "{rotated}");
    assert!(logs_in(&world, "got"));
}

#[test]
fn a_login_with_the_new_key_proves_that_it_was_delivered() {
    let (world, old) = killed_while_storing();
    let mut command = world.command(&["api-key-rotate", "ci", "--", "false"]);
    let rotated = finish(command.env("IBMCLOUD_API_KEY", "@got").spawn().unwrap());
    assert_eq!(rotated.status, 0, "{rotated}");
    assert!(logs_in(&world, "got") && world.logged() == 0);
    assert!(world.look(&old).unwrap()["name"].as_str().unwrap().starts_with("ci (rotated "));
}

#[test]
fn the_old_key_stays_if_the_file_does_not_have_the_new_value_any_more() {
    for is_lost in [true, false] {
        // The process is killed after the delivery, and before it renames the old key.
        let world = world_at(Server::faulty(&["PUT nth=1 delay=60s"]));
        let rotate = ["api-key-rotate", "ci", "--file", "new.key"];
        let relay = Fake::relay(&world.server.url);
        let mut command = world.command(&rotate);
        let mut killed = Process::start(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()));
        wait_until(|| relay.requests().iter().any(|request| request.starts_with("PUT")));
        killed.signal("KILL");
        killed.finish();
        if is_lost {
            fs::copy(world.path("ci.key"), world.path("new.key")).unwrap();
        }
        let finished = run_through(&world, &relay, &[&rotate[..], &["--delete-old", "-f"]].concat());
        assert_eq!(keys(&world).len(), if is_lost { 2 } else { 1 }, "{finished}");
        if is_lost {
            assert_eq!(finished.status, 5, "{finished}");
            assert!(finished.stderr.contains("no longer contains the new API key"), "{finished}");
        }
    }
}

#[test]
fn nothing_is_deleted_before_everything_is_checked_and_asked() {
    let (world, old) = killed_while_storing();
    for (arguments, input, status) in [
        (&["--delete-old", "--", "cat"][..], "n\n", 130),
        (&["--delete-old", "--no-input", "--file", "x"], "", 2),
        (&["--file", "nosuch/x"], "", 1),
        (&["--grace", "9999999d", "--", "cat"], "", 2),
        (&["--dry-run"], "", 0),
    ] {
        let refused = world.run_with(&[&["api-key-rotate", "ci"], arguments].concat(), input);
        assert_eq!(refused.status, status, "{refused}");
        assert!(logs_in(&world, "got"), "{refused}");
    }
    world.run(&["api-key-lock", "-f", &old]);
    assert_eq!(world.run(&["api-key-rotate", "ci", "--", "cat"]).status, 5);
    assert!(logs_in(&world, "got"));
}

#[test]
fn a_run_that_finishes_another_one_says_that_it_delivered_nothing() {
    let unfinished = || {
        let world = world_at(Server::start_with(|options| ibmiam::sandbox::Options {
            faults: vec!["PUT /v1/apikeys/* status=403".parse().unwrap()],
            ..options
        }));
        assert_eq!(world.run(&["api-key-rotate", "ci", "--file", "ci.key"]).status, 4);
        world
    };
    let world = unfinished();
    let asked = world.run(&["api-key-rotate", "ci", "--file", "ci.key", "--delete-old", "--no-input"]);
    assert!(asked.status == 2 && asked.stderr.contains("Confirmation required to rotate"), "{asked}");
    let elsewhere = world.run(&["api-key-rotate", "ci", "--keep-old", "-o", "json"]);
    assert_eq!((elsewhere.status, elsewhere.stdout.as_str()), (5, ""), "{elsewhere}");
    assert!(elsewhere.stderr.contains("did not deliver the new value again"), "{elsewhere}");
    let world = unfinished();
    let here = world.run(&["api-key-rotate", "ci", "--keep-old", "--file", "./ci.key", "-o", "json"]);
    assert_eq!((here.status, here.json()["name"].as_str()), (0, Some("ci")), "{here}");
}

#[test]
fn a_lost_rotation_whose_place_another_run_took_is_not_continued() {
    let world = world();
    let (relay, is_up) = broken_relay(&world);
    let run = |arguments: &[&str]| run_through(&world, &relay, arguments);
    let rotate = ["api-key-rotate", "ci", "--", "sh", "-c", "cat > got"];
    let lost = run(&rotate);
    assert_eq!((lost.status, world.logged()), (6, 1), "{lost}");
    is_up.store(true, Ordering::SeqCst);
    for count in 2..4 {
        let rotated = run(&rotate);
        assert_eq!((rotated.status, keys(&world).len()), (0, count), "{rotated}");
        let names: Vec<_> = keys(&world).iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(names.iter().filter(|name| *name == "ci").count(), 1, "{names:?}");
        assert!(logs_in(&world, "got"));
    }
    let selected = run(&["api-key-rotate", "--match", "ci", "-f", "--", "sh", "-c", "cat > got"]);
    assert_eq!((selected.status, keys(&world).len()), (0, 4), "{selected}");
}

#[test]
fn a_key_of_the_same_name_is_not_taken_for_the_new_key_of_a_lost_rotation() {
    // The service stores another value, so the new key is deleted; a copy of the request may still come.
    let world =
        world_at(Server::faulty(&["POST /v1/apikeys nth=2 request-value=another-value-than-the-one-that-was-sent"]));
    let failed = world.run(&["api-key-rotate", "ci", "--file", "new.key"]);
    assert_ne!(failed.status, 0, "{failed}");
    let twin = world.key("ci");
    let old = keys(&world)[0]["id"].as_str().unwrap().to_owned();
    let rotated = world.run(&["api-key-rotate", &old, "--file", "new.key"]);
    assert_eq!(rotated.status, 0, "{rotated}");
    assert!(world.look(&twin).is_some(), "{rotated}");
}

#[test]
fn a_bulk_rotation_that_was_killed_is_continued_and_its_new_keys_are_not_rotated() {
    let world = world();
    world.key("ci-2");
    fs::create_dir(world.path("keys")).unwrap();
    // When the process is killed, the first new key already has the name of the old key.
    let script = "cat > \"$IBMIAM_KEY_NAME.value\"; if [ ! -e killed ]; then touch killed; kill -9 $PPID; fi";
    let rotate = ["api-key-rotate", "--match", "ci*", "--force", "--", "sh", "-c", script];
    assert_eq!(world.run(&rotate).status, -1);
    assert_eq!(keys(&world).len(), 3, "the new key of the first one is there");
    let again = world.run(&rotate);
    assert_eq!(again.status, 0, "{again}");
    let mut names: Vec<String> = keys(&world).iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    assert!(names.len() == 4 && names[0] == "ci" && names[2] == "ci-2", "{names:?}: {again}");
    assert!(logs_in(&world, "ci.value") && logs_in(&world, "ci-2.value"));
    let question = world.run_with(&["api-key-rotate", "--match", "ci*", "--delete-old", "--file-dir", "keys"], "n\n");
    assert!(question.stderr.contains("Really rotate these 2 API keys and delete the old keys?"), "{question}");
}

/// Kills a rotation into the file `ci.key` after the service created the new key.
fn killed_after_creation() -> World {
    let world = world_at(Server::faulty(&["POST /v1/apikeys nth=2 delay-after=60s"]));
    let mut killed = Process::start(&mut world.command(&["api-key-rotate", "ci", "--file", "ci.key"]));
    wait_until(|| world.names().len() == 2);
    killed.signal("KILL");
    killed.finish();
    world
}

#[test]
fn a_rotation_into_a_file_goes_on_without_its_log_entry() {
    let world = killed_after_creation();
    fs::remove_dir_all(world.home().join("pending")).unwrap();
    let rotated = world.run(&["api-key-rotate", "ci", "--file", "ci.key"]);
    assert_rotated(&world, &rotated);
    assert!(logs_in(&world, "ci.key"));
}

#[test]
fn an_old_key_with_another_name_now_is_not_the_key_that_is_meant() {
    let world = killed_after_creation();
    let old = keys(&world)[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.run(&["api-key-update", &old, "-n", "ci-old"]).status, 0);
    let refused = world.run(&["api-key-rotate", "ci", "--file", "ci.key"]);
    assert!(refused.status == 5 && refused.stderr.contains("is now named ci-old"), "{refused}");
    assert_eq!(world.run(&["api-key-rotate", &old, "--file", "ci.key"]).status, 5);
    assert_eq!(world.look(&old).unwrap()["name"], "ci-old");
    assert_eq!(world.run(&["api-key-update", &old, "--name", "ci"]).status, 0);
    assert_rotated(&world, &world.run(&["api-key-rotate", &old, "--file", "ci.key"]));

    let world = crate::rotate::world();
    let (relay, is_up) = broken_relay(&world);
    let old = keys(&world)[0]["id"].as_str().unwrap().to_owned();
    let rotate = ["api-key-rotate", "ci", "--", "sh", "-c", "cat > got"];
    assert_eq!(run_through(&world, &relay, &rotate).status, 6);
    assert_eq!(world.run(&["api-key-update", &old, "-n", "ci-old"]).status, 0);
    let other = world.key("ci");
    is_up.store(true, Ordering::SeqCst);
    let rotated = run_through(&world, &relay, &rotate);
    assert_eq!(rotated.status, 0, "{rotated}");
    assert_eq!(world.look(&old).unwrap()["name"], "ci-old", "{rotated}");
    assert!(world.look(&other).unwrap()["name"].as_str().unwrap().starts_with("ci (rotated "), "{rotated}");
}

#[test]
fn the_new_key_of_an_interrupted_rotation_is_not_rotated_in_place_of_the_old_one() {
    let refused = |world: &World| {
        let before = keys(world);
        let new = before[1]["id"].as_str().unwrap();
        let refused = world.run(&["api-key-rotate", new, "--delete-old", "-f", "--file", "other.key"]);
        assert!(
            refused.status == 5 && refused.stderr.contains("may be the new key of an interrupted rotation"),
            "{refused}"
        );
        assert_eq!(keys(world), before);
    };
    refused(&killed_while_storing().0);
    refused(&killed_after_creation());
    let delivered = world_at(Server::faulty(&["PUT nth=1 status=403"]));
    assert_eq!(delivered.run(&["api-key-rotate", "ci", "--file", "new.key"]).status, 4);
    refused(&delivered);
}

#[test]
fn the_new_key_of_a_rotation_in_progress_is_not_rotated() {
    let world = crate::rotate::world();
    let script = "cat > got; while [ ! -e go ]; do sleep 0.05; done";
    let running = Process::start(&mut world.command(&["api-key-rotate", "ci", "--", "sh", "-c", script]));
    wait_until(|| world.path("got").exists());
    let new = keys(&world)[1]["id"].as_str().unwrap().to_owned();
    let refused = world.run(&["api-key-rotate", &new, "--delete-old", "-f", "--file", "other.key"]);
    assert!(refused.status == 5 && refused.stderr.contains("Another process is rotating"), "{refused}");
    fs::write(world.path("go"), "").unwrap();
    let rotated = running.finish();
    assert!(rotated.status == 0 && logs_in(&world, "got"), "{rotated}");
}

#[test]
fn a_dry_run_says_what_is_left_of_an_interrupted_rotation() {
    let world = world_at(Server::faulty(&["PUT /v1/apikeys/* nth=1 status=403"]));
    assert_eq!(world.run(&["api-key-rotate", "ci", "--file", "new.key"]).status, 4);
    let plan = || world.run(&["api-key-rotate", "ci", "--dry-run", "--file", "new.key", "-o", "json"]).json();
    let left = plan();
    assert_eq!((left["delivered"].as_bool(), left["file"].is_null()), (Some(true), true), "{left}");
    assert!(left["old_key_name"].as_str().unwrap().starts_with("ci (rotated "), "{left}");
    fs::rename(world.path("new.key"), world.path("moved.key")).unwrap();
    let missing = world.run(&["api-key-rotate", "ci", "--file", "new.key"]);
    assert!(missing.status == 5 && missing.stderr.contains("move it back"), "{missing}");
    fs::rename(world.path("moved.key"), world.path("new.key")).unwrap();
    let old = keys(&world)[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.run(&["api-key-delete", "-f", &old]).status, 0);
    let left = plan();
    assert_eq!((left["old_id"].as_str(), left["old_key_name"].is_null()), (Some(&*old), true), "{left}");
}

#[test]
fn a_rotation_whose_old_key_is_gone_is_finished_only_if_it_is_named_by_its_id() {
    let world = killed_after_creation();
    let old = keys(&world)[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.run(&["api-key-delete", "-f", &old]).status, 0);
    let other = world.key("ci");
    let refused = world.run(&["api-key-rotate", "ci", "--file", "ci.key"]);
    assert!(refused.status == 5 && refused.stderr.contains("the key was deleted"), "{refused}");
    let finished = world.run(&["api-key-rotate", &old, "--file", "ci.key"]);
    assert_eq!((finished.status, world.logged()), (0, 0), "{finished}");
    assert!(logs_in(&world, "ci.key") && world.look(&other).unwrap()["name"] == "ci");

    let world = killed_after_creation();
    let old = keys(&world)[0]["id"].as_str().unwrap().to_owned();
    let mut elsewhere = world.command(&["api-key-rotate", &old, "--file", "other.key"]);
    assert_eq!(finish(elsewhere.env("IBMIAM_HOME", world.path("home")).spawn().unwrap()).status, 0);
    let refused = world.run(&["api-key-rotate", "ci", "--delete-old", "-f", "--file", "ci.key"]);
    assert!(refused.status == 5 && refused.stderr.contains("another rotation has replaced the key"), "{refused}");
    assert!(world.look(&old).is_some());
}

#[test]
fn a_rotation_into_a_folder_that_was_moved_is_finished_there() {
    let world = world_at(Server::faulty(&["POST /v1/apikeys nth=2 delay-after=60s"]));
    fs::create_dir(world.path("a")).unwrap();
    let mut killed = Process::start(&mut world.command(&["api-key-rotate", "ci", "--file", "a/new.key"]));
    wait_until(|| world.names().len() == 2);
    killed.signal("KILL");
    killed.finish();
    fs::rename(world.path("a"), world.path("b")).unwrap();
    let missing = world.run(&["api-key-rotate", "ci", "--file", "a/new.key"]);
    assert!(missing.status == 1 && missing.stderr.contains("pass the new path"), "{missing}");
    let told = world.run(&["api-key-recover", "b/new.key"]);
    assert!(told.status == 5 && told.stderr.contains("b/new.key"), "{told}");
    let planned = world.run(&["api-key-rotate", "ci", "--dry-run", "--file", "b/new.key", "-o", "json"]);
    assert_eq!((planned.status, planned.json()["name"].as_str()), (0, Some("ci")), "{planned}");
    assert_rotated(&world, &world.run(&["api-key-rotate", "ci", "--file", "b/new.key"]));
    assert!(logs_in(&world, "b/new.key"));
}

#[test]
fn a_rotation_can_be_discarded_with_the_commands_that_it_names() {
    let world = killed_after_creation();
    let discard = ["api-key-recover", "ci.key", "--discard"];
    let kept = world.run(&discard);
    let new = keys(&world)[1]["id"].as_str().unwrap().to_owned();
    assert!(kept.status == 5 && kept.stderr.contains("ibmiam api-key-rotate"), "{kept}");
    assert!(kept.stderr.contains(&format!("ibmiam api-key-delete {new}")), "{kept}");
    assert_eq!(world.run(&["api-key-delete", "-f", &new]).status, 0);
    assert!(world.run(&discard).stderr.contains("Run the command again after"));
}

#[test]
fn the_session_is_not_said_to_change_if_the_interrupted_run_delivered_the_value() {
    let world = world_at(Server::faulty(&["PUT nth=1 status=403"]));
    let login = ["login", "--apikey", "@ci.key", "--store", "file", "--endpoint", &world.server.url];
    assert_eq!(finish(world.bare_command(&login).spawn().unwrap()).status, 0);
    let rotate = ["api-key-rotate", "ci", "--file", "new.key"];
    assert_eq!(world.run(&rotate).status, 4);
    let finished = finish(world.bare_command(&rotate).spawn().unwrap());
    assert_eq!(finished.status, 0, "{finished}");
    assert!(!finished.stderr.contains("changes to the new key"), "{finished}");
    assert!(finished.stderr.contains("was created with the old key"), "{finished}");
}

#[test]
fn a_dry_run_after_a_lost_rotation_writes_nothing() {
    let world = crate::rotate::world();
    let (relay, is_up) = broken_relay(&world);
    let old = keys(&world)[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(run_through(&world, &relay, &["api-key-rotate", "ci", "--", "cat"]).status, 6);
    is_up.store(true, Ordering::SeqCst);
    assert_eq!(world.run(&["api-key-delete", "-f", &old]).status, 0);
    world.key("ci");
    let entry = fs::read_dir(world.home().join("pending")).unwrap().next().unwrap().unwrap().path();
    let before = fs::read_to_string(&entry).unwrap();
    let planned = run_through(&world, &relay, &["api-key-rotate", "ci", "--dry-run", "--", "cat"]);
    assert_eq!((planned.status, fs::read_to_string(&entry).unwrap()), (0, before), "{planned}");
}

#[test]
fn the_late_key_of_a_rotation_whose_place_another_run_took_is_not_rotated() {
    let world = crate::rotate::world();
    let url = world.server.url.clone();
    let late = Arc::new(std::sync::Mutex::new(None));
    let kept = Arc::clone(&late);
    let is_up = Arc::new(AtomicBool::new(false));
    let up = Arc::clone(&is_up);
    let relay = Fake::start_with_body(&url, move |head, body| {
        let is_creation = head.starts_with("POST /v1/apikeys");
        let is_lost = !up.load(Ordering::SeqCst) && (is_creation || head.contains("/details"));
        if is_lost && is_creation {
            *kept.lock().unwrap() = Some((head.to_owned(), body.to_owned()));
        }
        is_lost.then(Vec::new)
    });
    let rotate = ["api-key-rotate", "ci", "--", "sh", "-c", "cat > got"];
    let lost = run_through(&world, &relay, &rotate);
    assert_eq!(lost.status, 6, "{lost}");
    is_up.store(true, Ordering::SeqCst);
    let rotated = run_through(&world, &relay, &rotate);
    assert_eq!(rotated.status, 0, "{rotated}");
    let (head, body) = late.lock().unwrap().clone().unwrap();
    crate::support::relay::send(&url, &head, &body);
    let names = || keys(&world).iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert!(names().iter().any(|name| name.starts_with("ci (rotating ")), "{:?}", names());
    let plan = ["api-key-rotate", "--match", "ci*", "--dry-run", "--file-dir", "keys", "-o", "json"];
    let planned = run_through(&world, &relay, &plan);
    assert_eq!(planned.json().as_array().unwrap().len(), 1, "{planned}");
    assert!(planned.stderr.contains("skipped 2 API keys"), "{planned}");
}

#[test]
fn a_rotation_into_a_file_whose_value_was_altered_ends_and_its_good_key_is_not_offered() {
    let world = world_at(Server::faulty(&[
        "POST /v1/apikeys nth=2 drop=before",
        "POST /v1/apikeys nth=3 request-value=another-value-than-the-one-that-was-sent",
    ]));
    assert_ne!(world.run(&["api-key-rotate", "ci", "--file", "new.key"]).status, 0);
    assert_eq!(world.run(&["api-key-rotate", "ci", "--file", "new.key"]).status, 0);
    let before = keys(&world);
    assert_eq!((before.len(), world.logged()), (2, 1));
    let recovered = world.run_with(&["api-key-recover"], "y\ny\n");
    assert_eq!(keys(&world), before, "{recovered}");
    // Ten minutes later.
    let entry = fs::read_dir(world.home().join("pending")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&entry).unwrap();
    let begun_at =
        serde_json::from_str::<serde_json::Value>(text.lines().next().unwrap()).unwrap()["plan"]["begun_at"].clone();
    fs::write(&entry, text.replace(begun_at.as_str().unwrap(), "2026-01-01T00:00:00Z")).unwrap();
    let rotated = world.run(&["api-key-rotate", "ci", "--file", "new.key"]);
    assert_eq!((rotated.status, world.logged()), (0, 0), "{rotated}");
}
