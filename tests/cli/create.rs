//! `api-key-create`

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use snapbox::str;

use crate::support::World;

#[test]
fn a_created_key_is_printed_with_its_value_last() {
    let world = World::new();
    let made = world.run(&["api-key-create", "MyKey", "-d", "this is my API key"]);
    crate::assert_outcome!(
        made,
        str![[r#"
exit 0
--- stdout
ID                   ApiKey-[..]
Name                 MyKey
Description          this is my API key
Locked               false
CRN                  crn:v1:bluemix:public:iam-identity::a/0123456789abcdef0123456789abcdef::apikey:ApiKey-[..]
Created At           [..]+0000
Version              1-[..]
Disabled             false
Leaked               false
Action when leaked   disable
Session supported    false
API Key              [..]
--- stderr
Creating API key MyKey under 0123456789abcdef0123456789abcdef as you@example.com...
OK
API key MyKey was created

Please preserve the API key! It cannot be retrieved after it's created.


"#]]
    );
    let value = made.stdout.lines().last().unwrap().trim_start_matches("API Key").trim();
    let logged_in = world.command(&["target"]).env("IBMCLOUD_API_KEY", value).status().unwrap();
    assert!(logged_in.success());
}

#[test]
fn a_key_file_holds_the_key_privately_and_the_streams_do_not() {
    let world = World::new();
    let made = world.run(&["api-key-create", "MyKey", "--file", "key_file"]);
    crate::assert_outcome!(
        made,
        str![[r#"
exit 0
--- stdout
--- stderr
Creating API key MyKey under 0123456789abcdef0123456789abcdef as you@example.com...
OK
API key MyKey was created
Successfully saved API key information to key_file

"#]]
    );
    let path = world.path("key_file");
    let metadata = path.metadata().unwrap();
    assert_eq!((metadata.permissions().mode() & 0o7777, metadata.nlink()), (0o600, 1));
    let text = std::fs::read_to_string(path).unwrap();
    snapbox::assert_data_eq!(
        &text,
        str![[r#"
{
	"id": "ApiKey-[..]",
	"crn": "crn:v1:bluemix:public:iam-identity::a/0123456789abcdef0123456789abcdef::apikey:ApiKey-[..]",
	"iam_id": "IBMid-5500SANDBX",
	"account_id": "0123456789abcdef0123456789abcdef",
	"name": "MyKey",
	"description": "",
	"apikey": "[..]",
	"locked": false,
	"entity_tag": "1-[..]",
	"created_at": "[..]+0000",
	"created_by": "IBMid-5500SANDBX",
	"modified_at": "[..]+0000",
	"disabled": false,
	"support_sessions": false,
	"action_when_leaked": "disable"
}

"#]]
    );
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let value = file["apikey"].as_str().unwrap();
    assert!(!made.to_string().contains(value));
    // No temporary file is left beside the key file.
    assert_eq!(std::fs::read_dir(world.path("")).unwrap().count(), 1);
}

#[test]
fn json_is_what_the_service_answered_with_the_value_and_nothing_else() {
    let world = World::new();
    let made = world.run(&["api-key-create", "MyKey", "--output", "JSON"]);
    crate::assert_outcome!(
        made,
        str![[r#"
exit 0
--- stdout
{
    "id": "ApiKey-[..]",
    "entity_tag": "1-[..]",
    "crn": "crn:v1:bluemix:public:iam-identity::a/0123456789abcdef0123456789abcdef::apikey:ApiKey-[..]",
    "locked": false,
    "disabled": false,
    "created_at": "[..]+0000",
    "created_by": "IBMid-5500SANDBX",
    "modified_at": "[..]+0000",
    "name": "MyKey",
    "support_sessions": false,
    "action_when_leaked": "disable",
    "iam_id": "IBMid-5500SANDBX",
    "account_id": "0123456789abcdef0123456789abcdef",
    "apikey": "[..]"
}
--- stderr

"#]]
    );
}

#[test]
fn json_together_with_a_file_leaves_the_value_to_the_file() {
    let world = World::new();
    let made = world.run(&["api-key-create", "MyKey", "-o", "json", "--file", "key_file"]);
    let object = made.json();
    assert_eq!(object["name"], "MyKey");
    assert!(object.get("apikey").is_none());
    assert_eq!(made.stderr, "");
}

#[test]
fn options_reach_the_service() {
    let world = World::new();
    let options = [
        "--lock",
        "--disabled",
        "--action-if-leaked",
        "DELETE",
        "--expires",
        "2099-01-31",
        "--support-sessions",
        "-d",
        "-x",
    ];
    let id = world.key_with("k", &options);
    let key = world.look(&id).unwrap();
    assert_eq!(
        (&key["locked"], &key["disabled"], &key["support_sessions"]),
        (&true.into(), &true.into(), &true.into())
    );
    assert_eq!(key["action_when_leaked"], "delete");
    assert_eq!(key["expires_at"], "2099-01-31T00:00+0000");
    assert_eq!(key["description"], "-x");
}

#[test]
fn the_moment_understood_is_shown() {
    let world = World::new();
    let made = world.run(&["api-key-create", "k", "-e", "2099-01-31T10:00+0200"]);
    assert!(made.stderr.contains("...\nThe key expires at 2099-01-31T08:00+0000.\n"), "{made}");
    assert!(made.stdout.contains("\nExpires At           2099-01-31T08:00+0000\nVersion "), "{made}");
    let past = world.run(&["api-key-create", "k", "-e", "2001-01-31"]);
    assert_eq!(past.status, 2, "{past}");
    assert_eq!(world.names(), ["k"]);
}

#[test]
fn any_name_that_the_service_takes_works_with_every_command() {
    let world = World::new();
    let long = "n".repeat(1000);
    let odd = [
        "with blank",
        "new\nline",
        "it's \"quoted\"",
        "a/b/../c",
        "100%",
        "%2F",
        "🔑 ключ 鍵",
        "-dash",
        "--force",
        "a\\b",
        "+&=?#",
        "\u{202e}txt",
        "ApiKey-SVA",
        long.as_str(),
    ];
    for name in odd {
        let id = world.key(name);
        assert_eq!(world.look(&id).unwrap()["name"], name, "{name:?}");
        let shown = world.run(&["api-key-show", "--uuid", "--", name]);
        assert_eq!(shown.stdout, format!("{id}\n"), "{name:?}: {shown}");
        let text = world.run(&["api-key-show", "--", name]);
        assert!(!text.stdout.contains(['\u{202e}']), "{text}");
        let deleted = world.run(&["api-key-delete", "--force", "--", name]);
        assert_eq!(deleted.status, 0, "{name:?}: {deleted}");
        assert_eq!(deleted.stderr.lines().count(), 3, "{deleted}");
        assert_eq!(world.look(&id), None, "{name:?}");
    }
}

#[test]
fn the_limit_of_keys_is_a_conflict_with_the_services_code() {
    let world = World::new();
    for number in 1..20 {
        world.key(&format!("k{number}"));
    }
    let refused = world.run(&["api-key-create", "one-too-many", "--file", "key_file"]);
    crate::assert_outcome!(
        refused,
        str![[r#"
exit 5
--- stdout
--- stderr
Creating API key one-too-many under 0123456789abcdef0123456789abcdef as you@example.com...
FAILED
The limit of supported API keys is reached.
Code: BXNIM0151E
Transaction ID: [..]
Delete a key that you do not need. To list your keys, run: ibmiam api-key-list

"#]]
    );
    assert_eq!(std::fs::read_dir(world.path("")).unwrap().count(), 0);
}
