//! When does the answer change next? Found by asking at every instant that could matter.

use std::collections::BTreeSet;

use sweepd_decide::{IdleStop, Policy, Snapshot, Timestamp, Written};

use super::facts::ms;
use super::{judge, record};

/// The earliest instant after `now` at which the oracle's answer differs while the facts stay as
/// they are and the look at `now` is on record; `None` if time alone never changes it.
///
/// The suspends of `snapshot` have to be over by `now`.
pub fn recheck_by_scan(policy: &Policy, snapshot: &Snapshot, now: Timestamp) -> Option<Timestamp> {
    let expect = judge(policy, snapshot, now);
    let mut later = snapshot.clone();
    later.previous = record(policy, snapshot, now);
    let instants = edges(policy, &later, now).into_iter().filter(|at| *at > now);
    instants.into_iter().find(|at| judge(policy, &later, *at) != expect)
}

/// Every instant at which an answer could change, and its neighbors: each instant among the facts,
/// each limit added to it, with and without the time slept since, give or take a millisecond.
pub fn edges(policy: &Policy, snapshot: &Snapshot, now: Timestamp) -> BTreeSet<Timestamp> {
    let mut edges = BTreeSet::new();
    for from in instants(snapshot, now) {
        let asleep = snapshot.slept.iter().map(|s| (ms(s.to) - ms(s.from).max(from)).max(0)).sum();
        for limit in limits(policy, snapshot) {
            for slept in BTreeSet::from([0_i128, asleep]) {
                for off in -1..=1 {
                    let at = i64::try_from(from + limit + slept + off);
                    edges.extend(at.map(Timestamp::from_millis));
                }
            }
        }
    }
    edges
}

fn instants(snapshot: &Snapshot, now: Timestamp) -> BTreeSet<i128> {
    let claims = snapshot.claims.known().map_or(&[][..], Vec::as_slice);
    let due = snapshot.due.known().map_or(&[][..], Vec::as_slice);
    let heartbeat = snapshot.heartbeat.known();
    let mut all = vec![now];
    all.extend(snapshot.start.known());
    all.extend(heartbeat.map(|file| file.mtime));
    all.extend(heartbeat.map(|file| file.first_seen));
    all.extend(snapshot.tool.known().and_then(|row| row.started_at.at()));
    all.extend(claims.iter().filter_map(|claim| claim.status_changed.at()));
    all.extend(snapshot.last_ack.known().and_then(Written::at));
    all.extend(due.iter().map(|due| due.at));
    all.extend(snapshot.hold_until);
    all.extend(snapshot.previous.as_ref().map(|look| look.at));
    all.into_iter().map(ms).collect()
}

fn limits(policy: &Policy, snapshot: &Snapshot) -> BTreeSet<i128> {
    let idle = match policy.idle_stop {
        IdleStop::After(limit) => Some(limit),
        IdleStop::Unset | IdleStop::Never => None,
    };
    let fixed = [policy.ceiling, policy.claim_tolerance, policy.confirmation_gap];
    let off = [policy.silence, policy.start_deadline, policy.never_beat, policy.unclaimed];
    let spans = fixed.into_iter().chain(off.into_iter().flatten()).chain(policy.hard_cap);
    let mut all: BTreeSet<i128> =
        spans.chain(idle).map(|span| i128::from(span.as_millis())).collect();
    let cap = i128::from(policy.declared_cap.as_millis());
    let grace = i128::from(policy.declared_grace.as_millis());
    let declared = snapshot.tool.known().and_then(|row| row.declared_ms).map(i128::from);
    all.extend(declared.map(|declared| declared.min(cap) + grace));
    all.extend(declared);
    all.extend([0, 1, -i128::from(policy.skew.as_millis())]);
    all
}
