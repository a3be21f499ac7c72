//! Update, lock, unlock, disable, enable, delete.

use snapbox::str;

use crate::support::relay::Fake;
use crate::support::{World, finish};

#[test]
fn each_change_is_made_said_and_already_so_the_second_time() {
    let world = World::new();
    let id = world.key("k");
    for (command, doing, done, field, value) in [
        ("api-key-lock", "Locking", "locked", "locked", true),
        ("api-key-unlock", "Unlocking", "unlocked", "locked", false),
        ("api-key-disable", "Disabling", "disabled", "disabled", true),
        ("api-key-enable", "Enabling", "enabled", "disabled", false),
    ] {
        let changed = world.run(&[command, "k", "--force"]);
        let account = "under 0123456789abcdef0123456789abcdef as you@example.com...";
        let expected = format!("{doing} API key k {account}\nOK\nAPI key k was {done}\n");
        assert_eq!((changed.status, changed.stderr.as_str()), (0, expected.as_str()), "{changed}");
        assert_eq!(world.look(&id).unwrap()[field], value);
        // The command asks no question if there is nothing to change.
        let again = world.run(&[command, "k"]);
        assert_eq!(again.status, 0, "{again}");
        assert_eq!(again.stderr, format!("OK\nAPI key k is already {done}\n"));
    }
}

#[test]
fn an_update_shows_the_key_as_it_is_now() {
    let world = World::new();
    world.key_with("k", &["-d", "old"]);
    crate::assert_outcome!(
        world.run(&["api-key-update", "k", "--name", "new", "--description", "", "--expires", "2099-01-31"]),
        str![[r#"
exit 0
--- stdout
ID                   ApiKey-[..]
Name                 new
Description          -
Locked               false
CRN                  crn:v1:bluemix:public:iam-identity::a/0123456789abcdef0123456789abcdef::apikey:ApiKey-[..]
Created At           [..]+0000
Expires At           2099-01-31T00:00+0000
Version              2-[..]
Disabled             false
Leaked               false
Action when leaked   disable
Session supported    false
--- stderr
Updating API key k under 0123456789abcdef0123456789abcdef as you@example.com...
The key expires at 2099-01-31T00:00+0000.
OK
API key new was updated


"#]]
    );
    let cleared = world.run(&["api-key-update", "new", "-e", "never", "-o", "json"]).json();
    assert!(cleared.get("expires_at").is_none());
    assert_eq!(world.run(&["api-key-update", "new"]).status, 2);
}

#[test]
fn a_locked_key_is_neither_changed_nor_deleted() {
    let world = World::new();
    let id = world.key_with("k", &["--lock"]);
    let before = world.look(&id);
    for arguments in [&["api-key-update", "k", "-d", "x"][..], &["api-key-delete", "k", "--force"]] {
        let refused = world.run(arguments);
        assert_eq!(refused.status, 5, "{refused}");
        assert!(refused.stderr.contains(&format!("API key k ({id}) is locked.")), "{refused}");
        assert!(refused.stderr.contains(&format!("ibmiam api-key-unlock {id}")), "{refused}");
    }
    assert_eq!(world.look(&id), before);
}

#[test]
fn somebody_elses_change_in_between_is_shown_and_not_overwritten() {
    let world = World::new();
    let id = world.key_with("k", &["-d", "old"]);
    let (url, key) = (world.server.url.clone(), world.server.key.clone());
    let home = world.path("other");
    let other = id.clone();
    // Between the look-up and the change, another process updates the key.
    let relay = Fake::relay_after(&world.server.url, move |head| {
        if head.starts_with("PUT ") {
            let mut command = std::process::Command::new(crate::support::binary());
            command.env_clear().env("IBMIAM_HOME", &home).env("IBMCLOUD_API_KEY", &key);
            command.env("IBMCLOUD_IAM_API_ENDPOINT", &url);
            let updated = command.args(["api-key-update", &other, "-d", "theirs", "-o", "json"]).output().unwrap();
            assert!(updated.status.success());
        }
    });
    let mut command = world.command(&["api-key-update", "k", "-d", "ours"]);
    let refused = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
    assert_eq!(refused.status, 5, "{refused}");
    assert!(refused.stderr.contains("was changed in the meantime. Nothing was overwritten."), "{refused}");
    assert!(refused.stderr.contains(r#"description: "old" is now "theirs""#), "{refused}");
    assert_eq!(world.look(&id).unwrap()["description"], "theirs");
}

#[test]
fn several_keys_are_all_resolved_before_any_is_changed() {
    let world = World::new();
    let id = world.key("a");
    world.key("twin");
    world.key("twin");
    let missing = world.run(&["api-key-delete", "--force", "a", "nosuch", "twin", "nowhere"]);
    assert_eq!(missing.status, 3, "{missing}");
    for operand in ["'nosuch'", "'twin'", "'nowhere'"] {
        assert!(missing.stderr.contains(operand), "{missing}");
    }
    assert!(world.look(&id).is_some());
}

#[test]
fn several_keys_are_asked_about_once_and_each_failure_is_reported() {
    let world = World::new();
    let (a, b) = (world.key("a"), world.key("b"));
    let locked = world.key_with("locked", &["--lock"]);
    let done = world.run_with(&["api-key-delete", "a", "locked", "b", &a], "yes\n");
    assert_eq!(done.status, 5, "{done}");
    let question = format!("a ({a})\nb ({b})\nReally delete these 2 API keys? [y/N]> yes\n");
    assert!(done.stderr.starts_with(&question), "{done}");
    assert_eq!(done.stderr.matches("was deleted").count(), 2, "{done}");
    assert_eq!(done.stderr.matches("is locked").count(), 1, "{done}");
    assert_eq!(world.names(), ["locked"]);
    let outcomes = world.run(&["api-key-unlock", "-f", "-o", "json", "locked", "sandbox"]);
    crate::assert_outcome!(
        outcomes,
        str![[r#"
exit 0
--- stdout
[
    {
        "id": "ApiKey-[..]",
        "name": "locked",
        "outcome": "unlocked"
    },
    {
        "id": "ApiKey-[..]",
        "name": "sandbox",
        "outcome": "already unlocked"
    }
]
--- stderr

"#]]
    );
    assert!(world.look(&locked).is_some());
}

#[test]
fn a_key_that_is_not_there_can_be_ignored_and_nothing_else() {
    let world = World::new();
    world.key("k");
    let both = world.run(&["api-key-delete", "-f", "--ignore-not-found", "nosuch", "k"]);
    assert_eq!((both.status, world.names().len()), (0, 0), "{both}");
    assert!(both.stderr.contains("No API key found with the name or ID 'nosuch'."), "{both}");
    let none = world.run(&["api-key-delete", "--ignore-not-found", "nosuch", "-o", "json"]);
    assert_eq!((none.status, none.stdout.as_str()), (0, "[]\n"), "{none}");
    world.key_with("locked", &["--lock"]);
    assert_eq!(world.run(&["api-key-delete", "-f", "--ignore-not-found", "locked"]).status, 5);
    assert_eq!(world.run(&["api-key-lock", "-f", "--ignore-not-found", "k"]).status, 2, "delete alone has it");
}

#[test]
fn a_warning_comes_before_the_key_in_use_is_deleted_or_disabled() {
    let world = World::new();
    let id = world.run(&["api-key-show", "--uuid", "sandbox"]).stdout.trim().to_owned();
    let other = world.key("other");
    let refused = world.run(&["api-key-delete", "sandbox"]);
    let warning =
        format!("API key sandbox ({id}) is the key in IBMCLOUD_API_KEY. It cannot log in after this change.\n");
    assert!(refused.status == 2 && refused.stderr.contains(&warning), "{refused}");
    let disabled = world.run_with(&["api-key-disable", "other", "sandbox"], "n\n");
    assert!(disabled.status == 130 && disabled.stderr.contains(&warning), "{disabled}");
    for arguments in
        [&["api-key-delete", "other"][..], &["api-key-lock", "sandbox"], &["-q", "api-key-delete", "sandbox"]]
    {
        let asked = world.run(arguments);
        assert!(asked.status == 2 && !asked.stderr.contains("IBMCLOUD_API_KEY"), "{asked}");
    }
    assert!(world.look(&other).is_some());

    let login = world.run(&["login", "--store", "file"]);
    assert_eq!(login.status, 0, "{login}");
    let mut command = world.bare_command(&["api-key-delete", "-f", "sandbox"]);
    let deleted = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", &world.server.url).spawn().unwrap());
    let warning =
        format!("You are logged in with API key sandbox ({id}). The session 'default' may end after this change.\n");
    assert!(deleted.status == 0 && deleted.stderr.contains(&warning), "{deleted}");
}

#[test]
fn a_name_with_blanks_is_quoted_in_sentences() {
    let world = World::new();
    let id = world.key("my key");
    let changed = world.run(&["api-key-lock", "-f", "my key"]);
    assert!(changed.stderr.ends_with("\nOK\nAPI key 'my key' was locked\n"), "{changed}");
    let refused = world.run(&["api-key-delete", "-f", "my key"]);
    assert!(refused.stderr.contains(&format!("API key 'my key' ({id}) is locked.")), "{refused}");
}
