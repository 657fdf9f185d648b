//! What people do about incidents and alerts.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use sweepd_decide::incident::BY_HAND;
use sweepd_decide::outbox::SinkState;
use sweepd_decide::{
    AgentId, Alert, EventKind, FindingKind, Moment, News, Note, Occasion, Timestamp,
};

use super::Alerting;
use super::delivery::unknown;
use crate::engine::{Engine, EngineError};
use crate::ports::{
    Delivery, Filing, IncidentChange, NewEvent, Outbox, Post, Settled, SinkRecord, Standing,
    TellingChange, Tried, Which,
};

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled wish is a bug")]
pub enum Attention {
    /// He knows of an incident: nobody is told of it again, but of its end.
    Acknowledge(i64),
    /// Nobody is told of an incident before an instant; `None`: whenever there is something to tell.
    Snooze(i64, Option<Timestamp>),
    /// An incident is over.
    Resolve(i64),
    /// An incident is over, and the silence of those that it is about is no news from now on.
    Expect(i64),
    /// Alerts that were given up are tried again; none named: all of them.
    Retry(Vec<i64>),
    /// Alerts that were given up are forgotten; none named: all of them.
    Drop(Vec<i64>),
    /// A note that says so goes to a sink; none named: to each.
    Test(Option<String>),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "all there is")]
pub enum Attended {
    /// Of this incident, by its key.
    Incident(String),
    /// Of so many alerts.
    Alerts(usize),
    /// Of each sink: its name, and where it arrived, or why it did not.
    Tested(Vec<(String, Result<Option<String>, String>)>),
}

/// It cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttendError {
    /// Nobody is configured to be told.
    #[error("no sink is configured")]
    NoSinks,
    /// There is no open incident of this number.
    #[error("no open incident has the number {0}")]
    NoIncident(i64),
    /// It is not about silence.
    #[error("the incident with the number {0} is not about silence: nothing of it can be expected")]
    NotSilence(i64),
    /// There is no alert of this number that was given up.
    #[error("no alert with the number {0} was given up")]
    NoAlert(i64),
    /// There is no sink of this name.
    #[error("no sink is called {0:?}")]
    NoSink(String),
    /// The state cannot be read or written.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// Does what somebody wants about incidents and alerts.
    ///
    /// # Errors
    /// [`AttendError`]: nothing was done.
    ///
    /// # Cancel safety
    /// It is written down or it is not; a test may have arrived.
    pub async fn attend(&self, attention: Attention) -> Result<Attended, AttendError> {
        let alerting = self.alerting.as_ref().ok_or(AttendError::NoSinks)?;
        let outbox = alerting.setup.outbox.as_ref();
        let now = self.clock().now();
        let mut filing = Filing::new(now);
        let done = match attention {
            Attention::Acknowledge(id) => {
                let one = open(outbox, id).await?;
                filing.telling.push(TellingChange::Acknowledged(id));
                filing.events.push(attended(&one, "ack", None));
                Attended::Incident(one.incident.key)
            }
            Attention::Snooze(id, until) => {
                let one = open(outbox, id).await?;
                filing.telling.push(TellingChange::Snoozed(id, until));
                filing.events.push(attended(&one, "snooze", until));
                Attended::Incident(one.incident.key)
            }
            Attention::Resolve(id) | Attention::Expect(id) => {
                let one = open(outbox, id).await?;
                let expects = matches!(attention, Attention::Expect(_));
                if expects {
                    filing.expected = series(&one).ok_or(AttendError::NotSilence(id))?;
                }
                let what = if expects { "expect" } else { "resolve" };
                filing.events.push(attended(&one, what, None));
                let (key, how) = (one.incident.key, BY_HAND.to_owned());
                filing.incidents.push(IncidentChange::Resolved { key: key.clone(), how });
                Attended::Incident(key)
            }
            Attention::Retry(ids) => {
                let dead = given_up(outbox, ids).await?;
                let standing = outbox.standing(now).await.map_err(EngineError::State)?;
                let open: BTreeSet<i64> =
                    standing.iter().filter(|one| one.end.is_none()).map(|one| one.id).collect();
                // That something began which is over by now would be the last word about it.
                let (again, over): (Vec<&Delivery>, Vec<&Delivery>) =
                    dead.iter().partition(|one| {
                        !begins(&one.alert) || one.incident.is_none_or(|id| open.contains(&id))
                    });
                let ids =
                    |these: &[&Delivery]| these.iter().map(|one| one.id).collect::<Vec<i64>>();
                filing.tried.push(Tried { anew: true, ..Tried::waits(ids(&again)) });
                let settled = Some(Settled::Dropped);
                filing.tried.push(Tried { settled, ..Tried::waits(ids(&over)) });
                Attended::Alerts(again.len())
            }
            Attention::Drop(ids) => {
                let dead = given_up(outbox, ids).await?;
                let ids = dead.iter().map(|one| one.id).collect();
                let settled = Some(Settled::Dropped);
                filing.tried.push(Tried { settled, ..Tried::waits(ids) });
                Attended::Alerts(dead.len())
            }
            Attention::Test(name) => return self.test(alerting, name).await,
        };
        self.file(outbox, filing).await.map_err(EngineError::Unwritten)?;
        alerting.nudge();
        Ok(done)
    }

    /// One attempt at each sink, past whatever waits there. A sink that takes it is well again.
    async fn test(
        &self,
        alerting: &Alerting,
        name: Option<String>,
    ) -> Result<Attended, AttendError> {
        let outbox = alerting.setup.outbox.as_ref();
        if let Some(name) = name.as_ref().filter(|name| alerting.setup.sink(name).is_none()) {
            return Err(AttendError::NoSink(name.clone()));
        }
        let records = outbox.sinks().await.map_err(EngineError::State)?;
        let wanted = |sink: &str| name.as_deref().is_none_or(|name| name == sink);
        let sinks = alerting.setup.sinks.iter().filter(|setup| wanted(&setup.name));
        // All at once: one that hangs is no reason to wait for the others.
        let attempts = join_all(sinks.map(|setup| async move {
            let now = self.clock().now();
            let note = Note {
                occasion: Occasion::Test,
                title: "sweepd: this is a test".to_owned(),
                lines: vec![format!("if you read this, sink {:?} works", setup.name)],
            };
            let alert = self.note(alerting, note, Vec::new(), now).alert;
            let fingerprint = setup.sink.fingerprint();
            let post = Post { now, alerts: vec![alert], place: None };
            (setup, fingerprint, setup.sink.deliver(&post).await)
        }));
        let mut tested = Vec::new();
        for (setup, fingerprint, result) in attempts.await {
            if result.is_ok() {
                let record = records.iter().find(|one| one.name == setup.name).cloned();
                let record = record.unwrap_or_else(|| unknown(setup));
                let state = SinkState::default();
                let well = SinkRecord { state, fingerprint, remark: None, ..record };
                let filing = Filing { sinks: vec![well], ..Filing::new(self.clock().now()) };
                self.file(outbox, filing).await.map_err(EngineError::Unwritten)?;
            }
            let result = result.map(|receipt| receipt.remark).map_err(|error| error.words);
            tested.push((setup.name.clone(), result));
        }
        if tested.is_empty() {
            return Err(AttendError::NoSinks);
        }
        alerting.nudge();
        Ok(Attended::Tested(tested))
    }
}

async fn open(outbox: &dyn Outbox, id: i64) -> Result<Standing, AttendError> {
    let standing = outbox.standing(Timestamp::MAX).await.map_err(EngineError::State)?;
    let mut open = standing.into_iter().filter(|one| one.end.is_none());
    open.find(|one| one.id == id).ok_or(AttendError::NoIncident(id))
}

/// Those of the named that were given up; all of them, if none is named.
async fn given_up(outbox: &dyn Outbox, ids: Vec<i64>) -> Result<Vec<Delivery>, AttendError> {
    let mut dead = outbox.deliveries(Which::GivenUp).await.map_err(EngineError::State)?;
    let known: BTreeSet<i64> = dead.iter().map(|one| one.id).collect();
    if let Some(unknown) = ids.iter().find(|id| !known.contains(id)) {
        return Err(AttendError::NoAlert(*unknown));
    }
    dead.retain(|one| ids.is_empty() || ids.contains(&one.id));
    Ok(dead)
}

/// Whether an alert tells that something is there.
fn begins(alert: &Alert) -> bool {
    matches!(&alert.news, News::Incident(story) if story.moment != Moment::Resolved)
}

fn attended(one: &Standing, what: &str, until: Option<Timestamp>) -> NewEvent {
    let until = until.map(|until| until.to_string());
    let data = json!({ "id": one.id, "key": one.incident.key, "what": what, "until": until });
    NewEvent {
        kind: EventKind::IncidentAttended,
        agent: one.incident.agent.clone(),
        source: one.incident.agent.as_ref().map(|agent| agent.source().to_owned()),
        run: None,
        data,
    }
}

/// The series that an incident of silence names, of its agent.
fn series(one: &Standing) -> Option<Vec<(AgentId, String)>> {
    let agent = one.incident.agent.as_ref()?;
    if one.incident.kind != FindingKind::SilentFailure {
        return None;
    }
    let messages = one.incident.evidence.get("messages").and_then(Value::as_array);
    let of = |message: &Value| message.get("series").and_then(Value::as_str).map(str::to_owned);
    let series: BTreeSet<String> = messages.into_iter().flatten().filter_map(of).collect();
    Some(series.into_iter().map(|series| (agent.clone(), series)).collect())
}
