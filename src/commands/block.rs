//! Who is logged in, in the block of lines that `ibmcloud login` and `ibmcloud target` end with, and that scripts
//! read: `User:` in its second word, the account's id in brackets.

use std::time::Duration;

use serde_json::json;

use super::acting::Acting;
use super::whoami::cloud;
use crate::context::Context;
use crate::error::Error;
use crate::iam::Endpoint;
use crate::iam::accounts::list_accounts;
use crate::output::{Format, json, table};
use crate::secret::SecretString;
use crate::session::Places;
use crate::session::store::Session;

/// Width of the labels.
const LABELS: u16 = 18;

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

/// `target`: of sessions only, and not of a key in the environment.
pub(super) async fn target(context: &mut Context<'_>) -> Result<u8, Error> {
    context.settings.api_key = None;
    let acting = Acting::open(context).await?;
    let login = &acting.login;
    let block = Block::of(context, login.client.endpoint(), login.user(), &login.account_id, Some(&login.token)).await;
    if context.ui.format() == Format::Table {
        // The heading of that tool's table, which is empty.
        context.ui.say("");
    }
    block.show(context);
    Ok(0)
}

/// The end of `login`.
pub(super) async fn logged_in(context: &mut Context<'_>, places: &Places, name: &str, session: &Session) {
    let Ok(endpoint) = Endpoint::parse(&session.endpoint) else {
        return;
    };
    let token = places.files.access_token(name).map(|kept| kept.access_token);
    let block = Block::of(context, &endpoint, &session.user, &session.account_id, token.as_ref()).await;
    if !session.account_id.is_empty() {
        let account = context.ui.name(&block.account());
        context.ui.say(&format!("\nTargeted account {account}\n\n"));
    }
    block.show(context);
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

    fn show(&self, context: &mut Context<'_>) {
        if context.ui.format() == Format::Json {
            context.ui.data(&json::pretty(&json!({
                "account": {"guid": self.account_id, "name": self.account_name, "owner": self.account_owner},
                "api_endpoint": self.endpoint,
                "region": {"mccp_id": "", "name": ""},
                "resource_group": {"crn": "", "default": false, "guid": "", "name": "", "state": ""},
                "user": {"display_name": self.user, "user_email": self.user},
            })));
            return;
        }
        let name = context.settings.stand_in.as_deref().unwrap_or_default();
        let group = format!("No resource group targeted, use '{name} target -g RESOURCE_GROUP'");
        let account = self.account();
        let lines = [
            ("API endpoint:", self.endpoint.as_str()),
            ("Region:", ""),
            ("User:", &self.user),
            ("Account:", &account),
            ("Resource group:", &group),
        ];
        context.ui.table(&table::record(&lines, LABELS), false);
    }
}
