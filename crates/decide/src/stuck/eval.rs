//! One evaluation at one instant: which rules are overdue, and which instant could change that.

use super::answer::Rule;
use super::facts::{Blind, Facts};
use super::rule;
use crate::policy::{Policy, SilenceAction};
use crate::time::{Span, Timestamp};

/// The facts at one instant. Everything a rule may read.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) policy: &'a Policy,
    pub(super) facts: Facts<'a>,
    pub(super) now: Timestamp,
}

/// The earliest instant after `now` at which some comparison comes out differently.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    now: Timestamp,
    next: Timestamp,
}

/// What a rule measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) since: Timestamp,
    pub(super) limit: Span,
    pub(super) budget_end: Option<Timestamp>,
    pub(super) overdue_at: Timestamp,
    /// Index of the claim named.
    pub(super) claim: Option<usize>,
    pub(super) idle: bool,
}

/// What a rule says: nothing is overdue, this is, or it cannot tell.
pub(super) type Says<T> = Result<Option<T>, Blind>;

/// Everything that is overdue at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Verdicts {
    stops: [Option<Case>; 6],
    /// Claim index and since.
    pub(super) silent: Option<(usize, Timestamp)>,
    /// Index of the due message, and since.
    pub(super) unclaimed: Option<(usize, Timestamp)>,
    pub(super) blind: bool,
}

/// The rules that stop, in order of precedence.
const ORDER: [Rule; 6] =
    [Rule::Ceiling, Rule::Claim, Rule::Silence, Rule::Start, Rule::NeverBeat, Rule::HardCap];

impl At<'_> {
    /// Asks every rule.
    pub(super) fn verdicts(&self, edge: &mut Edge) -> Verdicts {
        let mut blind = false;
        let mut heard = |said: Says<Case>| {
            blind |= said.is_err();
            said.ok().flatten()
        };
        let stops = ORDER.map(|rule| heard(self.ask(rule, edge)));
        let silent = match self.policy.silence_action {
            SilenceAction::Warn => heard(rule::silence::judge(self, edge)),
            SilenceAction::Stop => None,
        };
        let unclaimed = rule::unclaimed::judge(self, edge);
        Verdicts {
            stops,
            silent: silent.and_then(|case| Some((case.claim?, case.since))),
            unclaimed: unclaimed.unwrap_or_default(),
            blind: blind || unclaimed.is_err(),
        }
    }

    fn ask(&self, rule: Rule, edge: &mut Edge) -> Says<Case> {
        match rule {
            Rule::Ceiling => rule::ceiling::judge(self, edge),
            Rule::Claim => rule::claim::judge(self, edge),
            Rule::Silence => match self.policy.silence_action {
                SilenceAction::Stop => rule::silence::judge(self, edge),
                SilenceAction::Warn => Ok(None),
            },
            Rule::Start => rule::start::judge(self, edge),
            Rule::NeverBeat => rule::never_beat::judge(self, edge),
            Rule::HardCap => rule::hard_cap::judge(self, edge),
        }
    }

    /// Whether this very stop is overdue: for a rule that names a claim, with that claim named.
    pub(super) fn still(
        &self,
        verdicts: &Verdicts,
        rule: Rule,
        claim: Option<usize>,
    ) -> Option<Case> {
        let mut ignored = Edge::none(self.now);
        match (rule, claim) {
            (Rule::Claim, Some(index)) => rule::claim::of(self, index, &mut ignored).ok()?,
            (Rule::Silence, Some(index)) => match self.policy.silence_action {
                SilenceAction::Stop => rule::silence::of(self, index, &mut ignored).ok()?,
                SilenceAction::Warn => None,
            },
            _ => verdicts.by(rule),
        }
    }

    /// A case with its first overdue instant: a limit, stretched by slept time and a budget.
    pub(super) fn case(
        &self,
        since: Timestamp,
        limit: Span,
        budget_end: Option<Timestamp>,
    ) -> Case {
        let deadline = since.plus(limit).plus(self.facts.slept_after(since));
        let end = budget_end.map_or(deadline, |end| deadline.max(end));
        let overdue_at = end.plus(Span::from_millis(1));
        Case { since, limit, budget_end, overdue_at, claim: None, idle: false }
    }

    /// End of the budget that the tool in flight declares.
    pub(super) fn budget_end(&self, edge: &mut Edge) -> Says<Timestamp> {
        let (start, heartbeat) = (self.facts.start()?, self.facts.heartbeat()?);
        let Some(tool) = self.facts.tool()? else {
            return Ok(None);
        };
        let Some(declared) = tool.declared_ms.filter(|ms| *ms > 0).map(Span::from_millis) else {
            return Ok(None);
        };
        let policy = self.policy;
        let credible = tool.started_at.at().filter(|at| edge.passes(at.minus(policy.skew)));
        let since = credible.or(heartbeat).map_or(start, |at| at.max(start));
        let budget = declared.min(policy.declared_cap).plus(policy.declared_grace);
        Ok(Some(since.plus(budget).plus(self.facts.slept_after(since))))
    }
}

impl Case {
    /// This case, if it is overdue; if not, the instant when it will be is an edge.
    pub(super) fn if_overdue(self, edge: &mut Edge) -> Option<Self> {
        edge.passes(self.overdue_at).then_some(self)
    }
}

impl Verdicts {
    /// The rule of highest precedence that wants a stop.
    pub(super) fn first(&self) -> Option<(Rule, Case)> {
        ORDER.into_iter().zip(self.stops).find_map(|(rule, case)| Some((rule, case?)))
    }

    fn by(&self, wanted: Rule) -> Option<Case> {
        ORDER.into_iter().zip(self.stops).find_map(|(rule, case)| case.filter(|_| rule == wanted))
    }
}

impl Edge {
    pub(super) const fn none(now: Timestamp) -> Self {
        Self { now, next: Timestamp::MAX }
    }

    /// Whether `instant` has come; if not, it is an edge.
    pub(super) fn passes(&mut self, instant: Timestamp) -> bool {
        let passed = instant <= self.now;
        if !passed {
            self.next = self.next.min(instant);
        }
        passed
    }

    /// The next edge; `Timestamp::MAX`: there is none.
    pub(super) const fn next(&self) -> Timestamp {
        self.next
    }
}
