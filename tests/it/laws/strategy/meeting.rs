//! Two facts that lie so close together that a millisecond decides between them.
//!
//! Even on a small grid they seldom do by chance.

use proptest::prelude::*;
use proptest::sample::select;
use sweepd_decide::{Heartbeat, Observed, Snapshot, Span, Written};

#[derive(Debug, Clone)]
pub(super) enum Meeting {
    None,
    /// The heartbeat, this long after a claim's time.
    BeatAfterClaim(i64),
    /// The start, this long after the time of a claim, the ack, the tool or the heartbeat.
    StartAfter(u8, i64),
    /// Due messages at one instant, one of them claimed.
    DueTogether,
}

pub(super) fn meeting() -> BoxedStrategy<Meeting> {
    let second = select(vec![0, 1, 998, 999, 1000, 1001]);
    let gate = select(vec![999, 1000, 1001, 1998, 1999, 2000]);
    prop_oneof![
        3 => Just(Meeting::None),
        1 => second.prop_map(Meeting::BeatAfterClaim),
        1 => Just(Meeting::DueTogether),
        1 => (0..4_u8, gate).prop_map(|(what, after)| Meeting::StartAfter(what, after)),
    ]
    .boxed()
}

impl Meeting {
    pub(super) fn arrange(&self, snapshot: &mut Snapshot) {
        let claims = snapshot.claims.known().and_then(|claims| claims.first());
        let claimed = claims.and_then(|claim| claim.status_changed.at());
        match self {
            Self::None => {}
            Self::BeatAfterClaim(after) => {
                if let Some(at) = claimed {
                    let at = at.plus(Span::from_millis(*after));
                    snapshot.heartbeat = Observed::Known(Heartbeat { mtime: at, first_seen: at });
                }
            }
            Self::DueTogether => {
                let Observed::Known(due) = &mut snapshot.due else { return };
                let Some(at) = due.iter().map(|due| due.at).min() else { return };
                for due in &mut *due {
                    due.at = at;
                }
                if let (Observed::Known(claims), Some(due)) = (&mut snapshot.claims, due.last())
                    && let Some(claim) = claims.first_mut()
                {
                    claim.message_id = due.message_id.clone();
                }
            }
            Self::StartAfter(what, after) => {
                let before = match what {
                    0 => claimed,
                    1 => snapshot.last_ack.known().and_then(Written::at),
                    2 => snapshot.tool.known().and_then(|row| row.started_at.at()),
                    _ => snapshot.heartbeat.known().map(|file| file.mtime),
                };
                if let Some(at) = before {
                    snapshot.start = Observed::Known(at.plus(Span::from_millis(*after)));
                }
            }
        }
    }
}
