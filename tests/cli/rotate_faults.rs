//! `api-key-rotate` under every fault of every request, where the fault happens once or always: the old key always
//! works, there are never three keys, a stored value logs in, and after a fault that happens once, the same command
//! finishes the rotation.

use ibmiam::sandbox;

use crate::matrix::faults;
use crate::support::limits::timeout_under;
use crate::support::{Outcome, SERVICE_ID, Server, World, finish, in_parallel};

const LOGIN: &str = "a-value-of-ann-to-log-in-with-0123456789";
const OLD: &str = "a-value-of-ann-to-be-rotated-0123456789";

/// A user whose keys exist from the start, so that the first request of each kind comes from the rotation. The rotated
/// key belongs to the user, or to a service ID that the user may manage.
fn world(fault: &str, is_of_user: bool) -> World {
    let rotated = format!("[{{ name = \"ci\", value = \"{OLD}\" }}]");
    let login = format!("{{ name = \"login\", value = \"{LOGIN}\" }}");
    let of_user = if is_of_user { format!("[{login}, {}", &rotated[1..]) } else { format!("[{login}]") };
    let mut setup = format!(
        "limits.keys_per_identity = 3\n[[users]]\niam_id = \"IBMid-ANN\"\nemail = \"ann@example.com\"\nkeys = {of_user}\n"
    );
    if !is_of_user {
        setup.push_str(&format!("{SERVICE_ID}created_by = \"IBMid-ANN\"\nkeys = {rotated}\n"));
    }
    let (setup, fault) = (sandbox::Setup::read(&setup).unwrap(), fault.parse().unwrap());
    let server = Server::start_with(move |options| sandbox::Options { setup, faults: vec![fault], ..options });
    if is_of_user { World::at(server) } else { World::of_service_id(server) }
}

fn run(world: &World, arguments: &[&str]) -> Outcome {
    let mut command = world.command(arguments);
    command.env("IBMCLOUD_API_KEY", LOGIN).env("PATH", "/usr/bin:/bin");
    finish(command.spawn().unwrap())
}

/// The names of the keys, without the key for the login.
fn names(world: &World) -> Vec<String> {
    let listed = run(world, &["api-key-list", "-o", "json"]).json();
    let names = listed.as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned());
    let mut names: Vec<String> = names.filter(|name| name != "login").collect();
    names.sort();
    names
}

fn logs_in(world: &World, value: &str) -> bool {
    finish(world.command(&["target"]).env("IBMCLOUD_API_KEY", value).spawn().unwrap()).status == 0
}

fn try_one(request: &str, when: &str, fault: &str, options: &[&str], is_of_user: bool) {
    let owner = if is_of_user { "user" } else { "service ID" };
    let what = format!("{request} {when} {fault} {options:?} {owner}");
    let world = world(&format!("{request} {when} {fault}"), is_of_user);
    let rotate = [&["api-key-rotate", "ci"], &timeout_under(fault)[..], options].concat();
    let first = run(&world, &rotate);
    let check = |outcome: &Outcome| {
        let names = names(&world);
        assert!((1..=2).contains(&names.len()), "{what}: {names:?}: {outcome}");
        assert!(logs_in(&world, OLD), "{what}: {outcome}");
        if world.path("store").exists() && (outcome.status == 0 || !options.contains(&"--")) {
            assert!(logs_in(&world, "@store"), "{what}: {outcome}");
        }
        names
    };
    let mut names = check(&first);
    let mut last = first;
    if last.status != 0 && !when.is_empty() {
        last = run(&world, &rotate);
        names = check(&last);
    }
    if !when.is_empty() || last.status == 0 {
        assert_eq!(last.status, 0, "{what}: {last}");
        assert!(names.len() == 2 && names[0] == "ci" && names[1].starts_with("ci (rotated "), "{what}: {names:?}");
    } else {
        assert!(last.stderr.contains("FAILED"), "{what}: {last}");
    }
}

/// Tests all faults of one kind of request in parallel. The login of the command itself gets no permanent fault.
fn each_fault(request: &str, once: &str, options: &[&str]) {
    let kinds = [(once, true), (once, false), ("", true), ("", false)];
    let cells = faults().flat_map(|fault| kinds.map(|(when, is_of_user)| (fault, when, is_of_user)));
    let cells = cells.filter(|(_, when, _)| !(when.is_empty() && request.contains("token"))).collect();
    in_parallel(cells, |(fault, when, is_of_user)| try_one(request, when, fault, options, is_of_user));
}

const FILE: [&str; 4] = ["--file", "store", "--file-format", "raw"];
const PROGRAM: [&str; 4] = ["--", "sh", "-c", "cat > store.new && mv store.new store"];

#[test]
fn the_request_for_the_new_key_can_fail_in_any_way() {
    each_fault("POST /v1/apikeys", "nth=1", &FILE);
    each_fault("POST /v1/apikeys", "nth=1", &PROGRAM);
}

#[test]
fn the_login_with_the_new_key_can_fail_in_any_way() {
    each_fault("POST /identity/token", "nth=2", &FILE);
    each_fault("POST /identity/token", "nth=2", &PROGRAM);
}

#[test]
fn the_change_of_the_old_key_can_fail_in_any_way() {
    each_fault("PUT /v1/apikeys/*", "nth=1", &FILE);
}

#[test]
fn the_name_of_the_new_key_can_fail_in_any_way() {
    each_fault("PUT /v1/apikeys/*", "nth=1", &PROGRAM);
}

#[test]
fn a_refused_expiration_leaves_the_old_key_and_says_how_to_end_the_rotation() {
    let world = world("PUT /v1/apikeys/* status=403", true);
    let refused = run(&world, &[&["api-key-rotate", "ci"], &FILE[..]].concat());
    assert_eq!(refused.status, 4, "{refused}");
    assert!(refused.stderr.contains("was delivered, but ibmiam could not change the old key"), "{refused}");
    assert!(refused.stderr.contains("add --keep-old"), "{refused}");
    assert_eq!(names(&world), ["ci", "ci"]);
    let kept = run(&world, &[&["api-key-rotate", "ci", "--keep-old"], &FILE[..]].concat());
    assert!(kept.status == 0 && kept.stderr.contains("API key ci was rotated"), "{kept}");
    assert_eq!((names(&world).len(), world.logged()), (2, 0));
}
