//! What `login` and `target` end with: who is logged in, where, and where the session is kept. As the stand-in it is the
//! block of lines that scripts read: `User:` in its second word, the account's id in brackets.

use std::time::Duration;

use serde_json::json;

use crate::context::{Context, InProgress};
use crate::error::Error;
use crate::format::Format;
use crate::hint::Hint;
use crate::iam::Endpoint;
use crate::iam::accounts::list_accounts;
use crate::output::report::Record;
use crate::secret::SecretString;
use crate::session::login::LoggedIn;
use crate::session::store::{Place, Session};
use crate::session::{Login, Places};
use crate::text::visible;

/// Width of the labels.
pub(crate) const LABELS: u16 = 18;

/// How long a name is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is told.
struct Block {
    endpoint: String,
    user: String,
    account_id: String,
    account_name: String,
    account_owner: String,
}

/// The end of `target`, as the stand-in.
pub(crate) async fn targeted(context: &mut Context<'_>, login: &Login) -> Result<(), Error> {
    let block = Block::of(context, login.client.endpoint(), login.user(), &login.account_id, Some(&login.token)).await;
    if context.ui.format() == Format::Table {
        // The heading of that tool's table, which is empty.
        context.ui.say("");
    }
    block.show(context)
}

/// The end of `login`, as the stand-in.
async fn logged_in(context: &mut Context<'_>, places: &Places, name: &str, session: &Session) -> Result<(), Error> {
    let Ok(endpoint) = Endpoint::parse(&session.endpoint) else {
        return Ok(());
    };
    let token = places.files.access_token(name).map(|kept| kept.access_token);
    let block = Block::of(context, &endpoint, &session.user, &session.account_id, token.as_ref()).await;
    if !session.account_id.is_empty() {
        let account = context.ui.name(&block.account());
        context.ui.say(&format!("\nTargeted account {account}\n\n"));
    }
    block.show(context)
}

impl Block {
    /// The account's name is asked for, and left out where nobody tells it.
    async fn of(
        context: &Context<'_>,
        endpoint: &Endpoint,
        user: &str,
        account_id: &str,
        token: Option<&SecretString>,
    ) -> Self {
        let accounts = match token {
            Some(token) => {
                let asked = list_accounts(endpoint, &context.settings.http, token);
                tokio::time::timeout(PATIENCE, asked).await.ok().and_then(Result::ok).unwrap_or_default()
            }
            None => Vec::new(),
        };
        let account = accounts.into_iter().find(|account| account.id == account_id);
        let (account_name, account_owner) = account.map(|account| (account.name, account.owner)).unwrap_or_default();
        Self {
            endpoint: cloud(context, endpoint),
            user: user.to_owned(),
            account_id: account_id.to_owned(),
            account_name,
            account_owner,
        }
    }

    fn account(&self) -> String {
        format!("{} ({})", self.account_name, self.account_id).trim_start().to_owned()
    }

    fn show(&self, context: &mut Context<'_>) -> Result<(), Error> {
        let name = context.settings.stand_in.as_deref().unwrap_or_default();
        let group = format!("No resource group targeted, use '{name} target -g RESOURCE_GROUP'");
        let fields = vec![
            ("API endpoint:", "endpoint", self.endpoint.clone()),
            ("Region:", "region", String::new()),
            ("User:", "user", self.user.clone()),
            ("Account:", "account", self.account()),
            ("Resource group:", "resource_group", group),
        ];
        let object = json!({
            "account": {"guid": self.account_id, "name": self.account_name, "owner": self.account_owner},
            "api_endpoint": self.endpoint,
            "region": {"mccp_id": "", "name": ""},
            "resource_group": {"crn": "", "default": false, "guid": "", "name": "", "state": ""},
            "user": {"display_name": self.user, "user_email": self.user},
        });
        Ok(context.ui.render(&Record { fields, width: LABELS, object })?)
    }
}

/// Says what a login or a switch led to.
pub(crate) async fn tell(context: &mut Context<'_>, places: &Places, name: &str, done: &LoggedIn) -> Result<(), Error> {
    if context.settings.stand_in.is_some() {
        logged_in(context, places, name, &done.session).await?;
    } else {
        show(context, places, name, done)?;
    }
    if let Some(why) = &done.fell_back {
        let path = places.files.path(name);
        context.ui.note(format!("The refresh token is stored in a plain file, {path}, because {why}."));
    }
    if let Some(why) = &done.uncleared {
        context.ui.note(format!("The keyring still holds secrets of an older login: {why}."));
    }
    if done.removed_key {
        context.ui.note(
            "The API key of the session was removed, because it belongs to the previous account. \
             To keep a key of this account, log in with it and --keep-key.",
        );
    }
    if !done.renewable {
        context.ui.note("This session cannot be renewed. It ends when its access token expires.");
    }
    Ok(())
}

fn show(context: &mut Context<'_>, places: &Places, name: &str, done: &LoggedIn) -> Result<(), Error> {
    if !done.session.account_id.is_empty() {
        let account = context.ui.name(&done.session.account_id);
        context.ui.say(&format!("\nTargeted account {account}\n"));
    }
    show_stored(context, name, &done.session, &places.files.path(name))
}

/// A session that is being written.
pub(crate) fn session_in_progress(name: &str, done: &str) -> InProgress {
    let name = visible(name);
    InProgress::new(format!("The session '{name}' may have been {done}."))
        .hint(Hint::run("To check, run", ["session", "list"]))
}

/// An endpoint as people call it: in the words of the tool that is stood in for, if that is so.
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

/// Where a session's secrets are, for people.
pub(crate) fn told(place: Place, keeps_key: bool, path: &str) -> String {
    match (place, keeps_key) {
        (Place::File, false) => path.to_owned(),
        (Place::File, true) => format!("{path}, and its API key in the system's keyring"),
        (Place::Keyring, false) => "the system's keyring".to_owned(),
        (Place::Keyring, true) => "the system's keyring, with its API key".to_owned(),
        (Place::Nowhere, false) => "not stored; the session ends when its access token expires".to_owned(),
        (Place::Nowhere, true) => "the system's keyring, as its API key".to_owned(),
    }
}

fn show_stored(context: &mut Context<'_>, name: &str, session: &Session, path: &str) -> Result<(), Error> {
    let place = told(session.place, session.keeps_key, path);
    let object = json!({
        "api_endpoint": session.endpoint,
        "account": {"guid": session.account_id},
        "user": {"display_name": session.user, "user_email": session.user},
        "session": {"name": name, "kept_in": place},
    });
    let fields = vec![
        ("API endpoint:", "endpoint", session.endpoint.clone()),
        ("User:", "user", session.user.clone()),
        ("Account:", "account", session.account_id.clone()),
        ("Session:", "session", name.to_owned()),
        ("Kept in:", "kept_in", place),
    ];
    Ok(context.ui.render(&Record { fields, width: LABELS, object })?)
}

/// The sandbox has no session; one for elsewhere is not to be touched by mistake, and a script goes on.
pub(crate) fn in_sandbox(context: &mut Context<'_>) -> bool {
    if context.settings.sandbox {
        context.ui.ok();
        context.ui.note("The sandbox needs no login: its user is always logged in. No session was changed.");
    }
    context.settings.sandbox
}
