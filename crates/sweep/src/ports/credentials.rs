//! The credentials of agents, and where newer ones may be found.

use std::path::{Path, PathBuf};

use sweepd_decide::{CredentialPolicy, Reading, Timestamp};

use super::Doing;

/// What watches them.
pub trait Credentials: Send + Sync {
    /// Looks at every credential there is; or at those that an agent with this directory has. One that
    /// cannot be read is data.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn look<'a>(&'a self, of: Option<&'a Path>) -> Doing<'a, Vec<CredentialSeen>>;

    /// Looks for newer ones, and puts what is good for longer in the place of each of these.
    ///
    /// # Cancel safety
    /// Each is replaced or it is not.
    fn renew<'a>(&'a self, paths: &'a [PathBuf]) -> Doing<'a, Vec<Renewed>>;
}

/// One credential, as a look found it. Never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct CredentialSeen {
    /// Its file.
    pub path: PathBuf,
    /// How long it is good for.
    pub reading: Reading,
    /// Why no more than that is known, for people.
    pub why: Option<String>,
    /// What tells whether two files hold the same account's: no value, and no part of one.
    pub account: Option<String>,
    /// When people hear of it, and whether anything may renew it.
    pub policy: CredentialPolicy,
    /// It may be written here.
    pub may_renew: bool,
}

/// What became of one that was to be renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Renewed {
    /// Its file.
    pub path: PathBuf,
    /// How long the new one is good for; or why there is none, for the log.
    pub outcome: Result<Timestamp, String>,
    /// Where it came from, in one published word.
    pub from: &'static str,
}
