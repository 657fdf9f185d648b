//! Steps 3 and 6: what is due, and the series.

use sweepd_decide::session::{
    AT_ONCE, NextRun, Queue, due, is_due, malformed, recur, recurring, release,
};
use sweepd_decide::{FindingKind, Memory, Policy, RowChange};

use super::{NOW, claim, message, queue, secs, told, with};

#[test]
fn due_is_pending_triggering_and_not_put_off() {
    let one = |change: &dyn Fn(&mut sweepd_decide::Message)| {
        is_due(&queue(vec![with("m", |m| change(m))]), NOW)
    };
    assert!(one(&|_| ()));
    assert!(one(&|m| m.state.status = None));
    assert!(one(&|m| m.trigger = None));
    assert!(one(&|m| m.state.process_after = Some("2026-05-12T01:00:00.500Z".into())));
    assert!(one(&|m| m.timestamp = super::written(secs(500))));
    assert!(!one(&|m| m.state.process_after = Some("2026-05-12T01:00:00.501Z".into())));
    assert!(!one(&|m| m.state.process_after = Some("garbage".into())));
    assert!(!one(&|m| m.trigger = Some(0)));
    assert!(!one(&|m| m.trigger = Some(2)));
    assert!(!one(&|m| m.state.status = Some("paused".into())));
}

#[test]
fn a_due_instant_is_the_later_of_writing_and_putting_off() {
    let at = |change: &dyn Fn(&mut sweepd_decide::Message)| {
        due(&queue(vec![with("m", |m| change(m))])).first().map(|due| due.at)
    };
    assert_eq!(at(&|_| ()), Some(secs(-60)));
    assert_eq!(at(&|m| m.state.process_after = Some(secs(-90).to_string())), Some(secs(-60)));
    assert_eq!(at(&|m| m.state.process_after = Some(secs(90).to_string())), Some(secs(90)));
    assert_eq!(at(&|m| m.state.process_after = Some("garbage".into())), None);
    assert_eq!(at(&|m| m.trigger = Some(0)), None);
    let unreadable = at(&|m| {
        m.timestamp = "?".into();
        m.state.process_after = Some(secs(5).to_string());
    });
    assert_eq!(unreadable, Some(secs(5)));
    assert_eq!(at(&|m| m.timestamp = "?".into()), Some(sweepd_decide::Timestamp::MIN));
}

#[test]
fn a_process_after_that_cannot_be_read_is_told_while_the_row_is_pending() {
    let mut rows = queue(vec![with("m", |m| m.state.process_after = Some("soon".into()))]);
    let found = malformed(&rows, NOW);
    assert_eq!(found[0].kind, FindingKind::MalformedRow);
    assert_eq!(found[0].detail.as_deref(), Some("soon"));
    rows.messages[0].state.status = Some("completed".into());
    assert!(malformed(&rows, NOW).is_empty());
    assert!(malformed(&queue(vec![message("m")]), NOW).is_empty());
}

fn series(id: &str, status: &str) -> sweepd_decide::Message {
    with(id, |m| {
        m.state.status = Some(status.into());
        m.recurrence = Some("0 9 * * *".into());
        m.series_id = Some("series-7".into());
    })
}

fn next(id: &str, at: Result<i64, &str>) -> NextRun {
    NextRun { message_id: id.into(), at: at.map(secs).map_err(Into::into) }
}

#[test]
fn a_series_goes_on_after_a_good_end_and_a_bad_one() {
    let rows = queue(vec![
        series("done", "completed"),
        series("lost", "failed"),
        series("open", "pending"),
        series("held", "paused"),
    ]);
    let ended: Vec<_> = recurring(&rows).map(|(message, _)| message.id.to_string()).collect();
    assert_eq!(ended, ["done", "lost"]);
    let runs = [next("done", Ok(60)), next("lost", Ok(120))];
    let (effects, findings) = recur(&rows, &Memory::default(), &runs, NOW);
    assert_eq!(
        told(&effects),
        [
            "recur done pending series-7 2026-05-12T01:01:00.000Z",
            "recur lost pending series-7 2026-05-12T01:02:00.000Z"
        ]
    );
    assert!(findings.is_empty());
}

#[test]
fn the_clone_of_a_paused_task_stays_paused_and_a_missing_series_is_its_own() {
    let mut own = series("m", "completed");
    own.series_id = None;
    let mut memory = Memory::default();
    memory.paused = vec!["m".into()];
    let (effects, _) = recur(&queue(vec![own]), &memory, &[next("m", Ok(60))], NOW);
    assert_eq!(told(&effects), ["recur m paused m 2026-05-12T01:01:00.000Z"]);
}

#[test]
fn so_many_series_are_carried_on_at_once_and_the_others_by_the_next_turn() {
    let ids: Vec<String> = (0..=AT_ONCE).map(|n| format!("m{n}")).collect();
    let mut rows = queue(ids.iter().map(|id| series(id, "completed")).collect());
    let runs: Vec<NextRun> = ids.iter().map(|id| next(id, Ok(60))).collect();
    let (effects, _) = recur(&rows, &Memory::default(), &runs, NOW);
    assert_eq!(effects.len(), AT_ONCE);
    rows.apply(&effects);
    let (effects, _) = recur(&rows, &Memory::default(), &runs, NOW);
    assert_eq!(effects.len(), 1);
}

#[test]
fn a_schedule_that_never_runs_is_told_and_its_row_left_alone() {
    let rows = queue(vec![series("m", "completed")]);
    let (effects, findings) = recur(&rows, &Memory::default(), &[next("m", Err("4 fields"))], NOW);
    assert!(effects.is_empty());
    assert_eq!(findings[0].kind, FindingKind::BadSchedule);
    assert_eq!(findings[0].detail.as_deref(), Some("4 fields"));
    let (effects, findings) = recur(&rows, &Memory::default(), &[], NOW);
    assert!(effects.is_empty() && findings.is_empty());
}

#[test]
fn a_clones_id_has_the_hosts_form_and_is_the_same_for_the_same_plan() {
    let id = |id: &str, kind: &str, at: i64| {
        let mut row = series(id, "completed");
        row.kind = kind.into();
        let (effects, _) = recur(&queue(vec![row]), &Memory::default(), &[next(id, Ok(at))], NOW);
        match &effects[0].change {
            RowChange::Recur { clone_id, timestamp, .. } => {
                assert_eq!(timestamp, "2026-05-12 01:00:00");
                clone_id.to_string()
            }
            RowChange::Update { .. } => unreachable!("a recurrence"),
        }
    };
    let one = id("m", "task", 60);
    let (prefix, rest) = one.split_once('-').unwrap();
    let (millis, tail) = rest.split_once('-').unwrap();
    assert_eq!((prefix, millis), ("task", "1778547600500"));
    assert!(tail.len() == 6 && tail.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    assert_eq!(one, id("m", "task", 60));
    assert_ne!(one, id("m", "task", 61));
    assert_ne!(one, id("n", "task", 60));
    assert!(id("m", "chat", 60).starts_with("msg-"));
    let tails: std::collections::BTreeSet<String> =
        (0..500).map(|at| id("m", "task", at)[19..].to_owned()).collect();
    assert_eq!(tails.len(), 500, "clones of one second must not collide");
}

#[test]
fn a_planned_change_shows_in_the_queue_at_once() {
    let mut rows: Queue = queue(vec![series("m", "completed"), message("n")]);
    rows.claims = vec![claim("n", secs(-300))];
    let effects = release(&Policy::default(), &rows, &Memory::default(), NOW).effects;
    rows.apply(&effects);
    assert_eq!(rows.messages[1].state.tries, Some(1));
    assert_eq!(rows.messages[0].recurrence.as_deref(), Some("0 9 * * *"));
    let (effects, _) = recur(&rows, &Memory::default(), &[next("m", Ok(60))], NOW);
    rows.apply(&effects);
    assert_eq!(rows.messages[0].recurrence, None);
    assert!(recurring(&rows).next().is_none(), "settled means settled");
}
