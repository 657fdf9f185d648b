//! The life of an incident, and when people are told of it.
//!
//! Four rules that know nothing of each other: how an incident [lives](life()), when its coming and
//! going is [one thing of its own](flap()), what [stands for what](covers), and when people are
//! [told](tell()).
//!
//! Source: docs/rules/incidents.md.

mod cause;
mod flap;
mod life;
mod sick;
mod tell;

pub use cause::{Happening, Reach, covers, reach};
pub use flap::{Change, FlapPolicy, Flapping, flap};
pub use life::{
    AGED_OUT, BY_HAND, Course, LIFE_APART, Life, NO_LONGER_ACTIVE, NOT_CONFIGURED, Sight, lasts,
    life, recovered,
};
pub use sick::{is_due_from_memory, sick};
pub use tell::{Case, Cause, Quiet, Stage, Tell, TellPolicy, Told, Why, tell};
