//! Systems between this program and the service: gateways that repeat requests or respond in place of the service, and
//! proxies that alter responses. No key is lost or created twice, and no change is reported that was not made.

use crate::support::limits::late;
use crate::support::relay::{Fake, answer};
use crate::support::{Outcome, Server, World, closed_pipe, finish, wait_until};

/// A world with this setup and these faults.
fn world(setup: &str, faults: &[&str]) -> World {
    let setup = ibmiam::sandbox::Setup::read(setup).unwrap();
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    World::at(Server::start_with(move |options| ibmiam::sandbox::Options { setup, faults, ..options }))
}

/// The names in the work folder.
fn files(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.path("")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Asserts that there is one key, that its value in the file logs in, and that nothing else is left.
#[track_caller]
fn assert_made(world: &World, made: &Outcome, what: &str) {
    assert_eq!(made.status, 0, "{what}: {made}");
    assert_eq!((world.names(), files(world), world.logged()), (vec!["k".into()], vec!["key_file".into()], 0), "{what}");
    let login = world.command(&["target"]).env("IBMCLOUD_API_KEY", "@key_file").status().unwrap();
    assert!(login.success(), "{what}: the value in the file logs in");
}

/// Asserts that there is no key, and that nothing is left.
#[track_caller]
fn assert_nothing(world: &World, what: &str) {
    assert_eq!((world.names(), files(world), world.logged()), (vec![], vec![], 0), "{what}");
}

const INTO_FILE: [&str; 4] = ["api-key-create", "k", "--file", "key_file"];

#[test]
fn a_creation_that_a_gateway_repeats_makes_one_key_whatever_the_second_answer_is() {
    for status in [400, 409, 422] {
        let world = world(&format!("choices.taken_value_status = {status}"), &["POST /v1/apikeys repeat"]);
        assert_made(&world, &world.run(&INTO_FILE), &format!("taken: {status}"));
    }
    // The first request creates the last key that the limit allows.
    let world = world("limits.keys_per_identity = 2", &["POST /v1/apikeys repeat"]);
    assert_made(&world, &world.run(&INTO_FILE), "limit");
}

#[test]
fn a_refusal_after_the_work_is_no_refusal() {
    for status in [400, 401, 403, 404, 409, 422, 429, 500] {
        for body in ["json", "html", "empty"] {
            let fault = format!("POST /v1/apikeys status-after={status} body={body}");
            let world = world("", &[&fault]);
            assert_made(&world, &world.run(&INTO_FILE), &fault);
        }
    }
    let world = world("", &["POST /v1/apikeys status-after=429 retry-after=0"]);
    let shown = world.run(&["api-key-create", "k", "-o", "json"]);
    assert_eq!((shown.status, world.names().len()), (0, 1), "{shown}");
    let value = shown.json()["apikey"].as_str().unwrap().to_owned();
    assert!(world.command(&["target"]).env("IBMCLOUD_API_KEY", value).status().unwrap().success());
}

#[test]
fn a_refusal_that_a_gateway_gave_keeps_the_value_because_the_request_may_yet_arrive() {
    let late = format!("POST /v1/apikeys nth=1 {}", late());
    let faults = [late.as_str(), "POST /v1/apikeys nth=1 status=403 body=html"];
    let world = world("", &faults);
    let refused = world.run(&INTO_FILE);
    assert_eq!(files(&world), [".ibmiam-key_file.pending"], "{refused}");
    assert!(refused.stderr.contains("Its value is saved."), "{refused}");
    wait_until(|| !world.names().is_empty());
    let recovered = world.run(&["api-key-recover", "key_file"]);
    assert_made(&world, &recovered, "late");
}

#[test]
fn the_value_that_was_sent_is_the_truth_and_not_the_one_in_the_answer() {
    let other = "a-value-of-somebody-else-0123456789-abcdefgh";
    for altered in ["********", "$(touch${IFS}ran)", "two\\nlines", other, ""] {
        for format in ["env", "json", "raw"] {
            let world = world("", &[&format!("POST /v1/apikeys answer-value={altered}")]);
            let made = world.run(&[&INTO_FILE[..], &["--file-format", format]].concat());
            assert_made(&world, &made, altered);
        }
    }
}

#[test]
fn a_key_with_another_value_than_was_sent_is_deleted_again() {
    let altered = "POST /v1/apikeys request-value=another-value-with-32-characters-or-more";
    let world = world("", &[altered]);
    let refused = world.run(&INTO_FILE);
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("ibmiam deleted the new API key"), "{refused}");
    assert!(refused.stderr.contains("--server-generated"), "{refused}");
    assert_nothing(&world, altered);
}

#[test]
fn a_value_of_the_services_own_that_was_altered_on_the_way_is_worth_nothing() {
    for altered in ["********", "$(id)", "a-value-of-somebody-else-0123456789-abcdefgh"] {
        let world = world("", &[&format!("POST /v1/apikeys answer-value={altered}")]);
        let refused = world.run(&[&INTO_FILE[..], &["--server-generated", "--file-format", "env"]].concat());
        assert_eq!(refused.status, 1, "{altered}: {refused}");
        assert!(refused.stderr.contains("ibmiam deleted the new API key"), "{altered}: {refused}");
        assert_nothing(&world, altered);
    }
}

#[test]
fn a_page_is_no_new_key() {
    for fault in ["status=200 body=html", "status=201 body=json", "status=201 body=html", "status=204 body=empty"] {
        let world = world("", &[&format!("POST /v1/apikeys {fault}")]);
        let open = world.run(&INTO_FILE);
        assert_eq!(open.status, 1, "{fault}: {open}");
        assert!(open.stderr.contains("Its value is saved."), "{fault}: {open}");
        assert!(world.names().is_empty());
        let after = fault.replace("status=", "status-after=");
        let world = self::world("", &[&format!("POST /v1/apikeys {after}")]);
        assert_made(&world, &world.run(&INTO_FILE), &after);
    }
}

#[test]
fn a_page_does_not_say_that_a_change_was_made() {
    for (verb, request, done) in [
        ("api-key-delete", "DELETE /v1/apikeys/*", "deleted"),
        ("api-key-lock", "POST /v1/apikeys/*", "locked"),
        ("api-key-disable", "POST /v1/apikeys/*", "disabled"),
        ("api-key-enable", "DELETE /v1/apikeys/*", "enabled"),
        ("api-key-unlock", "DELETE /v1/apikeys/*", "unlocked"),
        ("api-key-update", "PUT /v1/apikeys/*", "updated"),
    ] {
        for page in ["status=200 body=html", "status=202 body=json", "status=200 body=empty"] {
            let options: &[&str] = match verb {
                "api-key-update" => &["k", "-d", "new"],
                _ => &["k", "--force"],
            };
            let state: &[&str] = match verb {
                "api-key-enable" => &["--disabled"],
                "api-key-unlock" => &["--lock"],
                _ => &[],
            };
            let before = world("", &[&format!("{request} {page}")]);
            let id = before.key_with("k", state);
            let was = before.look(&id);
            let said = before.run(&[&[verb], options].concat());
            assert_eq!(said.status, 1, "{verb} {page}: {said}");
            assert!(!said.stderr.contains(&format!("was {done}")), "{verb} {page}: {said}");
            assert_eq!(before.look(&id), was, "{verb} {page}");

            let after = world("", &[&format!("{request} {}", page.replace("status=", "status-after="))]);
            after.key_with("k", state);
            let said = after.run(&[&[verb], options].concat());
            assert_eq!(said.status, 0, "{verb} {page}: {said}");
            assert!(said.stderr.contains(&format!("was {done}")), "{verb} {page}: {said}");
        }
    }
}

#[test]
fn a_creation_that_never_left_frees_its_file_at_once() {
    let world = World::new();
    let token = world.run(&["bearer-token"]).stdout;
    let mut command = world.bare_command(&INTO_FILE);
    // Port 1 is below the ports that the system assigns, so no server has it.
    let port = 1;
    command
        .env("IBMCLOUD_IAM_TOKEN", token.trim())
        .env("IBMCLOUD_IAM_API_ENDPOINT", format!("http://127.0.0.1:{port}"));
    let refused = finish(command.spawn().unwrap());
    assert_eq!(refused.status, 6, "{refused}");
    assert!(!refused.stderr.contains("is saved"), "{refused}");
    assert_nothing(&world, "never sent");
}

#[test]
fn a_name_never_means_somebody_elses_key_whatever_the_service_lists() {
    let world = World::new();
    let key = r#"{"id":"ApiKey-18f773b0-db53-43f1-ad68-92c667c218fe","entity_tag":"1-a","name":"k",
        "iam_id":"IBMid-SOMEBODY","account_id":"0123456789abcdef0123456789abcdef","created_by":"IBMid-SOMEBODY",
        "locked":false,"crn":"crn"}"#;
    let list = format!(r#"{{"apikeys":[{key}]}}"#);
    let relay = Fake::relay_unless(&world.server.url, move |head| {
        head.starts_with("GET /v1/apikeys?").then(|| answer(200, "application/json", &list))
    });
    for verb in ["api-key-delete", "api-key-lock", "api-key-disable"] {
        let mut command = world.command(&[verb, "--force", "k"]);
        let refused = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
        assert_eq!(refused.status, 3, "{refused}");
    }
    let changes = relay.requests().iter().filter(|line| line.contains("ApiKey-18f773b0")).count();
    assert_eq!(changes, 0, "{:?}", relay.requests());
}

#[test]
fn a_copy_of_a_request_that_arrives_after_the_key_was_deleted_again_is_not_forgotten() {
    let late = format!("POST /v1/apikeys nth=1 {}", late());
    for file in [false, true] {
        let world = world("", &[&late]);
        // The second request creates the key, which cannot be delivered.
        let folder = world.path("key_file");
        let second = std::sync::atomic::AtomicBool::new(false);
        let relay = Fake::relay_after(&world.server.url, move |head| {
            let is_second = || second.swap(true, std::sync::atomic::Ordering::SeqCst);
            if file && head.starts_with("POST /v1/apikeys") && is_second() {
                std::fs::create_dir_all(&folder).unwrap();
            }
        });
        let create: &[&str] = if file { &["--file", "key_file"] } else { &["-o", "json"] };
        let mut command = world.command(&["api-key-create", "k"]);
        command.args(create).env("IBMCLOUD_IAM_API_ENDPOINT", relay.url());
        if !file {
            command.stdout(closed_pipe());
        }
        let failed = finish(command.spawn().unwrap());
        assert_eq!(failed.status, 1, "{failed}");
        assert!(failed.stderr.contains("a delayed copy of the request may create it again"), "{failed}");
        wait_until(|| !world.names().is_empty());
        if file {
            std::fs::remove_dir(world.path("key_file")).unwrap();
            let recovered = world.run(&["api-key-recover", "key_file", "--endpoint", &world.server.url]);
            assert_made(&world, &recovered, "late, into a file");
        } else {
            let recovered = world.run_with(&["api-key-recover", "--endpoint", &world.server.url], "y\n");
            assert!(recovered.stderr.contains("API key k was deleted"), "{recovered}");
            assert!(world.names().is_empty());
        }
    }
}

#[test]
fn a_late_copy_is_found_by_name_if_the_key_of_the_log_is_gone_without_an_answer() {
    let late = format!("POST /v1/apikeys nth=1 {}", late());
    let faults = [&late, "DELETE * drop=after", "GET /v1/apikeys/ApiKey* nth=1 status=400 body=html"];
    let world = world("", &faults);
    let failed = finish(world.command(&["api-key-create", "k", "-o", "json"]).stdout(closed_pipe()).spawn().unwrap());
    assert!(failed.stderr.contains("could not delete the new API key k"), "{failed}");
    wait_until(|| !world.names().is_empty());
    let recovered = world.run_with(&["api-key-recover"], "y\n");
    assert!(recovered.stderr.contains("may be from this creation. If so, its value is lost."), "{recovered}");
    assert!(recovered.stderr.contains("API key k was deleted"), "{recovered}");
    assert!(world.names().is_empty());
}

#[test]
fn a_value_that_is_taken_is_ours_though_the_service_does_not_find_it_yet() {
    for status in [400, 409, 422] {
        let setup = format!("choices = {{ details_after = 3600, taken_value_status = {status} }}");
        let world = world(&setup, &["POST /v1/apikeys repeat"]);
        let open = world.run(&INTO_FILE);
        assert_ne!(open.status, 0, "{status}: {open}");
        assert!(open.stderr.contains("Its value is saved."), "{status}: {open}");
        assert_eq!((world.names().len(), files(&world)), (1, vec![".ibmiam-key_file.pending".to_owned()]));
    }
}

#[test]
fn where_the_service_makes_the_value_a_refusal_is_checked_by_name() {
    let older = "users = [{ iam_id = \"IBMid-5500SANDBX\", role = \"administrator\", \
                 keys = [{ name = \"k\", age = \"9d\" }] }]";
    let create = [&INTO_FILE[..], &["--server-generated"]].concat();
    let refused = world(older, &["POST /v1/apikeys status=403"]);
    let outcome = refused.run(&create);
    assert_eq!((outcome.status, refused.logged(), files(&refused)), (4, 0, vec![]), "{outcome}");
    let done = world(older, &["POST /v1/apikeys status-after=403"]);
    let outcome = done.run(&create);
    assert_eq!((outcome.status, done.logged()), (4, 1), "{outcome}");
    assert!(outcome.stderr.contains("To check whether the key was created, run: ibmiam api-key-recover"), "{outcome}");
}

#[test]
fn a_cache_that_tells_of_another_key_leads_to_no_file_and_no_deletion() {
    let world = World::new();
    let older = world.key("older");
    let cached = world.run(&["api-key-show", "older", "-o", "json"]).stdout;
    let creations = std::sync::atomic::AtomicUsize::new(0);
    let relay = Fake::relay_unless(&world.server.url, move |head| {
        if head.starts_with("GET /v1/apikeys/details") {
            return Some(answer(200, "application/json", &cached));
        }
        let is_creation = head.starts_with("POST /v1/apikeys");
        (is_creation && creations.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0).then(Vec::new)
    });
    let open = finish(world.command(&INTO_FILE).env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
    assert_ne!(open.status, 0, "{open}");
    assert_eq!(files(&world), [".ibmiam-key_file.pending"], "{open}");
    assert!(open.stderr.contains("Its value is saved."), "{open}");
    assert!(world.look(&older).is_some());
    let recovered = world.run(&["api-key-recover", "key_file", "--endpoint", &world.server.url]);
    assert_eq!((recovered.status, world.names()), (0, vec!["older".to_owned(), "k".to_owned()]), "{recovered}");
}

#[test]
fn a_gateways_not_found_is_not_iams_whatever_fields_it_has() {
    let world = world("", &["POST /v1/apikeys drop=after"]);
    let body = r#"{"errors":[{"code":"not_found","message":"No such route"}]}"#;
    let relay = Fake::relay_unless(&world.server.url, move |head| {
        head.starts_with("GET /v1/apikeys/details").then(|| answer(404, "application/json", body))
    });
    let through = |arguments: &[&str]| {
        finish(world.command(arguments).env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap())
    };
    assert!(through(&INTO_FILE).stderr.contains("Its value is saved."));
    for _ in 0..2 {
        let refused = through(&["api-key-recover", "key_file", "--discard"]);
        assert_ne!(refused.status, 0, "{refused}");
    }
    let pending = std::fs::read_to_string(world.path(".ibmiam-key_file.pending")).unwrap();
    assert!(!pending.contains("unknown_since"), "{pending}");
}

#[test]
fn a_request_that_makes_the_service_draw_a_value_is_not_sent_again_with_another_token() {
    let world = world("", &["POST /v1/apikeys nth=1 status-after=401"]);
    let login = ["login", "--store", "file", "--endpoint", &world.server.url, "--apikey", "-"];
    assert_eq!(crate::support::feed(world.bare_command(&login), &world.server.key).status, 0);
    let refused = finish(world.bare_command(&[&INTO_FILE[..], &["--server-generated"]].concat()).spawn().unwrap());
    assert_eq!((refused.status, world.names().len(), world.logged()), (4, 1, 1), "{refused}");
}

#[test]
fn a_value_of_the_services_own_that_cannot_be_checked_is_taken_if_the_key_is_there() {
    let world = world("", &["GET /v1/apikeys/details status=503"]);
    let made = world.run(&[&INTO_FILE[..], &["--server-generated"]].concat());
    assert_made(&world, &made, "details out of order");
}

#[test]
fn a_late_copy_of_a_request_that_was_altered_is_found_as_an_orphan() {
    let altered = "POST /v1/apikeys request-value=another-value-with-32-characters-or-more";
    let world = world("", &[&format!("POST /v1/apikeys nth=1 {}", late()), altered]);
    let refused = world.run(&INTO_FILE);
    assert!(refused.stderr.contains("a delayed copy of the request may create it again"), "{refused}");
    assert_eq!(files(&world), [] as [&str; 0], "the value is worth nothing");
    wait_until(|| !world.names().is_empty());
    let found = world.run_with(&["api-key-recover"], "y\n");
    assert!(found.stderr.contains("API key k was deleted"), "{found}");
    world.assert_nothing_is_left_in_the_end();
}

#[test]
fn a_404_with_the_code_of_a_wrapped_error_is_no_word_that_a_key_is_not_there() {
    let faults = ["POST /v1/apikeys status-after=404", "GET /v1/apikeys/details status=404"];
    let world = world("", &faults);
    let open = world.run(&INTO_FILE);
    assert_ne!(open.status, 0, "{open}");
    assert_eq!((files(&world), world.names().len()), (vec![".ibmiam-key_file.pending".to_owned()], 1), "{open}");
}
