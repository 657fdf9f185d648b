//! Lets two files change places, and knows what had to come out.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::RenameFlags;
use rustix::io::Errno;

use crate::read::content_in;

/// The content of a file, or `None` for what is no file to read.
pub(super) type Content = Option<Vec<u8>>;

pub(super) fn content(dir: &OwnedFd, name: &OsStr) -> Content {
    content_in(dir, name).ok().map(|(bytes, _)| bytes)
}

/// A change of places that is about to be made, or was made and has to be looked at.
pub(super) struct Swap {
    /// What goes in.
    pub(super) put: Content,
    /// What has to come out, if nobody has written since it was looked at.
    pub(super) expect: Content,
    /// How many have been made.
    pub(super) made: u32,
}

/// How a change of places went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Exchanged {
    /// Both have changed places.
    Yes,
    /// There is nothing under the name any more.
    Gone,
    /// This file system cannot do it.
    Unsupported,
}

pub(super) fn exchange(dir: &OwnedFd, ours: &OsStr, name: &OsStr) -> io::Result<Exchanged> {
    match rustix::fs::renameat_with(dir, ours, dir, name, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(Exchanged::Yes),
        Err(Errno::NOENT) => Ok(Exchanged::Gone),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(Exchanged::Unsupported),
        Err(errno) => Err(errno.into()),
    }
}
