//! As long as the state cannot be written, people are told from memory: that it is so, and what was
//! found since.

use std::sync::PoisonError;

use sweepd_decide::incident::TellPolicy;
use sweepd_decide::{FindingKind, Recheck, Span, Timestamp};

use super::delivery::{LONGEST, Then};
use super::{Alerting, MemoryOutbox};
use crate::engine::Engine;
use crate::incidents;
use crate::ports::{Filing, IncidentChange, Outbox as _, PortError};

/// A state that cannot be written for so long is worth telling.
const LASTS: Span = Span::from_secs(30);
/// Between two looks at whether it can be written again.
const AGAIN: Span = Span::from_secs(5);

/// What is told while nothing can be written down.
#[derive(Debug, Default)]
pub(super) struct Adrift {
    pub(super) memory: MemoryOutbox,
    since: std::sync::Mutex<Option<Timestamp>>,
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
    /// state can be written, and nothing is told from memory.
    ///
    /// # Cancel safety
    /// An attempt may have arrived, and is made again.
    pub(super) async fn tell_adrift(&self, alerting: &Alerting) -> Option<Timestamp> {
        let now = self.clock().now();
        let adrift = &alerting.adrift;
        match (self.ledger.failing_since(), adrift.since()) {
            (None, None) => return None,
            (Some(since), None) if now < since.plus(LASTS) => return Some(since.plus(LASTS)),
            (Some(since), None) => self.cast_off(alerting, since).await,
            (Some(_), Some(_)) => {}
            (None, Some(_)) => {
                let key = format!("{}:sweepd", FindingKind::SelfDegraded.as_str());
                let how = "the state can be written again".to_owned();
                let over = vec![IncidentChange::Resolved { key, how }];
                let filing = Filing { incidents: over, ..Filing::new(now) };
                // It is in memory: it cannot fail.
                drop(adrift.memory.file(filing).await);
            }
        }
        let lost = Filing { incidents: self.ledger.lost(), ..Filing::new(now) };
        drop(adrift.memory.file(lost).await);
        let at = self.tell_from_memory(alerting).await.unwrap_or(Recheck::OnChange);
        let ashore = self.ledger.failing_since().is_none();
        if ashore && self.is_told(alerting).await {
            adrift.memory.take_over(Vec::new(), Vec::new());
            adrift.set(None);
            return None;
        }
        let again = self.clock().now().plus(AGAIN);
        Some(at.at().map_or(again, |at| at.min(again)))
    }

    /// From here on people are told from memory; what they were told before is taken along.
    async fn cast_off(&self, alerting: &Alerting, since: Timestamp) {
        let outbox = alerting.setup.outbox.as_ref();
        let back = alerting.setup.flap.window;
        let standing = outbox.standing(since.minus(back)).await.unwrap_or_default();
        let sinks = outbox.sinks().await.unwrap_or_default();
        alerting.adrift.memory.take_over(standing, sinks);
        alerting.adrift.set(Some(since));
        let detail = Some("the state cannot be written, so nothing is done".to_owned());
        let kind = FindingKind::SelfDegraded;
        let found = sweepd_decide::Finding { kind, message_id: None, since, detail };
        let seen = IncidentChange::Seen(incidents::of(None, "sweepd", &found, since));
        let filing = Filing { incidents: vec![seen], ..Filing::new(since) };
        drop(alerting.adrift.memory.file(filing).await);
    }

    async fn tell_from_memory(&self, alerting: &Alerting) -> Result<Recheck, PortError> {
        let memory = &alerting.adrift.memory;
        let policy = TellPolicy { wait: Span::ZERO, ..alerting.setup.tell };
        let mut recheck = self.notice(alerting, memory, &policy).await?;
        for setup in &alerting.setup.sinks {
            loop {
                match self.deliver(memory, setup, LONGEST).await? {
                    Then::Again => {}
                    Then::Rests(at) => {
                        recheck = recheck.sooner(at);
                        break;
                    }
                }
            }
        }
        Ok(recheck)
    }

    /// Whether everything that was promised from memory has arrived or was given up.
    async fn is_told(&self, alerting: &Alerting) -> bool {
        let waiting = alerting.adrift.memory.deliveries(crate::ports::Which::Waiting).await;
        waiting.is_ok_and(|waiting| waiting.is_empty())
    }
}
