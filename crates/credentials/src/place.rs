//! Where is a credential, and which way is it reached?
//!
//! What the operator wrote is followed, links and all. What a pattern found is the agents' to
//! change: no link is followed on that part of the way, neither now nor when the file is opened.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// Where a credential is or would be: a path, and how much of it may lead through links.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    path: PathBuf,
    base: PathBuf,
    steps: Vec<OsString>,
    name: OsString,
}

impl Place {
    /// A path somebody wrote. Its directory may be reached through links; the file is never one.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let base = directory(path.parent().unwrap_or_else(|| Path::new("/")));
        // A path without a name at its end is a directory, and will be found to be one.
        let name = path.file_name().unwrap_or_else(|| OsStr::new(".")).to_owned();
        Self { path, base, steps: Vec::new(), name }
    }

    /// What a pattern found below `base`: no link is followed on the way from there.
    pub(crate) fn below(base: &Path, steps: &[OsString], name: OsString) -> Self {
        let mut path = base.to_owned();
        path.extend(steps);
        path.push(&name);
        Self { path, base: directory(base), steps: steps.to_vec(), name }
    }

    /// The whole path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name of the file in its directory.
    pub(crate) fn name(&self) -> &OsStr {
        &self.name
    }

    /// A hold on its directory, whatever becomes of the path to it.
    pub(crate) fn directory(&self) -> Result<OwnedFd, Errno> {
        let mut at = rustix::fs::open(&self.base, DIRECTORY, Mode::empty())?;
        for step in &self.steps {
            at = enter(&at, step)?;
        }
        Ok(at)
    }
}

/// As its path.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.path, f)
    }
}

impl AsRef<Path> for Place {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl From<PathBuf> for Place {
    fn from(path: PathBuf) -> Self {
        Self::at(path)
    }
}

/// A relative path without a directory is in the current one.
fn directory(path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_owned() }
}

#[cfg(target_os = "linux")]
const NAME_ONLY: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const NAME_ONLY: OFlags = OFlags::RDONLY;

/// A directory by name only: that it can be listed is not asked for.
pub(crate) const DIRECTORY: OFlags =
    NAME_ONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

/// The directory of that name, if it is one and no link to one.
pub(crate) fn enter(dir: &impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let found = rustix::fs::openat(dir, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty());
    match found {
        // Linux has one answer for a link and for a file here.
        Err(Errno::NOTDIR) if kind_of(dir, name) == Ok(FileType::Symlink) => Err(Errno::LOOP),
        found => found,
    }
}

/// What lies under a name itself: a link is a link.
pub(crate) fn stat(dir: &impl AsFd, name: &OsStr) -> Result<Stat, Errno> {
    rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
}

pub(crate) fn kind_of(dir: &impl AsFd, name: &OsStr) -> Result<FileType, Errno> {
    Ok(FileType::from_raw_mode(stat(dir, name)?.st_mode))
}

/// Why there is no file to read under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoFile {
    /// Something else is there.
    Is(FileType),
    /// The system's answer.
    Errno(Errno),
}

impl From<Errno> for NoFile {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

/// Opens a regular file, and nothing else: merely opening a device can do something, opening a pipe
/// would wait, and who can write the directory can put either there.
#[cfg(target_os = "linux")]
pub(crate) fn open_regular(
    dir: &impl AsFd,
    name: &OsStr,
    access: OFlags,
) -> Result<(File, Stat), NoFile> {
    use std::os::fd::AsRawFd as _;
    // A handle that only names it: nothing is opened yet, and nobody can swap it any more.
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let named = rustix::fs::openat(dir, name, flags, Mode::empty())?;
    let stat = regular(&named)?;
    let again = format!("/proc/self/fd/{}", named.as_raw_fd());
    let flags = access | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = rustix::fs::open(again, flags, Mode::empty())?;
    Ok((file.into(), stat))
}

/// The same where a handle cannot be opened again.
#[cfg(not(target_os = "linux"))]
pub(crate) fn open_regular(
    dir: &impl AsFd,
    name: &OsStr,
    access: OFlags,
) -> Result<(File, Stat), NoFile> {
    let kind = kind_of(dir, name)?;
    if kind != FileType::RegularFile {
        return Err(NoFile::Is(kind));
    }
    let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = rustix::fs::openat(dir, name, flags, Mode::empty())?;
    let stat = regular(&file)?;
    Ok((file.into(), stat))
}

fn regular(file: &impl AsFd) -> Result<Stat, NoFile> {
    let stat = rustix::fs::fstat(file)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind == FileType::RegularFile { Ok(stat) } else { Err(NoFile::Is(kind)) }
}
