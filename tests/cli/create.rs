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
Creating API key MyKey under 0123456789abcdef0123456789abcdef as you@example.com...
OK
API key MyKey was created


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
Creating API key MyKey under 0123456789abcdef0123456789abcdef as you@example.com...
OK
API key MyKey was created
Successfully save API key information to key_file
--- stderr

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
	"action_when_leaked": "disable",
	"leaked": false
}

"#]]
    );
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let value = file["apikey"].as_str().unwrap();
    assert!(!made.to_string().contains(value));
    // Nothing of ours stays beside it.
    assert_eq!(std::fs::read_dir(world.path("")).unwrap().count(), 1);
}
