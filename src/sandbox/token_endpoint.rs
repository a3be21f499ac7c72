//! `POST /identity/token` and related paths: the grants `apikey`, `refresh_token`, `passcode` and `cr-token`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::call::{Call, Reply};
use super::error::Refusal;
use super::grants::{Client, Login, NOT_SUPPORTED};
use super::setup::Issuer;
use super::token::Grant;

const API_KEY: &str = "urn:ibm:params:oauth:grant-type:apikey";
const PASSCODE: &str = "urn:ibm:params:oauth:grant-type:passcode";
const COMPUTE_RESOURCE: &str = "urn:ibm:params:oauth:grant-type:cr-token";
const REFRESH: &str = "refresh_token";

/// The supported grants.
const GRANTS: [&str; 4] = [API_KEY, PASSCODE, COMPUTE_RESOURCE, REFRESH];

/// A grant that requires the credentials of a client.
const PASSWORD: &str = "password";

/// The endings of the service's other grants.
const OTHER_GRANTS: [&str; 9] = [
    "assume",
    "iam-authz",
    "delegated-refresh-token",
    "derive",
    "identity-cookie",
    "iam-cookie",
    "ims-portal",
    "authorization_code",
    "implicit",
];

/// The supported response type, and the other one of the service.
const RESPONSE_TYPE: &str = "cloud_iam";
const DELEGATED: &str = "delegated_refresh_token";

/// The token endpoint.
pub(super) fn token(call: &Call) -> Result<Reply, Refusal> {
    let client = client(call)?;
    let grant_type = call.field("grant_type")?;
    check_response_type(call)?;
    check_grant(call, &grant_type, &client)?;
    let mut connection = call.app.store.lock();
    let login = match grant_type.as_str() {
        API_KEY => Login::by_api_key(call, &connection)?,
        REFRESH => Login::by_refresh_token(&connection, &call.field("refresh_token")?, &client, call.now)?,
        PASSCODE => Login::by_passcode(call, &connection)?,
        _ => Login::by_compute_resource(call, &connection)?,
    };
    let login = login.choose(call)?;
    let mut refresh_token = match &client {
        _ if grant_type == COMPUTE_RESOURCE => None,
        Client::Cli => Some(login.refresh_token()),
        Client::Default | Client::Other(_) => Some(NOT_SUPPORTED.to_owned()),
    };
    match login.record(call, &mut connection, &client, refresh_token.as_deref()) {
        // A full or read-only disk does not stop a login with a key: the login is not counted, and gets no refresh
        // token. (The service counts logins with a delay.)
        Err(refusal) if refusal.unwritable && grant_type == API_KEY => {
            refresh_token = refresh_token.map(|_| NOT_SUPPORTED.to_owned());
        }
        noted => noted?,
    }
    drop(connection);

    let lifetime = i64::from(call.app.setup.lifetimes.access_token);
    let expires = if call.counts_as_expired() { call.now - 1 } else { call.now + lifetime };
    let access_token = call.app.signer.sign(&Grant {
        user: &login.user,
        account: login.account.as_deref(),
        issuer: issuer(call),
        grant_type: &grant_type,
        client: client.id(),
        issued: expires - lifetime,
        expires,
    });
    let mut answer = json!({"access_token": access_token.ok_or_else(|| Refusal::internal("no random numbers"))?});
    if let Some(refresh_token) = refresh_token {
        answer["refresh_token"] = refresh_token.into();
    }
    if login.user.sub_type().is_none() {
        answer["ims_user_id"] = 1.into();
    }
    answer["token_type"] = "Bearer".into();
    answer["expires_in"] = (expires - call.now).into();
    answer["expiration"] = expires.into();
    answer["scope"] = "ibm openid".into();
    Ok(Reply::ok(answer))
}

/// Returns the issuer of tokens.
fn issuer(call: &Call) -> &str {
    match call.app.setup.choices.issuer {
        Issuer::Sandbox => &call.app.url,
        Issuer::Service => "https://iam.cloud.ibm.com",
    }
}

/// `POST /identity/passcode`: returns a one-time passcode to a user with a refresh token of IBM's command line.
pub(super) fn passcode(call: &Call) -> Result<Reply, Refusal> {
    let client = client(call)?;
    if client != Client::Cli {
        return Err(Refusal::no_token());
    }
    let token = call.field("refresh_token")?;
    let login = Login::by_refresh_token(&call.app.store.lock(), &token, &client, call.now)?;
    if login.user.sub_type().is_some() {
        return Err(Refusal::bad_refresh_token());
    }
    let user = login.user;
    let expires = call.now + i64::from(call.app.setup.lifetimes.passcode);
    let passcode = call.app.store.passcode(&user.iam_id, expires)?;
    Ok(Reply::ok(json!({"passcode": passcode})))
}

/// `GET /identity/keys`: returns the public key for access tokens.
pub(super) fn keys(call: &Call) -> Reply {
    Reply::ok(json!({"keys": [call.app.signer.public_key()]}))
}

/// `GET /identity/.well-known/openid-configuration`
pub(super) fn configuration(call: &Call) -> Reply {
    let url = &call.app.url;
    Reply::ok(json!({
        "issuer": format!("{}/identity", issuer(call)),
        "authorization_endpoint": format!("{url}/identity/authorize"),
        "token_endpoint": format!("{url}/identity/token"),
        "passcode_endpoint": format!("{url}/identity/passcode"),
        "jwks_uri": format!("{url}/identity/keys"),
        "response_types_supported": ["code", "id_token", "token id_token"],
        "grant_types_supported": GRANTS,
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "ibm"],
        "claims_supported": ["iam_id", "sub", "aud", "iss"],
        "public_hosts": [url],
    }))
}

fn client(call: &Call) -> Result<Client, Refusal> {
    let Some(header) = call.header("authorization") else {
        return Ok(Client::Default);
    };
    let basic = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    let decoded = basic.and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok());
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(Refusal::no_token)?;
    match text.split_once(':') {
        Some(("bx", "bx")) => Ok(Client::Cli),
        Some((id, _)) if !id.is_empty() && id != "bx" => Ok(Client::Other(id.to_owned())),
        _ => Err(Refusal::no_token()),
    }
}

/// Checks the response type, which a request does not need to name.
fn check_response_type(call: &Call) -> Result<(), Refusal> {
    match call.field("response_type") {
        Ok(asked) if asked == RESPONSE_TYPE => Ok(()),
        Ok(asked) if asked.split(' ').all(|word| word == RESPONSE_TYPE || word == DELEGATED) => {
            let what = format!("the response type '{DELEGATED}'");
            Err(Refusal::not_implemented(&what, &call.app.setup.choices))
        }
        Ok(asked) => Err(Refusal::invalid("response_type", &asked, RESPONSE_TYPE)),
        Err(_) => Ok(()),
    }
}

/// Checks the grant. A grant that the service has and the sandbox does not gets another error than an unknown grant.
fn check_grant(call: &Call, grant_type: &str, client: &Client) -> Result<(), Refusal> {
    let what = || format!("the grant type '{grant_type}'");
    match grant_type {
        PASSCODE | PASSWORD if *client == Client::Default => Err(Refusal::no_token()),
        PASSCODE if *client != Client::Cli => Err(Refusal::no_token()),
        grant if GRANTS.contains(&grant) => Ok(()),
        PASSWORD => Err(Refusal::not_implemented(&what(), &call.app.setup.choices)),
        other if OTHER_GRANTS.iter().any(|known| other.rsplit(':').next() == Some(known)) => {
            Err(Refusal::not_implemented(&what(), &call.app.setup.choices))
        }
        other => Err(Refusal::invalid("grant_type", other, &GRANTS.join(", "))),
    }
}
