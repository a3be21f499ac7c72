//! The sandbox with a setup file: users and rights, limits, lifetimes, and both variants of each open point.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::curl::GRANT;
use crate::support::{Server, World, finish};

const ANN: &str = "a-value-of-ann-with-32-characters-or-more";
const BOB: &str = "a-value-of-bob-with-32-characters-or-more";
const EVE: &str = "a-value-of-eve-with-32-characters-or-more";

fn users() -> String {
    format!(
        r#"
        [[users]]
        iam_id = "IBMid-ANN"
        email = "ann@example.com"
        keys = [
            {{ name = "ci", value = "{ANN}", locked = true, age = "400d", uses = 12, last_used = "3d" }},
            {{ name = "off", disabled = true, expires = "-1d" }},
        ]
        [[users]]
        iam_id = "IBMid-BOB"
        role = "administrator"
        keys = [{{ name = "ci", value = "{BOB}" }}]
        [[users]]
        iam_id = "IBMid-EVE"
        role = "restricted"
        keys = [{{ name = "ci", value = "{EVE}" }}]
    "#
    )
}

/// The fields of a key as JSON, for a request body.
fn draft(iam_id: &str) -> String {
    json!({"name": "k", "iam_id": iam_id}).to_string()
}

#[test]
fn keys_are_as_the_setup_has_them() {
    let server = Server::set_up(&users());
    let token = server.token_of(ANN);
    let keys = server.api(&token, "/v1/apikeys?include_history=true", &[]).body["apikeys"].clone();
    assert_eq!((&keys[0]["name"], &keys[0]["locked"]), (&json!("ci"), &json!(true)));
    assert_eq!((&keys[1]["disabled"], &keys[1]["created_by"]), (&json!(true), &json!("IBMid-ANN")));
    assert!(keys[0]["created_at"].as_str() < keys[1]["created_at"].as_str());
    assert!(keys[1]["expires_at"].as_str() < keys[1]["created_at"].as_str());
    let path = format!("/v1/apikeys/{}?include_activity=true", keys[0]["id"].as_str().unwrap());
    // Twelve uses from the setup, and one for the token.
    assert_eq!(server.api(&token, &path, &[]).body["activity"]["authn_count"], 13);
}

#[test]
fn who_may_do_what() {
    let server = Server::set_up(&users());
    let (ann, bob, eve) = (server.token_of(ANN), server.token_of(BOB), server.token_of(EVE));
    let status = |token: &str, path: &str, more: &[&str]| server.api(token, path, more).status;
    assert_eq!(status(&ann, "/v1/apikeys?scope=account", &[]), 403);
    assert_eq!(status(&bob, "/v1/apikeys?scope=account", &[]), 200);
    for token in [&ann, &bob] {
        assert_eq!(status(token, "/v1/apikeys?iam_id=IBMid-EVE", &[]), 400);
        assert_eq!(status(token, "/v1/apikeys", &["-d", &draft("IBMid-EVE")]), 400);
    }
    assert_eq!(status(&ann, "/v1/apikeys", &["-d", &draft("IBMid-ANN")]), 201);
    assert_eq!(status(&eve, "/v1/apikeys", &["-d", &draft("IBMid-EVE")]), 403);
    let own = server.api(&eve, "/v1/apikeys", &[]).body["apikeys"][0].clone();
    let path = format!("/v1/apikeys/{}", own["id"].as_str().unwrap());
    let put = ["-X", "PUT", "-H", "if-match: *", "-d", r#"{"name":"n"}"#];
    for (path, more) in [
        (path.clone(), &[][..]),
        (path.clone(), &put),
        (path.clone(), &["-X", "DELETE"]),
        (format!("{path}/lock"), &["-X", "POST"]),
        (format!("{path}/lock"), &["-X", "DELETE"]),
        (format!("{path}/disable"), &["-X", "POST"]),
        (format!("{path}/disable"), &["-X", "DELETE"]),
    ] {
        assert_eq!(status(&ann, &path, more), 403, "{path} {more:?}");
    }
    assert_eq!(status(&eve, &path, &put), 200);
    assert_eq!(status(&bob, &path, &put), 200);
    assert_eq!(status(&bob, &path, &["-X", "DELETE"]), 204);
    // The token stays valid after its key is deleted.
    assert_eq!(status(&eve, "/v1/apikeys", &[]), 200);
}

#[test]
fn a_member_of_the_account_is_told_by_our_client() {
    let world = World::at(Server::set_up(&users()));
    let mut command = world.command(&["api-key-list", "--all"]);
    let refused = finish(command.env("IBMCLOUD_API_KEY", ANN).spawn().unwrap());
    assert_eq!(refused.status, 4, "{refused}");
    assert!(refused.stderr.contains("Code: BXNIM0513E"), "{refused}");
}

#[test]
fn limits_hold() {
    let server = Server::set_up("[limits]\nkeys_per_identity = 2\nname = 5\ndescription = 6");
    let token = server.token();
    let create = |name: &str, description: &str| {
        let body = json!({"name": name, "iam_id": "IBMid-5500SANDBX", "description": description}).to_string();
        server.api(&token, "/v1/apikeys", &["-d", &body]).status
    };
    assert_eq!(create("123456", ""), 400);
    assert_eq!(create("12345", "1234567"), 400);
    assert_eq!(create("12345", "äöü456"), 201);
    assert_eq!(create("k", ""), 422);
}

#[test]
fn lifetimes_hold_and_a_refresh_token_ends() {
    let server = Server::set_up("[lifetimes]\naccess_token = 3\nrefresh_token = 3");
    let key = format!("apikey={}", server.key);
    let login = server.token_with(&[GRANT, &key], &["-H", crate::support::curl::BX]);
    assert_eq!(login.body["expires_in"], 3);
    let access = login.body["access_token"].as_str().unwrap();
    let refresh = format!("refresh_token={}", login.body["refresh_token"].as_str().unwrap());
    let mut statuses = vec![server.api(access, "/v1/apikeys", &[]).status];
    while statuses.last() == Some(&200) {
        statuses.push(server.api(access, "/v1/apikeys", &[]).status);
    }
    assert_eq!((statuses[0], statuses.last()), (200, Some(&401)));
    let mut renewed = server.token_with(&["grant_type=refresh_token", &refresh], &["-H", crate::support::curl::BX]);
    while renewed.status == 200 {
        renewed = server.token_with(&["grant_type=refresh_token", &refresh], &["-H", crate::support::curl::BX]);
    }
    assert_eq!(renewed.body["errorCode"], "BXNIM0408E");
}

/// The responses of a server at each of the points that the documentation leaves open.
fn open_points(choices: &str) -> Vec<String> {
    let server = Server::set_up(&format!("[choices]\n{choices}"));
    let token = server.token();
    let own = "0123456789abcdefghijklmnopqrstuvwxyz";
    let body = json!({
        "name": "a\"b", "iam_id": "IBMid-5500SANDBX", "apikey": own, "expires_at": "2049-01-02T18:30:45+0000",
    })
    .to_string();
    let made = server.api(&token, "/v1/apikeys", &["-d", &body]);
    let path = format!("/v1/apikeys/{}", made.body["id"].as_str().unwrap());
    let lock = format!("{path}/lock");
    let taken = server.api(&token, "/v1/apikeys", &["-d", &body]).status;
    let details = server.api(&token, "/v1/apikeys/details", &["-H", &format!("IAM-ApiKey: {own}")]).status;
    server.api(&token, &lock, &["-X", "POST"]);
    let again = server.api(&token, &lock, &["-X", "POST"]).status;
    let locked = server.api(&token, &path, &["-X", "DELETE"]);
    let read = server.api(&token, &path, &[]);
    let page = server.api(&token, "/v1/apikeys?pagesize=1&sort=name", &[]);
    let by_creator = server.api(&token, "/v1/apikeys?filter=created_by+sw+%22IBMid%22", &[]).status;
    let escaped = server.api(&token, "/v1/apikeys?filter=name+co+%22a%5C%22b%22", &[]).status;
    let expired = json!({"name": "e", "iam_id": "IBMid-5500SANDBX", "expires_at": "2020-01-01T00:00+0000"});
    let expired = server.api(&token, "/v1/apikeys", &["-d", &expired.to_string()]);
    let key = format!("apikey={}", expired.body["apikey"].as_str().unwrap());
    vec![
        format!("taken {taken}"),
        format!("details {details}"),
        format!("locked again {again}"),
        format!("locked {} {}", locked.status, locked.body["errors"][0]["message_code"]),
        format!("expires {}", read.body["expires_at"]),
        format!("apikey {:?}", read.body.get("apikey")),
        format!("quotes {}", read.head.contains("etag: \"")),
        format!("next {}", page.body["next"].as_str().unwrap().contains("?pagesize=1&sort=name&pagetoken=")),
        format!("by creator {by_creator}"),
        format!("escaped {escaped}"),
        format!("expired {}", server.token_with(&[GRANT, &key], &[]).body["errorCode"]),
    ]
}

#[test]
fn each_open_point_can_be_answered_either_way() {
    assert_eq!(
        open_points(""),
        [
            "taken 400",
            "details 200",
            "locked again 204",
            "locked 409 \"BXNIM0120E\"",
            "expires \"2049-01-02T18:30+0000\"",
            "apikey None",
            "quotes false",
            "next false",
            "by creator 400",
            "escaped 400",
            "expired \"BXNIM0462E\"",
        ]
    );
    let other = r#"
        locked_status = 422
        repeated_status = 409
        taken_value_status = 409
        conflict_code = "BXNIM9999E"
        expired_key_code = "BXNIM0463E"
        expires_at = "as-sent"
        empty_apikey = true
        quoted_etag = true
        next_repeats_parameters = true
        filter_attributes = ["created_by"]
        filter_escapes = true
        details_after = 3600
    "#;
    assert_eq!(
        open_points(other),
        [
            "taken 409",
            "details 404",
            "locked again 409",
            "locked 422 \"BXNIM9999E\"",
            "expires \"2049-01-02T18:30:45+0000\"",
            "apikey Some(String(\"\"))",
            "quotes true",
            "next true",
            "by creator 200",
            "escaped 200",
            "expired \"BXNIM0463E\"",
        ]
    );
}

#[test]
fn our_client_works_with_either_answer() {
    let other = r#"
        [choices]
        locked_status = 422
        repeated_status = 409
        expires_at = "as-sent"
        empty_apikey = true
        quoted_etag = true
        next_repeats_parameters = true
    "#;
    let world = World::at(Server::set_up(other));
    let id = world.key_with("k", &["-e", "2099-01-01"]);
    for arguments in [
        &["api-key-update", "k", "-d", "x"][..],
        &["api-key-update", &id, "-d", "y"],
        &["api-key-lock", "-f", "k"],
        &["api-key-lock", "-f", "k"],
    ] {
        let done = world.run(arguments);
        assert_eq!(done.status, 0, "{done}");
    }
    assert_eq!(world.run(&["api-key-delete", "-f", "k"]).status, 5);
    assert_eq!(world.run(&["api-key-update", "k", "-d", "z"]).status, 5);
    for arguments in [&["api-key-unlock", "-f", "k"][..], &["api-key-delete", "-f", "k"]] {
        assert_eq!(world.run(arguments).status, 0);
    }
}

#[test]
fn the_clock_of_the_whole_service_can_be_off_and_it_takes_its_own_tokens() {
    for offset in [-7200, 7200] {
        let server = Server::set_up(&format!("[choices]\nclock_offset = {offset}"));
        let now = || ibmiam::context::system_clock().as_second();
        for token in [server.token(), server.sandbox.access_token().unwrap()] {
            let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
            let claims: Value = serde_json::from_slice(&claims).unwrap();
            assert!((claims["iat"].as_i64().unwrap() - now() - offset).abs() < 60, "{claims}");
            let listed = server.api(&token, "/v1/apikeys", &[]);
            assert_eq!(listed.status, 200);
            let date = listed.head.lines().find_map(|line| line.strip_prefix("date: ")).unwrap();
            let date = jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S gmt", date).unwrap().to_datetime().unwrap();
            let date = date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second();
            assert!((date - now() - offset).abs() < 60, "{}", listed.head);
            let created = listed.body["apikeys"][0]["created_at"].as_str().unwrap();
            let created = jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M%z", created).unwrap().to_timestamp().unwrap();
            assert!((created.as_second() - now() - offset).abs() < 120, "{created}");
        }
        assert_eq!(server.passcode_login("IBMid-5500SANDBX", &[]).status, 200, "a passcode goes by the same clock");
    }
}

#[test]
fn a_certificate_is_good_although_the_clock_is_off() {
    let world = World::new();
    for offset in [-31_536_000, 31_536_000] {
        std::fs::write(world.path("off.toml"), format!("choices.clock_offset = {offset}")).unwrap();
        let ask =
            r#"curl -sS --cacert "$SSL_CERT_FILE" -o /dev/null -w '%{http_code}' "$IAM_IDENTITY_URL/identity/keys""#;
        let run = ["sandbox", "run", "--tls", "--config", "off.toml", "--", "/bin/sh", "-c", ask];
        let asked = finish(world.bare_command(&run).env("PATH", "/usr/bin:/bin").spawn().unwrap());
        assert_eq!((asked.status, asked.stdout.as_str()), (0, "200"), "{asked}");
    }
}
