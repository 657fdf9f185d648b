//! Laws of time: until when an answer holds, what time alone may change, and a clock that is set.

use sweepd_decide::keep::{KeepPolicy, Kept, Sight, Step, Why, keep};

use super::dice::{SIGHTS, for_all};
use super::story::{Deed, Said, What, ms, tell};

const STORIES: u64 = 2_000;
/// Milliseconds that are watched: longer than any limit here.
const WATCHED: i64 = 80;

fn last(policy: &KeepPolicy, story: &[Deed]) -> (Sight, i64, Said) {
    let said = tell(policy, story).pop().unwrap();
    let What::Look { sight, .. } = story[said.nth].what else { unreachable!() };
    (sight, story[said.nth].at, said)
}

/// What a person or the engine would notice.
type Noticed = (Step, bool, bool);

fn look(policy: &KeepPolicy, sight: Sight, kept: &Kept, at: i64) -> (Kept, Noticed) {
    let (kept, decision) = keep(policy, sight, kept, true, ms(at));
    (kept, (decision.action, decision.evidence.down, decision.evidence.failing))
}

#[test]
fn until_the_recheck_nothing_changes_however_often_it_is_looked_at_and_then_something_does() {
    for_all(STORIES, |policy, story| {
        let (sight, now, said) = last(policy, story);
        let evidence = &said.decision.evidence;
        let noticed = (said.decision.action, evidence.down, evidence.failing);
        let confirms = noticed.0 == Step::Wait(Why::Confirmation);
        if confirms && said.kept.counted_at.is_some_and(|at| at.plus(policy.apart) <= ms(now)) {
            return Ok(());
        }
        let recheck = said.decision.recheck.at().map(sweepd_decide::Timestamp::as_millis);
        let mut kept = said.kept.clone();
        // After a clock that was set back the wait can be longer than any limit.
        for at in now + 1..=recheck.unwrap_or(now + WATCHED) {
            let before = kept;
            let (after, seen) = look(policy, sight, &before, at);
            if recheck != Some(at) {
                if seen != noticed {
                    return Err(format!("{seen:?} at {at}, before {recheck:?}"));
                }
                kept = after;
                continue;
            }
            let counted = confirms && after.looks > before.looks;
            let changed = seen != noticed || counted || after.attempts < before.attempts;
            let alone = look(policy, sight, &said.kept, at).1;
            return match (changed, alone == seen) {
                (true, true) => Ok(()),
                (false, _) => Err(format!("nothing changes at {at}")),
                (true, false) => Err(format!("looks before {at} matter")),
            };
        }
        Ok(())
    });
}

/// How far it has come.
const fn rank(step: Step) -> u8 {
    match step {
        Step::Wait(Why::Settling | Why::Confirmation | Why::RestartPolicy) => 0,
        Step::Wait(_) => 1,
        Step::Nothing | Step::Report(_) | Step::Start | Step::Recreate => 2,
    }
}

#[test]
fn time_alone_takes_no_step_back() {
    for_all(STORIES, |policy, story| {
        let (sight, now, said) = last(policy, story);
        let mut kept = said.kept;
        let evidence = said.decision.evidence;
        let mut before = (said.decision.action, evidence.down, evidence.failing);
        for at in now..=now + WATCHED {
            let (after, seen) = look(policy, sight, &kept, at);
            let back = rank(seen.0) < rank(before.0)
                || (rank(before.0) == 2 && seen.0 != before.0)
                || (before.1 && !seen.1)
                || (!before.2 && seen.2);
            if back {
                return Err(format!("{before:?}, and {seen:?} at {at}"));
            }
            (kept, before) = (after, seen);
        }
        Ok(())
    });
}

#[test]
fn another_look_at_the_same_instant_changes_nothing() {
    for_all(STORIES, |policy, story| {
        let said = tell(policy, story).pop().unwrap();
        let mut twice = story.to_vec();
        twice.push(story[said.nth].clone());
        let again = tell(policy, &twice).pop().unwrap();
        let mut expect = said.decision;
        expect.evidence.changed = false;
        let same = (&again.kept, &again.decision) == (&said.kept, &expect);
        if same { Ok(()) } else { Err(format!("{again:#?}, expected {expect:#?}")) }
    });
}

#[test]
fn only_spans_matter_and_not_what_the_clock_shows() {
    const LATER: i64 = 1_778_547_600_000;
    for_all(STORIES, |policy, story| {
        let moved = |deed: &Deed| Deed { at: deed.at + LATER, ..deed.clone() };
        let moved: Vec<Deed> = story.iter().map(moved).collect();
        let back = |at: sweepd_decide::Timestamp| ms(at.as_millis() - LATER);
        for (said, later) in tell(policy, story).into_iter().zip(tell(policy, &moved)) {
            let (now, then) = (said.decision, later.decision);
            let same = now.action == then.action
                && now.recheck.at() == then.recheck.at().map(back)
                && now.evidence.since == back(then.evidence.since)
                && now.evidence.not_before == then.evidence.not_before.map(back)
                && now.evidence.down == then.evidence.down
                && now.evidence.failing == then.evidence.failing
                && now.evidence.looks == then.evidence.looks;
            if !same {
                return Err(format!("{now:#?}, later {then:#?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn after_a_look_nothing_is_remembered_as_seen_later_than_now() {
    for_all(STORIES, |policy, story| {
        for said in tell(policy, story) {
            let now = ms(story[said.nth].at);
            let seen = [said.kept.since, said.kept.counted_at];
            if seen.into_iter().flatten().any(|at| at > now) {
                return Err(format!("deed {}: {seen:?}", said.nth));
            }
        }
        Ok(())
    });
}

#[test]
fn a_recheck_lies_ahead() {
    for_all(STORIES, |policy, story| {
        let (_, now, said) = last(policy, story);
        for sight in SIGHTS {
            let (_, decision) = keep(policy, sight, &said.kept, false, ms(now));
            if decision.recheck.at().is_some_and(|at| at <= ms(now)) {
                return Err(format!("{sight:?}: {:?}", decision.recheck));
            }
        }
        Ok(())
    });
}
