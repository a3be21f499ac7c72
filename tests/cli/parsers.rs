//! Every parser of external input: invalid input causes nothing but an error, and no error repeats the input.

use std::path::Path;

use ibmiam::cli::when::When;
use ibmiam::iam::error::Refusal;
use ibmiam::iam::retry::asked_wait;
use ibmiam::iam::{ApiKey, CreateAnswer, Endpoint};
use ibmiam::sandbox::{Fault, Setup};
use ibmiam::secret::SecretString;
use ibmiam::session::claims::Claims;
use ibmiam::session::{file_text, ibmcloud};
use ibmiam::{cli, keyfile, mask};
use proptest::prelude::*;

/// A text that no message may contain.
const CANARY: &str = "canary-0123456789-secret";

/// JSON in the shapes that services send and files contain, with values in wrong places.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<f64>().prop_filter_map("a number", |value| value.is_finite().then(|| value.to_string())),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<String>().prop_map(|text| serde_json::json!(text).to_string()),
        Just(format!("\"{CANARY}\"")),
    ];
    let names = prop_oneof![
        "(id|name|apikey|apikeys|next|locked|errors|code|message|message_code|trace|entity_tag|history|activity)",
        "(version|endpoint|refresh_token|login_id|store|IAMToken|IAMRefreshToken|IAMEndpoint|Account|GUID|exp|iam_id)",
        any::<String>(),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let object = proptest::collection::vec((names.clone(), inner.clone()), 0..6).prop_map(|fields| {
            let fields: Vec<String> =
                fields.into_iter().map(|(name, value)| format!("{}:{value}", serde_json::json!(name))).collect();
            format!("{{{}}}", fields.join(","))
        });
        let array = proptest::collection::vec(inner, 0..6).prop_map(|items| format!("[{}]", items.join(",")));
        prop_oneof![object, array]
    })
}

/// Such JSON, cut off somewhere or with one byte changed, or arbitrary bytes.
fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        json().prop_map(String::into_bytes),
        (json(), any::<prop::sample::Index>())
            .prop_map(|(text, at)| text.as_bytes()[..at.index(text.len().max(1)).min(text.len())].to_vec()),
        (json(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(text, at, byte)| {
            let mut bytes = text.into_bytes();
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        }),
        any::<Vec<u8>>(),
    ]
}

fn says_nothing<T>(result: Result<T, impl std::fmt::Display>) -> Result<(), TestCaseError> {
    let told = result.err().map(|error| error.to_string()).unwrap_or_default();
    prop_assert!(!told.contains(CANARY), "{}", told);
    Ok(())
}

proptest! {
    #[test]
    fn answers(text in text(), status in 300..600_u16) {
        says_nothing(ApiKey::parse(&text))?;
        says_nothing(CreateAnswer::parse(&text))?;
        let refusal = Refusal::read(status, None, &text);
        prop_assert_eq!(refusal.status, status);
        let _ = mask::body(&text);
    }

    #[test]
    fn tokens(text in text(), claims in json()) {
        use base64::Engine;
        let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
        for token in [String::from_utf8_lossy(&text).into_owned(), format!("e30.{encoded}.{CANARY}")] {
            says_nothing(Claims::read(&SecretString::from(token)))?;
        }
    }

    #[test]
    fn sessions(text in text()) {
        says_nothing(file_text::understand("default", Path::new("p"), &text))?;
        // This error quotes the endpoint on purpose, and in this test the endpoint can be the canary.
        let understood = ibmcloud::understand_text(&text, Path::new("p"));
        says_nothing(understood.map_err(|error| error.to_string().replace(&format!("is for \"{CANARY}\""), "")))?;
    }

    #[test]
    fn key_files(text in text()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, &text).unwrap();
        says_nothing(keyfile::read(&path))?;
        says_nothing(keyfile::read_token(&path))?;
    }

    #[test]
    fn moments_and_durations(any in ".{0,30}", number in any::<u64>(), unit in "[a-zA-Z]{0,3}") {
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        for text in [any, format!("{number}{unit}"), format!("{number}-{number}-{number}")] {
            if let Ok(when) = text.parse::<When>() {
                let _ = when.moment(now);
            }
            let _ = asked_wait(429, Some(&text), Some(&text));
        }
    }

    #[test]
    fn faults_and_setups(words in proptest::collection::vec("(GET|/v1/.{0,5}|nth|every|chance|status(-after)?|delay|drop|body|late|repeat|clock|answer-value)?=?.{0,8}", 0..5)) {
        let spec = words.join(" ");
        let _ = spec.parse::<Fault>();
        let _ = Setup::read(&spec);
        let _ = Setup::read(&format!("faults = [{}]", serde_json::json!(spec)));
    }

    #[test]
    fn endpoints(text in "(https?://)?.{0,40}") {
        if let Ok(endpoint) = Endpoint::parse(&text) {
            let shown = endpoint.to_string();
            prop_assert!(shown.starts_with("https://") || endpoint.is_loopback(), "{}", shown);
            prop_assert_eq!(Endpoint::parse(&shown).unwrap(), endpoint);
        }
        let _ = Endpoint::of_cloud(&text);
    }

    #[test]
    fn arguments(
        name in "(ibmiam|ibmcloud|bx)",
        words in proptest::collection::vec("(iam|api-key-create|api-keys|login|sandbox|-{0,3}[a-z-]{0,10}(=.{0,5})?|.{0,8})", 0..7),
        other in any::<bool>(),
    ) {
        let words: Vec<_> = std::iter::once(name).chain(words).map(std::ffi::OsString::from).collect();
        let _ = cli::parse(&words, || other);
        let _ = cli::lenient_global(&words);
    }
}
