//! `POST /identity/token` and what belongs to it: the grants `apikey`, `refresh_token`, `passcode` and `cr-token`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use super::accounts::is_account_id;
use super::call::{Call, Reply};
use super::error::Fault;
use super::identities::{ACCOUNT, Identity, PROFILE, PROFILE_NAME, identity};
use super::keys::immediate;
use super::records::{hash, key_by, random_value};
use super::setup::{Issuer, Unchosen};
use super::token::Grant;

const API_KEY: &str = "urn:ibm:params:oauth:grant-type:apikey";
const PASSCODE: &str = "urn:ibm:params:oauth:grant-type:passcode";
const COMPUTE_RESOURCE: &str = "urn:ibm:params:oauth:grant-type:cr-token";
const REFRESH: &str = "refresh_token";

/// The grants that there are.
pub(super) const GRANTS: [&str; 4] = [API_KEY, PASSCODE, COMPUTE_RESOURCE, REFRESH];

/// Needs the credentials of a client.
const PASSWORD: &str = "password";

/// What else the service's grants end in.
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

/// In place of a refresh token.
const NOT_SUPPORTED: &str = "not_supported";

/// The response type that there is, and those that the service has besides.
const RESPONSE_TYPE: &str = "cloud_iam";
const DELEGATED: &str = "delegated_refresh_token";

/// The token endpoint.
pub(super) fn token(call: &Call) -> Result<Reply, Fault> {
    let client = client(call)?;
    let grant_type = call.field("grant_type")?;
    let choices = &call.app.setup.choices;
    if let Ok(response_type) = call.field("response_type")
        && response_type != RESPONSE_TYPE
    {
        let is_services = response_type.split(' ').all(|word| word == RESPONSE_TYPE || word == DELEGATED);
        return Err(if is_services {
            Fault::not_implemented(&format!("the response type '{DELEGATED}'"), choices)
        } else {
            Fault::invalid("response_type", &response_type, RESPONSE_TYPE)
        });
    }
    check_grant(call, &grant_type, &client)?;
    let mut connection = call.app.store.lock();
    let login = match grant_type.as_str() {
        API_KEY => by_api_key(call, &connection)?,
        REFRESH => by_refresh_token(&connection, &call.field("refresh_token")?, &client, call.now)?,
        PASSCODE => by_passcode(call, &connection)?,
        _ => by_compute_resource(call, &connection)?,
    };
    let login = login.choose(call)?;
    let mut refresh_token = match &client {
        _ if grant_type == COMPUTE_RESOURCE => None,
        Client::Cli => Some(login.refresh_token()),
        Client::Default | Client::Other(_) => Some(NOT_SUPPORTED.to_owned()),
    };
    let uses_key = grant_type == API_KEY;
    match note_login(call, &mut connection, &login, uses_key, &client, refresh_token.as_deref()) {
        // A disk that is full or read only does not stop a login with a key: it is counted later, as by the service, and
        // cannot be renewed.
        Err(fault) if fault.unwritable && uses_key => {
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
    let mut answer = json!({"access_token": access_token.ok_or_else(|| Fault::internal("no random numbers"))?});
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

/// Who issues tokens.
fn issuer(call: &Call) -> &str {
    match call.app.setup.choices.issuer {
        Issuer::Sandbox => &call.app.url,
        Issuer::Service => "https://iam.cloud.ibm.com",
    }
}

/// `POST /identity/passcode`: a one-time passcode for whoever has a refresh token of the command line's client.
pub(super) fn passcode(call: &Call) -> Result<Reply, Fault> {
    let client = client(call)?;
    if client != Client::Cli {
        return Err(Fault::no_token());
    }
    let token = call.field("refresh_token")?;
    let login = by_refresh_token(&call.app.store.lock(), &token, &client, call.now)?;
    if login.user.sub_type().is_some() {
        return Err(Fault::bad_refresh_token());
    }
    let user = login.user;
    let expires = call.now + i64::from(call.app.setup.lifetimes.passcode);
    let passcode = call.app.store.passcode(&user.iam_id, expires)?;
    Ok(Reply::ok(json!({"passcode": passcode})))
}

/// `GET /identity/keys`: what access tokens are signed with.
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

/// Who asks: the SDKs nobody, IBM's command line `bx:bx`, others who they are. Secrets of others are not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Client {
    Default,
    Cli,
    Other(String),
}

impl Client {
    fn id(&self) -> &str {
        match self {
            Self::Default => "default",
            Self::Cli => "bx",
            Self::Other(id) => id,
        }
    }
}

fn client(call: &Call) -> Result<Client, Fault> {
    let Some(header) = call.header("authorization") else {
        return Ok(Client::Default);
    };
    let basic = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    let decoded = basic.and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok());
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(Fault::no_token)?;
    match text.split_once(':') {
        Some(("bx", "bx")) => Ok(Client::Cli),
        Some((id, _)) if !id.is_empty() && id != "bx" => Ok(Client::Other(id.to_owned())),
        _ => Err(Fault::no_token()),
    }
}

/// Whom a grant stands for, and where.
struct Login {
    user: Identity,
    /// Which account its tokens are for; `None` until one is chosen.
    account: Option<String>,
    /// Whether it is for that account alone, as a key is.
    bound: bool,
    /// The ID of the key that logs in, or whose login is renewed.
    key: Option<String>,
    /// The hash of the passcode that logs in, which is good once.
    passcode: Option<String>,
}

impl Login {
    /// Goes to the account that the request names, if it names one and the user is a member of it.
    fn choose(mut self, call: &Call) -> Result<Self, Fault> {
        if let Ok(asked) = call.field("account") {
            if self.bound && self.account.as_ref() != Some(&asked) {
                return Err(Fault::not_a_member());
            }
            self.account = Some(asked);
        }
        match &self.account {
            Some(account) if !self.user.accounts(&call.app.setup).contains(&account.as_str()) => {
                Err(Fault::not_a_member())
            }
            _ => Ok(self),
        }
    }

    /// A refresh token's text. Clients take it as a whole; the service reads from its end what it is for: `.ACCOUNT`,
    /// `.ACCOUNT.key` where it is bound to it, or `.` for no account.
    fn refresh_token(&self) -> String {
        let bound = if self.bound { ".key" } else { "" };
        format!("{}.{}{bound}", random_value(), self.account.as_deref().unwrap_or_default())
    }

    /// What a refresh token is for; `None` if it ends in no such way.
    fn resume(user: Identity, token: &str) -> Option<Self> {
        let Some((_, end)) = token.split_once('.') else {
            // From before there were several accounts.
            return Some(Self {
                account: Some(user.account_id.clone()),
                user,
                bound: false,
                key: None,
                passcode: None,
            });
        };
        if end.is_empty() {
            return Some(Self { user, account: None, bound: false, key: None, passcode: None });
        }
        let (account, bound) = end.strip_suffix(".key").map_or((end, false), |account| (account, true));
        is_account_id(account).then(|| Self {
            user,
            account: Some(account.to_owned()),
            bound,
            key: None,
            passcode: None,
        })
    }
}

/// The accounts that whoever logs in must be of, if the client names any.
fn is_tenant(call: &Call, account_id: &str) -> bool {
    call.header("ibm-cloud-tenant").is_none_or(|tenants| tenants.split(',').any(|tenant| tenant.trim() == account_id))
}

fn by_api_key(call: &Call, connection: &Connection) -> Result<Login, Fault> {
    let key = key_by(connection, "hash", &hash(&call.field("apikey")?))?.ok_or_else(Fault::unknown_key)?;
    if key.disabled {
        return Err(Fault::disabled_key());
    }
    if key.expires_at.is_some_and(|end| end <= call.now) {
        return Err(Fault::expired_key(&call.app.setup.choices));
    }
    if !is_tenant(call, &key.account_id) {
        return Err(Fault::unknown_key());
    }
    let user = identity(connection, &key.iam_id)?.ok_or_else(Fault::unknown_key)?;
    Ok(Login { user, account: Some(key.account_id), bound: true, key: Some(key.id), passcode: None })
}

/// Stores what a login changes, all of it or nothing: a passcode is used up, a key's use is counted, and a refresh token can
/// be used.
fn note_login(
    call: &Call,
    connection: &mut Connection,
    login: &Login,
    uses_key: bool,
    client: &Client,
    refresh_token: Option<&str>,
) -> Result<(), Fault> {
    let change = immediate(connection)?;
    if let Some(passcode) = &login.passcode
        && change.prepare_cached("DELETE FROM passcodes WHERE hash = ?")?.execute([passcode])? == 0
    {
        return Err(Fault::bad_passcode());
    }
    if let Some(key) = login.key.as_ref().filter(|_| uses_key) {
        change
            .prepare_cached("UPDATE keys SET authn_count = authn_count + 1, last_authn = ? WHERE id = ?")?
            .execute(params![call.now, key])?;
    }
    if let Some(token) = refresh_token.filter(|token| *token != NOT_SUPPORTED) {
        store_refresh_token(call, &change, login, client, token)?;
    }
    Ok(change.commit()?)
}

/// The grants that the service has and the sandbox does not are not taken for unknown ones.
fn check_grant(call: &Call, grant_type: &str, client: &Client) -> Result<(), Fault> {
    let what = || format!("the grant type '{grant_type}'");
    match grant_type {
        PASSCODE | PASSWORD if *client == Client::Default => Err(Fault::no_token()),
        PASSCODE if *client != Client::Cli => Err(Fault::no_token()),
        grant if GRANTS.contains(&grant) => Ok(()),
        PASSWORD => Err(Fault::not_implemented(&what(), &call.app.setup.choices)),
        other if OTHER_GRANTS.iter().any(|known| other.rsplit(':').next() == Some(known)) => {
            Err(Fault::not_implemented(&what(), &call.app.setup.choices))
        }
        other => Err(Fault::invalid("grant_type", other, &GRANTS.join(", "))),
    }
}

fn by_refresh_token(connection: &Connection, token: &str, client: &Client, now: i64) -> Result<Login, Fault> {
    let found: Option<(String, i64, Option<String>)> = connection
        .prepare_cached("SELECT iam_id, expires_at, key FROM refresh_tokens WHERE hash = ? AND client = ?")?
        .query_row([hash(token).as_str(), client.id()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (iam_id, end, key) = found.ok_or_else(Fault::bad_refresh_token)?;
    // A login with a key ends with the key.
    if let Some(key) = &key
        && key_by(connection, "id", key)?.is_none_or(|key| key.disabled)
    {
        return Err(Fault::bad_refresh_token());
    }
    if end <= now {
        return Err(Fault::expired_refresh_token());
    }
    let user = identity(connection, &iam_id)?.ok_or_else(Fault::bad_refresh_token)?;
    let login = Login::resume(user, token).ok_or_else(Fault::bad_refresh_token)?;
    Ok(Login { key, ..login })
}

/// A passcode is good once, in any account of its user; which one may be chosen later.
fn by_passcode(call: &Call, connection: &Connection) -> Result<Login, Fault> {
    let passcode = hash(&call.field("passcode")?);
    let found: Option<(String, i64)> = connection
        .prepare_cached("SELECT iam_id, expires_at FROM passcodes WHERE hash = ?")?
        .query_row([&passcode], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (iam_id, _) = found.filter(|(_, end)| *end > call.now).ok_or_else(Fault::bad_passcode)?;
    let user = identity(connection, &iam_id)?.ok_or_else(Fault::bad_passcode)?;
    let setup = &call.app.setup;
    let no_choice = setup.choices.passcode_without_account == Unchosen::Account && user.accounts(setup).len() == 1;
    Ok(Login {
        account: no_choice.then(|| user.account_id.clone()),
        user,
        bound: false,
        key: None,
        passcode: Some(passcode),
    })
}

fn by_compute_resource(call: &Call, connection: &Connection) -> Result<Login, Fault> {
    if !call.app.signer.is_compute_resource(&call.field("cr_token")?, call.now) {
        return Err(Fault::malformed_token());
    }
    let id = PROFILE.trim_start_matches("iam-");
    let named = [
        ("profile_id", [id.to_owned(), PROFILE.to_owned()]),
        ("profile_name", [PROFILE_NAME.to_owned(), String::new()]),
        ("profile_crn", [profile_crn(), String::new()]),
    ];
    let mut given = named.iter().filter_map(|(field, known)| Some((call.field(field).ok()?, known)));
    let (asked, known) = given.next().ok_or_else(|| Fault::missing("profile_id"))?;
    if !known.contains(&asked) {
        return Err(Fault::no_profile());
    }
    if !is_tenant(call, ACCOUNT) {
        return Err(Fault::no_profile());
    }
    let user = identity(connection, PROFILE)?.ok_or_else(Fault::no_profile)?;
    Ok(Login { user, account: Some(ACCOUNT.to_owned()), bound: true, key: None, passcode: None })
}

/// The trusted profile's cloud resource name.
fn profile_crn() -> String {
    let id = PROFILE.trim_start_matches("iam-");
    format!("crn:v1:bluemix:public:iam-identity::a/{ACCOUNT}::profile:{id}")
}

/// The one that was used stays good: clients that run in parallel use it several times.
fn store_refresh_token(
    call: &Call,
    connection: &Connection,
    login: &Login,
    client: &Client,
    token: &str,
) -> Result<(), Fault> {
    let expires = call.now + i64::from(call.app.setup.lifetimes.refresh_token);
    connection.prepare_cached("INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, ?)")?.execute(params![
        hash(token),
        login.user.iam_id,
        client.id(),
        expires,
        login.key,
    ])?;
    // Those that are over are told from those that never were, for a while. By the real time: a clock that is off for one
    // request ends nothing.
    let forget = (call.app.clock)().as_second() - i64::from(call.app.setup.lifetimes.refresh_token) - 86_400;
    connection.prepare_cached("DELETE FROM refresh_tokens WHERE expires_at <= ?")?.execute([forget])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_says_what_it_is_for_in_one_way_only() {
        let other = "ffffffffffffffffffffffffffffffff";
        for (account, bound) in [(None, false), (Some(ACCOUNT), false), (Some(other), false), (Some(other), true)] {
            let account = account.map(str::to_owned);
            let login = Login { user: Identity::owner(), account: account.clone(), bound, key: None, passcode: None };
            let resumed = Login::resume(Identity::owner(), &login.refresh_token()).unwrap();
            assert_eq!((resumed.account, resumed.bound), (account, bound));
        }
        let before = Login::resume(Identity::owner(), &random_value()).unwrap();
        assert_eq!((before.account.as_deref(), before.bound), (Some(ACCOUNT), false));
        for end in [".x", "..", ".key", "..key", ".FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"] {
            assert!(Login::resume(Identity::owner(), &format!("{}{end}", random_value())).is_none(), "{end}");
        }
        assert!(Login::resume(Identity::owner(), &format!("r.{other}.")).is_none());
    }
}
