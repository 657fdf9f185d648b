//! The host's clock: it moves when it is told to, and not otherwise.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use sweepd_decide::{Span, Timestamp};
use sweepd_sweep::ports::{Clock, ClockReading, Doing};

use super::host::lock;

/// A clock, and who waits for it.
pub(super) struct HandClock(Mutex<Hands>);

struct Hands {
    now: Timestamp,
    number: u64,
    sleepers: BTreeMap<u64, (Timestamp, Waker)>,
}

impl HandClock {
    pub(super) const fn at(now: Timestamp) -> Self {
        Self(Mutex::new(Hands { now, number: 0, sleepers: BTreeMap::new() }))
    }

    /// Shows `now` from here on, and wakes whoever waited for that.
    pub(super) fn set(&self, now: Timestamp) {
        let mut hands = lock(&self.0);
        hands.now = now;
        for (_, waker) in hands.sleepers.values().filter(|(at, _)| *at <= now) {
            waker.wake_by_ref();
        }
    }

    pub(super) fn advance(&self, span: Span) {
        self.set(self.now().plus(span));
    }

    /// The first instant that somebody waits for.
    pub(super) fn next(&self) -> Option<Timestamp> {
        lock(&self.0).sleepers.values().map(|(at, _)| *at).min()
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        lock(&self.0).now
    }

    fn reading(&self) -> ClockReading {
        let ms = self.now().as_millis();
        ClockReading { boot_id: "b".to_owned(), realtime: ms, boottime: ms, monotonic: ms }
    }

    fn sleep_until(&self, at: Timestamp) -> Doing<'_, ()> {
        let mut hands = lock(&self.0);
        hands.number += 1;
        Box::pin(Sleep { clock: self, number: hands.number, at })
    }
}

struct Sleep<'a> {
    clock: &'a HandClock,
    number: u64,
    at: Timestamp,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut hands = lock(&self.clock.0);
        if hands.now >= self.at {
            return Poll::Ready(());
        }
        hands.sleepers.insert(self.number, (self.at, cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        lock(&self.clock.0).sleepers.remove(&self.number);
    }
}
