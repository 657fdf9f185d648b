//! Laws of bringing it back: what may be done at all, and not before when.

use sweepd_decide::Span;
use sweepd_decide::keep::{Recreate, Sight, Standing, Step, Why};

use super::dice::for_all;
use super::story::{Deed, End, What, ms, tell};

const STORIES: u64 = 3_000;

#[test]
fn each_sight_allows_only_what_can_help_it() {
    for_all(STORIES, |policy, story| {
        for told in tell(policy, story) {
            let What::Look { sight, .. } = story[told.nth].what else { unreachable!() };
            let step = told.decision.action;
            let fits = match sight {
                Sight::Up => step == Step::Nothing && !told.decision.evidence.down,
                Sight::Stopped { restarts } => match step {
                    Step::Start => policy.start_stopped,
                    Step::Wait(Why::RestartPolicy) => restarts,
                    Step::Wait(Why::Settling) => policy.settle > Span::ZERO,
                    Step::Wait(why) => why == Why::Backoff && policy.start_stopped,
                    Step::Report(why) => matches!(why, Why::ByHand | Why::Configured),
                    Step::Nothing | Step::Recreate => false,
                },
                Sight::Missing => !matches!(step, Step::Nothing | Step::Start),
                Sight::Renamed => matches!(step, Step::Report(_)),
            };
            if !fits {
                return Err(format!("deed {}: {sight:?}, {step:?}", told.nth));
            }
        }
        Ok(())
    });
}

#[test]
fn none_is_made_anew_where_that_is_forbidden_or_left_to_compose() {
    for_all(STORIES, |policy, story| {
        for told in tell(policy, story) {
            let learned = story[..told.nth].iter().rev().find_map(|deed| match deed.what {
                What::Learn { compose } => Some(compose),
                What::Look { .. } | What::Attempt { .. } | What::StopByHand | What::Restart => None,
            });
            let allowed = match policy.recreate {
                Recreate::Always => true,
                Recreate::Own => learned != Some(true),
                Recreate::Never => false,
            };
            if told.decision.action == Step::Recreate && !allowed {
                return Err(format!("deed {}", told.nth));
            }
        }
        Ok(())
    });
}

/// The most looks that agree, each after the first one that may count, and so far from the one
/// before: over all ways to choose them.
fn agree(looks: &[(i64, bool)], apart: i64) -> u32 {
    let mut chains: Vec<u32> = Vec::new();
    for (nth, (at, counts)) in looks.iter().enumerate() {
        let before = looks[..nth].iter().zip(&chains);
        let fits = before.filter(|((earlier, _), _)| *counts && at - earlier >= apart);
        chains.push(1 + fits.map(|(_, chain)| *chain).max().unwrap_or(0));
    }
    chains.into_iter().max().unwrap_or(0)
}

#[test]
fn it_is_made_anew_only_after_so_many_looks_in_a_row_that_lie_apart_have_missed_it() {
    for_all(STORIES, |policy, story| {
        for told in tell(policy, story) {
            let known = |deed: &Deed| match deed.what {
                What::Look { sight, .. } => Some(sight.standing()),
                What::Attempt { end: End::Worked | End::Flawed, .. } => Some(Standing::Up),
                What::Attempt { .. } | What::StopByHand | What::Learn { .. } | What::Restart => {
                    None
                }
            };
            let upto = &story[..=told.nth];
            let other = upto.iter().rposition(|deed| known(deed).is_some_and(is_not_missing));
            let looks = upto[other.map_or(0, |nth| nth + 1)..].iter().filter_map(|deed| {
                let What::Look { counts, .. } = deed.what else { return None };
                Some((deed.at, counts))
            });
            let agreeing = agree(&looks.collect::<Vec<_>>(), policy.apart.as_millis());
            if told.decision.action == Step::Recreate && agreeing < policy.looks {
                return Err(format!("deed {}: only {agreeing} agree", told.nth));
            }
        }
        Ok(())
    });
}

fn is_not_missing(standing: Standing) -> bool {
    standing != Standing::Missing
}

#[test]
fn no_attempt_is_called_for_before_the_wait_after_the_last_is_over() {
    for_all(STORIES, |policy, story| {
        let (base, cap) = (policy.backoff.base.as_millis(), policy.backoff.cap.as_millis());
        let told = tell(policy, story);
        for (nth, said) in told.iter().enumerate() {
            let forgotten = told[..nth].iter().rev().find(|s| s.decision.evidence.attempts == 0);
            let first = forgotten.map_or(0, |said| said.nth);
            let charged = story[first..said.nth].iter().filter(|deed| match deed.what {
                What::Attempt { end, .. } => end != End::Superseded,
                What::Look { .. } | What::StopByHand | What::Learn { .. } | What::Restart => false,
            });
            // What is recorded later than a look says that the clock was put back.
            let looks = |at: i64| told[..=nth].iter().map(move |one| (one.nth, at));
            let known = |from: &Deed| {
                let begun = story.iter().position(|deed| std::ptr::eq(deed, from)).unwrap();
                let later = looks(from.at).filter(|(nth, _)| *nth > begun);
                later.map(|(nth, at)| at.min(story[nth].at)).min().unwrap_or(from.at)
            };
            let attempts: Vec<i64> = charged.map(known).collect();
            let doubled = u32::try_from(attempts.len()).unwrap().saturating_sub(1);
            let over = attempts.last().map(|at| at + cap.min(base * 2_i64.pow(doubled)));
            // Up for long enough in between, the first after that waits for nothing.
            let waited = said.decision.evidence.attempts == 0
                || over.is_none_or(|over| story[said.nth].at >= over);
            if matches!(said.decision.action, Step::Start | Step::Recreate) && !waited {
                return Err(format!("deed {}: before {over:?}", said.nth));
            }
        }
        Ok(())
    });
}

#[test]
fn a_look_that_may_not_count_brings_nothing_nearer() {
    for_all(STORIES, |policy, story| {
        for (nth, said) in tell(policy, story).iter().enumerate() {
            let What::Look { sight: Sight::Missing, counts: false } = story[said.nth].what else {
                continue;
            };
            let same = said.before.stands == Some(Standing::Missing);
            let back = said.before.counted_at.is_none_or(|at| at.as_millis() > story[said.nth].at);
            let looks = said.kept.looks;
            if (same && !back && looks != said.before.looks) || (looks > 1 && !same) {
                return Err(format!("deed {}: {} looks", said.nth, said.kept.looks));
            }
            let put_back = said.before.attempted_at.is_some_and(|at| at > ms(story[said.nth].at));
            if !same || back || put_back {
                continue;
            }
            // Without it, all that follows is called for at the same looks.
            let mut without = story.to_vec();
            without.remove(said.nth);
            let steps = |story: &[Deed]| {
                let steps: Vec<Step> =
                    tell(policy, story).iter().map(|said| said.decision.action).collect();
                steps
            };
            let mut all = steps(story);
            all.remove(nth);
            if all != steps(&without) {
                return Err(format!("deed {} changes what follows", said.nth));
            }
        }
        Ok(())
    });
}
