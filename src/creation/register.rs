//! Registering a key so that there is one, whatever lies between this program and the service.
//!
//! No refusal is taken at its word: a gateway may have repeated a request that was carried out, and passed on the
//! answer to the second. With a value of ours the service is asked for the key by that value, and only IAM's own "not
//! found" says that there is none.

use jiff::{SignedDuration, Timestamp};

use crate::iam::client::Include;
use crate::iam::error::Refusal;
use crate::iam::retry::{Repeat, RetryBudget};
use crate::iam::{ApiKey, Client, CreateAnswer, CreatedKey, Error, KeyDraft};
use crate::secret::{ExposeSecret, SecretString, has_form_of_value};
use crate::time;

/// The service has the key.
#[derive(Debug)]
pub(super) struct Confirmed {
    pub(super) created: CreatedKey,
    /// Another copy of the request may still be on its way: were the key deleted, that would create it again.
    pub(super) may_return: bool,
}

/// Why there is no key with the value that it should have.
#[derive(Debug)]
pub(super) enum NotRegistered {
    /// No request reached the service, or it refused and does not know the value, and nothing is on its way to it.
    NotCreated(Error),
    /// The service does not know the value so far, but a request may still be on its way to it.
    NotYet(Error),
    /// Whether there is a key is not known.
    Unknown(Error),
    /// There is a key, but its value is not the one that was sent, or none that can be used.
    Altered {
        key: Box<ApiKey>,
        /// As in [`Confirmed`].
        may_return: bool,
    },
}

/// Registers a value of ours. `once_sent` says that an earlier request may be on its way.
pub(super) async fn with_value(
    client: &Client,
    draft: &KeyDraft,
    value: &SecretString,
    once_sent: bool,
) -> Result<Confirmed, NotRegistered> {
    let mut budget = RetryBudget::default();
    let mut may_arrive = once_sent;
    loop {
        let earlier = may_arrive;
        let error = match client.create_api_key(draft, Some(value)).await {
            Ok(answer) => return settle(client, draft, value, answer, earlier).await,
            Err(error) => error,
        };
        let mut repeat = Repeat::OnlyIfRefused;
        if error.was_sent() {
            may_arrive |= may_arrive_later(&error);
            match find(client, draft, value).await {
                Ok(Some(created)) => return Ok(Confirmed { created, may_return: earlier }),
                Ok(None) if error.may_still_complete() => repeat = Repeat::Idempotent,
                Ok(None) => {}
                Err(_) => return Err(NotRegistered::Unknown(error)),
            }
        }
        if !client.wait_to_repeat(&mut budget, repeat, &error).await {
            return Err(if may_arrive { NotRegistered::NotYet(error) } else { NotRegistered::NotCreated(error) });
        }
    }
}

/// The key that has this value; `None` if IAM says that there is none. An answer about a key that was not asked for, as
/// a cache gives it, is no answer.
pub(super) async fn find(client: &Client, draft: &KeyDraft, value: &SecretString) -> Result<Option<CreatedKey>, Error> {
    match client.get_api_keys_details(value).await {
        Ok(key) if is_as_drafted(&key, draft) => CreatedKey::found(key, value).map(Some),
        Ok(_) => Err(Error::unreadable("it describes another key")),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a request that was answered so may yet be carried out, or may have been and not be seen.
fn may_arrive_later(error: &Error) -> bool {
    // Something on the way may have answered for the service, which still gets the request.
    error.may_be_from_a_gateway() || matches!(error, Error::Service(refusal) if says_taken(refusal))
}

/// Whether a refusal says that there is a key with this value already. Nobody else can have drawn it: it is ours.
fn says_taken(refusal: &Refusal) -> bool {
    const WORDS: [&str; 5] = ["unique", "exist", "taken", "duplicate", "in use"];
    let text = refusal.to_string().to_ascii_lowercase();
    refusal.status == 409 || matches!(refusal.status, 400 | 422) && WORDS.iter().any(|word| text.contains(word))
}

/// What was sent is the truth. An answer that says otherwise was altered on the way, or the service made another
/// value; the service is asked which.
async fn settle(
    client: &Client,
    draft: &KeyDraft,
    value: &SecretString,
    answer: CreateAnswer,
    may_return: bool,
) -> Result<Confirmed, NotRegistered> {
    let same = |other: &SecretString| other.expose_secret() == value.expose_secret();
    if !answer.key.id.is_empty() && answer.value.as_ref().is_some_and(same) {
        return Ok(Confirmed { created: answer.with_value(value.clone()), may_return });
    }
    let odd = || NotRegistered::Unknown(Error::unreadable("it does not contain the value that was sent"));
    let is_answers = |found: &ApiKey| answer.key.id.is_empty() || found.id == answer.key.id;
    match find(client, draft, value).await {
        Ok(Some(created)) if is_answers(&created.key) => return Ok(Confirmed { created, may_return }),
        Ok(None) => {}
        Ok(Some(_)) | Err(_) => return Err(odd()),
    }
    // Only a key that the service itself names by that other value, and that is as it was asked for, is deleted.
    let Some(other) = answer.value else { return Err(odd()) };
    match find(client, draft, &other).await {
        Ok(Some(found)) if found.key.id == answer.key.id => {
            Err(NotRegistered::Altered { key: Box::new(found.key), may_return })
        }
        _ => Err(odd()),
    }
}

/// Lets the service make the value. The request is sent once: a second one could make a second key.
pub(super) async fn without_value(client: &Client, draft: &KeyDraft) -> Result<Confirmed, NotRegistered> {
    let mut budget = RetryBudget::default();
    loop {
        let error = match client.create_api_key(draft, None).await {
            Ok(answer) => return check(client, draft, answer).await,
            Err(error) => error,
        };
        if error.was_sent() {
            let is_certain = !error.may_be_from_a_gateway() && has_made_none(client, draft).await;
            return Err(if is_certain { NotRegistered::NotCreated(error) } else { NotRegistered::Unknown(error) });
        }
        if !client.wait_to_repeat(&mut budget, Repeat::OnlyIfRefused, &error).await {
            return Err(NotRegistered::NotCreated(error));
        }
    }
}

/// Whether the service has no key of that name that could come from the request which it refused just now: a gateway
/// may have sent that request twice.
async fn has_made_none(client: &Client, draft: &KeyDraft) -> bool {
    let named = client.own_keys_named(&draft.account_id, &draft.iam_id, &draft.name).await;
    let since = client.service_time().and_then(|time| Timestamp::try_from(time).ok()?.checked_sub(RECENT).ok());
    let (Ok(named), Some(since)) = (named, since) else { return false };
    named.iter().all(|key| time::parse(&key.created_at).is_some_and(|created| created < since))
}

/// A key that a request of this process made is not older.
const RECENT: SignedDuration = SignedDuration::from_mins(5);

/// Whether the value of an answer is the key's, and not what a proxy made of it.
async fn check(client: &Client, draft: &KeyDraft, answer: CreateAnswer) -> Result<Confirmed, NotRegistered> {
    let id = answer.key.id.clone();
    let well_formed = answer.value.clone().filter(has_form_of_value);
    let found = match &well_formed {
        Some(value) => find(client, draft, value).await,
        None => Ok(None),
    };
    if let Ok(Some(created)) = found {
        let is_it = created.key.id == id;
        let odd = || NotRegistered::Unknown(Error::unreadable("it describes another key"));
        return if is_it { Ok(Confirmed { created, may_return: false }) } else { Err(odd()) };
    }
    match (client.get_api_key(&id, Include::default()).await, well_formed) {
        // The value could not be looked for, but nothing speaks against it.
        (Ok(key), Some(value)) if found.is_err() && is_as_drafted(&key, draft) => {
            Ok(Confirmed { created: answer.with_value(value), may_return: false })
        }
        (Ok(key), _) if is_as_drafted(&key, draft) => {
            Err(NotRegistered::Altered { key: Box::new(key), may_return: false })
        }
        _ => Err(NotRegistered::Unknown(Error::unreadable("it does not contain the new key's value"))),
    }
}

fn is_as_drafted(key: &ApiKey, draft: &KeyDraft) -> bool {
    key.name == draft.name && (key.iam_id.is_empty() || key.iam_id == draft.iam_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Error {
        Error::Service(Refusal::read(status, None, body.as_bytes()))
    }

    fn iams(status: u16, details: &str) -> Error {
        let body = serde_json::json!({"errors": [{"message_code": "BXNIM0106E", "message": "m", "details": details}]});
        refusal(status, &body.to_string())
    }

    #[test]
    fn a_request_may_arrive_later_unless_iam_itself_refused_it() {
        for (error, may) in [
            (iams(400, "Property 'name' is missing."), false),
            (iams(403, ""), false),
            (iams(422, "The limit is reached."), false),
            (iams(429, ""), false),
            (iams(400, "Property 'apikey' is not unique."), true),
            (iams(422, "The value already exists."), true),
            (iams(409, ""), true),
            (iams(500, ""), true),
            (refusal(403, "<html>Forbidden</html>"), true),
            (refusal(429, r#"{"message":"slow down"}"#), true),
            (refusal(302, ""), true),
            (Error::unreadable("a page"), true),
            (Error::Unreachable { endpoint: String::new(), cause: String::new(), sent: true }, true),
            (Error::Unreachable { endpoint: String::new(), cause: String::new(), sent: false }, false),
        ] {
            assert_eq!(may_arrive_later(&error), may, "{error}");
        }
    }
}
