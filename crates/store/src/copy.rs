//! A private copy of a database, where it cannot be read in place without changing anything.
//!
//! That is where a writer died and left only its `-wal` or its journal behind, and where the schema
//! is an older one. Nobody is at work there as a rule; that nobody wrote meanwhile is made sure of.

use std::fs::Permissions;
use std::io::{Error as IoError, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::path::beside;

/// How often a copy is tried while a writer is at work.
const ATTEMPTS: usize = 20;
/// Where private copies are made: the first place that takes one.
const PLACES: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];
/// The database and what SQLite may need beside it.
const PARTS: [&str; 3] = ["", "-wal", "-journal"];

/// Device, inode, size, modification and change time of a file.
pub(crate) type Stamp = (u64, u64, u64, (i64, i64), (i64, i64));

/// Copies a database and what belongs to it to a directory of its own. `None` if there is none.
///
/// The copy is of one instant: it is made again if a file changed meanwhile.
pub(crate) fn copy(path: &Path) -> std::io::Result<Option<(TempDir, PathBuf)>> {
    copy_until(path, || false)
}

/// The same, but with no further attempt once it is `over`.
pub(crate) fn copy_until(
    path: &Path,
    over: impl Fn() -> bool,
) -> std::io::Result<Option<(TempDir, PathBuf)>> {
    for _ in 0..ATTEMPTS {
        if over() {
            break;
        }
        let before = stamps(path)?;
        if before.first() == Some(&None) {
            return Ok(None);
        }
        let place = place()?;
        let copy = place.path().join("copy.db");
        parts(path, &copy)?;
        if stamps(path)? == before {
            return Ok(Some((place, copy)));
        }
    }
    Err(IoError::new(ErrorKind::ResourceBusy, "it kept changing while it was copied"))
}

fn parts(from: &Path, to: &Path) -> std::io::Result<()> {
    for part in PARTS {
        match std::fs::copy(beside(from, part), beside(to, part)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// What changes when a file is written; `None` if it is not there.
pub(crate) fn stamp(path: &Path) -> std::io::Result<Option<Stamp>> {
    match path.metadata() {
        Ok(at) => Ok(Some((
            at.dev(),
            at.ino(),
            at.size(),
            (at.mtime(), at.mtime_nsec()),
            (at.ctime(), at.ctime_nsec()),
        ))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn stamps(path: &Path) -> std::io::Result<Vec<Option<Stamp>>> {
    PARTS.iter().map(|part| stamp(&beside(path, part))).collect()
}

fn place() -> std::io::Result<TempDir> {
    let mut result = Err(IoError::from(ErrorKind::NotFound));
    for place in PLACES {
        result = tempfile::Builder::new()
            .prefix("sweepd-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(place);
        if result.is_ok() {
            break;
        }
    }
    result
}
