//! What stands in a credential's file? Read without following a link, hanging on a pipe, or believing
//! a size.

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::os::fd::AsFd;

use rustix::fs::{FileType, OFlags, Stat};
use rustix::io::Errno;

use crate::kind::Kind;
use crate::place::{self, NoFile, Place};
use crate::understand::{Found, understand};

/// No credential is larger, in bytes: 1 MiB.
pub const MOST_BYTES: usize = 1 << 20;

/// Reads a credential and says what it means. Blocking; at most [`MOST_BYTES`] are read.
///
/// Never fails: what cannot be read is a [`Reading`](sweepd_decide::Reading) too, and
/// [`Found::why`] says which. A symbolic link is not followed.
///
/// # Cancel safety
///
/// Nothing is changed.
pub fn read(kind: &Kind, place: &Place) -> Found {
    match content(place) {
        Ok(bytes) => understand(kind, &bytes),
        Err(found) => found,
    }
}

/// The bytes at a place, or what is to be said instead.
pub(crate) fn content(place: &Place) -> Result<Vec<u8>, Found> {
    let dir = place.directory().map_err(no_way)?;
    let (bytes, _) = content_in(&dir, place.name()).map_err(said)?;
    Ok(bytes)
}

/// Why a file has no content for us.
#[derive(Debug)]
pub(crate) enum NoContent {
    /// It cannot be opened as a file.
    NoFile(NoFile),
    /// It is larger than 1 MiB.
    TooLarge,
    /// Reading failed.
    Io(io::Error),
}

/// The bytes of a file in a directory, and what was known of it when it was opened.
pub(crate) fn content_in(dir: &impl AsFd, name: &OsStr) -> Result<(Vec<u8>, Stat), NoContent> {
    let (file, stat) = place::open_regular(dir, name, OFlags::RDONLY).map_err(NoContent::NoFile)?;
    if usize::try_from(stat.st_size).unwrap_or(usize::MAX) > MOST_BYTES {
        return Err(NoContent::TooLarge);
    }
    let mut bytes = Vec::new();
    // It may have grown, and may grow while it is read.
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(NoContent::Io)?;
    if bytes.len() > MOST_BYTES { Err(NoContent::TooLarge) } else { Ok((bytes, stat)) }
}

/// What is said where there is no content.
pub(crate) fn said(why: NoContent) -> Found {
    match why {
        NoContent::TooLarge => Found::unreadable("is larger than 1 MiB, as no credential is"),
        NoContent::NoFile(NoFile::Is(FileType::Symlink) | NoFile::Errno(Errno::LOOP)) => {
            Found::unreadable("is a symbolic link, which is not followed")
        }
        NoContent::NoFile(NoFile::Is(other)) => {
            Found::unreadable(format_args!("is {}, and no file", kind(other)))
        }
        NoContent::NoFile(NoFile::Errno(Errno::NOENT)) => Found::missing("is not there"),
        NoContent::NoFile(NoFile::Errno(Errno::ACCESS | Errno::PERM)) => {
            Found::unreadable("may not be read by the user sweepd runs as")
        }
        NoContent::NoFile(NoFile::Errno(errno)) => {
            Found::unreadable(format_args!("cannot be opened: {}", io::Error::from(errno)))
        }
        NoContent::Io(error) => Found::unreadable(format_args!("cannot be read: {error}")),
    }
}

/// What is said where its directory cannot be reached.
pub(crate) fn no_way(errno: Errno) -> Found {
    match errno {
        Errno::NOENT => Found::missing("is not there, and neither is its directory"),
        Errno::NOTDIR => Found::unreadable("has a file in its path where a directory is needed"),
        Errno::LOOP => {
            Found::unreadable("is behind a symbolic link in its path, which is not followed")
        }
        Errno::ACCESS | Errno::PERM => {
            Found::unreadable("is in a directory closed to the user sweepd runs as")
        }
        errno => {
            let error = io::Error::from(errno);
            Found::unreadable(format_args!("is in a directory that cannot be opened: {error}"))
        }
    }
}

const fn kind(found: FileType) -> &'static str {
    match found {
        FileType::Directory => "a directory",
        FileType::Fifo => "a named pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        FileType::Symlink => "a symbolic link",
        FileType::RegularFile => "a file",
        FileType::Unknown => "something else",
    }
}
