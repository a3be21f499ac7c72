//! Renewals that run at the same time, are killed, or have a clock that differs from the service's.

use std::fs;
use std::process::{Command, Stdio};

use ibmiam::context::system_clock;
use ibmiam::sandbox::{Options, Setup};
use jiff::SignedDuration;

use crate::support::killed::survived;
use crate::support::relay::Fake;
use crate::support::{Outcome, Process, Server, World, feed, finish, wait_until};

fn bare(world: &World, arguments: &[&str]) -> Outcome {
    finish(world.bare_command(arguments).spawn().unwrap())
}

fn log_in(world: &World, url: &str) {
    let command = world.bare_command(&["login", "--store", "file", "--endpoint", url, "--apikey", "-"]);
    let done = feed(command, &world.server.key);
    assert_eq!(done.status, 0, "{done}");
}

fn expire(world: &World) {
    fs::remove_file(world.home().join("cache/tokens/default")).ok();
}

fn tokens(relay: &Fake) -> usize {
    relay.requests().iter().filter(|line| line.starts_with("POST /identity/token")).count()
}

fn all_succeed(running: Vec<std::process::Child>) {
    for child in running {
        let listed = finish(child);
        assert_eq!(listed.status, 0, "{listed}");
    }
}

#[test]
fn a_hundred_processes_with_an_expired_token_renew_it_once() {
    let world = World::new();
    let relay = Fake::relay(&world.server.url);
    log_in(&world, &relay.url());
    expire(&world);
    all_succeed((0..100).map(|_| world.bare_command(&["api-key-list", "-q"]).spawn().unwrap()).collect());
    assert_eq!(tokens(&relay), 2, "one for the login and one for all of them");
}

#[test]
fn where_the_holder_of_the_lock_is_killed_the_others_go_on() {
    let world = World::at(Server::faulty(&["POST /identity/token nth=2 delay=60s"]));
    let relay = Fake::relay(&world.server.url);
    log_in(&world, &relay.url());
    expire(&world);
    let mut holder = Process::start(&mut world.bare_command(&["api-key-list"]));
    wait_until(|| tokens(&relay) >= 2);
    let running = (0..100).map(|_| world.bare_command(&["api-key-list", "-q"]).spawn().unwrap()).collect();
    holder.signal("KILL");
    assert_eq!(holder.finish().status, -1);
    all_succeed(running);
    assert_eq!(tokens(&relay), 3, "the login's, that of the killed one, and one for all of the others");
}

#[test]
fn a_token_that_is_refused_though_it_looked_good_is_renewed_once() {
    let world = World::at(Server::faulty(&["GET /v1/apikeys nth=1 expired"]));
    let relay = Fake::relay(&world.server.url);
    log_in(&world, &relay.url());
    let listed = bare(&world, &["api-key-list"]);
    assert_eq!((listed.status, tokens(&relay)), (0, 2), "{listed}");
    let always = World::at(Server::faulty(&["GET /v1/apikeys expired"]));
    let relay = Fake::relay(&always.server.url);
    log_in(&always, &relay.url());
    let refused = bare(&always, &["api-key-list"]);
    assert_eq!((refused.status, tokens(&relay)), (4, 2), "{refused}");
    assert_eq!(relay.requests().iter().filter(|line| line.starts_with("GET /v1/apikeys?")).count(), 2);
}

#[test]
fn of_requests_at_once_that_are_refused_one_renews_the_token_for_all() {
    let faults: Vec<String> = (1..=8).map(|number| format!("DELETE nth={number} expired")).collect();
    let world = World::at(Server::faulty(&faults.iter().map(String::as_str).collect::<Vec<_>>()));
    for number in 0..12 {
        world.key(&format!("k{number}"));
    }
    let relay = Fake::relay(&world.server.url);
    log_in(&world, &relay.url());
    let deleted = bare(&world, &["api-key-delete", "--match", "k*", "-f"]);
    assert_eq!((deleted.status, tokens(&relay)), (0, 2), "{deleted}");
    assert!(deleted.stderr.contains("12 API keys were deleted"), "{deleted}");
}

#[test]
fn a_renewal_that_fails_in_the_middle_of_a_command_says_why() {
    let answers = [
        ("503 Service Unavailable", "{}", 1, "responded with 503 Service Unavailable"),
        (
            "400 Bad Request",
            r#"{"errorCode":"BXNIM0407E","errorMessage":"It is over."}"#,
            4,
            "has ended.\nCaused by: It is over.",
        ),
        ("200 OK", "nonsense", 1, "it is not JSON"),
    ];
    for (status_line, body, status, said) in answers {
        let world = World::at(Server::faulty(&["GET /v1/apikeys expired"]));
        let is_in = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let logged_in = std::sync::Arc::clone(&is_in);
        let relay = Fake::relay_unless(&world.server.url, move |head| {
            let fails = head.starts_with("POST /identity/token") && is_in.load(std::sync::atomic::Ordering::SeqCst);
            let length = body.len();
            // `retry-after: 0` makes the retries immediate.
            let head = format!("HTTP/1.1 {status_line}\r\nretry-after: 0\r\ncontent-length: {length}\r\n\r\n");
            fails.then(|| format!("{head}{body}").into_bytes())
        });
        log_in(&world, &relay.url());
        logged_in.store(true, std::sync::atomic::Ordering::SeqCst);
        let failed = bare(&world, &["api-key-list"]);
        assert_eq!(failed.status, status, "{failed}");
        assert!(
            failed.stderr.contains("The service rejected the access token, and ibmiam could not renew it."),
            "{failed}"
        );
        assert!(failed.stderr.contains(said), "{failed}");
    }
}

#[test]
fn a_renewal_that_failed_for_one_key_is_tried_again_for_the_next_one() {
    let world = World::at(Server::faulty(&["DELETE nth=1 expired", "DELETE nth=2 expired", "DELETE nth=3 expired"]));
    let failures = std::sync::Arc::new(std::sync::atomic::AtomicI8::new(i8::MAX));
    let left = std::sync::Arc::clone(&failures);
    let relay = Fake::relay_unless(&world.server.url, move |head| {
        let fails = head.starts_with("POST /identity/token")
            && left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) <= 1
            && left.load(std::sync::atomic::Ordering::SeqCst) >= 0;
        fails.then(|| b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nnonsense".to_vec())
    });
    for name in ["a", "b", "c"] {
        world.key(name);
    }
    log_in(&world, &relay.url());
    failures.store(1, std::sync::atomic::Ordering::SeqCst);
    let deleted = bare(&world, &["api-key-delete", "--match", "?", "-f"]);
    assert_eq!((deleted.status, world.names().len()), (1, 1), "one of them failed: {deleted}");
    assert!(deleted.stderr.contains("it is not JSON"), "{deleted}");
}

#[test]
fn a_token_renewed_in_the_middle_of_a_command_that_cannot_be_saved_is_a_note() {
    let world = World::at(Server::faulty(&["GET /v1/apikeys nth=1 expired"]));
    let sessions = world.home().join("sessions");
    let in_the_way = sessions.clone();
    let relay = Fake::relay_after(&world.server.url, move |head| {
        if head.starts_with("GET /v1/apikeys?") {
            // A folder at the path of the new session file.
            fs::create_dir_all(in_the_way.join(".default.json.new/in the way")).unwrap();
        }
    });
    log_in(&world, &relay.url());
    let listed = bare(&world, &["api-key-list"]);
    assert_eq!(listed.status, 0, "{listed}");
    assert!(listed.stderr.contains("Cannot save the renewed token for the next command: "), "{listed}");
    assert!(sessions.join("default.json").exists());
}

#[test]
fn many_processes_that_are_refused_at_once_renew_the_token_once() {
    let setup = "lifetimes.access_token = 200";
    // The service's clock is 5 minutes ahead: for the client, the token looks valid long after its end.
    let world = World::at(Server::start_with(move |options| Options {
        setup: Setup::read(setup).unwrap(),
        now: || system_clock() + SignedDuration::from_secs(300),
        ..options
    }));
    let relay = Fake::relay(&world.server.url);
    log_in(&world, &relay.url());
    all_succeed((0..10).map(|_| world.bare_command(&["api-key-list", "-q"]).spawn().unwrap()).collect());
    assert_eq!(tokens(&relay), 1);
}

#[test]
fn clocks_may_differ_by_five_minutes() {
    for ahead in [true, false] {
        let world = World::at(Server::start_with(move |options| Options {
            setup: Setup::read("lifetimes.access_token = 240").unwrap(),
            now: if ahead {
                || system_clock() + SignedDuration::from_secs(300)
            } else {
                || system_clock() - SignedDuration::from_secs(300)
            },
            ..options
        }));
        log_in(&world, &world.server.url);
        for _ in 0..2 {
            let listed = bare(&world, &["api-key-list"]);
            assert_eq!(listed.status, 0, "{ahead}: {listed}");
        }
        let token = bare(&world, &["bearer-token"]).stdout;
        let mut given = world.bare_command(&["api-key-list", "--endpoint", &world.server.url]);
        let given = finish(given.env("IBMCLOUD_IAM_TOKEN", token.trim()).spawn().unwrap());
        assert_eq!(given.status, 0, "{ahead}: {given}");
    }
}

#[test]
fn a_session_of_somebody_else_or_for_all_to_read_is_not_used() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let world = World::new();
    log_in(&world, &world.server.url);
    let session = world.home().join("sessions/default.json");
    let refused = |why: &str| {
        let refused = bare(&world, &["api-key-list"]);
        assert_eq!(refused.status, 1, "{why}: {refused}");
        assert!(refused.stderr.contains("is not a private file of yours"), "{why}: {refused}");
        assert!(refused.stderr.contains("chmod 600"), "{why}: {refused}");
    };
    for mode in [0o640, 0o604, 0o666] {
        fs::set_permissions(&session, PermissionsExt::from_mode(mode)).unwrap();
        refused(&format!("{mode:o}"));
    }
    fs::set_permissions(&session, PermissionsExt::from_mode(0o600)).unwrap();
    let elsewhere = world.path("elsewhere.json");
    fs::rename(&session, &elsewhere).unwrap();
    symlink(&elsewhere, &session).unwrap();
    refused("a link");
    fs::remove_file(&session).unwrap();
    assert!(Command::new("mkfifo").arg(&session).status().unwrap().success());
    refused("a pipe");
    fs::remove_file(&session).unwrap();
    fs::rename(&elsewhere, &session).unwrap();
    assert_eq!(bare(&world, &["api-key-list"]).status, 0);
    // A token that other users could read is discarded, and the program requests a new one.
    let token = world.home().join("cache/tokens/default");
    fs::set_permissions(&token, PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(bare(&world, &["api-key-list"]).status, 0);
    assert_eq!(fs::metadata(&token).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_command_goes_on_as_nobody_else_where_another_login_came_in_between() {
    let value = "a-value-of-ann-with-32-characters-or-more";
    let ann = format!("users = [{{ iam_id = \"IBMid-ANN\", keys = [{{ name = \"k\", value = \"{value}\" }}] }}]");
    let world = World::at(Server::start_with(move |options| Options {
        setup: Setup::read(&ann).unwrap(),
        faults: vec!["DELETE /v1/apikeys/* nth=1 expired".parse().unwrap()],
        ..options
    }));
    log_in(&world, &world.server.url);
    let id = world.key("mine");
    let mut deletion = Process::start(world.bare_command(&["api-key-delete", "mine"]).stdin(Stdio::piped()));
    let mut question = [0; "Really delete".len()];
    std::io::Read::read_exact(deletion.child().stderr.as_mut().unwrap(), &mut question).unwrap();
    let login = ["login", "--store", "file", "--endpoint", &world.server.url, "--apikey", "-"];
    assert_eq!(feed(world.bare_command(&login), value).status, 0);
    std::io::Write::write_all(&mut deletion.child().stdin.take().unwrap(), b"y\n").unwrap();
    let refused = deletion.finish();
    assert_eq!(refused.status, 4, "{refused}");
    assert!(world.look(&id).is_some());
}

#[test]
fn a_logout_leaves_nothing_that_a_killed_renewal_left() {
    let world = World::new();
    log_in(&world, &world.server.url);
    for name in ["sessions/.default.json.new", "cache/tokens/.default.new", "cache/tokens/_ibmcloud-0123"] {
        fs::write(world.home().join(name), "a secret").unwrap();
    }
    assert_eq!(bare(&world, &["logout"]).status, 0);
    assert_eq!(fs::read_dir(world.home().join("cache/tokens")).unwrap().count(), 0);
    let left: Vec<_> =
        fs::read_dir(world.home().join("sessions")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["default.lock"]);
}

/// All system calls of a login or a renewal that use the disk or the network.
const STEPS: [&str; 11] =
    ["openat", "write", "writev", "sendto", "recvfrom", "connect", "fsync", "renameat", "unlink", "flock", "fchmod"];

#[test]
#[ignore = "needs strace and the right to trace; .ci/run has both and runs this"]
#[expect(clippy::print_stdout, reason = "how many steps there were is worth knowing")]
fn a_renewal_killed_at_any_step_leaves_the_session_as_it_was_or_renewed() {
    let mut killed = 0;
    for call in STEPS {
        for number in 1.. {
            let world = World::new();
            log_in(&world, &world.server.url);
            expire(&world);
            if survived(&world.bare_command(&["api-key-list"]), "", call, number) {
                break;
            }
            killed += 1;
            let listed = bare(&world, &["api-key-list"]);
            assert_eq!(listed.status, 0, "{call} {number}: {listed}");
            expire(&world);
            assert_eq!(bare(&world, &["api-key-list"]).status, 0, "{call} {number}: and again");
            assert_no_leftovers(&world, &format!("{call} {number}"));
        }
    }
    println!("{killed} renewals killed");
    assert!(killed > 20, "{killed}");
}

#[test]
#[ignore = "needs strace and the right to trace; .ci/run has both and runs this"]
#[expect(clippy::print_stdout, reason = "how many steps there were is worth knowing")]
fn a_login_killed_at_any_step_leaves_the_old_session_or_the_new_one() {
    let (mut killed, mut old, mut new) = (0, 0, 0);
    let value = "a-value-of-ann-with-32-characters-or-more";
    let ann = format!(
        "users = [{{ iam_id = \"IBMid-ANN\", email = \"ann@example.com\", keys = [{{ name = \"k\", value = \"{value}\" }}] }}]"
    );
    for call in STEPS {
        for number in 1.. {
            let world = World::at(Server::set_up(&ann));
            log_in(&world, &world.server.url);
            let login = ["login", "--store", "file", "--endpoint", &world.server.url, "--apikey", "-"];
            if survived(&world.bare_command(&login), value, call, number) {
                break;
            }
            killed += 1;
            let target = bare(&world, &["target"]);
            assert_eq!(target.status, 0, "{call} {number}: {target}");
            if target.stdout.contains("ann@example.com") {
                new += 1;
            } else {
                old += 1;
            }
            expire(&world);
            assert_eq!(bare(&world, &["target"]).stdout.contains("ann@"), target.stdout.contains("ann@"));
            assert_no_leftovers(&world, &format!("{call} {number}"));
        }
    }
    println!("{killed} logins killed: {old} old sessions, {new} new ones");
    assert!(old > 10 && new > 0, "{old} {new}");
}

/// Asserts that after the next success, nothing is left of a run that was killed.
#[track_caller]
fn assert_no_leftovers(world: &World, when: &str) {
    for (folder, expected) in [("sessions", &["default.json", "default.lock"][..]), ("cache/tokens", &["default"])] {
        let entries = fs::read_dir(world.home().join(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, expected, "{when}");
    }
}
