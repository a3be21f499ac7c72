//! The identity that a command acts as; sessions that are stored, renewed and deleted.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use snapbox::str;

use crate::support::relay::Fake;
use crate::support::{Outcome, Process, World, feed, finish};

/// Runs a command without a login other than a stored session.
fn bare(world: &World, arguments: &[&str]) -> Outcome {
    finish(world.bare_command(arguments).spawn().unwrap())
}

/// Logs in at this server, to which the session then belongs.
fn log_in(world: &World, url: &str) -> Outcome {
    let mut command = world.bare_command(&["login", "--store", "file"]);
    finish(command.env("IBMCLOUD_API_KEY", &world.server.key).env("IBMCLOUD_IAM_API_ENDPOINT", url).spawn().unwrap())
}

fn session(world: &World) -> std::path::PathBuf {
    world.home().join("sessions/default.json")
}

fn token(world: &World) -> std::path::PathBuf {
    world.home().join("cache/tokens/default")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_login_is_kept_without_the_key_and_forgotten_by_logout() {
    let world = World::new();
    assert_eq!(bare(&world, &["target"]).status, 4);
    let login = log_in(&world, &world.server.url);
    crate::assert_outcome!(
        login,
        str![[r#"
exit 0
--- stdout
API endpoint:     http://127.0.0.1:[..]
User:             you@example.com
Account:          0123456789abcdef0123456789abcdef
Session:          default
Stored in:        [..]/home/sessions/default.json
--- stderr
API endpoint: http://127.0.0.1:[..]
Authenticating...
OK

Targeted account 0123456789abcdef0123456789abcdef


"#]]
    );
    assert_eq!((mode(&session(&world)), mode(&token(&world))), (0o600, 0o600));
    assert_eq!(mode(&world.home().join("sessions")), 0o700);
    assert_eq!(mode(&world.home().join("sessions/default.lock")), 0o600);
    for file in [session(&world), token(&world)] {
        assert!(!fs::read_to_string(file).unwrap().contains(&world.server.key));
    }
    assert_eq!(bare(&world, &["api-key-list"]).status, 0);
    let target = bare(&world, &["target"]);
    assert!(target.stdout.contains("\nToken expires:    "), "{target}");

    crate::assert_outcome!(
        bare(&world, &["logout"]),
        str![[r#"
exit 0
--- stdout
--- stderr
Logging out...
OK
The session was removed. If you logged in with an API key, the key still works.

"#]]
    );
    assert!(!session(&world).exists() && !token(&world).exists());
    crate::assert_outcome!(
        bare(&world, &["api-key-list"]),
        str![[r#"
exit 4
--- stdout
--- stderr
FAILED
Not logged in.
Log in: ibmiam login --apikey @FILE
Or set IBMCLOUD_API_KEY. To test without an account, pass --sandbox.

"#]]
    );
    assert_eq!(bare(&world, &["logout"]).status, 0);
}

#[test]
fn the_access_token_is_used_until_it_ends_and_then_renewed() {
    let world = World::new();
    let relay = Fake::relay(&world.server.url);
    assert_eq!(log_in(&world, &relay.url()).status, 0);
    let tokens = || relay.requests().iter().filter(|line| line.starts_with("POST /identity/token")).count();
    assert_eq!(bare(&world, &["api-key-list"]).status, 0);
    assert_eq!(tokens(), 1, "the token of the login is still good");
    let before = fs::read_to_string(session(&world)).unwrap();
    fs::remove_file(token(&world)).unwrap();
    assert_eq!(bare(&world, &["api-key-list"]).status, 0);
    assert_eq!(tokens(), 2);
    assert_ne!(fs::read_to_string(session(&world)).unwrap(), before, "a new refresh token came with it");
    assert_eq!(mode(&session(&world)), 0o600);
    assert_eq!(bare(&world, &["api-key-list"]).status, 0);
    assert_eq!(tokens(), 2);
}

#[test]
fn many_processes_with_an_expired_token_renew_it_once() {
    let world = World::new();
    let relay = Fake::relay(&world.server.url);
    assert_eq!(log_in(&world, &relay.url()).status, 0);
    fs::remove_file(token(&world)).unwrap();
    let running: Vec<_> = (0..20).map(|_| world.bare_command(&["api-key-list", "-q"]).spawn().unwrap()).collect();
    for child in running {
        let listed = finish(child);
        assert_eq!(listed.status, 0, "{listed}");
    }
    let renewals = relay.requests().iter().filter(|line| line.starts_with("POST /identity/token")).count();
    assert_eq!(renewals, 2, "one for the login and one for all of them");
}

#[test]
fn a_token_of_another_login_is_not_used() {
    let world = World::new();
    let (first, second) = (Fake::relay(&world.server.url), Fake::relay(&world.server.url));
    assert_eq!(log_in(&world, &first.url()).status, 0);
    let of_first = fs::read(token(&world)).unwrap();
    assert_eq!(log_in(&world, &second.url()).status, 0);
    let logins = second.requests().len();
    // Simulates that the second login was killed after it wrote the first of its two files.
    fs::write(token(&world), of_first).unwrap();
    assert_eq!(bare(&world, &["api-key-list"]).status, 0);
    let asked = &second.requests()[logins..];
    assert!(
        asked[0].starts_with("POST /identity/token"),
        "the second endpoint is asked for a token of its own: {asked:?}"
    );
}

#[test]
fn a_logout_during_a_renewal_is_not_undone_by_it() {
    let world = World::new();
    let logout = std::sync::Arc::new(std::sync::Mutex::new(None));
    let (started, home) = (std::sync::Arc::clone(&logout), world.home());
    let relay = Fake::relay_after(&world.server.url, move |head| {
        if head.starts_with("POST /identity/token") && head.contains("content-length: ") && home.exists() {
            let mut command = std::process::Command::new(crate::support::binary());
            command.env_clear().env("IBMIAM_HOME", &home).arg("logout").stdout(std::process::Stdio::null());
            command.stderr(std::process::Stdio::null());
            started.lock().unwrap().get_or_insert_with(|| command.spawn().unwrap());
        }
    });
    assert_eq!(log_in(&world, &world.server.url).status, 0);
    let text = fs::read_to_string(session(&world)).unwrap();
    fs::write(session(&world), text.replace(&world.server.url, &relay.url())).unwrap();
    fs::remove_file(token(&world)).unwrap();
    assert_eq!(bare(&world, &["api-key-list"]).status, 0, "the renewal that was under way is finished");
    let mut logout = logout.lock().unwrap().take().unwrap();
    assert!(logout.wait().unwrap().success());
    assert!(!session(&world).exists() && !token(&world).exists());
}

#[test]
fn a_renewed_token_that_cannot_be_kept_is_good_all_the_same() {
    let world = World::new();
    assert_eq!(log_in(&world, &world.server.url).status, 0);
    fs::remove_dir_all(world.home().join("cache")).unwrap();
    fs::write(world.home().join("cache"), "in the way").unwrap();
    let listed = bare(&world, &["api-key-list"]);
    assert_eq!(listed.status, 0, "{listed}");
    assert!(listed.stderr.starts_with("Cannot save the renewed token"), "{listed}");
}

#[test]
fn ctrl_c_ends_a_login_that_waits_for_its_key() {
    let world = World::new();
    let mut command = world.bare_command(&["login", "--apikey", "-"]);
    let mut child = Process::start(command.stdin(std::process::Stdio::piped()));
    let input = child.child().stdin.take();
    // The command announces itself before it reads the input.
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.child().stderr.as_mut().unwrap()), &mut line)
        .unwrap();
    child.interrupt();
    assert_eq!(child.child().wait().unwrap().code(), Some(130));
    drop(input);
}

#[test]
fn a_session_that_cannot_be_renewed_says_to_log_in_again() {
    let world = World::new();
    assert_eq!(log_in(&world, &world.server.url).status, 0);
    fs::remove_file(token(&world)).unwrap();
    let text = fs::read_to_string(session(&world)).unwrap();
    let mut stored: serde_json::Value = serde_json::from_str(&text).unwrap();
    stored["refresh_token"] = "revoked".into();
    fs::write(session(&world), stored.to_string()).unwrap();
    let ended = bare(&world, &["api-key-list", "-o", "json"]);
    assert_eq!((ended.status, ended.error()["code"].as_str()), (4, Some("BXNIM0407E")), "{ended}");
    assert_eq!(ended.error()["hint"], "Log in again: ibmiam login --apikey @FILE");
    assert!(ended.error()["message"] == "The session 'default' has ended.");
    stored["ended"] = true.into();
    let text = fs::read_to_string(session(&world)).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), stored, "nothing else has changed");
    let listed = bare(&world, &["session", "list"]).stdout;
    assert!(listed.contains("   ended   "), "{listed}");
    // The hint depends on the login method of the session.
    stored["method"] = "passcode".into();
    fs::write(session(&world), stored.to_string()).unwrap();
    let ended = bare(&world, &["api-key-list", "-o", "json"]);
    assert_eq!(ended.error()["hint"], "Log in again: ibmiam login --sso");
    assert_eq!(log_in(&world, &world.server.url).status, 0);
    assert!(bare(&world, &["session", "list"]).stdout.contains("   active   "));
}

#[test]
fn a_session_file_that_makes_no_sense_is_told_of_and_never_replaced() {
    let world = World::new();
    assert_eq!(log_in(&world, &world.server.url).status, 0);
    fs::write(session(&world), "{\"version\": 1, \"endpoint\": \"https://").unwrap();
    for arguments in [&["api-key-list"][..], &["target"], &["login", "--apikey", "@key"]] {
        fs::write(world.path("key"), &world.server.key).unwrap();
        let mut command = world.bare_command(arguments);
        let refused = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", &world.server.url).spawn().unwrap());
        assert_eq!(refused.status, 1, "{refused}");
        assert!(refused.stderr.contains("its contents are invalid"), "{refused}");
        assert!(refused.stderr.contains("ibmiam logout"), "{refused}");
    }
    assert!(fs::read_to_string(session(&world)).unwrap().ends_with("https://"));
    assert_eq!(bare(&world, &["logout"]).status, 0);
    assert_eq!(log_in(&world, &world.server.url).status, 0);
}

#[test]
fn a_sessions_tokens_go_to_no_other_endpoint() {
    let world = World::new();
    assert_eq!(log_in(&world, &world.server.url).status, 0);
    let elsewhere = Fake::relay(&world.server.url);
    let refused = bare(&world, &["api-key-list", "--endpoint", &elsewhere.url()]);
    assert_eq!(refused.status, 4, "{refused}");
    assert!(refused.stderr.contains("ibmiam does not send its tokens to"), "{refused}");
    assert_eq!(elsewhere.requests(), [] as [&str; 0]);
}

#[test]
fn a_key_comes_from_a_flag_a_file_standard_input_or_the_environment() {
    let world = World::new();
    let key = &world.server.key;
    fs::write(world.path("key_file"), format!("{{\"apikey\": \"{key}\"}}")).unwrap();
    let login = |value: &str, input: &str| {
        let mut command = world.bare_command(&["login", "--store", "file", "--apikey", value]);
        command.env("IBMCLOUD_IAM_API_ENDPOINT", &world.server.url);
        feed(command, input)
    };
    assert!(!login("@key_file", "").stderr.contains("Other users"));
    assert!(!login("-", &format!("{key}\n")).stderr.contains("Other users"));
    assert!(login(key, "").stderr.contains("Other users can see a key"));
    // A key may begin with a dash; this key is merely unknown.
    let unknown = login("-unknown", "");
    assert_eq!(unknown.status, 4, "{unknown}");
    assert!(unknown.stderr.contains("BXNIM0415E"), "{unknown}");
    for (value, input, sentence) in [
        ("-", "", "Standard input contains no API key."),
        ("-", "two words\n", "Standard input contains no API key."),
        ("@nosuch", "", "Cannot read nosuch"),
        ("@", "", "Cannot read"),
        ("@.", "", "Cannot read ."),
        ("@empty", "", "empty contains no API key."),
        ("", "", ""),
    ] {
        fs::write(world.path("empty"), "{}").unwrap();
        let refused = login(value, input);
        assert_eq!(refused.status, 2, "{value}: {refused}");
        assert!(refused.stderr.contains(sentence), "{value}: {refused}");
    }
    let none = bare(&world, &["login"]);
    assert_eq!(none.status, 2, "{none}");
}

#[test]
fn the_first_login_that_is_there_is_the_one_that_acts() {
    let world = World::new();
    let url = &world.server.url;
    assert_eq!(log_in(&world, url).status, 0);
    let stored_in = |command: &mut std::process::Command| {
        let target = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", url).spawn().unwrap());
        target.json()["session"]["stored_in"].as_str().unwrap().to_owned()
    };
    let arguments = ["target", "-o", "json"];
    let token = bare(&world, &["bearer-token"]).stdout.trim().to_owned();
    let bearer = format!("Bearer {token}");
    let mut stored = world.bare_command(&arguments);
    assert!(stored_in(&mut stored).ends_with("default.json"));
    let mut key = world.bare_command(&arguments);
    assert_eq!(stored_in(key.env("IBMCLOUD_API_KEY", &world.server.key)), "IBMCLOUD_API_KEY");
    assert_eq!(stored_in(key.env("IBMCLOUD_IAM_TOKEN", bearer)), "IBMCLOUD_IAM_TOKEN");
    assert_eq!(stored_in(key.env("IBMCLOUD_IAM_TOKEN", token)), "IBMCLOUD_IAM_TOKEN");
    std::fs::write(world.path("key_file"), &world.server.key).unwrap();
    let mut named = world.bare_command(&arguments);
    assert_eq!(stored_in(named.env("IBMCLOUD_API_KEY", "@key_file")), "IBMCLOUD_API_KEY");
    assert!(stored_in(key.args(["--session", "default"])).ends_with("default.json"));
    let other = bare(&world, &["target", "--session", "other"]);
    assert_eq!(other.status, 4, "{other}");
    assert!(other.stderr.contains("There is no session named 'other'."), "{other}");
    assert_eq!(bare(&world, &["target", "--session", "../x"]).status, 2);
}

#[test]
fn sessions_of_several_names_stand_side_by_side() {
    let world = World::new();
    for name in ["one", "two"] {
        let mut command = world.command(&["login", "--session", name]);
        assert_eq!(finish(command.spawn().unwrap()).status, 0);
    }
    let other = World::new();
    for (at, is_other) in [(&world, false), (&other, true)] {
        let endpoint = at.server.url.as_str();
        let again = at.server.key.as_str();
        let mut command = world.command(&["login", "--session", "two", "--endpoint", endpoint]);
        let again = finish(command.env("IBMCLOUD_API_KEY", again).spawn().unwrap());
        assert_eq!((again.status, again.stderr.contains("This login replaced")), (0, is_other), "{again}");
    }
    assert_eq!(bare(&world, &["logout", "--session", "one"]).status, 0);
    assert_eq!(bare(&world, &["target", "--session", "one"]).status, 4);
    assert_eq!(bare(&world, &["target", "--session", "two"]).status, 0);
}

#[test]
fn tokens_are_printed_in_the_forms_that_scripts_take_apart() {
    let world = World::new();
    let oauth = world.run(&["oauth-tokens"]);
    let token = oauth.stdout.strip_prefix("IAM token:  Bearer ").unwrap();
    assert_eq!(token.trim().split('.').count(), 3);
    assert_eq!(world.run(&["bearer-token"]).stdout.trim().split('.').count(), 3);
    let json = world.run(&["oauth-tokens", "-o", "json"]).json();
    assert!(json["iam_token"].as_str().unwrap().starts_with("Bearer ey"));
}

#[test]
fn a_token_that_is_none_or_over_is_refused_before_it_is_sent() {
    let world = World::new();
    // {"iam_id":"i","exp":1,"account":{"bss":"a"}}
    let over = "e30.eyJpYW1faWQiOiJpIiwiZXhwIjoxLCJhY2NvdW50Ijp7ImJzcyI6ImEifX0.c2ln";
    for (token, sentence) in [(over, "has expired."), ("s3cret", "is not an IAM token.")] {
        let mut command = world.bare_command(&["api-key-list"]);
        let refused = finish(command.env("IBMCLOUD_IAM_TOKEN", token).spawn().unwrap());
        assert_eq!(refused.status, 4, "{refused}");
        assert!(refused.stderr.contains(sentence), "{refused}");
        assert!(!refused.stderr.contains(token), "{refused}");
    }
}
