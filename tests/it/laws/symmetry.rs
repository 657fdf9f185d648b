//! Laws 7 and 8: only differences between instants matter, and the order of rows does not.

use proptest::prelude::*;
use sweepd_decide::stuck::decide_stuck;
use sweepd_decide::{Observed, Snapshot, Span, Timestamp, Written, parse_utc};
use sweepd_tests::oracle::Expect;

use super::said::{recheck, said};
use super::strategy::{Scene, scenes};

proptest! {
    #[test]
    fn only_differences_matter(
        Scene { policy, snapshot, now } in scenes(),
        seconds in -1_600_000_000..1_600_000_000_i64,
    ) {
        let by = Span::from_secs(seconds);
        let here = decide_stuck(&policy, &shifted(&snapshot, Span::ZERO), now);
        let there = decide_stuck(&policy, &shifted(&snapshot, by), now.plus(by));
        prop_assert_eq!(said(&there), shifted_expect(said(&here), by));
        prop_assert_eq!(recheck(&there), recheck(&here).map(|at| at.plus(by)));
        prop_assert_eq!(there.health, here.health);
    }

    #[test]
    fn order_is_irrelevant(
        Scene { policy, snapshot, now } in scenes(),
        turn in any::<usize>(),
        mirror in any::<bool>(),
    ) {
        let here = decide_stuck(&policy, &snapshot, now);

        let mut turned = snapshot;
        if let Observed::Known(due) = &mut turned.due {
            shuffle(due, turn, mirror);
        }
        shuffle(&mut turned.slept, turn, mirror);
        prop_assert_eq!(&decide_stuck(&policy, &turned, now), &here);

        if let Observed::Known(claims) = &mut turned.claims {
            shuffle(claims, turn, mirror);
        }
        let there = decide_stuck(&policy, &turned, now);
        prop_assert_eq!(nameless(said(&there)), nameless(said(&here)));
        prop_assert_eq!(there.health, here.health);
    }
}

fn shuffle<T>(rows: &mut [T], turn: usize, mirror: bool) {
    if mirror {
        rows.reverse();
    }
    if let Some(turn) = turn.checked_rem(rows.len()) {
        rows.rotate_left(turn);
    }
}

/// Without what depends on which overdue claim comes first.
fn nameless(mut expect: Expect) -> Expect {
    if expect.message_id.is_some() {
        (expect.message_id, expect.since, expect.overdue_at) = (None, None, None);
    }
    for finding in expect.findings.iter_mut().filter(|it| it.kind == "in-claim-silence") {
        (finding.message_id, finding.since) = (None, 0);
    }
    expect
}

fn shifted(snapshot: &Snapshot, by: Span) -> Snapshot {
    let mut there = snapshot.clone();
    let at = |at: &mut Timestamp| *at = at.plus(by);
    each(&mut there.start, at);
    each(&mut there.heartbeat, |file| {
        at(&mut file.mtime);
        at(&mut file.first_seen);
    });
    each(&mut there.tool, |row| row.started_at = rewritten(&row.started_at, by));
    each(&mut there.claims, |claims| {
        for claim in claims {
            claim.status_changed = rewritten(&claim.status_changed, by);
        }
    });
    each(&mut there.last_ack, |text| *text = rewritten(text, by));
    each(&mut there.due, |due| due.iter_mut().for_each(|due| at(&mut due.at)));
    for slept in &mut there.slept {
        at(&mut slept.from);
        at(&mut slept.to);
    }
    there.hold_until.iter_mut().for_each(at);
    if let Some(look) = &mut there.previous {
        at(&mut look.at);
        at(&mut look.start);
        look.heartbeat.iter_mut().for_each(at);
        let text = Written::new(look.status_changed.take());
        look.status_changed = rewritten(&text, by).raw().map(str::to_owned);
    }
    there
}

fn each<T>(fact: &mut Observed<T>, change: impl FnOnce(&mut T)) {
    if let Observed::Known(value) = fact {
        change(value);
    }
}

/// The same text for the same instant, whoever wrote it.
fn rewritten(text: &Written, by: Span) -> Written {
    let raw = text.raw().map(|raw| match parse_utc(raw) {
        Some(at) => at.plus(by).to_string(),
        None => raw.to_owned(),
    });
    Written::new(raw)
}

fn shifted_expect(mut expect: Expect, by: Span) -> Expect {
    let by = by.as_millis();
    for at in [&mut expect.since, &mut expect.budget_end, &mut expect.overdue_at] {
        *at = at.map(|at| at + by);
    }
    expect.findings.iter_mut().for_each(|finding| finding.since += by);
    expect
}
