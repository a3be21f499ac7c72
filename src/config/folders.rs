//! The folders of the program and of the user, and the files in them.

use std::path::{Path, PathBuf};

use super::Settings;
use crate::error::Error;

impl Settings {
    /// Returns the folder for permanent data: sessions, the sandbox's data, the log of creations.
    ///
    /// # Errors
    /// `Failed` if the platform has no such folder.
    pub fn data_folder(&self) -> Result<PathBuf, Error> {
        self.folder(directories::ProjectDirs::data_local_dir)
    }

    /// Returns the folder for key files that were replaced.
    ///
    /// # Errors
    /// `Failed` if the platform has no such folder.
    pub fn replaced_folder(&self) -> Result<PathBuf, Error> {
        match &self.replaced {
            Some(folder) => Ok(folder.clone()),
            None => Ok(self.data_folder()?.join("replaced")),
        }
    }

    /// Returns the folder for data that can be fetched again.
    ///
    /// # Errors
    /// `Failed` if the platform has no such folder.
    pub fn cache_folder(&self) -> Result<PathBuf, Error> {
        match &self.home {
            Some(home) => Ok(home.join("cache")),
            None => self.folder(directories::ProjectDirs::cache_dir),
        }
    }

    /// Returns the user's folder for data of all programs, as in the XDG specification.
    ///
    /// # Errors
    /// `Failed` if the user has no home folder.
    pub fn user_data_folder(&self) -> Result<PathBuf, Error> {
        Self::base_folder(directories::BaseDirs::data_local_dir)
    }

    /// Returns the user's folder for settings of all programs.
    ///
    /// # Errors
    /// `Failed` if the user has no home folder.
    pub fn user_config_folder(&self) -> Result<PathBuf, Error> {
        Self::base_folder(directories::BaseDirs::config_dir)
    }

    fn base_folder(of: impl Fn(&directories::BaseDirs) -> &Path) -> Result<PathBuf, Error> {
        let folders = directories::BaseDirs::new();
        let folders = folders.ok_or_else(|| Error::failed("Cannot find your home folder.").hint("Set HOME."))?;
        Ok(of(&folders).to_owned())
    }

    /// Returns the file in which `api` stores the endpoint.
    ///
    /// # Errors
    /// `Failed` if the platform has no such folder.
    pub fn endpoint_file(&self) -> Result<PathBuf, Error> {
        Ok(self.data_folder()?.join("endpoint"))
    }

    /// Returns a path that a user wrote, where `~/` is the home folder.
    #[must_use]
    pub fn expand(&self, path: &str) -> PathBuf {
        let home = path.strip_prefix("~/").zip(directories::BaseDirs::new());
        home.map_or_else(|| PathBuf::from(path), |(rest, known)| known.home_dir().join(rest))
    }

    fn folder(&self, pick: fn(&directories::ProjectDirs) -> &Path) -> Result<PathBuf, Error> {
        if let Some(home) = &self.home {
            return Ok(home.clone());
        }
        let known = directories::ProjectDirs::from("", "", "ibmiam");
        known.map(|known| pick(&known).to_owned()).ok_or_else(|| {
            Error::failed("Cannot find your home folder.").hint("Set HOME, or set IBMIAM_HOME to a folder of your own.")
        })
    }
}
