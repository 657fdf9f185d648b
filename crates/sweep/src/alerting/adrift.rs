//! As long as the state cannot be used, people are told from memory: that it is so, and what was found
//! since.

use std::sync::{Mutex, PoisonError};

use sweepd_decide::incident::{TellPolicy, sick};
use sweepd_decide::{Finding, FindingKind, Recheck, Span, Timestamp};

use super::delivery::{LONGEST, Then};
use super::mark::Mark;
use super::{Alerting, MemoryOutbox, SinkSetup};
use crate::engine::Engine;
use crate::incidents;
use crate::ports::{Filing, IncidentChange, Outbox as _, PortError, Which};

/// Between two looks at whether it can be used again.
const AGAIN: Span = Span::from_secs(5);
/// What people are told.
pub(super) const UNUSABLE: &str = "its state cannot be used, so nothing is done";

/// What is told while nothing can be written down.
#[derive(Debug, Default)]
pub(super) struct Adrift {
    memory: MemoryOutbox,
    since: Mutex<Option<Timestamp>>,
}

impl Adrift {
    fn since(&self) -> Option<Timestamp> {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, since: Option<Timestamp>) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

impl Engine {
    /// Tells from memory what cannot be told from the state, and says when to ask again; `None`: the
    /// state can be used, and nothing is told from memory.
    ///
    /// # Cancel safety
    /// An attempt may have arrived, and is made again.
    pub(super) async fn tell_adrift(&self, alerting: &Alerting) -> Option<Timestamp> {
        let now = self.clock().now();
        let adrift = &alerting.adrift;
        let failing = self.ledger.failing_since().or_else(|| alerting.trouble_since());
        let answer = sick(failing, now);
        match (failing, adrift.since()) {
            (None, None) => return None,
            (Some(_), None) if !answer.action => return answer.recheck.at(),
            (Some(since), None) => self.cast_off(alerting, since, UNUSABLE).await,
            (Some(since), Some(_)) => self.degrade(alerting, since, UNUSABLE).await,
            (None, Some(_)) => {}
        }
        let told = if failing.is_some() {
            self.tell_from_memory(alerting, None).await
        } else {
            self.come_ashore(alerting).await
        };
        if failing.is_none() && self.is_told(alerting).await {
            adrift.memory.take_over(Vec::new(), Vec::new(), Vec::new());
            adrift.set(None);
            return None;
        }
        let at = told.unwrap_or(Recheck::OnChange).at();
        let again = self.clock().now().plus(AGAIN);
        Some(at.map_or(again, |at| at.min(again)))
    }

    /// Has people told, from memory, that sweepd cannot do its job: for a program that ends for that
    /// reason. Each sink takes it at most once an hour, by the mark that [`AlertSetup::aside`] names;
    /// without one nobody is told.
    ///
    /// [`AlertSetup::aside`]: crate::AlertSetup::aside
    ///
    /// # Cancel safety
    /// It may have arrived, and then comes again the next time.
    pub async fn tell_sick(&self, why: &str) {
        if let Some(alerting) = &self.alerting {
            self.cast_away(alerting, why).await;
        }
    }

    /// Tells at once from memory, for a program that ends and cannot remember that it did: each sink
    /// at most once an hour, by a mark outside the state.
    pub(crate) async fn cast_away(&self, alerting: &Alerting, why: &str) {
        let now = self.clock().now();
        let Some(mark) = alerting.setup.aside.as_deref().and_then(Mark::open) else { return };
        let sinks = alerting.setup.sinks.iter().map(|setup| &setup.name);
        if !sinks.into_iter().any(|sink| mark.is_due(sink, now)) {
            return;
        }
        self.cast_off(alerting, now, why).await;
        // Nobody is left to be told why it could not be told.
        drop(self.tell_from_memory(alerting, Some(&mark)).await);
        alerting.adrift.memory.take_over(Vec::new(), Vec::new(), Vec::new());
        alerting.adrift.set(None);
    }

    /// From here on people are told from memory; what they were told and promised before is taken
    /// along, as far as it can be read.
    async fn cast_off(&self, alerting: &Alerting, since: Timestamp, why: &str) {
        let outbox = alerting.setup.outbox.as_ref();
        let back = alerting.setup.flap.window;
        let standing = outbox.standing(since.minus(back)).await.unwrap_or_default();
        let waiting = outbox.deliveries(Which::Waiting).await.unwrap_or_default();
        let sinks = outbox.sinks().await.unwrap_or_default();
        alerting.adrift.memory.take_over(standing, waiting, sinks);
        alerting.adrift.set(Some(since));
        self.degrade(alerting, since, why).await;
    }

    /// That the state cannot be used is an incident like others.
    async fn degrade(&self, alerting: &Alerting, since: Timestamp, why: &str) {
        let detail = Some(why.to_owned());
        let kind = FindingKind::SelfDegraded;
        let found = Finding { kind, message_id: None, since, detail };
        let seen = IncidentChange::Seen(incidents::of(None, "sweepd", &found, since));
        let filing = Filing { incidents: vec![seen], ..Filing::new(since) };
        // It is in memory: it cannot fail.
        drop(alerting.adrift.memory.file(filing).await);
    }

    /// With a `mark` only those sinks are told that are due by it.
    async fn tell_from_memory(
        &self,
        alerting: &Alerting,
        mark: Option<&Mark>,
    ) -> Result<Recheck, PortError> {
        let memory = &alerting.adrift.memory;
        let now = self.clock().now();
        let lost = Filing { incidents: self.ledger.lost(), ..Filing::new(now) };
        drop(memory.file(lost).await);
        let policy = TellPolicy { wait: Span::ZERO, ..alerting.setup.tell };
        let recheck = self.notice(alerting, memory, &policy).await?;
        Ok(recheck.sooner(self.deliver_from_memory(alerting, mark).await?))
    }

    /// The state can be used again: that is told, and what was promised from memory is delivered.
    /// Everything else is told from the state.
    async fn come_ashore(&self, alerting: &Alerting) -> Result<Recheck, PortError> {
        let memory = &alerting.adrift.memory;
        let now = self.clock().now();
        let key = format!("{}:sweepd", FindingKind::SelfDegraded.as_str());
        let how = "its state can be used again".to_owned();
        let over = vec![IncidentChange::Resolved { key, how }];
        let done = memory.file(Filing { incidents: over, ..Filing::new(now) }).await?;
        if !done.resolved.is_empty() {
            self.notice(alerting, memory, &TellPolicy { repeat: None, ..alerting.setup.tell })
                .await?;
        }
        self.deliver_from_memory(alerting, None).await
    }

    async fn deliver_from_memory(
        &self,
        alerting: &Alerting,
        mark: Option<&Mark>,
    ) -> Result<Recheck, PortError> {
        let memory = &alerting.adrift.memory;
        let now = self.clock().now();
        let due = |setup: &&SinkSetup| mark.is_none_or(|mark| mark.is_due(&setup.name, now));
        let sinks = alerting.setup.sinks.iter().filter(due).map(|setup| async move {
            loop {
                if let Then::Rests(at) = self.deliver(memory, setup, LONGEST).await? {
                    return Ok::<_, PortError>(at);
                }
                if let Some(mark) = mark.filter(|_| memory.has_arrived(&setup.name)) {
                    mark.told(&setup.name, self.clock().now());
                }
            }
        });
        let rests = futures_util::future::join_all(sinks).await;
        rests.into_iter().try_fold(Recheck::OnChange, |sooner, at| Ok(sooner.sooner(at?)))
    }

    /// Whether everything that was promised from memory has arrived or was given up.
    async fn is_told(&self, alerting: &Alerting) -> bool {
        let waiting = alerting.adrift.memory.deliveries(Which::Waiting).await;
        waiting.is_ok_and(|waiting| waiting.is_empty())
    }
}
