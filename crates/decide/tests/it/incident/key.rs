//! A key that lives through a plot: what is told of it is promised, and arrives some time later.

use sweepd_decide::incident::{
    Case, Change, Course, Flapping, Life, Sight, Stage, Tell, Told, Why, flap, life, tell,
};
use sweepd_decide::{Recheck, Severity, Timestamp};

use crate::dice::ms;

use super::plot::{Fact, LENGTH, Plot, SECOND};

/// Something that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) second: i64,
    pub(super) number: usize,
    pub(super) tell: Tell,
    pub(super) severity: Severity,
}

/// The key at one instant, and all that was told of its incidents.
#[derive(Debug)]
pub(super) struct Key<'a> {
    plot: &'a Plot,
    open: Option<Life>,
    pub(super) cases: Vec<Case>,
    severity: Severity,
    changes: Vec<Change>,
    flaps: bool,
    arriving: Vec<(i64, usize)>,
    pub(super) said: Vec<Said>,
    pub(super) asked: usize,
    pub(super) whys: Vec<Why>,
    recheck: Recheck,
}

impl<'a> Key<'a> {
    pub(super) fn new(plot: &'a Plot) -> Self {
        let severity = Severity::Warning;
        let (cases, changes, arriving) = (Vec::new(), Vec::new(), Vec::new());
        let (open, said, whys) = (None, Vec::new(), Vec::new());
        let (flaps, asked, recheck) = (false, 0, Recheck::OnChange);
        Key { plot, open, cases, severity, changes, flaps, arriving, said, asked, whys, recheck }
    }

    /// A look, by the rule of an incident's life.
    fn look(&mut self, second: i64, sight: Sight<'static>) {
        let now = ms(second * SECOND);
        let course = life(self.plot.kind, self.open.as_ref(), sight, now);
        let opened_at = self.open.map_or(now, |open| open.opened_at);
        let looked_at = Some(now);
        match course {
            Course::Nothing | Course::Waits => return,
            Course::Ends(_) => {
                self.cases.last_mut().unwrap().stage = Stage::Over;
                self.changes.push(Change::Ended(now));
                self.open = None;
                return;
            }
            Course::Opens => {
                let severity = self.severity;
                let case = super::telling::case();
                self.cases.push(Case { opened_at: now, severity, ..case });
                self.changes.push(Change::Opened(now));
            }
            Course::Stays | Course::Good(_) => {}
        }
        let good_looks = if let Course::Good(looks) = course { looks } else { 0 };
        self.open = Some(Life { opened_at, good_looks, looked_at });
    }

    fn learn(&mut self, second: i64, fact: Fact) {
        if let Fact::Look(sight) = fact {
            return self.look(second, sight);
        }
        if let Fact::IsSoBad(severity) = fact {
            self.severity = severity;
        }
        if let Fact::Arrives = fact {
            self.arriving.retain(|(at, _)| *at > second);
        }
        let arriving = &self.arriving;
        for (nth, case) in self.cases.iter_mut().enumerate() {
            case.under_way = arriving.iter().any(|(_, number)| *number == nth);
        }
        // Facts about the key are facts about the one that is open.
        let Some(case) = self.cases.last_mut().filter(|case| case.stage == Stage::Open) else {
            return;
        };
        match fact {
            Fact::IsSoBad(severity) => case.severity = severity,
            Fact::Acknowledged => case.acknowledged = Some(case.severity),
            Fact::Snoozed(until) => case.snoozed_until = Some(ms(until * SECOND)),
            Fact::Quiet(quiet) => case.quiet = quiet,
            Fact::Cause(explained) => case.cause = explained,
            Fact::Look(_) | Fact::Arrives => {}
        }
    }

    /// Whether it flaps now, and until when that holds.
    fn flap(&mut self, now: Timestamp) -> Recheck {
        for _ in 0..2 {
            let said = flap(&self.plot.flaps, &self.changes, self.flaps, now);
            let flaps = said.action == Flapping::Yes;
            if flaps == self.flaps {
                return said.recheck;
            }
            self.flaps = flaps;
        }
        unreachable!("it begins and ends at once")
    }

    /// Asks until there is nothing more to tell; what is told is promised.
    fn ask(&mut self, second: i64) {
        let now = ms(second * SECOND);
        let Some(number) = self.cases.len().checked_sub(1) else { return };
        let calms = self.flap(now);
        loop {
            let case = &mut self.cases[number];
            case.flaps = self.flaps;
            let answer = tell(&self.plot.policy, case, now);
            self.asked += 1;
            assert!(self.asked < 10_000, "a hot loop");
            self.whys.push(answer.evidence);
            self.recheck = answer.recheck.sooner(calms);
            match answer.action {
                Tell::Nothing => return,
                Tell::End => case.stage = Stage::EndTold,
                Tell::Opening | Tell::Still => {
                    case.told = Some(Told { at: now, severity: case.severity });
                }
            }
            case.under_way = true;
            let takes = self.plot.takes[self.said.len() % self.plot.takes.len()];
            self.arriving.push((second + 1 + takes, number));
            let (tell, severity) = (answer.action, case.severity);
            self.said.push(Said { second, number, tell, severity });
        }
    }

    /// Lives through the whole plot.
    pub(super) fn live(mut self, each_second: bool) -> Self {
        for second in 0..=LENGTH {
            for (_, fact) in self.plot.facts.iter().filter(|(at, _)| *at == second) {
                self.learn(second, *fact);
                self.ask(second);
            }
            if self.arriving.iter().any(|(at, _)| *at == second) {
                self.learn(second, Fact::Arrives);
                self.ask(second);
            }
            let due = self.recheck.at().is_some_and(|at| at <= ms(second * SECOND));
            if each_second || due {
                self.ask(second);
            }
        }
        self
    }
}
