//! What are our files beside a credential called, and how is a new one made?

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Stat, Uid};
use rustix::io::Errno;

/// Being written; worth nothing before it is whole.
const PART: &str = "sweepd-part";

/// A whole credential: the new one before it changes places with the old one, and what came out after.
const WHOLE: &str = "sweepd-new";

/// Held while a credential is replaced.
const LOCK: &str = "sweepd-lock";

/// Whether a name is one that only replacing a credential makes.
pub(crate) fn is_ours(name: &[u8]) -> bool {
    let ends = |end: &str| name.strip_suffix(end.as_bytes()).is_some_and(|it| it.ends_with(b"."));
    name.first() == Some(&b'.') && [PART, WHOLE, LOCK].into_iter().any(ends)
}

/// The names beside one credential. All begin with a dot, so that no pattern takes them for another.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) part: OsString,
    pub(super) whole: OsString,
    pub(super) lock: OsString,
}

impl Names {
    pub(super) fn of(name: &OsStr) -> Self {
        let with = |end: &str| {
            let mut it = OsString::from(".");
            it.push(name);
            it.push(".");
            it.push(end);
            it
        };
        Self { part: with(PART), whole: with(WHOLE), lock: with(LOCK) }
    }
}

/// Why a new file was not made.
#[derive(Debug)]
pub(super) enum NotMade {
    /// It could not be written.
    Write(io::Error),
    /// It could not be given to the old one's owner.
    Owner(io::Error),
}

/// Writes a new file, readable for its owner alone, who is the old one's. It has its name of a whole
/// one only when it is on the disk.
pub(super) fn make(
    dir: &impl AsFd,
    names: &Names,
    bytes: &[u8],
    old: &Stat,
) -> Result<(), NotMade> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    let write = |errno: Errno| NotMade::Write(errno.into());
    let file = rustix::fs::openat(dir, &names.part, flags, mode).map_err(write)?;
    let mut file = File::from(file);
    file.write_all(bytes).map_err(NotMade::Write)?;
    rustix::fs::fchmod(&file, mode).map_err(write)?;
    give(&file, old).map_err(|errno| NotMade::Owner(errno.into()))?;
    file.sync_all().map_err(NotMade::Write)?;
    rustix::fs::renameat(dir, &names.part, dir, &names.whole).map_err(write)
}

/// Makes the old file's owner the new one's.
fn give(file: &File, old: &Stat) -> Result<(), Errno> {
    let new = rustix::fs::fstat(file)?;
    if (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid) {
        return Ok(());
    }
    let given =
        rustix::fs::fchown(file, Some(Uid::from_raw(old.st_uid)), Some(Gid::from_raw(old.st_gid)));
    match given {
        // Its group has no rights to it anyway.
        Err(_) if new.st_uid == old.st_uid => Ok(()),
        given => given,
    }
}

/// Removes a file; that there is none is fine.
pub(super) fn remove(dir: &impl AsFd, name: &OsStr) -> io::Result<()> {
    match rustix::fs::unlinkat(dir, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Puts the directory's names on the disk. Not every file system can: then the old name may be back
/// after a power cut, and the next look finds an old credential once more.
pub(super) fn sync(dir: &impl AsFd) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    if let Ok(dir) = rustix::fs::openat(dir, ".", flags, Mode::empty()) {
        let _best_effort = rustix::fs::fsync(dir);
    }
}
