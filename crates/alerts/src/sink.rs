//! What every sink is: one attempt, and what came of it.

use std::pin::Pin;

use sweepd_decide::{Alert, Setback, Span, Timestamp};

use crate::SettingsError;

/// A place where people are told.
pub trait Sink: Send + Sync {
    /// `discord`, `smtp` …
    fn kind(&self) -> &'static str;

    /// What it takes.
    fn takes(&self) -> Takes;

    /// What a delivery depends on (address, token, channel) as one short digest, from which none of
    /// it can be read: another one means that a sink which refused may take something again.
    fn fingerprint(&self) -> String;

    /// What is wrong with a setting by which a secret goes over a network in the open, and what to
    /// set: a warning, since that may be meant. Reads the secret where it is the address, and shows
    /// none.
    fn in_the_open(&self) -> Option<SettingsError>;

    /// Makes one attempt to deliver. It ends within its own deadlines, at most 30 s in all.
    ///
    /// # Errors
    /// Nobody knows that it arrived: see [`SinkError::setback`].
    ///
    /// # Cancel safety
    /// It may have arrived. Delivering again is safe where the service tells doubles by the alert's
    /// id or thread, and else tells twice.
    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a>;
}

/// An attempt under way.
pub type Delivering<'a> = Pin<Box<dyn Future<Output = Result<Receipt, SinkError>> + Send + 'a>>;

/// What a sink takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Takes {
    /// Notes, not only incidents.
    pub notes: bool,
    /// That an incident is still there, not only that it began and ended.
    pub still: bool,
    /// So many alerts go into one post at most; 1 where each is a thing of its own.
    pub batch: usize,
    /// How fast it takes posts.
    pub pace: Pace,
}

/// A bucket of tokens, one for each post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two numbers")]
pub struct Pace {
    /// So many posts at once.
    pub burst: u32,
    /// Then one each so often.
    pub every: Span,
}

/// What is to be delivered in one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a request is all there is")]
pub struct Post {
    /// When the attempt begins: the only clock a sink has.
    pub now: Timestamp,
    /// The alerts, oldest first; never none, never more than [`Takes::batch`].
    pub alerts: Vec<Alert>,
    /// What an earlier [`Receipt`] of the same thread said; only where `batch` is 1.
    pub place: Option<String>,
}

/// It arrived.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Receipt {
    /// Where: an issue's number, a message's id. Handed to the next post of the thread.
    pub place: Option<String>,
    /// Anything that somebody who reads the journal should know: that it was left closed, that
    /// nobody could be assigned.
    pub remark: Option<String>,
}

/// An attempt that failed. Holds no secret, and no more of an answer than fits a line.
#[derive(Debug, thiserror::Error)]
#[error("{doing}: {why}")]
#[non_exhaustive]
pub struct SinkError {
    /// What was being done: `post to the channel` …
    pub doing: String,
    /// What came of it: the status and the service's own words, or why there was no answer.
    pub why: String,
    /// What it means for what is tried next.
    pub setback: Setback,
}
