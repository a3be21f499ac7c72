//! The sandbox's data under several writers, and under SIGKILL in the middle of writing.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::json;

use crate::support::curl::ask;
use crate::support::{Process, Server, World, finish};

const MANY: &str = "[limits]\nkeys_per_identity = 100000\n";

/// Starts a server on the data in a world's home; returns it with the variables for its clients.
fn serve(world: &World) -> (Process, BTreeMap<String, String>) {
    std::fs::write(world.path("many.toml"), MANY).unwrap();
    let mut server = Process::start(&mut world.bare_command(&["sandbox", "serve", "--config", "many.toml"]));
    let variables = crate::sandbox::exports(&mut server);
    (server, variables)
}

/// Creates a key with this value; returns whether the response is a 201, which it is not if the server is gone.
fn create(url: &str, token: &str, value: &str) -> bool {
    let body = json!({"name": "k", "iam_id": "IBMid-5500SANDBX", "apikey": value}).to_string();
    let bearer = format!("authorization: Bearer {token}");
    let url = format!("{url}/v1/apikeys");
    let mut curl = Command::new("curl");
    curl.args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "-d", &body, "-H", &bearer]);
    curl.arg(url).output().unwrap().stdout == b"201"
}

fn token(world: &World, variables: &BTreeMap<String, String>) -> String {
    finish(world.bare_command(&["bearer-token"]).envs(variables).spawn().unwrap()).stdout.trim().to_owned()
}

fn value(writer: usize, number: usize) -> String {
    format!("writer-{writer:04}-number-{number:06}-of-its-keys")
}

#[test]
fn several_servers_of_the_same_data_lose_no_write() {
    let world = World::new();
    let servers: Vec<_> = (0..4).map(|_| serve(&world)).collect();
    std::thread::scope(|scope| {
        for (writer, (_, variables)) in servers.iter().enumerate() {
            let token = token(&world, variables);
            scope.spawn(move || {
                let url = &variables["IAM_IDENTITY_URL"];
                assert!((0..25).all(|number| create(url, &token, &value(writer, number))), "writer {writer}");
            });
        }
    });
    let (_, variables) = &servers[0];
    let listed = finish(world.bare_command(&["api-key-list", "--uuid"]).envs(variables).spawn().unwrap());
    assert_eq!(listed.stdout.lines().count(), 4 * 25 + 1);
    for (mut server, _) in servers {
        server.interrupt();
        assert_eq!(server.finish().status, 0);
    }
}

#[test]
fn what_was_answered_is_there_after_the_server_is_killed() {
    let world = World::new();
    let mut answered = Vec::new();
    let mut of_the_writers = 0;
    for round in 0..10 {
        let (mut server, variables) = serve(&world);
        let url = variables["IAM_IDENTITY_URL"].clone();
        let token = token(&world, &variables);
        let pid = server.child().id();
        // The writer continues until the server is gone; the server is killed after some responses, in the middle of
        // another request.
        let killer = std::thread::spawn({
            let (url, token) = (url.clone(), token.clone());
            move || {
                for number in 0..=round {
                    assert!(create(&url, &token, &value(1000 + round, number)));
                }
                assert!(Command::new("/bin/sh").args(["-c", &format!("kill -KILL {pid}")]).status().unwrap().success());
            }
        });
        let mut number = 0;
        while create(&url, &token, &value(round, number)) {
            answered.push(value(round, number));
            number += 1;
        }
        of_the_writers += number;
        killer.join().unwrap();
        answered.extend((0..=round).map(|number| value(1000 + round, number)));
        server.finish();
    }
    let (mut server, variables) = serve(&world);
    let bearer = format!("authorization: Bearer {}", token(&world, &variables));
    let url = format!("{}/v1/apikeys/details", variables["IAM_IDENTITY_URL"]);
    for value in &answered {
        let found = ask(&[&url, "-H", &bearer, "-H", &format!("IAM-ApiKey: {value}")]);
        assert_eq!(found.status, 200, "{value} was answered and is gone");
    }
    server.interrupt();
    server.finish();
    let data = rusqlite::Connection::open(world.home().join("sandbox/iam.sqlite")).unwrap();
    let sound: String = data.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    assert!(of_the_writers > 20, "only {of_the_writers} keys were answered beside those of the killers");
    let halves = "SELECT count(*) FROM keys WHERE NOT EXISTS (SELECT 1 FROM history WHERE object = keys.id)";
    let halves: i64 = data.query_row(halves, [], |row| row.get(0)).unwrap();
    assert_eq!(halves, 0, "keys without the history that is written with them");
}

#[test]
fn ten_thousand_keys_come_in_pages_without_a_gap() {
    let server = Server::start(Some(10_000));
    let world = World::at(server);
    let listed = world.run(&["api-key-list", "--all", "-o", "csv"]);
    assert_eq!(listed.status, 0, "{}", listed.stderr);
    let names: std::collections::BTreeSet<&str> =
        listed.stdout.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(names.len(), 10_000);
}
