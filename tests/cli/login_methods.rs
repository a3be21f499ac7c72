//! Each login method, and each of its errors; the choice of an account.

use std::process::Command;

use expectrl::Expect;

use crate::support::{Outcome, Server, World, feed, finish, wait_until};
use crate::terminal::{end, start};

pub(crate) const HOME: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const STAGING: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
pub(crate) const OWNER: &str = "IBMid-5500SANDBX";

/// A world whose owner is a member of a second account.
pub(crate) fn two_accounts() -> World {
    World::at(Server::set_up(&format!(
        "[[accounts]]\nid = \"{STAGING}\"\nname = \"Staging\"\nmembers = [\"{OWNER}\"]\n"
    )))
}

pub(crate) fn command(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.bare_command(arguments);
    command.env("IBMCLOUD_IAM_API_ENDPOINT", &world.server.url);
    command
}

pub(crate) fn login(world: &World, arguments: &[&str]) -> Outcome {
    let arguments = [&["login", "--store", "file"], arguments].concat();
    finish(command(world, &arguments).spawn().unwrap())
}

pub(crate) fn run(world: &World, arguments: &[&str]) -> Outcome {
    finish(command(world, arguments).spawn().unwrap())
}

pub(crate) fn account(world: &World) -> String {
    let target = run(world, &["target", "-o", "json"]);
    assert_eq!(target.status, 0, "{target}");
    target.json()["account"]["guid"].as_str().unwrap().to_owned()
}

#[test]
fn a_passcode_logs_in_once() {
    let world = World::new();
    let passcode = world.server.sandbox.passcode(OWNER).unwrap();
    let first = login(&world, &["--passcode", &passcode]);
    assert_eq!((first.status, account(&world).as_str()), (0, HOME), "{first}");
    let again = login(&world, &["--passcode", &passcode]);
    assert_eq!(again.status, 4, "{again}");
    assert!(again.stderr.contains("Code: BXNIM"), "{again}");
    assert_eq!(account(&world), HOME, "the session that was there stays");
    assert_eq!(run(&world, &["api-key-list"]).status, 0);
}

#[test]
fn a_passcode_comes_from_standard_input_too() {
    let world = World::new();
    let passcode = world.server.sandbox.passcode(OWNER).unwrap();
    let piped = feed(command(&world, &["login", "--sso", "--store", "file"]), &format!("{passcode}\n"));
    assert_eq!(piped.status, 0, "{piped}");
    let refused = run(&world, &["login", "--sso", "--no-input"]);
    assert_eq!(refused.status, 2, "{refused}");
    let nothing = feed(command(&world, &["login", "--sso"]), "");
    assert!(nothing.status == 2 && nothing.stderr.contains("No passcode was given."), "{nothing}");
}

#[test]
fn a_person_is_shown_the_page_for_a_passcode_and_types_it_unseen() {
    let world = World::new();
    let passcode = world.server.sandbox.passcode(OWNER).unwrap();
    let mut session = start(&command(&world, &["login", "--sso", "--store", "file"]));
    session.expect(format!("Get a one-time passcode from {}/identity/passcode to proceed.", world.server.url)).unwrap();
    session.expect("Open the URL in the default browser? [Y/n]> ").unwrap();
    session.send_line("n").unwrap();
    session.expect("One-time passcode").unwrap();
    wait_until(|| !session.get_process().get_echo().unwrap());
    session.send_line(&passcode).unwrap();
    let (screen, status) = end(session);
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains(&passcode), "{screen}");
}

#[test]
fn a_page_for_a_passcode_that_is_elsewhere_is_not_shown() {
    let world = World::new();
    let answer = "{\"passcode_endpoint\":\"https://example.com/identity/passcode\"}";
    let fake = crate::support::relay::Fake::relay_unless(&world.server.url, move |head| {
        let length = answer.len();
        head.contains("openid-configuration").then(|| {
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{answer}")
                .into()
        })
    });
    let mut command = world.bare_command(&["login", "--sso"]);
    command.env("IBMCLOUD_IAM_API_ENDPOINT", fake.url());
    let (screen, status) = end(start(&command));
    assert_eq!(status, 1, "{screen}");
    assert!(screen.contains("its passcode URL does not belong to IAM") && !screen.contains("example.com"), "{screen}");
}

#[test]
fn a_compute_resource_logs_in_to_its_profile() {
    let world = World::new();
    world.share_signing_key();
    let made = finish(world.bare_command(&["sandbox", "cr-token"]).spawn().unwrap());
    let token = made.stdout.trim();
    let profile = made.stderr.split("--profile ").nth(1).unwrap().trim();
    std::fs::write(world.path("token"), format!("{token}\n")).unwrap();
    for (token, profile) in [(token, profile), ("@token", profile), ("@token", "sandbox-profile")] {
        let done = login(&world, &["--cr-token", token, "--profile", profile]);
        if profile == "sandbox-profile" && done.status != 0 {
            // This profile name exists only in the sandbox; a wrong name is rejected with a code.
            assert!(done.stderr.contains("Code: BXNIM"), "{done}");
            continue;
        }
        assert_eq!(done.status, 0, "{done}");
        assert!(done.stderr.contains("It ends when its access token expires."), "{done}");
        assert_eq!(run(&world, &["api-key-list"]).status, 0);
    }
    let mut by_variable = command(&world, &["login", "--store", "file"]);
    by_variable.env("IBMCLOUD_CR_TOKEN", "@token").env("IBMCLOUD_CR_PROFILE", profile);
    assert_eq!(finish(by_variable.spawn().unwrap()).status, 0);
    for (arguments, status, said) in [
        (&["--cr-token", "@token"][..], 2, "requires a trusted profile"),
        (&["--cr-token", "@token", "--profile", "Profile-none"], 1, "Code: BXNIM"),
        (&["--cr-token", "@nosuch", "--profile", profile], 2, "Cannot read nosuch"),
        (&["--cr-token", "garbage", "--profile", profile], 4, "Code: BXNIM0401E"),
    ] {
        let refused = login(&world, arguments);
        assert_eq!(refused.status, status, "{arguments:?}: {refused}");
        assert!(refused.stderr.contains(said), "{arguments:?}: {refused}");
    }
}

#[test]
fn a_key_that_is_unknown_disabled_or_of_another_account_is_refused_with_its_code() {
    let value = "a-value-of-ann-with-32-characters-or-more";
    let user = format!(
        "users = [{{ iam_id = \"IBMid-ANN\", keys = [{{ name = \"k\", value = \"{value}\", disabled = true }}] }}]"
    );
    let world = World::at(Server::set_up(&user));
    let own = world.server.key.clone();
    for (key, account, code) in
        [("unknown", HOME, "BXNIM0415E"), (value, HOME, "BXNIM0462E"), (own.as_str(), STAGING, "BXNIM0141E")]
    {
        let arguments = ["login", "--store", "file", "--apikey", "-", "-c", account];
        let refused = feed(command(&world, &arguments), key);
        assert_eq!(refused.status, 4, "{refused}");
        assert!(refused.stderr.contains(&format!("Code: {code}")), "{refused}");
        assert!(!world.home().join("sessions/default.json").exists());
    }
}

#[test]
fn of_several_accounts_one_is_named_or_chosen() {
    let world = two_accounts();
    let passcode = || world.server.sandbox.passcode(OWNER).unwrap();
    let unclear = login(&world, &["--passcode", &passcode()]);
    assert_eq!(unclear.status, 2, "{unclear}");
    assert!(unclear.stderr.contains(&format!("{STAGING}   Staging")), "{unclear}");
    for asked in [STAGING, "Staging"] {
        let done = login(&world, &["--passcode", &passcode(), "-c", asked]);
        assert_eq!(done.status, 0, "{done}");
        assert_eq!(account(&world), STAGING);
    }
    let foreign = login(&world, &["--passcode", &passcode(), "-c", "ffffffffffffffffffffffffffffffff"]);
    assert!(foreign.status == 4 && foreign.stderr.contains("BXNIM0141E"), "{foreign}");
    let unknown = login(&world, &["--passcode", &passcode(), "-c", "Production"]);
    assert!(
        unknown.status == 4 && unknown.stderr.contains("not a member of an account named 'Production'"),
        "{unknown}"
    );
    assert!(unknown.stderr.contains(&format!("{STAGING}   Staging")), "those that there are: {unknown}");
    let mut session = start(&command(&world, &["login", "--passcode", &passcode(), "--store", "file"]));
    session.expect("Select an account:").unwrap();
    session.expect("Staging").unwrap();
    session.send_line("1").unwrap();
    let (screen, status) = end(session);
    assert_eq!((status, account(&world).as_str()), (0, HOME), "{screen}");
}

#[test]
fn sessions_are_listed_and_chosen() {
    let world = World::new();
    let key = world.server.key.clone();
    for name in ["work", "home"] {
        let arguments = ["login", "--store", "file", "--apikey", "-", "--session", name];
        assert_eq!(feed(command(&world, &arguments), &key).status, 0);
    }
    assert_eq!(run(&world, &["target"]).status, 4, "neither is the default");
    assert_eq!(run(&world, &["session", "use", "work"]).stderr, "OK\nDefault session is now 'work'.\n");
    assert_eq!(run(&world, &["target", "-o", "json"]).json()["session"]["name"], "work");
    let listed = run(&world, &["session", "list", "-o", "json"]).json();
    let used: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["used"].as_bool().unwrap()))
        .collect();
    assert_eq!(used, [("home", false), ("work", true)]);
    let text = run(&world, &["session", "list"]).stdout;
    assert!(text.contains("Name   Used    State    Account") && text.contains("file"), "{text}");
    assert_eq!(run(&world, &["session", "use", "nosuch"]).status, 4);
    assert_eq!(run(&world, &["session", "use", "../x"]).status, 2);
    assert_eq!(run(&world, &["logout"]).status, 0);
    let left = run(&world, &["target"]);
    assert_eq!(left.status, 4, "a script does not go on in another account: {left}");
    let arguments = ["login", "--store", "file", "--apikey", "-", "--session", "work"];
    assert_eq!(feed(command(&world, &arguments), &key).status, 0);
    let (screen, _) = end(start(&command(&world, &["logout"])));
    assert!(screen.contains("Default session is now 'home'."), "{screen}");
    assert_eq!(run(&world, &["target", "-o", "json"]).json()["session"]["name"], "home");
    for name in ["a", "b"] {
        let arguments = ["login", "--store", "file", "--apikey", "-", "--session", name];
        assert_eq!(feed(command(&world, &arguments), &key).status, 0);
    }
    let (screen, _) = end(start(&command(&world, &["logout"])));
    assert!(screen.contains("Other sessions: a, b."), "{screen}");
    assert!(screen.contains("To use one of them, run: ibmiam session use NAME"), "{screen}");
    let left = run(&world, &["target"]);
    assert_eq!(left.status, 4, "{left}");
}

#[test]
fn on_a_terminal_a_login_learns_the_name_of_its_account() {
    let world = two_accounts();
    let passcode = world.server.sandbox.passcode(OWNER).unwrap();
    let login = ["login", "--passcode", &passcode, "-c", "staging", "--store", "file"];
    let (screen, status) = end(start(&command(&world, &login)));
    assert!(status == 0 && screen.contains(&format!("Account:          Staging ({STAGING})")), "{screen}");
    let target = run(&world, &["target"]).stdout;
    assert!(target.contains(&format!("Account:          Staging ({STAGING})")), "{target}");
    assert_eq!(run(&world, &["target", "-o", "json"]).json()["account"]["name"], "Staging");
    let listed = run(&world, &["api-key-list"]).stderr;
    assert!(listed.contains(&format!("under Staging ({STAGING}) as")), "{listed}");
    let sessions = run(&world, &["session", "list"]).stdout;
    assert!(sessions.contains(&format!("Staging ({STAGING})")), "{sessions}");
}

#[test]
fn a_command_gets_a_token_and_no_key() {
    let world = World::new();
    let show = "echo \"$IBMCLOUD_IAM_TOKEN|$IC_IAM_TOKEN|$IBMCLOUD_API_KEY|$IAM_IDENTITY_APIKEY\"; exit 7";
    let mut command = world.command(&["exec", "--", "/bin/sh", "-c", show]);
    let shown = finish(command.env("IAM_IDENTITY_APIKEY", "secret").spawn().unwrap());
    assert_eq!(shown.status, 7, "{shown}");
    let parts: Vec<&str> = shown.stdout.trim().split('|').collect();
    assert!(parts[0].starts_with("Bearer ey") && parts[0] == parts[1], "{shown}");
    assert_eq!(&parts[2..], ["", ""]);
    let inner =
        world.command(&["exec", "--", crate::support::binary().to_str().unwrap(), "api-key-list", "-q"]).output();
    assert!(inner.unwrap().status.success(), "the token logs in");
    assert_eq!(world.run(&["exec", "--", "/nosuch"]).status, 127);
    assert_eq!(world.run(&["exec", "--", "/etc/passwd"]).status, 126);
    assert_eq!(world.run(&["exec"]).status, 2);
}

#[test]
fn a_passcode_whose_answer_was_lost_is_not_tried_again() {
    let world = World::at(Server::faulty(&["POST /identity/token drop=after"]));
    let passcode = world.server.sandbox.passcode(OWNER).unwrap();
    let lost = login(&world, &["--passcode", &passcode]);
    assert_eq!(lost.status, 6, "{lost}");
}

#[test]
fn an_endpoint_that_is_set_is_where_the_clouds_names_lead() {
    let world = World::new();
    let arguments = ["login", "--store", "file", "--apikey", "-", "-a", "https://cloud.ibm.com"];
    let done = feed(command(&world, &arguments), &world.server.key);
    assert_eq!(done.status, 0, "scripts run in the sandbox as they are: {done}");
    let elsewhere = ["login", "--store", "file", "--apikey", "-", "-a", "http://127.0.0.1:1"];
    let refused = feed(command(&world, &elsewhere), &world.server.key);
    assert_eq!(refused.status, 2, "{refused}");
}

#[test]
fn an_endpoint_file_that_cannot_be_trusted_sends_nobody_elsewhere() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let bare = |arguments: &[&str]| {
        let mut command = world.bare_command(arguments);
        finish(command.env("IBMCLOUD_API_KEY", &world.server.key).spawn().unwrap())
    };
    assert_eq!(bare(&["api", &world.server.url]).status, 0);
    assert_eq!(bare(&["api-key-list"]).status, 0);
    let file = world.home().join("endpoint");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    for _ in 0..2 {
        for arguments in [&["api-key-list"][..], &["login", "--store", "file"], &["api"]] {
            let refused = bare(arguments);
            assert_eq!(refused.status, 1, "{refused}");
            assert!(refused.stderr.contains("ibmiam api --unset"), "{refused}");
        }
        std::fs::write(&file, "nonsense").unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    }
    let sandbox = bare(&["--sandbox", "api-key-list", "-q"]);
    assert_eq!(sandbox.status, 0, "the sandbox has an endpoint of its own: {sandbox}");
    assert_eq!(bare(&["api", "--unset"]).status, 0);
}

#[test]
fn a_key_in_the_wrong_place_is_not_repeated() {
    let world = World::new();
    let secret = "S3CRET-that-was-pasted";
    for arguments in [
        &["login", secret][..],
        &["login", "--apikey", "@key", secret],
        &["login", &format!("-{secret}")],
        &["target", "--endpoint", &format!("https://user:{secret}@example.com")],
    ] {
        let refused = finish(world.bare_command(arguments).spawn().unwrap());
        assert_eq!(refused.status, 2, "{refused}");
        assert!(!refused.stderr.contains(secret), "{refused}");
    }
}

#[test]
fn a_key_that_is_named_like_a_command_is_not_taken_for_it() {
    let world = World::new();
    let refused = world.run(&["api-key-show", "login", "other"]);
    assert!(refused.status == 2 && !refused.stderr.contains("'login' takes options, and no arguments"), "{refused}");
    let secret = "S3CRET-that-was-pasted";
    for arguments in [&["login", secret][..], &["--session", "work", "login", secret]] {
        let refused = world.run(arguments);
        assert!(
            refused.stderr.contains("'login' takes options, and no arguments") && !refused.stderr.contains(secret),
            "{refused}"
        );
    }
}
