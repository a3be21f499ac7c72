//! Access tokens: RS256 JWTs with the service's claims.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

use super::identities::Identity;

/// The issuer of the sandbox's compute resource tokens.
const COMPUTE_RESOURCE: &str = "sandbox-compute-resource";

/// Signs and verifies tokens.
pub(super) struct Signer {
    pair: KeyPair,
    /// The `kid` in the header of tokens.
    key_id: String,
    random: SystemRandom,
}

/// The content of an access token.
pub(super) struct Grant<'a> {
    /// The user, service ID or trusted profile that the token identifies.
    pub user: &'a Identity,
    /// The account of the token, if any.
    pub account: Option<&'a str>,
    /// The URL of this server, or of the public service.
    pub issuer: &'a str,
    /// The grant type with which the client logged in.
    pub grant_type: &'a str,
    /// `default`, `bx`, or the ID of another client.
    pub client: &'a str,
    /// When the token was issued, in Unix seconds.
    pub issued: i64,
    /// When the token expires, in Unix seconds.
    pub expires: i64,
}

/// The identity in a valid access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bearer {
    /// The IAM ID of the user, service ID or trusted profile.
    pub iam_id: String,
    /// The account of the token, if any.
    pub account: Option<String>,
}

impl Signer {
    /// Creates a signer with a key in PKCS#1 format.
    ///
    /// # Errors
    /// The key is invalid.
    pub(super) fn new(key: &[u8]) -> Result<Self, ring::error::KeyRejected> {
        let pair = KeyPair::from_der(key)?;
        let fingerprint = digest(&SHA256, pair.public().as_ref());
        let start: String = fingerprint.as_ref()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { pair, key_id: format!("sandbox-{start}"), random: SystemRandom::new() })
    }

    /// Returns a token with the claims of IBM's tokens; `None` if the system has no random numbers.
    pub(super) fn sign(&self, grant: &Grant<'_>) -> Option<String> {
        let user = grant.user;
        let mut claims = match user.sub_type() {
            Some(sub_type) => claims_of_no_person(user, sub_type),
            None => person_claims(user),
        };
        let rest = json!({
            "account": {"boundary": "global", "valid": true},
            "iat": grant.issued,
            "exp": grant.expires,
            "iss": format!("{}/identity", grant.issuer),
            "grant_type": grant.grant_type,
            "scope": "ibm openid",
            "client_id": grant.client,
            "acr": 1,
            "amr": ["pwd"],
        });
        merge(&mut claims, rest);
        if let Some(account) = grant.account {
            claims["account"]["bss"] = account.into();
        }
        if user.sub_type() == Some("ServiceId") {
            claims["account"] = json!({"valid": true, "bss": grant.account, "frozen": true});
        }
        self.sign_claims(&claims)
    }

    /// Returns a compute resource token, which every sandbox with the same signing key accepts.
    pub(super) fn sign_compute_resource(&self, issued: i64, expires: i64) -> Option<String> {
        self.sign_claims(&json!({
            "iss": COMPUTE_RESOURCE,
            "sub": "system:serviceaccount:default:sandbox",
            "jti": uuid::Uuid::new_v4().to_string(),
            "iat": issued,
            "exp": expires,
        }))
    }

    /// Whether this is a valid compute resource token that has not expired.
    pub(super) fn is_compute_resource(&self, token: &str, now: i64) -> bool {
        let claims = self.claims(token).filter(|claims| claims["iss"] == COMPUTE_RESOURCE);
        claims.is_some_and(|claims| claims["exp"].as_i64().is_some_and(|end| end > now))
    }

    fn sign_claims(&self, claims: &Value) -> Option<String> {
        let header = json!({"kid": self.key_id, "alg": "RS256"});
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &self.random, text.as_bytes(), &mut signature).ok()?;
        Some(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Returns the identity in an access token, if this signer's key signed it and it has not expired.
    pub(super) fn verify(&self, token: &str, now: i64) -> Option<Bearer> {
        let claims = self.claims(token)?;
        if claims["exp"].as_i64()? <= now {
            return None;
        }
        let iam_id = claims["iam_id"].as_str()?.to_owned();
        Some(Bearer { iam_id, account: claims["account"]["bss"].as_str().map(str::to_owned) })
    }

    /// Returns the public key, in the format of `/identity/keys`.
    pub(super) fn public_key(&self) -> Value {
        let public: PublicKeyComponents<Vec<u8>> = self.pair.public().into();
        json!({
            "kty": "RSA",
            "n": URL_SAFE_NO_PAD.encode(public.n),
            "e": URL_SAFE_NO_PAD.encode(public.e),
            "alg": "RS256",
            "kid": self.key_id,
        })
    }

    fn claims(&self, token: &str) -> Option<Value> {
        let (text, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public());
        public.verify(text.as_bytes(), &signature).ok()?;
        let (_, claims) = text.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

/// Returns the claims for a user.
fn person_claims(user: &Identity) -> Value {
    let id = user.iam_id.strip_prefix("IBMid-").unwrap_or(&user.iam_id);
    let name = format!("{} {}", user.given_name, user.family_name).trim().to_owned();
    json!({
        "iam_id": user.iam_id,
        "id": user.iam_id,
        "realmid": "IBMid",
        "jti": uuid::Uuid::new_v4().to_string(),
        "identifier": id,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "name": name,
        "email": user.email,
        "sub": user.email,
        "authn": {
            "sub": user.email,
            "iam_id": user.iam_id,
            "name": name,
            "given_name": user.given_name,
            "family_name": user.family_name,
            "email": user.email,
        },
    })
}

/// Returns the claims for a trusted profile or a service ID.
fn claims_of_no_person(user: &Identity, sub_type: &str) -> Value {
    let id = user.iam_id.trim_start_matches("iam-");
    json!({
        "iam_id": user.iam_id,
        "id": user.iam_id,
        "realmid": "iam",
        "jti": uuid::Uuid::new_v4().to_string(),
        "identifier": id,
        "name": user.given_name,
        "sub": id,
        "sub_type": sub_type,
        "authn": {"sub": id, "iam_id": user.iam_id, "sub_type": sub_type, "name": user.given_name},
    })
}

fn merge(claims: &mut Value, rest: Value) {
    if let (Some(claims), Value::Object(rest)) = (claims.as_object_mut(), rest) {
        claims.extend(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::new(include_bytes!("../../tests/fixtures/signing-key.der")).unwrap()
    }

    fn token(signer: &Signer, account: Option<&str>) -> String {
        let user = Identity {
            iam_id: "IBMid-1".to_owned(),
            account_id: "a".to_owned(),
            email: "you@example.com".to_owned(),
            given_name: "You".to_owned(),
            family_name: "Example".to_owned(),
            role: super::super::setup::Role::Administrator,
        };
        let grant = Grant {
            user: &user,
            account,
            issuer: "http://127.0.0.1:1",
            grant_type: "apikey",
            client: "default",
            issued: 100,
            expires: 200,
        };
        signer.sign(&grant).unwrap()
    }

    #[test]
    fn a_token_of_ours_is_good_until_its_end() {
        let signer = signer();
        for account in [None, Some("b")] {
            let token = token(&signer, account);
            let bearer = Bearer { iam_id: "IBMid-1".to_owned(), account: account.map(str::to_owned) };
            assert_eq!(signer.verify(&token, 199), Some(bearer));
            assert_eq!(signer.verify(&token, 200), None);
        }
    }

    #[test]
    fn a_changed_token_is_not_ours() {
        let signer = signer();
        let token = token(&signer, None);
        let (text, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = text.split_once('.').unwrap();
        let claims = URL_SAFE_NO_PAD.encode(r#"{"iam_id":"IBMid-2","exp":9999999999}"#);
        assert_eq!(signer.verify(&format!("{header}.{claims}.{signature}"), 1), None);
        for broken in ["", ".", "..", "a.b.c", &format!("{text}.")] {
            assert_eq!(signer.verify(broken, 1), None, "{broken}");
        }
    }
}
