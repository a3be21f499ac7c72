//! Values that must not be seen: keys, tokens. `Debug` prints a fixed word, there is no `Display`,
//! memory is cleared on drop, and [`ExposeSecret::expose_secret`] is the one way to the value.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

pub use secrecy::{ExposeSecret, SecretString};

/// A new key's value: 33 bytes of the system's generator in base64url, the form of the service's own values.
///
/// # Errors
/// The system has no random numbers.
pub fn generate() -> std::io::Result<SecretString> {
    let mut bytes = Zeroizing::new([0; 33]);
    getrandom::fill(&mut *bytes).map_err(std::io::Error::other)?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(*bytes)))
}

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
