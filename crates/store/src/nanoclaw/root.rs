//! Where things lie in a NanoClaw installation, and who may change them.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::id::{BadId, component};
use crate::error::Error;
use crate::lock::{self, LockError};

/// An installation's root directory, canonicalised once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    path: PathBuf,
    sessions: PathBuf,
}

impl Root {
    /// Resolves the root, and the directory of all sessions where that is a link of the operator's.
    ///
    /// # Errors
    /// [`Error::OpenRoot`] if there is no such directory.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let open = |source| Error::OpenRoot { path: path.to_owned(), source };
        let canonical = path.canonicalize().map_err(open)?;
        if !canonical.is_dir() {
            return Err(open(std::io::ErrorKind::NotADirectory.into()));
        }
        let plain = canonical.join("data/v2-sessions");
        let sessions = plain.canonicalize().unwrap_or(plain);
        Ok(Self { path: canonical, sessions })
    }

    /// The root, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory of one session, as a container's mount names it. It need not exist.
    ///
    /// # Errors
    /// [`BadId`] if one of the ids would lead out of the tree.
    pub fn session_dir(&self, group: &str, session: &str) -> Result<PathBuf, BadId> {
        Ok(self.sessions.join(component(group)?).join(component(session)?))
    }

    /// The directory that holds all sessions.
    pub(crate) fn sessions_dir(&self) -> &Path {
        &self.sessions
    }

    /// The directory whose owner may write, and whose lock says who sweeps.
    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Makes sure that this process may change the installation: as root, or as the owner of its
    /// data directory.
    ///
    /// # Errors
    /// [`Error::NotOwner`] otherwise; [`Error::OpenRoot`] if there is no data directory.
    pub fn check_owner(&self) -> Result<(), Error> {
        let path = self.data();
        let stat = rustix::fs::stat(&path)
            .map_err(|errno| Error::OpenRoot { path: path.clone(), source: errno.into() })?;
        may_write(rustix::process::geteuid().as_raw(), stat.st_uid, path)
    }

    /// Takes the lock on the data directory: of all the sweepds of a machine, whatever their state
    /// directories, one sweeps this root. Does not wait.
    ///
    /// # Errors
    /// [`LockError::Held`] with the holder's pid where the kernel tells it.
    pub fn lock(&self) -> Result<RootLock, LockError> {
        let path = self.data();
        let dir =
            File::open(&path).map_err(|source| LockError::Lock { path: path.clone(), source })?;
        let held = lock::try_lock(dir, &path, lock::holder_by_kernel)?;
        Ok(RootLock { _held: held })
    }
}

/// The right to sweep one root; held until it is dropped.
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub struct RootLock {
    _held: File,
}

fn may_write(euid: u32, owner: u32, path: PathBuf) -> Result<(), Error> {
    if euid == 0 || euid == owner { Ok(()) } else { Err(Error::NotOwner { path, owner, euid }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("data/v2-sessions")).unwrap();
        let root = Root::open(dir.path()).unwrap();
        (dir, root)
    }

    #[test]
    fn the_root_is_canonical_and_so_is_a_linked_sessions_directory() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(at.join("real/data")).unwrap();
        std::fs::create_dir(at.join("disk")).unwrap();
        std::os::unix::fs::symlink(at.join("disk"), at.join("real/data/v2-sessions")).unwrap();
        std::os::unix::fs::symlink(at.join("real"), at.join("link")).unwrap();

        let root = Root::open(&at.join("link")).unwrap();

        assert_eq!(root.path(), at.join("real"));
        assert_eq!(root.session_dir("g", "s").unwrap(), at.join("disk/g/s"));
        assert_eq!(root.data(), at.join("real/data"));
    }

    #[test]
    fn no_id_leads_out_of_the_tree() {
        let (_dir, root) = root();
        assert_eq!(root.session_dir("..", "s"), Err(BadId::Dots));
        assert_eq!(root.session_dir("g", "../../x"), Err(BadId::Slash));
    }

    #[test]
    fn a_root_that_is_not_there_is_an_error_that_names_it() {
        let error = Root::open(Path::new("/nonexistent/nanoclaw")).unwrap_err();
        assert_eq!(error.to_string(), "open the NanoClaw root /nonexistent/nanoclaw");
    }

    #[test]
    fn a_root_is_locked_once_and_again_after_it_was_let_go() {
        let (_dir, root) = root();
        let first = root.lock().unwrap();
        let LockError::Held { holder, .. } = root.lock().unwrap_err() else {
            panic!("held");
        };
        if let Some(holder) = holder {
            assert_eq!(holder.pid, std::process::id());
        }
        drop(first);
        drop(root.lock().unwrap());
    }

    #[test]
    fn root_and_the_owner_may_write_and_nobody_else() {
        let path = PathBuf::from("/srv/nanoclaw/data");
        assert!(may_write(0, 1000, path.clone()).is_ok());
        assert!(may_write(1000, 1000, path.clone()).is_ok());
        assert_eq!(
            may_write(1001, 1000, path).unwrap_err().to_string(),
            "user 1001 may not write below /srv/nanoclaw/data: run as root or as its owner, user 1000",
        );
    }
}
