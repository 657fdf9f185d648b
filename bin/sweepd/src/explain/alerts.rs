//! What people were told about an agent, and if they were not, why not.

use sweepd_decide::Timestamp;

use super::Page;
use crate::telling::Told;
use crate::telling::clock::{clock, rounded};

/// Its incidents that are open, and those of the last day.
pub(crate) struct Alerts<'a> {
    pub(crate) told: &'a [Told],
    pub(crate) has_sinks: bool,
    pub(crate) now: Timestamp,
}

impl Alerts<'_> {
    pub(super) fn show(&self, page: &mut Page) {
        if !self.told.is_empty() {
            page.line("alerts:");
        }
        for told in self.told {
            let one = &told.standing;
            let since = clock(one.incident.opened_at, self.now);
            let over = one.end.as_ref().map(|(at, _)| {
                let after = rounded(at.since(one.incident.opened_at));
                format!(", over after {after}")
            });
            let over = over.unwrap_or_default();
            let sentence = told.sentence(self.has_sinks, self.now);
            let (id, kind) = (one.id, one.incident.kind.as_str());
            page.line(&format!("  #{id} {kind} since {since}{over}: {sentence}"));
        }
    }
}
