//! Servers that respond incorrectly or not at all.

use std::net::TcpListener;

use crate::support::limits::{seconds, timeout};
use crate::support::relay::{Fake, answer};
use crate::support::{Outcome, World, finish};

fn list_at(world: &World, url: &str, more: &[&str]) -> Outcome {
    let mut arguments = vec!["api-key-list", "--timeout", "5"];
    arguments.extend(more);
    let mut command = world.command(&arguments);
    finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", url).spawn().unwrap())
}

/// Lists keys in the sandbox, with this response to requests for lists; returns the outcome and the number of requests.
fn list_with(answer: impl Fn() -> Vec<u8> + Send + Sync + 'static) -> (Outcome, usize) {
    let world = World::new();
    let relay = Fake::relay_unless(&world.server.url, move |head| head.starts_with("GET ").then(&answer));
    let listed = list_at(&world, &relay.url(), &[]);
    (listed, relay.requests().len() - 1)
}

#[test]
fn what_cannot_be_read_is_told_in_a_sentence() {
    for (content_type, body, sentence) in [
        ("text/html", "<html><body>Welcome</body></html>", "it is a web page, not JSON"),
        ("application/json", "", "it is empty"),
        ("application/json", "{\"apikeys\":[{\"id\":\"Api", "it is incomplete"),
        ("application/json", "surely not", "it is not JSON"),
        ("application/json", "{\"keys\":[]}", "it is JSON, but not in the expected form"),
        ("application/json", "{\"apikeys\":[{\"name\":1}]}", "a key in it has no ID"),
        ("application/json", "{\"apikeys\":[7]}", "it is JSON, but not in the expected form"),
        ("application/json", "[]", "it is JSON, but not in the expected form"),
    ] {
        let (listed, requests) = list_with(move || answer(200, content_type, body));
        assert_eq!((listed.status, requests), (1, 1), "{listed}");
        assert!(listed.stderr.contains("Cannot read the service's response: "), "{listed}");
        assert!(listed.stderr.contains(sentence), "{listed}");
    }
}

#[test]
fn the_content_type_is_not_what_decides() {
    let (listed, _) = list_with(|| answer(200, "text/plain", "{\"apikeys\":[]}"));
    assert_eq!(listed.status, 0, "{listed}");
    assert!(listed.stderr.ends_with("OK\nNo API keys found.\n"), "{listed}");
}

#[test]
fn an_answer_without_end_is_not_read_to_its_end() {
    let (listed, _) = list_with(|| {
        let mut endless = b"HTTP/1.1 200 OK\r\ncontent-length: 25165824\r\n\r\n".to_vec();
        endless.resize(endless.len() + (24 << 20), b' ');
        endless
    });
    assert_eq!(listed.status, 1, "{listed}");
    assert!(listed.stderr.contains("it is longer than 16 MiB"), "{listed}");
}

#[test]
fn an_error_page_is_told_by_its_status_after_four_attempts() {
    let (listed, requests) = list_with(|| answer(502, "text/html", "<html>Bad Gateway</html>"));
    assert_eq!((listed.status, requests), (1, 4), "{listed}");
    assert!(listed.stderr.contains("The service responded with 502 Bad Gateway."), "{listed}");
}

#[test]
fn a_404_that_is_not_iams_does_not_say_that_a_key_is_gone() {
    let world = World::new();
    let id = world.key("k");
    let relay = Fake::relay_unless(&world.server.url, |head| {
        head.contains("/v1/").then(|| answer(404, "text/html", "<html>no such page</html>"))
    });
    for arguments in [&["api-key-show", id.as_str()][..], &["api-key-delete", "-f", &id], &["api-key-list"]] {
        let mut command = world.command(arguments);
        let refused = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
        assert_eq!(refused.status, 1, "{refused}");
        assert!(refused.stderr.contains("The service responded with 404 Not Found."), "{refused}");
    }
}

#[test]
fn a_change_that_nobody_can_ask_after_is_not_said_to_have_failed() {
    let world = World::new();
    let id = world.key("k");
    let by_id = format!("/v1/apikeys/{id}");
    let relay = Fake::relay_unless(&world.server.url, move |head| head.contains(&by_id).then(Vec::new));
    let mut command = world.command(&["api-key-delete", "-f", "k"]);
    let unsure = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
    assert_eq!(unsure.status, 6, "{unsure}");
    assert!(unsure.stderr.contains("may have been changed."), "{unsure}");
    assert!(unsure.stderr.contains(&format!("ibmiam api-key-show {id}")), "{unsure}");
}

#[test]
fn a_refusal_of_what_was_locked_meanwhile_keeps_the_services_words() {
    let world = World::new();
    let id = world.key("k");
    let (url, key, home) = (world.server.url.clone(), world.server.key.clone(), world.path("other"));
    let relay = Fake::relay_after(&world.server.url, move |head| {
        if head.starts_with("DELETE ") {
            let mut command = std::process::Command::new(crate::support::binary());
            command.env_clear().env("IBMIAM_HOME", &home).env("IBMCLOUD_API_KEY", &key);
            command.env("IBMCLOUD_IAM_API_ENDPOINT", &url).args(["api-key-lock", "-f", "k"]);
            assert!(command.output().unwrap().status.success());
        }
    });
    let mut command = world.command(&["api-key-delete", "-f", "-o", "json", "k"]);
    let refused = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
    let error = refused.error();
    assert_eq!((refused.status, &error["kind"]), (5, &"conflict".into()));
    assert_eq!(error["message"], format!("API key k ({id}) is locked."));
    assert!(error["transaction_id"].is_string() && error["code"].is_string(), "{refused}");
}

#[test]
fn a_passing_fault_is_not_seen() {
    let world = World::new();
    let faults = std::sync::atomic::AtomicUsize::new(0);
    let relay = Fake::relay_unless(&world.server.url, move |_| {
        let number = faults.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        number.is_multiple_of(2).then(|| if number == 0 { Vec::new() } else { answer(503, "text/plain", "") })
    });
    let listed = list_at(&world, &relay.url(), &[]);
    assert_eq!(listed.status, 0, "{listed}");
    assert_eq!(relay.requests().len(), 4);
}

#[test]
fn the_codes_of_a_refusal_and_what_to_do_are_told() {
    let body = r#"{"errors":[{"code":"forbidden","message_code":"BXNIM0513E","message":"You are not authorized to use this API.","details":"Reason: x"}],"trace":"T-1","status_code":403}"#;
    let (listed, requests) = list_with(move || answer(403, "application/json", body));
    assert_eq!((listed.status, requests), (4, 1));
    assert_eq!(
        listed.stderr.split_once('\n').unwrap().1,
        "FAILED\nYou are not authorized to use this API. (Reason: x).\nCode: BXNIM0513E\nTransaction ID: T-1\n\
         Ask an administrator of the account for permission.\n"
    );
}

#[test]
fn too_many_requests_are_waited_for_and_then_unreachable() {
    let (listed, requests) = list_with(|| b"HTTP/1.1 429 X\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n".to_vec());
    assert_eq!((listed.status, requests), (6, 4), "{listed}");
    let (listed, requests) = list_with(|| b"HTTP/1.1 429 X\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n".to_vec());
    assert_eq!((listed.status, requests), (6, 1), "{listed}");
}

#[test]
fn a_redirect_is_not_followed() {
    let world = World::new();
    let elsewhere = Fake::relay(&world.server.url);
    let to = format!("HTTP/1.1 307 X\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n", elsewhere.url());
    let relay = Fake::start(move |_, _| to.clone().into_bytes());
    let listed = list_at(&world, &relay.url(), &[]);
    assert_eq!(listed.status, 1, "{listed}");
    assert!(listed.stderr.contains("ibmiam does not follow redirects"), "{listed}");
    assert_eq!(elsewhere.requests(), [] as [&str; 0]);
}

#[test]
fn pages_that_go_in_circles_end_in_an_error() {
    let page = r#"{"apikeys":[],"next":"/v1/apikeys?pagetoken=x"}"#;
    let (listed, requests) = list_with(move || answer(200, "application/json", page));
    assert_eq!((listed.status, requests), (1, 2), "{listed}");
    assert!(listed.stderr.contains("the list has no last page"), "{listed}");
}

#[test]
fn a_server_that_is_not_there_is_unreachable() {
    let world = World::new();
    // Port 1 is below the ports that the system assigns, so no server has it.
    let port = 1;
    let listed = list_at(&world, &format!("http://127.0.0.1:{port}"), &["-o", "json"]);
    assert_eq!((listed.status, listed.error()["kind"].as_str()), (6, Some("unreachable")), "{listed}");
    let url = format!("https://127.0.0.1:{port}");
    assert_eq!(list_at(&world, &url, &[]).status, 6);
}

#[test]
fn a_server_that_never_answers_is_given_up_on() {
    let world = World::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let started = std::time::Instant::now();
    let listed = list_at(&world, &url, &timeout());
    assert_eq!(listed.status, 6, "{listed}");
    assert!(listed.stderr.contains("the request timed out"), "{listed}");
    assert!(started.elapsed() < seconds(60));
}

#[test]
fn a_creation_that_nobody_can_ask_after_is_left_open_and_not_repeated() {
    let world = World::new();
    let relay = Fake::relay_unless(&world.server.url, |head| {
        let lost = head.starts_with("POST /v1/apikeys") || head.starts_with("GET /v1/apikeys/details");
        lost.then(Vec::new)
    });
    let mut command = world.command(&["api-key-create", "k", "--file", "key_file"]);
    let lost = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
    assert_eq!(lost.status, 6, "{lost}");
    assert!(lost.stderr.contains("API key k may have been created."), "{lost}");
    let created = relay.requests().iter().filter(|line| line.starts_with("POST /v1/apikeys")).count();
    assert_eq!(created, 1);
    assert!(lost.stderr.contains("ibmiam api-key-recover key_file"), "{lost}");
}

#[test]
fn where_the_service_makes_the_value_it_is_asked_for_it_once() {
    let world = World::new();
    let relay = Fake::relay(&world.server.url);
    let mut command = world.command(&["api-key-create", "k", "-o", "json", "--server-generated"]);
    let made = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
    assert_eq!(made.json()["apikey"].as_str().unwrap().len(), 44, "{made}");
    assert_eq!(world.names(), ["k"]);
    assert_eq!(relay.requests().iter().filter(|line| line.starts_with("POST /v1/apikeys")).count(), 1);
}

#[test]
fn endpoints_that_would_carry_tokens_in_the_clear_are_refused() {
    let world = World::new();
    for (url, sentence) in [
        ("http://iam.cloud.ibm.com", "http is allowed only for this machine"),
        ("http://127.0.0.1.example:80", "http is allowed only for this machine"),
        ("iam.cloud.ibm.com", "it is not a URL"),
        ("https://u:p@iam.cloud.ibm.com", "only a scheme and a host"),
        ("https://iam.cloud.ibm.com/identity/token", "only a scheme and a host"),
    ] {
        let refused = list_at(&world, url, &[]);
        assert_eq!(refused.status, 2, "{refused}");
        assert!(refused.stderr.contains(sentence), "{refused}");
    }
}

#[test]
fn a_file_of_certificates_that_holds_none_is_told_of() {
    let world = World::new();
    std::fs::write(world.path("empty.pem"), "").unwrap();
    for file in ["nosuch.pem", "empty.pem"] {
        let refused = list_at(&world, "https://127.0.0.1:1", &["--ca-file", file]);
        assert_eq!(refused.status, 1, "{refused}");
        assert!(refused.stderr.contains(&format!("Cannot use the certificates in {file}")), "{refused}");
    }
}

#[test]
fn names_that_try_to_escape_stay_text() {
    let body = r#"{"apikeys":[{"id":"ApiKey-1","name":"\u001b[2J\u001b]0;owned\u0007","description":"a\nb\u202e"}]}"#;
    let (listed, _) = list_with(move || answer(200, "application/json", body));
    assert_eq!(listed.status, 0, "{listed}");
    assert!(!listed.stdout.contains(['\x1b', '\x07', '\u{202e}']), "{listed}");
    assert!(listed.stdout.contains("\\x1b[2J\\x1b]0;owned\\x07   a\\nb\\u{202e}"), "{listed}");
}
