//! Which credentials does a pattern mean?
//!
//! The walk is our own: the `glob` crate follows links to directories below a wildcard and cannot be
//! told not to, and `globset` matches whole paths without walking. What lies below a wildcard is the
//! agents' to write; a link there must lead nowhere, and a flood of names must cost only itself.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::place::{self, Place};
use crate::replace::is_ours;
use crate::wildcard::{is_wild, matches};

/// So many credentials are found at most, and so many names are read in one directory.
pub const MOST_FOUND: usize = 10_000;

/// So many directories that were passed over are named at most.
const MOST_UNREAD: usize = 100;

/// What a pattern found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Matches {
    /// The credentials, sorted by path.
    pub places: Vec<Place>,
    /// Directories below a wildcard in which nobody looked; at most 100 are named.
    pub unread: Vec<FindError>,
}

/// A pattern could not be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// It can mean nothing here.
    #[error("read the path `{pattern}`: {wrong}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong, and what helps.
        wrong: &'static str,
    },
    /// A directory cannot be listed.
    #[error("list the directory {} for `{pattern}`; is it closed to the user sweepd runs as?", place.display())]
    List {
        /// The pattern.
        pattern: String,
        /// The directory.
        place: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A directory below a wildcard is a link.
    #[error("look into {} for `{pattern}`: it is a symbolic link, which is not followed below a wildcard; write its path out", place.display())]
    Link {
        /// The pattern.
        pattern: String,
        /// The link.
        place: PathBuf,
    },
    /// A directory holds more names than are read.
    #[error("list the directory {} for `{pattern}`: it holds more than {MOST_FOUND} names", place.display())]
    Crowded {
        /// The pattern.
        pattern: String,
        /// The directory.
        place: PathBuf,
    },
    /// More credentials than can be meant.
    #[error("`{pattern}` matches more than {MOST_FOUND} files, the last in {}; write it narrower", place.display())]
    TooMany {
        /// The pattern.
        pattern: String,
        /// The directory where there were too many.
        place: PathBuf,
    },
}

impl FindError {
    /// The directory where it went wrong; `None`: the pattern itself is wrong.
    pub fn place(&self) -> Option<&Path> {
        match self {
            Self::Pattern { .. } => None,
            Self::List { place, .. }
            | Self::Link { place, .. }
            | Self::Crowded { place, .. }
            | Self::TooMany { place, .. } => Some(place),
        }
    }
}

/// Finds the credentials that a path means in which `*` and `?` may stand for any characters of a
/// name. Sorted; blocking.
///
/// * A path without wildcards is one place, whether there is anything or not.
/// * Below a wildcard only what is there is found, and no symbolic link is followed; a link in place of
///   the file is found, and [`read`](crate::read) says so. Directories are no credentials.
/// * Hidden names match only a component that begins with a dot. There is no `**`, and `[`, `{` and
///   `\` are letters.
///
/// # Errors
///
/// [`FindError::Pattern`]; [`FindError::List`] and [`FindError::Crowded`] of the directory before the
/// first wildcard (one that is not there has no matches); [`FindError::TooMany`]. What could not be
/// looked into below a wildcard is in [`Matches::unread`].
pub fn find(pattern: &str) -> Result<Matches, FindError> {
    let refused = |wrong| FindError::Pattern { pattern: pattern.to_owned(), wrong };
    if pattern.is_empty() {
        return Err(refused("it is empty"));
    }
    if pattern.contains("**") {
        return Err(refused("`**` is not understood; write one `*` for each directory"));
    }
    let (base, wild) = split(Path::new(pattern));
    if wild.is_empty() {
        return Ok(Matches { places: vec![Place::at(pattern)], unread: Vec::new() });
    }
    if wild.iter().any(|component| component.as_bytes() == b"..") {
        return Err(refused("`..` after a wildcard leads anywhere; write the path without it"));
    }
    let mut walk = Walk { pattern, base: &base, found: Matches::default() };
    let opened = if base.as_os_str().is_empty() { Path::new(".") } else { &base };
    match rustix::fs::open(opened, place::DIRECTORY, Mode::empty()) {
        Ok(dir) => walk.level(&dir, &mut Vec::new(), &wild)?,
        Err(Errno::NOENT | Errno::NOTDIR) => {}
        Err(errno) => return Err(walk.unlisted(&[], errno)),
    }
    walk.found.places.sort();
    Ok(walk.found)
}

/// What comes before the first wildcard, and the components from it on.
fn split(pattern: &Path) -> (PathBuf, Vec<&OsStr>) {
    let mut base = PathBuf::new();
    let mut wild = Vec::new();
    for component in pattern.components() {
        let name = component.as_os_str();
        if wild.is_empty() && !is_wild(name.as_bytes()) {
            base.push(name);
        } else if component != Component::CurDir {
            wild.push(name);
        }
    }
    (base, wild)
}

struct Walk<'a> {
    pattern: &'a str,
    base: &'a Path,
    found: Matches,
}

impl Walk<'_> {
    /// Follows the rest of the pattern in one directory, reached by `steps` from the base.
    fn level(
        &mut self,
        dir: &OwnedFd,
        steps: &mut Vec<OsString>,
        rest: &[&OsStr],
    ) -> Result<(), FindError> {
        let Some((component, rest)) = rest.split_first() else { return Ok(()) };
        let names = if is_wild(component.as_bytes()) {
            match self.list(dir, steps, component) {
                Ok(names) => names,
                Err(error) if steps.is_empty() => return Err(error),
                Err(error) => {
                    self.passed_over(error);
                    return Ok(());
                }
            }
        } else {
            BTreeSet::from([(*component).to_owned()])
        };
        for name in names {
            if rest.is_empty() {
                self.take(dir, steps, name)?;
                continue;
            }
            let inner = place::enter(dir, &name);
            steps.push(name);
            match inner {
                Ok(inner) => self.level(&inner, steps, rest)?,
                Err(Errno::NOENT | Errno::NOTDIR) => {}
                Err(Errno::LOOP) => {
                    let (pattern, place) = (self.pattern.to_owned(), self.at(steps));
                    self.passed_over(FindError::Link { pattern, place });
                }
                Err(errno) => self.passed_over(self.unlisted(steps, errno)),
            }
            steps.pop();
        }
        Ok(())
    }

    fn passed_over(&mut self, error: FindError) {
        if self.found.unread.len() < MOST_UNREAD {
            self.found.unread.push(error);
        }
    }

    fn take(&mut self, dir: &OwnedFd, steps: &[OsString], name: OsString) -> Result<(), FindError> {
        match place::kind_of(dir, &name) {
            Ok(FileType::Directory) | Err(Errno::NOENT) => return Ok(()),
            // What cannot be looked at may be one: reading it will say why.
            Ok(_) | Err(_) => {}
        }
        if self.found.places.len() >= MOST_FOUND {
            let (pattern, place) = (self.pattern.to_owned(), self.at(steps));
            return Err(FindError::TooMany { pattern, place });
        }
        self.found.places.push(Place::below(self.base, steps, name));
        Ok(())
    }

    /// The names in a directory that match, sorted.
    fn list(
        &self,
        dir: &OwnedFd,
        steps: &[OsString],
        component: &OsStr,
    ) -> Result<BTreeSet<OsString>, FindError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let entries = rustix::fs::openat(dir, ".", flags, Mode::empty()).and_then(Dir::new);
        let mut names = BTreeSet::new();
        for (seen, entry) in entries.map_err(|errno| self.unlisted(steps, errno))?.enumerate() {
            // `.` and `..` are listed too.
            if seen >= MOST_FOUND + 2 {
                let (pattern, place) = (self.pattern.to_owned(), self.at(steps));
                return Err(FindError::Crowded { pattern, place });
            }
            let entry = entry.map_err(|errno| self.unlisted(steps, errno))?;
            let name = entry.file_name().to_bytes();
            let itself = matches!(name, b"." | b"..");
            if !itself && !is_ours(name) && matches(component.as_bytes(), name) {
                names.insert(OsStr::from_bytes(name).to_owned());
            }
        }
        Ok(names)
    }

    fn at(&self, steps: &[OsString]) -> PathBuf {
        let mut path = self.base.to_owned();
        path.extend(steps);
        path
    }

    fn unlisted(&self, steps: &[OsString], errno: Errno) -> FindError {
        let (pattern, place) = (self.pattern.to_owned(), self.at(steps));
        FindError::List { pattern, place, source: errno.into() }
    }
}
