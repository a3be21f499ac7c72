//! `api-key-list`

use snapbox::str;

use crate::support::World;
use crate::support::relay::Fake;

#[test]
fn a_list_names_account_and_user_and_stands_in_columns() {
    let world = World::new();
    world.key_with("MyKey", &["-d", "this is my API key", "--lock"]);
    crate::assert_outcome!(
        world.run(&["api-key-list"]),
        str![[r#"
exit 0
--- stdout
Getting all API keys under 0123456789abcdef0123456789abcdef as you@example.com...
OK
ID                                            Name      Description                            Created At              Last Updated            Locked
ApiKey-[..]   sandbox   The key that the sandbox starts with   [..]+0000   [..]+0000   false
ApiKey-[..]   MyKey     this is my API key                     [..]+0000   [..]+0000   true
--- stderr

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
