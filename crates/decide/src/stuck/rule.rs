//! The rules, one file each: what a rule measures, and when that is overdue.
//!
//! Rules do not call rules, and none knows which of them wins: that is `eval`'s list.

pub(super) mod ceiling;
pub(super) mod claim;
pub(super) mod hard_cap;
pub(super) mod life;
pub(super) mod never_beat;
pub(super) mod silence;
pub(super) mod start;
pub(super) mod unclaimed;
