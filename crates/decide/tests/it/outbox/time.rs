//! Laws of what is next: until when a rest holds, what stays due, and what does not matter.

use sweepd_decide::outbox::Attempt;
use sweepd_decide::outbox::{Hold, Next, OutboxPolicy, SinkState, Waiting, next, tried};
use sweepd_decide::{Backoff, Decision, Recheck, Setback, Span, Timestamp};

use crate::dice::{
    ANY, Dice, REAL, SMALL, WATCHED, for_all, holds_between, holds_until_recheck, ms, span,
};

use super::dice::{Outbox, alert, outbox};

fn ask(case: &Outbox, now: Timestamp) -> Decision<Next, Hold> {
    next(&case.policy, &case.sink, &case.waiting, now, case.seed)
}

#[test]
fn a_rest_holds_until_its_recheck_and_not_longer() {
    let rests = |case: &Outbox| ask(case, case.now).action == Next::Rest;
    for_all(
        3_000,
        |dice| outbox(dice, SMALL),
        |case| if rests(case) { holds_until_recheck(case.now, |at| ask(case, at)) } else { Ok(()) },
    );
    for sizes in [REAL, ANY] {
        for_all(
            5_000,
            |dice| outbox(dice, sizes),
            |case| {
                let edges = case.edges();
                if rests(case) {
                    holds_between(case.now, &edges, |at| ask(case, at))
                } else {
                    Ok(())
                }
            },
        );
    }
}

#[test]
fn what_is_due_is_due_until_it_is_done() {
    for_all(
        3_000,
        |dice| outbox(dice, SMALL),
        |case| {
            // A clock that was set back shows a token as spent later than now.
            let spent_later = case.sink.spent_at.is_some_and(|at| at > case.now);
            // What is given up is given up at once; a while later it would be tried once more.
            let sends = matches!(ask(case, case.now).action, Next::Send(_));
            if spent_later || !sends {
                return Ok(());
            }
            let mut later = (1..WATCHED).map(|later| ask(case, case.now.plus(span(later))));
            later
                .find(|then| then.evidence != Hold::Due)
                .map_or(Ok(()), |it| Err(format!("{it:?}")))
        },
    );
}

#[test]
fn something_is_due_exactly_when_something_is_to_be_done() {
    for_all(
        8_000,
        |dice| outbox(dice, ANY),
        |case| {
            let said = ask(case, case.now);
            let ids = match &said.action {
                Next::Rest => &Vec::new(),
                Next::Send(ids) | Next::GiveUp(ids) => ids,
            };
            let known = |id: &i64| case.waiting.iter().filter(|it| it.id == *id).count() == 1;
            let fits = (said.evidence == Hold::Due) != ids.is_empty()
                && ids.iter().all(known)
                && ids.is_sorted_by(|a, b| a < b);
            if fits { Ok(()) } else { Err(format!("{said:?}")) }
        },
    );
}

#[test]
fn only_spans_matter_and_not_what_the_clock_shows() {
    const LATER: Span = Span::from_millis(1_778_547_600_000);
    let later = |at: Timestamp| at.plus(LATER);
    for_all(
        3_000,
        |dice| outbox(dice, SMALL),
        |case| {
            let sink = case.sink;
            let mut then = case.clone();
            then.now = later(case.now);
            then.sink = SinkState {
                stopped_at: sink.stopped_at.map(later),
                failing_since: sink.failing_since.map(later),
                failed_at: sink.failed_at.map(later),
                asked_until: sink.asked_until.map(later),
                refused_at: sink.refused_at.map(later),
                doubted_at: sink.doubted_at.map(later),
                spent_at: sink.spent_at.map(later),
                ..sink
            };
            for alert in &mut then.waiting {
                alert.filed_at = later(alert.filed_at);
                alert.deferred_until = alert.deferred_until.map(later);
            }
            let (now, then) = (ask(case, case.now), ask(&then, then.now));
            let rechecks = now.recheck.at().map(later) == then.recheck.at();
            let same = (now.action, now.evidence) == (then.action.clone(), then.evidence);
            if same && rechecks { Ok(()) } else { Err(format!("{then:?}")) }
        },
    );
}

#[test]
fn in_whatever_order_it_waits() {
    for_all(
        3_000,
        |dice| outbox(dice, SMALL),
        |case| {
            let mut other = case.clone();
            for _ in 1..case.waiting.len().min(8) {
                other.waiting.rotate_left(1);
                if ask(&other, case.now) != ask(case, case.now) {
                    return Err(format!("{:?}", other.waiting));
                }
            }
            Ok(())
        },
    );
}

#[test]
fn a_rest_without_end_has_no_recheck() {
    let policy = OutboxPolicy::default();
    let stopped = SinkState { stopped_at: Some(ms(0)), ..SinkState::default() };
    let waits = |deferred_until| Waiting { deferred_until, ..alert(1) };
    let said = |sink, alert: Option<Waiting>| {
        let said = next(&policy, &sink, alert.as_slice(), ms(1), 0);
        (said.evidence, said.recheck)
    };
    let day = Recheck::At(ms(86_400_000));
    assert_eq!(said(stopped, None), (Hold::Empty, Recheck::OnChange));
    assert_eq!(said(stopped, Some(waits(None))), (Hold::Stopped, day));
    let forever = Some(waits(Some(Timestamp::MAX)));
    assert_eq!(said(SinkState::default(), forever), (Hold::Deferred, Recheck::OnChange));
    // Once it was tried it is given up all the same.
    let tried = Waiting { tries: 1, ..waits(Some(Timestamp::MAX)) };
    assert_eq!(said(SinkState::default(), Some(tried)), (Hold::Deferred, day));
}

/// Numbers that make no sense, too.
fn senseless(dice: &mut Dice) -> (Outbox, Attempt, usize) {
    let mut case = outbox(dice, ANY);
    let mut span = || ANY.span(dice);
    case.policy.backoff = Backoff { base: span(), cap: span() };
    (case.policy.every, case.policy.longest_ask) = (span(), span());
    let asked = [Setback::Later(None), Setback::Later(Some(span())), Setback::Deferred(span())];
    let setback = dice.pick(&[asked[0], asked[1], asked[2], Setback::Refused, Setback::Stopped]);
    case.policy.burst = dice.pick(&[0, 1, u32::MAX]);
    let attempt = if dice.one_in(5) { Attempt::Arrived } else { Attempt::Failed(setback) };
    (case, attempt, dice.pick(&[0, 1, 2, usize::MAX]))
}

#[test]
fn whatever_is_written_down_has_an_answer() {
    for_all(10_000, senseless, |(case, attempt, posted)| {
        let said = ask(case, case.now);
        let began = case.sink.spent_at.unwrap_or(case.now);
        let (sink, _) = tried(&case.policy, &case.sink, *attempt, *posted, began, case.now);
        let then = next(&case.policy, &sink, &case.waiting, case.now, case.seed);
        let wrong = sink.wrong_since(case.now);
        let fits = wrong.is_none() || *attempt != Attempt::Arrived;
        if fits { Ok(()) } else { Err(format!("{said:?}, {then:?}, {wrong:?}")) }
    });
}
