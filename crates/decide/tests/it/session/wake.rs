//! Step 3: when an agent is woken, and how long it waits after a failure.

use sweepd_decide::session::{
    Queue, Standing, WakeAction, WakeFacts, judge_wake, next_look, stop_again, wake_ended,
    wake_failed, wake_settled, wake_unanswered, wake_worked,
};
use sweepd_decide::stuck::{Overdue, Rule};
use sweepd_decide::{
    ClaimKey, Death, Memory, Policy, Recheck, RunId, Span, Stop, Timestamp, Wakes,
};

use super::{NOW, message, queue, secs, with};

const IDLE: WakeFacts = WakeFacts { running: false, had_its_turn: false };

fn judged(rows: &Queue, memory: &Memory, now: Timestamp) -> (WakeAction, Recheck) {
    let decision = judge_wake(&Policy::default(), rows, memory, IDLE, now);
    (decision.action, decision.recheck)
}

fn work() -> Queue {
    queue(vec![message("m")])
}

#[test]
fn due_work_wakes_an_agent_that_does_not_run_and_has_not_had_its_turn() {
    assert_eq!(judged(&work(), &Memory::default(), NOW), (WakeAction::Wake, Recheck::OnChange));
    for (running, had_its_turn) in [(true, false), (false, true)] {
        let facts = WakeFacts { running, had_its_turn };
        let decision = judge_wake(&Policy::default(), &work(), &Memory::default(), facts, NOW);
        assert_eq!((decision.action, decision.recheck), (WakeAction::None, Recheck::OnChange));
    }
}

#[test]
fn work_that_falls_due_later_is_a_recheck_at_the_earliest() {
    let put_off =
        |id: &str, s: i64| with(id, |m| m.state.process_after = Some(secs(s).to_string()));
    let rows = queue(vec![put_off("b", 90), put_off("a", 30)]);
    assert_eq!(judged(&rows, &Memory::default(), NOW), (WakeAction::None, Recheck::At(secs(30))));
    let paused = queue(vec![with("a", |m| {
        m.state.status = Some("paused".into());
        m.state.process_after = Some(secs(30).to_string());
    })]);
    assert_eq!(judged(&paused, &Memory::default(), NOW), (WakeAction::None, Recheck::OnChange));
    let context = queue(vec![with("a", |m| {
        m.trigger = Some(0);
        m.state.process_after = Some(secs(30).to_string());
    })]);
    assert_eq!(judged(&context, &Memory::default(), NOW), (WakeAction::None, Recheck::OnChange));
}

#[test]
fn a_failing_wake_holds_the_next_from_its_beginning() {
    let mut memory = Memory::default();
    for wait in [10, 20, 40, 80, 160, 300, 300] {
        memory.wakes = wake_failed(&memory.wakes, NOW, "no image");
        let until = NOW.plus(Span::from_secs(wait));
        let just_before = until.minus(Span::from_millis(1));
        assert_eq!(
            judged(&work(), &memory, just_before),
            (WakeAction::Wait, Recheck::At(until)),
            "{wait}"
        );
        assert_eq!(judged(&work(), &memory, until).0, WakeAction::Wake, "{wait}");
    }
    assert_eq!((memory.wakes.failures, memory.wakes.attempted_at), (7, Some(NOW)));
    assert_eq!(memory.wakes.last_error.as_deref(), Some("no image"));
    let decision = judge_wake(&Policy::default(), &work(), &memory, IDLE, NOW);
    assert_eq!((decision.evidence.failures, decision.evidence.deaths), (7, 0));
}

fn woken() -> Wakes {
    let last_error = Some("x".into());
    Wakes { failures: 2, attempted_at: Some(NOW), under_way: false, last_error, woken: true }
}

#[test]
fn a_wake_that_worked_holds_none_although_earlier_ones_failed() {
    let mut memory = Memory::default();
    memory.wakes = wake_failed(&memory.wakes, NOW, "no image");
    memory.wakes = Wakes { attempted_at: Some(secs(10)), ..wake_worked(&memory.wakes) };
    assert_eq!(judged(&work(), &memory, secs(11)), (WakeAction::Wake, Recheck::OnChange));
    // The next that fails is the second in a row: the first run had not stayed up.
    memory.wakes = wake_failed(&memory.wakes, secs(11), "no image");
    assert_eq!(judged(&work(), &memory, secs(12)), (WakeAction::Wait, Recheck::At(secs(31))));
}

#[test]
fn a_run_that_stays_up_a_minute_ends_the_count() {
    let start = NOW;
    let early = NOW.plus(Span::from_millis(59_999));
    assert_eq!(wake_settled(&woken(), start, early), woken());
    let settled = wake_settled(&woken(), start, NOW.plus(Span::from_secs(60)));
    assert_eq!((settled.failures, settled.woken), (0, false));
    assert_eq!((settled.last_error, settled.attempted_at), (None, Some(NOW)));
}

#[test]
fn a_woken_run_that_ends_within_a_minute_without_a_claim_is_a_failing_wake() {
    let policy = Policy::default();
    let end = NOW.plus(Span::from_millis(59_999));
    let failed = wake_ended(&policy, &woken(), NOW, end, false, "gone");
    assert_eq!((failed.failures, failed.woken, failed.attempted_at), (3, false, Some(NOW)));
    let claimed = wake_ended(&policy, &woken(), NOW, end, true, "gone");
    assert_eq!((claimed.failures, claimed.woken), (2, false));
    let late = wake_ended(&policy, &woken(), NOW, NOW.plus(Span::from_secs(60)), false, "gone");
    assert_eq!((late.failures, late.woken), (0, false), "it stayed up a minute");
    let original = wake_ended(&Policy::nanoclaw(), &woken(), NOW, end, false, "gone");
    assert_eq!((original.failures, original.woken), (2, false));
    let not_ours = Wakes { woken: false, ..woken() };
    assert_eq!(wake_ended(&policy, &not_ours, NOW, end, false, "gone"), not_ours);
    let unknown = Wakes { attempted_at: None, ..woken() };
    assert_eq!(wake_ended(&policy, &unknown, NOW, end, false, "gone").attempted_at, Some(NOW));
}

#[test]
fn a_wake_that_works_keeps_the_count_until_it_has_lasted() {
    let begun = Wakes { under_way: true, woken: false, ..woken() };
    let worked = wake_worked(&begun);
    assert_eq!((worked.failures, worked.woken, worked.under_way), (2, true, false));
    assert_eq!((worked.last_error, worked.attempted_at), (None, Some(NOW)));
    assert!(!wake_failed(&begun, NOW, "x").under_way);
    let unanswered = wake_unanswered(&begun, NOW, "no answer");
    assert!(unanswered.under_way, "its run may still be seen");
    assert_eq!(Wakes { under_way: false, ..unanswered }, wake_failed(&begun, NOW, "no answer"));
}

fn death(id: &str, s: i64) -> Death {
    let claim = ClaimKey { message_id: id.into(), status_changed: Some(s.to_string()) };
    Death { claim, at: secs(s) }
}

#[test]
fn after_the_nth_death_of_a_message_the_next_wake_waits_twice_as_long() {
    let mut memory = Memory::default();
    memory.deaths = vec![death("m", -5)];
    assert_eq!(judged(&work(), &memory, NOW), (WakeAction::Wait, Recheck::At(secs(5))));
    memory.deaths = vec![death("m", -100), death("m", -5)];
    assert_eq!(judged(&work(), &memory, NOW), (WakeAction::Wait, Recheck::At(secs(15))));
    memory.deaths = vec![death("other", -100), death("m", -5)];
    assert_eq!(judged(&work(), &memory, NOW), (WakeAction::Wait, Recheck::At(secs(5))));
    assert_eq!(judged(&work(), &memory, secs(5)).0, WakeAction::Wake);
    memory.deaths.push(death("m", -3));
    let decision = judge_wake(&Policy::default(), &work(), &memory, IDLE, NOW);
    assert_eq!(decision.evidence.deaths, 2, "of one message");
    let decision = judge_wake(&Policy::nanoclaw(), &work(), &memory, IDLE, NOW);
    assert_eq!(decision.action, WakeAction::Wake, "profile nanoclaw knows no deaths");
}

#[test]
fn the_longer_of_two_waits_counts() {
    let mut memory = Memory::default();
    memory.deaths = vec![death("m", -5)];
    memory.wakes = wake_failed(&memory.wakes, NOW, "x");
    let until = NOW.plus(Span::from_secs(10));
    assert_eq!(judged(&work(), &memory, NOW), (WakeAction::Wait, Recheck::At(until)));
}

fn stopping(failures: u32) -> Memory {
    let mut memory = Memory::default();
    memory.stop = Some(Stop {
        run: RunId::new("r"),
        overdue: Some(Overdue {
            rule: Rule::Ceiling,
            idle: false,
            held_by: None,
            looks: 2,
            message_id: None,
            since: secs(-9000),
            limit: Span::from_secs(60),
            budget_end: None,
            overdue_at: secs(-8939),
        }),
        charges: Vec::new(),
        decided_at: NOW,
        ended_at: None,
        failures,
        attempted_at: NOW,
    });
    memory
}

#[test]
fn the_next_look_is_when_something_may_be_due() {
    let policy = Policy::default();
    let next = |rows: &Queue, memory: &Memory, standing| {
        next_look(&policy, rows, memory, standing, NOW).at()
    };
    let none = Memory::default();
    let later = queue(vec![with("a", |m| m.state.process_after = Some(secs(30).to_string()))]);
    assert_eq!(next(&work(), &none, Standing::Down), Some(NOW));
    assert_eq!(next(&later, &none, Standing::Down), Some(secs(30)));
    assert_eq!(next(&work(), &none, Standing::LeftAlone), None);
    let mut failed = Memory::default();
    failed.wakes = wake_failed(&failed.wakes, NOW, "x");
    let wait = NOW.plus(Span::from_secs(10));
    assert_eq!(next(&work(), &failed, Standing::Down), Some(wait));
    let judged = |s| Standing::Up(Recheck::At(secs(s)));
    assert_eq!(next(&work(), &none, judged(20)), Some(secs(20)));
    let unseen = NOW.plus(policy.claim_tolerance);
    assert_eq!(next(&work(), &none, judged(900)), Some(unseen));
    assert_eq!(next(&work(), &none, Standing::Up(Recheck::OnChange)), Some(unseen));
    assert_eq!(next(&work(), &stopping(1), judged(900)), Some(wait));
    assert_eq!(next(&work(), &stopping(0), judged(900)), Some(unseen));
    // A stop that may be tried again already, and was not: nothing to wake up for.
    for passed in [0, 1] {
        let mut waited = stopping(1);
        let began = NOW.minus(Span::from_secs(10)).minus(Span::from_millis(passed));
        waited.stop.as_mut().unwrap().attempted_at = began;
        assert_eq!(next(&work(), &waited, judged(900)), Some(unseen), "{passed}");
    }
    let mut ended = stopping(1);
    ended.stop.as_mut().unwrap().ended_at = Some(NOW);
    assert_eq!(stop_again(&policy, &ended), Recheck::OnChange);
    let mut quick = Policy::default();
    quick.start_deadline = Some(Span::from_secs(3));
    let look = next_look(&quick, &work(), &none, judged(900), NOW);
    assert_eq!(look.at(), Some(NOW.plus(Span::from_secs(3))));
}
