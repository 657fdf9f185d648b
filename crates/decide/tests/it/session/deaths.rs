//! Agents that die on a message, and the message that keeps doing it to them.

use sweepd_decide::session::{Exit, died_on, poisoned, unanswered};
use sweepd_decide::{ClaimKey, Death, Memory, Policy, Span};

use super::{NOW, claim, message, queue, secs, told, with};

const CRASH: Exit = Exit { code: Some(137), runtime_restarted: false };

#[test]
fn an_exit_that_is_neither_clean_nor_polite_nor_unknown_is_a_death_of_each_open_claim() {
    let mut rows = queue(vec![message("a"), message("b")]);
    rows.claims = vec![claim("a", secs(-9)), claim("b", secs(-9))];
    rows.answered = vec!["b".into()];
    let deaths = died_on(&unanswered(&rows), &Memory::default(), CRASH, NOW);
    assert_eq!(deaths, [Death { claim: ClaimKey::of(&rows.claims[0]), at: NOW }]);
    for code in [None, Some(0), Some(143)] {
        let exit = Exit { code, ..CRASH };
        assert!(died_on(&unanswered(&rows), &Memory::default(), exit, NOW).is_empty(), "{code:?}");
    }
    let restarted = Exit { runtime_restarted: true, ..CRASH };
    assert!(died_on(&unanswered(&rows), &Memory::default(), restarted, NOW).is_empty());
}

#[test]
fn one_claim_counts_once_however_often_its_end_is_seen() {
    let mut rows = queue(vec![message("a")]);
    rows.claims = vec![claim("a", secs(-9))];
    let mut memory = Memory::default();
    memory.deaths = died_on(&unanswered(&rows), &memory, CRASH, NOW);
    assert!(died_on(&unanswered(&rows), &memory, CRASH, secs(9)).is_empty());
    rows.claims = vec![claim("a", secs(5))];
    assert_eq!(died_on(&unanswered(&rows), &memory, CRASH, secs(9)).len(), 1);
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
