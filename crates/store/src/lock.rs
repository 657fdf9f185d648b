//! Who may sweep: advisory locks that die with their holder.
//!
//! A lock is `flock(2)` on a file or directory that is never removed, so there is nothing stale to
//! clean up after a crash. Waiting is the caller's business: every attempt returns at once.

use std::fmt;
use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock, fstat};
use rustix::io::Errno;

/// A lock could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Somebody else has it.
    #[error("{path} is locked by {by}", path = path.display(), by = Known(holder.as_ref()))]
    Held {
        /// What is locked.
        path: PathBuf,
        /// By whom, if it can be told.
        holder: Option<Holder>,
    },
    /// It could not even be tried.
    #[error("failed to lock {path}", path = path.display())]
    Lock {
        /// What was to be locked.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// What it said it is doing (`run`, `sweep`), where the lock has room for that.
    pub what: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Some(what) => write!(f, "pid {} ({what})", self.pid),
            None => write!(f, "pid {}", self.pid),
        }
    }
}

struct Known<'a>(Option<&'a Holder>);

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(holder) => holder.fmt(f),
            None => f.write_str("another process"),
        }
    }
}

/// Takes the lock on an open file or directory; `holder` names who has it if it is taken.
pub(crate) fn try_lock(
    file: File,
    path: &Path,
    holder: impl FnOnce(&File) -> Option<Holder>,
) -> Result<File, LockError> {
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => {
            Err(LockError::Held { path: path.to_owned(), holder: holder(&file) })
        }
        Err(errno) => Err(LockError::Lock { path: path.to_owned(), source: errno.into() }),
    }
}

/// Who holds an `flock` on this very file, by the kernel's own list. `None` where the list is not
/// to be had, or names a process of another pid namespace.
pub(crate) fn holder_by_kernel(file: &impl AsFd) -> Option<Holder> {
    let stat = fstat(file).ok()?;
    let list = std::fs::read_to_string("/proc/locks").ok()?;
    let (major, minor) = (rustix::fs::major(stat.st_dev), rustix::fs::minor(stat.st_dev));
    let inode = format!("{major:02x}:{minor:02x}:{}", stat.st_ino);
    let pid = list.lines().find_map(|line| {
        // 1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234567 0 EOF
        let mut fields = line.split_whitespace().skip_while(|word| *word != "FLOCK").skip(3);
        let pid = fields.next()?;
        (fields.next()? == inode).then(|| pid.parse().ok())?
    })?;
    (pid != 0).then_some(Holder { pid, what: None })
}
