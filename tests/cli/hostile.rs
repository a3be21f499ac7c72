//! Malicious servers: the result is an error within the time limit, with bounded memory, and no credential goes
//! elsewhere.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use crate::support::limits::{seconds, timeout};
use crate::support::relay::Fake;
use crate::support::{Outcome, World, feed, finish};

/// The virtual memory of the program, in KiB: far more than it needs, and far less than any of the bodies.
const MEMORY: u32 = 600_000;

fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), body].concat()
}

/// A response with a content length and the JSON content type.
fn json(body: &[u8]) -> Vec<u8> {
    answer(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()), body)
}

/// Lists keys with a token at a server that gives the same response to every request.
fn list(world: &World, server: &Fake, more: &[&str]) -> Outcome {
    let token = world.run(&["bearer-token"]).stdout;
    let mut shell = Command::new("/bin/bash");
    let limited = format!("ulimit -v {MEMORY}; exec \"$@\"");
    let listing = world.bare_command(&[&["api-key-list"], &timeout()[..], more].concat());
    shell.args(["-c", &limited, "sh"]).arg(listing.get_program()).args(listing.get_args());
    shell.env_clear().envs(listing.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("IBMCLOUD_IAM_API_ENDPOINT", server.url()).env("IBMCLOUD_IAM_TOKEN", token.trim());
    shell.current_dir(world.path("")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(shell.spawn().unwrap())
}

fn gzipped(length: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..length >> 20 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
#[expect(clippy::print_stdout, reason = "the table of results and times is worth knowing")]
fn each_hostile_answer_is_an_error_in_time_and_memory() {
    let world = World::new();
    let deep = [b"{\"apikeys\":[".as_slice(), &b"[".repeat(200_000)].concat();
    let deep_closed =
        [b"{\"apikeys\":[{\"id\":".as_slice(), &b"[".repeat(50_000), &b"]".repeat(50_000), b"}]}"].concat();
    let endless = vec![b'a'; 64 << 20];
    let bomb = gzipped(64 << 20);
    let long_header = format!("x-long: {}\r\ncontent-length: 2\r\n", "a".repeat(1 << 20));
    let wide = format!("{{\"apikeys\":[{}]}}", vec!["{\"id\":\"ApiKey-1\",\"name\":\"n\"}"; 2_000_000].join(","));
    let many = format!("{{\"apikeys\":[{}]}}", vec!["{\"id\":\"ApiKey-1\",\"name\":\"n\"}"; 500_000].join(","));
    let cases: Vec<(&str, Vec<u8>, i32)> = vec![
        ("a body without end", answer("content-type: application/json\r\n", &endless), 1),
        (
            "a gzip bomb of 64 MiB",
            answer(&format!("content-encoding: gzip\r\ncontent-length: {}\r\n", bomb.len()), &bomb),
            1,
        ),
        ("a gzip body that is none", answer("content-encoding: gzip\r\ncontent-length: 7\r\n", b"no gzip"), 6),
        ("a body shorter than it says", answer("content-length: 1000\r\n", b"{}"), 6),
        ("a body longer than it says", answer("content-length: 2\r\n", b"{} and more"), 1),
        ("no length and no body", b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), 1),
        ("a status of no kind", b"HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n".to_vec(), 1),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), 6),
        ("headers without end", answer(&long_header, b"{}"), 6),
        ("JSON that goes down without end", json(&deep), 1),
        ("JSON nested 50,000 deep", json(&deep_closed), 1),
        ("two million keys in a page", json(wide.as_bytes()), 1),
        ("half a million keys in a page", json(many.as_bytes()), 1),
        ("a page of another kind", json(b"{\"apikeys\":{\"id\":1}}"), 1),
        ("numbers beyond all bounds", json(b"{\"apikeys\":[{\"id\":1e999999}]}"), 1),
        ("text that is no text", json(b"{\"apikeys\":[{\"id\":\"\xff\xfe\"}]}"), 1),
    ];
    println!("case | exit | seconds");
    for (case, bytes, status) in cases {
        let bytes = Arc::new(bytes);
        let server = Fake::start(move |_, _| bytes.to_vec());
        let began = Instant::now();
        let outcome = list(&world, &server, &[]);
        let took = began.elapsed();
        println!("{case} | {} | {:.1}", outcome.status, took.as_secs_f64());
        assert_eq!(outcome.status, status, "{case}: {outcome}");
        assert!(outcome.stderr.contains("FAILED\n") && outcome.stderr.len() < 1000, "{case}: {outcome}");
        assert!(took < seconds(60), "{case}: {took:?}");
    }
}

#[test]
fn an_answer_of_millions_of_values_is_refused_in_every_form() {
    let world = World::new();
    let values = vec!["[]"; 5_000_000].join(",");
    let body = json(format!("{{\"apikeys\":[{{\"id\":\"ApiKey-1\",\"x\":[{values}]}}]}}").as_bytes());
    let server = Fake::start(move |_, _| body.clone());
    for more in [&["-o", "json"][..], &["--trace"], &["-o", "csv", "--trace=trace"]] {
        let refused = list(&world, &server, more);
        assert_eq!(refused.status, 1, "{}", refused.stderr.len());
        assert!(refused.stderr.contains("it contains too many values"), "{}", &refused.stderr[..500]);
    }
}

#[test]
fn an_answer_that_drips_is_given_up_on() {
    let world = World::at(crate::support::Server::faulty(&["GET /v1/apikeys drip=1s"]));
    let began = Instant::now();
    let outcome = world.run(&[&["api-key-list"], &timeout()[..]].concat());
    assert_eq!(outcome.status, 6, "{outcome}");
    assert!(outcome.stderr.contains("the request timed out"), "{outcome}");
    assert!(began.elapsed() < seconds(60));
}

#[test]
fn credentials_go_to_no_other_place_whatever_an_answer_says() {
    let world = World::new();
    for status in ["301", "302", "303", "307", "308"] {
        let other = Arc::new(Fake::start(|_, _| json(b"{}")));
        let target = other.url();
        let server = Fake::start(move |_, _| {
            format!("HTTP/1.1 {status} Moved\r\nlocation: {target}/v1/apikeys\r\ncontent-length: 0\r\n\r\n").into()
        });
        let outcome = list(&world, &server, &[]);
        assert_eq!(outcome.status, 1, "{outcome}");
        assert!(outcome.stderr.contains("does not follow redirects"), "{outcome}");
        let mut by_key = world.command(&["api-key-list"]);
        by_key.env("IBMCLOUD_IAM_API_ENDPOINT", server.url());
        assert_eq!(finish(by_key.spawn().unwrap()).status, 1);
        assert_eq!(other.requests(), [] as [&str; 0]);
    }
    // The next page is always requested from the same server: only the page token is taken from the link.
    let other = Fake::start(|_, _| json(b"{}"));
    let next = format!("{{\"apikeys\":[],\"next\":\"{}/v1/apikeys?pagetoken=abc\"}}", other.url());
    let server =
        Fake::start(
            move |head, _| if head.contains("pagetoken") { json(b"{\"apikeys\":[]}") } else { json(next.as_bytes()) },
        );
    assert_eq!(list(&world, &server, &[]).status, 0);
    assert_eq!((server.requests().len(), other.requests().len()), (2, 0));
}

#[test]
fn a_renewal_for_another_account_is_not_taken() {
    let accounts = "users = [{ iam_id = \"IBMid-EVE\", account_id = \"ffffffffffffffffffffffffffffffff\", \
                    keys = [{ name = \"k\", value = \"a-value-of-eve-with-32-characters-or-more\" }] }]";
    let world = World::at(crate::support::Server::set_up(accounts));
    let url = world.server.url.clone();
    let relay = Fake::start_with_body(&world.server.url, move |head, body| {
        // Every renewal gets a token of Eve's account.
        let renewal = head.starts_with("POST /identity/token") && body.contains("grant_type=refresh_token");
        renewal.then(|| {
            let form =
                "grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey=a-value-of-eve-with-32-characters-or-more";
            let head = format!(
                "POST /identity/token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n",
                form.len()
            );
            crate::support::relay::send(&url, &head, form)
        })
    });
    let login = ["login", "--store", "file", "--endpoint", &relay.url(), "--apikey", "-"];
    assert_eq!(feed(world.bare_command(&login), &world.server.key).status, 0);
    std::fs::remove_file(world.home().join("cache/tokens/default")).unwrap();
    let before = std::fs::read(world.home().join("sessions/default.json")).unwrap();
    let refused = finish(world.bare_command(&["api-key-list"]).spawn().unwrap());
    assert_eq!(refused.status, 4, "{refused}");
    assert!(refused.stderr.contains("renewed it for account 'ffffffff"), "{refused}");
    assert_eq!(std::fs::read(world.home().join("sessions/default.json")).unwrap(), before);
    assert!(!world.home().join("cache/tokens/default").exists());
}

#[test]
fn a_proxy_gets_nothing_of_what_is_for_this_machine() {
    let world = World::new();
    let proxy = Fake::start(|_, _| json(b"{}"));
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let mut listing = world.command(&["api-key-list", "-q"]);
        let listed = finish(listing.env(name, proxy.url()).spawn().unwrap());
        assert_eq!(listed.status, 0, "{name}: {listed}");
    }
    assert_eq!(proxy.requests(), [] as [&str; 0]);
}

#[test]
fn a_proxy_that_cannot_be_used_is_named_and_not_passed_over() {
    let world = World::new();
    let with = |proxy: &str| {
        let mut command = world.bare_command(&[&["api-key-list"], &timeout()[..]].concat());
        command.env("IBMCLOUD_API_KEY", "k").env("IBMCLOUD_IAM_API_ENDPOINT", "https://iam.example.invalid");
        finish(command.env("HTTPS_PROXY", proxy).spawn().unwrap())
    };
    for proxy in ["socks5://127.0.0.1:9", "ftp://127.0.0.1"] {
        let refused = with(proxy);
        assert_eq!(refused.status, 1, "{refused}");
        assert!(refused.stderr.contains(&format!("HTTPS_PROXY is '{proxy}'")), "{refused}");
    }
    // Port 1 is below the ports that the system assigns, so no server has it.
    let port = 1;
    let dead = with(&format!("http://me:s3cret-word@127.0.0.1:{port}"));
    assert_eq!(dead.status, 6, "{dead}");
    assert!(dead.stderr.contains("HTTPS_PROXY is http://[hidden]@127.0.0.1"), "{dead}");
    assert!(dead.stderr.contains("HTTPS_PROXY") && !dead.stderr.contains("s3cret-word"), "{dead}");
}

#[test]
fn passwords_in_addresses_are_not_repeated() {
    let world = World::new();
    let address = "https://me:s3cret-word@host.example:99999";
    for arguments in [&["api", address][..], &["login", "-a", address], &["api-key-list", "--endpoint", address]] {
        let refused = finish(world.bare_command(arguments).env("IBMCLOUD_API_KEY", "k").spawn().unwrap());
        assert_ne!(refused.status, 0, "{refused}");
        assert!(!format!("{refused}").contains("s3cret-word"), "{refused}");
    }
    let mut passcode = world.bare_command(&["sandbox", "passcode"]);
    let refused = finish(passcode.env("IBMCLOUD_IAM_API_ENDPOINT", address).spawn().unwrap());
    assert!(refused.status != 0 && !format!("{refused}").contains("s3cret-word"), "{refused}");
}

#[test]
fn one_name_that_is_no_text_hides_no_other_key() {
    let world = World::new();
    world.key("good");
    let url = world.server.url.clone();
    let relay = Fake::relay_unless(&url.clone(), move |head| {
        let list = head.starts_with("GET /v1/apikeys?");
        list.then(|| {
            let answer = String::from_utf8(crate::support::relay::send(&url, head, "")).unwrap();
            let body = answer.split_once("\r\n\r\n").unwrap().1.replace("\"good\"", "\"go\\ud800d\"");
            crate::support::relay::answer(200, "application/json", &body)
        })
    });
    for format in ["table", "json", "csv"] {
        let mut command = world.command(&["api-key-list", "-o", format]);
        let listed = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
        assert_eq!(listed.status, 0, "{listed}");
        let name = if format == "json" { "go\\ufffdd" } else { "go\u{fffd}d" };
        assert!(listed.stdout.contains(name), "{listed}");
        assert!(listed.stdout.contains("sandbox"), "{listed}");
    }
}

#[test]
fn a_name_is_not_altered_in_errors_and_an_id_is_quoted_in_commands() {
    let world = World::new();
    let key =
        r#"{"id":"ApiKey;id","entity_tag":"1-a","name":"ibmiam api-key","iam_id":"IBMid-5500SANDBX","locked":true}"#;
    let list = format!("{{\"apikeys\":[{key}]}}");
    let relay = Fake::relay_unless(&world.server.url, move |head| {
        head.starts_with("GET /v1/apikeys?").then(|| json(list.as_bytes()))
    });
    let mut command = world.command(&["api-key-delete", "--force", "ibmiam api-key", "-o", "json", "--session", "x"]);
    command.args(["--endpoint", &relay.url()]).env_remove("IBMCLOUD_IAM_API_ENDPOINT");
    // A session changes how hints write commands.
    let login = ["login", "--session", "x", "--store", "file", "--endpoint", &relay.url(), "--apikey", "-"];
    assert_eq!(feed(world.bare_command(&login), &world.server.key).status, 0);
    let refused = finish(command.spawn().unwrap());
    let error = refused.error();
    assert!(error["message"].as_str().unwrap().contains("API key 'ibmiam api-key' (ApiKey;id)"), "{refused}");
    let hint = error["hint"].as_str().unwrap();
    let expected = format!("ibmiam --session x --endpoint {} api-key-unlock 'ApiKey;id'", relay.url());
    assert!(hint.contains(&expected), "{refused}");
}

#[test]
fn a_rejected_token_is_answered_with_a_hint_that_fits_the_login() {
    let world = World::new();
    let relay = Fake::relay_unless(&world.server.url, move |head| {
        let refused = br#"{"errors":[{"code":"BXNIM0308E","message":"Token expired"}],"status_code":401}"#;
        head.starts_with("GET /v1/apikeys?").then(|| {
            let length = refused.len();
            let head = format!(
                "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
            );
            [head.as_bytes(), refused].concat()
        })
    });
    let token = world.run(&["bearer-token"]).stdout;
    let mut command = world.bare_command(&["api-key-list", "--endpoint", &relay.url()]);
    let refused = finish(command.env("IBMCLOUD_IAM_TOKEN", token.trim()).spawn().unwrap());
    assert_eq!(refused.status, 4, "{refused}");
    assert!(refused.stderr.contains("\nSet IBMCLOUD_IAM_TOKEN to a new token, or unset it.\n"), "{refused}");
    assert!(!refused.stderr.contains("ibmiam login"), "{refused}");
    let mut command = world.bare_command(&["api-key-list", "--endpoint", &relay.url()]);
    let refused = finish(command.env("IBMCLOUD_API_KEY", &world.server.key).spawn().unwrap());
    assert!(refused.stderr.contains("\nCheck the API key in IBMCLOUD_API_KEY"), "{refused}");
}
