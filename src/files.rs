//! Files of this program: private to this user, written atomically, and durable.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

/// Creates a folder and its parents, private to this user.
///
/// # Errors
/// The error from the file system.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Whether a folder belongs to this user and no other user can put files into it; true if it does not exist.
///
/// # Errors
/// The error from the file system.
pub fn is_own_folder(folder: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        match folder.metadata() {
            Ok(found) => Ok(found.uid() == rustix::process::geteuid().as_raw() && found.mode() & WRITABLE == 0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }
    #[cfg(not(unix))]
    Ok(folder.is_dir() || !folder.exists())
}

/// The mode bits that let other users put files into a folder.
#[cfg(unix)]
const WRITABLE: u32 = 0o022;

/// Returns options that create a file private to this user.
#[must_use]
pub fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The mode bits that give other users access.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Opens a file of this program for reading; `None` if another user could have created or changed it, because it is a
/// symbolic link, has another owner, or has a mode that gives others access.
///
/// # Errors
/// The error from the file system.
pub fn open_own(path: &Path) -> io::Result<Option<File>> {
    open_if_own(path, OpenOptions::new().read(true))
}

/// Opens a file like [`open_own`], for reading and writing.
///
/// # Errors
/// The error from the file system.
pub fn open_own_to_write(path: &Path) -> io::Result<Option<File>> {
    open_if_own(path, OpenOptions::new().read(true).write(true))
}

fn open_if_own(path: &Path, options: &mut OpenOptions) -> io::Result<Option<File>> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
        if path.symlink_metadata()?.is_symlink() {
            return Ok(None);
        }
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let file = options.custom_flags(flags.bits().cast_signed()).open(path)?;
        let found = file.metadata()?;
        let own = found.is_file() && found.uid() == rustix::process::geteuid().as_raw() && found.mode() & OTHERS == 0;
        Ok(own.then_some(file))
    }
    #[cfg(not(unix))]
    options.open(path).map(Some)
}

/// Whether a file belongs to this user or root, so that no other user could have put it there.
#[cfg(unix)]
#[must_use]
pub fn is_trusted_owner(found: &std::fs::Metadata) -> bool {
    let owner = std::os::unix::fs::MetadataExt::uid(found);
    owner == rustix::process::geteuid().as_raw() || owner == 0
}

/// Always true, because owners are not checked on this system.
#[cfg(not(unix))]
#[must_use]
pub fn is_trusted_owner(_: &std::fs::Metadata) -> bool {
    true
}

/// Resolves the links of a path. Follows only links of this user or root; `None` if another user owns a link.
///
/// # Errors
/// The error from the file system.
pub fn through_own_links(path: &Path) -> io::Result<Option<PathBuf>> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let found = match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(path)),
            found => found?,
        };
        if !found.is_symlink() {
            return Ok(Some(path));
        }
        if !is_trusted_owner(&found) {
            return Ok(None);
        }
        let to = path.read_link()?;
        path = folder_of(&path).join(to);
    }
    Err(io::Error::other("too many links"))
}

/// The maximum number of links to follow, the same as on Linux.
const MOST_LINKS: usize = 40;

/// Opens a file for reading; `None` if it is a symbolic link or not a regular file. Opening a pipe does not block.
///
/// # Errors
/// The error from the file system.
pub fn open_regular(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        if path.symlink_metadata()?.is_symlink() {
            return Ok(None);
        }
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    let is_file = file.metadata()?.is_file();
    Ok(is_file.then_some(file))
}

/// Opens a pipe or a device for writing; `None` if it is a named pipe without a reader, where opening would wait for
/// one. A later write may wait for the reader.
///
/// # Errors
/// The error from the file system.
pub fn open_stream(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        let stream = match options.open(path) {
            // A device or a socket can have the same error for another reason.
            Err(error)
                if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error())
                    && path.metadata()?.file_type().is_fifo() =>
            {
                return Ok(None);
            }
            opened => opened?,
        };
        let flags = rustix::fs::fcntl_getfl(&stream)?;
        rustix::fs::fcntl_setfl(&stream, flags - rustix::fs::OFlags::NONBLOCK)?;
        Ok(Some(stream))
    }
    #[cfg(not(unix))]
    options.open(path).map(Some)
}

/// Whether a path still names this open file, and neither another file nor none.
#[must_use]
pub fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let identity = |found: std::fs::Metadata| (found.dev(), found.ino());
        let ours = file.metadata().map(identity);
        matches!((ours, path.symlink_metadata().map(identity)), (Ok(ours), Ok(there)) if ours == there)
    }
    #[cfg(not(unix))]
    path.exists()
}

/// Opens or creates a file private to this user, for appending; `None` if the path is a symbolic link, not a regular
/// file, or accessible to other users.
///
/// # Errors
/// The error from the file system.
pub fn append_own(path: &Path) -> io::Result<Option<File>> {
    match private_options().append(true).create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            open_if_own(path, OpenOptions::new().append(true))
        }
        made => made.map(Some),
    }
}

/// Creates a temporary folder private to this user, which is deleted on drop.
///
/// # Errors
/// The error from the file system.
pub fn private_temporary_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("ibmiam-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

/// Creates a temporary file in the folder of `path`, so that it can be renamed in one step. Its mode is 0600,
/// regardless of the umask.
///
/// # Errors
/// The error from the file system.
pub fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    private(tempfile::Builder::new().prefix(".ibmiam-").suffix(".tmp").tempfile_in(folder_of(path)))
}

fn private(temporary: io::Result<NamedTempFile>) -> io::Result<NamedTempFile> {
    let temporary = temporary.map_err(without_path)?;
    #[cfg(unix)]
    {
        // The mode is never wider than 0600, but the umask may have made it narrower.
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        temporary.as_file().set_permissions(permissions)?;
    }
    Ok(temporary)
}

/// Creates a temporary file with exactly this name. Its mode is 0600, regardless of the umask.
///
/// # Errors
/// The error from the file system, also if the file exists.
pub fn temporary_as(path: &Path) -> io::Result<NamedTempFile> {
    let name = path.file_name().unwrap_or_default();
    private(tempfile::Builder::new().prefix(name).rand_bytes(0).tempfile_in(folder_of(path)))
}

/// Creates a file, or replaces an existing one in one step.
///
/// # Errors
/// The error from the file system. Before the rename, an error leaves the old file unchanged.
pub fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    replace_through(temporary_beside(path)?, path, contents)
}

/// Replaces a file like [`replace`], while the caller holds a lock against other writers. Deletes the temporary file
/// that a killed process may have left.
///
/// # Errors
/// The error from the file system. Before the rename, an error leaves the old file unchanged.
pub fn replace_locked(path: &Path, contents: &[u8]) -> io::Result<()> {
    let new = new_beside(path);
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    replace_through(temporary_as(&new)?, path, contents)
}

/// Replaces a file like [`replace`], but readable by everyone, for scripts and man pages in folders of other programs.
///
/// # Errors
/// The error from the file system. Before the rename, an error leaves the old file unchanged.
pub fn replace_readable(path: &Path, contents: &[u8]) -> io::Result<()> {
    let temporary = temporary_beside(path)?;
    #[cfg(unix)]
    temporary.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    replace_through(temporary, path, contents)
}

/// Returns the path of the temporary file that [`replace_locked`] writes and renames.
#[must_use]
pub fn new_beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    path.with_file_name(name)
}

fn replace_through(mut temporary: NamedTempFile, path: &Path, contents: &[u8]) -> io::Result<()> {
    temporary.write_all(contents)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    Folder::of(path)?.sync()
}

/// The folder of a file, held open. Syncing it makes a rename in it durable.
#[derive(Debug)]
pub struct Folder(Option<File>);

impl Folder {
    /// Opens the folder of a file.
    ///
    /// # Errors
    /// The error from the file system.
    pub fn of(path: &Path) -> io::Result<Self> {
        // On other systems, a folder cannot be opened and does not need to be synced.
        if cfg!(unix) { File::open(folder_of(path)).map(Some).map(Self) } else { Ok(Self(None)) }
    }

    /// Syncs the folder.
    ///
    /// # Errors
    /// The error from the file system.
    pub fn sync(&self) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), File::sync_all)
    }
}

/// Returns a short hash of a text, the same in every version of this program (FNV-1a). Two texts can have the same
/// hash.
#[must_use]
pub fn fingerprint(text: &OsStr) -> String {
    let bytes = text.as_encoded_bytes().iter();
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// Removes the name of the temporary file from an error, because it means nothing to the user.
fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source());
    let code = inner.and_then(|source| source.downcast_ref::<io::Error>()).and_then(io::Error::raw_os_error);
    code.map_or(error, io::Error::from_raw_os_error)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
