//! Where the daemon's socket is. Its directory may have a longer name than a socket may.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

/// The socket's name in the state directory.
pub(crate) const SOCKET: &str = "sweepd.sock";

/// A short name for the socket, good for as long as this is kept.
pub(crate) struct Place {
    dir: OwnedFd,
}

impl Place {
    /// The socket of a state directory.
    pub(crate) fn of(state_dir: &Path) -> std::io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { dir: rustix::fs::open(state_dir, flags, Mode::empty())? })
    }

    pub(crate) fn path(&self) -> PathBuf {
        format!("/proc/self/fd/{}/{SOCKET}", self.dir.as_raw_fd()).into()
    }
}
