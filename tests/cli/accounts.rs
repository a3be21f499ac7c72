//! Users of the sandbox who are members of several accounts: the accounts of their tokens, and the access that the
//! tokens give.

use ibmiam::sandbox::{Data, Options, Setup};
use serde_json::{Value, json};

use crate::support::Server;
use crate::support::curl::{Answer, BX, GRANT, PASSCODE, ask};
use crate::tokens::claims;

const HOME: &str = "0123456789abcdef0123456789abcdef";
const STAGING: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
const BOBS: &str = "ffffffffffffffffffffffffffffffff";
const OWNER: &str = "IBMid-5500SANDBX";
const ANN: &str = "a-value-of-ann-with-32-characters-or-more";

/// The owner and Ann are members of a second account, Bob only of his own account, Eve only of the sandbox's account.
fn server_with(more: &str) -> Server {
    Server::set_up(&format!(
        r#"
        {more}
        [[users]]
        iam_id = "IBMid-ANN"
        email = "ann@example.com"
        role = "administrator"
        keys = [{{ name = "ci", value = "{ANN}" }}]
        [[users]]
        iam_id = "IBMid-BOB"
        email = "bob@example.com"
        account_id = "{BOBS}"
        [[users]]
        iam_id = "IBMid-EVE"
        [[accounts]]
        id = "{STAGING}"
        name = "Staging"
        members = ["IBMid-ANN", "{OWNER}"]
    "#
    ))
}

fn server() -> Server {
    server_with("")
}

/// The account of the token in a response.
fn account(answer: &Answer) -> Option<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let claims = claims(token(answer));
    assert_eq!(claims["account"]["valid"], true);
    claims["account"].get("bss").map(|account| account.as_str().unwrap().to_owned())
}

fn token(answer: &Answer) -> &str {
    answer.body["access_token"].as_str().unwrap()
}

fn refresh_token(answer: &Answer) -> &str {
    answer.body["refresh_token"].as_str().unwrap()
}

/// Renews the token of a response, with optional additional fields such as another account.
fn renew(server: &Server, answer: &Answer, more: &[&str]) -> Answer {
    renew_with(server, refresh_token(answer), more)
}

fn renew_with(server: &Server, refresh_token: &str, more: &[&str]) -> Answer {
    let refresh_token = format!("refresh_token={refresh_token}");
    server.token_with(&[&["grant_type=refresh_token", &refresh_token], more].concat(), &["-H", BX])
}

fn in_account(id: &str) -> String {
    format!("account={id}")
}

/// The status and code of an error of the token endpoint.
fn refusal(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["errorCode"].as_str().unwrap_or_default())
}

const NOT_A_MEMBER: (u16, &str) = (400, "BXNIM0141E");

#[test]
fn a_passcode_is_for_the_account_that_is_named_or_for_the_only_one() {
    let server = server();
    assert_eq!(account(&server.passcode_login(OWNER, &[])), None);
    assert_eq!(account(&server.passcode_login("IBMid-BOB", &[])).as_deref(), Some(BOBS));
    assert_eq!(account(&server.passcode_login("IBMid-EVE", &[])).as_deref(), Some(HOME));
    for id in [HOME, STAGING] {
        assert_eq!(account(&server.passcode_login(OWNER, &[&in_account(id)])).as_deref(), Some(id));
    }
    for (user, id) in [(OWNER, BOBS), ("IBMid-BOB", HOME), ("IBMid-EVE", STAGING), (OWNER, "another")] {
        assert_eq!(refusal(&server.passcode_login(user, &[&in_account(id)])), NOT_A_MEMBER, "{user} {id}");
    }
}

#[test]
fn a_passcode_outlives_an_account_that_is_refused() {
    let server = server();
    let passcode = format!("passcode={}", server.sandbox.passcode(OWNER).unwrap());
    let login = |id: &str| server.token_with(&[PASSCODE, &passcode, &in_account(id)], &["-H", BX]);
    assert_eq!(refusal(&login(BOBS)), NOT_A_MEMBER);
    assert_eq!(account(&login(STAGING)).as_deref(), Some(STAGING));
    assert_eq!(refusal(&login(STAGING)), (401, "BXNIM0602E"));
}

#[test]
fn the_only_account_may_have_to_be_named_too() {
    let server = server_with("choices.passcode_without_account = \"none\"");
    assert_eq!(account(&server.passcode_login("IBMid-BOB", &[])), None);
    assert_eq!(account(&server.passcode_login("IBMid-BOB", &[&in_account(BOBS)])).as_deref(), Some(BOBS));
}

#[test]
fn a_refresh_token_changes_accounts_and_stays_there() {
    let server = server();
    let login = server.passcode_login(OWNER, &[]);
    assert_eq!(account(&renew(&server, &login, &[])), None);
    let staging = renew(&server, &login, &[&in_account(STAGING)]);
    assert_eq!(account(&staging).as_deref(), Some(STAGING));
    let again = renew(&server, &staging, &[]);
    assert_eq!(account(&again).as_deref(), Some(STAGING));
    assert_eq!(account(&renew(&server, &again, &[&in_account(HOME)])).as_deref(), Some(HOME));
    assert_eq!(refusal(&renew(&server, &again, &[&in_account(BOBS)])), NOT_A_MEMBER);
    // The earlier refresh token is unchanged.
    assert_eq!(account(&renew(&server, &login, &[])), None);
}

#[test]
fn a_refresh_token_is_good_as_a_whole_alone() {
    let server = server();
    let login = server.passcode_login(OWNER, &[&in_account(HOME)]);
    let (random, end) = refresh_token(&login).split_once('.').unwrap();
    assert_eq!(end, HOME);
    for odd in [
        random.to_owned(),
        format!("{random}."),
        format!("{random}.{STAGING}"),
        format!("{random}.{HOME}.key"),
        format!("{random}.{HOME}."),
        format!("{random}.x"),
    ] {
        assert_eq!(refusal(&renew_with(&server, &odd, &[])), (400, "BXNIM0407E"), "{odd}");
    }
    assert_eq!(account(&renew(&server, &login, &[])).as_deref(), Some(HOME));
}

#[test]
fn a_key_and_what_it_led_to_stay_in_the_keys_account() {
    let server = server();
    let key = format!("apikey={ANN}");
    let login = |more: &[&str]| server.token_with(&[&[GRANT, &key], more].concat(), &["-H", BX]);
    assert_eq!(refusal(&login(&[&in_account(STAGING)])), NOT_A_MEMBER);
    let login = login(&[&in_account(HOME)]);
    assert_eq!(account(&login).as_deref(), Some(HOME));
    let renewed = renew(&server, &login, &[]);
    assert_eq!(account(&renewed).as_deref(), Some(HOME));
    assert_eq!(refusal(&renew(&server, &renewed, &[&in_account(STAGING)])), NOT_A_MEMBER);
}

#[test]
fn a_login_with_a_key_ends_with_the_key() {
    let server = server();
    let login = server.token_with(&[GRANT, &format!("apikey={ANN}")], &["-H", BX]);
    let renewed = renew(&server, &login, &[]);
    let keys = server.api(token(&login), "/v1/apikeys", &[]);
    let key = &keys.body["apikeys"][0];
    assert_eq!((renewed.status, key["name"].as_str()), (200, Some("ci")));
    let path = format!("/v1/apikeys/{}", key["id"].as_str().unwrap());
    assert_eq!(server.api(token(&login), &path, &["-X", "DELETE"]).status, 204);
    for ended in [&login, &renewed] {
        assert_eq!(renew(&server, ended, &[]).status, 400);
    }
}

#[test]
fn whoever_has_a_refresh_token_gets_a_passcode_for_every_account() {
    let server = server();
    let login = server.passcode_login("IBMid-ANN", &[&in_account(HOME)]);
    let field = format!("refresh_token={}", refresh_token(&login));
    let url = format!("{}/identity/passcode", server.url);
    let made = ask(&[&url, "-H", BX, "--data-urlencode", &field]);
    let passcode = format!("passcode={}", made.body["passcode"].as_str().unwrap());
    let fields = [PASSCODE, &passcode, &in_account(STAGING)];
    let login = server.token_with(&fields, &["-H", BX]);
    assert_eq!((account(&login).as_deref(), &claims(token(&login))["iam_id"]), (Some(STAGING), &json!("IBMid-ANN")));
}

#[test]
fn keys_are_those_of_the_tokens_account() {
    let server = server_with("limits.keys_per_identity = 2");
    let home = server.passcode_login("IBMid-ANN", &[&in_account(HOME)]);
    let staging = server.passcode_login("IBMid-ANN", &[&in_account(STAGING)]);
    let (home, staging) = (token(&home), token(&staging));
    let create = |token: &str, more: Value| {
        let mut draft = json!({"name": "k", "iam_id": "IBMid-ANN"});
        draft.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.api(token, "/v1/apikeys", &["-d", &draft.to_string()])
    };
    let made = create(staging, json!({}));
    assert_eq!((made.status, &made.body["account_id"]), (201, &json!(STAGING)));
    assert_eq!(create(staging, json!({"account_id": HOME})).status, 400);
    assert_eq!(create(staging, json!({"account_id": STAGING})).status, 201);
    // The limit applies to each account separately.
    assert_eq!(create(staging, json!({})).status, 422);
    assert_eq!(create(home, json!({})).status, 201);

    let names = |token: &str, query: &str| {
        let page = server.api(token, &format!("/v1/apikeys{query}"), &[]);
        let keys = page.body["apikeys"].as_array().map(Vec::as_slice).unwrap_or_default();
        (page.status, keys.iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(names(home, ""), (200, vec!["ci".to_owned(), "k".to_owned()]));
    assert_eq!(names(staging, ""), (200, vec!["k".to_owned(), "k".to_owned()]));
    assert_eq!(names(staging, &format!("?account_id={STAGING}")).1.len(), 2);
    assert_eq!(names(staging, &format!("?account_id={HOME}")).0, 400);
    // Her role applies only to the sandbox's account.
    assert_eq!((names(home, "?scope=account").0, names(staging, "?scope=account").0), (200, 403));

    let path = format!("/v1/apikeys/{}", made.body["id"].as_str().unwrap());
    assert_eq!((server.api(home, &path, &[]).status, server.api(staging, &path, &[]).status), (404, 200));
    let by_key = server.token_of(made.body["apikey"].as_str().unwrap());
    assert_eq!(claims(&by_key)["account"]["bss"], STAGING);
    assert_eq!(server.api(&by_key, &path, &["-X", "DELETE"]).status, 204);
}

#[test]
fn a_token_for_no_account_has_no_keys() {
    let server = server();
    let login = server.passcode_login(OWNER, &[]);
    for (path, more) in [("/v1/apikeys", &[][..]), ("/v1/apikeys", &["-d", r#"{"name":"k"}"#]), ("/v1/serviceids", &[])]
    {
        let refused = server.api(token(&login), path, more);
        let code = &refused.body["errors"][0]["message_code"];
        assert_eq!((refused.status, code), (403, &json!("BXNIM0513E")), "{path} {more:?}");
    }
}

#[test]
fn the_accounts_of_a_user_are_listed_with_any_token_of_theirs() {
    let server = server();
    let list = |answer: &Answer| {
        let page = server.api(token(answer), "/coe/v2/accounts", &[]);
        assert_eq!((page.status, &page.body["next_url"]), (200, &Value::Null));
        let seen = |account: &Value| {
            let text = |pointer: &str| account.pointer(pointer).unwrap().as_str().unwrap().to_owned();
            format!("{} {} {}", text("/metadata/guid"), text("/entity/name"), text("/entity/owner_userid"))
        };
        page.body["resources"].as_array().unwrap().iter().map(seen).collect::<Vec<_>>()
    };
    let sandbox = format!("{HOME} Sandbox you@example.com");
    let both = [sandbox.clone(), format!("{STAGING} Staging ann@example.com")];
    assert_eq!(list(&server.passcode_login(OWNER, &[])), both);
    assert_eq!(list(&server.passcode_login("IBMid-ANN", &[&in_account(STAGING)])), both);
    assert_eq!(list(&server.passcode_login("IBMid-EVE", &[])), [sandbox]);
    let own = format!("{BOBS} bob@example.com's Account bob@example.com");
    assert_eq!(list(&server.passcode_login("IBMid-BOB", &[])), [own]);

    let url = format!("{}/coe/v2/accounts", server.url);
    assert_eq!(ask(&[&url]).status, 401);
    assert_eq!(server.api("x", "/coe/v2/accounts", &[]).body["errors"][0]["code"], "invalid_access_token");
    assert_eq!(server.api(&server.token(), "/coe/v2/accounts", &["-X", "POST"]).status, 405);
}

#[test]
fn the_list_of_accounts_comes_in_pages() {
    let account =
        |number: u32| format!("[[accounts]]\nid = \"{number:032x}\"\nname = \"A{number}\"\nmembers = [\"{OWNER}\"]\n");
    let server = Server::set_up(&(1..=60).map(account).collect::<String>());
    let token = server.token();
    let walk = |first: &str| {
        let (mut path, mut sizes, mut ids) = (first.to_owned(), Vec::new(), Vec::new());
        loop {
            let page = server.api(&token, &path, &[]).body;
            assert_eq!((&page["total_results"], &page["prev_url"]), (&json!(61), &Value::Null));
            let found = page["resources"].as_array().unwrap();
            sizes.push(found.len());
            ids.extend(found.iter().map(|account| account["metadata"]["guid"].as_str().unwrap().to_owned()));
            match page["next_url"].as_str() {
                Some(next) => path = next.to_owned(),
                None => break (sizes, page["total_pages"].clone(), ids),
            }
        }
    };
    let (sizes, pages, ids) = walk("/coe/v2/accounts");
    assert_eq!((sizes, pages, ids.len()), (vec![50, 11], json!(2), 61));
    assert_eq!((ids[0].as_str(), ids[60].as_str()), (HOME, "0000000000000000000000000000003c"));
    assert_eq!(walk("/coe/v2/accounts?_limit=25"), (vec![25, 25, 11], json!(3), ids));
    assert_eq!(walk("/coe/v2/accounts?_start=61").0, [0]);
    for wrong in ["_limit=0", "_limit=101", "_limit=x", "_start=-1"] {
        let refused = server.api(&token, &format!("/coe/v2/accounts?{wrong}"), &[]);
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["message_code"]),
            (400, &json!("BXNIM0106E")),
            "{wrong}"
        );
    }
}

#[test]
fn a_member_no_more_has_neither_tokens_nor_keys_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let start = |text: String| {
        let (setup, data) = (Setup::read(&text).unwrap(), Data::Folder(path.clone()));
        Server::start_with(move |options| Options { setup, data, ..options })
    };
    let (login, made) = {
        let server = start(format!("accounts = [{{ id = \"{STAGING}\", name = \"S\", members = [\"{OWNER}\"] }}]"));
        let login = server.passcode_login(OWNER, &[&in_account(STAGING)]);
        let draft = json!({"name": "k", "iam_id": OWNER}).to_string();
        let made = server.api(token(&login), "/v1/apikeys", &["-d", &draft]);
        (login, made.body)
    };
    let server = start(String::new());
    assert_eq!(server.api(token(&login), "/v1/apikeys", &[]).status, 403);
    assert_eq!(refusal(&renew(&server, &login, &[])), NOT_A_MEMBER);
    assert_eq!(account(&renew(&server, &login, &[&in_account(HOME)])).as_deref(), Some(HOME));
    let key = format!("apikey={}", made["apikey"].as_str().unwrap());
    assert_eq!(refusal(&server.token_with(&[GRANT, &key], &[])), NOT_A_MEMBER);
}

#[test]
fn the_list_of_accounts_fails_on_purpose_in_the_envelope_of_its_own_errors() {
    let server = Server::faulty(&["/coe/* nth=1 status=503", "/coe/* expired"]);
    let token = server.token();
    let answers = [(); 2].map(|()| server.api(&token, "/coe/v2/accounts", &[]));
    for (answer, status) in answers.iter().zip([503, 401]) {
        assert_eq!((answer.status, &answer.body["status_code"]), (status, &json!(status)));
    }
}
