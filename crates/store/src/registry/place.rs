//! What lies at a registry's path, and beside it? Answered before SQLite opens anything.
//!
//! Nothing is opened here: opening a pipe would hang, and closing a descriptor of a database drops
//! the locks that this process holds on it.

use std::fs::FileType;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD};

use super::fault::Fault;
use crate::copy::{Stamp, stamp};
use crate::path::beside;

/// How much is copied at most of a database that cannot be read in place, in bytes.
const LARGEST_COPY: u64 = 256 << 20;

/// What must not change while a file is read without a lock.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settled {
    file: Option<Stamp>,
    pub(super) beside: Beside,
    size: u64,
}

/// What lies beside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// Nothing of a writer.
    Nothing,
    /// A journal: of a writer that lives or is gone, or kept for the next one.
    Journal,
    /// A log of writes, and the memory that its readers share.
    Live,
    /// A log alone: whoever reads it in place makes files.
    Log,
}

/// The registry's file, without links.
pub(super) fn real(path: &Path) -> Result<PathBuf, Fault> {
    let real = path.canonicalize().map_err(|error| Fault::of_system(&error))?;
    if plain(&real, "")?.is_none() {
        return Err(Fault::Missing);
    }
    rustix::fs::accessat(CWD, &real, Access::READ_OK, AtFlags::EACCESS)
        .map_err(|errno| Fault::of_system(&errno.into()))?;
    Ok(real)
}

impl Settled {
    /// What is there now. A file of no byte, or of one, is a database without tables to SQLite,
    /// which would then delete what it takes for leftovers beside it.
    pub(super) fn of(path: &Path) -> Result<Self, Fault> {
        let file = stamp(path).map_err(|error| Fault::of_system(&error))?;
        let sizes = ["", "-wal", "-shm", "-journal"].map(|suffix| plain(path, suffix));
        let [main, wal, shm, journal] = sizes;
        let (main, wal, shm, journal) = (main?.ok_or(Fault::Missing)?, wal?, shm?, journal?);
        if main <= 1 {
            return Err(Fault::Empty);
        }
        let beside = match (wal, shm, journal) {
            (Some(_), Some(_), _) => Beside::Live,
            (Some(_), None, _) => Beside::Log,
            (None, _, Some(_)) => Beside::Journal,
            (None, _, None) => Beside::Nothing,
        };
        let size = [Some(main), wal, journal].into_iter().flatten().fold(0, u64::saturating_add);
        Ok(Self { file, beside, size })
    }

    /// Whether the file itself, whatever lies beside it, is what it was.
    pub(super) fn is_still_the_file(&self, path: &Path) -> Result<bool, Fault> {
        let now = stamp(path).map_err(|error| Fault::of_system(&error))?;
        Ok(now == self.file)
    }

    /// Fails for what is too big to be copied.
    pub(super) fn small_enough(&self) -> Result<(), Fault> {
        if self.size <= LARGEST_COPY {
            return Ok(());
        }
        let what = format!(
            "its last writer died, and of its {} bytes at most {LARGEST_COPY} are copied: start what \
             owns it",
            self.size
        );
        Err(Fault::TooBig { what })
    }
}

/// The size of a regular file. `None` if there is none.
fn plain(path: &Path, suffix: &str) -> Result<Option<u64>, Fault> {
    match beside(path, suffix).symlink_metadata() {
        Ok(meta) if meta.is_file() => Ok(Some(meta.len())),
        Ok(meta) => {
            let what = if suffix.is_empty() { "it" } else { suffix };
            Err(Fault::NotAFile { what: what.to_owned(), kind: kind(meta.file_type()) })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::of_system(&error)),
    }
}

fn kind(found: FileType) -> &'static str {
    match () {
        () if found.is_dir() => "directory",
        () if found.is_symlink() => "symbolic link",
        () if found.is_fifo() => "named pipe",
        () if found.is_socket() => "socket",
        () => "device",
    }
}
