//! Puts a newer credential in the place of an older one, and never an older one in place of a newer.
//!
//! # Theory of operation
//!
//! Somebody else may write the same file: another sweepd, or the agent, whose token rotates. A lock
//! beside the file keeps another sweepd away. The agent knows no lock of ours, so what it writes
//! between our look and our rename must not be lost: the new file and the old one *change places*
//! (`renameat2` with `RENAME_EXCHANGE`), and then what came out is looked at. If it is not what
//! was compared, it came later, and goes back in. It lies under a name of ours until it was
//! looked at: if we are killed in between, the next call finds it there, and puts it in if it is
//! the newer one.
//!
//! Where a file system cannot do that, the file is looked at once more and replaced by a plain rename;
//! what is written in the instant between both is lost. So is what somebody writes later through a
//! file he had opened before: a container that has the *file* mounted keeps the old one until it is
//! made anew.

use std::io;
use std::path::PathBuf;

use sweepd_decide::{Reading, Timestamp};

use crate::candidate::Candidate;
use crate::place::Place;

mod attempt;
mod lock;
mod splice;
mod swap;
mod temporary;

use attempt::{Attempt, Begun};

pub(crate) use temporary::is_ours;

/// What became of an attempt to replace a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled outcome is a bug")]
pub enum Replaced {
    /// The newer one is in its place.
    Yes {
        /// How long it is good for.
        until: Timestamp,
        /// What the old one said.
        was: Reading,
        /// The permissions of the old file, if others than its owner had any: the new one has 0600.
        narrowed: Option<u32>,
    },
    /// What is there is good for at least as long.
    NotNewer {
        /// What it says.
        current: Reading,
    },
    /// What is there is missing or cannot be read: nothing is ever put in place of that.
    NotReplaceable {
        /// Which of both.
        current: Reading,
        /// Why, for people.
        why: String,
    },
    /// Somebody else wrote or removed it meanwhile. Theirs stands.
    Changed,
    /// Somebody else is replacing it.
    Held,
}

/// A credential could not be replaced. It is as it was, but for [`ReplaceError::Remove`], which may
/// come after.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplaceError {
    /// The lock beside it cannot be had.
    #[error(
        "lock {}; is its directory on a file system with locks, and may sweepd write in it?",
        path.display()
    )]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The new file cannot be written.
    #[error("write {}; is its disk full, or its directory closed to sweepd?", path.display())]
    Write {
        /// The temporary file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The new file cannot be given to the owner of the old one, who could not read it then.
    #[error("give {} to user {uid}, whose credential it is; run sweepd as root or as that user", path.display())]
    Owner {
        /// The temporary file.
        path: PathBuf,
        /// Whose it should be.
        uid: u32,
        /// Why.
        source: io::Error,
    },
    /// The new file cannot take the old one's place.
    #[error("put a newer credential in place of {}{}", path.display(), remedy(source))]
    Rename {
        /// The credential.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A leftover of ours cannot be removed.
    #[error("remove {}; remove it by hand", path.display())]
    Remove {
        /// The leftover.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The token fields do not fit into what is there.
    #[error("put a newer token into {}: its JSON cannot be edited; log in there anew", path.display())]
    Unfit {
        /// The credential.
        path: PathBuf,
    },
}

fn remedy(source: &io::Error) -> &'static str {
    if source.kind() == io::ErrorKind::ResourceBusy {
        "; it is a mount by itself here: mount its directory instead"
    } else {
        ""
    }
}

/// Puts a candidate in the place of a credential, if it is good for strictly longer
/// ([`may_replace`](sweepd_decide::may_replace)). Blocking; nothing is waited for and nothing is tried
/// twice.
///
/// Of a `claude-oauth` the fields of `claudeAiOauth` that the candidate has are put into the JSON that
/// is there, and every other byte of it stays; of another kind the whole content is replaced, and the
/// old one's line end stays. The new file has the owner of the old one and the mode 0600, is on the
/// disk before it takes the place at once, and no symbolic link is followed. Every reader sees the old
/// one or the new one.
///
/// # Errors
///
/// [`ReplaceError`]; the credential is as it was, and no file of ours lies beside it. Only what came out
/// and could not go back stays there for the next call.
///
/// # Cancel safety
///
/// A call that is killed leaves the old or the new one in place. What it leaves beside it
/// (`.<name>.sweepd-…`) is dealt with by the next call.
pub fn replace(place: &Place, candidate: &Candidate) -> Result<Replaced, ReplaceError> {
    match Attempt::begin(place, candidate)? {
        Begun::Over(replaced) => Ok(replaced),
        Begun::Held(mut attempt) => loop {
            if let Some(replaced) = attempt.step()? {
                return Ok(replaced);
            }
        },
    }
}

#[cfg(test)]
mod interleave;
