//! The CA certificates that are trusted for servers.

use std::path::PathBuf;

use reqwest::Certificate;

use super::error::Error;
use crate::error::chain;
use crate::text::reason;

/// Where Linux systems store the bundle with all CAs.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Returns the certificates to trust; `None` leaves the choice to the platform.
pub(super) fn certificates(asked: Option<PathBuf>, is_directory: bool) -> Result<Option<Vec<Certificate>>, Error> {
    if asked.is_none() && (is_directory || !cfg!(target_os = "linux")) {
        return Ok(None);
    }
    let found = asked.or_else(|| {
        let known = BUNDLES.iter().map(PathBuf::from);
        known.into_iter().find(|path| path.is_file())
    });
    let Some(path) = found else {
        return Ok(None);
    };
    let unusable = |why: String| {
        let path = path.display();
        Error::Setup(format!("Cannot use the certificates in {path}: {why}."))
    };
    let pem = std::fs::read(&path).map_err(|error| unusable(reason(&error)))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(chain(&error)))?;
    if certificates.is_empty() {
        return Err(unusable("it contains none".to_owned()));
    }
    Ok(Some(certificates))
}
