//! The sandbox as any client sees it: paths, statuses, headers, both error envelopes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::support::Server;
use crate::support::curl::{Answer, BX, GRANT, ask};

#[test]
fn the_token_endpoint_gives_a_refresh_token_to_the_command_lines_client_alone() {
    let server = Server::start(None);
    let key = format!("apikey={}", server.key);
    let plain = server.token_with(&[GRANT, &key], &[]);
    assert_eq!((plain.status, &plain.body["refresh_token"]), (200, &json!("not_supported")));
    assert_eq!((&plain.body["token_type"], &plain.body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    let login = server.token_with(&[GRANT, &key, "response_type=cloud_iam"], &["-H", BX]);
    let refresh = format!("refresh_token={}", login.body["refresh_token"].as_str().unwrap());
    let renewed = server.token_with(&["grant_type=refresh_token", &refresh], &["-H", BX]);
    assert_eq!(renewed.status, 200);
    let other_client = server.token_with(&["grant_type=refresh_token", &refresh], &[]);
    assert_eq!((other_client.status, &other_client.body["errorCode"]), (400, &json!("BXNIM0407E")));
}

#[test]
fn the_token_endpoint_refuses_with_the_services_codes() {
    let server = Server::start(None);
    let token = server.token();
    let disabled = server.api(
        &token,
        "/v1/apikeys",
        &["-d", r#"{"name":"d","iam_id":"IBMid-5500SANDBX"}"#, "-H", "Entity-Disable: true"],
    );
    let expired = server.api(
        &token,
        "/v1/apikeys",
        &["-d", r#"{"name":"e","iam_id":"IBMid-5500SANDBX","expires_at":"2020-01-01T00:00+0000"}"#],
    );
    let value = |answer: &Answer| format!("apikey={}", answer.body["apikey"].as_str().unwrap());
    for (fields, status, code) in [
        (vec![GRANT.to_owned(), "apikey=unknown".to_owned()], 400, "BXNIM0415E"),
        (vec![GRANT.to_owned(), value(&disabled)], 400, "BXNIM0462E"),
        (vec![GRANT.to_owned(), value(&expired)], 400, "BXNIM0462E"),
        (vec![GRANT.to_owned()], 400, "BXNIM0109E"),
        (vec!["apikey=x".to_owned()], 400, "BXNIM0109E"),
        (vec!["grant_type=other".to_owned()], 400, "BXNIM0106E"),
        (vec!["grant_type=password".to_owned()], 401, "BXNIM0308E"),
        (vec!["grant_type=urn:ibm:params:oauth:grant-type:assume".to_owned()], 501, "SANDBOX501E"),
    ] {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let refused = server.token_with(&fields, &[]);
        assert_eq!((refused.status, &refused.body["errorCode"]), (status, &json!(code)), "{fields:?}");
        assert!(refused.body["errorMessage"].is_string() && refused.body["context"]["requestId"].is_string());
    }
    let get = ask(&[&format!("{}/identity/token", server.url)]);
    assert_eq!((get.status, &get.body["errorCode"]), (405, &json!("BXNIM0060E")));
}

#[test]
fn errors_below_v1_have_the_other_envelope_with_an_integer_status() {
    let server = Server::start(None);
    let missing = server.api(&server.token(), "/v1/apikeys/nosuch", &["-H", "Transaction-Id: mine-1"]);
    assert_eq!(missing.status, 404);
    assert_eq!(
        missing.body,
        json!({
            "errors": [{
                "code": "not_found",
                "message_code": "BXNIM0102E",
                "message": "Unable to find object",
                "details": "Object Type: 'ApiKey' with ID: 'nosuch' not found.",
            }],
            "trace": "mine-1",
            "status_code": 404,
        })
    );
    assert!(missing.head.contains("\r\ntransaction-id: mine-1"), "{}", missing.head);
    assert!(missing.head.contains("\r\ncache-control: no-cache, no-store, must-revalidate"));
    assert!(missing.head.contains("\r\ncontent-type: application/json"));
}

#[test]
fn requests_without_a_good_token_are_refused() {
    let server = Server::start(None);
    let none = ask(&[&format!("{}/v1/apikeys", server.url)]);
    assert_eq!((none.status, &none.body["errors"][0]["message_code"]), (401, &json!("BXNIM0308E")));
    let token = server.token();
    let (text, _) = token.rsplit_once('.').unwrap();
    for bad in ["x", "", &format!("{text}.AAAA")] {
        assert_eq!(server.api(bad, "/v1/apikeys", &[]).status, 401, "{bad}");
    }
    for path in ["/v1/apikeys/details", "/v1/apikeys/x", "/v1/apikeys/x/lock"] {
        let method = if path.ends_with("lock") { "POST" } else { "GET" };
        assert_eq!(server.api("x", path, &["-X", method]).status, 401, "{path}");
    }
}

#[test]
fn a_list_has_pages_whose_tokens_go_with_any_other_parameter() {
    let server = Server::start(Some(10));
    let token = server.token();
    let first = server.api(&token, "/v1/apikeys?pagesize=4&sort=name&order=desc", &[]);
    assert_eq!((&first.body["offset"], &first.body["limit"]), (&json!(0), &json!(4)));
    assert!(first.body.get("previous").is_none());
    let next = first.body["next"].as_str().unwrap();
    assert!(next.starts_with(&format!("{}/v1/apikeys?pagetoken=", server.url)));
    let page_token = next.split_once("pagetoken=").unwrap().1;
    let mixed = format!("/v1/apikeys?pagesize=99&sort=description&pagetoken={page_token}");
    let second = server.api(&token, &mixed, &[]);
    assert_eq!((&second.body["offset"], &second.body["limit"]), (&json!(4), &json!(4)));
    let names = |page: &Answer| -> Vec<String> {
        let keys = page.body["apikeys"].as_array().unwrap();
        keys.iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&first), ["seeded-0009", "seeded-0008", "seeded-0007", "seeded-0006"]);
    assert_eq!(names(&second), ["seeded-0005", "seeded-0004", "seeded-0003", "seeded-0002"]);
    let back = second.body["previous"].as_str().unwrap().trim_start_matches(&server.url).to_owned();
    assert_eq!(names(&server.api(&token, &back, &[])), names(&first));
}

#[test]
fn a_page_token_of_somebodys_own_making_does_no_harm() {
    let server = Server::start(Some(15));
    let token = server.token();
    let account = "0123456789abcdef0123456789abcdef";
    let page = |selection: serde_json::Value| {
        let text = URL_SAFE_NO_PAD.encode(selection.to_string());
        server.api(&token, &format!("/v1/apikeys?pagetoken={text}"), &[]).status
    };
    let selection = |acc: &str, iam: Option<&str>, size: u32, offset: u32, sort: &str| json!({"lst": "apikeys", "acc": acc, "iam": iam, "pgS": size, "off": offset, "sort": sort, "desc": false, "flt": null, "his": false});
    assert_eq!(page(selection(account, None, 100, u32::MAX, "name")), 200);
    assert_eq!(page(selection(account, None, 1, 0, "seq; DROP TABLE keys")), 200);
    assert_eq!(page(selection(account, None, 101, 0, "name")), 400);
    assert_eq!(page(selection("another", None, 10, 0, "name")), 400);
    assert_eq!(page(selection(account, Some("IBMid-55SEED0000"), 10, 0, "name")), 400);
    let mut of_service_ids = selection(account, None, 10, 0, "name");
    of_service_ids["lst"] = "serviceids".into();
    assert_eq!(page(of_service_ids), 400);
    assert_eq!(page(json!({"off": -1})), 400);
}

#[test]
fn parameters_out_of_range_are_refused() {
    let server = Server::start(None);
    let token = server.token();
    for (query, status) in [
        ("pagesize=0", 400),
        ("pagesize=101", 400),
        ("pagesize=x", 400),
        ("pagetoken=x", 400),
        ("sort=id", 400),
        ("order=up", 400),
        ("scope=all", 400),
        ("type=robot", 400),
        ("include_history=maybe", 400),
        ("filter=name+eq+%22x%22", 400),
        ("account_id=another", 400),
        ("iam_id=IBMid-another", 400),
        ("iam_id=IBMid-another&scope=account", 400),
        ("type=serviceid", 200),
        ("filter=name+co+%22x%22", 200),
        ("scope=account", 200),
    ] {
        assert_eq!(server.api(&token, &format!("/v1/apikeys?{query}"), &[]).status, status, "{query}");
    }
}

#[test]
fn a_creation_without_what_it_needs_is_refused() {
    let server = Server::start(None);
    let token = server.token();
    let own = "0123456789abcdefghijklmnopqrstuvwxyz";
    let with_value = format!(r#"{{"name":"k","iam_id":"IBMid-5500SANDBX","apikey":"{own}"}}"#);
    assert_eq!(server.api(&token, "/v1/apikeys", &["-d", &with_value]).status, 201);
    for body in [
        "",
        "[]",
        "{",
        "{}",
        r#"{"name":"k"}"#,
        r#"{"name":"","iam_id":"IBMid-5500SANDBX"}"#,
        r#"{"name":1,"iam_id":"IBMid-5500SANDBX"}"#,
        r#"{"name":"k","iam_id":"IBMid-another"}"#,
        r#"{"name":"k","iam_id":"IBMid-5500SANDBX","account_id":"another"}"#,
        r#"{"name":"k","iam_id":"IBMid-5500SANDBX","apikey":"short"}"#,
        r#"{"name":"k","iam_id":"IBMid-5500SANDBX","store_value":true}"#,
        r#"{"name":"k","iam_id":"IBMid-5500SANDBX","action_when_leaked":"explode"}"#,
        r#"{"name":"k","iam_id":"IBMid-5500SANDBX","expires_at":"tomorrow"}"#,
        &with_value,
    ] {
        assert_eq!(server.api(&token, "/v1/apikeys", &["-d", body]).status, 400, "{body}");
    }
}

#[test]
fn an_update_needs_the_tag_of_the_version_it_changes() {
    let server = Server::start(None);
    let token = server.token();
    let made = server.api(&token, "/v1/apikeys", &["-d", r#"{"name":"k","iam_id":"IBMid-5500SANDBX"}"#]);
    let path = format!("/v1/apikeys/{}", made.body["id"].as_str().unwrap());
    let tag = made.body["entity_tag"].as_str().unwrap();
    let read = server.api(&token, &path, &[]);
    assert!(read.head.contains(&format!("\r\netag: {tag}\r\n")), "{}", read.head);
    let put = |header: &str, body: &str| {
        server
            .api(&token, &path, &["-X", "PUT", "-H", header, "-H", "content-type: application/json", "-d", body])
            .status
    };
    assert_eq!(put("x: y", r#"{"name":"n"}"#), 400);
    assert_eq!(put(&format!("if-match: \"{tag}\""), r#"{"name":""}"#), 400);
    assert_eq!(put(&format!("if-match: \"{tag}\""), r#"{"name":"n"}"#), 200);
    assert_eq!(put(&format!("if-match: {tag}"), r#"{"name":"n"}"#), 409);
    assert_eq!(put("if-match: *", "{}"), 200);
}

#[test]
fn the_owner_sees_all_keys_of_the_account_only_when_they_ask_for_it() {
    let server = Server::start(Some(15));
    let token = server.token();
    for (of, count) in [("&type=user", 15), ("&type=serviceid", 2), ("", 17)] {
        let all = server.api(&token, &format!("/v1/apikeys?scope=account&pagesize=100{of}"), &[]);
        assert_eq!(all.body["apikeys"].as_array().unwrap().len(), count, "{of}");
    }
    let own = server.api(&token, "/v1/apikeys?pagesize=100", &[]);
    assert_eq!(own.body["apikeys"].as_array().unwrap().len(), 10);
}

#[test]
fn details_go_before_ids_and_need_the_value() {
    let server = Server::start(None);
    let token = server.token();
    let found = server.api(&token, "/v1/apikeys/details", &["-H", &format!("IAM-Apikey: {}", server.key)]);
    assert_eq!((found.status, &found.body["name"]), (200, &json!("sandbox")));
    assert_eq!(server.api(&token, "/v1/apikeys/details", &[]).status, 400);
    assert_eq!(server.api(&token, "/v1/apikeys/details", &["-H", "IAM-ApiKey: unknown"]).status, 404);
    let unknown = server.api(&token, "/v1/apikeys/details", &["-H", "IAM-ApiKey: unknown"]);
    assert!(!unknown.body["errors"][0]["details"].as_str().unwrap().contains("details"), "{}", unknown.body);
    assert_eq!(server.api(&token, "/v1/apikeys", &["-X", "PATCH"]).status, 405);
}

#[test]
fn the_old_address_of_the_token_endpoint_works_and_a_tenant_must_be_the_keys_own() {
    let server = Server::start(None);
    let (key, url) = (format!("apikey={}", server.key), format!("{}/oidc/token", server.url));
    assert_eq!(ask(&[&url, "--data-urlencode", GRANT, "--data-urlencode", &key]).status, 200);
    let tenant = |tenants: &str| server.token_with(&[GRANT, &key], &["-H", &format!("ibm-cloud-tenant: {tenants}")]);
    assert_eq!(tenant("another, 0123456789abcdef0123456789abcdef").status, 200);
    assert_eq!(tenant("another").body["errorCode"], "BXNIM0415E");
}

#[test]
fn every_answer_has_the_services_headers() {
    let server = Server::start(None);
    let token = server.token();
    for (path, more) in
        [("/v1/apikeys", &[][..]), ("/v1/apikeys/nosuch", &[]), ("/v1/apikeys/nosuch/lock", &["-X", "POST"])]
    {
        let head = server.api(&token, path, &[more, &["-H", "X-Correlation-ID: mine"]].concat()).head;
        for line in [
            "transaction-id: c2fuza-",
            "x-correlation-id: mine",
            "cache-control: no-cache, no-store, must-revalidate",
            "pragma: no-cache",
            "expires: 0",
            "content-language: en-us",
            "ibm-cloud-service-name: iam-identity",
            "x-content-type-options: nosniff",
            "x-request-id: ",
            "strict-transport-security: max-age=31536000; includesubdomains",
        ] {
            assert!(head.contains(&format!("\r\n{line}")), "{path}: {line} is not in {head}");
        }
    }
}

#[test]
fn history_and_a_group_can_be_asked_for_in_a_list() {
    let server = Server::start(None);
    let token = server.token();
    let list = server.api(&token, "/v1/apikeys?include_history=true&group_id=any", &[]);
    let entry = &list.body["apikeys"][0]["history"][0];
    for field in ["timestamp", "iam_id", "iam_id_account", "action", "message"] {
        assert!(entry[field].is_string(), "{entry}");
    }
    assert!(entry["params"].is_array());
    assert!(server.api(&token, "/v1/apikeys", &[]).body["apikeys"][0].get("history").is_none());
}

#[test]
fn case_is_ignored_in_every_script_and_a_filter_has_an_end() {
    let server = Server::start(None);
    let token = server.token();
    server.api(&token, "/v1/apikeys", &["-d", r#"{"name":"Ärger КЛЮЧ","iam_id":"IBMid-5500SANDBX"}"#]);
    let find = |filter: &str| {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        server.api(&token, &format!("/v1/apikeys?filter={filter}"), &[])
    };
    for filter in [r#"name co_ci "ärger""#, r#"name sw_ci "ÄRGER""#, r#"name ew_ci "ключ""#] {
        assert_eq!(find(filter).body["apikeys"].as_array().unwrap().len(), 1, "{filter}");
    }
    assert_eq!(find(r#"name co "ärger""#).body["apikeys"], json!([]));
    assert_eq!(find(&vec![r#"name co "a""#; 150].join(" or ")).status, 200);
    assert_eq!(find(&vec![r#"name co "a""#; 300].join(" or ")).status, 400);
}

#[test]
fn a_client_of_another_name_gets_tokens_that_cannot_be_renewed() {
    let server = Server::start(None);
    let key = format!("apikey={}", server.key);
    // other:secret
    let other = server.token_with(&[GRANT, &key], &["-H", "authorization: basic b3RoZXI6c2VjcmV0"]);
    assert_eq!((other.status, &other.body["refresh_token"]), (200, &json!("not_supported")));
    // bx:wrong
    assert_eq!(server.token_with(&[GRANT, &key], &["-H", "authorization: Basic Yng6d3Jvbmc="]).status, 401);
}

#[test]
fn below_identity_even_what_is_not_there_has_the_identity_envelope() {
    let server = Server::start(None);
    let missing = ask(&[&format!("{}/identity/userinfo", server.url)]);
    assert_eq!((missing.status, &missing.body["errorCode"]), (501, &json!("SANDBOX501E")));
}
