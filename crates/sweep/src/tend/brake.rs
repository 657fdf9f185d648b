//! The brake: one agent's wish is noted at every look, and asked about before its stop.

use sweepd_decide::stuck::{Judgment, Overdue};
use sweepd_decide::{Brake, Profile, Recheck, RunId, Span, wish};

use super::Tending;
use crate::board::{self, Leave};
use crate::mode::Authority;
use crate::render;
use crate::report::Outcome;

/// A stop that is held is asked for again after this.
const AGAIN: Span = Span::from_secs(5);

impl Tending<'_> {
    /// Notes whether this look calls for a stop for a fault, confirmed or not.
    pub(super) fn note_wish(&mut self, overdue: Option<&Overdue>) {
        let run =
            self.turn.memory.run.as_ref().map_or_else(|| RunId::new(""), |run| run.id.clone());
        let (board, wants) = (self.cx.board, self.wants(overdue));
        let before = board.wish_of(self.agent()).or_else(|| self.turn.memory.wish.clone());
        let wish = wish(board.policy(), before.as_ref(), &run, wants, self.now);
        board.note(self.agent(), wish.clone());
        self.turn.memory.wish = wish;
    }

    /// Whether a stop for a fault is called for that would be done.
    fn wants(&self, overdue: Option<&Overdue>) -> bool {
        let fault = overdue.is_some_and(|overdue| !overdue.idle);
        fault && self.policy.profile == Profile::Standard && self.would_stop()
    }

    /// Whether a stop would be done but for a dry run.
    pub(super) fn would_stop(&self) -> bool {
        self.may_stop_in_earnest() && !self.turn.stop_tried
    }

    /// Whether anybody may be stopped but for a dry run.
    pub(super) fn may_stop_in_earnest(&self) -> bool {
        let paused = !self.turn.by_hand && self.pause().is_some();
        let may = Authority::of(self.mode, false, self.host, self.cx.setup.sole_sweeper);
        may.stop && !paused
    }

    /// Whether the brake holds this confirmed stop.
    pub(super) fn is_braked(&mut self, judgment: &Judgment, overdue: &Overdue) -> bool {
        if overdue.idle || self.policy.profile != Profile::Standard {
            return false;
        }
        let held = self.ask_brake();
        if let Some(found) = held {
            self.hold_by_brake(judgment, overdue, found);
        }
        held.is_some()
    }

    /// Asks for leave; the one that is let go all the same is noted. `Some`: there is none.
    pub(super) fn ask_brake(&mut self) -> Option<Brake> {
        match self.cx.board.ask(self.agent(), self.now) {
            Leave::Go => {}
            Leave::Canary(found) => {
                self.turn.memory.canary_at = Some(self.now);
                let event = board::event(Some(self.agent()), "canary", Some(found));
                self.turn.events.push(event);
            }
            Leave::Held(found) => return Some(found),
        }
        self.turn.memory.wish = self.cx.board.wish_of(self.agent());
        None
    }

    fn hold_by_brake(&mut self, judgment: &Judgment, overdue: &Overdue, found: Brake) {
        let again = Recheck::At(self.now.plus(AGAIN));
        let sentence = board::sentence(found);
        self.turn.decide(render::braked(&judgment.decision, overdue, &sentence, again), false);
        self.turn.judged_until = judgment.decision.recheck.sooner(again);
        let why = format!("{overdue}; the brake is on: {sentence}");
        self.turn.did("stop", Outcome::Held, Some(why));
    }
}
