//! What a program that ends remembers although its state cannot be used: when each sink was told that
//! it is so.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sweepd_decide::Timestamp;
use sweepd_decide::incident::is_due_from_memory;

/// A file outside the state's own directory.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    told: Mutex<BTreeMap<String, i64>>,
}

impl Mark {
    /// What the file says; `None`: it cannot be written, so nobody may be told, or they would be told
    /// each time. What cannot be read says nothing.
    pub(super) fn open(path: &Path) -> Option<Self> {
        OpenOptions::new().create(true).append(true).open(path).ok()?;
        let told = fs::read(path).ok().and_then(|told| serde_json::from_slice(&told).ok());
        Some(Self { path: path.to_owned(), told: Mutex::new(told.unwrap_or_default()) })
    }

    /// Whether a sink is to be told.
    pub(super) fn is_due(&self, sink: &str, now: Timestamp) -> bool {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        is_due_from_memory(told.get(sink).copied().map(Timestamp::from_millis), now)
    }

    /// A sink took it.
    pub(super) fn told(&self, sink: &str, now: Timestamp) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(sink.to_owned(), now.as_millis());
        // It could be written a moment ago; if it cannot now, the sink is told again the next time.
        drop(serde_json::to_vec(&*told).map(|told| fs::write(&self.path, told)));
    }
}
