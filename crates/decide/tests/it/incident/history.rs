//! The life of an incident read from all the looks at its key: no memory from look to look.

use sweepd_decide::FindingKind;
use sweepd_decide::incident::{Course, Life, Sight, life};

use crate::dice::{Dice, for_all, ms};

use super::dice::sight;
use super::oracle::LASTING;

#[derive(Debug, Clone, Copy)]
struct Look {
    at: i64,
    sight: Sight<'static>,
}

#[derive(Debug)]
struct History {
    kind: FindingKind,
    /// Each look is that of a call of its own.
    cron: bool,
    looks: Vec<Look>,
}

const DAY: i64 = 86_400_000;

/// Looks that lie on the edges of the 5 s and of the 24 h.
fn history(dice: &mut Dice) -> History {
    let rare = [FindingKind::MessageFailed, FindingKind::ContainerDown, FindingKind::Unreadable];
    let kinds = if dice.one_in(4) { FindingKind::ALL } else { &rare };
    let steps = [0, 1, 4_999, 5_000, 5_000, 5_001, 10_000, DAY - 5_000, DAY, -1, -7_000];
    let mut at = 0;
    let mut looks = Vec::new();
    for _ in 0..dice.within(1, 14) {
        at += dice.pick(&steps);
        looks.push(Look { at, sight: sight(dice) });
    }
    History { kind: dice.pick(kinds), cron: dice.one_in(5), looks }
}

/// Good looks in a row after the last sighting, the last look among them.
fn good_looks(cron: bool, run: &[Look]) -> usize {
    let seen = run.iter().rposition(|look| look.sight == Sight::Seen).unwrap();
    let mut counted = run[seen].at;
    let counts = |look: &&Look| {
        let counts = look.sight == Sight::Unseen && (cron || look.at >= counted + 5_000);
        counted = if counts { look.at } else { counted };
        counts
    };
    run[seen..].iter().filter(counts).count()
}

/// What the last of the looks since the incident opened means for it.
fn course(history: &History, run: &[Look]) -> Course<'static> {
    let (opening, last) = (run[0], run[run.len() - 1]);
    let old = history.kind == FindingKind::MessageFailed && last.at >= opening.at + DAY;
    let before = good_looks(history.cron, &run[..run.len() - 1]);
    let good = good_looks(history.cron, run);
    match last.sight {
        Sight::Seen => Course::Stays,
        Sight::Ended(how) => Course::Ends(how),
        Sight::Unseen | Sight::Blind if old => Course::Ends("aged-out"),
        Sight::Unseen if LASTING.contains(&history.kind.as_str()) => Course::Waits,
        Sight::Unseen if good > before && good == 2 => Course::Ends("not seen any more"),
        Sight::Unseen if good > before => Course::Good(u32::try_from(good).unwrap()),
        Sight::Unseen | Sight::Blind => Course::Waits,
    }
}

/// What the last look means, in view of all.
fn read(history: &History, looks: &[Look]) -> Course<'static> {
    let mut opened = None;
    for (nth, look) in looks.iter().enumerate() {
        let last = nth + 1 == looks.len();
        match opened {
            None if look.sight == Sight::Seen && last => return Course::Opens,
            None if look.sight == Sight::Seen => opened = Some(nth),
            None => {}
            Some(from) => {
                let course = course(history, &looks[from..=nth]);
                if last {
                    return course;
                }
                if matches!(course, Course::Ends(_)) {
                    opened = None;
                }
            }
        }
    }
    Course::Nothing
}

/// The rule, with what a host keeps from look to look.
fn lived(history: &History) -> Vec<Course<'static>> {
    let mut open: Option<Life> = None;
    let step = |look: &Look| {
        let now = ms(look.at);
        let looked_at = (!history.cron).then_some(now);
        let course = life(history.kind, open.as_ref(), look.sight, now);
        let opened_at = open.map_or(now, |open| open.opened_at);
        match course {
            Course::Opens | Course::Stays => {
                open = Some(Life { opened_at, good_looks: 0, looked_at });
            }
            Course::Good(good_looks) => open = Some(Life { opened_at, good_looks, looked_at }),
            Course::Ends(_) => open = None,
            Course::Nothing | Course::Waits => {}
        }
        course
    };
    history.looks.iter().map(step).collect()
}

#[test]
fn each_look_means_what_all_looks_together_say() {
    for_all(20_000, history, |history| {
        for (nth, got) in lived(history).into_iter().enumerate() {
            let expect = read(history, &history.looks[..=nth]);
            if got != expect {
                return Err(format!("look {nth}: {got:?}, expected {expect:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn it_opens_and_ends_in_turn_and_lives_in_between() {
    for_all(10_000, history, |history| {
        let mut open = false;
        for (nth, course) in lived(history).into_iter().enumerate() {
            let fits = match course {
                Course::Opens | Course::Nothing => !open,
                Course::Stays | Course::Waits | Course::Good(_) | Course::Ends(_) => open,
            };
            if !fits {
                return Err(format!("look {nth}: {course:?}"));
            }
            open = open != matches!(course, Course::Opens | Course::Ends(_));
        }
        Ok(())
    });
}

#[test]
fn what_nothing_ends_was_not_seen_for_ten_seconds() {
    for_all(10_000, history, |history| {
        for (nth, course) in lived(history).into_iter().enumerate() {
            let looks = &history.looks[..=nth];
            let seen = looks.iter().rev().find(|look| look.sight == Sight::Seen);
            let unseen = looks.iter().rev().take_while(|look| look.sight != Sight::Seen);
            let unseen = unseen.filter(|look| look.sight == Sight::Unseen).count();
            let long = history.cron || seen.is_some_and(|seen| looks[nth].at - seen.at >= 10_000);
            if course == Course::Ends("not seen any more") && (unseen < 2 || !long) {
                return Err(format!("look {nth}"));
            }
        }
        Ok(())
    });
}
