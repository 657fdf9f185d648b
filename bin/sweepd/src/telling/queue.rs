//! What waits for whom, what was given up, and how each sink stands.

use serde_json::{Value, json};
use sweepd_decide::outbox::{Hold, OutboxPolicy, Waiting, next};
use sweepd_decide::{Recheck, Timestamp};
use sweepd_sweep::ports::{Delivery, Outbox, PortError, SinkRecord, Which};

use super::clock::{ahead, clock};
use super::delivery;
use crate::config::alerts::Alerts;

/// The outbox, as people ask for it.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) sinks: Vec<Stand>,
    /// Oldest first.
    pub(crate) waiting: Vec<Delivery>,
    /// Oldest first.
    pub(crate) given_up: Vec<Delivery>,
}

/// How a sink stands.
#[derive(Debug)]
pub(crate) struct Stand {
    pub(crate) name: String,
    pub(crate) kind: String,
    /// `None`: it is in the configuration, and was never tried.
    record: Option<SinkRecord>,
    is_configured: bool,
    pub(crate) waits: usize,
    /// When what waits is tried next, and why not now.
    next: Option<(Hold, Recheck)>,
}

/// What to do about a sink that is stopped.
const MEND: &str = "; mend its secret or its settings, then `sweepd alert test`";

impl Queue {
    /// Whether a sink is stopped.
    pub(crate) fn has_stopped(&self) -> bool {
        self.sinks.iter().any(|sink| sink.stopped_at().is_some())
    }

    /// Reads it.
    pub(crate) async fn read(
        outbox: &dyn Outbox,
        alerts: &Alerts,
        now: Timestamp,
    ) -> Result<Self, PortError> {
        let waiting = outbox.deliveries(Which::Waiting).await?;
        let given_up = outbox.deliveries(Which::GivenUp).await?;
        let records = outbox.sinks().await?;
        Ok(Self::of(alerts, records, waiting, given_up, now))
    }

    /// The same, of what was read.
    pub(super) fn of(
        alerts: &Alerts,
        mut records: Vec<SinkRecord>,
        waiting: Vec<Delivery>,
        given_up: Vec<Delivery>,
        now: Timestamp,
    ) -> Self {
        let mut sinks = Vec::new();
        for sink in &alerts.sinks {
            let known = records.iter().position(|record| record.name == sink.name);
            let record = known.map(|at| records.swap_remove(at));
            sinks.push(Stand::new(&sink.name, sink.to.kind(), record, true, &waiting, now));
        }
        records.sort_by(|a, b| a.name.cmp(&b.name));
        for record in records {
            let (name, kind) = (record.name.clone(), record.kind.clone());
            let stand = Stand::new(&name, &kind, Some(record), false, &waiting, now);
            sinks.extend((stand.waits > 0).then_some(stand));
        }
        Self { sinks, waiting, given_up }
    }

    /// Whether nobody has to see to anything.
    pub(crate) fn is_well(&self, now: Timestamp) -> bool {
        let fails =
            |sink: &Stand| sink.is_wrong(now) || (sink.is_configured && sink.failures() > 0);
        self.given_up.is_empty() && !self.sinks.iter().any(fails)
    }

    /// What somebody should know who did not ask for it; nothing if all is well.
    pub(crate) fn trouble(&self, now: Timestamp) -> Vec<String> {
        let mut lines: Vec<String> = self
            .sinks
            .iter()
            .filter(|sink| sink.stopped_at().is_some() || sink.waits > 0 && sink.failures() > 0)
            .map(|sink| {
                let waits = match sink.waits {
                    0 => String::new(),
                    1 => "1 alert waits for ".to_owned(),
                    many => format!("{many} alerts wait for "),
                };
                let stands = sink.stands(now);
                let mend = if sink.stopped_at().is_some() { MEND } else { "" };
                format!("{waits}sink {}, {stands}{mend}", sink.name)
            })
            .collect();
        match self.given_up.len() {
            0 => {}
            1 => lines.push("1 alert was given up: see `sweepd alert list`".to_owned()),
            many => lines.push(format!("{many} alerts were given up: see `sweepd alert list`")),
        }
        lines
    }

    /// As `--json` has it, without the alerts themselves.
    pub(crate) fn summary(&self, now: Timestamp) -> Value {
        json!({
            "waiting": self.waiting.len(),
            "given_up": self.given_up.len(),
            "sinks": self.sinks.iter().map(|sink| sink.json(now)).collect::<Vec<_>>(),
        })
    }

    /// As `--json` has it.
    pub(crate) fn json(&self, now: Timestamp) -> Value {
        let all = |list: &[Delivery]| list.iter().map(delivery).collect::<Vec<_>>();
        let sinks: Vec<_> = self.sinks.iter().map(|sink| sink.json(now)).collect();
        json!({ "sinks": sinks, "waiting": all(&self.waiting), "given_up": all(&self.given_up) })
    }

    /// When an alert that waits is tried next.
    pub(crate) fn next_try(&self, one: &Delivery, now: Timestamp) -> String {
        if let Some(until) = one.deferred_until.filter(|until| now < *until) {
            return ahead(until, now);
        }
        let sink = self.sinks.iter().find(|sink| sink.name == one.sink);
        sink.map_or_else(|| "-".to_owned(), |sink| sink.next_try(now))
    }
}

impl Stand {
    fn new(
        name: &str,
        kind: &str,
        record: Option<SinkRecord>,
        is_configured: bool,
        waiting: &[Delivery],
        now: Timestamp,
    ) -> Self {
        let own = waiting.iter().filter(|one| one.sink == name);
        let queue: Vec<Waiting> = own
            .map(|one| Waiting {
                id: one.id,
                thread: one.thread.clone(),
                filed_at: one.filed_at,
                tries: one.tries,
                deferred_until: one.deferred_until,
                alone: one.alone,
            })
            .collect();
        let state = record.as_ref().map(|record| record.state).unwrap_or_default();
        // How the waits are spread is the engine's: what is said here is about right.
        let answer = next(&OutboxPolicy::default(), &state, &queue, now, 0);
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            record,
            is_configured,
            waits: queue.len(),
            next: (!queue.is_empty()).then_some((answer.evidence, answer.recheck)),
        }
    }

    fn stopped_at(&self) -> Option<Timestamp> {
        self.record.as_ref()?.state.stopped_at
    }

    fn failures(&self) -> u32 {
        self.record.as_ref().map_or(0, |record| record.state.failures)
    }

    fn is_wrong(&self, now: Timestamp) -> bool {
        self.is_configured
            && self.record.as_ref().is_some_and(|record| record.state.wrong_since(now).is_some())
    }

    /// The published word.
    fn word(&self) -> &'static str {
        match &self.record {
            _ if !self.is_configured => "not-configured",
            None => "untried",
            Some(record) if record.state.stopped_at.is_some() => "stopped",
            Some(record) if record.state.failures > 0 => "failing",
            Some(record) if record.state.doubted_at.is_some() => "doubted",
            Some(record) if record.state.refused_at.is_some() => "refused",
            Some(_) => "well",
        }
    }

    /// How it stands, in words.
    pub(crate) fn stands(&self, now: Timestamp) -> String {
        let Some(record) = &self.record else { return "not tried yet".to_owned() };
        let state = &record.state;
        let said = record.remark.as_deref().map(|words| format!(": {words}")).unwrap_or_default();
        if !self.is_configured {
            return "not configured any more: what waits there is dropped".to_owned();
        }
        if let Some(at) = state.stopped_at {
            return format!("stopped {}{said}", clock(at, now));
        }
        if state.failures > 0 {
            let since = state.failing_since.map(|at| clock(at, now)).unwrap_or_default();
            let times = state.failures;
            let next = self.next.map(|_| format!("; next try {}", self.next_try(now)));
            return format!("failing since {since}, {times}×{said}{}", next.unwrap_or_default());
        }
        if let Some(at) = state.doubted_at {
            let at = clock(at, now);
            return format!("had stopped {at}; seen to since, and nothing has arrived yet{said}");
        }
        match state.refused_at {
            Some(at) => format!("refused an alert {}{said}", clock(at, now)),
            None => "well".to_owned(),
        }
    }

    fn next_try(&self, now: Timestamp) -> String {
        match self.next {
            Some(_) if !self.is_configured => "-".to_owned(),
            Some((Hold::Stopped, _)) => "stopped".to_owned(),
            Some((Hold::Due, _)) => "now".to_owned(),
            Some((_, recheck)) => recheck.at().map_or_else(|| "-".to_owned(), |at| ahead(at, now)),
            None => "-".to_owned(),
        }
    }

    fn json(&self, now: Timestamp) -> Value {
        let state = self.record.as_ref().map(|record| record.state).unwrap_or_default();
        let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let next = self.next.filter(|(hold, _)| *hold != Hold::Stopped);
        let next = next.and_then(|(_, recheck)| recheck.at()).filter(|at| *at > now);
        json!({
            "name": self.name,
            "kind": self.kind,
            "state": self.word(),
            "waiting": self.waits,
            "failures": state.failures,
            "failing_since": instant(state.failing_since),
            "stopped_at": instant(state.stopped_at),
            "next_try_at": instant(next),
            "remark": self.record.as_ref().and_then(|record| record.remark.clone()),
        })
    }
}
