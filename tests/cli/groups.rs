//! Groups of service IDs: a list without a group contains the default group only, so the program asks for all groups.

use ibmiam::sandbox::{Options, Setup};
use serde_json::{Value, json};

use crate::support::curl::Answer;
use crate::support::relay::{Fake, answer};
use crate::support::{Outcome, Server, World, finish};

/// A sandbox with the service IDs `common` in the default group and `grouped` in another one, each with a key.
struct Groups {
    world: World,
    group: String,
    /// The ID of `grouped`.
    service_id: String,
}

fn post(server: &Server, path: &str, body: &Value) -> Answer {
    server.api(&server.token(), path, &["-d", &body.to_string()])
}

fn account(server: &Server) -> String {
    server.api(&server.token(), "/v1/apikeys", &[]).body["apikeys"][0]["account_id"].as_str().unwrap().to_owned()
}

impl Groups {
    fn new(choices: &str) -> Self {
        let setup = Setup::read(choices).unwrap();
        let server = Server::start_with(move |options| Options { setup, ..options });
        let account_id = account(&server);
        let made = post(&server, "/v1/serviceid_groups", &json!({"name": "team", "account_id": account_id}));
        let group = made.body["id"].as_str().unwrap().to_owned();
        let mut service_id = String::new();
        for (name, group_id) in [("common", ""), ("grouped", group.as_str())] {
            let key = json!({"name": format!("key-of-{name}")});
            let body = json!({"name": name, "account_id": account_id, "group_id": group_id, "apikey": key});
            let made = post(&server, "/v1/serviceids", &body).body;
            made["id"].as_str().unwrap().clone_into(&mut service_id);
        }
        Self { world: World::at(server), group, service_id }
    }

    fn run_at(&self, url: &str, arguments: &[&str]) -> Outcome {
        finish(self.world.command(arguments).env("IBMCLOUD_IAM_API_ENDPOINT", url).spawn().unwrap())
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.world.run(arguments)
    }
}

/// The names in a JSON list.
#[track_caller]
fn names(outcome: &Outcome) -> Vec<String> {
    let listed = outcome.json();
    let listed = listed.get("keys").unwrap_or(&listed);
    let mut names: Vec<String> =
        listed.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_sandbox_lists_the_default_group_unless_a_group_is_named() {
    let groups = Groups::new("");
    let server = &groups.world.server;
    let token = server.token();
    let listed = |query: &str| {
        let answer = server.api(&token, query, &[]);
        let list = answer.body.as_object().unwrap().values().find_map(Value::as_array).cloned().unwrap_or_default();
        list.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (account_id, group) = (account(server), &groups.group);
    assert_eq!(listed(&format!("/v1/serviceids?account_id={account_id}")), ["common"]);
    assert_eq!(listed(&format!("/v1/serviceids?account_id={account_id}&group_id=default")), ["common"]);
    assert_eq!(listed(&format!("/v1/serviceids?account_id={account_id}&group_id={group}")), ["grouped"]);
    assert_eq!(listed("/v1/apikeys?scope=account&type=serviceid"), ["key-of-common"]);
    assert_eq!(listed(&format!("/v1/apikeys?scope=account&type=serviceid&group_id={group}")), ["key-of-grouped"]);
    assert_eq!(listed(&format!("/v1/apikeys?iam_id=iam-{}", groups.service_id)), ["key-of-grouped"]);
    // Keys of users are in no group.
    assert_eq!(listed("/v1/apikeys?group_id=nosuch"), ["sandbox"]);
    for path in [
        format!("/v1/serviceids?account_id={account_id}&group_id=nosuch"),
        "/v1/apikeys?scope=account&group_id=nosuch".to_owned(),
    ] {
        assert_eq!(server.api(&token, &path, &[]).status, 404, "{path}");
    }
}

#[test]
fn the_sandbox_keeps_names_of_groups_unique_and_wants_one_in_an_update() {
    let groups = Groups::new("");
    let server = &groups.world.server;
    let account_id = account(server);
    let again = post(server, "/v1/serviceid_groups", &json!({"name": "team", "account_id": account_id}));
    assert_eq!(again.status, 409, "{}", again.body);
    let path = format!("/v1/serviceid_groups/{}", groups.group);
    let update =
        |body: &Value| server.api(&server.token(), &path, &["-X", "PUT", "-H", "if-match: *", "-d", &body.to_string()]);
    assert_eq!(update(&json!({"description": "builds"})).status, 400);
    assert_eq!(update(&json!({"name": "team", "description": "builds"})).status, 200);
}

#[test]
fn the_sandbox_deletes_a_service_id_with_unlocked_keys_only_if_chosen() {
    for (choices, status) in [("", 204), ("choices.delete_service_id_with_keys = false", 409)] {
        let groups = Groups::new(choices);
        let delete = |path: &str| groups.world.server.api(&groups.world.server.token(), path, &["-X", "DELETE"]).status;
        let path = format!("/v1/serviceids/{}", groups.service_id);
        assert_eq!(groups.run(&["service-api-key-lock", "-f", "key-of-grouped", &groups.service_id]).status, 0);
        assert_eq!(delete(&path), 409, "the key is locked");
        assert_eq!(groups.run(&["service-api-key-unlock", "-f", "key-of-grouped", &groups.service_id]).status, 0);
        assert_eq!(delete(&path), status, "{choices}");
    }
}

#[test]
fn every_group_is_listed_and_each_key_once() {
    for choices in ["", "choices.default_group_with_iam_id = true", "choices.default_group = false"] {
        let groups = Groups::new(choices);
        assert_eq!(names(&groups.run(&["service-ids", "-o", "json"])), ["common", "grouped"], "{choices}");
        assert_eq!(names(&groups.run(&["service-api-keys", "grouped", "-o", "json"])), ["key-of-grouped"], "{choices}");
        let all = ["key-of-common", "key-of-grouped", "sandbox"];
        assert_eq!(names(&groups.run(&["api-key-audit", "--all", "-o", "json"])), all, "{choices}");
        let owner = format!("iam-{}", groups.service_id);
        let of_owner = groups.run(&["api-key-list", "--all", "--owner", &owner, "-o", "json"]);
        assert_eq!(names(&of_owner), ["key-of-grouped"], "{choices}");
        let deleted = groups.run(&["service-api-key-delete", "-f", "key-of-grouped", "grouped"]);
        assert_eq!(deleted.status, 0, "{choices}: {deleted}");
    }
}

#[test]
fn groups_that_the_user_may_not_list_are_noted_and_no_groups_are_none() {
    let groups = Groups::new("");
    for (status, is_noted) in [(403, true), (404, false)] {
        let relay = Fake::relay_unless(&groups.world.server.url, move |head| {
            let body = r#"{"errors":[{"code":"x","message_code":"BXNIM0513E","message":"No."}],"trace":"t"}"#;
            head.starts_with("GET /v1/serviceid_groups").then(|| answer(status, "application/json", body))
        });
        let listed = groups.run_at(&relay.url(), &["service-ids", "--uuid"]);
        assert_eq!((listed.status, listed.stdout.lines().count()), (0, 1), "{listed}");
        let note = "You are not authorized to list the groups of service IDs.";
        assert_eq!(listed.stderr.contains(note), is_noted, "{listed}");
        let audited = groups.run_at(&relay.url(), &["api-key-audit", "--all"]);
        assert_eq!(audited.stderr.contains(note), is_noted, "{audited}");
        let unknown = groups.run_at(&relay.url(), &["service-api-keys", "grouped"]);
        assert_eq!((unknown.status, unknown.stderr.contains(note)), (3, is_noted), "{unknown}");
    }
}

#[test]
fn a_list_that_repeats_a_page_is_an_error_and_nothing_is_deleted() {
    let world = World::new();
    for name in ["tmp-1", "tmp-2", "tmp-3"] {
        world.key(name);
    }
    let upstream = world.server.url.clone();
    let count = std::sync::atomic::AtomicUsize::new(0);
    let relay = Fake::relay_unless(&world.server.url, move |head| {
        let path = head.split(' ').nth(1)?;
        if !path.starts_with("/v1/apikeys?") {
            return None;
        }
        // Each page has a link to another one, which is the same page.
        let first = path.split("&pagetoken=").next()?;
        let page = crate::support::relay::send(&upstream, &head.replacen(path, first, 1), "");
        let text = String::from_utf8(page).ok()?;
        let mut page: Value = serde_json::from_str(text.split_once("\r\n\r\n")?.1).ok()?;
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        page["next"] = format!("http://x/v1/apikeys?pagetoken={number}").into();
        Some(answer(200, "application/json", &page.to_string()))
    });
    let delete = ["api-key-delete", "--match", "tmp-*", "--force"];
    let refused = finish(world.command(&delete).env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("the service sent a page twice"), "{refused}");
    assert_eq!(world.names().len(), 3);
}
