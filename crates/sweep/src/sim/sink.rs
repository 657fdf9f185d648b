//! A sink that remembers what it was told, and refuses as a script says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sweepd_decide::{Alert, Setback, Span};

use crate::ports::{Doing, Post, Receipt, Sink, SinkError, Takes};

/// Remembers posts.
#[derive(Debug, Clone)]
pub struct SimSink {
    takes: Takes,
    told: Arc<Mutex<Told>>,
}

#[derive(Debug, Default)]
struct Told {
    posts: Vec<Post>,
    attempts: usize,
    down: Option<SinkError>,
    next: VecDeque<SinkError>,
    fingerprint: String,
}

impl Default for SimSink {
    fn default() -> Self {
        let every = Span::from_secs(1);
        let takes = Takes { notes: true, still: true, batch: 1000, burst: 5, every };
        Self { takes, told: Arc::default() }
    }
}

impl SimSink {
    /// A sink that takes that.
    pub fn that_takes(takes: Takes) -> Self {
        Self { takes, told: Arc::default() }
    }

    /// From now on every attempt fails in this way.
    pub fn down(&self, words: &str, setback: Setback) {
        self.told().down = Some(SinkError { words: words.to_owned(), setback });
    }

    /// From now on attempts work.
    pub fn up(&self) {
        self.told().down = None;
    }

    /// The next attempt that would work fails in this way.
    pub fn fail_once(&self, words: &str, setback: Setback) {
        self.told().next.push_back(SinkError { words: words.to_owned(), setback });
    }

    /// It has another token, or another address.
    pub fn rotate(&self, fingerprint: &str) {
        fingerprint.clone_into(&mut self.told().fingerprint);
    }

    /// What arrived.
    pub fn posts(&self) -> Vec<Post> {
        self.told().posts.clone()
    }

    /// The alerts that arrived, in their order.
    pub fn alerts(&self) -> Vec<Alert> {
        self.told().posts.iter().flat_map(|post| post.alerts.clone()).collect()
    }

    /// How often it was tried.
    pub fn attempts(&self) -> usize {
        self.told().attempts
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for SimSink {
    fn kind(&self) -> &'static str {
        "simulated"
    }

    fn takes(&self) -> Takes {
        self.takes
    }

    fn fingerprint(&self) -> String {
        self.told().fingerprint.clone()
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Doing<'a, Result<Receipt, SinkError>> {
        Box::pin(async move {
            let mut told = self.told();
            told.attempts += 1;
            if let Some(error) = told.down.clone().or_else(|| told.next.pop_front()) {
                return Err(error);
            }
            told.posts.push(post.clone());
            let place = Some(told.posts.len().to_string());
            Ok(Receipt { place, remark: None })
        })
    }
}
