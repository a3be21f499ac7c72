//! Programs on the search path.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The first program of a name on a search path that is not `own` under another name, so that a link to this program
/// never leads back to it.
#[must_use]
pub fn other(search_path: &OsStr, name: &str, own: &Path) -> Option<PathBuf> {
    let own = identity(own)?;
    let name = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    // An empty entry means the current folder, where anybody could have put something.
    let folders = std::env::split_paths(search_path).filter(|folder| folder.is_absolute());
    let mut candidates = folders.map(|folder| folder.join(&name)).filter(|path| is_executable(path));
    candidates.find(|path| identity(path).is_some_and(|found| found != own))
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = path.metadata().ok()?;
    Some((std::os::unix::fs::MetadataExt::dev(&found), std::os::unix::fs::MetadataExt::ino(&found)))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn the_next_program_that_is_not_this_one_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, mode: u32| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            path
        };
        let own = make("own/ibmiam", 0o755);
        make("plain/ibmcloud", 0o644);
        let real = make("real/ibmcloud", 0o755);
        for name in ["links", "links2"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        symlink(&own, folder.path().join("links/ibmcloud")).unwrap();
        symlink(folder.path().join("links/ibmcloud"), folder.path().join("links2/ibmcloud")).unwrap();
        fs::hard_link(&own, folder.path().join("own/ibmcloud")).unwrap();
        let path = |names: &[&str]| std::env::join_paths(names.iter().map(|name| folder.path().join(name))).unwrap();
        let all = path(&["none", "links", "links2", "own", "plain", "real"]);
        assert_eq!(other(&all, "ibmcloud", &own), Some(real));
        assert_eq!(other(&path(&["links", "links2", "own", "plain"]), "ibmcloud", &own), None);
        assert_eq!(other(OsStr::new(".:"), "ibmcloud", &own), None);
    }
}
