//! Tokens of the sandbox: signatures, discovery, passcodes, compute resources, https, and the log.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

use crate::support::curl::{BX, GRANT, PASSCODE, ask};
use crate::support::{Process, Server, World, finish};

const COMPUTE_RESOURCE: &str = "grant_type=urn:ibm:params:oauth:grant-type:cr-token";

fn part(token: &str, index: usize) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap()
}

/// The claims of a token.
pub(crate) fn claims(token: &str) -> Value {
    serde_json::from_slice(&part(token, 1)).unwrap()
}

#[test]
fn the_published_key_verifies_what_the_server_signs() {
    let server = Server::start(None);
    let found = ask(&[&format!("{}/identity/.well-known/openid-configuration", server.url)]).body;
    assert_eq!(found["issuer"], format!("{}/identity", server.url));
    let keys = ask(&[found["jwks_uri"].as_str().unwrap()]).body;
    let key = &keys["keys"][0];
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let public = RsaPublicKeyComponents { n: number("n"), e: number("e") };
    let token = server.token();
    let (text, _) = token.rsplit_once('.').unwrap();
    public.verify(&RSA_PKCS1_2048_8192_SHA256, text.as_bytes(), &part(&token, 2)).unwrap();
    let header: Value = serde_json::from_slice(&part(&token, 0)).unwrap();
    assert_eq!((&header["alg"], &header["kid"]), (&json!("RS256"), &key["kid"]));
    assert_eq!(claims(&token)["iss"], found["issuer"]);
}

#[test]
fn a_token_has_the_claims_of_a_users_token() {
    let server = Server::start(None);
    let claims = claims(&server.token());
    for (name, value) in [
        ("iam_id", json!("IBMid-5500SANDBX")),
        ("realmid", json!("IBMid")),
        ("identifier", json!("5500SANDBX")),
        ("sub", json!("you@example.com")),
        ("grant_type", json!("urn:ibm:params:oauth:grant-type:apikey")),
        ("client_id", json!("default")),
        ("scope", json!("ibm openid")),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert_eq!(claims["account"]["bss"], "0123456789abcdef0123456789abcdef");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert!(claims.get("sub_type").is_none() && claims.get("aud").is_none());
}

#[test]
fn a_passcode_is_good_once_and_for_the_command_lines_client() {
    let world = World::new();
    let printed = world.run(&["sandbox", "passcode"]);
    assert_eq!(printed.status, 0, "{printed}");
    let field = format!("passcode={}", printed.stdout.trim());
    let server = &world.server;
    assert_eq!(server.token_with(&[PASSCODE, &field], &[]).status, 401);
    let login = server.token_with(&[PASSCODE, &field], &["-H", BX]);
    assert_eq!(claims(login.body["access_token"].as_str().unwrap())["client_id"], "bx");
    assert!(login.body["refresh_token"].as_str().unwrap().len() > 20);
    let again = server.token_with(&[PASSCODE, &field], &["-H", BX]);
    assert_eq!((again.status, &again.body["errorCode"]), (401, &json!("BXNIM0602E")));
    let wrong_account = server.token_with(&[GRANT, &format!("apikey={}", server.key), "account=another"], &[]);
    assert_eq!((wrong_account.status, &wrong_account.body["errorCode"]), (400, &json!("BXNIM0141E")));
}

#[test]
fn a_passcode_of_the_kept_data_works_at_a_server_of_it() {
    let world = World::new();
    let mut server = Process::start(&mut world.bare_command(&["sandbox", "serve"]));
    let variables = crate::sandbox::exports(&mut server);
    let passcode = finish(world.bare_command(&["sandbox", "passcode"]).spawn().unwrap());
    let url = format!("{}/identity/token", variables["IAM_IDENTITY_URL"]);
    let field = format!("passcode={}", passcode.stdout.trim());
    let login = ask(&[&url, "-H", BX, "-d", PASSCODE, "--data-urlencode", &field]);
    assert_eq!(login.status, 200);
    server.interrupt();
    assert_eq!(server.finish().status, 0);
}

#[test]
fn a_compute_resource_acts_as_a_trusted_profile_without_a_refresh_token() {
    let world = World::new();
    world.share_signing_key();
    let printed = world.run(&["sandbox", "cr-token"]);
    let field = format!("cr_token={}", printed.stdout.trim());
    let profile = printed.stderr.trim().rsplit(' ').next().unwrap().to_owned();
    let server = &world.server;
    for named in [format!("profile_id={profile}"), "profile_name=sandbox-profile".to_owned()] {
        let login = server.token_with(&[COMPUTE_RESOURCE, &field, &named], &[]);
        assert_eq!(login.status, 200, "{named}");
        assert!(login.body.get("refresh_token").is_none());
        let token = login.body["access_token"].as_str().unwrap();
        assert_eq!((&claims(token)["sub_type"], &claims(token)["realmid"]), (&json!("Profile"), &json!("iam")));
        // A profile has no keys, and cannot create any.
        assert_eq!(server.api(token, "/v1/apikeys", &[]).body["apikeys"], json!([]));
        let body = json!({"name": "k", "iam_id": format!("iam-{profile}")}).to_string();
        assert_eq!(server.api(token, "/v1/apikeys", &["-d", &body]).status, 403);
    }
    for (fields, code) in [
        (vec![COMPUTE_RESOURCE, &field], "BXNIM0109E"),
        (vec![COMPUTE_RESOURCE, &field, "profile_id=another"], "BXNIM0113E"),
        (vec![COMPUTE_RESOURCE, "cr_token=x", "profile_name=sandbox-profile"], "BXNIM0401E"),
        (vec![GRANT, "apikey=x", "response_type=uaa"], "BXNIM0106E"),
    ] {
        let refused = server.token_with(&fields, &[]);
        assert_eq!((refused.status, &refused.body["errorCode"]), (400, &json!(code)), "{fields:?}");
    }
    let user_token = format!("cr_token={}", server.token());
    assert_eq!(server.token_with(&[COMPUTE_RESOURCE, &user_token, "profile_name=sandbox-profile"], &[]).status, 400);
}

#[test]
fn lists_of_what_there_is_none_of_are_empty() {
    let server = Server::start(None);
    let token = server.token();
    for (path, plural) in [
        ("/v1/serviceids", "serviceids"),
        ("/v1/serviceids/", "serviceids"),
        ("/v1/profiles", "profiles"),
        ("/v1/profile_templates", "profile_templates"),
        ("/v1/account_settings_templates", "account_settings_templates"),
    ] {
        let answer = server.api(&token, &format!("{path}?account_id=0123456789abcdef0123456789abcdef"), &[]);
        assert_eq!((answer.status, &answer.body[plural]), (200, &json!([])), "{path}");
    }
}

#[test]
fn https_is_trusted_with_the_certificate_it_names_and_not_without() {
    let world = World::new();
    let mut server = Process::start(&mut world.bare_command(&["sandbox", "serve", "--ephemeral", "--tls"]));
    let variables = crate::sandbox::exports(&mut server);
    let url = &variables["IBMCLOUD_IAM_API_ENDPOINT"];
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let listed = finish(world.bare_command(&["api-key-list"]).envs(&variables).spawn().unwrap());
    assert_eq!(listed.status, 0, "{listed}");
    let bundle = &variables["SSL_CERT_FILE"];
    assert_eq!(ask(&["--cacert", bundle, &format!("{url}/v1/apikeys")]).status, 401);
    // As strict as newer versions of Python are by default.
    let port = url.rsplit(':').next().unwrap();
    let address = format!("127.0.0.1:{port}");
    let strict = ["s_client", "-connect", &address, "-CAfile", bundle, "-x509_strict", "-verify_return_error"];
    let verified = std::process::Command::new("openssl").args(strict).stdin(std::process::Stdio::null()).output();
    let verified = verified.unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let by_name = url.replace("127.0.0.1", "localhost");
    assert_eq!(ask(&["--cacert", bundle, &format!("{by_name}/v1/apikeys")]).status, 401);

    let mut without = world.bare_command(&["api-key-list"]);
    without.envs(&variables).env("SSL_CERT_FILE", crate::support::other_bundle(&world));
    let refused = finish(without.spawn().unwrap());
    assert_eq!(refused.status, 6, "{refused}");
    assert!(refused.stderr.contains("invalid peer certificate: UnknownIssuer"), "{refused}");
    assert!(refused.stderr.contains("--ca-file"), "{refused}");
    server.interrupt();
    assert_eq!(server.finish().status, 0);
    assert!(!std::path::Path::new(bundle).exists());
}

#[test]
fn the_log_has_each_request_and_no_secret() {
    let world = World::new();
    let script = format!(
        "{0} api-key-create k --file k.key && {0} login && {0} api-key-list -n k && cat k.key && \
         echo \"$IBMCLOUD_API_KEY\" && {0} bearer-token",
        crate::support::binary().display()
    );
    let arguments = [
        "sandbox",
        "run",
        "--log",
        "requests.log",
        "--fault",
        "GET /v1/apikeys nth=1 status=503",
        "--",
        "/bin/sh",
        "-c",
        &script,
    ];
    let run = finish(world.bare_command(&arguments).spawn().unwrap());
    assert_eq!(run.status, 0, "{run}");
    let log = std::fs::read_to_string(world.path("requests.log")).unwrap();
    assert!(!log.contains("hidden"), "nothing was in an odd place: {log}");
    let entries: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen: Vec<(&str, &str, i64)> = entries
        .iter()
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap();
            (text("method"), text("path"), entry["status"].as_i64().unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("POST", "/identity/token", 200),
            ("POST", "/v1/apikeys", 201),
            ("POST", "/identity/token", 200),
            ("GET", "/v1/apikeys/details", 200),
            ("POST", "/identity/token", 200),
            ("GET", "/v1/apikeys", 503),
            ("GET", "/v1/apikeys", 200),
            ("POST", "/identity/token", 200),
        ]
    );
    assert!(entries[5]["faults"][0].as_str().unwrap().contains("503"), "{log}");
    // The long words in the output are the value of the created key, the sandbox's own key and the token.
    let secrets: Vec<&str> = run
        .stdout
        .split(|next: char| !(next.is_alphanumeric() || "-_.".contains(next)))
        .filter(|word| word.len() >= 44 && !word.starts_with("ApiKey-"))
        .collect();
    assert!(secrets.len() >= 3, "{run}");
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    let mode = std::os::unix::fs::MetadataExt::mode(&world.path("requests.log").metadata().unwrap());
    assert_eq!(mode & 0o7777, 0o600);
}

#[test]
fn a_secret_in_an_odd_place_is_not_logged_and_a_client_that_gave_up_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = std::fs::File::create(&path).unwrap();
    let faults = vec!["/v1/slow delay=60s".parse().unwrap()];
    let server = Server::start_with(|options| ibmiam::sandbox::Options { log: Some(log), faults, ..options });
    let key = &server.key;
    ask(&[&format!("{}/identity/token?apikey={key}&pagesize=3", server.url), "-X", "POST"]);
    ask(&[&format!("{}/v1/apikeys/{key}", server.url)]);
    let slow = format!("{}/v1/slow", server.url);
    let gave_up = std::process::Command::new("curl").args(["-s", "-m", "0.2", &slow]).status().unwrap();
    assert_eq!(gave_up.code(), Some(28));
    let lines = || std::fs::read_to_string(&path).unwrap();
    while lines().lines().count() < 3 {
        std::thread::yield_now();
    }
    let text = lines();
    assert!(!text.contains(key.as_str()), "{text}");
    assert!(text.contains("hidden=&pagesize=3") && text.contains("/v1/apikeys/hidden"), "{text}");
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!((&last["path"], &last["status"]), (&json!("/v1/slow"), &json!(null)));
}
