//! What the facts mean at one instant: what is void, what is believed, what is in force.
//!
//! No rule is asked here.

use sweepd_decide::{Claim, Observed, Policy, Snapshot, Timestamp};

/// A whole-second text stands for the whole second.
const SECOND: i128 = 999;

/// How much earlier than the start evidence may be and still count.
const GATE: i128 = 1000;

/// The facts as they read at `now`. `None` on the outside: could not look.
pub(super) struct Facts<'a> {
    pub(super) policy: &'a Policy,
    snapshot: &'a Snapshot,
    pub(super) now: i128,
    pub(super) start: Option<i128>,
    pub(super) heartbeat: Option<Beat>,
    pub(super) tool: Option<InFlight>,
    pub(super) claims: Option<Vec<Open<'a>>>,
    pub(super) ack: Option<Acked>,
    /// Due by now, as (instant, message).
    pub(super) due: Option<Vec<(i128, &'a str)>>,
}

/// The heartbeat file; nothing but `None`s if there is none.
#[derive(Clone, Copy, Default)]
pub(super) struct Beat {
    /// The instant it is believed to mean; `None` if it is a predecessor's.
    pub(super) at: Option<i128>,
    /// Since when its clock is not believed.
    pub(super) suspicious_since: Option<i128>,
}

/// Whether a tool is in flight, and what it declares.
#[derive(Clone, Copy)]
pub(super) enum InFlight {
    No,
    Yes { started: Option<i128>, declared: Option<i128> },
}

/// An open claim.
pub(super) struct Open<'a> {
    pub(super) claim: &'a Claim,
    /// Its time, if it can be read.
    pub(super) t: Option<i128>,
    /// Whether a predecessor made it.
    pub(super) void: bool,
}

/// The newest ack.
#[derive(Clone, Copy)]
pub(super) enum Acked {
    Never,
    Unreadable,
    At { t: i128, void: bool },
}

impl<'a> Facts<'a> {
    pub(super) fn read(policy: &'a Policy, snapshot: &'a Snapshot, now: Timestamp) -> Self {
        let now = ms(now);
        let start = snapshot.start.known().map(|at| ms(*at));
        let too_old = |at: i128| start.is_some_and(|start| at < start - GATE);

        let heartbeat = seen(&snapshot.heartbeat).map(|file| {
            file.map_or_else(Beat::default, |file| {
                let (mtime, first_seen) = (ms(file.mtime), ms(file.first_seen));
                let forged = mtime > first_seen + i128::from(policy.skew.as_millis());
                let at = if forged { first_seen } else { mtime };
                Beat {
                    at: (!too_old(at)).then_some(at),
                    suspicious_since: forged.then_some(first_seen),
                }
            })
        });

        let tool = seen(&snapshot.tool).map(|row| match row {
            Some(row) if row.name.as_deref().is_some_and(|name| !name.is_empty()) => {
                let credible = |at: &i128| *at <= now + i128::from(policy.skew.as_millis());
                let started = row.started_at.at().map(ms).filter(credible);
                if started.is_some_and(too_old) {
                    InFlight::No
                } else {
                    let declared = row.declared_ms.filter(|d| *d > 0).map(i128::from);
                    InFlight::Yes { started, declared }
                }
            }
            Some(_) | None => InFlight::No,
        });

        let claims = seen(&snapshot.claims).map(|claims| {
            let open = |claim: &'a Claim| {
                let t = claim.status_changed.at().map(ms);
                Open { claim, t, void: t.is_some_and(|t| too_old(t + SECOND)) }
            };
            claims.map_or_else(Vec::new, |claims| claims.iter().map(open).collect())
        });

        let ack = seen(&snapshot.last_ack).map(|text| match text {
            None => Acked::Never,
            Some(text) => match text.at().map(ms) {
                None => Acked::Unreadable,
                Some(t) => Acked::At { t, void: too_old(t + SECOND) },
            },
        });

        let due = seen(&snapshot.due).map(|due| {
            let all = due.map_or(&[][..], Vec::as_slice).iter();
            let all = all.map(|due| (ms(due.at), due.message_id.as_str()));
            all.filter(|(at, _)| *at <= now).collect()
        });

        Self { policy, snapshot, now, start, heartbeat, tool, claims, ack, due }
    }

    /// How much of the time from `since` until now the host was asleep.
    pub(super) fn slept(&self, since: i128) -> i128 {
        let inside = |from: i128, to: i128| (to.min(self.now) - from.max(since)).max(0);
        self.snapshot.slept.iter().map(|s| inside(ms(s.from), ms(s.to))).sum()
    }

    /// End of the declared budget, if one is in force.
    pub(super) fn budget_end(&self, start: i128) -> Option<i128> {
        let beat = self.heartbeat?.at;
        let InFlight::Yes { started, declared: Some(declared) } = self.tool? else { return None };
        let from = started.or(beat).map_or(start, |at| at.max(start));
        let cap = i128::from(self.policy.declared_cap.as_millis());
        let grace = i128::from(self.policy.declared_grace.as_millis());
        Some(from + declared.min(cap) + grace + self.slept(from))
    }

    /// Whether there is surely nothing to do: no claim of any kind, no tool, no due message.
    pub(super) fn idle(&self) -> bool {
        self.claims.as_ref().is_some_and(Vec::is_empty)
            && matches!(self.tool, Some(InFlight::No))
            && self.due.as_ref().is_some_and(Vec::is_empty)
    }

    /// The last sign of life that ceiling and never-beat measure from; `None` if it rests on a
    /// fact that could not be looked at.
    pub(super) fn last_life(&self, start: i128) -> Option<i128> {
        let beat = self.heartbeat?.at;
        let ack = match self.ack? {
            Acked::At { t, .. } if t <= self.now => Some(t),
            Acked::At { .. } | Acked::Unreadable | Acked::Never => None,
        };
        let claimed = self.claims.as_ref()?.iter().filter_map(|open| open.t);
        let claimed = claimed.map(|t| t.max(start)).filter(|since| *since <= self.now);
        let due = self.due.as_ref()?.iter().map(|(at, _)| *at);
        let work = claimed.chain(due).min();
        [Some(start), beat, ack, work].into_iter().flatten().max()
    }
}

/// An instant with room to add and subtract.
pub(super) fn ms(at: Timestamp) -> i128 {
    i128::from(at.as_millis())
}

/// `None`: could not look. `Some(None)`: there is none.
#[expect(clippy::option_option, reason = "three values, spelled out")]
fn seen<T>(fact: &Observed<T>) -> Option<Option<&T>> {
    match fact {
        Observed::Known(value) => Some(Some(value)),
        Observed::Absent => Some(None),
        Observed::Unknown => None,
    }
}
