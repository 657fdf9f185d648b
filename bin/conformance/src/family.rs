//! One runner for each family.

use crate::args::Family;
use crate::case::Case;

mod decide;
mod decide_standard;
mod parse_utc;
#[cfg(feature = "engine")]
mod recurrence;
#[cfg(feature = "engine")]
mod silent;
#[cfg(feature = "engine")]
mod sweep;

pub(crate) fn runner(family: Family) -> Box<dyn Case> {
    match family {
        Family::Decide => Box::new(decide::Decide),
        Family::DecideStandard => Box::new(decide_standard::DecideStandard),
        Family::ParseUtc => Box::new(parse_utc::ParseUtc),
        #[cfg(feature = "engine")]
        Family::Recurrence => Box::new(recurrence::Recurrence),
        #[cfg(feature = "engine")]
        Family::Sweep => Box::new(sweep::Sweep),
        #[cfg(feature = "engine")]
        Family::Silent => Box::new(silent::Silent),
    }
}
