//! How many requests a service takes in a while, where a test sets that.

use std::collections::BTreeMap;
use std::time::Duration;

/// So many in a window that slides, for each bucket.
#[derive(Debug)]
pub(crate) struct Meter {
    count: usize,
    window: i64,
    hits: BTreeMap<String, Vec<i64>>,
}

impl Meter {
    pub(crate) fn new(count: usize, window: Duration) -> Self {
        let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        Self { count, window, hits: BTreeMap::new() }
    }

    /// Counts one, or says how long until there is room.
    pub(crate) fn take(&mut self, bucket: String, now: i64) -> Option<Duration> {
        let hits = self.hits.entry(bucket).or_default();
        hits.retain(|at| now.saturating_sub(*at) < self.window);
        if hits.len() < self.count {
            hits.push(now);
            return None;
        }
        let free = hits.first().map_or(now, |oldest| oldest.saturating_add(self.window));
        Some(Duration::from_millis(u64::try_from(free - now).unwrap_or_default()))
    }
}
