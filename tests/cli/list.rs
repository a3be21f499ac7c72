//! `api-key-list`

use ibmiam::sandbox;
use snapbox::str;

use crate::support::relay::Fake;
use crate::support::{Server, World};

#[test]
fn a_list_names_account_and_user_and_stands_in_columns() {
    let world = World::new();
    world.key_with("MyKey", &["-d", "this is my API key", "--lock"]);
    crate::assert_outcome!(
        world.run(&["api-key-list"]),
        str![[r#"
exit 0
--- stdout
ID                                            Name      Description                            Created At              Last Updated            Locked
ApiKey-[..]   sandbox   The key that the sandbox starts with   [..]+0000   [..]+0000   false
ApiKey-[..]   MyKey     this is my API key                     [..]+0000   [..]+0000   true
--- stderr
Getting all API keys under 0123456789abcdef0123456789abcdef as you@example.com...
OK

"#]]
    );
}

#[test]
fn all_pages_of_a_thousand_keys_are_fetched_in_ten_requests_and_none_comes_twice() {
    let world = World::seeded(1000);
    let relay = Fake::relay(&world.server.url);
    let mut command = world.command(&["api-key-list", "--all", "--sort", "name", "-o", "json"]);
    let listed = crate::support::finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap()).json();
    let names: Vec<&str> = listed.as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap()).collect();
    let mut expected: Vec<String> = (1..1000).map(|number| format!("seeded-{number:04}")).collect();
    expected.insert(0, "sandbox".to_owned());
    assert_eq!(names, expected);
    let requests = relay.requests();
    assert_eq!(requests.iter().filter(|line| line.starts_with("POST /identity/token")).count(), 1);
    assert_eq!(requests.iter().filter(|line| line.starts_with("GET /v1/apikeys?")).count(), 10);
    assert_eq!(requests.len(), 11);
}

#[test]
fn columns_are_chosen_and_keys_that_never_expire_come_last() {
    let world = World::new();
    world.key_with("late", &["-e", "90d"]);
    world.key_with("soon", &["-e", "12h"]);
    let listed = world.run(&["api-key-list", "--columns", "Name,locked", "--sort", "expires"]);
    assert_eq!(listed.stdout, "Name      Locked\nsoon      false\nlate      false\nsandbox   false\n", "{listed}");
    let listed = world.run(&["api-key-list", "--columns", "name,created", "-n", "soon", "-o", "csv"]);
    assert!(listed.stdout.starts_with("name,created_at\nsoon,20"), "{listed}");
    let unknown = world.run(&["api-key-list", "--columns", "nosuch"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("possible values: id, name"), "{unknown}");
}

#[test]
fn an_empty_list_is_one_header_an_empty_array_or_nothing() {
    let world = World::new();
    let listed = |options: &[&str]| world.run(&[&["api-key-list", "-n", "nosuch"], options].concat()).stdout;
    assert_eq!(listed(&["-o", "csv", "--columns", "id,name"]), "id,name\n");
    assert_eq!(listed(&["-o", "csv", "--uuid"]), "id\n");
    assert_eq!(listed(&["-o", "json"]), "[]\n");
    assert_eq!(listed(&["-o", "json", "--uuid"]), "[]\n");
    assert_eq!(listed(&["--uuid"]), "");
    assert_eq!(listed(&[]), "");
}

#[test]
fn a_list_that_breaks_off_says_so() {
    let broken = |format: &[&str]| {
        let world = World::at(Server::start_with(|options| sandbox::Options {
            seed: Some(250),
            faults: vec!["GET /v1/apikeys nth=2 status=403".parse().unwrap()],
            ..options
        }));
        world.run(&[&["api-key-list", "--all"], format].concat())
    };
    let ids = broken(&["--uuid"]);
    assert_eq!((ids.status, ids.stdout.lines().count()), (4, 100), "{ids}");
    assert!(ids.stderr.contains("The output is incomplete: it ends after 100 API keys."), "{ids}");
    let table = broken(&[]);
    assert_eq!((table.status, table.stdout.as_str()), (4, ""), "a table is whole or not there: {table}");
}
