//! What goes wrong on the way, and with which request.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::Request;

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// This is answered, and nothing is written: status, body, headers.
    Status(u16, String, Vec<(String, String)>),
    /// It is written, and this status is answered with an empty page: a proxy gave up.
    StatusAfter(u16),
    /// The service's own "too many requests"; nothing is written.
    RateLimited {
        /// How long it asks to wait.
        retry_after: Duration,
    },
    /// The connection is closed; nothing is written and nothing answered.
    DropBefore,
    /// It is written, then the connection is closed without an answer: a lost response.
    DropAfter,
    /// Nothing is written, and no answer ever comes.
    Hang,
    /// It is written, and no answer ever comes.
    HangAfter,
    /// `302` to this address; nothing is written.
    Redirect(String),
    /// `200` with a web page; nothing is written.
    Garbage,
    /// `200` with a body that has no end; nothing is written.
    Huge,
    /// It is written; the answer's head and the half of its body come, the rest never.
    Stall,
    /// It is written; the answer ends in its middle.
    CutShort,
}

impl Fault {
    /// For the next request with this method whose path contains the fragment. An empty method and
    /// an empty fragment fit every request.
    pub fn on(self, method: &str, fragment: &str) -> Rule {
        let (method, fragment) = (method.to_owned(), fragment.to_owned());
        Rule { fault: self, method, fragment, left: Some(1) }
    }

    /// For every request from now on.
    pub fn always(self) -> Rule {
        Rule::from(self).always()
    }

    /// Whether the service does what it was asked to.
    pub(crate) const fn writes(&self) -> bool {
        match self {
            Self::StatusAfter(_)
            | Self::DropAfter
            | Self::HangAfter
            | Self::Stall
            | Self::CutShort => true,
            Self::Status(..)
            | Self::RateLimited { .. }
            | Self::DropBefore
            | Self::Hang
            | Self::Redirect(_)
            | Self::Garbage
            | Self::Huge => false,
        }
    }
}

/// A fault, for which requests, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    fault: Fault,
    method: String,
    fragment: String,
    left: Option<usize>,
}

impl Rule {
    /// So many times instead of once.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.left = Some(times);
        self
    }

    /// Until [`Faults::clear`].
    #[must_use]
    pub fn always(mut self) -> Self {
        self.left = None;
        self
    }

    fn fits(&self, request: &Request) -> bool {
        self.left != Some(0)
            && (self.method.is_empty() || self.method == request.method)
            && request.path.contains(&self.fragment)
    }
}

impl From<Fault> for Rule {
    /// Any request, once.
    fn from(fault: Fault) -> Self {
        fault.on("", "")
    }
}

/// The script of what goes wrong. Its clones are one script.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<Rule>>>);

impl Faults {
    /// Adds a rule. Of several that fit a request, the oldest applies.
    pub fn push(&self, rule: impl Into<Rule>) {
        self.rules(|rules| rules.push(rule.into()));
    }

    /// Nothing goes wrong any more.
    pub fn clear(&self) {
        self.rules(Vec::clear);
    }

    /// How many faults have not come yet; rules without an end are not counted.
    pub fn left(&self) -> usize {
        self.rules(|rules| rules.iter().filter_map(|rule| rule.left).sum())
    }

    pub(crate) fn take(&self, request: &Request) -> Option<Fault> {
        self.rules(|rules| {
            let rule = rules.iter_mut().find(|rule| rule.fits(request))?;
            rule.left = rule.left.map(|left| left.saturating_sub(1));
            Some(rule.fault.clone())
        })
    }

    fn rules<T>(&self, with: impl FnOnce(&mut Vec<Rule>) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
