//! Is somebody else replacing this credential?
//!
//! A lock file beside it, held with `flock` and removed in the end. `flock` goes with the process, so a
//! killed one holds nothing. Agents do not know the lock; it is for another sweepd.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::temporary;
use crate::place::{self, NoFile};

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    dir: OwnedFd,
    name: OsString,
    /// Closed when it is dropped, and the lock with it.
    _file: File,
    #[cfg(test)]
    killed: bool,
}

impl Lock {
    /// Takes the lock; `None`, somebody else has it. Does not wait.
    pub(super) fn take(dir: &OwnedFd, name: &OsStr) -> io::Result<Option<Self>> {
        match open(dir, name)? {
            Some(file) => Self::hold(file, dir, name),
            None => Ok(None),
        }
    }

    fn hold(file: File, dir: &OwnedFd, name: &OsStr) -> io::Result<Option<Self>> {
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        }
        // Whoever had it before may have removed it between our opening and our locking it: then we
        // hold a file that nobody else will meet.
        let held = rustix::fs::fstat(&file)?;
        let named = match place::stat(dir, name) {
            Ok(named) => named,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        if (held.st_dev, held.st_ino) != (named.st_dev, named.st_ino) {
            return Ok(None);
        }
        let dir = dir.as_fd().try_clone_to_owned()?;
        Ok(Some(Self {
            dir,
            name: name.to_owned(),
            _file: file,
            #[cfg(test)]
            killed: false,
        }))
    }

    /// Lets it go as a killed process does: the file stays.
    #[cfg(test)]
    pub(super) const fn kill(&mut self) {
        self.killed = true;
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        #[cfg(test)]
        if self.killed {
            return;
        }
        // One that stays is taken and removed by the next.
        let _best_effort = temporary::remove(&self.dir, &self.name);
    }
}

/// Makes the lock file, or opens the one that is there, if it is a file and nothing else.
fn open(dir: &OwnedFd, name: &OsStr) -> io::Result<Option<File>> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(dir, name, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => return Ok(Some(file.into())),
        Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno.into()),
    }
    match place::open_regular(dir, name, OFlags::RDWR) {
        Ok((file, _)) => Ok(Some(file)),
        Err(NoFile::Errno(Errno::NOENT)) => Ok(None),
        Err(NoFile::Errno(errno)) => Err(errno.into()),
        Err(NoFile::Is(_)) => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_whose_file_was_removed_or_made_anew_meanwhile_is_not_held() {
        let temp = tempfile::tempdir().unwrap();
        let dir = rustix::fs::open(temp.path(), place::DIRECTORY, Mode::empty()).unwrap();
        let name = OsStr::new(".lock");
        let opened = || open(&dir, name).unwrap().unwrap();
        let first = opened();
        temporary::remove(&dir, name).unwrap();
        assert!(Lock::hold(first, &dir, name).unwrap().is_none());
        let second = opened();
        temporary::remove(&dir, name).unwrap();
        let third = Lock::take(&dir, name).unwrap().unwrap();
        assert!(Lock::hold(second, &dir, name).unwrap().is_none());
        let fourth = opened();
        assert!(Lock::hold(fourth.try_clone().unwrap(), &dir, name).unwrap().is_none());
        drop(third);
        assert!(Lock::hold(fourth, &dir, name).unwrap().is_none());
        assert!(place::stat(&dir, name).is_err(), "nobody leaves it behind");
    }
}
