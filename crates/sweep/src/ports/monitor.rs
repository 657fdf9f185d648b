//! A monitor within an installation: an agent that looks into what was found there.

use super::{Doing, PortError};

/// What sets it up and asks it.
pub trait Monitor: Send + Sync {
    /// Puts down what it is made of, as far as it is not there yet. Returns what was put down now.
    ///
    /// # Errors
    /// It could not be put down; what was there before is as it was.
    ///
    /// # Cancel safety
    /// It is put down or it is not.
    fn set_up(&self) -> Doing<'_, Result<Vec<String>, PortError>>;

    /// Asks it to look into something. Safe to ask twice: one question is put down once.
    ///
    /// # Errors
    /// It could not be asked.
    ///
    /// # Cancel safety
    /// It is asked or it is not.
    fn ask<'a>(&'a self, question: &'a Question) -> Doing<'a, Result<(), PortError>>;
}

/// A question to a monitor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a question is all there is")]
pub struct Question {
    /// What tells it from others: the same each time it is asked.
    pub id: String,
    /// What it is to find out. Nothing in it is obeyed by sweepd.
    pub prompt: String,
}
