//! Where people are told.

use sweepd_decide::{Alert, Setback, Span, Timestamp};

use super::Doing;

/// A place where people are told. It makes one attempt; when, how often and in which order is the
/// engine's.
pub trait Sink: Send + Sync {
    /// `discord`, `smtp` …
    fn kind(&self) -> &'static str;

    /// What it takes.
    fn takes(&self) -> Takes;

    /// What a delivery depends on, as one short digest from which none of it can be read: another
    /// one means that a sink which stopped may take something again.
    fn fingerprint(&self) -> String;

    /// Makes one attempt to deliver; it ends within the sink's own deadlines.
    ///
    /// # Errors
    /// Nobody knows that it arrived.
    ///
    /// # Cancel safety
    /// It may have arrived; it is delivered again.
    fn deliver<'a>(&'a self, post: &'a Post) -> Doing<'a, Result<Receipt, SinkError>>;
}

/// What a sink takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// Notes, not only incidents.
    pub notes: bool,
    /// That an incident is still there, not only that it began and ended.
    pub still: bool,
    /// So many alerts go into one post at most.
    pub batch: usize,
    /// So many posts at once.
    pub burst: u32,
    /// Then one each so often.
    pub every: Span,
}

/// What is to be delivered in one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// When the attempt begins.
    pub now: Timestamp,
    /// The alerts, oldest first; never none.
    pub alerts: Vec<Alert>,
    /// What an earlier receipt of the same thread said.
    pub place: Option<String>,
}

/// It arrived.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Where.
    pub place: Option<String>,
    /// Anything that somebody who reads the journal should know.
    pub remark: Option<String>,
}

/// An attempt that failed. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct SinkError {
    /// What was being done, and what came of it.
    pub words: String,
    /// What it means for what is tried next.
    pub setback: Setback,
}
