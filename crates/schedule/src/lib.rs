//! When does a cron expression next run, strictly after a given instant, in a given time zone?
//!
//! A recurring task must not run twice because the clock went back, must not lose a day because it
//! went forward, and must never be told to run in the past. This crate answers exactly one question
//! and keeps nothing between two answers: no timers, no clock, no list of what already ran.
//!
//! ```
//! use sweepd_decide::parse_utc;
//! use sweepd_schedule::{Zone, next_run};
//!
//! let zone = Zone::parse("America/New_York")?;
//! // On 8 March 2026 the clock goes from 02:00 straight to 03:00.
//! let now = parse_utc("2026-03-07T12:00:00Z").unwrap();
//! let next = next_run("30 2 * * *", &zone, now)?;
//! assert_eq!(next.to_string(), "2026-03-08T07:30:00.000Z"); // 03:30 on the wall
//! # Ok::<(), sweepd_schedule::Error>(())
//! ```
//!
//! # Theory of operation
//!
//! An expression becomes a set of wall-clock times, on a calendar that knows no zone. The zone is a
//! row of stretches with one UTC offset each. Inside a stretch wall time and instant move together,
//! so the first matching wall time is the first run; only the first moments of a stretch, after a
//! clock change, need a rule of their own (see [`next_run`]). The expressions are those of NanoClaw's
//! cron-parser, without what it accepts by accident.
//!
//! Source: docs/rules/schedule.md

mod calendar;
mod error;
mod grammar;
mod next;
mod zone;

pub use error::Error;
pub use next::next_run;
pub use zone::Zone;
