//! One sweepd per state directory: who has it says so in the file it locks.
//!
//! The file stays when its holder goes, with an old pid in it; only the lock itself counts.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::lock::{Holder, LockError, holder_by_kernel, try_lock};

/// The lock file's name in the state directory.
const FILE: &str = "sweepd.lock";

/// The right to write to a state directory; held until it is dropped.
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub struct StateLock {
    _held: File,
}

impl StateLock {
    /// Takes the lock for a daemon. Does not wait.
    ///
    /// # Errors
    /// [`LockError::Held`] says by whom: another `run`, or a `sweep` that will soon be done.
    pub fn run(dir: &Path) -> Result<Self, LockError> {
        Self::take(dir, "run")
    }

    /// Takes the lock for one sweep. Does not wait.
    ///
    /// # Errors
    /// [`LockError::Held`] says by whom: a `run` that can be asked for a pass, or another `sweep`.
    pub fn sweep(dir: &Path) -> Result<Self, LockError> {
        Self::take(dir, "sweep")
    }

    fn take(dir: &Path, what: &str) -> Result<Self, LockError> {
        let path = dir.join(FILE);
        let failed = |source| LockError::Lock { path: path.clone(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        let mut held = try_lock(file, &path, holder)?;
        write_holder(&mut held, what).map_err(failed)?;
        Ok(Self { _held: held })
    }
}

fn write_holder(file: &mut File, what: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {what}", std::process::id())
}

/// Who has the lock: the kernel knows the process, the file what it does. The file alone may still
/// name a predecessor.
fn holder(file: &File) -> Option<Holder> {
    let named = named(file);
    match (holder_by_kernel(file), named) {
        (Some(held), Some(named)) if held.pid == named.pid => Some(named),
        (Some(held), _) => Some(held),
        (None, named) => named,
    }
}

fn named(mut file: &File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(64).read_to_string(&mut text).ok()?;
    let (pid, what) = text.trim_end().split_once(' ')?;
    Some(Holder { pid: pid.parse().ok()?, what: Some(what.to_owned()) })
}
