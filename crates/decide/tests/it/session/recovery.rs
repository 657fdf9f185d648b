//! When an agent that was stopped is well again.

use sweepd_decide::session::{Queue, Recovery, recovery};

use super::{NOW, claim, message, queue, secs};

#[test]
fn a_later_incarnation_is_well_when_it_beats_acks_answers_or_is_idle_for_long() {
    let start = secs(-100);
    let mut busy = queue(vec![message("m")]);
    busy.claims = vec![claim("m", secs(-90))];
    busy.answered = vec!["m".into()];
    let mut inherited = busy.clone();
    inherited.claims = vec![claim("m", start)];
    let at = |rows: &Queue, beat: Option<i64>, acked: Option<i64>| {
        recovery(rows, beat.map(secs), acked.map(secs), start, NOW)
    };
    assert_eq!(at(&busy, Some(-99), None), Some(Recovery::Beats));
    assert_eq!(at(&busy, Some(-100), Some(-99)), Some(Recovery::Acks));
    assert_eq!(at(&busy, Some(-100), Some(-100)), Some(Recovery::Answers));
    assert_eq!(at(&inherited, None, None), None);
    busy.answered.clear();
    assert_eq!(at(&busy, None, None), None);
    // Ten minutes up, and nothing to do: neither claimed nor due.
    let rested = |rows: &Queue, up: i64| recovery(rows, None, None, secs(-up), NOW);
    let nothing = queue(vec![]);
    assert_eq!(rested(&nothing, 600), Some(Recovery::Idle));
    assert_eq!(rested(&nothing, 599), None);
    assert_eq!(rested(&queue(vec![message("m")]), 600), None);
    busy.messages[0].state.status = Some("completed".into());
    assert_eq!(rested(&busy, 600), None);
    let words = [Recovery::Beats, Recovery::Acks, Recovery::Answers, Recovery::Idle];
    let words = words.map(Recovery::as_str);
    assert_eq!(words, ["it beats", "it acks", "it answers", "it is idle"]);
}
