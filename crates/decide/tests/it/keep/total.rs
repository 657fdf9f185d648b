//! Every memory and every instant has an answer; and the stories tried here meet all answers.

use std::collections::BTreeMap;

use sweepd_decide::keep::{
    KeepPolicy, Kept, Sight, Standing, Step, begun, failed, keep, not_before, worked,
};
use sweepd_decide::{Backoff, Span, Timestamp};

use super::dice::{Dice, SIGHTS, for_all};
use super::story::{ms, tell};

const EDGES: [i64; 11] = [
    i64::MIN,
    i64::MIN + 1,
    -60_000,
    -1,
    0,
    1,
    5_000,
    60_000,
    1_778_547_600_000,
    i64::MAX - 1,
    i64::MAX,
];
const NUMBERS: [u32; 6] = [0, 1, 2, 3, u32::MAX - 1, u32::MAX];

fn any_policy(dice: &mut Dice) -> KeepPolicy {
    let mut policy = KeepPolicy::default();
    let mut span = || Span::from_millis(dice.pick(&EDGES));
    (policy.apart, policy.trust, policy.steady) = (span(), span(), span());
    policy.settle = span();
    policy.backoff = Backoff { base: span(), cap: span() };
    policy.start_stopped = true;
    (policy.looks, policy.failures) = (dice.pick(&NUMBERS), dice.pick(&NUMBERS));
    policy
}

fn any_memory(dice: &mut Dice) -> Kept {
    let mut kept = Kept::default();
    let standings = [Standing::Up, Standing::Stopped, Standing::Missing, Standing::Renamed];
    kept.stands = (!dice.one_in(5)).then(|| dice.pick(&standings));
    let mut at = || (!dice.one_in(5)).then(|| ms(dice.pick(&EDGES)));
    (kept.since, kept.counted_at, kept.attempted_at) = (at(), at(), at());
    (kept.looks, kept.attempts) = (dice.pick(&NUMBERS), dice.pick(&NUMBERS));
    kept.told = dice.one_in(2);
    kept.under_way = dice.one_in(2);
    kept.by_hand = dice.one_in(4);
    kept
}

#[test]
fn whatever_is_remembered_and_whenever_it_is_there_is_an_answer_that_fits_the_sight() {
    for seed in 0..30_000 {
        let mut dice = Dice(seed);
        let (policy, before) = (any_policy(&mut dice), any_memory(&mut dice));
        let (now, sight) = (ms(dice.pick(&EDGES)), dice.pick(&SIGHTS));
        let (kept, decision) = keep(&policy, sight, &before, dice.one_in(2), now);
        let context = format!("{policy:?} {sight:?} {before:?} {now}");
        assert_eq!(kept.stands, Some(sight.standing()), "{context}");
        assert_eq!(decision.evidence.since, kept.since.unwrap(), "{context}");
        assert!(decision.evidence.since <= now, "{context}");
        assert!(decision.recheck.at().is_none_or(|at| at > now), "{context}");
        assert_eq!(decision.evidence.not_before, not_before(&policy, &kept), "{context}");
        assert_eq!(decision.action == Step::Nothing, sight == Sight::Up, "{context}");
        assert!(decision.action != Step::Start || sight.standing() == Standing::Stopped);
        assert!(decision.action != Step::Recreate || sight == Sight::Missing, "{context}");
    }
}

#[test]
fn counts_saturate() {
    let mut kept = Kept::default();
    (kept.attempts, kept.looks) = (u32::MAX, u32::MAX);
    let after = failed(&begun(&kept, Timestamp::MAX), "no");
    assert_eq!(after.attempts, u32::MAX);
    let over = not_before(&KeepPolicy::default(), &after);
    assert_eq!(over, Some(Timestamp::MAX), "never due");
    (kept.stands, kept.counted_at) = (Some(Standing::Missing), Some(ms(0)));
    let (kept, _) = keep(&KeepPolicy::default(), Sight::Missing, &kept, true, ms(5_000));
    assert_eq!((kept.looks, kept.counted_at), (u32::MAX, Some(ms(5_000))));
    assert_eq!(worked(&kept, None, Timestamp::MIN).since, Some(Timestamp::MIN));
}

#[test]
fn the_stories_tried_here_meet_every_answer() {
    let met = std::cell::RefCell::new(BTreeMap::<String, u32>::new());
    for_all(3_000, |policy, story| {
        for said in tell(policy, story) {
            let (step, evidence) = (said.decision.action, said.decision.evidence);
            let mut met = met.borrow_mut();
            let standing = evidence.standing;
            *met.entry(format!("{standing:?} {step:?}")).or_default() += 1;
            let marks = [("down", evidence.down), ("failing", evidence.failing)];
            for (mark, _) in marks.iter().filter(|(_, is)| *is) {
                *met.entry(format!("{standing:?} {mark}")).or_default() += 1;
            }
        }
        Ok(())
    });
    let met = met.into_inner();
    let often = met.iter().filter(|(_, times)| **times >= 50);
    let often: Vec<&str> = often.map(|(what, _)| what.as_str()).collect();
    let expect = [
        "Missing Recreate",
        "Missing Report(Compose)",
        "Missing Report(Configured)",
        "Missing Wait(Backoff)",
        "Missing Wait(Confirmation)",
        "Missing down",
        "Missing failing",
        "Renamed Report(Renamed)",
        "Renamed down",
        "Renamed failing",
        "Stopped Report(ByHand)",
        "Stopped Report(Configured)",
        "Stopped Start",
        "Stopped Wait(Backoff)",
        "Stopped Wait(RestartPolicy)",
        "Stopped down",
        "Stopped failing",
        "Up Nothing",
        "Up failing",
    ];
    let missed: Vec<&str> = expect.into_iter().filter(|what| !often.contains(what)).collect();
    assert!(missed.is_empty(), "{missed:?} of {met:#?}");
}
