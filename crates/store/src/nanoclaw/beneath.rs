//! Is this path what it claims to be? Answered below a session directory, before SQLite sees it.
//!
//! The agent controls every name in its directory. Files are only ever *named* here (`O_PATH`),
//! never opened: opening a pipe would hang, and closing a descriptor of a database would drop
//! every lock this process holds on it. A file swapped between this check and SQLite's open is
//! caught by asking again afterwards, unless it is swapped back; only a process that may be killed
//! closes that gap.

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;
use sweepd_decide::{Observed, Timestamp};

use super::id::component;
use super::unreadable::Unreadable;

/// Which file a name stood for, and how big it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    empty: bool,
}

impl Identity {
    /// Whether it had no content at all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.empty
    }

    /// Whether both are the same file, whatever its content is now.
    pub(crate) const fn same_file(&self, other: &Self) -> bool {
        self.device == other.device && self.inode == other.inode
    }
}

/// A session's directory, reached without following a link.
#[derive(Debug)]
pub(crate) struct SessionDir {
    fd: OwnedFd,
    path: PathBuf,
}

/// What stands for the directory itself where a reason names a file.
const DIRECTORY: &str = "the session directory";

impl SessionDir {
    /// The directory of a session below `sessions`, which the host controls. `None` if there is none.
    pub(crate) fn open(
        sessions: &Path,
        group: &str,
        session: &str,
    ) -> Result<Option<Self>, Unreadable> {
        for id in [group, session] {
            component(id).map_err(|why| Unreadable::BadId { why: why.to_string() })?;
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let base = match rustix::fs::open(sessions, flags, Mode::empty()) {
            Ok(base) => base,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(refused(DIRECTORY, errno)),
        };
        let Some((fd, stat)) = resolve(&base, &format!("{group}/{session}"), DIRECTORY)? else {
            return Ok(None);
        };
        if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
            return Err(refused(DIRECTORY, Errno::NOTDIR));
        }
        Ok(Some(Self { fd, path: sessions.join(group).join(session) }))
    }

    /// The path under which SQLite may open a file that was checked.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    /// Checks a database and what lies beside it. `None` if there is no such file.
    pub(crate) fn database(
        &self,
        file: &str,
        max_size: u64,
    ) -> Result<Option<Identity>, Unreadable> {
        let Some(stat) = self.plain_file(file, max_size)? else { return Ok(None) };
        self.plain_file(&format!("{file}-journal"), max_size)?;
        if resolve(&self.fd, &format!("{file}-wal"), file)?.is_some() {
            return Err(Unreadable::Wal { file: file.to_owned() });
        }
        Ok(Some(Identity { device: stat.st_dev, inode: stat.st_ino, empty: stat.st_size == 0 }))
    }

    /// Modification time of a regular file.
    pub(crate) fn modified(&self, file: &str) -> Observed<Timestamp> {
        match resolve(&self.fd, file, file) {
            Ok(None) => Observed::Absent,
            Ok(Some((_, stat))) if is_file(&stat) => {
                let millis = i64::try_from(stat.st_mtime_nsec / 1_000_000).unwrap_or(0);
                let seconds = stat.st_mtime.saturating_mul(1000);
                Observed::Known(Timestamp::from_millis(seconds.saturating_add(millis)))
            }
            Ok(Some(_)) | Err(_) => Observed::Unknown,
        }
    }

    /// Whether this process may read a file, by its permissions.
    pub(crate) fn may_read(&self, file: &str) -> bool {
        rustix::fs::accessat(&self.fd, file, Access::READ_OK, AtFlags::EACCESS).is_ok()
    }

    fn plain_file(&self, file: &str, max_size: u64) -> Result<Option<Stat>, Unreadable> {
        let Some((_, stat)) = resolve(&self.fd, file, file)? else { return Ok(None) };
        let file = file.to_owned();
        if !is_file(&stat) {
            let kind = kind(FileType::from_raw_mode(stat.st_mode)).to_owned();
            return Err(Unreadable::NotAFile { file, kind });
        }
        if stat.st_nlink > 1 {
            return Err(Unreadable::HardLink { file });
        }
        if u64::try_from(stat.st_size).unwrap_or(u64::MAX) > max_size {
            let what = format!("{} bytes, at most {max_size} are read", stat.st_size);
            return Err(Unreadable::TooBig { file, what });
        }
        Ok(Some(stat))
    }
}

/// Names what lies at `path` below `dir`, through no link and no `..`. `None` if nothing does.
pub(crate) fn resolve(
    dir: &impl AsFd,
    path: &str,
    called: &str,
) -> Result<Option<(OwnedFd, Stat)>, Unreadable> {
    let found = match by_kernel(dir, path) {
        Err(Errno::NOSYS | Errno::PERM | Errno::INVAL | Errno::TOOBIG) => by_steps(dir, path),
        found => found,
    };
    let stat = found.and_then(|fd| Ok((rustix::fs::fstat(&fd)?, fd)));
    match stat {
        Ok((stat, _)) if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink => {
            Err(refused(called, Errno::LOOP))
        }
        Ok((stat, fd)) => Ok(Some((fd, stat))),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(refused(called, errno)),
    }
}

const NAME_ONLY: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// `openat2(2)`; a path that changes under the kernel's feet is tried a few times.
fn by_kernel(dir: &impl AsFd, path: &str) -> Result<OwnedFd, Errno> {
    let how = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let mut result = Err(Errno::AGAIN);
    for _ in 0..4 {
        result = rustix::fs::openat2(dir, path, NAME_ONLY, Mode::empty(), how);
        if !matches!(result, Err(Errno::AGAIN)) {
            break;
        }
    }
    result
}

/// The same for kernels and sandboxes without `openat2`: one component after the other.
fn by_steps(dir: &impl AsFd, path: &str) -> Result<OwnedFd, Errno> {
    let mut steps = path.split('/');
    let first = steps.next().ok_or(Errno::NOENT)?;
    let mut at = rustix::fs::openat(dir, first, NAME_ONLY, Mode::empty())?;
    for step in steps {
        if FileType::from_raw_mode(rustix::fs::fstat(&at)?.st_mode) == FileType::Symlink {
            return Err(Errno::LOOP);
        }
        at = rustix::fs::openat(&at, step, NAME_ONLY, Mode::empty())?;
    }
    Ok(at)
}

fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

fn refused(file: &str, errno: Errno) -> Unreadable {
    let file = file.to_owned();
    match errno {
        Errno::LOOP | Errno::XDEV => Unreadable::Symlink { file },
        Errno::ACCESS | Errno::PERM => Unreadable::Denied { file },
        errno => Unreadable::Io { file, detail: std::io::Error::from(errno).to_string() },
    }
}

pub(crate) const fn kind(found: FileType) -> &'static str {
    match found {
        FileType::Directory => "directory",
        FileType::Fifo => "named pipe",
        FileType::Socket => "socket",
        FileType::CharacterDevice | FileType::BlockDevice => "device",
        FileType::Symlink => "symbolic link",
        FileType::RegularFile => "file",
        FileType::Unknown => "thing of unknown kind",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn both_ways_to_resolve_a_path_agree() {
        let temp = tempfile::tempdir().unwrap();
        let at = |path: &str| temp.path().join(path);
        std::fs::create_dir_all(at("g/s")).unwrap();
        std::fs::write(at("g/s/file"), "").unwrap();
        symlink("s", at("g/link")).unwrap();
        symlink("file", at("g/s/link")).unwrap();
        symlink("/", at("g/s/out")).unwrap();
        let dir = rustix::fs::open(temp.path(), OFlags::PATH, Mode::empty()).unwrap();

        let outcome = |found: Result<OwnedFd, Errno>| {
            let stat = found.and_then(rustix::fs::fstat);
            stat.map(|stat| (stat.st_ino, stat.st_mode))
        };
        let paths = ["g", "g/s", "g/s/file", "g/link/file", "g/s/link", "g/s/out/etc", "g/none"];
        let paths = paths.into_iter().chain(["g/s/file/x", "none/x"]);
        for path in paths {
            let (kernel, steps) = (by_kernel(&dir, path), by_steps(&dir, path));
            assert_eq!(outcome(kernel), outcome(steps), "{path}");
        }
        assert_eq!(by_steps(&dir, "g/link/file").unwrap_err(), Errno::LOOP);
        assert_eq!(by_steps(&dir, "g/s/file/x").unwrap_err(), Errno::NOTDIR);
    }

    #[test]
    fn a_session_that_is_a_file_is_no_session() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir(temp.path().join("g")).unwrap();
        std::fs::write(temp.path().join("g/s"), "").unwrap();
        let why = SessionDir::open(temp.path(), "g", "s").unwrap_err();
        assert!(why.to_string().starts_with("the session directory cannot be read: Not a dir"));
    }

    #[test]
    fn a_file_that_was_replaced_is_another_one() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(temp.path().join("g/s")).unwrap();
        let dir = SessionDir::open(temp.path(), "g", "s").unwrap().unwrap();
        std::fs::write(dir.path("a"), "").unwrap();
        std::fs::write(dir.path("b"), "content").unwrap();
        let before = dir.database("a", 1000).unwrap().unwrap();
        std::fs::rename(dir.path("b"), dir.path("a")).unwrap();
        let after = dir.database("a", 1000).unwrap().unwrap();
        assert!(!before.same_file(&after));
        assert!(before.is_empty() && !after.is_empty());
    }
}
