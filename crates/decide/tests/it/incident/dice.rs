//! Cases at random, most of them on an edge of a rule.

use sweepd_decide::incident::{
    Case, Cause, Change, FlapPolicy, Life, Quiet, Sight, Stage, TellPolicy, Told,
};
use sweepd_decide::{FindingKind, Severity, Span, Timestamp};

use crate::dice::{Dice, Sizes, edges};

pub(super) const SEVERITIES: [Severity; 3] = [Severity::Notice, Severity::Warning, Severity::Error];

/// A look at a key.
#[derive(Debug, Clone)]
pub(super) struct Looked {
    pub(super) kind: FindingKind,
    pub(super) open: Option<Life>,
    pub(super) sight: Sight<'static>,
    pub(super) now: Timestamp,
}

pub(super) fn sight(dice: &mut Dice) -> Sight<'static> {
    let words = ["", "by hand", "it runs again"];
    let ended = Sight::Ended(dice.pick(&words));
    dice.pick(&[Sight::Seen, Sight::Unseen, Sight::Unseen, Sight::Blind, ended])
}

pub(super) fn looked(dice: &mut Dice, sizes: Sizes) -> Looked {
    let rare = [FindingKind::MessageFailed, FindingKind::ContainerDown];
    let kinds = if dice.one_in(2) { &rare } else { FindingKind::ALL };
    let kind = dice.pick(kinds);
    let open = Life {
        opened_at: sizes.at(dice),
        good_looks: dice.pick(&[0, 0, 1, 1, 2, u32::MAX]),
        looked_at: sizes.maybe_at(dice),
    };
    let instants = [Some(open.opened_at), open.looked_at].into_iter().flatten();
    let spans = [Span::from_secs(5), Span::from_mins(24 * 60)];
    let now = dice.near(&edges(&instants.collect::<Vec<_>>(), &spans));
    Looked { kind, open: (!dice.one_in(6)).then_some(open), sight: sight(dice), now }
}

/// The openings and endings of a key.
#[derive(Debug, Clone)]
pub(super) struct Coming {
    pub(super) policy: FlapPolicy,
    pub(super) changes: Vec<Change>,
    pub(super) flapped: bool,
    pub(super) now: Timestamp,
}

impl Coming {
    pub(super) fn edges(&self) -> Vec<Timestamp> {
        let instants: Vec<_> = self.changes.iter().map(|change| change.at()).collect();
        edges(&instants, &[self.policy.window, self.policy.calm])
    }
}

pub(super) fn coming(dice: &mut Dice, sizes: Sizes) -> Coming {
    let openings = if dice.one_in(8) { u32::MAX } else { dice.small(0, 4) };
    let policy = FlapPolicy { openings, window: sizes.span(dice), calm: sizes.span(dice) };
    let mut change = |opened: bool| {
        let at = sizes.at(dice);
        if opened { Change::Opened(at) } else { Change::Ended(at) }
    };
    let mut changes: Vec<Change> = [1, 1, 1, 0, 1, 1, 0, 0].map(|is| change(is == 1)).into();
    for last in (1..changes.len()).rev() {
        let other = dice.within(0, i64::try_from(last).unwrap());
        changes.swap(last, usize::try_from(other).unwrap());
    }
    changes.truncate(usize::try_from(dice.within(0, 8)).unwrap());
    let mut case = Coming { policy, changes, flapped: dice.one_in(2), now: sizes.at(dice) };
    if !case.changes.is_empty() {
        case.now = dice.near(&case.edges());
    }
    case
}

/// An incident about which it is asked whether to tell.
#[derive(Debug, Clone)]
pub(super) struct Telling {
    pub(super) policy: TellPolicy,
    pub(super) case: Case,
    pub(super) now: Timestamp,
}

impl Telling {
    pub(super) fn edges(&self) -> Vec<Timestamp> {
        let case = &self.case;
        let quiet = case.quiet.map(|(Quiet::Maintenance(until) | Quiet::Paused(until))| until);
        let explained = match case.cause {
            Some(Cause::Over(end)) => Some(end),
            Some(Cause::Open) | None => None,
        };
        let told = case.told.map(|told| told.at);
        let instants = [Some(case.opened_at), told, case.snoozed_until, quiet, explained];
        let spans = [Some(self.policy.wait), Some(self.policy.after_cause), self.policy.repeat];
        let spans: Vec<Span> = spans.into_iter().flatten().collect();
        edges(&instants.into_iter().flatten().collect::<Vec<_>>(), &spans)
    }
}

/// What holds it back is there more seldom than not, so that the lines below are reached too.
pub(super) fn telling(dice: &mut Dice, sizes: Sizes) -> Telling {
    let policy = TellPolicy {
        wait: sizes.span(dice),
        repeat: (!dice.one_in(4)).then(|| sizes.span(dice)),
        after_cause: sizes.span(dice),
    };
    let severity = |dice: &mut Dice| {
        let mildest = usize::from(!dice.one_in(3));
        dice.pick(&SEVERITIES[mildest..])
    };
    let told = |dice: &mut Dice| Told { at: sizes.at(dice), severity: severity(dice) };
    let explained = |dice: &mut Dice| {
        if dice.one_in(4) { Cause::Open } else { Cause::Over(sizes.at(dice)) }
    };
    let quiet = |dice: &mut Dice| {
        let until = sizes.at(dice);
        if dice.one_in(2) { Quiet::Maintenance(until) } else { Quiet::Paused(until) }
    };
    let case = Case {
        severity: severity(dice),
        opened_at: sizes.at(dice),
        stage: dice.pick(&[Stage::Open, Stage::Open, Stage::Open, Stage::Over, Stage::EndTold]),
        told: (!dice.one_in(3)).then(|| told(dice)),
        under_way: dice.one_in(4),
        acknowledged: dice.one_in(3).then(|| severity(dice)),
        snoozed_until: dice.one_in(3).then(|| sizes.at(dice)),
        quiet: dice.one_in(3).then(|| quiet(dice)),
        cause: dice.one_in(3).then(|| explained(dice)),
        flaps: dice.one_in(8),
    };
    let mut telling = Telling { policy, case, now: Timestamp::MIN };
    telling.now = dice.near(&telling.edges());
    telling
}
