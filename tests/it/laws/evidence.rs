//! Laws 10 and 12: evidence replays, and a stop that was done is not asked for again.

use proptest::prelude::*;
use sweepd_decide::stuck::{Action, Health, HeldBy, Rule, decide_stuck};
use sweepd_decide::{Finding, Observed, Severity, Span};

use super::said::{answer, on_record, recheck, stops};
use super::strategy::{Scene, scenes};

proptest! {
    #[test]
    fn evidence_replays(Scene { policy, snapshot, now } in scenes()) {
        let judgment = decide_stuck(&policy, &snapshot, now);
        let action = judgment.decision.action;
        let Some(overdue) = &judgment.decision.evidence.overdue else {
            prop_assert_eq!(action, Action::Ok);
            prop_assert!(judgment.record.is_none());
            return Ok(());
        };

        // When it fell due.
        let asleep = snapshot.slept.iter().map(|s| s.to.since(s.from.max(overdue.since)));
        let asleep = asleep.fold(Span::ZERO, |sum, span| sum.plus(span.max(Span::ZERO)));
        let plain = overdue.since.plus(overdue.limit).plus(asleep);
        let last = overdue.budget_end.map_or(plain, |end| end.max(plain));
        prop_assert_eq!(overdue.overdue_at, last.plus(Span::from_millis(1)));

        // What follows from it.
        let suspended = snapshot.hold_until.is_some_and(|end| now < end);
        let held = match (suspended, overdue.looks < policy.confirmations) {
            (true, _) => Some(HeldBy::Suspend),
            (false, true) => Some(HeldBy::Confirmation),
            (false, false) => None,
        };
        prop_assert_eq!(overdue.held_by, held);
        let kill = match overdue.rule {
            Rule::Ceiling | Rule::NeverBeat | Rule::HardCap => Action::KillCeiling,
            Rule::Claim => Action::KillClaim,
            Rule::Silence => Action::KillSilent,
            Rule::Start => Action::KillStart,
        };
        prop_assert_eq!(action, if held.is_some() { Action::Hold } else { kill });

        // What the next look is told.
        let record = judgment.record.as_ref();
        prop_assert_eq!(record.map(|look| look.rule), Some(overdue.rule));
        prop_assert_eq!(record.map(|look| look.count), Some(overdue.looks));
        prop_assert_eq!(record.and_then(|look| look.message_id.clone()), overdue.message_id.clone());
    }

    #[test]
    fn a_stop_that_was_done_is_not_asked_for_again(
        Scene { mut policy, mut snapshot, now } in scenes(),
    ) {
        policy.confirmations = 1;
        snapshot.hold_until = None;
        let judgment = decide_stuck(&policy, &snapshot, now);
        if !stops(&judgment) {
            return Ok(());
        }
        // The predecessor's rows and files are still there; only the incarnation is new.
        let mut heir = on_record(&snapshot, &judgment);
        heir.start = Observed::Known(now);
        prop_assert_eq!(decide_stuck(&policy, &heir, now).decision.action, Action::Ok);
    }

    #[test]
    fn looking_twice_is_looking_once(Scene { policy, snapshot, now } in scenes()) {
        let judgment = decide_stuck(&policy, &snapshot, now);
        let again = decide_stuck(&policy, &on_record(&snapshot, &judgment), now);
        prop_assert_eq!(answer(&again), answer(&judgment));
        prop_assert_eq!(recheck(&again), recheck(&judgment));
        prop_assert_eq!(again.record, judgment.record);
    }

    #[test]
    fn health_follows_from_the_answer(Scene { policy, snapshot, now } in scenes()) {
        let judgment = decide_stuck(&policy, &snapshot, now);
        let evidence = &judgment.decision.evidence;
        let unknown = [
            snapshot.start.is_unknown(),
            snapshot.heartbeat.is_unknown(),
            snapshot.tool.is_unknown(),
            snapshot.claims.is_unknown(),
            snapshot.last_ack.is_unknown(),
            snapshot.due.is_unknown(),
        ];
        prop_assert_eq!(evidence.blind, unknown.contains(&true));

        let bad = |finding: &Finding| finding.kind.severity() >= Severity::Warning;
        let health = match &evidence.overdue {
            Some(overdue) if !overdue.idle => Health::Failing,
            _ if judgment.findings.iter().any(bad) => Health::Failing,
            None if evidence.blind => Health::Unknown,
            Some(_) | None => Health::Ok,
        };
        prop_assert_eq!(judgment.health, health);
    }
}
