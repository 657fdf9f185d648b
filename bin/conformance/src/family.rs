//! One runner for each family.

use crate::args::Family;
use crate::case::Case;

mod decide;
mod decide_standard;
mod parse_utc;

pub(crate) fn runner(family: Family) -> anyhow::Result<Box<dyn Case>> {
    Ok(match family {
        Family::Decide => Box::new(decide::Decide),
        Family::DecideStandard => Box::new(decide_standard::DecideStandard),
        Family::ParseUtc => Box::new(parse_utc::ParseUtc),
        Family::Recurrence | Family::Sweep => anyhow::bail!("not yet"),
    })
}
