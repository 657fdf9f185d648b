//! Laws 3, 4 and 9: never early, never out of ignorance, never a panic.

use proptest::prelude::*;
use proptest::sample::select;
use sweepd_decide::stuck::decide_stuck;
use sweepd_decide::{
    Claim, Due, Heartbeat, IdleStop, Observed, Policy, Profile, SilenceAction, Snapshot, Span,
    Suspend, Timestamp, Tool, Written,
};

use super::said::{answer, recheck, said, stops};
use super::strategy::{Scene, scenes};

proptest! {
    #[test]
    fn a_stop_is_never_early(Scene { policy, snapshot, now } in scenes()) {
        let judgment = decide_stuck(&policy, &snapshot, now);
        let evidence = &judgment.decision.evidence;
        if stops(&judgment) {
            prop_assert!(evidence.overdue.is_some());
        }
        if let Some(overdue) = &evidence.overdue {
            prop_assert!(overdue.overdue_at <= now);
            prop_assert!(now > overdue.since.plus(overdue.limit));
            prop_assert!(overdue.budget_end.is_none_or(|end| now > end));
            if stops(&judgment) {
                prop_assert_eq!(overdue.looks, policy.confirmations);
                prop_assert!(snapshot.hold_until.is_none_or(|end| now >= end));
            }
        }
    }

    #[test]
    fn ignorance_is_safe(Scene { policy, snapshot, now } in scenes(), fact in 0..6_u8) {
        let judgment = decide_stuck(&policy, &snapshot, now);
        let blind = decide_stuck(&policy, &forget(&snapshot, fact), now);
        prop_assert!(stops(&judgment) || !stops(&blind), "{:?}", answer(&blind));
        let (known, guessed) = (said(&judgment).findings, said(&blind).findings);
        prop_assert!(guessed.iter().all(|finding| known.contains(finding)), "{:?}", guessed);
    }

    #[test]
    fn nothing_known_means_nothing_done(Scene { policy, now, .. } in scenes()) {
        let judgment = decide_stuck(&policy, &Snapshot::unknown(), now);
        prop_assert_eq!(said(&judgment).action, "ok");
        prop_assert_eq!(judgment.health, sweepd_decide::stuck::Health::Unknown);
        prop_assert_eq!(recheck(&judgment), None);
    }

    #[test]
    fn every_input_has_an_answer((policy, snapshot, now) in (wild_policy(), wild(), millis())) {
        let now = Timestamp::from_millis(now);
        let judgment = decide_stuck(&policy, &snapshot, now);
        // A deadline that saturates is no deadline.
        prop_assert!(recheck(&judgment).is_none_or(|at| now < at && at < Timestamp::MAX));
        prop_assert_eq!(&decide_stuck(&policy, &snapshot, now), &judgment);
    }
}

fn forget(snapshot: &Snapshot, fact: u8) -> Snapshot {
    let mut blind = snapshot.clone();
    match fact {
        0 => blind.start = Observed::Unknown,
        1 => blind.heartbeat = Observed::Unknown,
        2 => blind.tool = Observed::Unknown,
        3 => blind.claims = Observed::Unknown,
        4 => blind.last_ack = Observed::Unknown,
        _ => blind.due = Observed::Unknown,
    }
    blind
}

/// Any number at all, most often one that overflows when something is added.
fn millis() -> impl Strategy<Value = i64> {
    let ends = vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    prop_oneof![select(ends), any::<i64>(), -100_000..100_000_i64]
}

fn at() -> impl Strategy<Value = Timestamp> {
    millis().prop_map(Timestamp::from_millis)
}

fn span() -> impl Strategy<Value = Span> {
    millis().prop_map(Span::from_millis)
}

fn wild_text() -> impl Strategy<Value = Written> {
    let texts = [
        "0000-01-01 00:00:00",
        "9999-12-31T23:59:59.999-23:59",
        "1970-01-01 00:00:00",
        "",
        "\u{0}",
    ];
    prop::option::of(select(texts.to_vec())).prop_map(|text| Written::new(text.map(str::to_owned)))
}

fn wild_policy() -> impl Strategy<Value = Policy> {
    let profile = prop_oneof![3 => Just(Profile::Standard), 1 => Just(Profile::Nanoclaw)];
    let spans = prop::collection::vec(span(), 10);
    let rest = (any::<bool>(), prop::option::of(span()), any::<u32>());
    (profile, spans, rest).prop_map(|(profile, spans, (stop, idle, confirmations))| {
        let mut policy = Policy::default();
        policy.profile = profile;
        (policy.ceiling, policy.claim_tolerance, policy.skew) = (spans[0], spans[1], spans[2]);
        (policy.declared_cap, policy.declared_grace) = (spans[3], spans[4]);
        (policy.silence, policy.start_deadline) = (Some(spans[5]), Some(spans[6]));
        (policy.never_beat, policy.unclaimed) = (Some(spans[7]), Some(spans[8]));
        (policy.hard_cap, policy.confirmation_gap) = (Some(spans[9]), spans[9]);
        policy.silence_action = if stop { SilenceAction::Stop } else { SilenceAction::Warn };
        policy.idle_stop = idle.map_or(IdleStop::Unset, IdleStop::After);
        policy.confirmations = confirmations;
        policy
    })
}

fn wild() -> impl Strategy<Value = Snapshot> {
    let heartbeat = (at(), at()).prop_map(|(mtime, first_seen)| Heartbeat { mtime, first_seen });
    let tool = (millis(), wild_text()).prop_map(|(declared, started_at)| Tool {
        name: Some("Bash".to_owned()),
        declared_ms: Some(declared),
        started_at,
    });
    let claim = ("[a-c]?", wild_text())
        .prop_map(|(id, status_changed)| Claim { message_id: id.as_str().into(), status_changed });
    let due = ("[a-c]?", at()).prop_map(|(id, at)| Due { message_id: id.as_str().into(), at });
    let suspend = (at(), at()).prop_map(|(from, to)| Suspend { from, to });
    let rows = (
        prop::collection::vec(claim, 0..3),
        wild_text(),
        prop::collection::vec(due, 0..3),
        prop::collection::vec(suspend, 0..3),
    );
    let looks = (prop::option::of(at()), prop::option::of(at()), any::<u32>());
    let host = (at(), prop::option::of(heartbeat), prop::option::of(tool));
    (host, rows, looks).prop_map(|((start, heartbeat, tool), rows, (hold, look, count))| {
        let mut snapshot = Snapshot::unknown();
        snapshot.start = Observed::Known(start);
        snapshot.heartbeat = Observed::from_option(heartbeat);
        snapshot.tool = Observed::from_option(tool);
        let (claims, ack, due, slept) = rows;
        snapshot.claims = Observed::Known(claims);
        snapshot.last_ack = Observed::Known(ack);
        snapshot.due = Observed::Known(due);
        (snapshot.slept, snapshot.hold_until) = (slept, hold);
        snapshot.previous = look.map(|at| sweepd_decide::stuck::Look {
            at,
            count,
            rule: sweepd_decide::stuck::Rule::HardCap,
            start,
            message_id: None,
            status_changed: None,
            heartbeat: None,
        });
        snapshot
    })
}
