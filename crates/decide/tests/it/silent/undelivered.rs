//! What reaches nobody: each sentence of the page at its edges, and until when an answer holds.

use sweepd_decide::silent::{Delivery, Uttered, undelivered};
use sweepd_decide::{MessageId, Recheck, Span, Timestamp};

use crate::dice::{ANY, Dice, REAL, Sizes, edges, for_all, holds_between, span};

use super::hand::{HOUR, MINUTE, at};

use Delivery::{Delivered, Failed, Pending, Unknown, WithoutId};

const WINDOW: Span = Span::from_mins(120);
const PATIENCE: Span = Span::from_mins(10);
const ALL: [Delivery; 5] = [Unknown, Pending, Delivered, WithoutId, Failed];

/// One that was written at a second, and became this.
fn uttered(id: &str, second: i64, delivery: Delivery) -> Uttered {
    Uttered { id: MessageId::new(id), written_at: at(second), due_at: None, delivery }
}

fn told(outputs: &[Uttered], now: Timestamp) -> (String, Option<Timestamp>) {
    let said = undelivered(outputs, WINDOW, now);
    (said.action.iter().map(|one| one.id.as_str()).collect(), said.recheck.at())
}

#[test]
fn what_is_pending_for_ten_minutes_reaches_nobody() {
    let one = [uttered("a", 5, Pending)];
    let late = at(5 + 10 * MINUTE);
    assert_eq!(told(&one, late.minus(span(1))), (String::new(), Some(late)));
    assert_eq!(told(&one, late), ("a".to_owned(), None));
    assert_eq!(told(&one, late.plus(span(1))), ("a".to_owned(), None));
    assert_eq!(told(&one, at(99 * HOUR)), ("a".to_owned(), None), "however long that is");
}

#[test]
fn what_was_put_off_is_pending_from_when_it_was_due() {
    let one = [Uttered { due_at: Some(at(HOUR)), ..uttered("a", 5, Pending) }];
    let late = at(HOUR + 10 * MINUTE);
    assert_eq!(told(&one, late.minus(span(1))), (String::new(), Some(late)));
    assert_eq!(told(&one, late), ("a".to_owned(), None));
}

#[test]
fn what_failed_or_has_no_id_is_told_for_the_window() {
    for fate in [WithoutId, Failed] {
        let plain = uttered("a", 5, fate);
        // Whenever it was due.
        for one in [plain.clone(), Uttered { due_at: Some(at(HOUR)), ..plain }] {
            let one = [one];
            let old = at(5 + 2 * HOUR);
            assert_eq!(told(&one, at(5)), ("a".to_owned(), Some(old)), "at once");
            assert_eq!(told(&one, old.minus(span(1))), ("a".to_owned(), Some(old)));
            assert_eq!(told(&one, old), (String::new(), None));
            assert_eq!(told(&one, old.plus(span(1))), (String::new(), None));
        }
    }
}

#[test]
fn of_what_is_delivered_or_unknown_nothing_is_concluded() {
    for fate in [Unknown, Delivered] {
        let all = [uttered("a", 5, fate), Uttered { due_at: Some(at(9)), ..uttered("b", 5, fate) }];
        for now in [at(0), at(5), at(HOUR), at(99 * HOUR), Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(told(&all, now), (String::new(), None), "{fate:?}");
        }
    }
    assert_eq!(told(&[], at(0)), (String::new(), None));
}

#[test]
fn they_are_told_in_the_order_in_which_they_are_given() {
    let all = [
        uttered("d", 40, Failed),
        uttered("x", HOUR, Pending),
        uttered("b", 20, Pending),
        uttered("y", 0, Delivered),
        uttered("c", 30, WithoutId),
        uttered("a", 10, Pending),
    ];
    let mut other = all.clone();
    other.reverse();
    assert_eq!(told(&all, at(HOUR)).0, "dbca");
    assert_eq!(told(&other, at(HOUR)).0, "acbd");
}

#[test]
fn it_is_asked_again_at_the_first_edge_of_any() {
    let (first, failed) = (at(HOUR + 10 * MINUTE), at(2 * HOUR));
    let all = [
        uttered("a", 0, Failed),
        uttered("b", HOUR, Pending),
        uttered("c", HOUR + 1, Pending),
        uttered("d", HOUR, WithoutId),
    ];
    assert_eq!(told(&all, at(HOUR)), ("ad".to_owned(), Some(first)));
    assert_eq!(told(&all, first), ("abd".to_owned(), Some(first.plus(span(1000)))));
    assert_eq!(told(&all, first.plus(span(1000))), ("abcd".to_owned(), Some(failed)));
    assert_eq!(told(&all, failed), ("bcd".to_owned(), Some(at(3 * HOUR))));
    assert_eq!(told(&all, at(3 * HOUR)), ("bc".to_owned(), None));
}

#[test]
fn an_edge_at_the_end_of_time_is_never_reached() {
    let last = Timestamp::MAX.minus(span(1));
    for fate in [Pending, Failed] {
        let one = [Uttered { written_at: last, ..uttered("a", 0, fate) }];
        let said = undelivered(&one, WINDOW, last);
        assert_eq!(said.recheck, Recheck::OnChange);
        assert_eq!(said.action.len(), usize::from(fate == Failed));
    }
    let put_off = Uttered { due_at: Some(Timestamp::MAX), ..uttered("a", 0, Pending) };
    let said = undelivered(std::slice::from_ref(&put_off), WINDOW, last);
    assert_eq!((said.action.len(), said.recheck), (0, Recheck::OnChange));
    let failed = [uttered("a", 0, Failed)];
    let said = undelivered(&failed, Span::MAX, last);
    assert_eq!((said.action.len(), said.recheck), (1, Recheck::OnChange));
}

#[derive(Debug)]
struct Case {
    outputs: Vec<Uttered>,
    window: Span,
    now: Timestamp,
    edges: Vec<Timestamp>,
}

fn case(dice: &mut Dice, sizes: Sizes) -> Case {
    let one = |dice: &mut Dice, nth: i64| Uttered {
        id: MessageId::new(format!("o{nth}")),
        written_at: sizes.at(dice),
        due_at: if dice.one_in(2) { None } else { sizes.maybe_at(dice) },
        delivery: dice.pick(&ALL),
    };
    let outputs: Vec<Uttered> = (0..dice.within(0, 5)).map(|nth| one(dice, nth)).collect();
    let window = sizes.span(dice);
    let instants = outputs.iter().flat_map(|one| [Some(one.written_at), one.due_at]);
    let instants: Vec<Timestamp> = instants.chain([Some(sizes.at(dice))]).flatten().collect();
    let edges = edges(&instants, &[PATIENCE, window]);
    Case { now: dice.near(&edges), outputs, window, edges }
}

/// The sentences of the page, with all the numbers there are.
fn page(case: &Case, one: &Uttered) -> bool {
    let wide = |at: Timestamp| i128::from(at.as_millis());
    let after = |at: Timestamp, span: Span| {
        let sum = wide(at) + i128::from(span.as_millis());
        sum.clamp(i64::MIN.into(), i64::MAX.into()) <= wide(case.now)
    };
    match one.delivery {
        Pending => after(one.due_at.unwrap_or(one.written_at).max(one.written_at), PATIENCE),
        WithoutId | Failed => !after(one.written_at, case.window),
        Unknown | Delivered => false,
    }
}

#[test]
fn what_reaches_nobody_is_what_the_page_says() {
    for sizes in [REAL, ANY] {
        for_all(
            4_000,
            |dice| case(dice, sizes),
            |case| {
                let said = undelivered(&case.outputs, case.window, case.now);
                let expect: Vec<&Uttered> =
                    case.outputs.iter().filter(|one| page(case, one)).collect();
                if said.action == expect { Ok(()) } else { Err(format!("{said:?}, {expect:?}")) }
            },
        );
    }
}

#[test]
fn an_answer_holds_until_its_recheck_and_not_longer() {
    for sizes in [REAL, ANY] {
        for_all(
            4_000,
            |dice| case(dice, sizes),
            |case| {
                let ask = |at| undelivered(&case.outputs, case.window, at);
                holds_between(case.now, &case.edges, ask)
            },
        );
    }
}
