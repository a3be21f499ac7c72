//! Pending creations: other commands report them, and `api-key-recover` without FILE shows them.

use std::process::Command;

use crate::support::relay::{Fake, answer};
use crate::support::{Outcome, Process, Server, World, feed, finish, wait_until};

/// Starts a creation whose response is delayed, and kills it once the service has the key.
fn killed(world: &World, options: &[&str]) {
    let before = world.names().len();
    let mut creation = Process::start(world.command(&["api-key-create", "k"]).args(options));
    wait_until(|| world.names().len() != before);
    creation.signal("KILL");
    assert_eq!(creation.finish().status, -1);
}

/// A world where the response to the first creation is delayed by 60 s.
fn slow() -> World {
    World::at(Server::faulty(&["POST /v1/apikeys nth=1 delay-after=60s"]))
}

fn list(world: &World) -> Outcome {
    let listed = world.run(&["api-key-list"]);
    assert_eq!(listed.status, 0, "{listed}");
    listed
}

#[test]
fn a_creation_that_was_interrupted_is_mentioned_once_and_finished_from_anywhere() {
    let world = slow();
    killed(&world, &["--file", "key file"]);
    let path = world.path("key file");
    let hint = format!("To finish it, run: ibmiam api-key-recover '{}'", path.display());
    assert!(!world.run(&["-q", "api-key-list"]).stderr.contains("interrupted"));
    let reported = world.run(&["api-key-list", "-o", "json"]);
    assert!(reported.stderr.contains("was interrupted."), "{reported}");
    assert!(reported.stderr.contains(&hint), "{reported}");
    assert!(!list(&world).stderr.contains("interrupted"));
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = world.command(&["api-key-recover"]);
    let recovered = feed(
        {
            command.current_dir(elsewhere.path());
            command
        },
        "yes\n",
    );
    assert_eq!(recovered.status, 0, "{recovered}");
    assert!(recovered.stderr.contains("Really finish the creation of API key k into"), "{recovered}");
    assert!(recovered.stderr.contains("Successfully saved API key information to"), "{recovered}");
    assert_eq!((world.names().len(), path.exists(), world.logged()), (1, true, 0));
    let nothing = world.run(&["api-key-recover"]);
    assert_eq!(nothing.stderr, "OK\nNo interrupted creations found\n", "{nothing}");
}

#[test]
fn what_is_pending_is_data_too_and_then_nothing_is_asked() {
    let world = slow();
    killed(&world, &["--file", "key_file"]);
    let listed = world.run(&["api-key-recover", "-o", "json"]).json();
    assert_eq!(listed[0]["name"], "k");
    assert_eq!(listed[0]["file"], world.path("key_file").to_str().unwrap());
    assert_eq!(listed[0]["account_id"], "0123456789abcdef0123456789abcdef");
    let csv = world.run(&["api-key-recover", "-o", "csv"]);
    assert!(csv.stdout.starts_with("name,begun_at,file,id,account_id,user,owner\nk,"), "{csv}");
    let table = world.run(&["api-key-recover", "--no-input"]);
    assert!(table.stdout.contains("key_file"), "{table}");
    assert_eq!(table.status, 0, "{table}");
    let unanswered = world.run(&["api-key-recover"]);
    assert_eq!(unanswered.status, 2, "{unanswered}");
    assert!(unanswered.stderr.contains("To show only the list, pass --no-input"), "{unanswered}");
    assert!(world.path(".ibmiam-key_file.pending").exists());
}

#[test]
fn a_key_whose_value_went_nowhere_is_shown_and_deleted_if_that_is_wanted() {
    let old = "users = [{ iam_id = \"IBMid-5500SANDBX\", role = \"administrator\", \
               keys = [{ name = \"k\", age = \"400d\" }] }]";
    let world = World::at(Server::start_with(move |options| {
        let faults = vec!["POST /v1/apikeys nth=1 delay-after=60s".parse().unwrap()];
        let setup = ibmiam::sandbox::Setup::read(old).unwrap();
        ibmiam::sandbox::Options { setup, faults, ..options }
    }));
    killed(&world, &[]);
    assert!(list(&world).stderr.contains("The key may exist, but its value is lost."));
    let kept = world.run_with(&["api-key-recover"], "no\n");
    assert_eq!((kept.status, world.names().len()), (130, 2), "{kept}");
    assert_eq!(kept.stderr.matches("Really delete API key k").count(), 1, "the old one is not asked about: {kept}");
    assert!(kept.stderr.contains("may be from this creation. If so, its value is lost."), "{kept}");
    let deleted = world.run_with(&["api-key-recover"], "y\n");
    assert_eq!((deleted.status, world.names().len()), (0, 1), "{deleted}");
    assert!(deleted.stderr.contains("A delayed copy of the request may create the key again"), "{deleted}");
    world.assert_nothing_is_left_in_the_end();
    let left = world.run(&["api-key-show", "k", "-o", "json"]).json();
    assert!(left["created_at"].as_str().unwrap() < "2026-06", "the old one is left: {left}");
}

#[test]
fn nothing_of_the_value_is_on_the_disk_where_no_file_was_asked_for() {
    let world = slow();
    killed(&world, &[]);
    let mut grep = Command::new("/bin/grep");
    let found = grep.args(["-rlE", "[A-Za-z0-9_-]{44}"]).arg(world.home()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
    assert_eq!(world.logged(), 1);
    let forgotten = world.run_with(&["api-key-recover", "--discard"], "y\n");
    assert_eq!((forgotten.status, world.logged()), (0, 0), "{forgotten}");
    assert_eq!(world.names(), ["k"], "a key that may be somebody's is left alone");
}

#[test]
fn a_value_is_given_up_only_after_the_service_said_twice_and_some_time_apart_not_to_know_it() {
    let world = World::at(Server::faulty(&["POST /v1/apikeys drop=before"]));
    let lost = world.run(&["api-key-create", "k", "--file", "key_file"]);
    assert_eq!(lost.status, 6, "{lost}");
    assert!(lost.stderr.contains("The service has not found the new API key k so far. Its value is saved."), "{lost}");
    let discard = ["api-key-recover", "key_file", "--discard"];
    for _ in 0..2 {
        let first = world.run(&discard);
        assert_eq!(first.status, 1, "{first}");
        assert!(first.stderr.contains("Nothing was discarded."), "{first}");
    }
    let pending = world.path(".ibmiam-key_file.pending");
    let text = std::fs::read_to_string(&pending).unwrap();
    assert_eq!(text.matches("unknown_since").count(), 1, "the first time counts: {text}");
    // Simulates that the first time was long ago.
    let (line, since) = text.split_once("\n\n").unwrap();
    let earlier = since.split_once("\":\"").unwrap().0;
    std::fs::write(&pending, format!("{line}\n{earlier}\":\"2026-01-01T00:00:00Z\"}}\n")).unwrap();
    let second = world.run(&discard);
    assert_eq!(second.status, 0, "{second}");
    assert!(second.stderr.contains("API key k was not created"), "{second}");
    assert!(!pending.exists());
    assert_eq!(world.logged(), 0);
}

#[test]
fn a_key_that_is_there_is_not_given_up() {
    let world = slow();
    killed(&world, &["--file", "key_file"]);
    let refused = world.run(&["api-key-recover", "key_file", "--discard"]);
    assert_eq!(refused.status, 5, "{refused}");
    assert!(refused.stderr.contains("exists, and its value is saved."), "{refused}");
    assert!(refused.stderr.contains("ibmiam api-key-delete ApiKey-"), "{refused}");
    assert!(world.path(".ibmiam-key_file.pending").exists());
    assert_eq!(world.run(&["api-key-recover", "key_file"]).status, 0);
    assert!(world.path("key_file").exists());
}

#[test]
fn a_key_whose_value_only_the_service_knew_is_found_by_every_way_of_recovery() {
    let world = slow();
    killed(&world, &["--file", "key_file", "--server-generated"]);
    let refused = world.run(&["api-key-recover", "key_file"]);
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("its response was lost"), "{refused}");
    assert_eq!(world.names(), ["k"]);
    let blocked = world.run(&["api-key-create", "k", "--file", "key_file"]);
    assert_eq!(blocked.status, 5, "{blocked}");
    let freed = world.run(&["api-key-recover", "key_file", "--discard"]);
    assert_eq!(freed.status, 0, "{freed}");
    assert_eq!((std::fs::read_dir(world.path("")).unwrap().count(), world.logged()), (0, 1), "the log still knows it");
    let orphan = world.run_with(&["api-key-recover"], "y\n");
    assert!(orphan.status == 0 && orphan.stderr.contains("API key k was deleted"), "{orphan}");
    world.assert_nothing_is_left_in_the_end();
    assert!(world.names().is_empty());
}

#[test]
fn a_service_that_refuses_values_of_ours_is_not_asked_for_its_own_unasked() {
    let refusal = r#"{"errors":[{"code":"bad_request","message_code":"BXNIM0106E","message":"Validation failed.",
        "details":"Property 'apikey' is not supported."}],"trace":"T-1","status_code":400}"#;
    let world = World::new();
    let relay = Fake::relay_unless(&world.server.url, move |head| {
        head.starts_with("POST /v1/apikeys").then(|| answer(400, "application/json", refusal))
    });
    let mut command = world.command(&["api-key-create", "k", "--file", "key_file"]);
    let refused = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("pass --server-generated"), "{refused}");
    assert_eq!((relay.requests().iter().filter(|line| line.starts_with("POST /v1")).count(), world.logged()), (1, 0));
    assert_eq!(std::fs::read_dir(world.path("")).unwrap().count(), 0, "the file is free");
    let made = world.run(&["api-key-create", "k", "--file", "key_file", "--server-generated"]);
    assert_eq!(made.status, 0, "{made}");
    let login = finish(world.command(&["target"]).env("IBMCLOUD_API_KEY", "@key_file").spawn().unwrap());
    assert_eq!(login.status, 0, "{login}");
}

#[test]
fn a_value_of_the_services_own_is_kept_before_its_file_is_written() {
    let world = World::at(Server::faulty(&["DELETE /v1/apikeys/* drop=before"]));
    // When the key is requested, a folder appears at the path of the file, and the key cannot be deleted again.
    let folder = world.path("key_file");
    let relay = Fake::relay_after(&world.server.url, move |head| {
        if head.starts_with("POST /v1/apikeys") {
            std::fs::create_dir_all(&folder).unwrap();
        }
    });
    let create = ["api-key-create", "k", "--file", "key_file", "--server-generated"];
    let mut command = world.command(&create);
    let failed = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
    assert_eq!(failed.status, 1, "{failed}");
    assert!(failed.stderr.contains("Its value is saved"), "{failed}");
    std::fs::remove_dir(world.path("key_file")).unwrap();
    let listed = world.run(&["api-key-recover", "-o", "json"]).json();
    assert_eq!(listed[0]["file"], world.path("key_file").to_str().unwrap(), "it is to be finished, not deleted");
    let recovered = world.run(&["api-key-recover", "key_file", "--endpoint", &world.server.url]);
    assert_eq!(recovered.status, 0, "{recovered}");
    assert_eq!((world.names(), world.logged()), (vec!["k".to_owned()], 0));
    let login = finish(world.command(&["target"]).env("IBMCLOUD_API_KEY", "@key_file").spawn().unwrap());
    assert_eq!(login.status, 0, "{login}");
}

#[test]
fn forty_creations_into_one_folder_by_two_accounts_half_of_them_killed_are_all_finished() {
    let values = ["a-value-of-ann-with-32-characters-or-more", "a-value-of-bob-with-32-characters-or-more"];
    let users = format!(
        "limits.keys_per_identity = 50\n\
         users = [{{ iam_id = \"IBMid-ANN\", keys = [{{ name = \"sandbox\", value = \"{}\" }}] }}, \
         {{ iam_id = \"IBMid-BOB\", account_id = \"ffffffffffffffffffffffffffffffff\", \
         keys = [{{ name = \"sandbox\", value = \"{}\" }}] }}]",
        values[0], values[1]
    );
    // Every second creation is delayed after the service made its key, and later killed; the others are not delayed.
    let world = World::at(Server::start_with(move |options| {
        let setup = ibmiam::sandbox::Setup::read(&users).unwrap();
        let faults = vec!["POST /v1/apikeys every=2 delay-after=60s".parse().unwrap()];
        ibmiam::sandbox::Options { setup, faults, ..options }
    }));
    let as_user = |value: &str, arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.env("IBMCLOUD_API_KEY", value);
        command
    };
    let keys = |value: &str| {
        let listed = finish(as_user(value, &["api-key-list", "-o", "json", "-q"]).spawn().unwrap()).json();
        listed.as_array().unwrap().len() - 1
    };
    let mut creations: Vec<_> = (0..40)
        .map(|number| {
            let (name, file) = (format!("k{number}"), format!("key{number}"));
            Process::start(&mut as_user(values[number % 2], &["api-key-create", &name, "--file", &file]))
        })
        .collect();
    wait_until(|| keys(values[0]) + keys(values[1]) >= 40);
    // The service has processed all requests. The creations that got their responses end normally.
    let ended = |creations: &mut Vec<Process>| {
        creations.iter_mut().map(|creation| creation.child().try_wait().unwrap().is_some()).collect::<Vec<_>>()
    };
    wait_until(|| ended(&mut creations).iter().filter(|ended| **ended).count() >= 20);
    let states = ended(&mut creations);
    for (creation, ended) in creations.iter_mut().zip(&states) {
        if !ended {
            creation.signal("KILL");
        }
    }
    let statuses: Vec<i32> = creations.into_iter().map(|creation| creation.finish().status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 0).count(), 20, "{statuses:?}");
    for (number, status) in statuses.iter().enumerate() {
        let file = format!("key{number}");
        if *status != 0 {
            let foreign = finish(as_user(values[(number + 1) % 2], &["api-key-recover", &file]).spawn().unwrap());
            assert_eq!(foreign.status, 4, "{foreign}");
            let recovered = finish(as_user(values[number % 2], &["api-key-recover", &file]).spawn().unwrap());
            assert_eq!(recovered.status, 0, "{recovered}");
        }
        let login = finish(as_user(&format!("@{file}"), &["target"]).spawn().unwrap());
        assert_eq!(login.status, 0, "{file}: {login}");
    }
    assert_eq!((keys(values[0]), keys(values[1]), world.logged()), (20, 20, 0));
    let mut files: Vec<_> = std::fs::read_dir(world.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut expected: Vec<_> = (0..40).map(|number| format!("key{number}")).collect();
    expected.sort();
    assert_eq!(files, expected);
}
