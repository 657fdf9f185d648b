//! What is remembered of acknowledgements, and when a session is judged again: each sentence by hand,
//! and looks at random against all that was ever seen.

use std::collections::BTreeMap;

use sweepd_decide::silent::{Asked, Hearing, Role, Stamps};
use sweepd_decide::{MessageId, Span, Timestamp};

use crate::dice::{Dice, for_all, span};

use super::dice::asked;
use super::hand::{HOUR, MINUTE, at, chat, of_role, task};

/// No horizon that forgets anything.
const NEVER: Timestamp = Timestamp::MIN;

/// What a look shows, and then says of each message, in seconds.
fn look(hearing: &mut Hearing, stamps: &[(&str, i64)], horizon: Timestamp) -> Vec<Timestamp> {
    let mut asked: Vec<Asked> = stamps.iter().map(|(id, acked)| chat(id, 0, *acked)).collect();
    hearing.acknowledge(&mut asked, horizon);
    asked.iter().filter_map(|it| it.acked_at).collect()
}

fn known(hearing: &Hearing) -> Vec<&str> {
    hearing.acks.keys().map(MessageId::as_str).collect()
}

#[test]
fn what_is_older_than_the_window_and_a_day_is_not_asked_for() {
    assert_eq!(Hearing::horizon(Span::from_mins(120), at(0)), at(-26 * HOUR));
    assert_eq!(Hearing::horizon(Span::from_mins(1), at(7)), at(7 - 24 * HOUR - MINUTE));
    assert_eq!(Hearing::horizon(span(1), at(0)), at(-24 * HOUR).minus(span(1)));
    assert_eq!(Hearing::horizon(Span::MAX, at(0)), at(0).minus(Span::MAX));
    assert_eq!(Hearing::horizon(span(1), Timestamp::MIN), Timestamp::MIN);
}

#[test]
fn the_first_stamp_stands_and_later_ones_are_ignored() {
    let mut hearing = Hearing::default();
    assert_eq!(look(&mut hearing, &[("a", 10)], NEVER), [at(10)]);
    assert_eq!(look(&mut hearing, &[("a", 20), ("b", 20)], NEVER), [at(10), at(20)]);
    assert_eq!(look(&mut hearing, &[("b", 30), ("a", 40)], NEVER), [at(20), at(10)]);
    let stamps = |first, last| Stamps { first: at(first), last: at(last) };
    assert_eq!(hearing.acks[&MessageId::new("a")], stamps(10, 40));
    assert_eq!(hearing.acks[&MessageId::new("b")], stamps(20, 30));
    // One that is earlier than the first is the first.
    assert_eq!(look(&mut hearing, &[("a", 5)], NEVER), [at(5)]);
    assert_eq!(hearing.acks[&MessageId::new("a")], stamps(5, 5));
}

#[test]
fn what_nobody_acknowledged_leaves_no_trace() {
    let mut hearing = Hearing::default();
    let mut all = [asked("a", "chat", at(0)), chat("b", 0, 10)];
    hearing.acknowledge(&mut all, NEVER);
    assert_eq!((all[0].acked_at, all[1].acked_at), (None, Some(at(10))));
    assert_eq!(known(&hearing), ["b"]);
}

#[test]
fn what_is_older_than_the_horizon_is_forgotten_unless_it_is_stamped_again() {
    let seen = [("a", 10), ("b", 10)];
    let left = |horizon: Timestamp, again: &[(&str, i64)]| {
        let mut hearing = Hearing::default();
        look(&mut hearing, &seen, NEVER);
        look(&mut hearing, again, horizon);
        known(&hearing).concat()
    };
    assert_eq!(left(at(10).minus(span(1)), &[]), "ab");
    assert_eq!(left(at(10), &[]), "ab");
    assert_eq!(left(at(10).plus(span(1)), &[]), "");
    assert_eq!(left(at(11), &[("a", 11)]), "a");
    assert_eq!(left(at(12), &[("a", 11)]), "", "that was long ago as well");
    // Its first stamp may be as old as it likes.
    let mut hearing = Hearing::default();
    look(&mut hearing, &[("a", 10)], NEVER);
    assert_eq!(look(&mut hearing, &[("a", 30)], at(20)), [at(10)]);
    assert_eq!(look(&mut hearing, &[("a", 30)], at(30)), [at(10)]);
}

#[test]
fn at_most_ten_thousand_are_kept_those_that_were_stamped_last() {
    let all = |from: i64, to: i64| -> Vec<Asked> {
        (from..to).map(|nth| chat(&format!("m{nth:05}"), 0, nth)).collect()
    };
    let mut hearing = Hearing::default();
    hearing.acknowledge(&mut all(0, 10_000), NEVER);
    assert_eq!(hearing.acks.len(), 10_000);
    assert_eq!(known(&hearing)[0], "m00000");
    // The oldest but one is stamped again, and four more come.
    look(&mut hearing, &[("m00001", 20_000)], NEVER);
    hearing.acknowledge(&mut all(10_000, 10_004), NEVER);
    assert_eq!(hearing.acks.len(), 10_000);
    assert_eq!(known(&hearing)[..3], ["m00001", "m00005", "m00006"]);
    assert_eq!(hearing.acks[&MessageId::new("m00001")].first, at(1));
}

#[test]
fn a_task_that_its_script_let_through_is_asked_of_the_agent() {
    let mut hearing = Hearing::default();
    hearing.let_through = ["a", "c", "d"].map(MessageId::new).into();
    let mut all = [
        of_role(Role::Gated, task("a", 0, 10)),
        of_role(Role::Gated, task("b", 0, 10)),
        of_role(Role::Context, task("c", 0, 10)),
        of_role(Role::OnWake, task("d", 0, 10)),
        task("e", 0, 10),
    ];
    hearing.acknowledge(&mut all, NEVER);
    let roles = all.map(|it| it.role);
    assert_eq!(roles, [Role::Asked, Role::Gated, Role::Context, Role::OnWake, Role::Asked]);
}

#[test]
fn that_a_task_was_let_through_is_known_until_it_is_acknowledged() {
    let mut hearing = Hearing::default();
    hearing.let_through = [MessageId::new("a")].into();
    look(&mut hearing, &[("b", 10)], at(10));
    let mut late = [of_role(Role::Gated, task("a", 0, 20))];
    hearing.acknowledge(&mut late, at(10));
    assert_eq!(late[0].role, Role::Asked);
}

#[test]
fn of_many_that_were_let_through_those_are_known_that_are_acknowledged() {
    for (many, known) in [(500, 500), (501, 1)] {
        let mut hearing = Hearing::default();
        let ids = (0..many).map(|nth| MessageId::new(format!("m{nth:03}")));
        hearing.let_through = ids.collect();
        look(&mut hearing, &[("m007", 10)], at(10));
        assert_eq!(hearing.let_through.len(), known, "{many}");
        assert!(hearing.let_through.contains(&MessageId::new("m007")));
    }
}

/// The stamps that a look finds, and what is forgotten after it.
type Look = (Vec<(String, Timestamp)>, Timestamp);

fn looks(dice: &mut Dice) -> Vec<Look> {
    let instant = |dice: &mut Dice| at(dice.within(0, 12)).plus(span(dice.within(-1, 1)));
    let look = |dice: &mut Dice| {
        let all = ["a", "b", "c", "d"].into_iter().filter(|_| !dice.one_in(3)).collect::<Vec<_>>();
        let stamps = all.into_iter().map(|id| (id.to_owned(), instant(dice)));
        let stamps = stamps.collect();
        (stamps, if dice.one_in(2) { NEVER } else { instant(dice) })
    };
    (0..dice.within(1, 8)).map(|_| look(dice)).collect()
}

#[test]
fn what_is_remembered_is_the_first_and_the_last_of_all_that_was_seen() {
    for_all(4_000, looks, |looks| {
        let mut hearing = Hearing::default();
        let mut seen: BTreeMap<MessageId, Vec<Timestamp>> = BTreeMap::new();
        for (stamps, horizon) in looks {
            let before = hearing.clone();
            let shown: Vec<Asked> = stamps
                .iter()
                .map(|(id, stamp)| Asked { acked_at: Some(*stamp), ..chat(id, 0, 0) })
                .collect();
            let mut told = shown.clone();
            hearing.acknowledge(&mut told, *horizon);
            for (it, (_, stamp)) in told.iter().zip(stamps) {
                let all = seen.entry(it.id.clone()).or_default();
                all.push(*stamp);
                if it.acked_at != all.iter().min().copied() {
                    return Err(format!("{it:?} of {all:?}"));
                }
            }
            seen.retain(|_, all| all.last().is_some_and(|last| last >= horizon));
            let stamps =
                |all: &Vec<Timestamp>| Some((*all.iter().min()?, all.last().copied().unwrap()));
            let expect = seen.iter().map(|(id, all)| (id, stamps(all)));
            let kept = hearing.acks.iter().map(|(id, it)| (id, Some((it.first, it.last))));
            if !kept.eq(expect) {
                return Err(format!("{:?}, expected {seen:?}", hearing.acks));
            }
            let grows = |(id, was): (&MessageId, &Stamps)| {
                hearing.acks.get(id).is_some_and(|is| is.first > was.first)
            };
            if before.acks.iter().any(grows) {
                return Err(format!("{before:?}, {hearing:?}"));
            }
            let mut again = hearing.clone();
            again.acknowledge(&mut shown.clone(), *horizon);
            if again != hearing {
                return Err(format!("{hearing:?}, and when it is seen again {again:?}"));
            }
        }
        Ok(())
    });
}

const EVERY: Span = Span::from_mins(5);
const SHOWN: (Option<&str>, bool) = (Some("b"), true);

fn judged(second: i64) -> Hearing {
    let mut hearing = Hearing::default();
    hearing.at = Some(at(second));
    hearing.shown = Some((Some("b".to_owned()), true));
    hearing
}

#[test]
fn a_session_is_judged_that_never_was_and_again_every_five_minutes() {
    let due = |hearing: &Hearing, now| hearing.is_due(SHOWN, EVERY, now);
    assert!(due(&Hearing::default(), at(0)));
    let mut never = judged(0);
    never.at = None;
    assert!(due(&never, at(0)));
    let end = at(5 * MINUTE);
    let around = [at(0), at(0).plus(span(1)), end.minus(span(1)), end, end.plus(span(1))];
    assert_eq!(around.map(|now| due(&judged(0), now)), [false, false, false, true, true]);
    assert!(due(&judged(0), at(0).minus(span(1))), "the clock was set back");
    assert!(!judged(0).is_due(SHOWN, Span::MAX, at(9 * HOUR)));
}

#[test]
fn a_session_is_judged_when_a_look_shows_something_else_than_the_last() {
    let due = |hearing: &Hearing, shown| hearing.is_due(shown, EVERY, at(1));
    let shown = [(Some("b"), true), (Some("a"), true), (None, true), (Some("b"), false)];
    assert_eq!(shown.map(|shown| due(&judged(0), shown)), [false, true, true, true]);
    let mut nothing = judged(0);
    nothing.shown = Some((None, false));
    let shown = [(None, false), (None, true), (Some("b"), false)];
    assert_eq!(shown.map(|shown| due(&nothing, shown)), [false, true, true]);
    nothing.shown = None;
    assert!(due(&nothing, (None, false)), "nobody knows what it showed");
}

#[test]
fn a_session_is_judged_when_an_answer_has_run_out() {
    let mut hearing = judged(0);
    let until = at(60);
    hearing.until = Some(until);
    let around = [until.minus(span(1)), until, until.plus(span(1))];
    assert_eq!(around.map(|now| hearing.is_due(SHOWN, EVERY, now)), [false, true, true]);
    hearing.until = Some(at(-1));
    assert!(hearing.is_due(SHOWN, EVERY, at(0)));
}

#[test]
fn that_it_cannot_be_read_is_told_at_the_second_try_a_minute_later() {
    let mut hearing = Hearing::default();
    let at = Timestamp::from_millis;
    assert_eq!(hearing.cannot_be_heard(at(0)), None);
    hearing.unheard("locked".to_owned(), at(1000));
    assert_eq!((hearing.until, hearing.cannot_be_heard(at(60_999))), (Some(at(61_000)), None));
    hearing.unheard("damaged".to_owned(), at(61_000));
    assert_eq!(hearing.cannot_be_heard(at(61_000)), Some("damaged"));
    assert_eq!(hearing.until, Some(at(121_000)));
    // A clock set back makes it no later.
    hearing.unheard("damaged".to_owned(), at(500));
    assert_eq!(hearing.cannot_be_heard(at(60_500)), Some("damaged"));
}
