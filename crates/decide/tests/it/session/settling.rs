//! Steps 2 and 5: the claims of the dead, after a stop and without one.

use sweepd_decide::session::{charges, release, settle, settle_beside};
use sweepd_decide::{
    ClaimKey, Memory, Observed, Policy, Released, Run, RunId, Snapshot, Span, Stop, Tool, Written,
    stuck,
};

use super::{NOW, claim, message, queue, secs, told, with};

#[test]
fn beside_another_run_only_what_the_stop_had_named_is_settled() {
    let mut rows = queue(["old", "young", "answered"].map(message).to_vec());
    rows.claims =
        vec![claim("old", secs(-90)), claim("young", secs(-5)), claim("answered", secs(-90))];
    rows.answered = vec!["answered".into()];
    let stop = ended_stop(vec![ClaimKey::of(&rows.claims[0]), ClaimKey::of(&rows.claims[2])]);
    let settled = settle_beside(&Policy::default(), &rows, &stop, NOW);
    assert_eq!(
        told(&settled.effects),
        ["retry old pending 1 2026-05-12 01:00:05", "complete answered completed 0 -"]
    );
    let released: Vec<&str> =
        settled.released.iter().map(|released| released.claim.message_id.as_str()).collect();
    assert_eq!(released, ["old", "answered"]);
    // Claimed again since, by whoever runs: another claim.
    rows.claims = vec![claim("old", secs(-3))];
    assert!(settle_beside(&Policy::default(), &rows, &stop, NOW).released.is_empty());
}

#[test]
fn an_orphan_is_charged_by_its_tries_and_given_up_at_the_limit() {
    let ladder: Vec<String> = (0..=5)
        .flat_map(|tries| {
            let mut rows = queue(vec![with("m", |m| m.state.tries = Some(tries))]);
            rows.claims = vec![claim("m", secs(-300))];
            told(&release(&Policy::default(), &rows, &Memory::default(), NOW).effects)
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
        let settled = release(&Policy::default(), &rows, &Memory::default(), NOW);
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
    let stop = ended_stop(vec![ClaimKey::of(&rows.claims[0]), ClaimKey::of(&rows.claims[2])]);
    let settled = settle(&Policy::default(), &rows, &Memory::default(), Some(&stop), NOW);
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
fn claims_that_were_dealt_with_are_left_out_of_a_queue() {
    let mut rows = queue(vec![message("m"), message("n")]);
    rows.claims = vec![claim("m", secs(-90)), claim("m", secs(-5)), claim("n", secs(-90))];
    let released = Released { claim: ClaimKey::of(&rows.claims[0]), run: None, at: NOW };
    rows.forget(&[released]);
    assert_eq!(rows.claims, [claim("m", secs(-5)), claim("n", secs(-90))]);
}

/// A stop of ours for a silent claim, over, that charges these.
fn ended_stop(charges: Vec<ClaimKey>) -> Stop {
    Stop {
        run: RunId::new("r"),
        overdue: Some(stuck::Overdue {
            rule: stuck::Rule::Claim,
            idle: false,
            held_by: None,
            looks: 2,
            message_id: Some("old".into()),
            since: secs(-90),
            limit: Span::from_secs(60),
            budget_end: None,
            overdue_at: secs(-29),
        }),
        charges,
        decided_at: NOW,
        ended_at: Some(NOW),
        failures: 0,
        attempted_at: NOW,
    }
}
