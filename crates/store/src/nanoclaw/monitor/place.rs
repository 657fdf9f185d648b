//! Makes directories and files below the root, through no link, each with its parent's owner and
//! mode.
//!
//! A thing is made under a name of its own, given away, and only then put in its place: nobody
//! finds it half made, and what is there is never replaced. Two sweepds don't meet here, because
//! whoever makes something holds the write lock of `v2.db`.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, RenameFlags, Stat, Uid};
use rustix::io::Errno;

use super::error::MonitorError;
use crate::nanoclaw::beneath::{kind, resolve};
use crate::nanoclaw::id::component;
use crate::nanoclaw::root::Root;
use crate::nanoclaw::unreadable::Unreadable;

/// The directory of all sessions, below `data`.
const SESSIONS: &str = "v2-sessions";

/// A directory below the root, reached without following a link.
#[derive(Debug)]
pub(super) struct Place {
    fd: OwnedFd,
    /// As people are told of it.
    path: String,
    stat: Stat,
}

impl Place {
    /// The root itself.
    pub(super) fn root(root: &Root) -> Result<Self, MonitorError> {
        at(root.path()).map(|(fd, stat)| Self { fd, path: String::new(), stat }).map_err(|errno| {
            MonitorError::Make { path: root.path().display().to_string(), source: errno.into() }
        })
    }

    /// The directory of all sessions, which may lie elsewhere by the operator's own link.
    pub(super) fn sessions(root: &Root) -> Result<Self, MonitorError> {
        let path = format!("data/{SESSIONS}");
        match at(root.sessions_dir()) {
            Ok((fd, stat)) => Ok(Self { fd, path, stat }),
            Err(Errno::NOENT) => Self::root(root)?.existing("data")?.make(SESSIONS).map(|of| of.0),
            Err(errno) => Err(MonitorError::Make { path, source: errno.into() }),
        }
    }

    /// A directory in it. `None` if there is none.
    pub(super) fn enter(&self, name: &str) -> Result<Option<Self>, MonitorError> {
        let path = self.below(name);
        match resolve(&self.fd, name, &path) {
            Ok(None) => Ok(None),
            Ok(Some((_, stat))) if !is(&stat, FileType::Directory) => {
                Err(MonitorError::Make { path, source: Errno::NOTDIR.into() })
            }
            Ok(Some((fd, stat))) => Ok(Some(Self { fd, path, stat })),
            Err(source) => Err(MonitorError::Enter { path, source }),
        }
    }

    /// A directory in it that has to be there.
    pub(super) fn existing(&self, name: &str) -> Result<Self, MonitorError> {
        let gone = || MonitorError::Make { path: self.below(name), source: Errno::NOENT.into() };
        self.enter(name)?.ok_or_else(gone)
    }

    /// A directory in it, made if it is not there; and whether it was made.
    pub(super) fn make(&self, name: &str) -> Result<(Self, bool), MonitorError> {
        self.make_like(name, self)
    }

    /// The same, with the owner and mode of another directory than its parent.
    pub(super) fn make_like(&self, name: &str, like: &Self) -> Result<(Self, bool), MonitorError> {
        component(name).map_err(|source| MonitorError::BadPath { what: "directory", source })?;
        if let Some(found) = self.enter(name)? {
            return Ok((found, false));
        }
        let made = self.put(name, AtFlags::REMOVEDIR, |interim| {
            rustix::fs::mkdirat(&self.fd, interim, Mode::RWXU)?;
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let dir = rustix::fs::openat(&self.fd, interim, flags, Mode::empty())?;
            give(&dir, &like.stat, like.stat.st_mode & 0o7777)
        })?;
        Ok((self.existing(name)?, made))
    }

    /// Makes a file in it, unless there is something of this name.
    pub(super) fn make_file(
        &self,
        name: &str,
        content: impl FnOnce() -> std::io::Result<Vec<u8>>,
    ) -> Result<bool, MonitorError> {
        let path = self.below(name);
        let enter = |source| MonitorError::Enter { path: path.clone(), source };
        if resolve(&self.fd, name, &path).map_err(enter)?.is_some() {
            return Ok(false);
        }
        let failed = |source| MonitorError::Make { path: path.clone(), source };
        let content = content().map_err(failed)?;
        self.put(name, AtFlags::empty(), |interim| {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
            let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let fd = rustix::fs::openat(&self.fd, interim, flags, Mode::RUSR | Mode::WUSR)?;
            let mut file = File::from(fd);
            file.write_all(&content)?;
            give(&file, &self.stat, self.stat.st_mode & 0o666)?;
            file.sync_all()
        })
    }

    /// A regular file at a path below it. `None` if nothing is there.
    pub(super) fn regular(&self, path: &str) -> Result<Option<Stat>, Unreadable> {
        match resolve(&self.fd, path, path)? {
            Some((_, stat)) if !is(&stat, FileType::RegularFile) => {
                let kind = kind(FileType::from_raw_mode(stat.st_mode)).to_owned();
                Err(Unreadable::NotAFile { file: path.to_owned(), kind })
            }
            found => Ok(found.map(|(_, stat)| stat)),
        }
    }

    /// Makes something under an interim name and puts it in its place; false if the place has been
    /// taken meanwhile.
    fn put(
        &self,
        name: &str,
        removal: AtFlags,
        make: impl FnOnce(&str) -> std::io::Result<()>,
    ) -> Result<bool, MonitorError> {
        let interim = format!(".{name}.sweepd");
        let remove = || rustix::fs::unlinkat(&self.fd, &interim, removal);
        // A process that died in here has left it.
        let leftover = remove();
        let outcome = match leftover {
            Ok(()) | Err(Errno::NOENT) => make(&interim),
            Err(errno) => Err(errno.into()),
        };
        let placed = outcome.and_then(|()| place(&self.fd, &interim, name));
        if matches!(placed, Ok(true)) {
            return Ok(true);
        }
        // What cannot be removed now is removed next time.
        let _left = remove();
        placed.map_err(|source| MonitorError::Make { path: self.below(name), source })
    }

    fn below(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) }
    }
}

/// A directory whose path was resolved before.
fn at(path: &Path) -> Result<(OwnedFd, Stat), Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&fd)?;
    Ok((fd, stat))
}

fn is(stat: &Stat, kind: FileType) -> bool {
    FileType::from_raw_mode(stat.st_mode) == kind
}

/// Renames without replacing anything; looks first where the file system cannot do both in one.
fn place(dir: &OwnedFd, from: &str, to: &str) -> std::io::Result<bool> {
    let renamed = match rustix::fs::renameat_with(dir, from, dir, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) => {
            match rustix::fs::statat(dir, to, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(_) => Err(Errno::EXIST),
                Err(Errno::NOENT) => rustix::fs::renameat(dir, from, dir, to),
                Err(errno) => Err(errno),
            }
        }
        renamed => renamed,
    };
    match renamed {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Gives something to the owner of another. A group that we are not in is not insisted on.
fn give(what: &impl AsFd, like: &Stat, mode: u32) -> std::io::Result<()> {
    let is = rustix::fs::fstat(what)?;
    let user = (is.st_uid != like.st_uid).then(|| Uid::from_raw(like.st_uid));
    let group = (is.st_gid != like.st_gid).then(|| Gid::from_raw(like.st_gid));
    if user.is_some() || group.is_some() {
        match rustix::fs::fchown(what, user, group) {
            Err(Errno::PERM) if user.is_none() => {}
            given => given?,
        }
    }
    Ok(rustix::fs::fchmod(what, Mode::from_raw_mode(mode))?)
}
