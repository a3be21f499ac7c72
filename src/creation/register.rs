//! Registers a key so that there is exactly one, whatever is between this program and the service.
//!
//! A rejection alone proves nothing: a gateway may have repeated a request that was carried out, and returned the
//! response to the second one. If this program made the value, it asks the service for the key with that value, and
//! only IAM's own "not found" means that there is no key.

use jiff::SignedDuration;

use crate::iam::client::Include;
use crate::iam::error::Refusal;
use crate::iam::retry::{Repeat, RetryBudget};
use crate::iam::{ApiKey, Client, CreateAnswer, CreatedKey, Error, KeyDraft};
use crate::secret::{self, ExposeSecret, SecretString, has_form_of_value};
use crate::time;

/// The service has the key.
#[derive(Debug)]
pub(super) struct Confirmed {
    pub(super) created: CreatedKey,
    /// Whether another copy of the request may still be on its way. If the key is deleted, that copy would create it
    /// again.
    pub(super) may_return: bool,
}

/// Why there is no key with the expected value.
#[derive(Debug)]
pub(super) enum NotRegistered {
    /// No request reached the service, or the service rejected it and does not know the value. No request is on its
    /// way.
    NotCreated(Error),
    /// The service does not know the value so far, but a request may still be on its way to it.
    NotYet(Error),
    /// It is not known whether there is a key.
    Unknown(Error),
    /// The service does not know the value of an interrupted creation, and it must not be sent again.
    NotThere,
    /// There is a key, but its value is not the one that was sent, or is not usable.
    Altered {
        key: Box<ApiKey>,
        /// As in [`Confirmed`].
        may_return: bool,
    },
}

/// Registers a value that this program made. `once_sent` says that an earlier request may be on its way.
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

/// Returns the key with this value; `None` if IAM says that there is none. A response about another key, for example
/// from a cache, is an error.
pub(super) async fn find(client: &Client, draft: &KeyDraft, value: &SecretString) -> Result<Option<CreatedKey>, Error> {
    match client.get_api_keys_details(value).await {
        Ok(key) if is_as_drafted(&key, draft) => CreatedKey::found(key, value).map(Some),
        Ok(key) if is_of_owner(&key, draft) && is_certain(client, &key, value).await => {
            // The key was renamed after its creation.
            CreatedKey::found(key, value).map(Some)
        }
        Ok(_) => Err(Error::unreadable("it describes another key")),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the request behind this error may still be carried out, or may have been carried out without a visible key.
fn may_arrive_later(error: &Error) -> bool {
    // A gateway may have responded instead of the service, which may still receive the request.
    error.may_be_from_a_gateway() || matches!(error, Error::Service(refusal) if says_taken(refusal))
}

/// Whether the service says that the value is taken. The value is random, so only this creation can have used it
/// before.
fn says_taken(refusal: &Refusal) -> bool {
    const WORDS: [&str; 5] = ["unique", "exist", "taken", "duplicate", "in use"];
    let text = refusal.to_string().to_ascii_lowercase();
    refusal.status == 409 || matches!(refusal.status, 400 | 422) && WORDS.iter().any(|word| text.contains(word))
}

/// Checks the response to the request. If it does not contain the value that was sent, it was altered in transit, or
/// the service made another value. The service is asked which of these happened.
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
    // A key is deleted only if the service itself returns it for the other value, and it matches the draft.
    let Some(other) = answer.value else { return Err(odd()) };
    match find(client, draft, &other).await {
        Ok(Some(found)) if found.key.id == answer.key.id => {
            Err(NotRegistered::Altered { key: Box::new(found.key), may_return })
        }
        _ => Err(odd()),
    }
}

/// Lets the service make the value. The request is sent once, because a second one could create a second key.
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

/// Whether the service has no key of this name that could come from the request that it rejected just now. A gateway
/// may have sent that request twice.
async fn has_made_none(client: &Client, draft: &KeyDraft) -> bool {
    let named = client.own_keys_named(&draft.account_id, &draft.iam_id, &draft.name).await;
    let since = client.service_time().and_then(|time| time.checked_sub(RECENT).ok());
    let (Ok(named), Some(since)) = (named, since) else { return false };
    named.iter().all(|key| time::parse(&key.created_at).is_some_and(|created| created < since))
}

/// A key that a request of this process created is not older than this.
const RECENT: SignedDuration = SignedDuration::from_mins(5);

/// Checks that the value in a response belongs to the key, and was not altered by a proxy.
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
        // The search for the value failed, but nothing contradicts the response.
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
    key.name == draft.name && is_of_owner(key, draft)
}

fn is_of_owner(key: &ApiKey, draft: &KeyDraft) -> bool {
    key.iam_id.is_empty() || key.iam_id == draft.iam_id
}

/// Whether the service returns this key for this value again, and for a random value says that there is no key. A cache
/// that ignores the value in a request returns the same key for each value.
async fn is_certain(client: &Client, key: &ApiKey, value: &SecretString) -> bool {
    let Ok(other) = secret::generate() else { return false };
    let is_unknown = matches!(client.get_api_keys_details(&other).await, Err(error) if error.is_not_found());
    is_unknown && client.get_api_keys_details(value).await.is_ok_and(|again| again.id == key.id)
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
