//! Laws of what is remembered: what is forgotten, and what leaves no trace.

use sweepd_decide::keep::{KeepPolicy, Recreate, Standing, Step, Why};

use super::dice::for_all;
use super::story::{Deed, End, Said, What, tell};

const STORIES: u64 = 3_000;

/// What was said at each look, and nothing else of it.
fn told(policy: &KeepPolicy, story: &[Deed]) -> Vec<impl PartialEq + std::fmt::Debug + use<>> {
    tell(policy, story).into_iter().map(|said| (said.decision, said.kept.flaw)).collect()
}

/// The same is said of a story without those deeds.
fn leave_no_trace(
    policy: &KeepPolicy,
    story: &[Deed],
    those: impl Fn(&What) -> bool,
) -> Result<(), String> {
    let without: Vec<Deed> = story.iter().filter(|deed| !those(&deed.what)).cloned().collect();
    let (all, rest) = (told(policy, story), told(policy, &without));
    if all == rest { Ok(()) } else { Err(format!("{all:#?}, without them {rest:#?}")) }
}

#[test]
fn an_attempt_that_somebody_was_faster_than_leaves_no_trace() {
    for_all(STORIES, |policy, story| {
        leave_no_trace(policy, story, |what| {
            matches!(what, What::Attempt { end: End::Superseded, .. })
        })
    });
}

#[test]
fn a_restart_of_sweepd_leaves_no_trace() {
    for_all(STORIES, |policy, story| {
        leave_no_trace(policy, story, |what| matches!(what, What::Restart))
    });
}

#[test]
fn what_it_is_made_of_matters_only_where_compose_does() {
    for_all(STORIES, |policy, story| {
        let own = policy.recreate == Recreate::Own;
        leave_no_trace(policy, story, |what| match what {
            What::Learn { compose } => !own && *compose,
            What::Look { .. } | What::Attempt { .. } | What::StopByHand | What::Restart => false,
        })
    });
}

/// Each two answers that follow each other.
fn pairs(policy: &KeepPolicy, story: &[Deed]) -> Vec<(Said, Said)> {
    let told = tell(policy, story);
    told.iter().cloned().zip(told.iter().skip(1).cloned()).collect()
}

#[test]
fn attempts_are_forgotten_all_at_once_and_only_after_it_was_up_for_long_enough() {
    for_all(STORIES, |policy, story| {
        for (first, second) in pairs(policy, story) {
            let charged = story[first.nth..second.nth].iter().filter(|deed| match deed.what {
                What::Attempt { end, .. } => end != End::Superseded,
                What::Look { .. } | What::StopByHand | What::Learn { .. } | What::Restart => false,
            });
            let all = usize::try_from(first.kept.attempts).unwrap() + charged.count();
            let left = usize::try_from(second.kept.attempts).unwrap();
            let is_up = second.before.stands == Some(Standing::Up)
                && second.kept.stands == Some(Standing::Up);
            let since = second.before.since.map(sweepd_decide::Timestamp::as_millis);
            let now = story[second.nth].at;
            let long = since.is_some_and(|since| now - since >= policy.steady.as_millis());
            let expect = if is_up && long { 0 } else { all };
            if left != expect {
                return Err(format!("deed {}: {left} of {all} attempts", second.nth));
            }
        }
        Ok(())
    });
}

#[test]
fn up_for_long_enough_nothing_is_held_against_it() {
    for_all(STORIES, |policy, story| {
        for said in tell(policy, story) {
            let (evidence, now) = (&said.decision.evidence, story[said.nth].at);
            let long = now - evidence.since.as_millis() >= policy.steady.as_millis();
            let clear = evidence.attempts == 0
                && evidence.not_before.is_none()
                && !evidence.failing
                && evidence.last_error.is_none()
                && said.decision.recheck.at().is_none();
            if evidence.standing == Standing::Up && long && !clear {
                return Err(format!("deed {}: {evidence:#?}", said.nth));
            }
        }
        Ok(())
    });
}

#[test]
fn what_fails_goes_on_failing_until_its_attempts_are_forgotten() {
    for_all(STORIES, |policy, story| {
        for (first, second) in pairs(policy, story) {
            let forgotten = second.kept.attempts < first.kept.attempts;
            let (before, after) = (&first.decision.evidence, &second.decision.evidence);
            // What a person stopped is not expected back.
            if before.failing && !after.failing && !forgotten && !second.kept.by_hand {
                return Err(format!("deed {}", second.nth));
            }
        }
        Ok(())
    });
}

#[test]
fn one_that_a_person_stopped_is_left_alone_and_not_down_until_it_was_up_or_tried_again() {
    for_all(STORIES, |policy, story| {
        let mut stopped = false;
        let told = tell(policy, story);
        for (nth, deed) in story.iter().enumerate() {
            match deed.what {
                What::StopByHand => stopped = true,
                // A superseded attempt is none.
                What::Attempt { end: End::Superseded, .. } | What::Learn { .. } | What::Restart => {
                }
                What::Attempt { .. } => stopped = false,
                What::Look { sight, .. } => {
                    let said = told.iter().find(|said| said.nth == nth).unwrap();
                    stopped &= sight.standing() != Standing::Up;
                    let by_hand = said.decision.action == Step::Report(Why::ByHand);
                    if by_hand != stopped || (stopped && said.decision.evidence.down) {
                        return Err(format!("deed {nth}: {:?}", said.decision));
                    }
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a_flaw_is_known_from_the_making_on_until_it_is_missing() {
    for_all(STORIES, |policy, story| {
        let mut flawed = false;
        let told = tell(policy, story);
        for (nth, deed) in story.iter().enumerate() {
            match deed.what {
                What::Attempt { end: End::Flawed, .. } => flawed = true,
                What::Attempt { end: End::Worked, .. } => flawed = false,
                What::Attempt { .. } | What::StopByHand | What::Learn { .. } | What::Restart => {}
                What::Look { sight, .. } => {
                    let said = told.iter().find(|said| said.nth == nth).unwrap();
                    match sight.standing() {
                        Standing::Up | Standing::Stopped | Standing::Renamed => {}
                        Standing::Missing => flawed = false,
                    }
                    if said.kept.flaw.is_some() != flawed {
                        return Err(format!("deed {nth}: {:?}", said.kept.flaw));
                    }
                }
            }
        }
        Ok(())
    });
}
