//! Of the stops that are due, which one decides, how often has it been seen, and may it be done?

use sweepd_decide::stuck::{Look, Rule};
use sweepd_decide::{Policy, Snapshot, Timestamp};

use super::rules::Stop;
use super::{Expect, ExpectedFinding, narrow};

/// What the look says, and what it leaves on record.
pub(super) fn decide(
    policy: &Policy,
    snapshot: &Snapshot,
    now: Timestamp,
    stops: &[Stop<'_>],
    findings: Vec<ExpectedFinding>,
) -> (Expect, Option<Look>) {
    // A look recorded later than now is no look at all.
    let previous = snapshot.previous.as_ref().filter(|previous| previous.at <= now);
    let identity = |stop: &Stop<'_>| identity(snapshot, stop, now);

    let again = stops.iter().find(|stop| {
        previous.is_some_and(|seen| {
            identity(stop)
                .is_some_and(|new| Look { at: seen.at, count: seen.count, ..new } == *seen)
        })
    });
    let Some(stop) = again.or_else(|| stops.first()) else {
        return (nothing_due(findings), None);
    };

    let wanted = policy.confirmations.max(1);
    let (at, count) = match previous.filter(|_| again.is_some()) {
        Some(seen) if now.since(seen.at) >= policy.confirmation_gap => (now, seen.count + 1),
        Some(seen) => (seen.at, seen.count),
        None => (now, 1),
    };
    let looks = count.min(wanted);

    let held_by = if snapshot.hold_until.is_some_and(|end| now < end) {
        Some("suspend")
    } else if looks < wanted {
        Some("confirmation")
    } else {
        None
    };
    let expect = Expect {
        action: if held_by.is_some() { "hold" } else { kill(stop.rule) },
        rule: Some(stop.rule),
        idle: stop.idle,
        held_by,
        looks,
        message_id: stop.claim.map(|claim| claim.message_id.as_str().to_owned()),
        since: Some(narrow(stop.since)),
        limit_ms: Some(narrow(stop.limit)),
        budget_end: stop.budget_end.map(narrow),
        overdue_at: Some(narrow(stop.overdue_at)),
        findings,
    };
    (expect, identity(stop).map(|new| Look { at, count: looks, ..new }))
}

/// What a later look must find again, as if this one were the first.
fn identity(snapshot: &Snapshot, stop: &Stop<'_>, now: Timestamp) -> Option<Look> {
    let heartbeat = snapshot.heartbeat.known().map(|file| file.mtime);
    Some(Look {
        at: now,
        count: 1,
        rule: stop.rule,
        start: *snapshot.start.known()?,
        message_id: stop.claim.map(|claim| claim.message_id.clone()),
        status_changed: stop.claim.and_then(|c| c.status_changed.raw()).map(str::to_owned),
        heartbeat: heartbeat.filter(|_| stop.rule != Rule::HardCap),
    })
}

fn kill(rule: Rule) -> &'static str {
    match rule {
        Rule::Ceiling | Rule::NeverBeat | Rule::HardCap => "kill-ceiling",
        Rule::Claim => "kill-claim",
        Rule::Silence => "kill-silent",
        Rule::Start => "kill-start",
    }
}

fn nothing_due(findings: Vec<ExpectedFinding>) -> Expect {
    Expect {
        action: "ok",
        rule: None,
        idle: false,
        held_by: None,
        looks: 0,
        message_id: None,
        since: None,
        limit_ms: None,
        budget_end: None,
        overdue_at: None,
        findings,
    }
}
