//! Laws 5 and 6: more life and more patience never lead to a stop.

use proptest::prelude::*;
use sweepd_decide::stuck::decide_stuck;
use sweepd_decide::{IdleStop, Observed, Policy, Snapshot, Span};

use super::said::{answer, stops};
use super::strategy::{Scene, scenes};

proptest! {
    #[test]
    fn life_helps(
        Scene { policy, mut snapshot, now } in scenes(),
        later in prop_oneof![1..3_i64, 1..10_000_i64, 1..600_000_i64],
    ) {
        let judgment = decide_stuck(&policy, &snapshot, now);
        let Observed::Known(heartbeat) = &mut snapshot.heartbeat else { return Ok(()) };
        // A predecessor's heartbeat is none, and another limit holds where there is none.
        let believed = heartbeat.mtime.min(heartbeat.first_seen);
        let gate = snapshot.start.known().map(|start| start.minus(Span::from_secs(1)));
        if gate.is_some_and(|gate| believed < gate) {
            return Ok(());
        }

        heartbeat.mtime = heartbeat.mtime.plus(Span::from_millis(later));
        heartbeat.first_seen = heartbeat.first_seen.max(heartbeat.mtime);
        let mtime = heartbeat.mtime;
        // Not a file that goes back to a value under which a stop was once seen.
        prop_assume!(snapshot.previous.as_ref().is_none_or(|look| look.heartbeat != Some(mtime)));

        let alive = decide_stuck(&policy, &snapshot, now);
        prop_assert!(stops(&judgment) || !stops(&alive), "{:?}", answer(&alive));
    }

    #[test]
    fn patience_helps(
        Scene { policy, snapshot, now } in scenes(),
        which in 0..13_u8,
        more in prop_oneof![1..3_i64, 1..10_000_i64, 1..600_000_i64],
    ) {
        let (mut patient, mut slow) = (policy.clone(), snapshot.clone());
        lengthen(&mut patient, &mut slow, which, Span::from_millis(more));
        let before = decide_stuck(&policy, &snapshot, now);
        let after = decide_stuck(&patient, &slow, now);
        prop_assert!(stops(&before) || !stops(&after), "{:?}", answer(&after));

        let (before, after) = (before.decision.evidence.overdue, after.decision.evidence.overdue);
        if let (Some(before), Some(after)) = (before, after) {
            let same = (before.rule, before.message_id) == (after.rule, after.message_id);
            prop_assert!(!same || after.overdue_at >= before.overdue_at);
        }
    }
}

/// Makes one limit, or what the tool declares, longer by `more`.
fn lengthen(policy: &mut Policy, snapshot: &mut Snapshot, which: u8, more: Span) {
    let longer = |limit: &mut Span| *limit = limit.plus(more);
    match which {
        0 => longer(&mut policy.ceiling),
        1 => longer(&mut policy.claim_tolerance),
        2 => longer(&mut policy.declared_cap),
        3 => longer(&mut policy.declared_grace),
        4 => policy.silence.iter_mut().for_each(longer),
        5 => policy.start_deadline.iter_mut().for_each(longer),
        6 => policy.never_beat.iter_mut().for_each(longer),
        7 => policy.hard_cap.iter_mut().for_each(longer),
        8 => policy.idle_stop = more_idle(policy.idle_stop, more),
        9 => policy.confirmations += 1,
        10 => longer(&mut policy.confirmation_gap),
        11 => snapshot.hold_until = snapshot.hold_until.map(|end| end.plus(more)),
        _ => {
            if let Observed::Known(tool) = &mut snapshot.tool {
                let declared = tool.declared_ms.unwrap_or(0).max(0);
                tool.declared_ms = Some(declared.saturating_add(more.as_millis()));
            }
        }
    }
}

fn more_idle(idle_stop: IdleStop, more: Span) -> IdleStop {
    match idle_stop {
        IdleStop::After(limit) => IdleStop::After(limit.plus(more)),
        IdleStop::Unset | IdleStop::Never => IdleStop::Never,
    }
}
