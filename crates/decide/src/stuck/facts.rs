//! The facts as the rules may use them: a predecessor's evidence voided, a forged clock clamped.
//!
//! Nothing here depends on `now`; what does is in `eval`.

use alloc::vec::Vec;

use crate::message::{Claim, Written};
use crate::observed::Observed;
use crate::policy::Policy;
use crate::snapshot::{Due, Snapshot, Suspend, Tool};
use crate::time::{Span, Timestamp};

/// A text time of whole seconds stands for every instant of its second.
const WITHIN_THE_SECOND: Span = Span::from_millis(999);
/// Evidence may be this much older than the start it belongs to.
const START_SLACK: Span = Span::from_secs(1);

/// A rule cannot speak: a fact it reads is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blind;

/// One incarnation's evidence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    start: Option<Timestamp>,
    /// The believed heartbeat; a void one counts as absent.
    heartbeat: Result<Option<Timestamp>, Blind>,
    /// The heartbeat as read, void or forged.
    pub(super) heartbeat_read: Option<Timestamp>,
    /// When a heartbeat from the future was first seen.
    pub(super) suspicious_since: Option<Timestamp>,
    /// The tool in flight: named, and not a predecessor's.
    tool: Result<Option<&'a Tool>, Blind>,
    claims: Result<&'a [Claim], Blind>,
    due: Result<&'a [Due], Blind>,
    ack: Result<AckTime, Blind>,
    slept: &'a [Suspend],
}

/// The newest ack of this incarnation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AckTime {
    /// None, or only a predecessor's.
    None,
    At(Timestamp),
    /// There is one; its time cannot be read.
    Unreadable,
}

impl<'a> Facts<'a> {
    pub(super) fn gather(policy: &Policy, seen: &'a Snapshot) -> Self {
        let start = seen.start.known().copied();
        let read = seen.heartbeat.known().copied();
        let forged = read.filter(|beat| beat.mtime > beat.first_seen.plus(policy.skew));
        let believed = read.map(|beat| forged.map_or(beat.mtime, |forged| forged.first_seen));
        Self {
            start,
            heartbeat: seen_at_all(&seen.heartbeat)
                .map(|()| believed.filter(|beat| !before_start(*beat, start))),
            heartbeat_read: read.map(|beat| beat.mtime),
            suspicious_since: forged.map(|beat| beat.first_seen),
            tool: seen_at_all(&seen.tool)
                .map(|()| seen.tool.known().filter(|tool| in_flight(tool, start))),
            claims: or_empty(&seen.claims),
            due: or_empty(&seen.due),
            ack: seen_at_all(&seen.last_ack).map(|()| ack_time(seen, start)),
            slept: &seen.slept,
        }
    }

    pub(super) fn start(&self) -> Result<Timestamp, Blind> {
        self.start.ok_or(Blind)
    }

    pub(super) const fn heartbeat(&self) -> Result<Option<Timestamp>, Blind> {
        self.heartbeat
    }

    pub(super) const fn tool(&self) -> Result<Option<&'a Tool>, Blind> {
        self.tool
    }

    pub(super) const fn claims(&self) -> Result<&'a [Claim], Blind> {
        self.claims
    }

    pub(super) const fn due(&self) -> Result<&'a [Due], Blind> {
        self.due
    }

    pub(super) const fn ack(&self) -> Result<AckTime, Blind> {
        self.ack
    }

    /// The claim at `index`, if the claims are known and there are as many.
    pub(super) fn claim(&self, index: usize) -> Option<&'a Claim> {
        self.claims.ok()?.get(index)
    }

    /// Whether a claim was made by this incarnation; one without a readable time counts.
    pub(super) fn is_ours(&self, claim: &Claim) -> bool {
        claim.status_changed.at().is_none_or(|at| !text_before_start(at, self.start))
    }

    /// Slept time after `since`.
    pub(super) fn slept_after(&self, since: Timestamp) -> Span {
        self.slept.iter().fold(Span::ZERO, |sum, nap| {
            let slept = nap.to.since(nap.from.max(since));
            sum.plus(slept.max(Span::ZERO))
        })
    }
}

/// The last instant a whole-second text may mean.
pub(super) const fn latest_meant(text_time: Timestamp) -> Timestamp {
    text_time.plus(WITHIN_THE_SECOND)
}

fn ack_time(seen: &Snapshot, start: Option<Timestamp>) -> AckTime {
    match seen.last_ack.known().map(Written::at) {
        None => AckTime::None,
        Some(None) => AckTime::Unreadable,
        Some(Some(at)) if text_before_start(at, start) => AckTime::None,
        Some(Some(at)) => AckTime::At(at),
    }
}

fn in_flight(tool: &Tool, start: Option<Timestamp>) -> bool {
    let named = tool.name.as_deref().is_some_and(|name| !name.is_empty());
    named && !tool.started_at.at().is_some_and(|at| before_start(at, start))
}

fn before_start(at: Timestamp, start: Option<Timestamp>) -> bool {
    start.is_some_and(|start| at < start.minus(START_SLACK))
}

fn text_before_start(at: Timestamp, start: Option<Timestamp>) -> bool {
    before_start(latest_meant(at), start)
}

fn or_empty<T>(fact: &Observed<Vec<T>>) -> Result<&[T], Blind> {
    seen_at_all(fact).map(|()| fact.known().map(Vec::as_slice).unwrap_or_default())
}

const fn seen_at_all<T>(fact: &Observed<T>) -> Result<(), Blind> {
    if fact.is_unknown() { Err(Blind) } else { Ok(()) }
}
