//! Agents that die on a message, and the message that keeps doing it to them.

use sweepd_decide::session::{died_on, held_at_end, poisoned};
use sweepd_decide::{ClaimKey, Death, Ended, Memory, Policy, Run, RunId, Span, Timestamp};

use super::{NOW, ack, claim, message, queue, secs, told, with};

/// A run that was up for a minute and was killed a second ago, before somebody's eyes.
fn killed() -> Ended {
    let started_at = Some(secs(-61));
    Ended {
        run: Run { id: RunId::new("r"), started_at },
        code: Some(137),
        at: secs(-1),
        by_us: false,
        witnessed: true,
        oom_killed: false,
        rebooted: false,
    }
}

fn key(id: &str, at: Timestamp) -> ClaimKey {
    ClaimKey::of(&claim(id, at))
}

#[test]
fn a_run_held_the_claims_of_its_time_that_nobody_has_answered() {
    let mut rows = queue(["a", "b", "old", "heirs", "unreadable"].map(message).to_vec());
    rows.claims = vec![
        claim("a", secs(-9)),
        claim("b", secs(-9)),
        claim("old", secs(-64)),
        claim("heirs", secs(0)),
    ];
    rows.claims.push(sweepd_decide::Claim {
        message_id: "unreadable".into(),
        status_changed: sweepd_decide::Written::new(Some("soon".into())),
    });
    rows.answered = vec!["b".into()];
    let ids = |rows: &sweepd_decide::session::Queue,
               earlier: &[ClaimKey],
               ended: &Ended|
     -> Vec<String> {
        let held = held_at_end(rows, earlier, ended);
        held.iter().map(|key| key.message_id.to_string()).collect()
    };
    assert_eq!(ids(&rows, &[], &killed()), ["a", "unreadable"]);
    // On the edges: a text may be a second older than the start, and means its whole second.
    for (at, held) in [(-63, false), (-62, true), (-1, true), (0, false)] {
        rows.claims = vec![claim("a", secs(at))];
        assert_eq!(ids(&rows, &[], &killed()).len(), usize::from(held), "{at}");
    }
    // Without a start nothing is too old.
    let unknown = Ended { run: Run { started_at: None, ..killed().run }, ..killed() };
    rows.claims = vec![claim("a", secs(-999))];
    assert_eq!(ids(&rows, &[], &unknown), ["a"]);
}

#[test]
fn what_an_heir_has_cleared_was_held_unless_it_was_acked_or_is_not_pending() {
    let mut rows = queue(vec![message("a"), message("acked"), message("over")]);
    rows.messages[2].state.status = Some("completed".into());
    rows.acks = vec![ack("acked", "completed", secs(-3))];
    let earlier = ["a", "acked", "over", "gone"].map(|id| key(id, secs(-9)));
    let held = held_at_end(&rows, &earlier, &killed());
    assert_eq!(held, [key("a", secs(-9))]);
    // Claimed again by the heir: its own claim is not the dead one's.
    rows.claims = vec![claim("a", secs(0))];
    assert_eq!(held_at_end(&rows, &earlier, &killed()), [key("a", secs(-9))]);
}

#[test]
fn an_exit_that_is_neither_clean_nor_polite_nor_unknown_is_a_death_of_each_claim_held() {
    let held = [key("a", secs(-9)), key("b", secs(-9))];
    let deaths = |ended: &Ended| died_on(&held, &Memory::default(), ended, NOW);
    let both = held.clone().map(|claim| Death { claim, at: NOW });
    assert_eq!(deaths(&killed()), both);
    for code in [None, Some(0), Some(143)] {
        assert!(deaths(&Ended { code, ..killed() }).is_empty(), "{code:?}");
    }
    for code in [1, 2, 134, 137, 139, 255] {
        assert_eq!(deaths(&Ended { code: Some(code), ..killed() }).len(), 2, "{code}");
        let rebooted = Ended { code: Some(code), rebooted: true, ..killed() };
        assert!(deaths(&rebooted).is_empty(), "{code}");
    }
}

#[test]
fn an_exit_that_a_restarted_runtime_may_have_caused_is_no_death() {
    let held = [key("a", secs(-9))];
    let deaths = |code: i64, oom_killed: bool| {
        let unseen = Ended { code: Some(code), witnessed: false, oom_killed, ..killed() };
        died_on(&held, &Memory::default(), &unseen, NOW).len()
    };
    assert_eq!([deaths(137, false), deaths(255, false)], [0, 0]);
    assert_eq!([deaths(1, false), deaths(139, false), deaths(137, true)], [1, 1, 1]);
}

#[test]
fn one_claim_counts_once_however_often_its_end_is_seen() {
    let mut memory = Memory::default();
    let held = [key("a", secs(-9))];
    memory.deaths = died_on(&held, &memory, &killed(), NOW);
    assert!(died_on(&held, &memory, &killed(), secs(9)).is_empty());
    assert_eq!(died_on(&[key("a", secs(5))], &memory, &killed(), secs(9)).len(), 1);
}

fn deaths_of(id: &str, ages: &[i64]) -> Memory {
    let mut memory = Memory::default();
    memory.deaths = ages
        .iter()
        .map(|age| Death { claim: ClaimKey::of(&claim(id, secs(-age))), at: secs(-age) })
        .collect();
    memory
}

#[test]
fn the_third_death_within_72_hours_gives_the_message_up() {
    let rows = queue(vec![message("m"), message("n")]);
    let hours = |h: i64| h * 3600;
    let judged =
        |ages: &[i64]| told(&poisoned(&Policy::default(), &rows, &deaths_of("m", ages), NOW));
    assert_eq!(judged(&[hours(71), hours(1), 5]), ["dead-letter m failed 0 -"]);
    assert!(judged(&[hours(72), hours(1), 5]).is_empty());
    assert!(judged(&[hours(1), 5]).is_empty());
    let memory = deaths_of("m", &[9, 7, 5]);
    assert!(poisoned(&Policy::nanoclaw(), &rows, &memory, NOW).is_empty());
    let failed = queue(vec![with("m", |m| m.state.status = Some("failed".into()))]);
    assert!(poisoned(&Policy::default(), &failed, &memory, NOW).is_empty());
}

#[test]
fn deaths_of_several_messages_are_not_added_up() {
    let rows = queue(vec![message("m"), message("n")]);
    let mut memory = deaths_of("m", &[9, 7]);
    memory.deaths.extend(deaths_of("n", &[5]).deaths);
    assert!(poisoned(&Policy::default(), &rows, &memory, NOW).is_empty());
    let mut strict = Policy::default();
    strict.poison.deaths = 2;
    assert_eq!(told(&poisoned(&strict, &rows, &memory, NOW)), ["dead-letter m failed 0 -"]);
    strict.poison.window = Span::from_secs(8);
    assert!(poisoned(&strict, &rows, &memory, NOW).is_empty());
}

#[test]
fn a_death_is_forgotten_on_the_very_millisecond() {
    let rows = queue(vec![message("m")]);
    let mut memory = deaths_of("m", &[9, 7, 5]);
    memory.deaths[0].at = NOW.minus(Policy::default().poison.window);
    assert!(poisoned(&Policy::default(), &rows, &memory, NOW).is_empty());
    memory.deaths[0].at = memory.deaths[0].at.plus(Span::from_millis(1));
    assert_eq!(poisoned(&Policy::default(), &rows, &memory, NOW).len(), 1);
}
