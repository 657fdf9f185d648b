//! Laws of telling, for whatever is known of an incident.

use sweepd_decide::incident::{Case, Stage, Tell, TellPolicy, Told, Why, tell};
use sweepd_decide::{Severity, Span};

use crate::dice::{ANY, Dice, SMALL, for_all};

use super::dice::{Telling, telling};

/// Holds a law of what is told against every case there is.
fn law(law: impl Fn(&Telling, Tell, Why) -> bool) {
    for sizes in [SMALL, ANY] {
        for_all(
            20_000,
            |dice: &mut Dice| telling(dice, sizes),
            |case| {
                let said = tell(&case.policy, &case.case, case.now);
                let fits = law(case, said.action, said.evidence);
                if fits { Ok(()) } else { Err(format!("{said:?}")) }
            },
        );
    }
}

#[test]
fn an_end_is_told_exactly_if_the_opening_was_promised_and_the_end_was_not() {
    law(|Telling { case, .. }, told, _| {
        (told == Tell::End) == (case.stage == Stage::Over && case.told.is_some())
    });
}

#[test]
fn when_it_is_over_nothing_else_is_asked() {
    law(|Telling { case, .. }, _, why| {
        let over = matches!(why, Why::Over | Why::Ended | Why::NeverTold);
        over == (case.stage != Stage::Open)
    });
}

#[test]
fn a_notice_is_never_told() {
    law(|Telling { case, .. }, told, _| {
        case.severity != Severity::Notice || matches!(told, Tell::Nothing | Tell::End)
    });
}

#[test]
fn an_acknowledgement_holds_nothing_worse_than_what_was_acknowledged() {
    law(|Telling { case, policy, now }, told, why| {
        let milder = case.acknowledged.is_some_and(|at| at < case.severity);
        let without = Case { acknowledged: None, ..case.clone() };
        let said = tell(policy, &without, *now);
        !milder || (said.action, said.evidence) == (told, why)
    });
}

#[test]
fn a_longer_pause_between_repeats_tells_nothing_earlier() {
    law(|Telling { case, policy, now }, told, _| {
        let longer = policy.repeat.map(|repeat| repeat.plus(Span::from_millis(1)));
        let patient = TellPolicy { repeat: longer, ..*policy };
        let said = tell(&patient, case, *now).action;
        said == told || (told == Tell::Still && said == Tell::Nothing)
    });
}

#[test]
fn what_has_been_promised_is_not_promised_again_at_once() {
    law(|Telling { case, policy, now }, told, _| {
        let mut after = case.clone();
        match told {
            Tell::Nothing => return true,
            Tell::End => after.stage = Stage::EndTold,
            Tell::Opening | Tell::Still => {
                after.told = Some(Told { at: *now, severity: case.severity });
                after.under_way = true;
            }
        }
        tell(policy, &after, *now).action == Tell::Nothing
    });
}
