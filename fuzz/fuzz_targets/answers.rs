//! The responses of a service: keys, errors, tokens.
#![no_main]

use ibmiam::iam::error::Refusal;
use ibmiam::iam::{ApiKey, CreateAnswer};
use ibmiam::mask;
use ibmiam::secret::SecretString;
use ibmiam::session::claims::Claims;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(key) = ApiKey::parse(bytes) {
        let _ = key.fields();
    }
    let _ = CreateAnswer::parse(bytes);
    let refusal = Refusal::read(400, None, bytes);
    assert_eq!(refusal.status, 400);
    let shown = mask::body(bytes);
    assert!(mask::text(&shown) == shown);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Claims::read(&SecretString::from(text));
    }
});
