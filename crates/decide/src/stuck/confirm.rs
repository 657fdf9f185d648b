//! Does a stop that is due have enough looks behind it? Counts looks that found the same thing.

use super::answer::{HeldBy, Look, Rule};
use super::eval::{At, Case, Edge, Verdicts};
use super::facts::Facts;
use crate::time::{Span, Timestamp};

/// The stop that decides at one look, and how far its confirmation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) rule: Rule,
    pub(super) case: Case,
    pub(super) looks: u32,
    pub(super) counted_at: Timestamp,
    pub(super) held_by: Option<HeldBy>,
}

/// What a recorded look has to find again, without copying its texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    at: Timestamp,
    count: u32,
    rule: Rule,
    claim: Option<usize>,
}

impl Record {
    /// The recorded look, if it was about this incarnation with this heartbeat and, where it
    /// named a claim, that claim is still open. A look from the future does not count.
    pub(super) fn recognize(facts: &Facts<'_>, look: &Look, now: Timestamp) -> Option<Self> {
        let heartbeat = facts.heartbeat_read.filter(|_| look.rule != Rule::HardCap);
        let same = facts.start() == Ok(look.start) && heartbeat == look.heartbeat;
        if !same || look.at > now {
            return None;
        }
        let claim = match (look.rule, &look.message_id) {
            (Rule::Claim | Rule::Silence, Some(id)) => {
                Some(facts.claims().ok()?.iter().position(|claim| {
                    claim.message_id == *id
                        && claim.status_changed.raw() == look.status_changed.as_deref()
                })?)
            }
            (Rule::Claim | Rule::Silence, None) | (_, Some(_)) => return None,
            (_, None) if look.status_changed.is_some() => return None,
            (_, None) => None,
        };
        Some(Self { at: look.at, count: look.count, rule: look.rule, claim })
    }

    /// When the next look counts.
    pub(super) const fn counts_again(self, gap: Span) -> Timestamp {
        self.at.plus(gap)
    }

    /// What this look leaves for the next one.
    pub(super) const fn of(stop: &Stop) -> Self {
        Self { at: stop.counted_at, count: stop.looks, rule: stop.rule, claim: stop.case.claim }
    }
}

/// The deciding stop: the one under confirmation while it is due, else the first of the rules.
pub(super) fn decide(
    at: &At<'_>,
    verdicts: &Verdicts,
    record: Option<Record>,
    hold_until: Option<Timestamp>,
    edge: &mut Edge,
) -> Option<Stop> {
    let wanted = at.policy.confirmations.max(1);
    let under_way =
        record.and_then(|record| Some((record, at.still(verdicts, record.rule, record.claim)?)));
    let (rule, case, looks, counted_at) = if let Some((record, case)) = under_way {
        let counts = edge.passes(record.at.plus(at.policy.confirmation_gap));
        let looks = record.count.saturating_add(u32::from(counts)).min(wanted);
        (record.rule, case, looks, if counts { at.now } else { record.at })
    } else {
        let (rule, case) = verdicts.first()?;
        (rule, case, 1, at.now)
    };
    let suspended = hold_until.is_some_and(|end| !edge.passes(end));
    let held_by = if suspended {
        Some(HeldBy::Suspend)
    } else {
        (looks < wanted).then_some(HeldBy::Confirmation)
    };
    Some(Stop { rule, case, looks, counted_at, held_by })
}
