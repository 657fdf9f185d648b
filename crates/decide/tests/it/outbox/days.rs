//! Days of deliveries at random: nothing is lost, nothing overtakes, and nobody is pestered.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use sweepd_decide::Setback;

use crate::dice::Dice;

use super::driver::{Left, Log, Post, deliver};
use super::week::{HOUR, MINUTE, SECOND, Week, week};

static WEEKS: LazyLock<Vec<(Week, Result<Log, String>)>> = LazyLock::new(|| {
    let week = |seed| {
        let week = week(&mut Dice(seed));
        let log = deliver(&week);
        (week, log)
    };
    (0..300).map(week).collect()
});

/// Holds a law against many weeks.
pub(super) fn law(law: impl Fn(&Week, &Log) -> Result<(), String>) {
    for (nth, (week, log)) in WEEKS.iter().enumerate() {
        let held = log.as_ref().map_err(Clone::clone).and_then(|log| law(week, log));
        assert_eq!(held, Ok(()), "week {nth}: {week:?}");
    }
}

pub(super) fn check(fits: bool, why: impl Fn() -> String) -> Result<(), String> {
    if fits { Ok(()) } else { Err(why()) }
}

#[test]
fn nothing_is_lost() {
    law(|week, log| {
        for (nth, (filed, _)) in week.filings.iter().enumerate() {
            let id = i64::try_from(nth + 1).unwrap();
            let posts: Vec<&Post> = log.posts.iter().filter(|it| it.ids.contains(&id)).collect();
            let last = posts.last();
            let alone = last.is_some_and(|it| it.ids.len() == 1);
            let setback = last.and_then(|it| it.setback);
            let Some((at, left)) = log.left.get(&id) else {
                return Err(format!("{id} still waits"));
            };
            let fits = match left {
                Left::Delivered => last.is_some() && setback.is_none(),
                Left::Refused => alone && setback == Some(Setback::Refused),
                Left::GivenUp { tries, stopped } => {
                    *at >= filed + 24 * HOUR
                        && (posts.len(), *stopped) != (0, false)
                        && *tries == u32::try_from(posts.len()).unwrap()
                }
            };
            check(fits, || format!("{id}, filed at {filed}: {left:?} at {at}, {posts:?}"))?;
        }
        Ok(())
    });
}

#[test]
fn a_sink_that_takes_everything_in_the_end_gets_everything_but_what_is_old() {
    law(|week, log| {
        for (id, (at, left)) in &log.left {
            let filed = week.filings[usize::try_from(id - 1).unwrap()].0;
            let prompt = *at < filed + 24 * HOUR;
            let lost = prompt && *left != Left::Delivered && !week.refused.contains(id);
            check(!lost, || format!("{id}: {left:?} at {at}"))?;
        }
        Ok(())
    });
}

#[test]
fn nothing_of_a_thread_is_sent_while_an_older_one_waits() {
    law(|week, log| {
        let thread = |id: i64| week.filings[usize::try_from(id - 1).unwrap()].1;
        for post in &log.posts {
            for id in &post.ids {
                let older = (1..*id).filter(|older| thread(*older) == thread(*id));
                let mut waits = older
                    .filter(|older| log.left[older].0 > post.began || post.ids.contains(older));
                let waits = waits.next();
                check(waits.is_none(), || format!("{post:?} before {waits:?}"))?;
            }
            check(post.ids.is_sorted(), || format!("{post:?}"))?;
        }
        Ok(())
    });
}

#[test]
fn no_more_posts_in_any_span_than_the_bucket_gives() {
    law(|week, log| {
        let (burst, every) =
            (usize::try_from(week.policy.burst).unwrap(), week.policy.every.as_millis());
        for (nth, first) in log.posts.iter().enumerate() {
            for (more, last) in log.posts[nth..].iter().enumerate() {
                let back = usize::try_from((last.began - first.began) / every).unwrap();
                check(more < burst + back + 1, || {
                    format!("{} posts from {first:?} to {last:?}", more + 1)
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn nobody_asks_in_a_hot_loop() {
    law(|week, log| {
        let changes = log.posts.len() + log.left.len() + week.filings.len() + week.repairs.len();
        // At most the end of what was asked for, of a wait, of a deferral, and a token, in turn.
        check(log.asked.len() <= 5 * (changes + 1), || format!("asked {} times", log.asked.len()))?;
        let failed = log.posts.iter().filter(|it| matches!(it.setback, Some(Setback::Later(_))));
        let (days, failed) = (log.asked.last().map_or(0, |last| last.at), failed.count());
        // A wait of 1 s, 2 s … each time the sink goes down, then every 3 min 45 s at most.
        let most = i64::try_from(week.moods.len()).unwrap() * 10 + days / (225 * SECOND) + 10;
        check(i64::try_from(failed).unwrap() <= most, || format!("{failed} failures, {most}"))
    });
}

#[test]
fn a_sink_that_fails_is_left_alone_for_a_while() {
    law(|_, log| {
        let mut failures = 0;
        for pair in log.posts.windows(2) {
            let rest = pair[1].began - pair[0].ended;
            match pair[0].setback {
                Some(Setback::Later(asked)) => {
                    failures += 1;
                    let wait = (SECOND << (failures - 1).min(20)).min(5 * MINUTE);
                    check(4 * rest >= 3 * wait, || format!("after {failures} failures: {pair:?}"))?;
                    let asked = asked.map_or(0, |span| span.as_millis().min(HOUR));
                    check(rest >= asked, || format!("it asked for more: {pair:?}"))?;
                }
                Some(Setback::Stopped) => {}
                Some(Setback::Deferred(_) | Setback::Refused) | None => failures = 0,
            }
        }
        Ok(())
    });
}

#[test]
fn a_sink_that_stopped_gets_nothing_before_its_settings_change() {
    law(|week, log| {
        for pair in log.posts.windows(2) {
            let stopped = pair[0].setback == Some(Setback::Stopped);
            let repaired = |at: &i64| (pair[0].began + 1..=pair[1].began).contains(at);
            check(!stopped || week.repairs.iter().any(repaired), || format!("{pair:?}"))?;
        }
        Ok(())
    });
}

#[test]
fn what_is_deferred_waits_and_what_was_refused_goes_alone() {
    law(|week, log| {
        let mut not_before: BTreeMap<i64, i64> = BTreeMap::new();
        let mut alone: BTreeSet<i64> = BTreeSet::new();
        for post in &log.posts {
            let early =
                post.ids.iter().any(|id| not_before.get(id).is_some_and(|at| post.began < *at));
            check(!early, || format!("too early: {post:?}"))?;
            let many = post.ids.len() > 1;
            check(!many || !post.ids.iter().any(|id| alone.contains(id)), || format!("{post:?}"))?;
            check(post.ids.len() <= week.policy.batch, || format!("too many: {post:?}"))?;
            match post.setback {
                Some(Setback::Deferred(span)) => {
                    let until = post.ended + span.as_millis();
                    not_before.extend(post.ids.iter().map(|id| (*id, until)));
                }
                Some(Setback::Refused) if many => alone.extend(&post.ids),
                Some(_) | None => {}
            }
        }
        Ok(())
    });
}

#[test]
fn the_weeks_tried_here_meet_every_answer() {
    let met = RefCell::new(BTreeMap::<String, u32>::new());
    law(|_, log| {
        let mut met = met.borrow_mut();
        for asked in &log.asked {
            *met.entry(format!("{:?}", asked.hold)).or_default() += 1;
        }
        for (_, left) in log.left.values() {
            let name = match left {
                Left::GivenUp { tries: 0, .. } => "given up untried".into(),
                Left::GivenUp { stopped, .. } => format!("given up, stopped: {stopped}"),
                Left::Delivered | Left::Refused => format!("{left:?}"),
            };
            *met.entry(name).or_default() += 1;
        }
        for post in log.posts.iter().filter(|it| it.ids.len() > 1) {
            let what = match post.setback {
                None => "arrived",
                Some(Setback::Later(_)) => "later",
                Some(Setback::Deferred(_)) => "deferred",
                Some(Setback::Refused) => "refused",
                Some(Setback::Stopped) => "stopped",
            };
            *met.entry(format!("together: {what}")).or_default() += 1;
        }
        Ok(())
    });
    let met = met.into_inner();
    let often: Vec<&str> =
        met.iter().filter(|(_, times)| **times >= 10).map(|(what, _)| what.as_str()).collect();
    let expect = [
        "Asked",
        "BackingOff",
        "Deferred",
        "Delivered",
        "Due",
        "Empty",
        "Paced",
        "Refused",
        "Stopped",
        "given up untried",
        "given up, stopped: false",
        "given up, stopped: true",
        "together: arrived",
        "together: deferred",
        "together: later",
        "together: refused",
        "together: stopped",
    ];
    assert_eq!(often, expect, "{met:#?}");
}
