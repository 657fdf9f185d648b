//! Notices and deliveries: in a call of its own, and while the daemon runs.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use sweepd_decide::incident::TellPolicy;
use sweepd_decide::{Recheck, Span, Timestamp};
use tokio::sync::Notify;

use super::adrift::UNUSABLE;
use super::delivery::{LONGEST, Then};
use super::{Alerting, SinkSetup};
use crate::call::Call;
use crate::engine::{Engine, EngineError};
use crate::ports::{Outbox, PortError};
use crate::report::{IncidentReport, Report};

/// Until an outbox that could not be used is tried again.
const TROUBLE: Span = Span::from_secs(5);
/// Between two looks at what has changed.
const TOGETHER: Span = Span::from_millis(250);
/// So long a call of its own delivers.
const CALL: Span = Span::from_secs(10);

/// One delivery under way at each sink.
type Delivering<'e> = Pin<Box<dyn Future<Output = (usize, Result<Then, PortError>)> + Send + 'e>>;

impl Engine {
    /// Has people told what is to be told now, and delivers what is due, for at most 10 s. Looks at
    /// nobody: [`Engine::sweep`] does this at its end, and [`Engine::run`] all the time.
    ///
    /// # Errors
    /// The outbox cannot be used; what was promised before is promised still.
    /// [`EngineError::Running`].
    ///
    /// # Cancel safety
    /// An attempt may have arrived, and is made again.
    pub async fn tell(&self) -> Result<(), EngineError> {
        let _alone = self.alone()?;
        let Some(alerting) = &self.alerting else { return Ok(()) };
        let pauses = self.ledger.state().pauses().await.map_err(EngineError::State)?;
        self.pauses.recall(pauses);
        self.tell_once(alerting).await.map_err(EngineError::State)
    }

    /// Has people told, and reports what is open then.
    pub(crate) async fn tell_of(&self, call: &mut Call, report: &mut Report, whole: bool) {
        let Some(alerting) = &self.alerting else { return };
        if whole {
            alerting.count(report);
        }
        match self.tell_once(alerting).await {
            Ok(()) => {
                if let Ok(mut open) = self.incidents().await {
                    // As without alerts: in the order of their keys.
                    open.sort_by(|a, b| a.key.cmp(&b.key));
                    report.incidents = open.iter().map(IncidentReport::from).collect();
                }
            }
            Err(error) => {
                call.trouble.insert("alerts".to_owned(), format!("alerts: {}", error.chain()));
            }
        }
    }

    /// Tells what is to be told now, and delivers what is due, for at most 10 s.
    ///
    /// # Errors
    /// The outbox cannot be used; what was promised before is promised still.
    pub(crate) async fn tell_once(&self, alerting: &Alerting) -> Result<(), PortError> {
        let told = self.tell_within(alerting, self.clock().now().plus(CALL)).await;
        if told.is_err() || self.ledger.failing_since().is_some() {
            self.cast_away(alerting, UNUSABLE).await;
        }
        told
    }

    async fn tell_within(&self, alerting: &Alerting, until: Timestamp) -> Result<(), PortError> {
        let policy = TellPolicy { wait: Span::ZERO, ..alerting.setup.tell };
        let outbox = alerting.setup.outbox.as_ref();
        self.notice(alerting, outbox, &policy).await?;
        self.deliver_until(alerting, outbox, until).await?;
        // What the deliveries have shown about the sinks themselves is told by the others.
        self.notice(alerting, outbox, &policy).await?;
        self.deliver_until(alerting, outbox, until).await
    }

    async fn deliver_until(
        &self,
        alerting: &Alerting,
        outbox: &dyn Outbox,
        until: Timestamp,
    ) -> Result<(), PortError> {
        let sinks = alerting.setup.sinks.iter();
        let all = join_all(sinks.map(|setup| self.empty(outbox, setup, until))).await;
        all.into_iter().collect()
    }

    /// Delivers what waits for one sink, as far as it may be before `until`.
    async fn empty(
        &self,
        outbox: &dyn Outbox,
        setup: &SinkSetup,
        until: Timestamp,
    ) -> Result<(), PortError> {
        loop {
            let left = until.since(self.clock().now()).as_millis();
            if left <= 0 {
                break;
            }
            let limit = Duration::from_millis(left.unsigned_abs());
            let then = self.deliver(outbox, setup, limit).await?;
            let Then::Rests(recheck) = then else { continue };
            match recheck.at().filter(|at| *at < until) {
                Some(at) => self.clock().sleep_until(at).await,
                None => break,
            }
        }
        Ok(())
    }

    /// Tells and delivers until `over`; what is under way then is finished.
    pub(crate) async fn tell_until(&self, alerting: &Alerting, over: &Notify) {
        let policy = alerting.setup.tell;
        let outbox = alerting.setup.outbox.as_ref();
        let sinks = &alerting.setup.sinks;
        let mut under_way: FuturesUnordered<Delivering<'_>> = FuturesUnordered::new();
        let mut busy: BTreeSet<usize> = BTreeSet::new();
        let mut due: BTreeMap<usize, Timestamp> = BTreeMap::new();
        let mut notice_at = self.clock().now();
        if let Ok(pauses) = self.ledger.state().pauses().await {
            self.pauses.recall(pauses);
        }
        let mut looked_at = Timestamp::MIN;
        let mut ending = false;
        loop {
            let now = self.clock().now();
            if !ending && now >= notice_at {
                let adrift = self.tell_adrift(alerting).await;
                let noticed = self.notice(alerting, outbox, &policy).await;
                alerting.note(noticed.as_ref().err(), now);
                looked_at = self.clock().now();
                notice_at = match noticed {
                    Ok(recheck) => {
                        // Whatever was promised is looked for.
                        due = (0..sinks.len()).map(|sink| (sink, now)).collect();
                        recheck.at().unwrap_or(Timestamp::MAX)
                    }
                    Err(_) => now.plus(TROUBLE),
                };
                notice_at = adrift.map_or(notice_at, |at| at.min(notice_at));
            }
            let free = |(sink, at): (&usize, &Timestamp)| {
                (now >= *at && !busy.contains(sink)).then_some(*sink)
            };
            let begin: Vec<usize> =
                if ending { Vec::new() } else { due.iter().filter_map(free).collect() };
            for sink in begin {
                due.remove(&sink);
                let Some(setup) = sinks.get(sink) else { continue };
                busy.insert(sink);
                under_way.push(Box::pin(async move {
                    (sink, self.deliver(outbox, setup, LONGEST).await)
                }));
            }
            if ending && under_way.is_empty() {
                return;
            }
            let next = due.iter().filter(|(sink, _)| !busy.contains(sink)).map(|(_, at)| *at);
            let next = next.min().unwrap_or(Timestamp::MAX).min(notice_at);
            tokio::select! {
                biased;
                () = over.notified(), if !ending => ending = true,
                Some((sink, done)) = under_way.next() => {
                    busy.remove(&sink);
                    let now = self.clock().now();
                    let at = match done {
                        Ok(Then::Again) => {
                            // How the sink stands may be another incident, or none any more.
                            notice_at = notice_at.min(looked_at.plus(TOGETHER).max(now));
                            Recheck::At(now)
                        }
                        Ok(Then::Rests(recheck)) => recheck,
                        Err(_) => Recheck::At(now.plus(TROUBLE)),
                    };
                    if let Some(at) = at.at() {
                        let known = due.entry(sink).or_insert(at);
                        *known = at.min(*known);
                    }
                }
                () = alerting.changed.notified(), if !ending => {
                    // Much that changes at once is looked at once.
                    notice_at = notice_at.min(looked_at.plus(TOGETHER).max(self.clock().now()));
                }
                () = self.clock().sleep_until(next), if !ending => {}
            }
        }
    }
}
