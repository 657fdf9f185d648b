//! What the rule of telling is asked about one incident.

use std::collections::{BTreeMap, BTreeSet};

use sweepd_decide::incident::{
    Case, Cause, Happening, Quiet, Reach, Stage, TellPolicy, Told, reach,
};
use sweepd_decide::{FindingKind, Timestamp};

use super::{Alerting, SinkSetup};
use crate::incidents::is_about;
use crate::pauses::Pauses;
use crate::ports::{Incident, Standing};

/// Everything that the cases of one notice are made from.
pub(super) struct Facts<'a> {
    pub(super) standing: &'a [Standing],
    /// Incidents about which an alert is under way, and to whom.
    under_way: &'a BTreeSet<(i64, String)>,
    /// Keys whose coming and going is told as one thing.
    flapping: BTreeSet<&'a str>,
    alerting: &'a Alerting,
    pauses: &'a Pauses,
    now: Timestamp,
}

/// What explains an incident.
#[derive(Debug, Clone, Copy)]
pub(super) struct Explained {
    pub(super) by: i64,
    cause: Cause,
}

impl<'a> Facts<'a> {
    pub(super) fn new(
        standing: &'a [Standing],
        under_way: &'a BTreeSet<(i64, String)>,
        alerting: &'a Alerting,
        pauses: &'a Pauses,
        now: Timestamp,
    ) -> Self {
        let open = standing.iter().filter(|one| one.end.is_none());
        Self {
            standing,
            under_way,
            flapping: open.filter_map(|one| flaps(&one.incident)).collect(),
            alerting,
            pauses,
            now,
        }
    }

    pub(super) fn case(&self, one: &Standing, explained: Option<Explained>) -> Case {
        let incident = &one.incident;
        let stage = match (&one.end, one.end_told) {
            (None, _) => Stage::Open,
            (Some(_), false) => Stage::Over,
            (Some(_), true) => Stage::EndTold,
        };
        let opened_at = self.credible(incident.opened_at);
        let maintenance = self.alerting.setup.windows.quiet_until(incident, self.now);
        let pause = incident.agent.as_ref().and_then(|agent| self.pauses.of(agent, self.now));
        let paused = pause.map(|pause| Quiet::Paused(pause.until.unwrap_or(Timestamp::MAX)));
        Case {
            severity: incident.severity,
            opened_at,
            stage,
            told: one.told.map(|(at, severity)| Told { at: self.credible(at), severity }),
            under_way: self.still(one).next().is_none() && self.is_under_way(one),
            acknowledged: one.acknowledged.map(|(severity, _)| severity),
            snoozed_until: one.snoozed_until,
            quiet: maintenance.map(Quiet::Maintenance).or(paused),
            cause: explained.map(|explained| explained.cause),
            flaps: self.flapping.contains(incident.key.as_str()),
        }
    }

    /// Who is told that an incident lasts: whoever wants to hear that, and has heard the last.
    pub(super) fn still<'b>(&'b self, one: &'b Standing) -> impl Iterator<Item = &'b SinkSetup> {
        let wants = self.alerting.setup.sinks.iter().filter(|sink| sink.wants(&one.incident));
        wants.filter(|sink| {
            sink.sink.takes().still && !self.under_way.contains(&(one.id, sink.name.clone()))
        })
    }

    fn is_under_way(&self, one: &Standing) -> bool {
        self.under_way.iter().any(|(incident, _)| *incident == one.id)
    }

    /// An instant that is not yet was before the clock was set back: nobody knows how long ago.
    fn credible(&self, at: Timestamp) -> Timestamp {
        if at <= self.now { at } else { Timestamp::MIN }
    }

    /// What explains each incident that something explains.
    pub(super) fn causes(&self, policy: &TellPolicy) -> BTreeMap<i64, Explained> {
        let mut causes: Vec<&Standing> = self
            .standing
            .iter()
            .filter(|one| happening(one).is_cause(policy.after_cause, self.now))
            .collect();
        causes.sort_by(|a, b| happening(a).by_precedence(&happening(b)));
        let explain = |one: &Standing| {
            let by =
                causes.iter().find(|cause| explains(cause, one) && self.is_heard(cause, one))?;
            let over = |(at, _): &(Timestamp, String)| Cause::Over(self.credible(*at));
            let cause = by.end.as_ref().map_or(Cause::Open, over);
            Some((one.id, Explained { by: by.id, cause }))
        };
        self.standing.iter().filter_map(explain).collect()
    }

    /// Whether all who want to hear of an incident want to hear of its cause: else nobody would tell
    /// them.
    fn is_heard(&self, cause: &Standing, one: &Standing) -> bool {
        let mut sinks = self.alerting.setup.sinks.iter();
        sinks.all(|sink| !sink.wants(&one.incident) || sink.wants(&cause.incident))
    }
}

/// Whether one incident explains another.
fn explains(cause: &Standing, effect: &Standing) -> bool {
    let reached = match reach(cause.incident.kind) {
        Reach::Nobody => false,
        Reach::Everybody => true,
        Reach::Source => {
            let source = cause.incident.key.split_once(':').map_or("", |(_, subject)| subject);
            is_about(&effect.incident.key, source)
        }
    };
    reached && happening(cause).explains(&happening(effect))
}

/// What the rule of causes asks about an incident.
fn happening(one: &Standing) -> Happening<'_> {
    Happening {
        key: &one.incident.key,
        kind: one.incident.kind,
        opened_at: one.incident.opened_at,
        ended_at: one.end.as_ref().map(|(at, _)| *at),
    }
}

/// The key whose coming and going an incident of kind `flapping` is about.
pub(super) fn flaps(incident: &Incident) -> Option<&str> {
    let of = incident.evidence.get("of").and_then(serde_json::Value::as_str);
    of.filter(|_| incident.kind == FindingKind::Flapping)
}
