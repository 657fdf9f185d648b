//! The answer of profile `standard`, and until when it holds.
//!
//! The recheck is found by walking the edges: at each instant where some comparison comes out
//! differently the rules are asked again, until the answer differs. So it is never late, and
//! never early.

use alloc::vec::Vec;

use super::answer::{Action, Evidence, Health, Judgment, Look, Overdue, Rule};
use super::confirm::{self, Record, Stop};
use super::eval::{At, Edge, Verdicts};
use super::facts::Facts;
use crate::decision::{Decision, Recheck};
use crate::finding::{Finding, FindingKind, Severity};
use crate::policy::Policy;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

/// More edges than this without a difference: look again early rather than search on.
const MAX_EDGES: usize = 64;

pub(super) fn judge(policy: &Policy, seen: &Snapshot, now: Timestamp) -> Judgment {
    let facts = Facts::gather(policy, seen);
    let at = At { policy, facts, now };
    let recorded = seen.previous.as_ref().and_then(|look| Record::recognize(&facts, look, now));
    let (answer, edge) = Answer::at(&at, recorded, seen.hold_until);
    let recheck = recheck(at, &answer, edge, seen.hold_until);
    answer.spell_out(&facts, recheck)
}

/// The first edge after `at` at which the answer differs, with this look on record.
fn recheck(
    mut at: At<'_>,
    answer: &Answer,
    mut edge: Edge,
    hold_until: Option<Timestamp>,
) -> Recheck {
    let record = answer.stop.as_ref().map(Record::of);
    if let Some(record) = record {
        edge.passes(record.counts_again(at.policy.confirmation_gap));
    }
    let mut next = edge.next();
    for _ in 0..MAX_EDGES {
        if next == Timestamp::MAX {
            return Recheck::OnChange;
        }
        at.now = next;
        let (then, edge) = Answer::at(&at, record, hold_until);
        if !then.reads_like(answer) {
            break;
        }
        next = edge.next();
    }
    Recheck::from(next)
}

/// The answer at one instant, in indices.
#[derive(Debug, Clone, Copy)]
struct Answer {
    stop: Option<Stop>,
    verdicts: Verdicts,
}

impl Answer {
    fn at(at: &At<'_>, record: Option<Record>, hold_until: Option<Timestamp>) -> (Self, Edge) {
        let mut edge = Edge::none(at.now);
        let verdicts = at.verdicts(&mut edge);
        let stop = confirm::decide(at, &verdicts, record, hold_until, &mut edge);
        (Self { stop, verdicts }, edge)
    }

    /// Whether nobody could tell the two apart. When the look was is not part of the answer.
    fn reads_like(&self, other: &Self) -> bool {
        let shown = |answer: &Self| {
            let stop = answer.stop.map(|stop| (stop.rule, stop.case, stop.looks, stop.held_by));
            (stop, answer.verdicts.silent, answer.verdicts.unclaimed)
        };
        shown(self) == shown(other)
    }

    fn spell_out(&self, facts: &Facts<'_>, recheck: Recheck) -> Judgment {
        let action = match &self.stop {
            None => Action::Ok,
            Some(Stop { held_by: Some(_), .. }) => Action::Hold,
            Some(stop) => stop.rule.action(),
        };
        let blind = self.verdicts.blind;
        let overdue = self.stop.map(|stop| overdue(&stop, facts));
        let findings = self.findings(facts);
        let fault = self.stop.is_some_and(|stop| !stop.case.idle);
        let warned = findings.iter().any(|found| found.kind.severity() > Severity::Notice);
        let health = if fault || warned {
            Health::Failing
        } else if self.stop.is_none() && blind {
            Health::Unknown
        } else {
            Health::Ok
        };
        let record = self.stop.and_then(|stop| look(&stop, facts));
        let evidence = Evidence { overdue, blind };
        Judgment { decision: Decision { action, evidence, recheck }, findings, health, record }
    }

    fn findings(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let claim = |index: usize| Some(facts.claim(index)?.message_id.clone());
        let due = |index: usize| Some(facts.due().ok()?.get(index)?.message_id.clone());
        let suspicious = facts.suspicious_since.map(|since| Finding {
            kind: FindingKind::ClockSuspicious,
            message_id: None,
            since,
            detail: None,
        });
        let silent = self.verdicts.silent.map(|(index, since)| Finding {
            kind: FindingKind::InClaimSilence,
            message_id: claim(index),
            since,
            detail: None,
        });
        let unclaimed = self.verdicts.unclaimed.map(|(index, since)| Finding {
            kind: FindingKind::NotProgressing,
            message_id: due(index),
            since,
            detail: None,
        });
        [suspicious, silent, unclaimed].into_iter().flatten().collect()
    }
}

fn overdue(stop: &Stop, facts: &Facts<'_>) -> Overdue {
    let claim = stop.case.claim.and_then(|index| facts.claim(index));
    Overdue {
        rule: stop.rule,
        idle: stop.case.idle,
        held_by: stop.held_by,
        looks: stop.looks,
        message_id: claim.map(|claim| claim.message_id.clone()),
        since: stop.case.since,
        limit: stop.case.limit,
        budget_end: stop.case.budget_end,
        overdue_at: stop.case.overdue_at,
    }
}

fn look(stop: &Stop, facts: &Facts<'_>) -> Option<Look> {
    let claim = stop.case.claim.and_then(|index| facts.claim(index));
    Some(Look {
        at: stop.counted_at,
        count: stop.looks,
        rule: stop.rule,
        start: facts.start().ok()?,
        message_id: claim.map(|claim| claim.message_id.clone()),
        status_changed: claim.and_then(|claim| claim.status_changed.raw().map(Into::into)),
        heartbeat: facts.heartbeat_read.filter(|_| stop.rule != Rule::HardCap),
    })
}
