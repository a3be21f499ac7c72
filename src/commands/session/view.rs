//! The last output of `login` and `target`: who is logged in, where, and where the session is stored. As the stand-in,
//! this is the block of lines that scripts parse: the user is the second word of the `User:` line, and the account ID
//! is in parentheses.

use std::time::Duration;

use serde_json::json;

use crate::context::{Context, InProgress};
use crate::error::Error;
use crate::format::Format;
use crate::hint::Hint;
use crate::iam::Endpoint;
use crate::iam::accounts::{Account, list_accounts};
use crate::ops::keys::completion;
use crate::output::report::Record;
use crate::output::{Cell, Column, object};
use crate::secret::SecretString;
use crate::session::claims::Claims;
use crate::session::login::LoggedIn;
use crate::session::store::{Session, Storage};
use crate::session::{Login, Stores};
use crate::text::{name_with_id, visible};

/// The width of the labels.
pub(crate) const LABELS: u16 = 18;

/// How long the command waits for the name of the account.
const ACCOUNT_NAME_TIMEOUT: Duration = Duration::from_secs(3);

/// The output.
pub(crate) struct Shown {
    pub(crate) endpoint: String,
    pub(crate) user: String,
    /// The IAM ID of the user; `None` if the output does not have it.
    pub(crate) iam_id: Option<String>,
    pub(crate) account_id: String,
    pub(crate) account_name: String,
    pub(crate) session: String,
    pub(crate) stored_in: String,
    pub(crate) token_until: String,
}

/// The fields. The last one is only in the output of `target`.
pub(crate) const FIELDS: [Column<Shown>; 6] = [
    Column::new("API endpoint:", "api_endpoint", |shown| (&shown.endpoint).into()),
    Column::new("User:", "user", |shown| {
        let mut object = json!({"display_name": shown.user, "user_email": shown.user});
        if let Some(iam_id) = &shown.iam_id {
            object["iam_id"] = iam_id.as_str().into();
        }
        Cell::new(&*shown.user, object)
    }),
    Column::new("Account:", "account", |shown| {
        let Shown { account_id, account_name, .. } = shown;
        Cell::new(describe_account(account_name, account_id), json!({"guid": account_id, "name": account_name}))
    }),
    Column::new("Session:", "session", |shown| Cell::new(&*shown.session, json!({"name": shown.session}))),
    Column::inside("session", "Stored in:", "stored_in", |shown| (&shown.stored_in).into()),
    Column::inside("session", "Token expires:", "token_until", |shown| (&shown.token_until).into()),
];

/// The output as the stand-in.
struct Block {
    endpoint: String,
    user: String,
    account: Account,
    /// The name of the tool that this program stands in for.
    tool: String,
}

/// The fields as the stand-in.
const BLOCK: [Column<Block>; 5] = [
    Column::new("API endpoint:", "api_endpoint", |block| (&block.endpoint).into()),
    Column::new("Region:", "region", |_| Cell::new("", json!({"mccp_id": "", "name": ""}))),
    Column::new("User:", "user", |block| {
        Cell::new(&*block.user, json!({"display_name": block.user, "user_email": block.user}))
    }),
    Column::new("Account:", "account", |block| {
        let Account { id, name, owner } = &block.account;
        Cell::new(block.account(), json!({"guid": id, "name": name, "owner": owner}))
    }),
    Column::new("Resource group:", "resource_group", |block| {
        let text = format!("No resource group targeted, use '{} target -g RESOURCE_GROUP'", block.tool);
        Cell::new(text, json!({"crn": "", "default": false, "guid": "", "name": "", "state": ""}))
    }),
];

/// Shows the last output of `target`, as the stand-in.
pub(crate) async fn targeted(context: &mut Context<'_>, login: &Login) -> Result<(), Error> {
    let account = account_of(context, login.client.endpoint(), &login.token).await;
    if context.ui.format() == Format::Table {
        // In the `ibmcloud` tool, the heading of this table is an empty line.
        context.ui.say("");
    }
    Block::new(context, login.client.endpoint(), login.user(), &login.account_id, account.as_ref()).show(context)
}

/// Shows the last output of `login`, as the stand-in.
fn logged_in(context: &mut Context<'_>, session: &Session, account: Option<&Account>) -> Result<(), Error> {
    let Ok(endpoint) = Endpoint::parse(&session.endpoint) else {
        return Ok(());
    };
    let block = Block::new(context, &endpoint, &session.user, &session.account_id, account);
    if !session.account_id.is_empty() {
        let account = context.ui.value(&block.account());
        context.ui.say(&format!("\nTargeted account {account}\n\n"));
    }
    block.show(context)
}

/// Returns the account of a token, with its name. Returns `None` if neither the stand-in nor a terminal shows it, or if
/// the service does not respond in time.
pub(crate) async fn account_of(context: &Context<'_>, endpoint: &Endpoint, token: &SecretString) -> Option<Account> {
    if context.settings.stand_in.is_none() && !context.ui.is_watched() {
        return None;
    }
    let claims = Claims::read(token).ok()?;
    let account_id = claims.account_id().ok()?;
    let asked = list_accounts(endpoint, &context.settings.http, token);
    let accounts = tokio::time::timeout(ACCOUNT_NAME_TIMEOUT, asked).await.ok()?.ok()?;
    completion::saw_accounts(context, &endpoint.to_string(), claims.user(), &accounts);
    accounts.into_iter().find(|account| account.id == account_id)
}

/// Formats an account for a sentence: its name, if it is known, and its ID.
pub(crate) fn describe_account(name: &str, id: &str) -> String {
    if name.is_empty() { id.to_owned() } else { name_with_id(name, id) }
}

impl Block {
    fn new(
        context: &Context<'_>,
        endpoint: &Endpoint,
        user: &str,
        account_id: &str,
        account: Option<&Account>,
    ) -> Self {
        let (name, owner) = account.map(|account| (account.name.clone(), account.owner.clone())).unwrap_or_default();
        Self {
            endpoint: cloud(context, endpoint),
            user: user.to_owned(),
            account: Account { id: account_id.to_owned(), name, owner },
            tool: context.settings.stand_in.clone().unwrap_or_default(),
        }
    }

    fn account(&self) -> String {
        name_with_id(&self.account.name, &self.account.id).trim_start().to_owned()
    }

    fn show(&self, context: &mut Context<'_>) -> Result<(), Error> {
        // The fields of that tool's JSON are sorted.
        let mut object = object(&BLOCK, self);
        object.sort_keys();
        Ok(context.ui.render(&Record { object: Some(object), ..Record::new(&BLOCK, self, LABELS) })?)
    }
}

/// Reports the result of a login or a switch.
pub(crate) fn report_login(
    context: &mut Context<'_>,
    stores: &Stores,
    name: &str,
    done: &LoggedIn,
    account: Option<&Account>,
) -> Result<(), Error> {
    if context.settings.stand_in.is_some() {
        logged_in(context, &done.session, account)?;
    } else {
        show(context, stores, name, done)?;
    }
    if let Some(why) = &done.fell_back {
        let path = stores.files.path(name);
        context.ui.note(format!("The refresh token is stored in a plain file, {path}, because {why}."));
    }
    if let Some(why) = &done.uncleared {
        context.ui.note(format!("Cannot delete the secrets of an older login from the keyring: {why}."));
    }
    if done.removed_key {
        context.ui.note(
            "The API key of the session was removed, because it belongs to the previous account. \
             To store a key of this account, log in with that key and --keep-key.",
        );
    }
    if !done.renewable {
        context.ui.note("This session cannot be renewed. It ends when its access token expires.");
    }
    Ok(())
}

fn show(context: &mut Context<'_>, stores: &Stores, name: &str, done: &LoggedIn) -> Result<(), Error> {
    if !done.session.account_id.is_empty() {
        let account = describe_account(&done.session.account_name, &done.session.account_id);
        let account = context.ui.value(&account);
        context.ui.say(&format!("\nTargeted account {account}\n"));
    }
    show_stored(context, name, &done.session, &stores.files.path(name))
}

/// Returns the progress of a change of a session.
pub(crate) fn session_in_progress(name: &str, done: &str) -> InProgress {
    let name = visible(name);
    InProgress::new(format!("The session '{name}' may have been {done}."))
        .hint(Hint::run("To check, run", ["session", "list"]))
}

/// Returns an endpoint for display; as the stand-in, with the name that the `ibmcloud` tool uses.
pub(crate) fn cloud(context: &Context<'_>, endpoint: &Endpoint) -> String {
    let endpoint = endpoint.to_string();
    let named = match endpoint.as_str() {
        "https://iam.cloud.ibm.com" => "https://cloud.ibm.com",
        "https://private.iam.cloud.ibm.com" => "https://private.cloud.ibm.com",
        "https://iam.test.cloud.ibm.com" => "https://test.cloud.ibm.com",
        _ => return endpoint,
    };
    if context.settings.stand_in.is_some() { named.to_owned() } else { endpoint }
}

/// Describes where the secrets of a session are stored.
pub(crate) fn describe_place(storage: Storage, keeps_key: bool, path: &str) -> String {
    match (storage, keeps_key) {
        (Storage::File, false) => path.to_owned(),
        (Storage::File, true) => format!("{path}, and its API key in the system's keyring"),
        (Storage::Keyring, false) => "the system's keyring".to_owned(),
        (Storage::Keyring, true) => "the system's keyring, with its API key".to_owned(),
        (Storage::Nowhere, false) => "not stored; the session ends when its access token expires".to_owned(),
        (Storage::Nowhere, true) => "the system's keyring, as its API key".to_owned(),
    }
}

fn show_stored(context: &mut Context<'_>, name: &str, session: &Session, path: &str) -> Result<(), Error> {
    let shown = Shown {
        endpoint: session.endpoint.clone(),
        user: session.user.clone(),
        iam_id: None,
        account_id: session.account_id.clone(),
        account_name: session.account_name.clone(),
        session: name.to_owned(),
        stored_in: describe_place(session.storage, session.keeps_key, path),
        token_until: String::new(),
    };
    Ok(context.ui.render(&Record::new(&FIELDS[..5], &shown, LABELS))?)
}

/// Whether the sandbox is used. If so, tells the user that it needs no login, so that no other session changes by
/// mistake and a script continues.
pub(crate) fn in_sandbox(context: &mut Context<'_>) -> bool {
    if context.settings.sandbox {
        context.ui.ok();
        context.ui.note("The sandbox needs no login: its user is always logged in. No session was changed.");
    }
    context.settings.sandbox
}
