//! When people are told of an incident: the page's lines by hand.

use sweepd_decide::incident::{Case, Cause, Quiet, Stage, Tell, TellPolicy, Told, Why, tell};
use sweepd_decide::{Severity, Span};

use crate::dice::ms;

use super::dice::SEVERITIES;

pub(super) const POLICY: TellPolicy = TellPolicy {
    wait: Span::from_secs(5),
    repeat: Some(Span::from_mins(60)),
    after_cause: Span::from_mins(2),
};

/// An open warning, since 0, of which nobody was told.
pub(super) fn case() -> Case {
    Case {
        severity: Severity::Warning,
        opened_at: ms(0),
        stage: Stage::Open,
        told: None,
        under_way: false,
        acknowledged: None,
        snoozed_until: None,
        quiet: None,
        cause: None,
        flaps: false,
    }
}

/// With a warning promised at that second.
fn told(second: i64) -> Case {
    let told = Told { at: ms(second * 1000), severity: Severity::Warning };
    Case { told: Some(told), ..case() }
}

/// Everything that can hold it back.
fn suppressed(mut case: Case) -> Case {
    case.acknowledged = Some(Severity::Error);
    case.snoozed_until = Some(ms(i64::MAX));
    case.quiet = Some(Quiet::Paused(ms(i64::MAX)));
    case.cause = Some(Cause::Open);
    case.flaps = true;
    case.under_way = true;
    case
}

fn with(mut case: Case, change: impl FnOnce(&mut Case)) -> Case {
    change(&mut case);
    case
}

/// What is told at that second and why, and the second at which it is asked again.
fn said(case: &Case, second: i64) -> (Tell, Why, Option<i64>) {
    let said = tell(&POLICY, case, ms(second * 1000));
    let recheck = said.recheck.at().map(|at| at.as_millis() / 1000);
    (said.action, said.evidence, recheck)
}

#[test]
fn an_end_is_told_to_those_who_were_told_of_it_whatever_holds_it_back() {
    for held in [told(0), suppressed(told(0))] {
        for severity in SEVERITIES {
            let over = with(held.clone(), |case| case.severity = severity);
            let over = with(over, |case| case.stage = Stage::Over);
            assert_eq!(said(&over, 1), (Tell::End, Why::Over, None));
            let ended = with(over.clone(), |case| case.stage = Stage::EndTold);
            assert_eq!(said(&ended, 1), (Tell::Nothing, Why::Ended, None));
            let untold = with(over, |case| case.told = None);
            assert_eq!(said(&untold, 1), (Tell::Nothing, Why::NeverTold, None));
        }
    }
}

#[test]
fn each_line_stands_before_those_below_it() {
    let mut case = suppressed(case());
    case.severity = Severity::Notice;
    assert_eq!(said(&case, 0), (Tell::Nothing, Why::Notice, None));
    case.severity = Severity::Warning;
    assert_eq!(said(&case, 0), (Tell::Nothing, Why::Flapping, None));
    case.flaps = false;
    assert_eq!(said(&case, 0), (Tell::Nothing, Why::Folded, None));
    case.cause = Some(Cause::Over(ms(0)));
    assert_eq!(said(&case, 0), (Tell::Nothing, Why::Folded, Some(120)));
    assert_eq!(said(&case, 120), (Tell::Nothing, Why::Acknowledged, None));
    case.acknowledged = Some(Severity::Notice);
    assert_eq!(said(&case, 120), (Tell::Nothing, Why::Snoozed, None));
    case.snoozed_until = Some(ms(130_000));
    assert_eq!(said(&case, 129), (Tell::Nothing, Why::Snoozed, Some(130)));
    assert_eq!(said(&case, 130), (Tell::Nothing, Why::Paused, None));
    case.quiet = Some(Quiet::Maintenance(ms(140_000)));
    assert_eq!(said(&case, 139), (Tell::Nothing, Why::Maintenance, Some(140)));
    case.opened_at = ms(136_000);
    assert_eq!(said(&case, 140), (Tell::Nothing, Why::Gathering, Some(141)));
    assert_eq!(said(&case, 141), (Tell::Opening, Why::New, None), "nothing of it can be under way");
    let mut case = with(told(0), |case| case.under_way = true);
    assert_eq!(said(&case, 4_000), (Tell::Nothing, Why::UnderWay, None));
    case.severity = Severity::Error;
    assert_eq!(said(&case, 1), (Tell::Opening, Why::Worse, None), "before the first has arrived");
}

#[test]
fn what_lasts_is_told_again_after_an_hour() {
    assert_eq!(said(&told(5), 6), (Tell::Nothing, Why::Told, Some(3_605)));
    assert_eq!(said(&told(5), 3_604), (Tell::Nothing, Why::Told, Some(3_605)));
    assert_eq!(said(&told(5), 3_605), (Tell::Still, Why::Lasts, None));
    let never = TellPolicy { repeat: None, ..POLICY };
    let said = tell(&never, &told(5), ms(i64::MAX));
    assert_eq!((said.action, said.evidence, said.recheck.at()), (Tell::Nothing, Why::Told, None));
}

#[test]
fn one_that_eased_is_told_as_before() {
    let eased =
        with(told(0), |case| case.told = Some(Told { at: ms(0), severity: Severity::Error }));
    assert_eq!(said(&eased, 1), (Tell::Nothing, Why::Told, Some(3_600)));
    assert_eq!(said(&eased, 3_600), (Tell::Still, Why::Lasts, None));
}

#[test]
fn every_reason_has_a_word_of_its_own() {
    let words = [
        (Why::Ended, "ended"),
        (Why::NeverTold, "never-told"),
        (Why::Notice, "notice"),
        (Why::Flapping, "flapping"),
        (Why::Folded, "folded"),
        (Why::Acknowledged, "acknowledged"),
        (Why::Snoozed, "snoozed"),
        (Why::Maintenance, "maintenance"),
        (Why::Paused, "paused"),
        (Why::Gathering, "gathering"),
        (Why::UnderWay, "under-way"),
        (Why::Told, "told"),
        (Why::Over, "over"),
        (Why::New, "new"),
        (Why::Worse, "worse"),
        (Why::Lasts, "lasts"),
    ];
    for (why, word) in words {
        assert_eq!(why.as_str(), word);
    }
}
