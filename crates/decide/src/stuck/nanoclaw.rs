//! The answer of profile `nanoclaw`: the original sweep's decision, bit for bit.
//!
//! It knows no incarnation, no confirmation and no suspend; only a tool named `Bash` declares,
//! without bound. Source: `tests/vectors/decide.jsonl.gz`; docs/rules/profiles.md.

use super::answer::{Action, Evidence, Health, Judgment, Overdue, Rule};
use alloc::vec::Vec;

use crate::decision::{Decision, Recheck};
use crate::id::MessageId;
use crate::policy::Policy;
use crate::snapshot::{Snapshot, Tool};
use crate::time::{Span, Timestamp};

pub(super) fn judge(policy: &Policy, seen: &Snapshot, now: Timestamp) -> Judgment {
    let blind = seen.heartbeat.is_unknown() || seen.tool.is_unknown() || seen.claims.is_unknown();
    if blind {
        return Judgment {
            decision: Decision {
                action: Action::Ok,
                evidence: Evidence { overdue: None, blind },
                recheck: Recheck::OnChange,
            },
            findings: Vec::new(),
            health: Health::Unknown,
            record: None,
        };
    }
    let (overdue, edge) = look(policy, seen, now);
    let action = overdue.as_ref().map_or(Action::Ok, |overdue| overdue.rule.action());
    let recheck = recheck(policy, seen, overdue.as_ref(), edge);
    let fault = overdue.as_ref().is_some_and(|overdue| !overdue.idle);
    Judgment {
        decision: Decision { action, evidence: Evidence { overdue, blind }, recheck },
        findings: Vec::new(),
        health: if fault { Health::Failing } else { Health::Ok },
        record: None,
    }
}

/// The tool whose word counts.
pub(super) fn declaring(seen: &Snapshot) -> Option<&Tool> {
    seen.tool.known().filter(|tool| tool.name.as_deref() == Some("Bash"))
}

/// What is overdue at `now`, and the next instant at which a limit passes.
fn look(policy: &Policy, seen: &Snapshot, now: Timestamp) -> (Option<Overdue>, Timestamp) {
    let mut edge = Timestamp::MAX;
    let mut passed = |overdue: &Overdue| {
        let passed = overdue.overdue_at <= now;
        if !passed {
            edge = edge.min(overdue.overdue_at);
        }
        passed
    };
    let mut found = cases(policy, seen).find(|overdue| passed(overdue));
    if let Some(reap) = found.as_mut().filter(|found| found.rule == Rule::Ceiling) {
        let mut due = seen.due.known().into_iter().flatten().map(|due| due.at);
        reap.idle = at_rest(seen) && !due.clone().any(|due| due <= now);
        if reap.idle {
            edge = due.by_ref().fold(edge, Timestamp::min);
        }
    }
    (found, edge)
}

/// After a claim's stop the ceiling may still pass, which changes the answer.
fn recheck(
    policy: &Policy,
    seen: &Snapshot,
    current: Option<&Overdue>,
    mut edge: Timestamp,
) -> Recheck {
    while edge != Timestamp::MAX {
        let (then, next) = look(policy, seen, edge);
        if then.as_ref() != current {
            break;
        }
        edge = next;
    }
    Recheck::from(edge)
}

/// No claim and no tool: the original's ceiling is its ordinary reap of such a container.
fn at_rest(seen: &Snapshot) -> bool {
    let named = |tool: &Tool| tool.name.as_deref().is_some_and(|name| !name.is_empty());
    let busy = seen.tool.known().is_some_and(named);
    !busy && !seen.due.is_unknown() && seen.claims.known().is_none_or(Vec::is_empty)
}

/// Every limit that applies, in order of precedence.
fn cases<'a>(policy: &'a Policy, seen: &'a Snapshot) -> impl Iterator<Item = Overdue> + 'a {
    let heartbeat = seen.heartbeat.known().map(|beat| beat.mtime);
    let declared =
        declaring(seen).and_then(|tool| tool.declared_ms).map_or(Span::ZERO, Span::from_millis);
    let ceiling =
        heartbeat.map(|beat| overdue(Rule::Ceiling, beat, policy.ceiling.max(declared), None));
    let tolerance = policy.claim_tolerance.max(declared);
    let claims = seen.claims.known().into_iter().flatten().filter_map(move |claim| {
        let claimed = claim.status_changed.at()?;
        let quiet = heartbeat.is_none_or(|beat| beat <= claimed);
        quiet.then(|| overdue(Rule::Claim, claimed, tolerance, Some(claim.message_id.clone())))
    });
    ceiling.into_iter().chain(claims)
}

fn overdue(rule: Rule, since: Timestamp, limit: Span, message_id: Option<MessageId>) -> Overdue {
    Overdue {
        rule,
        idle: false,
        held_by: None,
        looks: 1,
        message_id,
        since,
        limit,
        budget_end: None,
        overdue_at: since.plus(limit).plus(Span::from_millis(1)),
    }
}
