//! Session files of ibmiam and of `ibmcloud`.
#![no_main]

use std::path::Path;

use ibmiam::session::{file_text, ibmcloud};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = file_text::understand("default", Path::new("session"), bytes);
    if let Ok(Some(found)) = ibmcloud::understand_text(bytes, Path::new("config.json")) {
        assert!(found.endpoint.is_iams() || found.endpoint.is_loopback());
        assert!(found.access_token.is_some() || found.refresh_token.is_some());
    }
});
