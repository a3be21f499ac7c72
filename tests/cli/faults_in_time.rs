//! Requests that are processed twice or late, and a service with a wrong clock.

use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ibmiam::context::system_clock;
use ibmiam::sandbox::{self, Data, Options};
use serde_json::{Value, json};

use crate::support::curl::Answer;
use crate::support::limits::seconds;
use crate::support::{Server, signing};

const OWN_VALUE: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// Waits until there are this many keys, and asserts that there are no more.
#[track_caller]
fn wait_for_made(server: &Server, wanted: usize) {
    let started = Instant::now();
    while server.made() < wanted {
        assert!(started.elapsed() < seconds(20), "{} of {wanted}", server.made());
    }
    assert_eq!(server.made(), wanted);
}

#[test]
fn a_repeated_request_is_carried_out_twice_and_answered_with_what_the_second_led_to() {
    let server = Server::faulty(&["POST /v1/apikeys repeat", "DELETE repeat"]);
    let second = server.create(&json!({})).unwrap();
    assert_eq!((second.status, server.made()), (201, 2));
    let path = format!("/v1/apikeys/{}", second.body["id"].as_str().unwrap());
    assert_eq!(server.api(&server.token(), &path, &["-X", "DELETE"]).status, 404, "it is gone already");
    assert_eq!(server.made(), 1);
    let taken = server.create(&json!({"apikey": OWN_VALUE})).unwrap();
    assert_eq!((taken.status, server.made()), (400, 2));
    let long = server.create(&json!({"description": "x".repeat(100_000)})).unwrap();
    assert_eq!((long.status, server.made()), (201, 4));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "x".repeat((1 << 20) + 1)).unwrap();
    let url = format!("{}/v1/apikeys", server.url);
    let body = format!("@{}", file.path().display());
    let refused = Command::new("curl").args(["-s", "-i", "--data-binary", &body, &url]).output().unwrap();
    let text = String::from_utf8(refused.stdout).unwrap();
    assert!(text.contains("HTTP/1.1 413"), "{text}");
}

#[test]
fn a_copy_of_a_request_is_carried_out_late_also_when_its_client_is_gone() {
    let server = Server::faulty(&["POST /v1/apikeys repeat=late:300ms"]);
    assert_eq!(server.create(&json!({})).unwrap().status, 201);
    wait_for_made(&server, 2);
    let server = Server::faulty(&["POST /v1/apikeys repeat=late:1ms", "POST /v1/apikeys drop=after"]);
    assert!(server.create(&json!({})).is_none());
    wait_for_made(&server, 2);
}

#[test]
fn a_lost_request_arrives_late() {
    let server = Server::faulty(&["POST /v1/apikeys late=60s"]);
    assert!(server.create(&json!({})).is_none());
    assert_eq!(server.made(), 0);
    let server = Server::faulty(&["POST /v1/apikeys nth=1 late=300ms"]);
    assert!(server.create(&json!({"apikey": OWN_VALUE})).is_none());
    wait_for_made(&server, 1);
    let details = server.api(&server.token(), "/v1/apikeys/details", &["-H", &format!("IAM-ApiKey: {OWN_VALUE}")]);
    assert_eq!(details.status, 200, "the body arrived too");
    // A gateway gives up, and the request arrives at the service later.
    let server = Server::faulty(&["POST /v1/apikeys late=1ms", "POST /v1/apikeys status=504"]);
    assert_eq!(server.create(&json!({})).unwrap().status, 504);
    wait_for_made(&server, 1);
}

#[test]
fn late_work_ends_with_the_sandbox() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut options = Options::new(Data::Ephemeral, signing(), system_clock);
    options.faults.extend(["late=3600s".parse(), "repeat=late:3600s".parse()].map(Result::unwrap));
    let sandbox = runtime.block_on(sandbox::start(options)).unwrap();
    let url = format!("{}/v1/apikeys", sandbox.url());
    let client = std::thread::spawn(move || Command::new("curl").args(["-s", &url]).status().unwrap().code());
    let alive = runtime.metrics();
    let until = |tasks: usize| {
        let wait = async {
            while alive.num_alive_tasks() != tasks || !client.is_finished() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        runtime.block_on(async { tokio::time::timeout(seconds(20), wait).await }).unwrap();
    };
    // The task of the server, and the two late requests.
    until(3);
    drop(sandbox);
    until(0);
    assert_eq!(client.join().unwrap(), Some(52));
}

/// The number of seconds that a time is ahead of now.
#[track_caller]
fn ahead(format: &str, text: &str) -> i64 {
    let mut moment = jiff::fmt::strtime::parse(format, text).unwrap();
    moment.set_offset(Some(jiff::tz::Offset::UTC));
    moment.to_timestamp().unwrap().as_second() - system_clock().as_second()
}

/// The same for a date in a header.
#[track_caller]
fn header_ahead(answer: &Answer, name: &str) -> i64 {
    let line = answer.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap();
    ahead("%a, %d %b %Y %H:%M:%S gmt", line)
}

/// Whether two times are equal, apart from the delay of a slow machine and the seconds that the service does not show.
fn near(seconds: i64, expected: i64) -> bool {
    (expected - 90..=expected + 60).contains(&seconds)
}

#[test]
fn a_clock_is_off_for_the_requests_that_are_hit() {
    let server = Server::faulty(&["POST /v1/apikeys clock=-90m", "PUT clock=+2h", "GET /v1/apikeys nth=1 clock=+59m"]);
    let made = server.create(&json!({})).unwrap();
    assert!(near(header_ahead(&made, "date"), -5400), "{}", made.head);
    assert!(near(ahead("%Y-%m-%dT%H:%M%z", made.body["created_at"].as_str().unwrap()), -5400), "{}", made.body);
    let token = server.token();
    let path = format!("/v1/apikeys/{}", made.body["id"].as_str().unwrap());
    let update = ["-X", "PUT", "-H", "if-match: *", "-d", r#"{"description":"d"}"#];
    let refused = server.api(&token, &path, &update);
    assert_eq!(refused.status, 401, "the token is over in two hours");
    assert!(near(header_ahead(&refused, "date"), 7200), "{}", refused.head);
    let listed = server.api(&token, "/v1/apikeys", &[]);
    assert_eq!(listed.status, 200, "the token is good for an hour");
    assert!(near(header_ahead(&listed, "date"), 3540), "{}", listed.head);
    let again = server.api(&token, "/v1/apikeys", &[]);
    assert!(near(header_ahead(&again, "date"), 0), "{}", again.head);
}

#[test]
fn a_token_is_dated_by_the_clock_that_is_off() {
    let server = Server::faulty(&["/identity/token clock=-59m"]);
    let token = server.token();
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
    let now = system_clock().as_second();
    assert!(near(claims["iat"].as_i64().unwrap() - now, -3540), "{claims}");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert_eq!(server.api(&token, "/v1/apikeys", &[]).status, 200);
    let server = Server::faulty(&["/identity/token clock=-90m"]);
    assert_eq!(server.api(&server.token(), "/v1/apikeys", &[]).status, 401);
}

#[test]
fn clocks_that_are_off_add_up_also_for_the_answer_of_a_fault() {
    let server = Server::faulty(&["/v1/* status=429 retry-after=date:60", "clock=+1h", "clock=+1h"]);
    let busy = server.api(&server.token(), "/v1/apikeys", &[]);
    assert!(near(header_ahead(&busy, "retry-after"), 7260) && near(header_ahead(&busy, "date"), 7200), "{}", busy.head);
}
