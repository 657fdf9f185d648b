//! The rule, with its memory from look to look, agrees with the oracle, which has none.

use sweepd_decide::keep::{Step, Why};

use super::dice::for_all;
use super::oracle::{Answer, answer, recheck_by_scan};
use super::reading;
use super::story::{Said, What, ms, run_and_print, tell};

/// What was said, in the oracle's words.
fn said(said: &Said) -> Answer {
    let evidence = said.decision.evidence.clone();
    Answer {
        step: said.decision.action,
        standing: evidence.standing,
        since: evidence.since.as_millis(),
        changed: evidence.changed,
        looks: evidence.looks,
        attempts: evidence.attempts,
        not_before: evidence.not_before.map(sweepd_decide::Timestamp::as_millis),
        down: evidence.down,
        failing: evidence.failing,
        last_error: evidence.last_error,
    }
}

#[test]
fn every_look_is_answered_as_the_oracle_does() {
    for_all(6_000, |policy, story| {
        for told in tell(policy, story) {
            let upto = &story[..=told.nth];
            let (expect, got) = (answer(policy, upto), said(&told));
            if expect != got {
                return Err(format!("deed {}: {got:#?}, expected {expect:#?}", told.nth));
            }
        }
        Ok(())
    });
}

#[test]
fn the_recheck_is_the_first_instant_at_which_the_oracle_answers_otherwise() {
    for_all(1_500, |policy, story| {
        let told = tell(policy, story).pop().unwrap();
        let now = story[told.nth].at;
        let confirms = told.decision.action == Step::Wait(Why::Confirmation);
        let far = told.kept.counted_at.is_some_and(|at| at.plus(policy.apart) <= ms(now));
        // A look that could count already but may not: the next that may is not a matter of time.
        if confirms && far {
            return Ok(());
        }
        let got = told.decision.recheck.at().map(sweepd_decide::Timestamp::as_millis);
        let expect = recheck_by_scan(policy, story, got.unwrap_or(now + 120));
        if got == expect { Ok(()) } else { Err(format!("{got:?}, expected {expect:?}")) }
    });
}

#[test]
fn what_is_remembered_beside_the_answer_is_what_the_story_says() {
    for_all(3_000, |policy, story| {
        for told in tell(policy, story) {
            let upto = &story[..=told.nth];
            let kept = &told.kept;
            let learned = upto.iter().rev().find_map(|deed| match deed.what {
                What::Learn { compose } => Some((deed.at, compose)),
                What::Look { .. } | What::Attempt { .. } | What::StopByHand | What::Restart => None,
            });
            let (run, print) = learned.map(|(at, _)| run_and_print(at)).unzip();
            let same = kept.learned == run
                && kept.print == print
                && kept.project.is_some() == learned.is_some_and(|(_, compose)| compose)
                && kept.by_hand == reading::by_hand(upto)
                && kept.under_way == reading::is_under_way(upto);
            if !same {
                return Err(format!("deed {}: {kept:#?}", told.nth));
            }
        }
        Ok(())
    });
}
