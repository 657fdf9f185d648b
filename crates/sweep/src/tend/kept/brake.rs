//! Always-on containers that vanish all at once: somebody may mean it.

use sweepd_decide::keep::{KeepEvidence, Standing, Step, Why};
use sweepd_decide::{Decision, Recheck, RunId, Span, wish};

use crate::board;
use crate::mode::Authority;
use crate::report::Outcome;
use crate::tend::Tending;

/// What the brake holds is asked for again after this.
const AGAIN: Span = Span::from_secs(5);

impl Tending<'_> {
    /// Notes on the brake's board whether it is to be made anew, confirmed or not.
    pub(super) fn note_absence(&mut self, decision: &Decision<Step, KeepEvidence>) {
        let missing = matches!(
            decision.action,
            Step::Recreate | Step::Wait(Why::Confirmation | Why::Backoff)
        ) && decision.evidence.standing == Standing::Missing;
        let may = Authority::of(self.mode, false, self.host, self.cx.setup.sole_sweeper).wake;
        // One that was never there has not vanished: it is new.
        let last = self.turn.memory.kept.run.clone();
        let was = last.is_some();
        let wants = missing && was && may && self.pause().is_none() && !self.turn.keep_tried;
        let run = last.unwrap_or_else(|| RunId::new(""));
        let board = self.cx.board;
        let before = board.wish_of(self.agent()).or_else(|| self.turn.memory.wish.clone());
        // One that is back has not vanished any more.
        let before = before.filter(|_| missing);
        let wish = wish(board.policy(), before.as_ref(), &run, wants, self.now);
        board.note(self.agent(), wish.clone());
        self.turn.memory.wish = wish;
    }

    /// Whether the brake holds it: so many are missing at once that somebody may mean it.
    pub(super) fn brake_holds(&mut self) -> bool {
        let Some(found) = self.ask_brake() else { return false };
        let why = format!("the brake is on: {}", board::sentence(found));
        self.turn.did("recreate", Outcome::Held, Some(why));
        let again = self.turn.judged_until.sooner(Recheck::At(self.now.plus(AGAIN)));
        self.turn.recheck = again.at();
        self.turn.memory.next_look = again.at();
        true
    }
}
