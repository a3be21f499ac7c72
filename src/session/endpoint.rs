//! The endpoint of a login: the one in the settings, or the one that `api` stored.

use super::{Error, file};
use crate::config::Settings;
use crate::iam::Endpoint;
use crate::iam::endpoint::{PUBLIC, without_password};

/// Returns the endpoint in the settings, otherwise the one that `api` stored, otherwise the public one.
///
/// # Errors
/// `BadEndpoint`, or `KeptEndpoint` if the stored endpoint cannot be used.
pub fn asked_endpoint(settings: &Settings) -> Result<Endpoint, Error> {
    if let Some(asked) = &settings.endpoint {
        return parse_endpoint(asked);
    }
    kept_endpoint(settings)?.map_or_else(|| parse_endpoint(PUBLIC), Ok)
}

/// Returns the endpoint that `api` stored, if any. A file that is not trusted or cannot be read is an error, because
/// the requests for one endpoint must not go to another.
fn kept_endpoint(settings: &Settings) -> Result<Option<Endpoint>, Error> {
    let Ok(path) = settings.endpoint_file() else {
        return Ok(None);
    };
    let unusable = |why: String| Error::KeptEndpoint { path: path.display().to_string(), why };
    match file::read_own(&path) {
        Ok(Some(text)) => {
            let text = String::from_utf8_lossy(&text);
            Endpoint::parse(&text).map(Some).map_err(|why| unusable(format!("{why}.")))
        }
        Ok(None) => Err(unusable("it is not a private file of this user.".to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(format!("{error}."))),
    }
}

pub(super) fn parse_endpoint(text: &str) -> Result<Endpoint, Error> {
    Endpoint::parse(text).map_err(|why| Error::BadEndpoint { text: without_password(text), why })
}
