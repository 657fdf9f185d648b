//! Has the host slept, has its clock jumped, or was sweepd itself held up since the last look? Then
//! everything looks older than it is, and nobody is stopped for a while.

use alloc::string::String;
use alloc::vec::Vec;

use crate::snapshot::Suspend;
use crate::time::{Span, Timestamp};

/// Nobody is stopped for so long after the look that has doubts.
const HOLD: Span = Span::from_secs(60);
/// A jump of the clock, or a wait longer than planned, counts from here on.
const MUCH: Span = Span::from_secs(5);
/// Two clocks are not read at one instant: less than this is no suspend.
const READING: Span = Span::from_secs(1);
/// Slept time is remembered so long: longer than any limit that is measured across it.
const KEEP: Span = Span::from_mins(7 * 24 * 60);
/// And so many spans of it.
const SPANS: usize = 64;

/// The clocks of one host at one instant, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "a host has these clocks")]
pub struct ClockReading {
    /// Which boot the other values belong to.
    pub boot_id: String,
    /// Wall clock, since the epoch.
    pub realtime: i64,
    /// Since boot, suspends included.
    pub boottime: i64,
    /// Since boot, suspends left out.
    pub monotonic: i64,
}

/// What is doubted about time. Remembered from look to look, also by calls of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct Doubt {
    /// Spans in which nobody could work or beat: oldest first, disjoint, over.
    pub slept: Vec<Suspend>,
    /// Nobody is stopped before this instant.
    pub hold_until: Option<Timestamp>,
}

/// What gave rise to doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case", tag = "cause", content = "by_ms"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Upset {
    /// The host was suspended for so long, and everybody with it.
    Suspend(Span),
    /// The wall clock jumped by so much; negative: back.
    Step(Span),
    /// sweepd woke so much later than planned; the agents went on meanwhile.
    Pause(Span),
}

/// What is doubted at `now`, given the doubts and the clocks of the `last` look. `late` is how much
/// later than planned this look comes.
///
/// A jump ahead makes everything look as much older as a suspend does, so it is not charged to
/// anybody either. Clocks of another boot say nothing.
///
/// Source: docs/rules/doubt.md.
pub fn doubt(
    before: &Doubt,
    last: Option<&ClockReading>,
    clocks: &ClockReading,
    late: Span,
    now: Timestamp,
) -> (Doubt, Vec<Upset>) {
    let last = last.filter(|last| last.boot_id == clocks.boot_id);
    let grown = |clock: fn(&ClockReading) -> i64| {
        last.map_or(Span::ZERO, |last| Span::from_millis(clock(clocks).saturating_sub(clock(last))))
    };
    let suspended = grown(|clock| clock.boottime.saturating_sub(clock.monotonic));
    let stepped = grown(|clock| clock.realtime.saturating_sub(clock.boottime));
    let mut upsets = Vec::new();
    let mut doubt =
        Doubt { hold_until: before.hold_until.filter(|end| *end > now), ..before.clone() };
    if suspended >= READING {
        upsets.push(Upset::Suspend(suspended));
        doubt.sleep(suspended, now);
    }
    if stepped > MUCH {
        upsets.push(Upset::Step(stepped));
        doubt.sleep(stepped, now);
    } else if stepped < Span::ZERO.minus(MUCH) {
        upsets.push(Upset::Step(stepped));
    }
    if late > MUCH && suspended < READING {
        upsets.push(Upset::Pause(late));
    }
    if !upsets.is_empty() {
        doubt.hold_until = Some(now.plus(HOLD));
    }
    doubt.slept.retain(|slept| slept.to > now.minus(KEEP) && slept.to <= now);
    (doubt, upsets)
}

impl Doubt {
    /// Notes a span that ended at `now` at the latest.
    fn sleep(&mut self, span: Span, now: Timestamp) {
        let free = self.slept.last().map_or(Timestamp::MIN, |slept| slept.to);
        let from = now.minus(span).max(free);
        if from < now {
            self.slept.push(Suspend { from, to: now });
        }
        let surplus = self.slept.len().saturating_sub(SPANS);
        self.slept.drain(..surplus);
    }
}
