//! The owner of the keys that a command works with.

use crate::cli::service::Whose;
use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::iam::service_ids::{Coverage, ServiceId};
use crate::iam::{Key, KeyQuery, Scope};
use crate::ops::messages::{ONLY_DEFAULT_GROUP, called};
use crate::session::{Login, Source};
use crate::terminal::ui::Ui;
use crate::text::{name, visible};

/// The owner of keys, which can be another identity than the logged-in user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyOwner {
    iam_id: String,
    account_id: String,
    /// The name and the ID of a service ID; `None` for the logged-in user.
    service_id: Option<(String, String)>,
}

impl KeyOwner {
    /// Returns the user of a login as the owner.
    pub(crate) fn user_of(login: &Login) -> Self {
        Self { iam_id: login.iam_id().to_owned(), account_id: login.account_id.clone(), service_id: None }
    }

    /// Finds the owner: the user, or a service ID of the login's account by name or ID.
    pub(crate) async fn find(login: &Login, whose: &Whose) -> Result<Self, Error> {
        let Whose::ServiceId(operand) = whose else { return Ok(Self::user_of(login)) };
        let found = find(login, operand).await?;
        let service_id = Some((found.name, found.id));
        Ok(Self { iam_id: found.iam_id, account_id: login.account_id.clone(), service_id })
    }

    /// Returns the owner with this IAM ID. The ID of a service ID also replaces its unknown name.
    pub(crate) fn with_iam_id(login: &Login, iam_id: &str) -> Self {
        let service_id = ServiceId::id_of(iam_id).map(|id| (id.to_owned(), id.to_owned()));
        Self { iam_id: iam_id.to_owned(), account_id: login.account_id.clone(), service_id }
    }

    /// Returns the IAM ID, as in the `iam_id` of the owner's keys.
    pub(crate) fn iam_id(&self) -> &str {
        &self.iam_id
    }

    /// Returns the account that the keys belong to.
    pub(crate) fn account_id(&self) -> &str {
        &self.account_id
    }

    /// Whether the owner is the logged-in user.
    pub(crate) fn is_user(&self) -> bool {
        self.service_id.is_none()
    }

    /// Returns the query for all keys of the owner that match a filter.
    pub(crate) fn query(&self, filter: Option<String>) -> KeyQuery {
        KeyQuery { account_id: self.account_id.clone(), scope: Scope::Own(self.iam_id.clone()), filter, objects: true }
    }

    /// Whether a key belongs to another owner. A key without an owner does not count, because a response may omit the
    /// owner.
    pub(crate) fn is_foreign(&self, key: &Key<'_>) -> bool {
        !key.iam_id.is_empty() && key.iam_id != self.iam_id
    }

    /// Returns `of service ID NAME ` for sentences about the owner's keys; empty for the user.
    pub(crate) fn of(&self, ui: &Ui) -> String {
        self.service_id.as_ref().map(|(name, _)| format!("of service ID {} ", ui.name(name))).unwrap_or_default()
    }

    /// Returns the owner of a key for a question; empty for a key of the user.
    pub(crate) fn of_key(&self, key: &Key<'_>) -> String {
        match &self.service_id {
            _ if self.is_foreign(key) => format!(" of {}", visible(&key.iam_id)),
            Some((service_id, _)) => format!(" of service ID {}", name(service_id)),
            None => String::new(),
        }
    }

    /// Returns the error for a key of another owner.
    pub(crate) fn not_of(&self, key: &Key<'_>) -> Error {
        let owner = self.service_id.as_ref().map_or("you".into(), |(id, _)| format!("service ID {}", name(id)));
        let message = format!("{} belongs to {}, and not to {owner}.", called(key), visible(&key.iam_id));
        Error::new(Kind::NotFound, message).hint(self.list_hint("To list the keys of the service ID, run"))
    }

    /// Returns the hint to list the owner's keys, after a text.
    pub(crate) fn list_hint(&self, text: &str) -> Hint {
        match &self.service_id {
            Some((_, id)) => Hint::run(text, ["service-api-keys", id]),
            None => Hint::run(text, ["api-key-list"]),
        }
    }
}

/// Finds a service ID by its ID or IAM ID, or else by its exact name.
pub(crate) async fn find(login: &Login, operand: &str) -> Result<ServiceId, Error> {
    let client = &login.client;
    let id = operand.strip_prefix("iam-").unwrap_or(operand);
    if ServiceId::is_id(id) {
        match client.get_service_id(id).await {
            Ok(found) => return Ok(found),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (mut found, coverage) = client.list_service_ids(&login.account_id, Some(operand)).await?;
    match found.len() {
        0 if coverage == Coverage::DefaultGroup => Err(not_found(login, operand)
            .await
            .and_hint(format!("{ONLY_DEFAULT_GROUP} If it is in another group than the default group, pass its ID."))),
        0 => Err(not_found(login, operand).await),
        1 => Ok(found.remove(0)),
        count => {
            let line = |found: &ServiceId| {
                let description = if found.description.is_empty() { "-" } else { &found.description };
                format!("{}   {}   {}", visible(&found.id), visible(description), visible(&found.created_at))
            };
            let lines: Vec<String> = found.iter().map(line).collect();
            let message = format!("{count} service IDs are named '{}':\n  {}", visible(operand), lines.join("\n  "));
            Err(Error::usage(message).hint("Pass one of these IDs instead of the name."))
        }
    }
}

/// Returns the error for an unknown name, with a hint to a name that differs only in case.
async fn not_found(login: &Login, operand: &str) -> Error {
    let message = format!("No service ID found with the name or ID '{}'.", visible(operand));
    let error = Error::new(Kind::NotFound, message);
    let (all, _) = login
        .client
        .list_service_ids(&login.account_id, None)
        .await
        .unwrap_or_else(|_| (Vec::new(), Coverage::DefaultGroup));
    let lower = operand.to_lowercase();
    match all.iter().find(|found| found.name.to_lowercase() == lower) {
        Some(similar) => error.hint(format!("Names are case-sensitive. Did you mean '{}'?", visible(&similar.name))),
        None if all.is_empty() && login.source == Source::Sandbox => error.hint(Hint::run(
            "To add one to the sandbox, put [[service_ids]] into a file, and run once",
            ["sandbox", "serve", "--config", "FILE"],
        )),
        None => error.hint(Hint::run("To list the service IDs, run", ["service-ids"])),
    }
}
