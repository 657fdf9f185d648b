//! Level 0: the rules alone, by anybody's facts and anybody's time.

use sweepd_decide::stuck::{Action, decide_stuck};
use sweepd_decide::{Claim, Observed, Policy, Recheck, Snapshot, Timestamp};

use super::host::{BEGIN, at};

fn silent_since_a_claim() -> Snapshot {
    let mut seen = Snapshot::unknown();
    seen.start = Observed::Known(BEGIN);
    seen.heartbeat = Observed::Absent;
    seen.tool = Observed::Absent;
    seen.last_ack = Observed::Absent;
    seen.due = Observed::Known(Vec::new());
    let status_changed = BEGIN.to_sqlite().as_str().into();
    seen.claims = Observed::Known(vec![Claim { message_id: "m-1".into(), status_changed }]);
    seen
}

#[test]
fn level_0_decides_and_says_until_when_that_holds() {
    let policy = Policy::default();
    let mut seen = silent_since_a_claim();
    let mut now = at(1000);
    let mut told: Vec<(Timestamp, Action)> = Vec::new();
    loop {
        let judgment = decide_stuck(&policy, &seen, now);
        told.push((now, judgment.decision.action));
        seen.previous = judgment.record;
        let Recheck::At(next) = judgment.decision.recheck else { break };
        if judgment.decision.action == Action::KillClaim {
            break;
        }
        now = next;
    }
    let expected =
        [(at(1000), Action::Ok), (at(60_001), Action::Hold), (at(65_001), Action::KillClaim)];
    assert_eq!(told, expected);
}

#[test]
fn level_0_does_nothing_on_what_a_host_does_not_know() {
    let policy = Policy::default();
    let judgment = decide_stuck(&policy, &Snapshot::unknown(), Timestamp::MAX);
    assert_eq!(judgment.decision.action, Action::Ok);
    let mut seen = silent_since_a_claim();
    seen.heartbeat = Observed::Unknown;
    let judgment = decide_stuck(&policy, &seen, at(65_001));
    assert_eq!((judgment.decision.action, judgment.decision.evidence.blind), (Action::Ok, true));
}
