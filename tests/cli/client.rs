//! The library's client against the sandbox, for functions that no command shows completely yet.

use std::time::Duration;

use ibmiam::iam::client::Include;
use ibmiam::iam::identity::TokenClient;
use ibmiam::iam::trace::Trace;
use ibmiam::iam::waiting::Watch;
use ibmiam::iam::{Client, Endpoint, HttpOptions, Identity, KeyDraft};
use ibmiam::secret::SecretString;

use crate::support::Server;

async fn client(server: &Server) -> Client {
    let options = HttpOptions {
        timeout: Duration::from_secs(20),
        ca_file: None,
        ca_directory: false,
        proxy: None,
        watch: Watch::default(),
        trace: Trace::default(),
    };
    let identity = Identity::new(Endpoint::parse(&server.url).unwrap(), &options).unwrap();
    let key = SecretString::from(server.key.as_str());
    let tokens = identity.token_for_api_key(&key, TokenClient::Default, None).await.unwrap();
    assert!(tokens.refresh_token.is_none(), "'not_supported' is no refresh token");
    Client::new(identity.http(), tokens.access_token)
}

#[tokio::test(flavor = "current_thread")]
async fn a_key_is_found_by_its_value_and_by_no_other() {
    let server = Server::start(None);
    let client = client(&server).await;
    let draft = KeyDraft {
        name: "k".to_owned(),
        iam_id: "IBMid-5500SANDBX".to_owned(),
        account_id: "0123456789abcdef0123456789abcdef".to_owned(),
        ..KeyDraft::default()
    };
    let created = client.create_api_key(&draft, None).await.unwrap();
    let found = client.get_api_keys_details(created.value.as_ref().unwrap()).await.unwrap();
    assert_eq!(found.id, created.key.id);
    let unknown = client.get_api_keys_details(&SecretString::from("unknown")).await.unwrap_err();
    assert!(unknown.refused_with(404).is_some());
    let impossible = client.get_api_keys_details(&SecretString::from("two\nlines")).await.unwrap_err();
    assert!(!impossible.to_string().contains("two"), "{impossible}");
}

#[tokio::test(flavor = "current_thread")]
async fn history_and_activity_come_when_they_are_asked_for() {
    let server = Server::start(None);
    let client = client(&server).await;
    let key = client.get_api_keys_details(&SecretString::from(server.key.as_str())).await.unwrap();
    assert!(key.history.is_empty() && key.activity.is_none());
    let all = Include { history: true, activity: true };
    let key = client.get_api_key(&key.id, all).await.unwrap();
    assert_eq!(key.history[0].action, "CREATE");
    assert_eq!(key.activity.unwrap().authn_count, 1);
}

#[tokio::test(flavor = "current_thread")]
async fn an_id_cannot_leave_its_place_in_the_path() {
    let server = Server::start(None);
    let client = client(&server).await;
    for id in ["../apikeys", "a/lock", "details?x", "", ".", ".."] {
        let error = client.get_api_key(id, Include::default()).await.unwrap_err();
        assert!(error.refused_with(404).is_some() || error.to_string().contains("no usable ID"), "{id}: {error}");
    }
}
