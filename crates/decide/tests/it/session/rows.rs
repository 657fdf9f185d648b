//! Steps 1, 2, 5 and 6: acks, the dead, orphans, series.

use sweepd_decide::session::{
    NextRun, Queue, charges, due, is_due, malformed, recur, recurring, release, settle, sync,
};
use sweepd_decide::{
    ClaimKey, FindingKind, Memory, Observed, Policy, RowChange, Run, RunId, Snapshot, Span, Stop,
    Tool, Written, stuck,
};

use super::{NOW, ack, claim, message, queue, secs, told, with};

fn none() -> Memory {
    Memory::default()
}

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
        told(&sync(&rows("completed"), NOW).effects),
        [
            "sync pending completed 0 -",
            "sync failed completed 0 -",
            "sync paused completed 0 -",
            "sync processing completed 0 -"
        ]
    );
    assert_eq!(
        told(&sync(&rows("failed"), NOW).effects),
        ["sync pending failed 0 -", "sync paused failed 0 -", "sync processing failed 0 -"]
    );
    assert!(sync(&rows("completed"), NOW).findings.is_empty());
    assert!(sync(&rows("bounced"), NOW).effects.is_empty());
}

#[test]
fn a_null_status_counts_as_pending_and_acks_of_strangers_are_nothing() {
    let mut rows = queue(vec![with("m", |m| m.state.status = None)]);
    rows.acks = vec![ack("m", "completed", secs(-5)), ack("ghost", "completed", secs(-5))];
    assert_eq!(told(&sync(&rows, NOW).effects), ["sync m completed 0 -"]);
}

#[test]
fn a_paused_message_that_ends_is_remembered() {
    let mut rows = queue(vec![with("m", |m| m.state.status = Some("paused".into()))]);
    rows.acks = vec![ack("m", "completed", secs(-5))];
    assert_eq!(sync(&rows, NOW).paused, ["m".into()]);
    rows.messages = vec![message("m")];
    assert!(sync(&rows, NOW).paused.is_empty());
}

#[test]
fn a_failure_is_news_for_two_hours_and_not_over_a_completion() {
    let news = |status: &str, age: i64| {
        let mut rows = queue(vec![with("m", |m| m.state.status = Some(status.into()))]);
        rows.acks = vec![ack("m", "failed", secs(-age))];
        sync(&rows, NOW).findings
    };
    let found = news("pending", 7199);
    assert_eq!((found[0].kind, found[0].since), (FindingKind::MessageFailed, secs(-7199)));
    assert_eq!(news("failed", 10).len(), 1);
    assert!(news("pending", 7200).is_empty());
    assert!(news("completed", 10).is_empty());
}

#[test]
fn an_unknown_status_is_told_where_it_hides_a_pending_message() {
    let hidden = |status: &str| {
        let mut rows = queue(vec![with("m", |m| m.state.status = Some(status.into()))]);
        rows.acks = vec![ack("m", "bounced", secs(-5))];
        sync(&rows, NOW).findings
    };
    let found = hidden("pending");
    assert_eq!(found[0].kind, FindingKind::ShadowedMessage);
    assert_eq!(found[0].detail.as_deref(), Some("bounced"));
    assert!(hidden("paused").is_empty());
}

#[test]
fn an_orphan_is_charged_by_its_tries_and_given_up_at_the_limit() {
    let ladder: Vec<String> = (0..=5)
        .flat_map(|tries| {
            let mut rows = queue(vec![with("m", |m| m.state.tries = Some(tries))]);
            rows.claims = vec![claim("m", secs(-300))];
            told(&release(&Policy::default(), &rows, &none(), NOW).effects)
        })
        .collect();
    assert_eq!(
        ladder,
        [
            "retry m pending 1 2026-05-12 01:00:05",
            "retry m pending 2 2026-05-12 01:00:10",
            "retry m pending 3 2026-05-12 01:00:20",
            "retry m pending 4 2026-05-12 01:00:40",
            "retry m pending 5 2026-05-12 01:01:20",
            "dead-letter m failed 5 -"
        ]
    );
}

#[test]
fn a_message_put_off_or_not_pending_is_not_charged_but_its_claim_is_released() {
    let released = |change: &dyn Fn(&mut sweepd_decide::Message)| {
        let mut rows = queue(vec![with("m", |m| change(m))]);
        rows.claims = vec![claim("m", secs(-300))];
        let settled = release(&Policy::default(), &rows, &none(), NOW);
        assert_eq!(settled.released.len(), 1);
        told(&settled.effects)
    };
    let at = |text: &'static str| {
        move |m: &mut sweepd_decide::Message| m.state.process_after = Some(text.into())
    };
    assert!(released(&at("2026-05-12T01:00:00.501Z")).is_empty());
    let now = released(&at("2026-05-12T01:00:00.500Z"));
    assert_eq!(now, ["retry m pending 1 2026-05-12 01:00:05"]);
    let garbage = released(&at("garbage"));
    assert_eq!(garbage, ["retry m pending 1 2026-05-12 01:00:05"]);
    assert!(released(&|m| m.state.status = Some("paused".into())).is_empty());
    let nulls = released(&|m| {
        m.state.status = None;
        m.state.tries = None;
    });
    assert_eq!(nulls, ["retry m NULL 1 2026-05-12 01:00:05"]);
}

#[test]
fn after_our_stop_only_the_named_claims_are_charged_and_all_are_released() {
    let mut rows = queue(vec![message("old"), message("young"), message("answered")]);
    rows.claims =
        vec![claim("old", secs(-90)), claim("young", secs(-5)), claim("answered", secs(-90))];
    rows.answered = vec!["answered".into()];
    let stop = Stop {
        run: RunId::new("r"),
        overdue: stuck::Overdue {
            rule: stuck::Rule::Claim,
            idle: false,
            held_by: None,
            looks: 2,
            message_id: Some("old".into()),
            since: secs(-90),
            limit: Span::from_secs(60),
            budget_end: None,
            overdue_at: secs(-29),
        },
        charges: vec![ClaimKey::of(&rows.claims[0]), ClaimKey::of(&rows.claims[2])],
        decided_at: NOW,
        ended_at: Some(NOW),
        failures: 0,
        attempted_at: NOW,
    };
    let settled = settle(&Policy::default(), &rows, &none(), Some(&stop), NOW);
    assert_eq!(
        told(&settled.effects),
        ["retry old pending 1 2026-05-12 01:00:05", "complete answered completed 0 -"]
    );
    let runs: Vec<_> = settled.released.iter().map(|released| released.run.clone()).collect();
    assert_eq!(runs, [Some(RunId::new("r")), Some(RunId::new("r")), Some(RunId::new("r"))]);
}

#[test]
fn after_another_death_only_the_answered_are_settled() {
    let mut rows = queue(vec![message("m"), message("done")]);
    rows.claims = vec![claim("m", secs(-90)), claim("done", secs(-90))];
    rows.answered = vec!["done".into()];
    let mut memory = Memory::default();
    memory.run = Some(Run { id: RunId::new("gone"), started_at: None });
    let settled = settle(&Policy::default(), &rows, &memory, None, NOW);
    assert_eq!(told(&settled.effects), ["complete done completed 0 -"]);
    assert_eq!(settled.released.len(), 1);
    assert_eq!(settled.released[0].run, Some(RunId::new("gone")));
    rows.messages[1].state.status = Some("completed".into());
    assert!(settle(&Policy::default(), &rows, &memory, None, NOW).effects.is_empty());
}

#[test]
fn a_stop_charges_the_claims_strictly_older_than_the_limit_in_force() {
    let mut seen = Snapshot::unknown();
    let unreadable = sweepd_decide::Claim {
        message_id: "unreadable".into(),
        status_changed: Written::new(Some("garbage".into())),
    };
    let claims =
        vec![claim("a", secs(-60)), claim("b", secs(-61)), unreadable, claim("c", secs(9))];
    seen.claims = Observed::Known(claims);
    seen.tool = Observed::Absent;
    seen.start = Observed::Known(secs(-500));
    let named = |policy: &Policy, seen: &Snapshot, now| {
        let charged = charges(policy, seen, now);
        charged.into_iter().map(|key| key.message_id.to_string()).collect::<Vec<_>>()
    };
    for policy in [Policy::default(), Policy::nanoclaw()] {
        assert_eq!(named(&policy, &seen, NOW), ["a", "b"]);
        assert_eq!(named(&policy, &seen, NOW.floor_to_second()), ["b"]);
    }
    let tool = |name: &str, ms: i64| {
        let started_at = super::written(secs(-70));
        Observed::Known(Tool { name: Some(name.into()), declared_ms: Some(ms), started_at })
    };
    seen.tool = tool("Bash", 60_700);
    assert_eq!(named(&Policy::nanoclaw(), &seen, NOW), ["b"]);
    assert_eq!(named(&Policy::default(), &seen, NOW), ["b"]);
    seen.tool = tool("Task", 120_000);
    assert_eq!(named(&Policy::nanoclaw(), &seen, NOW), ["a", "b"]);
    assert!(named(&Policy::default(), &seen, NOW).is_empty());
    seen.tool = tool("Task", -1);
    assert_eq!(named(&Policy::default(), &seen, NOW), ["a", "b"]);
    let mut capped = Policy::default();
    capped.declared_cap = Span::from_millis(60_700);
    seen.tool = tool("Task", i64::MAX);
    assert_eq!(named(&capped, &seen, NOW), ["b"]);
    seen.start = Observed::Known(secs(-60));
    assert_eq!(named(&Policy::default(), &seen, NOW), ["a", "b"], "a predecessor's tool row");
}

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
    let (effects, findings) = recur(&rows, &none(), &runs, NOW);
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
fn a_schedule_that_never_runs_is_told_and_its_row_left_alone() {
    let rows = queue(vec![series("m", "completed")]);
    let (effects, findings) = recur(&rows, &none(), &[next("m", Err("4 fields"))], NOW);
    assert!(effects.is_empty());
    assert_eq!(findings[0].kind, FindingKind::BadSchedule);
    assert_eq!(findings[0].detail.as_deref(), Some("4 fields"));
    let (effects, findings) = recur(&rows, &none(), &[], NOW);
    assert!(effects.is_empty() && findings.is_empty());
}

#[test]
fn a_clones_id_has_the_hosts_form_and_is_the_same_for_the_same_plan() {
    let id = |id: &str, kind: &str, at: i64| {
        let mut row = series(id, "completed");
        row.kind = kind.into();
        let (effects, _) = recur(&queue(vec![row]), &none(), &[next(id, Ok(at))], NOW);
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
    let effects = release(&Policy::default(), &rows, &none(), NOW).effects;
    rows.apply(&effects);
    assert_eq!(rows.messages[1].state.tries, Some(1));
    assert_eq!(rows.messages[0].recurrence.as_deref(), Some("0 9 * * *"));
    let (effects, _) = recur(&rows, &none(), &[next("m", Ok(60))], NOW);
    rows.apply(&effects);
    assert_eq!(rows.messages[0].recurrence, None);
    assert!(recurring(&rows).next().is_none(), "settled means settled");
    assert!(rows.message(&"ghost".into()).is_none());
}
