//! Step 1: acks become the status of their messages.

use sweepd_decide::session::{AT_ONCE, sync};
use sweepd_decide::{FindingKind, Memory};

use super::{NOW, ack, message, queue, secs, told, with};

#[test]
fn completed_wins_over_everything_and_failed_over_everything_but_completed() {
    let statuses = ["pending", "failed", "paused", "processing", "completed"];
    let rows = |word: &str| {
        let mut rows = queue(
            statuses.iter().map(|s| with(s, |m| m.state.status = Some((*s).into()))).collect(),
        );
        rows.acks = statuses.iter().map(|s| ack(s, word, secs(-5))).collect();
        rows
    };
    assert_eq!(
        told(&sync(&rows("completed"), &Memory::default(), None, NOW).effects),
        [
            "sync pending completed 0 -",
            "sync failed completed 0 -",
            "sync paused completed 0 -",
            "sync processing completed 0 -"
        ]
    );
    assert_eq!(
        told(&sync(&rows("failed"), &Memory::default(), None, NOW).effects),
        ["sync pending failed 0 -", "sync paused failed 0 -", "sync processing failed 0 -"]
    );
    assert!(sync(&rows("completed"), &Memory::default(), None, NOW).findings.is_empty());
    assert!(sync(&rows("bounced"), &Memory::default(), None, NOW).effects.is_empty());
}

#[test]
fn a_null_status_counts_as_pending_and_acks_of_strangers_are_nothing() {
    let mut rows = queue(vec![with("m", |m| m.state.status = None)]);
    rows.acks = vec![ack("m", "completed", secs(-5)), ack("ghost", "completed", secs(-5))];
    assert_eq!(told(&sync(&rows, &Memory::default(), None, NOW).effects), ["sync m completed 0 -"]);
}

#[test]
fn a_paused_message_that_ends_is_remembered() {
    let mut rows = queue(vec![with("m", |m| m.state.status = Some("paused".into()))]);
    rows.acks = vec![ack("m", "completed", secs(-5))];
    assert_eq!(sync(&rows, &Memory::default(), None, NOW).paused, ["m".into()]);
    rows.messages = vec![message("m")];
    assert!(sync(&rows, &Memory::default(), None, NOW).paused.is_empty());
}

#[test]
fn a_failure_is_news_for_two_hours_and_not_over_a_completion() {
    let news = |status: &str, age: i64| {
        let mut rows = queue(vec![with("m", |m| m.state.status = Some(status.into()))]);
        rows.acks = vec![ack("m", "failed", secs(-age))];
        sync(&rows, &Memory::default(), None, NOW).findings
    };
    let found = news("pending", 7199);
    assert_eq!((found[0].kind, found[0].since), (FindingKind::MessageFailed, secs(-7199)));
    assert_eq!(news("failed", 10).len(), 1);
    assert!(news("pending", 7200).is_empty());
    assert!(news("completed", 10).is_empty());
}

#[test]
fn a_failure_is_no_news_once_a_later_message_has_completed() {
    let told = |acks: Vec<sweepd_decide::Ack>, last: Option<i64>| {
        let mut rows = queue(vec![message("m"), message("n")]);
        rows.acks = acks;
        let synced = sync(&rows, &Memory::default(), last.map(secs), NOW);
        let failed = synced.findings.iter().filter(|f| f.kind == FindingKind::MessageFailed);
        (failed.count(), synced.succeeded_at)
    };
    let failed = |age: i64| ack("m", "failed", secs(-age));
    // Later, by an ack that is here or by one of a message that is finished and not here.
    assert_eq!(told(vec![failed(10), ack("n", "completed", secs(-9))], None), (0, Some(secs(-9))));
    assert_eq!(told(vec![failed(10)], Some(-9)), (0, Some(secs(-9))));
    // At the same second, or before it, or not a success.
    assert_eq!(told(vec![failed(10), ack("n", "completed", secs(-10))], None).0, 1);
    assert_eq!(told(vec![failed(10), ack("n", "completed", secs(-11))], None).0, 1);
    assert_eq!(told(vec![failed(10), ack("n", "failed", secs(-9))], Some(-9)), (2, None));
    assert_eq!(told(vec![failed(10), ack("n", "bounced", secs(-9))], None), (1, None));
    assert_eq!(told(vec![], Some(-9)), (0, Some(secs(-9))));
    // A later failure hides the success from the acks, not from the memory.
    let mut rows = queue(vec![message("m"), message("n")]);
    rows.acks = vec![failed(10), ack("n", "failed", secs(-8))];
    let mut memory = Memory::default();
    memory.succeeded_at = Some(secs(-9));
    let synced = sync(&rows, &memory, Some(secs(-8)), NOW);
    assert_eq!(synced.succeeded_at, memory.succeeded_at);
    let failed: Vec<_> = synced.findings.iter().map(|found| found.since).collect();
    assert_eq!(failed, [secs(-8)]);
}

#[test]
fn an_unknown_status_is_told_where_it_hides_a_pending_message() {
    let hidden = |status: &str| {
        let mut rows = queue(vec![with("m", |m| m.state.status = Some(status.into()))]);
        rows.acks = vec![ack("m", "bounced", secs(-5))];
        sync(&rows, &Memory::default(), None, NOW).findings
    };
    let found = hidden("pending");
    assert_eq!(found[0].kind, FindingKind::ShadowedMessage);
    assert_eq!(found[0].detail.as_deref(), Some("bounced"));
    assert!(hidden("paused").is_empty());
}

#[test]
fn so_many_acks_are_carried_over_at_once_and_the_others_by_the_next_turn() {
    let ids: Vec<String> = (0..=AT_ONCE).map(|n| format!("m{n}")).collect();
    let mut rows =
        queue(ids.iter().map(|id| with(id, |m| m.state.status = Some("paused".into()))).collect());
    rows.acks = ids.iter().map(|id| ack(id, "completed", secs(-5))).collect();
    let first = sync(&rows, &Memory::default(), None, NOW);
    assert_eq!((first.effects.len(), first.paused.len()), (AT_ONCE, AT_ONCE));
    rows.apply(&first.effects);
    let second = sync(&rows, &Memory::default(), None, NOW);
    assert_eq!(told(&second.effects), ["sync m500 completed 0 -"]);
}
