//! Which containers ought to run? Asked of a database of anybody's, by a query of the operator's.
//!
//! [`read()`] opens the file in a way that leaves its owner alone: nothing is created, changed or put
//! in order, and a lock is held for a moment at most. The answer is whole or it is an error; a row
//! that cannot be understood is *refused* with its name, so that nobody takes it for a container
//! that is not expected.
//!
//! | column | holds |
//! |---|---|
//! | `name` | the full name of the container: `[a-zA-Z0-9][a-zA-Z0-9_.-]*`, at most 128 characters |
//! | `enabled` | an integer (0 is no), or one of true, false, yes, no, on, off, 1, 0 in any case |
//! | `image`, `restart`, `network`, `working_dir` | a text |
//! | `user` | a text or an integer |
//! | `command`, `entrypoint` | a JSON array of texts, or a text that is split like a shell does |
//! | `env`, `labels` | a JSON object of texts, numbers and booleans, a JSON array of `K=V`, or lines of `K=V` |
//! | `volumes` | a JSON array of texts, or lines |
//!
//! Columns go by name in any case and order; `name` and `enabled` have to be there, others need not,
//! and unknown ones are ignored. NULL and blank texts count as not given. A text is JSON where it
//! begins with `[`, or for `env` and `labels` with `{`. Of lines, blanks at the beginning are
//! dropped, and of `volumes` also those at the end; blank lines are skipped, and so are, but for
//! `volumes`, lines that begin with `#`. A comma separates nothing: a path may hold one.
//!
//! What this does not do: decide, or fill in what is not given.

mod ask;
mod cell;
mod column;
mod entry;
mod fault;
mod forms;
mod gather;
mod place;
mod reach;

use std::path::Path;

pub use entry::{Entry, Registry};
pub use fault::Fault;

use crate::budget::Budget;
use crate::error::Error;

/// How long reading a registry may usually take, in milliseconds.
pub const DEADLINE_MS: u64 = 2000;
/// How long it may take at most.
const LONGEST_DEADLINE_MS: u64 = 600_000;

/// Asks the database at `path` which containers are expected, by one `SELECT`.
///
/// Blocks for at most `deadline_ms` (of which ten minutes count) plus the system's own time for
/// a handful of calls on a local file system: a lock is waited for that long, a running query is
/// interrupted. Links in the path are followed, since it is the operator's.
///
/// Not for a database that this process has open for writing: looking at it would release the
/// other connection's locks.
///
/// # Errors
/// [`Error::Registry`] says what is wrong and what helps. A registry that cannot be read whole is
/// never an empty or a shorter one.
pub fn read(path: &Path, query: &str, deadline_ms: u64) -> Result<Registry, Error> {
    let deadline = Budget::of_millis(deadline_ms.min(LONGEST_DEADLINE_MS));
    reach::answer(path, query, deadline)
        .map_err(|fault| Error::Registry { path: path.to_owned(), fault })
}
