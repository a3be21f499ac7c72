//! The claims of an access token. They are read but not verified, because the service verifies them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;

use super::Error;
use crate::context::Clock;
use crate::secret::{ExposeSecret, SecretString};

/// The claims of an access token that this program uses.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    /// The IAM ID of the user or service ID.
    pub iam_id: String,
    /// The expiration time in Unix seconds.
    pub exp: i64,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    account: Account,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Account {
    #[serde(default)]
    bss: Option<String>,
}

impl Claims {
    /// Reads the claims from the middle part of a JWT.
    ///
    /// # Errors
    /// `BadToken`, without any part of the token.
    pub fn read(token: &SecretString) -> Result<Self, Error> {
        let mut parts = token.expose_secret().split('.');
        let claims = parts.nth(1).zip(parts.next()).map(|(claims, _)| claims);
        let bytes = claims.and_then(|claims| URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok());
        let claims = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        claims.ok_or_else(|| Error::BadToken("The access token is not an IAM token.".to_owned()))
    }

    /// Returns the account ID of the token.
    ///
    /// # Errors
    /// `NoAccount` if the token has no account.
    pub fn account_id(&self) -> Result<String, Error> {
        let account = self.account.bss.clone().filter(|account| !account.is_empty());
        account.ok_or(Error::NoAccount)
    }

    /// Returns the name for display: the email address, subject or name, otherwise the IAM ID.
    #[must_use]
    pub fn user(&self) -> &str {
        [&self.email, &self.sub, &self.name].into_iter().flatten().find(|text| !text.is_empty()).unwrap_or(&self.iam_id)
    }

    /// Whether the token expires within this number of seconds.
    #[must_use]
    pub fn expires_within(&self, seconds: i64, now: Clock) -> bool {
        self.exp.saturating_sub(seconds) <= now().as_second()
    }

    /// Returns the expiration time.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.exp).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(claims: &str) -> Result<Claims, Error> {
        let token = format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims));
        Claims::read(&SecretString::from(token))
    }

    #[test]
    fn the_user_is_known_by_the_best_name_there_is() {
        let user = |more: &str| {
            let claims = read(&format!(r#"{{"iam_id":"IBMid-1","exp":1{more}}}"#)).unwrap();
            claims.user().to_owned()
        };
        assert_eq!(user(r#","email":"a@b.c","sub":"x""#), "a@b.c");
        assert_eq!(user(r#","email":"","sub":"x""#), "x");
        assert_eq!(user(r#","name":"My Service ID""#), "My Service ID");
        assert_eq!(user(""), "IBMid-1");
    }

    #[test]
    fn what_is_no_token_is_told_without_being_repeated() {
        for text in ["", "s3cret", "s3.cret", "a.%%%.c", "a.e30.c"] {
            let error = Claims::read(&SecretString::from(text)).unwrap_err();
            assert_eq!(error.to_string(), "The access token is not an IAM token.");
        }
        assert!(read(r#"{"iam_id":"i","exp":1}"#).unwrap().account_id().is_err());
    }

    #[test]
    fn a_token_is_over_that_many_seconds_early() {
        let claims = read(r#"{"iam_id":"i","exp":1000}"#).unwrap();
        let at_950 = || Timestamp::from_second(950).unwrap();
        assert!(claims.expires_within(60, at_950));
        assert!(!claims.expires_within(49, at_950));
    }
}
