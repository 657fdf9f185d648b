//! Not knowing: what a judgment says about facts that could not be seen, and about odd records.

use sweepd_decide::stuck::{Action, Health, Look, Rule, decide_stuck};
use sweepd_decide::{
    Claim, Due, FindingKind, Heartbeat, Observed, Policy, Recheck, Snapshot, Span, Timestamp, Tool,
};

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

#[test]
fn a_look_in_which_a_stop_is_due_leaves_a_record_of_what_it_found() {
    let mut seen = known();
    let text = after(0).to_sqlite();
    seen.heartbeat = Observed::Known(Heartbeat { mtime: after(-50), first_seen: after(-50) });
    let claim = Claim { message_id: "m".into(), status_changed: text.as_str().into() };
    seen.claims = Observed::Known(vec![claim]);
    let judgment = decide_stuck(&Policy::default(), &seen, after(61));
    let record = Look {
        at: after(61),
        count: 1,
        rule: Rule::Claim,
        start: START,
        message_id: Some("m".into()),
        status_changed: Some(text),
        heartbeat: Some(after(-50)),
    };
    assert_eq!(judgment.record, Some(record.clone()));
    assert_eq!((judgment.decision.action, judgment.health), (Action::Hold, Health::Failing));
    seen.previous = Some(record);
    let confirmed = decide_stuck(&Policy::default(), &seen, after(66));
    let record = confirmed.record.unwrap();
    assert_eq!((record.at, record.count), (after(66), 2));
    let mut capped = Policy::default();
    capped.hard_cap = Some(Span::from_secs(60));
    let judgment = decide_stuck(&capped, &known(), after(61));
    let record = judgment.record.unwrap();
    assert_eq!((record.rule, record.heartbeat), (Rule::HardCap, None));
    assert_eq!(judgment.health, Health::Ok, "idle");
    assert_eq!(decide_stuck(&Policy::default(), &known(), after(61)).record, None);
}

#[test]
fn a_notice_is_no_failure_and_a_warning_is() {
    let mut forged = known();
    forged.heartbeat = Observed::Known(Heartbeat { mtime: after(9000), first_seen: after(50) });
    let judgment = decide_stuck(&Policy::default(), &forged, after(60));
    assert_eq!(judgment.findings[0].kind, FindingKind::ClockSuspicious);
    assert_eq!(judgment.health, Health::Ok);
    let mut waiting = known();
    waiting.heartbeat = Observed::Known(Heartbeat { mtime: after(650), first_seen: after(650) });
    waiting.due = Observed::Known(vec![Due { message_id: "m".into(), at: START }]);
    let judgment = decide_stuck(&Policy::default(), &waiting, after(660));
    assert_eq!(judgment.findings[0].kind, FindingKind::NotProgressing);
    assert_eq!((judgment.decision.action, judgment.health), (Action::Ok, Health::Failing));
}

fn original(seen: &Snapshot, secs: i64) -> (Action, Health, bool, Recheck) {
    let judgment = decide_stuck(&Policy::nanoclaw(), seen, after(secs));
    let idle = judgment.decision.evidence.overdue.as_ref().is_some_and(|overdue| overdue.idle);
    (judgment.decision.action, judgment.health, idle, judgment.decision.recheck)
}

#[test]
fn the_original_does_not_judge_what_it_cannot_see() {
    let hide: [fn(&mut Snapshot); 3] = [
        |seen| seen.heartbeat = Observed::Unknown,
        |seen| seen.tool = Observed::Unknown,
        |seen| seen.claims = Observed::Unknown,
    ];
    for hide in hide {
        let mut seen = known();
        hide(&mut seen);
        assert_eq!(original(&seen, 9000), (Action::Ok, Health::Unknown, false, Recheck::OnChange));
    }
}

#[test]
fn the_originals_ceiling_is_an_idle_reap_where_there_is_nothing_to_do() {
    let edge = Recheck::At(after(1810).plus(Span::from_millis(1)));
    assert_eq!(original(&known(), 60), (Action::Ok, Health::Ok, false, edge));
    let reap = (Action::KillCeiling, Health::Ok, true, Recheck::OnChange);
    let fault = (Action::KillCeiling, Health::Failing, false, Recheck::OnChange);
    assert_eq!(original(&known(), 1811), reap);
    let mut named = known();
    named.tool = Observed::Known(Tool { name: Some("Task".to_owned()), ..Tool::default() });
    assert_eq!(original(&named, 1811), fault);
    named.tool = Observed::Known(Tool { name: Some(String::new()), ..Tool::default() });
    assert_eq!(original(&named, 1811), reap);
    let mut unknown = known();
    unknown.due = Observed::Unknown;
    assert_eq!(original(&unknown, 1811), fault);
    let mut waiting = known();
    waiting.due = Observed::Known(vec![Due { message_id: "m".into(), at: after(1900) }]);
    let until = (Action::KillCeiling, Health::Ok, true, Recheck::At(after(1900)));
    assert_eq!(original(&waiting, 1899), until);
    assert_eq!(original(&waiting, 1900), fault);
    let claim = |id: &str, secs: i64| Claim {
        message_id: id.into(),
        status_changed: after(secs).to_sqlite().as_str().into(),
    };
    let mut claimed = known();
    claimed.claims = Observed::Known(vec![claim("m", 20)]);
    let until = Recheck::At(after(1810).plus(Span::from_millis(1)));
    assert_eq!(original(&claimed, 100), (Action::KillClaim, Health::Failing, false, until));
    assert_eq!(original(&claimed, 1811), fault);
    claimed.claims = Observed::Known(vec![claim("later", 90), claim("m", 20)]);
    let named_next = Recheck::At(after(150).plus(Span::from_millis(1)));
    assert_eq!(original(&claimed, 100).3, named_next, "the first in order is named");
}
