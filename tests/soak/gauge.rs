//! How much memory and processor time the daemon takes.

use sweepd_decide::{Span, Timestamp};

use crate::clock::now;
use crate::site::Daemon;

/// Between two readings.
const EVERY: Span = Span::from_secs(5);
/// The kernel counts processor time in hundredths of a second.
const TICK_MS: i64 = 10;

/// Readings of one process.
#[derive(Debug)]
pub(crate) struct Gauge {
    pid: u32,
    next: Timestamp,
    began: Timestamp,
    /// Resident memory in KiB, reading by reading.
    pub(crate) rss: Vec<u64>,
    /// Processor time so far.
    pub(crate) cpu: Span,
    /// When that was.
    last: Timestamp,
}

impl Gauge {
    pub(crate) fn of(daemon: &Daemon) -> Self {
        let at = now();
        let (rss, cpu) = (Vec::new(), Span::ZERO);
        Self { pid: daemon.pid(), next: at, began: at, rss, cpu, last: at }
    }

    /// Reads, if it is time to.
    pub(crate) fn read(&mut self) {
        let at = now();
        if at < self.next {
            return;
        }
        self.next = at.plus(EVERY);
        let file = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", self.pid));
        let Some((status, stat)) = file("status").ok().zip(file("stat").ok()) else { return };
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let rss = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
        self.rss.extend::<Option<u64>>(rss);
        // After the name, which may hold blanks: the 12th and 13th word.
        let words = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace());
        let ticks: i64 = words.map_or(0, |words| {
            words.skip(11).take(2).filter_map(|word| word.parse::<i64>().ok()).sum()
        });
        self.cpu = Span::from_millis(ticks * TICK_MS);
        self.last = at;
    }

    /// Milliseconds of processor time in each minute.
    pub(crate) fn cpu_per_minute(&self) -> i64 {
        let lasted = self.last.since(self.began).as_millis().max(1);
        self.cpu.as_millis() * 60_000 / lasted
    }
}
