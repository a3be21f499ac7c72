//! Code that several commands share.

pub(crate) mod activity;
pub(crate) mod bulk;
pub(crate) mod change_key;
pub(crate) mod completion;
pub(crate) mod confirm;
pub(crate) mod criteria;
pub(crate) mod delivery;
pub(crate) mod errors;
pub(crate) mod expiry;
pub(crate) mod finish_rotation;
pub(crate) mod interrupted;
pub(crate) mod login;
pub(crate) mod messages;
pub(crate) mod origin;
pub(crate) mod orphans;
pub(crate) mod own_key;
pub(crate) mod owner;
pub(crate) mod pending_rotations;
pub(crate) mod plan;
pub(crate) mod program;
pub(crate) mod retire;
pub(crate) mod rotation;
pub(crate) mod rotation_plan;
pub(crate) mod select;
pub(crate) mod successor;
pub(crate) mod update_key;

use crate::config::Settings;
use crate::creation::Log;
use crate::error::Error;

/// The maximum number of parallel requests, for commands that send one request per key.
pub(crate) const PARALLEL: usize = 8;

/// Returns the log of creations.
pub(crate) fn log(settings: &Settings) -> Result<Log, Error> {
    Ok(Log::new(&settings.data_folder()?))
}
