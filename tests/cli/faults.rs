//! Each fault with curl as the client, and with the client of this program.

use std::process::Command;
use std::time::{Duration, Instant};

use ibmiam::sandbox::{Options, Setup};
use serde_json::{Value, json};

use crate::support::curl::GRANT;
use crate::support::limits::seconds;
use crate::support::{Server, World};

const OWN_VALUE: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// The result of curl for `GET /v1/apikeys/nosuch`; without a fault, the response is a 404 with a body.
fn curl(fault: &str, more: &[&str]) -> (i32, String) {
    let server = Server::faulty(&[fault]);
    let url = format!("{}/v1/apikeys/nosuch", server.url);
    let bearer = format!("authorization: Bearer {}", server.token());
    let output = Command::new("curl").args(["-s", "-i", "-H", &bearer]).args(more).arg(url).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn an_error_comes_with_the_body_and_the_wait_that_were_asked_for() {
    let (code, text) = curl("GET status=503", &[]);
    assert_eq!(code, 0);
    assert!(text.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{text}");
    assert!(text.contains("content-type: application/json") && text.contains(r#""status_code":503"#), "{text}");
    assert!(!text.contains("retry-after"), "{text}");
    let (_, text) = curl("GET status=503", &["-H", "Transaction-Id: mine-1"]);
    assert!(text.contains("\r\ntransaction-id: mine-1\r\n") && text.contains(r#""trace":"mine-1""#), "{text}");
    let server = Server::faulty(&["status=503"]);
    let refused = server.token_with(&[crate::support::curl::GRANT], &[]);
    assert_eq!((refused.status, &refused.body["errorCode"]), (503, &"BXNIM0050E".into()), "the other envelope");
    let (_, text) = curl("GET status=502 body=html", &[]);
    assert!(text.contains("content-type: text/html") && text.contains("<html>"), "{text}");
    let (_, text) = curl("GET status=500 body=empty", &[]);
    assert!(text.ends_with("\r\n\r\n") && text.contains("content-length: 0"), "{text}");
    let (_, text) = curl("GET status=429 retry-after=7", &[]);
    assert!(text.contains("\r\nretry-after: 7\r\n"), "{text}");
    let (_, text) = curl("GET status=429 retry-after=date:7", &[]);
    let line = text.lines().find(|line| line.starts_with("retry-after: ")).unwrap();
    assert!(line.ends_with(" GMT") && line.contains(", "), "{line}");
}

#[test]
fn a_connection_ends_before_after_or_in_the_middle_of_the_answer() {
    // curl's exit status is 52 for an empty response, and 18 for fewer bytes than announced.
    assert_eq!(curl("GET drop=before", &[]), (52, String::new()));
    assert_eq!(curl("GET drop=after", &[]), (52, String::new()));
    // The response to a successful deletion has no body to cut off.
    let server = Server::faulty(&["DELETE drop=half"]);
    let bearer = format!("authorization: Bearer {}", server.token());
    let url = format!("{}/v1/apikeys/x/lock", server.url);
    let locked = Command::new("curl").args(["-s", "-X", "DELETE", "-H", &bearer, &url]).status().unwrap();
    assert_eq!(locked.code(), Some(18), "this one is an error with a body");
    let (code, text) = curl("GET drop=half", &[]);
    assert_eq!(code, 18);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2);
}

#[test]
fn a_drop_after_the_work_leaves_the_work_done_and_one_before_does_not() {
    for (fault, made) in [("POST /v1/apikeys drop=before", 0), ("POST /v1/apikeys drop=after", 1)] {
        let server = Server::faulty(&[fault]);
        let token = server.token();
        let url = format!("{}/v1/apikeys", server.url);
        let bearer = format!("authorization: Bearer {token}");
        let body = r#"{"name":"k","iam_id":"IBMid-5500SANDBX"}"#;
        let lost = Command::new("curl").args(["-s", &url, "-H", &bearer, "-d", body]).status().unwrap();
        assert_eq!(lost.code(), Some(52));
        let keys = server.api(&token, "/v1/apikeys", &[]).body["apikeys"].as_array().unwrap().len();
        assert_eq!(keys, 1 + made, "{fault}");
    }
}

#[test]
fn an_answer_comes_late_in_pieces_or_as_garbage() {
    let started = Instant::now();
    assert!(curl("GET delay=300ms", &[]).1.starts_with("HTTP/1.1 404"));
    assert!(started.elapsed() >= Duration::from_millis(300));
    let server = Server::faulty(&["POST /v1/apikeys delay-after=60s"]);
    let (token, url) = (server.token(), format!("{}/v1/apikeys", server.url));
    let (bearer, body) = (format!("authorization: Bearer {token}"), r#"{"name":"k","iam_id":"IBMid-5500SANDBX"}"#);
    let late = Command::new("curl").args(["-s", "-m", "0.3", "-H", &bearer, "-d", body, &url]).status().unwrap();
    assert_eq!(late.code(), Some(28));
    assert_eq!(server.api(&token, "/v1/apikeys", &[]).body["apikeys"].as_array().unwrap().len(), 2);
    let started = Instant::now();
    let (code, text) = curl("GET drip=50ms", &[]);
    assert_eq!(code, 0);
    assert!(started.elapsed() >= Duration::from_millis(100) && text.contains("BXNIM0102E"), "{text}");
    let (code, text) = curl("GET drip=1s", &["-m", "1"]);
    assert_eq!(code, 28, "{text}");
    let (code, text) = curl("GET garbage", &[]);
    assert_eq!(code, 0);
    assert!(text.ends_with("{\"garbage\": [1, 2,"), "{text}");
}

#[test]
fn a_token_counts_as_expired() {
    let (_, text) = curl("/v1/* expired", &[]);
    assert!(text.starts_with("HTTP/1.1 401") && text.contains("BXNIM0407E"), "{text}");
    let server = Server::faulty(&["/identity/token expired"]);
    let token = server.token();
    assert_eq!(server.api(&token, "/v1/apikeys", &[]).status, 401);
}

#[test]
fn our_client_gets_over_what_passes() {
    for faults in [
        &["GET /v1/apikeys nth=1 drop=before"][..],
        &["GET /v1/apikeys nth=1 drop=half"],
        &["GET /v1/apikeys nth=1 status=429 retry-after=0"],
        &["GET /v1/apikeys nth=1 status=500 body=html", "GET /v1/apikeys nth=2 status=504 body=empty"],
        &["/identity/token nth=1 status=503"],
        &["drip=1ms"],
    ] {
        let world = World::at(Server::faulty(faults));
        let listed = world.run(&["api-key-list"]);
        assert_eq!(listed.status, 0, "{faults:?}: {listed}");
    }
}

#[test]
fn a_wrong_fault_or_setup_is_told_before_anything_is_served() {
    let world = World::new();
    std::fs::write(world.path("wrong.toml"), "[limits]\nkeys = 3\n").unwrap();
    for (arguments, sentence) in [
        (["--fault", "explode"], "'explode' is invalid"),
        (["--config", "wrong.toml"], "unknown field `keys`"),
        (["--config", "nosuch.toml"], "Cannot read nosuch.toml"),
        (["--log", "/proc/no"], "Cannot write /proc/no"),
    ] {
        let mut command = world.bare_command(&["sandbox", "run"]);
        let refused = crate::support::finish(command.args(arguments).args(["--", "true"]).spawn().unwrap());
        assert!(refused.status == 2 || refused.status == 1, "{refused}");
        assert!(refused.stderr.contains(sentence), "{refused}");
    }
}

#[test]
fn the_commands_of_the_documentation_are_right() {
    let text = include_str!("../../docs/sandbox.md");
    let faults: Vec<&str> = text.split("--fault '").skip(1).map(|rest| rest.split('\'').next().unwrap()).collect();
    assert!(faults.len() >= 2);
    for fault in faults {
        fault.parse::<ibmiam::sandbox::Fault>().unwrap();
    }
}

#[test]
fn a_status_after_the_work_leaves_the_work_done_and_one_instead_of_it_does_not() {
    for (fault, status, count) in [
        ("POST /v1/apikeys status-after=504", 504, 1),
        ("POST /v1/apikeys status-after=204", 204, 1),
        ("POST /v1/apikeys status=504", 504, 0),
        ("POST /v1/apikeys status=201", 201, 0),
    ] {
        let server = Server::faulty(&[fault]);
        assert_eq!(server.create(&json!({})).unwrap().status, status, "{fault}");
        assert_eq!(server.made(), count, "{fault}");
    }
    let (_, text) = curl("GET status-after=429 retry-after=7 body=html", &["-H", "Transaction-Id: mine-1"]);
    assert!(text.starts_with("HTTP/1.1 429") && text.contains("\r\nretry-after: 7\r\n"), "{text}");
    assert!(text.contains("<title>429 Too Many Requests</title>") && text.contains("mine-1"), "{text}");
}

#[test]
fn a_captive_portal_answers_its_login_page_to_everything() {
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let (code, text) = curl("/v1/* status=200 body=html", &["-X", method]);
        assert_eq!(code, 0);
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        assert!(text.contains("content-type: text/html") && text.contains("<title>Sign in"), "{text}");
    }
    assert!(curl("/v1/* status=200", &[]).1.ends_with("\r\n\r\n{}"));
    for status in ["204", "205", "304"] {
        for name in ["status", "status-after"] {
            let (code, text) = curl(&format!("/v1/* {name}={status}"), &[]);
            assert_eq!(code, 0);
            assert!(text.starts_with(&format!("HTTP/1.1 {status} ")) && text.ends_with("\r\n\r\n"), "{text}");
        }
    }
}

#[test]
fn the_value_in_an_answer_is_replaced() {
    for (word, value) in [("********", "********"), ("$(id)", "$(id)"), ("a\\nb", "a\nb"), ("\"", "\""), ("", "")] {
        let server = Server::faulty(&[&format!("/v1/* answer-value={word}")]);
        let changed = server.create(&json!({"apikey": OWN_VALUE})).unwrap();
        assert_eq!((changed.status, &changed.body["apikey"]), (201, &json!(value)));
        assert_eq!(changed.body["name"], "k");
        server.token_of(OWN_VALUE);
        let path = format!("/v1/apikeys/{}", changed.body["id"].as_str().unwrap());
        let shown = server.api(&server.token(), &path, &[]);
        assert_eq!((shown.status, shown.body.get("apikey")), (200, None));
    }
    let server = Server::start_with(|options| Options {
        faults: vec!["answer-value=x".parse().unwrap()],
        setup: Setup::read("choices.empty_apikey = true").unwrap(),
        ..options
    });
    let made = server.create(&json!({})).unwrap();
    let path = format!("/v1/apikeys/{}", made.body["id"].as_str().unwrap());
    let shown = server.api(&server.token(), &path, &[]);
    assert_eq!((&made.body["apikey"], &shown.body["apikey"]), (&json!("x"), &json!("")), "an empty one stays");
}

#[test]
fn the_value_in_a_request_is_replaced() {
    let other = "another-value-of-32-characters-or-more";
    let server = Server::faulty(&[&format!("POST request-value={other}")]);
    let made = server.create(&json!({"apikey": OWN_VALUE})).unwrap();
    assert_eq!((made.status, &made.body["apikey"]), (201, &json!(other)));
    server.token_of(other);
    let refused = server.token_with(&[GRANT, &format!("apikey={OWN_VALUE}")], &[]);
    assert_eq!(refused.body["errorCode"], "BXNIM0415E");
    let drawn = server.create(&json!({})).unwrap();
    assert_eq!((drawn.status, drawn.body["apikey"] == other), (201, false), "there was none to replace");
}

#[test]
fn several_faults_happen_in_an_order_that_makes_sense() {
    // A fault that cuts the response off comes last, in any order of the list.
    let server =
        Server::faulty(&["POST /v1/apikeys drop=half", "POST /v1/apikeys drip=1ms", "POST /v1/apikeys answer-value=x"]);
    let (url, bearer) = (format!("{}/v1/apikeys", server.url), format!("authorization: Bearer {}", server.token()));
    let body = r#"{"name":"k","iam_id":"IBMid-5500SANDBX"}"#;
    let output = Command::new("curl").args(["-s", "-i", "-H", &bearer, "-d", body, &url]).output().unwrap();
    assert_eq!(output.status.code(), Some(18));
    let text = String::from_utf8(output.stdout).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2);
    assert_eq!(server.made(), 1);
    let server = Server::faulty(&["POST /v1/apikeys drop=after", "POST /v1/apikeys repeat"]);
    assert!(server.create(&json!({})).is_none());
    assert_eq!(server.made(), 2);
}

#[test]
fn the_log_has_late_work_but_no_value() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("log");
    let log = std::fs::File::create(&path).unwrap();
    let faults =
        ["answer-value=secret-answer", "request-value=secret-request-of-32-characters-or-more", "repeat=late:1ms"];
    let server = Server::start_with(move |options| Options {
        faults: faults.map(|fault| format!("POST /v1/apikeys {fault}").parse().unwrap()).into(),
        log: Some(log),
        ..options
    });
    assert_eq!(server.create(&json!({"apikey": OWN_VALUE})).unwrap().body["apikey"], "secret-answer");
    let started = Instant::now();
    let late = loop {
        let text = std::fs::read_to_string(&path).unwrap();
        if let Some(line) = text.lines().find(|line| line.contains("processed late")) {
            break serde_json::from_str::<Value>(line).unwrap();
        }
        assert!(started.elapsed() < seconds(20), "{text}");
    };
    assert_eq!((&late["method"], &late["path"], &late["status"]), (&json!("POST"), &json!("/v1/apikeys"), &json!(400)));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("AnswerValue(hidden)") && text.contains("RequestValue(hidden)"), "{text}");
    assert!(!text.contains("secret") && !text.contains(OWN_VALUE), "{text}");
}
