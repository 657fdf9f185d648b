//! Laws 9, 11 and 12 for the steps of a session's pass: every effect repeats the fence it was
//! planned against, settled means settled, and no row is too strange.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sweepd_decide::session::{
    NextRun, Queue, RowEffect, RowVerb, Settled, WakeAction, WakeFacts, judge_wake, poisoned,
    recur, recurring, release, settle, sync,
};
use sweepd_decide::{
    Ack, Claim, ClaimKey, Death, Memory, Message, Policy, Recheck, Released, RowChange, RowState,
    Span, Timestamp, Written, parse_utc,
};

const NOW: Timestamp = Timestamp::from_millis(1_778_547_600_500);

proptest! {
    /// Law 11.
    #[test]
    fn every_effect_repeats_what_it_was_planned_against(
        queue in queues(),
        memory in memories(),
    ) {
        for effect in every_step(&queue, &memory) {
            let id = effect.change.message_id();
            let row = queue.messages.iter().find(|row| row.id == *id);
            let row = row.expect("a row that is there");
            match &effect.change {
                RowChange::Update { before, after, .. } => {
                    prop_assert_eq!(before, &row.state);
                    prop_assert_ne!(before, after, "a change that changes nothing");
                }
                RowChange::Recur { status, recurrence, .. } => {
                    prop_assert_eq!(status, &row.state.status);
                    prop_assert_eq!(Some(recurrence), row.recurrence.as_ref());
                }
            }
        }
    }

    /// Law 12.
    #[test]
    fn a_step_that_was_carried_out_asks_for_nothing_more(
        queue in queues(),
        memory in memories(),
    ) {
        let policy = Policy::default();
        let mut rows = queue;
        rows.apply(&sync(&rows, &memory, None, NOW).effects);
        prop_assert_eq!(sync(&rows, &memory, None, NOW).effects, []);

        let settled = settle(&policy, &rows, &memory, None, NOW);
        carried_out(&mut rows, &settled);
        prop_assert_eq!(settle(&policy, &rows, &memory, None, NOW), Settled::default());

        rows.apply(&poisoned(&policy, &rows, &memory, NOW));
        prop_assert_eq!(poisoned(&policy, &rows, &memory, NOW), []);

        let released = release(&policy, &rows, &memory, NOW);
        carried_out(&mut rows, &released);
        prop_assert_eq!(release(&policy, &rows, &memory, NOW), Settled::default());
        prop_assert!(rows.claims.is_empty(), "every claim is released");

        let (effects, _) = recur(&rows, &memory, &next(&rows), NOW);
        rows.apply(&effects);
        let (again, _) = recur(&rows, &memory, &next(&rows), NOW);
        prop_assert_eq!(again, []);
    }

    /// A charge is one try and a wait that doubles, or the end; and only of what may be charged.
    #[test]
    fn a_charge_is_one_try_or_the_end(queue in queues(), memory in memories()) {
        let policy = Policy::default();
        for effect in release(&policy, &queue, &memory, NOW).effects {
            let RowChange::Update { before, after, .. } = &effect.change else {
                panic!("a release makes no clones");
            };
            prop_assert_eq!(before.status(), "pending");
            let put_off = before.process_after.as_deref().and_then(parse_utc);
            prop_assert!(put_off.is_none_or(|at| at <= NOW), "put off already");
            let tries = before.tries();
            if tries >= 5 {
                prop_assert_eq!((effect.verb, after.status()), (RowVerb::DeadLetter, "failed"));
                continue;
            }
            prop_assert_eq!(effect.verb, RowVerb::Retry);
            prop_assert_eq!(after.tries, Some(tries + 1));
            let wait = Span::from_secs(5 << u32::try_from(tries.max(0)).unwrap());
            let due = NOW.floor_to_second().plus(wait);
            prop_assert_eq!(parse_utc(after.process_after.as_deref().unwrap()), Some(due));
        }
    }

    /// Law 8: which rows are changed, and how, does not hang on the order they are read in.
    #[test]
    fn the_order_of_claims_and_acks_is_irrelevant(queue in queues(), memory in memories()) {
        let mut turned = queue.clone();
        turned.claims.reverse();
        turned.acks.reverse();
        let sorted = |queue: &Queue| {
            let mut all: Vec<String> =
                every_step(queue, &memory).iter().map(|effect| format!("{effect:?}")).collect();
            all.sort();
            all
        };
        prop_assert_eq!(sorted(&turned), sorted(&queue));
    }

    /// Laws 1 to 3 for wakes: not before its time, and the recheck is when it comes.
    #[test]
    fn a_wake_comes_exactly_at_its_recheck(queue in queues(), memory in memories()) {
        let policy = Policy::default();
        let idle = WakeFacts { running: false, had_its_turn: false };
        let at = |now| judge_wake(&policy, &queue, &memory, idle, now);
        let decision = at(NOW);
        match decision.recheck {
            Recheck::OnChange => {
                let much_later = NOW.plus(Span::from_mins(60 * 24 * 365));
                prop_assert_eq!(at(much_later).action, decision.action);
            }
            Recheck::At(then) => {
                prop_assert!(then > NOW);
                prop_assert_ne!(decision.action, WakeAction::Wake);
                let just_before = then.minus(Span::from_millis(1));
                prop_assert_eq!(at(just_before).action, decision.action);
                prop_assert_ne!(at(then).action, decision.action);
            }
        }
    }
}

fn every_step(queue: &Queue, memory: &Memory) -> Vec<RowEffect> {
    let policy = Policy::default();
    let mut all = sync(queue, memory, None, NOW).effects;
    all.extend(settle(&policy, queue, memory, None, NOW).effects);
    all.extend(poisoned(&policy, queue, memory, NOW));
    all.extend(release(&policy, queue, memory, NOW).effects);
    all.extend(recur(queue, memory, &next(queue), NOW).0);
    all
}

fn carried_out(rows: &mut Queue, settled: &Settled) {
    rows.apply(&settled.effects);
    rows.forget(&settled.released);
}

/// Every series runs in an hour.
fn next(queue: &Queue) -> Vec<NextRun> {
    let at = NOW.plus(Span::from_mins(60));
    recurring(queue)
        .map(|(message, _)| NextRun { message_id: message.id.clone(), at: Ok(at) })
        .collect()
}

/// A few messages with everything that may befall them.
fn queues() -> impl Strategy<Value = Queue> {
    let of = |id: &'static str| (message(id), prop::option::of(time()), ack(), any::<bool>());
    (of("a"), of("b"), of("c")).prop_map(|(a, b, c)| {
        let mut queue = Queue::default();
        for (rowid, (message, claim, ack, answered)) in (1..).zip([a, b, c]) {
            let id = message.id.clone();
            queue.messages.push(Message { rowid, ..message });
            if let Some(status_changed) = claim {
                queue.claims.push(Claim { message_id: id.clone(), status_changed });
                if answered {
                    queue.answered.push(id);
                }
            } else if let Some((status, status_changed)) = ack {
                queue.acks.push(Ack { message_id: id, status, status_changed });
            }
        }
        queue
    })
}

fn message(id: &'static str) -> impl Strategy<Value = Message> {
    let statuses = ["pending", "pending", "pending", "completed", "failed", "paused", "odd"];
    let state = (
        prop::option::weighted(0.9, select(statuses.to_vec())),
        prop::option::of(prop_oneof![0..8_i64, Just(i64::MIN)]),
        prop::option::of(time()),
    );
    let trigger = prop::option::of(0..2_i64);
    (state, trigger, any::<bool>(), time()).prop_map(move |(state, trigger, recurs, timestamp)| {
        let (status, tries, process_after) = state;
        Message {
            rowid: 0,
            id: id.into(),
            kind: "task".into(),
            timestamp,
            state: RowState {
                status: status.map(str::to_owned),
                tries,
                process_after: process_after.and_then(|time| time.raw().map(str::to_owned)),
            },
            recurrence: recurs.then(|| "0 9 * * *".to_owned()),
            series_id: None,
            trigger,
        }
    })
}

fn ack() -> impl Strategy<Value = Option<(String, Written)>> {
    let words = select(vec!["completed", "failed", "bounced"]).prop_map(str::to_owned);
    prop::option::of((words, time()))
}

/// Times around now, in every form, and some that are none.
fn time() -> impl Strategy<Value = Written> {
    let near = (-400..400_i64).prop_map(|s| NOW.floor_to_second().plus(Span::from_secs(s)));
    prop_oneof![
        near.clone().prop_map(|at| Written::new(Some(at.to_sqlite()))),
        near.prop_map(|at| Written::new(Some(at.to_string()))),
        select(vec![None, Some("soon"), Some(""), Some("2026-05-12T01:00:00.501Z")])
            .prop_map(|text| Written::new(text.map(str::to_owned))),
    ]
}

fn memories() -> impl Strategy<Value = Memory> {
    let death = (select(vec!["a", "b", "z"]), 0..400_i64).prop_map(|(id, age)| {
        let at = NOW.minus(Span::from_secs(age));
        let claim = ClaimKey { message_id: id.into(), status_changed: Some(at.to_sqlite()) };
        Death { claim, at }
    });
    let wakes = (0..6_u32, prop::option::of(0..400_i64));
    (prop::collection::vec(death, 0..5), wakes, any::<bool>()).prop_map(
        |(deaths, (failures, attempted), paused)| {
            let mut memory = Memory::default();
            memory.deaths = deaths;
            memory.wakes.failures = failures;
            memory.wakes.attempted_at = attempted.map(|age| NOW.minus(Span::from_secs(age)));
            if paused {
                memory.paused.push("a".into());
            }
            memory
        },
    )
}

/// What the strategies make is strange enough to reach every verb.
#[test]
fn every_verb_is_reached() {
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    let mut released: Vec<Released> = Vec::new();
    for _ in 0..500 {
        let queue = queues().new_tree(&mut runner).unwrap().current();
        let memory = memories().new_tree(&mut runner).unwrap().current();
        reached.extend(every_step(&queue, &memory).iter().map(|effect| effect.verb));
        released.extend(release(&Policy::default(), &queue, &memory, NOW).released);
    }
    let all =
        [RowVerb::Sync, RowVerb::Complete, RowVerb::Retry, RowVerb::DeadLetter, RowVerb::Recur];
    assert_eq!(reached, BTreeSet::from(all));
    assert!(!released.is_empty());
}
