//! Whoever was given nothing by its service is not charged for it.

use sweepd_decide::session::{Queue, put_off_held, release};
use sweepd_decide::silent::{KeptLine, LogLine, Sign};
use sweepd_decide::{
    Claim, ClaimKey, Memory, Message, MessageId, Policy, RowChange, RowState, Timestamp, Written,
};

use crate::dice::ms;

fn memory(until: i64) -> Memory {
    let sign = Some(Sign::RateLimit);
    let line = LogLine { at: ms(0), is_result: true, is_internal: false, sign };
    let mut memory = Memory::default();
    let excerpt = String::new();
    memory.hearing.log.push(KeptLine { line, excerpt, until: Some(ms(until)) });
    memory
}

fn queue(status: &str, process_after: Option<&str>) -> Queue {
    let message = Message {
        rowid: 1,
        id: MessageId::new("m"),
        kind: "chat".to_owned(),
        timestamp: Written::from("1970-01-01 00:00:00"),
        state: RowState {
            status: Some(status.to_owned()),
            tries: Some(2),
            process_after: process_after.map(str::to_owned),
        },
        recurrence: None,
        series_id: None,
        trigger: Some(1),
    };
    let status_changed = Written::from("1970-01-01 00:00:00");
    let claim = Claim { message_id: MessageId::new("m"), status_changed };
    Queue { messages: vec![message], claims: vec![claim], ..Queue::default() }
}

/// Tries and due time of a message afterwards.
type Row = (Option<i64>, Option<String>);

/// What becomes of the message, and how many claims were let go.
fn after(policy: &Policy, memory: &Memory, queue: &Queue, now: Timestamp) -> (Option<Row>, usize) {
    let settled = release(policy, queue, memory, now);
    let row = settled.effects.first().map(|effect| match &effect.change {
        RowChange::Update { after, .. } => (after.tries, after.process_after.clone()),
        RowChange::Recur { .. } => unreachable!("it does not recur"),
    });
    (row, settled.released.len())
}

#[test]
fn its_messages_wait_until_there_is_more_and_are_not_charged() {
    let (standard, pending) = (Policy::default(), queue("pending", None));
    let wait = |memory: &Memory, now| after(&standard, memory, &pending, ms(now));
    let put_off = |text: &str| (Some((Some(2), Some(text.to_owned()))), 1);
    assert_eq!(wait(&memory(900_000), 5_000), put_off("1970-01-01 00:15:00"));
    assert_eq!(wait(&memory(900_001), 5_000), put_off("1970-01-01 00:15:01"), "never too early");
    assert_eq!(
        wait(&memory(90_000), 5_000),
        put_off("1970-01-01 00:05:05"),
        "five minutes at least"
    );
    let (charged, _) = wait(&memory(90_000), 90_000);
    assert_eq!(charged.unwrap().0, Some(3), "there is more again");
    let (charged, _) = wait(&Memory::default(), 5_000);
    assert_eq!(charged.unwrap().0, Some(3));
}

#[test]
fn what_is_put_off_or_not_pending_stays_as_it_is() {
    let standard = Policy::default();
    for queue in [queue("pending", Some("1970-01-01 01:00:00")), queue("completed", None)] {
        assert_eq!(after(&standard, &memory(90_000), &queue, ms(5_000)), (None, 1));
    }
}

#[test]
fn the_original_s_profile_charges_as_it_did() {
    let (charged, _) =
        after(&Policy::nanoclaw(), &memory(90_000), &queue("pending", None), ms(5_000));
    assert_eq!(charged.unwrap().0, Some(3));
}

#[test]
fn what_a_run_held_that_died_of_it_is_put_off_before_anybody_is_woken() {
    let (held, other) = (vec![key("m")], vec![key("x")]);
    let queue = queue("pending", None);
    let effects = |policy: &Policy, memory: &Memory, held: &[ClaimKey]| {
        put_off_held(policy, &queue, memory, held, ms(5_000)).len()
    };
    let standard = Policy::default();
    assert_eq!(effects(&standard, &memory(900_000), &held), 1);
    assert_eq!(effects(&standard, &memory(900_000), &other), 0);
    assert_eq!(effects(&standard, &Memory::default(), &held), 0);
    assert_eq!(effects(&Policy::nanoclaw(), &memory(900_000), &held), 0);
}

fn key(id: &str) -> ClaimKey {
    ClaimKey { message_id: MessageId::new(id), status_changed: None }
}
