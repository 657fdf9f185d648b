//! One attempt to replace a credential, one step after the other.
//!
//! The steps are apart so that a test can let others write between any two of them. Nothing here has a
//! `Debug`: it holds whole credentials.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::fs::Stat;
use rustix::io::Errno;
use sweepd_decide::{Reading, may_replace};

use super::lock::Lock;
use super::swap::{self, Content, Exchanged, Swap};
use super::temporary::{self, Names, NotMade};
use super::{ReplaceError, Replaced, splice};
use crate::candidate::Candidate;
use crate::kind::Kind;
use crate::place::Place;
use crate::read::{MOST_BYTES, content_in, no_way, said};
use crate::understand::{Found, understand};

/// So often files change places at most: only somebody who writes without a pause needs more than one.
const MOST_SWAPS: u32 = 8;

/// An attempt that holds the lock.
pub(super) struct Attempt<'a> {
    place: &'a Place,
    candidate: &'a Candidate,
    dir: OwnedFd,
    names: Names,
    stage: Stage,
    /// Whether what lies under our name of a whole file is our own, never shown to anybody.
    ours: bool,
    /// Whether this file system lets files change places.
    exchanges: bool,
    /// Dropped last, when nothing lies beside the credential any more.
    #[cfg_attr(not(test), expect(dead_code, reason = "held, not read"))]
    lock: Lock,
}

/// What comes next.
enum Stage {
    /// Look for what a killed one left.
    Recover,
    /// Read what is there and compare.
    Read,
    /// Write the new file.
    Write { seen: Seen },
    /// See that nobody has written meanwhile.
    Check { new: Vec<u8>, seen: Seen },
    /// Change places.
    Swap { swap: Swap, then: Then },
    /// See that what came out is what was read.
    Verify { swap: Swap, then: Then },
}

/// What was read.
struct Seen {
    bytes: Vec<u8>,
    stat: Stat,
    reading: Reading,
}

/// What a change of places that went well leads to.
#[derive(Clone, Copy)]
enum Then {
    /// The newer one is in its place.
    Done { was: Reading, narrowed: Option<u32> },
    /// What a killed one left is in its place; now the candidate is looked at.
    Read,
}

/// How an attempt begins.
#[expect(clippy::large_enum_variant, reason = "made once, taken apart at once")]
pub(super) enum Begun<'a> {
    /// The lock is held.
    Held(Attempt<'a>),
    /// There is nothing to do.
    Over(Replaced),
}

impl<'a> Attempt<'a> {
    pub(super) fn begin(
        place: &'a Place,
        candidate: &'a Candidate,
    ) -> Result<Begun<'a>, ReplaceError> {
        let dir = match place.directory() {
            Ok(dir) => dir,
            Err(errno) => return Ok(Begun::Over(refused(no_way(errno)))),
        };
        let names = Names::of(place.name());
        let attempt = match Lock::take(&dir, &names.lock) {
            Ok(Some(lock)) => Self {
                place,
                candidate,
                dir,
                names,
                stage: Stage::Recover,
                ours: false,
                exchanges: true,
                lock,
            },
            Ok(None) => return Ok(Begun::Over(Replaced::Held)),
            Err(source) => {
                let path = beside(place, &names.lock);
                return Err(ReplaceError::Lock { path, source });
            }
        };
        Ok(Begun::Held(attempt))
    }

    /// Goes one step; what became of it, after the last.
    pub(super) fn step(&mut self) -> Result<Option<Replaced>, ReplaceError> {
        match std::mem::replace(&mut self.stage, Stage::Read) {
            Stage::Recover => self.recover(),
            Stage::Read => Ok(self.read()),
            Stage::Write { seen } => self.write(seen),
            Stage::Check { new, seen } => self.check(new, seen),
            Stage::Swap { swap, then } => self.swap(swap, then),
            Stage::Verify { swap, then } => self.verify(&swap, then),
        }
    }

    fn recover(&mut self) -> Result<Option<Replaced>, ReplaceError> {
        self.remove(&self.names.part)?;
        let left = swap::content(&self.dir, &self.names.whole);
        let there = swap::content(&self.dir, self.place.name());
        if self.is_newer(&there, &left) {
            let swap = Swap { put: left, expect: there, made: 0 };
            self.stage = Stage::Swap { swap, then: Then::Read };
        } else {
            self.remove(&self.names.whole)?;
        }
        Ok(None)
    }

    fn read(&mut self) -> Option<Replaced> {
        let (bytes, stat) = match content_in(&self.dir, self.place.name()) {
            Ok(content) => content,
            Err(why) => return Some(refused(said(why))),
        };
        let found = understand(self.candidate.kind(), &bytes);
        let current = found.reading;
        if matches!(current, Reading::Missing | Reading::Unreadable) {
            return Some(refused(found));
        }
        if !may_replace(current, self.candidate.reading()) {
            return Some(Replaced::NotNewer { current });
        }
        self.stage = Stage::Write { seen: Seen { bytes, stat, reading: current } };
        None
    }

    fn write(&mut self, seen: Seen) -> Result<Option<Replaced>, ReplaceError> {
        let new = self.merged(&seen.bytes).ok_or_else(|| {
            let path = self.place.path().to_owned();
            ReplaceError::Unfit { path }
        })?;
        // From here on both temporary files can only be ours.
        self.ours = true;
        temporary::make(&self.dir, &self.names, &new, &seen.stat).map_err(|why| {
            let path = beside(self.place, &self.names.part);
            match why {
                NotMade::Write(source) => ReplaceError::Write { path, source },
                NotMade::Owner(source) => {
                    ReplaceError::Owner { path, uid: seen.stat.st_uid, source }
                }
            }
        })?;
        self.stage = Stage::Check { new, seen };
        Ok(None)
    }

    /// What the file is to hold; it says the candidate's end, or it is not made.
    fn merged(&self, old: &[u8]) -> Option<Vec<u8>> {
        let candidate = self.candidate.expose();
        let new = match self.candidate.kind() {
            Kind::ClaudeOauth => splice::claude(old, candidate)?,
            Kind::Json { .. } | Kind::Jwt { .. } => {
                let (content, _) = candidate.split_at(line_end(candidate));
                let (_, end) = old.split_at(line_end(old));
                [content, end].concat()
            }
        };
        let reading = understand(self.candidate.kind(), &new).reading;
        (reading == self.candidate.reading() && new.len() <= MOST_BYTES).then_some(new)
    }

    fn check(&mut self, new: Vec<u8>, seen: Seen) -> Result<Option<Replaced>, ReplaceError> {
        let expect = Some(seen.bytes);
        if swap::content(&self.dir, self.place.name()) != expect {
            return self.end(Replaced::Changed);
        }
        let mode = seen.stat.st_mode & 0o7777;
        let narrowed = (mode & 0o077 != 0).then_some(mode);
        let then = Then::Done { was: seen.reading, narrowed };
        self.stage = Stage::Swap { swap: Swap { put: Some(new), expect, made: 0 }, then };
        Ok(None)
    }

    fn swap(&mut self, mut swap: Swap, then: Then) -> Result<Option<Replaced>, ReplaceError> {
        let (ours, name) = (&self.names.whole, self.place.name());
        if swap.made > 0 {
            // Whoever has it open may have written on.
            swap.put = swap::content(&self.dir, ours);
        }
        let exchanged = if self.exchanges {
            swap::exchange(&self.dir, ours, name)
        } else {
            Ok(Exchanged::Unsupported)
        };
        let failed = |source| ReplaceError::Rename { path: self.place.path().to_owned(), source };
        match exchanged.map_err(failed)? {
            Exchanged::Yes => {
                self.ours = false;
                swap.made += 1;
                self.stage = Stage::Verify { swap, then };
                Ok(None)
            }
            Exchanged::Gone => self.end(Replaced::Changed),
            // As late as can be.
            Exchanged::Unsupported if swap::content(&self.dir, name) != swap.expect => {
                self.end(Replaced::Changed)
            }
            Exchanged::Unsupported => {
                rustix::fs::renameat(&self.dir, ours, &self.dir, name)
                    .map_err(|errno: Errno| failed(errno.into()))?;
                self.settled(then)
            }
        }
    }

    fn verify(&mut self, swap: &Swap, then: Then) -> Result<Option<Replaced>, ReplaceError> {
        let out: Content = swap::content(&self.dir, &self.names.whole);
        if out == swap.expect {
            return if swap.made == 1 { self.settled(then) } else { self.end(Replaced::Changed) };
        }
        // It was written after it was compared, or what was put in before was written over. The first time
        // it goes back, unless somebody has written there again by now; after that the newer one goes in,
        // but what is just being written stays.
        let there = swap::content(&self.dir, self.place.name());
        let back = match (swap.made, there == swap.put) {
            (1, untouched) => untouched,
            (_, true) => !self.is_newer(&out, &there),
            (_, false) => self.is_good(&there) && !self.is_newer(&out, &there),
        };
        if !back || swap.made >= MOST_SWAPS {
            return self.end(Replaced::Changed);
        }
        let swap = Swap { put: out, expect: there, made: swap.made };
        self.stage = Stage::Swap { swap, then };
        Ok(None)
    }

    /// Whether one content is good for strictly longer than another.
    fn is_newer(&self, old: &Content, new: &Content) -> bool {
        may_replace(self.reading(old), self.reading(new))
    }

    fn is_good(&self, content: &Content) -> bool {
        matches!(self.reading(content), Reading::Until(_))
    }

    fn reading(&self, content: &Content) -> Reading {
        let bytes = content.as_deref();
        bytes.map_or(Reading::Unreadable, |it| understand(self.candidate.kind(), it).reading)
    }

    fn settled(&mut self, then: Then) -> Result<Option<Replaced>, ReplaceError> {
        match then {
            Then::Read => {
                self.remove(&self.names.whole)?;
                self.stage = Stage::Read;
                Ok(None)
            }
            Then::Done { was, narrowed } => {
                self.end(Replaced::Yes { until: self.candidate.until(), was, narrowed })
            }
        }
    }

    fn end(&mut self, replaced: Replaced) -> Result<Option<Replaced>, ReplaceError> {
        self.remove(&self.names.whole)?;
        temporary::sync(&self.dir);
        Ok(Some(replaced))
    }

    fn remove(&self, name: &OsStr) -> Result<(), ReplaceError> {
        temporary::remove(&self.dir, name)
            .map_err(|source| ReplaceError::Remove { path: beside(self.place, name), source })
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.ours {
            for name in [&self.names.part, &self.names.whole] {
                let _best_effort: io::Result<()> = temporary::remove(&self.dir, name);
            }
        }
    }
}

#[cfg(test)]
impl Attempt<'_> {
    /// Ends as a killed process does: what it has made stays.
    pub(super) fn kill(mut self) {
        self.ours = false;
        self.lock.kill();
    }

    /// Goes on as on a file system where files do not change places.
    pub(super) const fn without_exchange(mut self) -> Self {
        self.exchanges = false;
        self
    }
}

fn refused(found: Found) -> Replaced {
    Replaced::NotReplaceable { current: found.reading, why: found.why.unwrap_or_default() }
}

fn beside(place: &Place, name: &OsStr) -> PathBuf {
    place.path().with_file_name(name)
}

/// Where the line ends at the end begin.
fn line_end(bytes: &[u8]) -> usize {
    let ends = bytes.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    bytes.len() - ends
}
