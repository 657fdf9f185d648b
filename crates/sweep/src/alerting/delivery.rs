//! One attempt at one sink: what the rule of the outbox says is next, and what came of it.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;

use serde_json::{Value, json};
use sweepd_decide::outbox::{
    Attempt, Fate, Hold, Next, OutboxPolicy, SinkState, Waiting, next, tried,
};
use sweepd_decide::{EventKind, News, Recheck, Setback, Timestamp};
use tokio::time::timeout;

use super::{SinkSetup, moment};
use crate::clean::clean;
use crate::engine::Engine;
use crate::fingerprint::fingerprint;
use crate::ports::{
    Delivery, Filing, NewEvent, Outbox, PortError, Post, Receipt, Settled, SinkError, SinkRecord,
    Takes, Tried, Which,
};

/// An attempt that has no answer by then has failed, whatever the sink promises.
pub(super) const LONGEST: Duration = Duration::from_mins(1);

/// When a sink is to be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// At once: something was done.
    Again,
    /// Not before, if nothing changes.
    Rests(Recheck),
}

impl Engine {
    /// Does what is next for a sink: at most one attempt, which has failed if it is not over within
    /// `limit`.
    ///
    /// # Errors
    /// The outbox cannot be read or written. Nothing is sent that could not be written down before.
    ///
    /// # Cancel safety
    /// An attempt may have arrived: it is made again, as after a crash.
    pub(super) async fn deliver(
        &self,
        outbox: &dyn Outbox,
        setup: &SinkSetup,
        limit: Duration,
    ) -> Result<Then, PortError> {
        let now = self.clock().now();
        let record = outbox.sinks().await?.into_iter().find(|one| one.name == setup.name);
        let mut record = record.unwrap_or_else(|| unknown(setup));
        let waiting = outbox.deliveries(Which::HeadsFor(&setup.name)).await?;
        if let Some(renewed) = record.state.renewed(!waiting.is_empty(), now)
            && record.fingerprint != setup.sink.fingerprint()
        {
            record.state = renewed;
            if waiting.is_empty() {
                let fingerprint = setup.sink.fingerprint();
                let sinks = vec![SinkRecord { fingerprint, remark: None, ..record }];
                self.file(outbox, Filing { sinks, ..Filing::new(now) }).await?;
                return Ok(Then::Again);
            }
        }
        let policy = policy(setup.sink.takes());
        record.state = record.state.credible(&policy, now);
        let queue: Vec<Waiting> = waiting.iter().map(as_waiting).collect();
        // Its name spreads the waits of a sink.
        let seed = fingerprint(setup.name.bytes());
        let answer = next(&policy, &record.state, &queue, now, seed);
        match answer.action {
            Next::Rest => Ok(Then::Rests(match answer.evidence {
                // A token that was rotated is found by looking.
                Hold::Stopped => answer.recheck.sooner(now.plus(policy.backoff.cap).into()),
                Hold::Due
                | Hold::Empty
                | Hold::Asked
                | Hold::BackingOff
                | Hold::Deferred
                | Hold::Paced => answer.recheck,
            })),
            Next::GiveUp(ids) => {
                let given_up = of(&waiting, &ids);
                let words = record.remark.clone().unwrap_or_default();
                let mut filing = Filing::new(now);
                filing.events.push(event(EventKind::AlertGivenUp, setup, &given_up, &words, None));
                let settled = Some(Settled::GivenUp);
                filing.tried.push(Tried { settled, ..Tried::waits(ids) });
                self.file(outbox, filing).await?;
                Ok(Then::Again)
            }
            Next::Send(ids) => {
                let sent = of(&waiting, &ids);
                self.attempt(outbox, setup, record, &sent, &policy, limit).await?;
                Ok(Then::Again)
            }
        }
    }

    async fn attempt(
        &self,
        outbox: &dyn Outbox,
        setup: &SinkSetup,
        record: SinkRecord,
        sent: &[&Delivery],
        policy: &OutboxPolicy,
        limit: Duration,
    ) -> Result<(), PortError> {
        let began = self.clock().now();
        let ids: Vec<i64> = sent.iter().map(|one| one.id).collect();
        let thread = sent.first().map_or("", |first| first.thread.as_str());
        let place = if sent.len() == 1 { outbox.place(&setup.name, thread).await? } else { None };
        let fingerprint = setup.sink.fingerprint();
        let mut begins = Filing::new(began);
        begins.tried.push(Tried { begins: true, ..Tried::waits(ids.clone()) });
        self.file(outbox, begins).await?;
        let alerts = sent.iter().map(|one| one.alert.clone()).collect();
        let post = Post { now: began, alerts, place };
        let later = |words| Err(SinkError { words, setback: Setback::Later(None) });
        // A sink that panics is a sink that failed: nothing else of sweepd ends with it.
        let delivering = AssertUnwindSafe(setup.sink.deliver(&post)).catch_unwind();
        let result = match timeout(limit, delivering).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => later("the sink has panicked".to_owned()),
            Err(_elapsed) => later(format!("no answer within {} s", limit.as_secs())),
        };
        let now = self.clock().now();
        let attempt = match &result {
            Ok(_) => Attempt::Arrived,
            Err(error) => Attempt::Failed(error.setback),
        };
        let (state, fate) = tried(policy, &record.state, attempt, sent.len(), began, now);
        let words = match &result {
            Ok(receipt) => receipt.remark.as_deref().map(clean),
            Err(error) => Some(clean(&error.words)),
        };
        let mut filing = Filing::new(now);
        filing.tried.push(fated(ids, fate, words.clone()));
        filing.events.extend(told(setup, sent, &result, fate, &record, state));
        if let Ok(Receipt { place: Some(place), .. }) = &result
            && sent.len() == 1
        {
            filing.places.push((setup.name.clone(), thread.to_owned(), place.clone()));
        }
        let remark = if result.is_ok() { None } else { words };
        filing.sinks.push(SinkRecord { state, fingerprint, remark, ..record });
        self.file(outbox, filing).await
    }
}

/// What an attempt came to, as an event; nothing if it is the same as the last time.
fn told(
    setup: &SinkSetup,
    sent: &[&Delivery],
    result: &Result<Receipt, SinkError>,
    fate: Fate,
    before: &SinkRecord,
    state: SinkState,
) -> Option<NewEvent> {
    match (result, fate) {
        (Ok(receipt), _) => {
            let remark = receipt.remark.as_deref().unwrap_or_default();
            Some(event(EventKind::AlertDelivered, setup, sent, remark, None))
        }
        (Err(error), Fate::GivenUp) => {
            Some(event(EventKind::AlertGivenUp, setup, sent, &error.words, None))
        }
        (Err(error), _) => {
            let until = match fate {
                Fate::WaitUntil(until) => Some(until),
                Fate::Delivered | Fate::Wait | Fate::WaitAlone | Fate::GivenUp => state.asked_until,
            };
            let news = before.remark.as_deref() != Some(clean(&error.words).as_str());
            let mut event = event(EventKind::AlertDeferred, setup, sent, &error.words, until);
            if let Some(data) = event.data.as_object_mut() {
                data.insert("stopped".to_owned(), json!(state.stopped_at.is_some()));
            }
            news.then_some(event)
        }
    }
}

fn fated(ids: Vec<i64>, fate: Fate, remark: Option<String>) -> Tried {
    let waits = Tried { remark, ..Tried::waits(ids) };
    match fate {
        Fate::Delivered => Tried { settled: Some(Settled::Delivered), ..waits },
        Fate::Wait => waits,
        Fate::WaitUntil(until) => Tried { deferred_until: Some(until), ..waits },
        Fate::WaitAlone => Tried { alone: true, ..waits },
        Fate::GivenUp => Tried { settled: Some(Settled::GivenUp), ..waits },
    }
}

/// An event about alerts.
fn event(
    kind: EventKind,
    setup: &SinkSetup,
    about: &[&Delivery],
    words: &str,
    until: Option<Timestamp>,
) -> NewEvent {
    let ids: Vec<&str> = about.iter().map(|one| one.alert.id.as_str()).collect();
    let moments: Vec<&str> = about.iter().map(|one| moment(&one.alert)).collect();
    let keys: Vec<Value> = about
        .iter()
        .map(|one| match &one.alert.news {
            News::Incident(story) => json!(story.key),
            News::Note(_) => Value::Null,
        })
        .collect();
    let name = if kind == EventKind::AlertDelivered { "remark" } else { "error" };
    let mut data = BTreeMap::from([
        ("sink", json!(setup.name)),
        ("alerts", json!(ids)),
        ("keys", json!(keys)),
        ("moments", json!(moments)),
    ]);
    if !words.is_empty() {
        data.insert(name, json!(clean(words)));
    }
    if let Some(until) = until {
        data.insert("until", json!(until.to_string()));
    }
    NewEvent { kind, agent: None, source: None, run: None, data: json!(data) }
}

fn of<'a>(waiting: &'a [Delivery], ids: &[i64]) -> Vec<&'a Delivery> {
    let find = |id: &i64| waiting.iter().find(|one| one.id == *id);
    ids.iter().filter_map(find).collect()
}

fn as_waiting(one: &Delivery) -> Waiting {
    Waiting {
        id: one.id,
        thread: one.thread.clone(),
        filed_at: one.filed_at,
        tries: one.tries,
        deferred_until: one.deferred_until,
        alone: one.alone,
    }
}

/// A sink that never took anything.
pub(super) fn unknown(setup: &SinkSetup) -> SinkRecord {
    SinkRecord {
        name: setup.name.clone(),
        kind: setup.sink.kind().to_owned(),
        state: SinkState::default(),
        fingerprint: String::new(),
        greeted_at: None,
        digested_at: None,
        remark: None,
    }
}

fn policy(takes: Takes) -> OutboxPolicy {
    let Takes { batch, burst, every, .. } = takes;
    OutboxPolicy { batch, burst, every, ..OutboxPolicy::default() }
}
