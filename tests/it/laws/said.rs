//! A judgment in the words of the oracle, so that the two can be compared.

use sweepd_decide::stuck::{Action, Evidence, Health, HeldBy, Judgment};
use sweepd_decide::{Decision, Finding, Recheck, Snapshot, Timestamp};
use sweepd_tests::oracle::{Expect, ExpectedFinding};

/// What a judgment says in the words of the vectors.
pub(super) fn said(judgment: &Judgment) -> Expect {
    let Decision { action, evidence, .. } = &judgment.decision;
    let overdue = evidence.overdue.as_ref();
    Expect {
        action: word(*action),
        rule: overdue.map(|o| o.rule),
        idle: overdue.is_some_and(|o| o.idle),
        held_by: overdue.and_then(|o| o.held_by).map(|by| match by {
            HeldBy::Suspend => "suspend",
            HeldBy::Confirmation => "confirmation",
        }),
        looks: overdue.map_or(0, |o| o.looks),
        message_id: overdue.and_then(|o| o.message_id.as_ref()).map(ToString::to_string),
        since: overdue.map(|o| o.since.as_millis()),
        limit_ms: overdue.map(|o| o.limit.as_millis()),
        budget_end: overdue.and_then(|o| o.budget_end).map(Timestamp::as_millis),
        overdue_at: overdue.map(|o| o.overdue_at.as_millis()),
        findings: judgment.findings.iter().map(finding).collect(),
    }
}

/// All of a judgment that must stay the same until its recheck.
pub(super) fn answer(judgment: &Judgment) -> (Action, &Evidence, &[Finding], Health) {
    let Decision { action, evidence, .. } = &judgment.decision;
    (*action, evidence, &judgment.findings, judgment.health)
}

/// The instant at which the answer may change.
pub(super) fn recheck(judgment: &Judgment) -> Option<Timestamp> {
    match judgment.decision.recheck {
        Recheck::At(at) => Some(at),
        Recheck::OnChange => None,
    }
}

/// Whether the answer ends the incarnation.
pub(super) fn stops(judgment: &Judgment) -> bool {
    match judgment.decision.action {
        Action::Ok | Action::Hold => false,
        Action::KillCeiling | Action::KillClaim | Action::KillSilent | Action::KillStart => true,
    }
}

/// The same facts with this look on record.
pub(super) fn on_record(snapshot: &Snapshot, judgment: &Judgment) -> Snapshot {
    let mut later = snapshot.clone();
    later.previous.clone_from(&judgment.record);
    later
}

/// An action in the words of the vectors.
pub(super) fn word(action: Action) -> &'static str {
    match action {
        Action::Ok => "ok",
        Action::Hold => "hold",
        Action::KillCeiling => "kill-ceiling",
        Action::KillClaim => "kill-claim",
        Action::KillSilent => "kill-silent",
        Action::KillStart => "kill-start",
    }
}

fn finding(finding: &Finding) -> ExpectedFinding {
    ExpectedFinding {
        kind: finding.kind.as_str(),
        message_id: finding.message_id.as_ref().map(ToString::to_string),
        since: finding.since.as_millis(),
    }
}
