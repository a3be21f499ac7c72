//! Sessions that can be switched to another account of their user, and sessions that cannot.

use crate::login_methods::{HOME, OWNER, STAGING, account, command, login, run, two_accounts};
use crate::support::{feed, finish};

#[test]
fn a_session_is_switched_to_another_account_and_stays_there() {
    let world = two_accounts();
    let passcode = world.server.sandbox.passcode(OWNER).unwrap();
    assert_eq!(login(&world, &["--passcode", &passcode, "--no-account"]).status, 0);
    let homeless = run(&world, &["api-key-list"]);
    assert!(homeless.status == 4 && homeless.stderr.contains("ibmiam target -c"), "{homeless}");
    let passcode = world.server.sandbox.passcode(OWNER).unwrap();
    let other = ["--session", "work", "--passcode", &passcode, "--no-account"];
    assert_eq!(login(&world, &other).status, 0);
    let homeless = run(&world, &["--session", "work", "api-key-list"]);
    assert!(homeless.stderr.contains("ibmiam target --session work -c ACCOUNT"), "{homeless}");
    let misspelt = run(&world, &["target", "-c", "Stag"]);
    assert!(misspelt.status == 4 && misspelt.stderr.contains("Did you mean 'Staging'?"), "{misspelt}");
    for (asked, id) in [("Staging", STAGING), (HOME, HOME), ("sTAGING", STAGING), (HOME, HOME), (STAGING, STAGING)] {
        let switched = run(&world, &["target", "-c", asked]);
        assert_eq!(switched.status, 0, "{switched}");
        assert_eq!(account(&world), id);
        std::fs::remove_file(world.home().join("cache/tokens/default")).unwrap();
        assert_eq!(account(&world), id, "after a renewal, too");
    }
    let created = run(&world, &["api-key-create", "k", "-o", "json"]);
    assert_eq!(created.json()["account_id"], STAGING);
    let foreign = run(&world, &["target", "-c", "ffffffffffffffffffffffffffffffff"]);
    assert!(foreign.status == 4 && foreign.stderr.contains("BXNIM0141E"), "{foreign}");
    assert_eq!(account(&world), STAGING);
    let key = command(&world, &["target", "-c", STAGING]).env("IBMCLOUD_API_KEY", &world.server.key).status().unwrap();
    assert_eq!(key.code(), Some(2), "a key is of one account");
}

#[test]
fn a_session_that_cannot_be_switched_is_not_told_to_have_ended() {
    let world = two_accounts();
    let key = world.server.key.clone();
    let is_valid = || assert_eq!(run(&world, &["--session", "work", "api-key-list", "-q"]).status, 0);
    let log_in = |store: &str| {
        let login = ["login", "--session", "work", "--store", store, "--apikey", "-"];
        assert_eq!(feed(command(&world, &login), &key).status, 0);
    };
    let refused = |said: &[&str]| {
        let refused = run(&world, &["--session", "work", "target", "-c", STAGING]);
        assert_eq!(refused.status, 4, "{refused}");
        for said in said {
            assert!(refused.stderr.contains(said), "{said}: {refused}");
        }
        assert!(!refused.stderr.contains("expired") && !refused.stderr.contains("has ended"), "{refused}");
        is_valid();
    };
    log_in("none");
    refused(&["Cannot switch the session 'work' to another account", "ibmiam login --session work -c ACCOUNT"]);
    assert_eq!(run(&world, &["--session", "work", "target", "-c", HOME]).status, 0, "that is its account");
    is_valid();
    log_in("file");
    refused(&["Cannot switch the session 'work' to account", "BXNIM0141E", "ibmiam login --session work --apikey"]);
}

#[test]
fn an_account_that_nobody_asked_for_is_not_taken() {
    let world = two_accounts();
    // A service that ignores the requested account.
    let relay = crate::support::relay::Fake::start_with_body(&world.server.url.clone(), {
        let url = world.server.url.clone();
        move |head, body| {
            let asked = body.contains("account=eeee");
            asked.then(|| {
                let form = body.replace(&format!("account={STAGING}"), &format!("account={HOME}"));
                crate::support::relay::send(&url, head, &form)
            })
        }
    });
    let passcode = world.server.sandbox.passcode(OWNER).unwrap();
    let login = |more: &[&str]| {
        let url = relay.url();
        let arguments = [&["login", "--store", "file", "--endpoint", &url], more].concat();
        finish(world.bare_command(&arguments).spawn().unwrap())
    };
    assert_eq!(login(&["--passcode", &passcode, "-c", HOME]).status, 0);
    let before = std::fs::read(world.home().join("sessions/default.json")).unwrap();
    let refused = finish(world.bare_command(&["target", "-c", STAGING]).spawn().unwrap());
    assert!(refused.status == 4 && refused.stderr.contains(&format!("returned one for account '{HOME}'")), "{refused}");
    assert_eq!(std::fs::read(world.home().join("sessions/default.json")).unwrap(), before);
    let passcode = world.server.sandbox.passcode(OWNER).unwrap();
    let wrong = login(&["--passcode", &passcode, "-c", STAGING]);
    assert!(wrong.status == 4 && wrong.stderr.contains(&format!("returned one for account '{HOME}'")), "{wrong}");
    assert!(!wrong.stderr.contains("The session '"), "no session was made or meant: {wrong}");
    assert_eq!(std::fs::read(world.home().join("sessions/default.json")).unwrap(), before);
}
