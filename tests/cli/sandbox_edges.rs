//! What other clients than ibmiam need of the sandbox: it reports what it does not support, errors before routing have
//! the service's form, and slow clients or a full disk do not stop it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::sandbox::exports;
use crate::support::curl::{Answer, ask};
use crate::support::limits::seconds;
use crate::support::{Process, Server, World, binary, finish};

const GRANT: &str = "urn:ibm:params:oauth:grant-type:apikey";

/// Opens a connection to a server.
fn connect(url: &str) -> TcpStream {
    let stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(seconds(20))).unwrap();
    stream
}

/// Sends these bytes, and returns the server's response up to the end of the connection.
fn raw(url: &str, request: &str) -> Answer {
    let mut stream = connect(url);
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // Unread data can make the server reset the connection after the response, so the error is ignored.
    let _ = stream.read_to_end(&mut answer);
    Answer::read(answer)
}

#[test]
fn the_parameters_of_a_token_request_may_be_in_the_query_and_are_in_no_log() {
    let world = World::new();
    let mut server = Process::start(&mut world.bare_command(&["sandbox", "serve", "--ephemeral", "--log", "log"]));
    let variables = exports(&mut server);
    let (url, key) = (&variables["IAM_IDENTITY_URL"], &variables["IAM_IDENTITY_APIKEY"]);
    let answer = ask(&[&format!("{url}/identity/token?grant_type={GRANT}&apikey={key}"), "-X", "POST"]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body["access_token"].is_string());
    // A parameter in the body takes precedence over one in the query.
    let both = format!("{url}/identity/token?grant_type={GRANT}&apikey=other");
    assert_eq!(ask(&[&both, "-d", &format!("apikey={key}")]).status, 200);
    server.interrupt();
    server.finish();
    let log = std::fs::read_to_string(world.path("log")).unwrap();
    assert!(log.contains("/identity/token") && !log.contains(key.as_str()), "{log}");
}

#[test]
fn what_the_sandbox_does_not_have_does_not_look_like_what_is_not_there() {
    let server = Server::start(None);
    let token = server.token();
    for (method, path) in [
        ("GET", "/v2/policies"),
        ("GET", "/v1/account_settings"),
        ("POST", "/v1/profiles"),
        ("GET", "/v1/profiles/Profile-1"),
        ("GET", "/identity/userinfo"),
        ("GET", "/"),
    ] {
        let url = format!("{}{path}", server.url);
        let answer = ask(&[&url, "-X", method, "-H", &format!("authorization: Bearer {token}")]);
        assert_eq!(answer.status, 501, "{path}");
        let text = answer.body.to_string();
        assert!(text.contains("sandbox") && text.contains(&format!("'{path}'")), "{text}");
        if !path.starts_with("/identity/") {
            let without = ask(&[&url, "-X", method]);
            let code = &without.body["errors"][0]["message_code"];
            assert_eq!((without.status, code), (401, &json!("BXNIM0308E")), "{path}");
        }
    }
    let other = server.api(&token, "/v1/profiles?account_id=other", &[]);
    assert_eq!(other.status, 400, "a list of another account");
    let server = Server::set_up("choices.not_implemented_status = 404");
    assert_eq!(server.api(&server.token(), "/v2/policies", &[]).status, 404);
}

#[test]
fn what_is_not_implemented_is_noted_in_the_log() {
    let world = World::new();
    let run = "curl -s $IAM_IDENTITY_URL/identity/authorize";
    let words = ["sandbox", "run", "--log", "log", "--", "/bin/sh", "-c", run];
    assert_eq!(finish(world.bare_command(&words).spawn().unwrap()).status, 0);
    let log: Value = serde_json::from_str(&std::fs::read_to_string(world.path("log")).unwrap()).unwrap();
    assert_eq!((&log["status"], &log["note"]), (&json!(501), &json!("not implemented by the sandbox")));
}

#[test]
fn tokens_name_the_sandbox_or_the_service_as_their_issuer() {
    let service = "choices.issuer = \"service\"";
    for (setup, issuer) in [("", None), (service, Some("https://iam.cloud.ibm.com/identity".to_owned()))] {
        let server = Server::set_up(setup);
        let token = server.token();
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["iss"], issuer.unwrap_or_else(|| format!("{}/identity", server.url)));
        assert_eq!(server.api(&token, "/v1/apikeys", &[]).status, 200);
    }
}

#[test]
fn requests_that_cannot_be_read_get_the_services_envelope() {
    let server = Server::start(None);
    let url = &server.url;
    let long = "a".repeat(70_000);
    let head = "host: localhost\r\ntransaction-id: mine\r\n";
    let many: String = (0..200).map(|number| format!("x-{number}: y\r\n")).collect();
    for (request, status, path) in [
        ("garbage\r\n\r\n".to_owned(), 400, "errors"),
        (format!("GET /v1/{long} HTTP/1.1\r\n{head}\r\n"), 414, "errors"),
        (format!("GET /v1/apikeys HTTP/1.1\r\n{head}{many}\r\n"), 431, "errors"),
        (
            format!("POST /identity/token HTTP/1.1\r\n{head}transfer-encoding: chunked\r\n\r\nZZ\r\nabc"),
            400,
            "errorCode",
        ),
        (
            format!("POST /v1/apikeys HTTP/1.1\r\n{head}content-length: 2000000\r\n\r\n{}", "a".repeat(2_000_000)),
            413,
            "errors",
        ),
    ] {
        let answer = raw(url, &request);
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(!answer.body[path].is_null(), "{status}: {}", answer.body);
        assert!(!answer.header("transaction-id").is_empty(), "{status}");
        assert_eq!(answer.header("content-type"), "application/json", "{status}");
    }
}

#[test]
fn the_times_in_an_error_are_those_of_its_request() {
    let server = Server::faulty(&["POST /identity/token delay=1ms"]);
    let url = format!("{}/identity/token", server.url);
    let context = ask(&[&url, "-d", "grant_type=x"]).body["context"].clone();
    assert_eq!(context["requestType"], "incoming.Identity_Token");
    let passcode = ask(&[&format!("{}/identity/passcode", server.url), "-d", "x=y"]).body["context"].clone();
    assert_eq!(passcode["requestType"], "incoming.Identity_Passcode");
    let milliseconds = |name: &str| -> u64 {
        let text = context[name].as_str().unwrap();
        text.rsplit(':').next().unwrap().trim_end_matches(" UTC").parse().unwrap()
    };
    let elapsed: u64 = context["elapsedTime"].as_str().unwrap().parse().unwrap();
    assert_eq!((milliseconds("startTime") + elapsed) % 1000, milliseconds("endTime"), "{context}");
}

#[test]
fn a_request_that_does_not_come_to_its_end_is_cut() {
    let server = Server::set_up("limits.request_seconds = 1");
    let started = Instant::now();
    let body = "POST /identity/token HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\na=";
    let answer = raw(&server.url, body);
    assert_eq!((answer.status, started.elapsed() < seconds(10)), (408, true), "{}", answer.body);
    let mut half = connect(&server.url);
    half.write_all(b"GET /v1/apikeys HTTP/1.1\r\nhost:").unwrap();
    let mut rest = Vec::new();
    half.read_to_end(&mut rest).unwrap();
    assert!(started.elapsed() < seconds(15), "{}", String::from_utf8_lossy(&rest));
}

#[test]
fn a_connection_too_many_gets_an_answer_and_the_next_one_its_place() {
    let world = World::new();
    let serve = "ulimit -n 64; exec \"$0\" sandbox serve --ephemeral";
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", serve]).arg(binary()).env_clear().env("IBMIAM_HOME", world.home()).current_dir(world.path(""));
    shell.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = Process::start(&mut shell);
    let url = exports(&mut server)["IAM_IDENTITY_URL"].clone();
    let keys = format!("{url}/identity/keys");
    let slow: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = connect(&url);
            let _ = stream.write_all(b"GET /identity/keys HTTP/1.1\r\n");
            stream
        })
        .collect();
    let started = Instant::now();
    let refused = loop {
        let output = Command::new("curl").args(["-sS", "-i", "--max-time", "5", &keys]).output().unwrap();
        // While the server still sends earlier 503 responses, it can close a connection without a response.
        if output.status.success() {
            break Answer::read(output.stdout);
        }
        assert!(started.elapsed() < seconds(20), "no answer");
    };
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"), "{}", refused.body);
    drop(slow);
    while ask(&[&keys, "--retry", "5", "--retry-connrefused"]).status != 200 {
        assert!(started.elapsed() < seconds(20), "no place");
    }
    // Not SIGINT, which a shell's background jobs ignore.
    server.signal("TERM");
    server.finish();
}

#[test]
fn a_file_of_variables_names_its_server() {
    let world = World::new();
    let serve = ["sandbox", "serve", "--ephemeral", "--env-file", "env"];
    let mut killed = Process::start(&mut world.bare_command(&serve));
    exports(&mut killed);
    let first = format!("export IBMIAM_SANDBOX_PID='{}'\n", killed.child().id());
    let written = || std::fs::read_to_string(world.path("env")).unwrap_or_default();
    assert!(written().ends_with(&first), "{}", written());
    killed.signal("KILL");
    killed.finish();
    assert!(written().contains(&first), "left behind");
    let mut next = Process::start(&mut world.bare_command(&serve));
    exports(&mut next);
    assert!(written().ends_with(&format!("PID='{}'\n", next.child().id())), "{}", written());
    next.interrupt();
    next.finish();
    assert!(!world.path("env").exists());
}

#[test]
#[ignore = "needs strace; .ci/run has it and runs this"]
fn a_full_disk_does_not_stop_token_requests() {
    let world = World::new();
    // Creates the data, and the signing key.
    assert_eq!(finish(world.bare_command(&["--sandbox", "api-key-list"]).spawn().unwrap()).status, 0);
    let serve = |inject: &[&str]| {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "calls", "-e", "trace=pwrite64"]).args(inject).arg(binary());
        strace.args(["sandbox", "serve"]).env_clear().env("PATH", "/usr/bin:/bin").env("IBMIAM_HOME", world.home());
        strace.current_dir(world.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut server = Process::start(&mut strace);
        let variables = exports(&mut server);
        (server, variables)
    };
    let stop = |variables: &BTreeMap<String, String>| {
        // Not SIGINT, which a shell's background jobs ignore.
        let kill = format!("kill -TERM {}", variables["IBMIAM_SANDBOX_PID"]);
        assert!(Command::new("/bin/sh").args(["-c", &kill]).status().unwrap().success());
    };
    // Counts the writes until the server is ready; after them, the disk is full.
    let (server, variables) = serve(&[]);
    let calls = std::fs::read_to_string(world.path("calls")).unwrap().lines().count();
    stop(&variables);
    server.finish();
    let inject = format!("inject=pwrite64:error=ENOSPC:when={}+", calls + 1);
    let (server, variables) = serve(&["-e", &inject]);
    let (url, key) = (&variables["IAM_IDENTITY_URL"], &variables["IAM_IDENTITY_APIKEY"]);
    let token = ask(&[&format!("{url}/identity/token"), "-d", &format!("grant_type={GRANT}&apikey={key}")]);
    assert_eq!(token.status, 200, "{}", token.body);
    let bearer = format!("authorization: Bearer {}", token.body["access_token"].as_str().unwrap());
    assert_eq!(ask(&[&format!("{url}/v1/apikeys"), "-H", &bearer]).status, 200);
    let body = r#"{"name":"k","iam_id":"IBMid-5500SANDBX"}"#;
    assert_eq!(
        ask(&[&format!("{url}/v1/apikeys"), "-H", &bearer, "-d", body]).status,
        500,
        "what needs the disk says so"
    );
    stop(&variables);
    server.finish();
}
