//! Files of our own: for this user alone, whole or not at all, durable.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Makes a folder, and those above it, for this user alone.
///
/// # Errors
/// What the file system said.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// A temporary file in the same folder, so that renaming it is one step; mode 0600 whatever the umask.
///
/// # Errors
/// What the file system said.
pub fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let temporary = tempfile::Builder::new().prefix(".ibmiam-").suffix(".tmp").tempfile_in(folder_of(path))?;
    #[cfg(unix)]
    {
        // Never wider than this, but a umask may have made it narrower.
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        temporary.as_file().set_permissions(permissions)?;
    }
    Ok(temporary)
}

/// Writes a file over an older one.
///
/// # Errors
/// What the file system said; the older file is as it was then.
pub fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut temporary = temporary_beside(path)?;
    temporary.write_all(contents)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// A rename is durable once its folder is.
///
/// # Errors
/// What the file system said.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder_of(path))?.sync_all()?;
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
