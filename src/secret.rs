//! Values that must not be shown: keys and tokens, and where they are stored. `Debug` prints a fixed text, there is no
//! `Display`, the memory is cleared on drop, and [`ExposeSecret::expose_secret`] is the only way to read a value.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

pub use secrecy::{ExposeSecret, SecretString};

/// Where a refresh token is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Storage {
    /// In the file of the session.
    #[default]
    File,
    /// In the system's keyring.
    Keyring,
    /// Nowhere: the session ends when its access token expires.
    Nowhere,
}

impl Storage {
    /// Returns the word of options and lists.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keyring => "keyring",
            Self::Nowhere => "none",
        }
    }
}

/// Where to store a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StorageChoice {
    /// In a keyring if possible, otherwise in a file.
    #[default]
    Auto,
    /// Only in this storage.
    Only(Storage),
}

/// Generates the value of a new key: 33 bytes from the system's random number generator, in base64url, which is the
/// form of the service's own values.
///
/// # Errors
/// The system cannot provide random numbers.
pub fn generate() -> std::io::Result<SecretString> {
    let mut bytes = Zeroizing::new([0; 33]);
    getrandom::fill(&mut *bytes).map_err(std::io::Error::other)?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(*bytes)))
}

/// Serializes the value itself. Only for a request, or for a file private to this user.
///
/// # Errors
/// The error of the serializer.
pub fn exposed<S: Serializer>(value: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.expose_secret())
}

/// The same for a value that may be missing.
///
/// # Errors
/// The serializer's.
pub fn exposed_option<S: Serializer>(value: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.serialize_some(value.expose_secret()),
        None => serializer.serialize_none(),
    }
}

/// Whether two values are the same.
#[must_use]
pub fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// Whether a text has the form of a key's value. The service generates base64url, and a key of another form would have
/// to be quoted everywhere.
#[must_use]
pub fn has_form_of_value(value: &SecretString) -> bool {
    let text = value.expose_secret();
    text.len() >= SHORTEST_VALUE && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// The minimum length of a value: `POST /v1/apikeys` rejects shorter ones.
const SHORTEST_VALUE: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_services_form_and_is_another_each_time() {
        let (one, other) = (generate().unwrap(), generate().unwrap());
        let text = one.expose_secret();
        assert_eq!(text.len(), 44);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_ne!(text, other.expose_secret());
    }
}
