//! What several commands do. Each room uses the ones above it in this list, and no command.

pub(crate) mod errors;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod messages;
pub(crate) mod new_key;
pub(crate) mod recovery;
pub(crate) mod rotation;

use crate::config::Settings;
use crate::creation::Log;
use crate::error::Error;

/// The maximum number of parallel requests, for commands that send one request per key.
pub(crate) const PARALLEL: usize = 8;

/// Returns the log of creations.
pub(crate) fn log(settings: &Settings) -> Result<Log, Error> {
    Ok(Log::new(&settings.data_folder()?))
}
