//! Files of our own: for this user alone, whole or not at all, durable.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

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

/// Whether a folder is this user's and nobody else can put files into it; true where there is none.
///
/// # Errors
/// What the file system said.
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

/// The bits of a mode that let others put files into a folder.
#[cfg(unix)]
const WRITABLE: u32 = 0o022;

/// Options to open a file that is made for this user alone.
#[must_use]
pub fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The bits of a mode that let anybody else in.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Opens a file that this program made, for reading; `None` if others could have made or changed it: a link, another
/// owner, or a mode that lets others in.
///
/// # Errors
/// What the file system said.
pub fn open_own(path: &Path) -> io::Result<Option<File>> {
    open_if_own(path, OpenOptions::new().read(true))
}

/// The same, for reading and writing.
///
/// # Errors
/// What the file system said.
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

/// Whether a file is this user's or root's: nobody else could have put it there.
#[cfg(unix)]
#[must_use]
pub fn is_trusted_owner(found: &std::fs::Metadata) -> bool {
    let owner = std::os::unix::fs::MetadataExt::uid(found);
    owner == rustix::process::geteuid().as_raw() || owner == 0
}

/// Elsewhere owners are not looked at.
#[cfg(not(unix))]
#[must_use]
pub fn is_trusted_owner(_: &std::fs::Metadata) -> bool {
    true
}

/// Where a path leads, through links that only this user or root can have made; `None` if another user made one.
///
/// # Errors
/// What the file system said.
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

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// Opens a file for reading; `None` for a link, and for what is no file. A pipe in its place holds nothing up.
///
/// # Errors
/// What the file system said.
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

/// Whether a path still leads to an open file, and not to another one or to none.
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

/// Opens a file to write at its end, made for this user alone; `None` if what stands there is a link, no file, or one
/// that others can read or change.
///
/// # Errors
/// What the file system said.
pub fn append_own(path: &Path) -> io::Result<Option<File>> {
    match private_options().append(true).create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            open_if_own(path, OpenOptions::new().append(true))
        }
        made => made.map(Some),
    }
}

/// A folder for this user alone, gone when dropped.
///
/// # Errors
/// What the file system said.
pub fn private_temporary_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("ibmiam-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

/// A temporary file in the same folder, so that renaming it is one step; mode 0600 whatever the umask.
///
/// # Errors
/// What the file system said.
pub fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    private(tempfile::Builder::new().prefix(".ibmiam-").suffix(".tmp").tempfile_in(folder_of(path)))
}

fn private(temporary: io::Result<NamedTempFile>) -> io::Result<NamedTempFile> {
    let temporary = temporary.map_err(without_path)?;
    #[cfg(unix)]
    {
        // Never wider than this, but a umask may have made it narrower.
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        temporary.as_file().set_permissions(permissions)?;
    }
    Ok(temporary)
}

/// A temporary file of this name; mode 0600 whatever the umask.
///
/// # Errors
/// What the file system said, also if there is such a file.
pub fn temporary_as(path: &Path) -> io::Result<NamedTempFile> {
    let name = path.file_name().unwrap_or_default();
    private(tempfile::Builder::new().prefix(name).rand_bytes(0).tempfile_in(folder_of(path)))
}

/// Writes a file over an older one.
///
/// # Errors
/// What the file system said; the older file is as it was then.
pub fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    replace_through(temporary_beside(path)?, path, contents)
}

/// The same, where a lock keeps everybody else away from the file: what a killed process left is cleared away.
///
/// # Errors
/// What the file system said; the older file is as it was then.
pub fn replace_locked(path: &Path, contents: &[u8]) -> io::Result<()> {
    let new = new_beside(path);
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    replace_through(temporary_as(&new)?, path, contents)
}

/// The same for a file that everybody may read, as scripts and pages in folders of other programs.
///
/// # Errors
/// What the file system said; the older file is as it was then.
pub fn replace_readable(path: &Path, contents: &[u8]) -> io::Result<()> {
    let temporary = temporary_beside(path)?;
    #[cfg(unix)]
    temporary.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    replace_through(temporary, path, contents)
}

/// Where [`replace_locked`] writes before it renames.
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

/// The folder of a file, held open: a rename in it is durable once it is synced.
#[derive(Debug)]
pub struct Folder(Option<File>);

impl Folder {
    /// Opens the folder that a file is in.
    ///
    /// # Errors
    /// What the file system said.
    pub fn of(path: &Path) -> io::Result<Self> {
        // Elsewhere a folder cannot be opened, nor need it be synced.
        if cfg!(unix) { File::open(folder_of(path)).map(Some).map(Self) } else { Ok(Self(None)) }
    }

    /// Syncs it.
    ///
    /// # Errors
    /// What the file system said.
    pub fn sync(&self) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), File::sync_all)
    }
}

/// A short word for a text, the same in every version of this program (FNV-1a). No two need differ.
#[must_use]
pub fn fingerprint(text: &OsStr) -> String {
    let bytes = text.as_encoded_bytes().iter();
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// A temporary file's name says nothing to anybody.
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
