//! Level 0: the rules alone. Facts and the time go in, a decision comes out; nothing is looked at
//! and nothing is done. Needs no runtime, no allocator beyond `alloc`, and no feature.

#![expect(clippy::print_stdout, reason = "an example tells what happens")]

use sweepd_decide::stuck::{Action, decide_stuck};
use sweepd_decide::{Claim, Observed, Policy, Recheck, Snapshot, Span, Timestamp};

fn main() {
    let begin = Timestamp::from_millis(1_790_000_000_000);
    // What a host does not know stays unknown, and no rule acts on it.
    let mut seen = Snapshot::unknown();
    seen.start = Observed::Known(begin);
    seen.heartbeat = Observed::Absent;
    seen.tool = Observed::Absent;
    seen.last_ack = Observed::Absent;
    seen.due = Observed::Known(Vec::new());
    seen.claims = Observed::Known(vec![Claim {
        message_id: "m-1".into(),
        status_changed: begin.to_sqlite().as_str().into(),
    }]);

    let policy = Policy::default();
    let mut now = begin.plus(Span::from_secs(1));
    loop {
        let judgment = decide_stuck(&policy, &seen, now);
        let decision = judgment.decision;
        println!("{now}  {}", decision.action.as_str());
        if let Some(overdue) = &decision.evidence.overdue {
            println!("    {overdue}");
        }
        if !matches!(decision.action, Action::Ok | Action::Hold) {
            break;
        }
        // The host's only duty: hand back what this look has left, and ask again in time.
        seen.previous = judgment.record;
        let Recheck::At(at) = decision.recheck else { break };
        now = at;
    }
}
