//! Programs on the search path, and the environment in which they are started.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A program that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The path of its file.
    pub path: PathBuf,
    /// Whether it is this program, also through links.
    pub is_own: bool,
}

/// Returns the path of this program's file, with links resolved.
#[must_use]
pub fn own() -> Option<PathBuf> {
    std::env::current_exe().ok()?.canonicalize().ok()
}

/// Returns all programs with this name on a search path, in order. This program is recognised by its file and not by
/// its name, so that a chain of links does not make it start itself.
#[must_use]
pub fn all(search_path: &OsStr, name: &str, own: &Path) -> Vec<Program> {
    let name = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    // An empty entry means the current folder, where another user could have put a program.
    let folders = std::env::split_paths(search_path).filter(|folder| folder.is_absolute());
    let candidates = folders.map(|folder| folder.join(&name)).filter(|path| is_executable(path));
    candidates.map(|path| Program { is_own: is_same(&path, own), path }).collect()
}

/// Whether two paths name the same file.
#[must_use]
pub fn is_same(one: &Path, other: &Path) -> bool {
    matches!((identity(one), identity(other)), (Some(one), Some(other)) if one == other)
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
    fn this_program_is_known_under_all_its_names() {
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
        let everywhere = path(&["none", "links", "links2", "own", "plain", "real"]);
        let found = all(&everywhere, "ibmcloud", &own);
        let others: Vec<_> = found.iter().filter(|found| !found.is_own).collect();
        assert_eq!((found.len(), others.len(), &others[0].path), (4, 1, &real));
        assert!(all(OsStr::new(".:"), "ibmcloud", &own).is_empty());
    }
}

/// Variables with long-lived secrets, which are not passed to a program that is started here.
pub const KEY_VARIABLES: [&str; 6] =
    ["IBMCLOUD_API_KEY", "BLUEMIX_API_KEY", "IC_API_KEY", "BM_API_KEY", "IAM_IDENTITY_APIKEY", "IBMCLOUD_CR_TOKEN"];

/// Variables with access tokens; Terraform's provider reads the second one.
pub const TOKEN_VARIABLES: [&str; 2] = ["IBMCLOUD_IAM_TOKEN", "IC_IAM_TOKEN"];

/// Removes all these variables from a command's environment.
pub fn without_secrets(command: &mut std::process::Command) {
    for name in KEY_VARIABLES.iter().chain(&TOKEN_VARIABLES) {
        command.env_remove(name);
    }
}

/// Replaces this process by another program, which then determines the exit status and receives the signals.
///
/// # Errors
/// Why the program cannot be started.
#[cfg(unix)]
pub fn become_it(mut command: std::process::Command) -> std::io::Result<u8> {
    Err(std::os::unix::process::CommandExt::exec(&mut command))
}

/// Runs another program, waits for its end, and returns its exit status.
///
/// # Errors
/// Why the program cannot be started.
#[cfg(not(unix))]
pub fn become_it(mut command: std::process::Command) -> std::io::Result<u8> {
    let status = command.status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
