//! Service IDs, and how their keys differ. The common behaviour is tested with the keys of users: `matrix.rs`,
//! `rotate_faults.rs` and `idioms.rs` run with both.

use std::process::Command;

use ibmiam::sandbox::{Options, Setup};

use crate::support::curl::ask;
use crate::support::{Outcome, Process, SERVICE_ID, Server, World, finish, wait_until};

/// A world with the service ID `pipeline` and this fault.
fn faulty(fault: &str) -> World {
    let (setup, fault) = (Setup::read(SERVICE_ID).unwrap(), fault.parse().unwrap());
    World::at(Server::start_with(move |options| Options { setup, faults: vec![fault], ..options }))
}

fn world() -> World {
    World::at(Server::set_up(SERVICE_ID))
}

/// The names of the service ID's keys.
fn names(world: &World) -> Vec<String> {
    let listed = world.run(&["service-api-keys", "pipeline", "-o", "json"]).json();
    listed.as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn assert_ok(outcome: &Outcome) {
    assert_eq!(outcome.status, 0, "{outcome}");
}

#[test]
fn service_ids_are_listed_and_shown() {
    let world = world();
    let ids = world.run(&["service-ids", "--uuid"]);
    let id = ids.stdout.trim_end();
    assert!(id.starts_with("ServiceId-") && ids.stderr.is_empty(), "{ids}");
    let listed = world.run(&["service-ids"]);
    assert!(listed.stdout.starts_with("ID  ") && listed.stdout.contains(&format!("{id}   pipeline   -")), "{listed}");
    assert!(listed.stderr.starts_with("Getting all service IDs under "), "{listed}");
    let objects = world.run(&["service-ids", "-o", "json"]).json();
    assert_eq!((&objects[0]["id"], &objects[0]["unique_instance_crns"]), (&id.into(), &serde_json::json!([])));
    for operand in ["pipeline", id, &format!("iam-{id}")] {
        let shown = world.run(&["service-id", operand]);
        assert!(shown.stdout.contains(&format!("IAM ID               iam-{id}\n")), "{shown}");
        assert_eq!(world.run(&["service-id", operand, "--uuid"]).stdout.trim_end(), id);
    }
    let unknown = world.run(&["service-id", "nosuch"]);
    assert_eq!(unknown.status, 3, "{unknown}");
    assert!(unknown.stderr.contains("To list the service IDs, run: ibmiam service-ids"), "{unknown}");
    let similar = world.run(&["service-id", "Pipeline"]);
    assert!(similar.stderr.contains("Did you mean 'pipeline'?"), "{similar}");
}

#[test]
fn of_two_service_ids_of_one_name_none_is_guessed() {
    let token = "Authorization: Bearer ";
    let world = world();
    let post = |name: &str| {
        let bearer = format!("{token}{}", world.server.token());
        let body = format!(r#"{{"name":"{name}","account_id":"0123456789abcdef0123456789abcdef"}}"#);
        let url = format!("{}/v1/serviceids", world.server.url);
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-f", "-o", "/dev/null", "-H", &bearer, "-d", &body, &url]);
        assert!(curl.status().unwrap().success());
    };
    post("pipeline");
    // A service ID whose name has the form of an ID.
    let id = format!("ServiceId-{}", "1".repeat(36));
    post(&id);
    let refused = world.run(&["service-api-key-create", "k", "pipeline"]);
    assert_eq!(refused.status, 2, "{refused}");
    assert!(refused.stderr.contains("2 service IDs are named 'pipeline':\n  ServiceId-"), "{refused}");
    let ids = world.run(&["service-ids", "--uuid"]);
    let first = ids.stdout.lines().next().unwrap();
    assert_ok(&world.run(&["service-api-key-create", "k", first]));
    assert_ok(&world.run(&["service-api-key-create", "k", &id]));
}

#[test]
fn operands_and_options_stand_in_any_order_and_the_service_id_is_the_last_operand() {
    let world = world();
    for line in [
        "service-api-key-create a pipeline -d text",
        "service-api-key-create -d text b -o json pipeline",
        "service-api-key-lock a -f b pipeline",
        "service-api-key-unlock -f a b -q pipeline",
        "service-api-key-update a -d new pipeline",
        "service-api-key-show a -o json pipeline",
        "service-api-key-list -o json --sort name pipeline --reverse",
        "service-api-key-delete -f a b pipeline",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        assert_ok(&world.run(&words));
    }
    for (line, message) in [
        ("service-api-key-create a", "Missing argument: pass a key and a SERVICE_ID, in this order."),
        ("service-api-key-create a b c", "Too many arguments: pass a key and a SERVICE_ID, in this order."),
        ("service-api-keys a b", "Unexpected argument 'b' found."),
        ("service-api-key-delete pipeline", "Missing argument: a key and a SERVICE_ID are required."),
        ("service-api-keys pipeline --all", "--all is only for API keys of users."),
        ("service-api-key-audit pipeline --all-sessions", "--all-sessions is only for API keys of users."),
        ("service-api-key-create a pipeline --support-sessions", "--support-sessions is only for API keys of users."),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let refused = world.run(&words);
        assert_eq!(refused.status, 2, "{line}: {refused}");
        assert!(refused.stderr.contains(message), "{line}: {refused}");
    }
    assert_eq!(names(&world), [] as [&str; 0]);
}

#[test]
fn a_key_of_a_service_id_logs_in_as_the_service_id() {
    let world = world();
    assert_ok(&world.run(&["service-api-key-create", "k", "pipeline", "--file", "k.json"]));
    let mut command = world.command(&["target", "-o", "json"]);
    let target = finish(command.env("IBMCLOUD_API_KEY", "@k.json").spawn().unwrap());
    assert!(target.stdout.contains("ServiceId-"), "{target}");
    // The service ID can read its own keys, but cannot create, lock or delete any.
    let as_itself =
        |arguments: &[&str]| finish(world.command(arguments).env("IBMCLOUD_API_KEY", "@k.json").spawn().unwrap());
    assert_ok(&as_itself(&["api-key-show", "k"]));
    for change in [&["api-key-create", "other"][..], &["api-key-lock", "k", "-f"], &["api-key-delete", "k", "-f"]] {
        assert_eq!(as_itself(change).status, 4, "{change:?}");
    }
    assert_eq!(names(&world), ["k"]);
}

#[test]
fn a_key_of_somebody_else_is_not_touched_even_if_its_id_is_given() {
    let world = world();
    let id = world.key("ci");
    for command in ["service-api-key-delete", "service-api-key-lock", "service-api-key-disable"] {
        let refused = world.run(&[command, &id, "pipeline", "-f"]);
        assert_eq!(refused.status, 3, "{command}: {refused}");
        let owner = "belongs to IBMid-5500SANDBX, and not to service ID pipeline.";
        assert!(refused.stderr.contains(owner), "{command}: {refused}");
    }
    let key = world.look(&id).unwrap();
    assert_eq!((&key["locked"], &key["disabled"]), (&false.into(), &false.into()), "{key}");
}

#[test]
fn options_of_the_mirrored_tool_are_accepted() {
    let world = world();
    for line in [
        "service-api-key-create k pipeline -f -d text",
        "service-api-key-update k pipeline --force -d new",
        "service-api-key k pipeline -f",
        "service-api-keys pipeline -f",
        "service-id pipeline -f",
        "service-ids -f",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        assert_ok(&world.run(&words));
    }
    assert!(!world.path("-d").exists(), "-f is no file here");
    let ids = |options: &[&str]| world.run(&[&["service-ids", "--uuid"], options].concat()).stdout.lines().count();
    assert_eq!([ids(&["-n", "pipe"]), ids(&["-n", "other"]), ids(&["-d", "text"])], [1, 0, 0]);
}

#[test]
fn a_name_that_begins_with_a_dash_stands_behind_two_dashes_and_a_program_behind_two_more() {
    let world = world();
    assert_ok(&world.run(&["service-api-key-create", "--", "-k", "pipeline"]));
    let made = world.run(&["service-api-key-create", "-q", "--", "-k2", "pipeline", "--", "wc", "-c"]);
    assert_eq!(made.stdout.trim(), "44", "{made}");
    let made = world.run(&["service-api-key-create", "-q", "k3", "pipeline", "--", "wc", "-c"]);
    assert_eq!(made.stdout.trim(), "44", "{made}");
    assert_eq!(names(&world), ["-k", "-k2", "k3"]);
    assert_ok(&world.run(&["service-api-key-rotate", "--file", "f", "--delete-old", "-f", "--", "-k", "pipeline"]));
    assert_eq!(world.run(&["service-api-key-create", "--", "", "pipeline"]).status, 2);
    assert_eq!(names(&world).len(), 3);
}

#[test]
fn a_rotation_keeps_that_the_service_stores_the_value() {
    let world = world();
    let id = world.run(&["service-ids", "--uuid"]).stdout.trim_end().to_owned();
    let bearer = format!("Authorization: Bearer {}", world.server.token());
    let body = format!(r#"{{"name":"k","iam_id":"iam-{id}","store_value":true}}"#);
    let url = format!("{}/v1/apikeys", world.server.url);
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-f", "-o", "/dev/null", "-H", &bearer, "-d", &body, &url]);
    assert!(curl.status().unwrap().success());
    assert_ok(&world.run(&["service-api-key-rotate", "k", "pipeline", "--file", "k.json"]));
    let new = world.run(&["service-api-key", "k", "pipeline", "--uuid"]).stdout.trim_end().to_owned();
    let found = ask(&[&format!("{url}/{new}"), "-H", &bearer]);
    assert!(found.body["apikey"].is_string(), "{}", found.body);
}

#[test]
fn hints_name_the_commands_for_keys_of_service_ids() {
    let world = world();
    assert_ok(&world.run(&["service-api-key-create", "k", "pipeline", "--lock"]));
    for command in ["service-api-key-delete", "service-api-key-rotate"] {
        let refused = world.run(&[command, "k", "pipeline", "-f"]);
        assert!(refused.stderr.contains("ibmiam service-api-key-unlock ApiKey-"), "{command}: {refused}");
    }
}

#[test]
fn keys_of_a_service_id_can_be_selected_among_all_keys() {
    let world = world();
    assert_ok(&world.run(&["service-api-key-create", "k", "pipeline"]));
    let id = format!("iam-{}", world.run(&["service-ids", "--uuid"]).stdout.trim_end());
    let listed = world.run(&["api-key-list", "--all", "--owner", &id, "--uuid"]);
    assert_eq!(listed.stdout.lines().count(), 1, "{listed}");
    assert_ok(&world.run(&["api-key-delete", "--all", "--owner", &id, "-f"]));
    assert_eq!(names(&world), [] as [&str; 0]);
}

#[test]
fn keys_of_one_name_are_told_apart_by_their_owner() {
    let world = world();
    assert_ok(&world.run(&["api-key-create", "ci", "--file", "user.key"]));
    assert_ok(&world.run(&["service-api-key-create", "ci", "pipeline", "--file", "service.key"]));
    assert_ok(&world.run(&["service-api-key-rotate", "ci", "pipeline", "--file", "service.key"]));
    assert_eq!(world.names(), ["ci"]);
    let rotated = names(&world);
    assert!(rotated.len() == 2 && rotated[0].starts_with("ci (rotated ") && rotated[1] == "ci", "{rotated:?}");
    let audited = world.run(&["api-key-audit", "--all", "-o", "json"]);
    assert!(audited.stdout.contains("iam-ServiceId-") && audited.stdout.contains("IBMid-5500SANDBX"), "{audited}");
    // With the key's ID, the commands for users also find the key, show its owner, and refer rotations to the right
    // command.
    let id = world.run(&["service-api-key", "ci", "pipeline", "--uuid"]).stdout.trim_end().to_owned();
    let asked = world.run_with(&["api-key-delete", &id], "n\n");
    assert!(asked.stderr.contains(" of iam-ServiceId-"), "{asked}");
    let refused = world.run(&["api-key-rotate", &id]);
    assert!(refused.stderr.contains(&format!("ibmiam service-api-key-rotate {id} ServiceId-")), "{refused}");
    assert_ok(&world.run(&["service-api-key-delete", "ci", "pipeline", "-f"]));
    assert_eq!((world.names(), names(&world).len()), (vec!["ci".to_owned()], 1));
}

#[test]
fn an_interrupted_rotation_of_a_service_ids_key_is_not_one_of_the_users_key_of_that_name() {
    let world = world();
    for (command, owner) in [("api-key-create", None), ("service-api-key-create", Some("pipeline"))] {
        let words: Vec<&str> = [command, "ci"].into_iter().chain(owner).chain(["-o", "json"]).collect();
        assert_ok(&world.run(&words));
    }
    let killer = ["--", "sh", "-c", "kill -KILL $PPID"];
    let killed = world.run(&[&["service-api-key-rotate", "ci", "pipeline"], &killer[..]].concat());
    assert_eq!((killed.status, world.logged()), (-1, 1), "{killed}");
    assert_ok(&world.run(&["api-key-rotate", "ci", "--file", "user.key"]));
    assert_eq!((world.logged(), world.names().len()), (1, 2), "the other one is still to be finished");
    assert_ok(&world.run(&["service-api-key-rotate", "ci", "pipeline", "--", "cat"]));
    assert_eq!((world.logged(), names(&world).len()), (0, 2));
}

#[test]
fn a_creation_for_a_service_id_that_was_killed_is_finished_or_its_key_is_found() {
    for file in [true, false] {
        let world = faulty("POST /v1/apikeys nth=1 delay-after=60s");
        let options: &[&str] = if file { &["--file", "key_file"] } else { &[] };
        let mut creation = Process::start(world.command(&["service-api-key-create", "k", "pipeline"]).args(options));
        wait_until(|| !names(&world).is_empty());
        creation.signal("KILL");
        creation.finish();
        let recovered = world.run_with(&["api-key-recover"], "y\n");
        assert_ok(&recovered);
        assert_eq!(world.names(), [] as [&str; 0], "none is made for the user");
        if file {
            assert_eq!(names(&world), ["k"], "{recovered}");
            let login = world.command(&["target"]).env("IBMCLOUD_API_KEY", "@key_file").status().unwrap();
            assert!(login.success());
        } else {
            assert!(recovered.stderr.contains("API key k was deleted"), "{recovered}");
            assert_eq!(names(&world), [] as [&str; 0]);
        }
    }
}

#[test]
fn at_the_limit_the_hint_lists_the_service_ids_keys() {
    let world = World::at(Server::set_up(&format!("limits.keys_per_identity = 1\n{SERVICE_ID}")));
    assert_ok(&world.run(&["service-api-key-create", "k", "pipeline"]));
    let refused = world.run(&["service-api-key-create", "one-more", "pipeline"]);
    assert_eq!(refused.status, 5, "{refused}");
    assert!(refused.stderr.contains("To list the keys, run: ibmiam service-api-keys ServiceId-"), "{refused}");
}

#[test]
fn who_may_not_manage_a_service_id_is_told_so() {
    let ann = "a-value-of-ann-to-log-in-with-0123456789";
    let user = format!("[[users]]\niam_id = \"IBMid-ANN\"\nkeys = [{{ name = \"k\", value = \"{ann}\" }}]\n");
    let world = World::at(Server::set_up(&format!("{user}{SERVICE_ID}")));
    let id = world.run(&["service-ids", "--uuid"]).stdout.trim_end().to_owned();
    let as_ann = |arguments: &[&str]| finish(world.command(arguments).env("IBMCLOUD_API_KEY", ann).spawn().unwrap());
    assert_eq!(as_ann(&["service-ids", "--uuid"]).stdout, "", "she sees what she may manage");
    let refused = as_ann(&["service-api-keys", &id]);
    assert_eq!(refused.status, 4, "{refused}");
    assert!(refused.stderr.contains("Ask an administrator of the account for permission."), "{refused}");
}

#[test]
fn completion_offers_service_ids() {
    let world = world();
    let asked = |line: &str| {
        let mut command = world.command(&["--", line, " \t\n\"'><=;|&(:"]);
        finish(command.env("IBMIAM_COMPLETE", "bash").spawn().unwrap()).stdout
    };
    assert_ok(&world.run(&["service-ids", "-q"]));
    for line in ["ibmiam service-api-keys ", "ibmiam service-api-key-delete k pipe", "ibmiam service-id p"] {
        assert_eq!(asked(line).trim_end(), "pipeline", "{line}");
    }
    // After `--` comes another command; in the second line, the operand of `api-key-show` looks like a command for
    // service IDs.
    for line in ["ibmiam service-api-key-create k pipeline -- p", "ibmiam api-key-show service-api-key p"] {
        assert!(!asked(line).contains("pipeline"), "{line}");
    }
}
