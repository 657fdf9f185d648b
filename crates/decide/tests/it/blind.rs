//! Not knowing: what a judgment says about facts that could not be seen, and about odd records.

use sweepd_decide::stuck::{Action, Health, Look, Rule, decide_stuck};
use sweepd_decide::{Due, Heartbeat, Observed, Policy, Snapshot, Span, Timestamp};

const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn after(secs: i64) -> Timestamp {
    START.plus(Span::from_secs(secs))
}

/// Idle, has beaten.
fn known() -> Snapshot {
    let mut seen = Snapshot::unknown();
    seen.start = Observed::Known(START);
    seen.heartbeat = Observed::Known(Heartbeat { mtime: after(10), first_seen: after(10) });
    seen.tool = Observed::Absent;
    seen.claims = Observed::Known(vec![]);
    seen.last_ack = Observed::Absent;
    seen.due = Observed::Known(vec![]);
    seen
}

fn judged(seen: &Snapshot) -> (Action, Health, bool) {
    let judgment = decide_stuck(&Policy::default(), seen, after(60));
    (judgment.decision.action, judgment.health, judgment.decision.evidence.blind)
}

#[test]
fn who_sees_everything_is_not_blind() {
    assert_eq!(judged(&known()), (Action::Ok, Health::Ok, false));
}

#[test]
fn any_fact_that_could_not_be_seen_makes_the_answer_blind() {
    let hide: [fn(&mut Snapshot); 6] = [
        |seen| seen.start = Observed::Unknown,
        |seen| seen.heartbeat = Observed::Unknown,
        |seen| seen.tool = Observed::Unknown,
        |seen| seen.claims = Observed::Unknown,
        |seen| seen.last_ack = Observed::Unknown,
        |seen| seen.due = Observed::Unknown,
    ];
    for (number, hide) in hide.into_iter().enumerate() {
        let mut seen = known();
        hide(&mut seen);
        assert_eq!(judged(&seen), (Action::Ok, Health::Unknown, true), "fact {number}");
    }
    assert_eq!(judged(&Snapshot::unknown()), (Action::Ok, Health::Unknown, true));
}

#[test]
fn blindness_does_not_hide_what_another_rule_sees() {
    let mut seen = known();
    seen.heartbeat = Observed::Unknown;
    seen.due = Observed::Known(vec![Due { message_id: "m".into(), at: START }]);
    let judgment = decide_stuck(&Policy::default(), &seen, after(700));
    assert_eq!(judgment.health, Health::Failing, "not progressing");
    assert!(judgment.decision.evidence.blind);
}

#[test]
fn an_odd_record_confirms_nothing() {
    let mut seen = known();
    seen.heartbeat = Observed::Absent;
    seen.due = Observed::Known(vec![Due { message_id: "m".into(), at: START }]);
    let record = Look {
        at: after(600),
        count: 1,
        rule: Rule::Start,
        start: START,
        message_id: None,
        status_changed: None,
        heartbeat: None,
    };
    let action = |record: &Look| {
        let mut seen = seen.clone();
        seen.previous = Some(record.clone());
        decide_stuck(&Policy::default(), &seen, after(610)).decision.action
    };
    assert_eq!(action(&record), Action::KillStart);
    let stray = Some("2026-09-21 14:13:20".to_owned());
    assert_eq!(action(&Look { status_changed: stray, ..record.clone() }), Action::Hold);
    assert_eq!(action(&Look { message_id: Some("m".into()), ..record.clone() }), Action::Hold);
    assert_eq!(action(&Look { start: after(1), ..record.clone() }), Action::Hold);
    assert_eq!(action(&Look { heartbeat: Some(START), ..record.clone() }), Action::Hold);
    assert_eq!(action(&Look { at: after(611), ..record }), Action::Hold);
}
