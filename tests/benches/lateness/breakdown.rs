//! Where the time between a deadline and a look went.
//!
//! A survey begins by reading the clock from the state and ends with the runtime's list; then its
//! agents wait for a seat, and are looked at.

use sweepd_decide::Timestamp;

use crate::ports::Lap;

/// The parts of one delay, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delay {
    pub(crate) total: i64,
    /// Until the survey began that led to the look: the one before was under way, or was being
    /// written down, or the timer was late.
    pub(crate) before: i64,
    /// Of these, while the survey before was under way or was being written down.
    pub(crate) behind: i64,
    /// The survey.
    pub(crate) survey: i64,
    /// From the end of the survey to the look, or to the stop.
    pub(crate) after: i64,
}

/// The parts of the delay from `due` to `done`.
pub(crate) fn of(laps: &[Lap], agent: &str, due: Timestamp, done: i64) -> Delay {
    let due = due.as_millis() * 1000;
    // The look's own lap begins within a millisecond after the instant that it counts as.
    let looks = laps.iter().filter(|lap| lap.what == "look" && lap.about.as_deref() == Some(agent));
    let look = looks.filter(|lap| lap.from >= due - 1000).map(|lap| lap.from).min().unwrap_or(done);
    let named = |what: &'static str| laps.iter().filter(move |lap| lap.what == what);
    let listed = named("list").map(|lap| lap.to).filter(|to| *to <= look).max().unwrap_or(due);
    let begun =
        named("read clock").map(|lap| lap.from).filter(|from| *from <= listed).max().unwrap_or(due);
    let written = named("commit survey").map(|lap| lap.to).filter(|to| *to <= begun).max();
    let behind = written.map_or(0, |written| (written.min(begun) - due).max(0));
    Delay {
        total: done - due,
        before: (begun - due).max(0),
        behind,
        survey: listed - begun.max(due),
        after: done - listed.max(due),
    }
}
