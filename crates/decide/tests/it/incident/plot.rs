//! Stories of one key at random: looks, people, windows, causes, and how long alerts take.

use sweepd_decide::incident::{Cause, FlapPolicy, Quiet, Sight, TellPolicy};
use sweepd_decide::{FindingKind, Severity, Span};

use crate::dice::{Dice, ms};

use super::dice::{SEVERITIES, sight};

/// Milliseconds.
pub(super) const SECOND: i64 = 1000;
/// In seconds. Nothing comes by itself in the second half.
pub(super) const LENGTH: i64 = 600;

#[derive(Debug, Clone, Copy)]
pub(super) enum Fact {
    Look(Sight<'static>),
    IsSoBad(Severity),
    Acknowledged,
    Snoozed(i64),
    Quiet(Option<Quiet>),
    Cause(Option<Cause>),
    Arrives,
}

#[derive(Debug)]
pub(super) struct Plot {
    pub(super) policy: TellPolicy,
    pub(super) flaps: FlapPolicy,
    pub(super) kind: FindingKind,
    /// By the second at which they come.
    pub(super) facts: Vec<(i64, Fact)>,
    /// How long each alert takes to arrive.
    pub(super) takes: Vec<i64>,
}

fn fact(dice: &mut Dice, at: i64) -> Fact {
    let until = dice.pick(&[at + 5, at + 30, at + 60, 2 * at]);
    let forever = if dice.one_in(4) { i64::MAX } else { until * SECOND };
    let quiet = [
        None,
        None,
        Some(Quiet::Maintenance(ms(until * SECOND))),
        Some(Quiet::Paused(ms(forever))),
    ];
    match dice.within(0, 15) {
        0..=7 => Fact::Look(sight(dice)),
        8 | 9 => Fact::IsSoBad(dice.pick(&SEVERITIES)),
        10 => Fact::Acknowledged,
        11 => Fact::Snoozed(until),
        12 => Fact::Quiet(dice.pick(&quiet)),
        _ => {
            let over = Some(Cause::Over(ms(at * SECOND)));
            Fact::Cause(dice.pick(&[None, Some(Cause::Open), over, over]))
        }
    }
}

pub(super) fn plot(dice: &mut Dice) -> Plot {
    let second = |dice: &mut Dice, of: &[i64]| Span::from_secs(dice.pick(of));
    let policy = TellPolicy {
        wait: second(dice, &[0, 5, 5]),
        repeat: (!dice.one_in(5)).then(|| second(dice, &[10, 60, 61])),
        after_cause: second(dice, &[0, 12, 20]),
    };
    let flaps = FlapPolicy {
        openings: dice.small(1, 3),
        window: Span::from_secs(60),
        calm: second(dice, &[60, 61, 90]),
    };
    let kinds = [FindingKind::ContainerDown, FindingKind::ContainerDown, FindingKind::AgentStuck];
    let mut at = 0;
    let mut facts = Vec::new();
    while facts.len() < 40 && at < LENGTH / 2 {
        facts.push((at, fact(dice, at)));
        at += dice.pick(&[0, 0, 1, 4, 5, 5, 6, 12, 20, 60]);
    }
    let takes = (0..400).map(|_| dice.pick(&[0, 0, 1, 3, 60, 200])).collect();
    Plot { policy, flaps, kind: dice.pick(&kinds), facts, takes }
}
