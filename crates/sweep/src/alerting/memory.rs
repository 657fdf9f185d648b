//! An outbox in memory, for as long as the state cannot be written. What is in it is gone with the
//! process.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sweepd_decide::{AgentId, Severity, Timestamp};

use crate::ports::{
    AgentRecord, Committed, Delivery, Doing, Filing, Incident, IncidentChange, NewAlert, Outbox,
    PastEvent, PortError, Settled, SinkRecord, Standing, TellingChange, Tried, Untold, Which,
};

/// So many incidents that are over, and deliveries that are settled, are kept.
const KEPT: usize = 10_000;

/// What was found, promised and told, in memory.
#[derive(Debug, Default)]
#[cfg_attr(not(feature = "test-util"), expect(unreachable_pub, reason = "shown to tests"))]
pub struct MemoryOutbox(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    number: i64,
    standing: Vec<Standing>,
    deliveries: Vec<Delivery>,
    sinks: Vec<SinkRecord>,
    places: Vec<(String, String, String)>,
}

impl MemoryOutbox {
    /// Takes over what another outbox had, in place of everything.
    pub(super) fn take_over(
        &self,
        standing: Vec<Standing>,
        mut deliveries: Vec<Delivery>,
        sinks: Vec<SinkRecord>,
    ) {
        let numbers = standing.iter().map(|one| one.id);
        let number = numbers.chain(deliveries.iter().map(|one| one.id)).max().unwrap_or_default();
        for one in &mut deliveries {
            one.alert.from_memory = true;
        }
        *self.kept() = Kept { number, standing, deliveries, sinks, places: Vec::new() };
    }

    /// Whether a sink has taken anything.
    pub(super) fn has_arrived(&self, sink: &str) -> bool {
        let arrived = |one: &Delivery| matches!(one.settled, Some((_, Settled::Delivered)));
        self.kept().deliveries.iter().any(|one| one.sink == sink && arrived(one))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn of(&mut self, id: i64) -> Option<&mut Standing> {
        self.standing.iter_mut().find(|one| one.id == id)
    }

    fn open(&mut self, key: &str) -> Option<&mut Standing> {
        self.standing.iter_mut().find(|one| one.incident.key == key && one.end.is_none())
    }

    fn change(&mut self, change: IncidentChange, at: Timestamp, done: &mut Committed) {
        match change {
            IncidentChange::Seen(incident) => self.seen(incident, at, done),
            IncidentChange::Good { key } => {
                if let Some(open) = self.open(&key) {
                    open.incident.good_looks = open.incident.good_looks.saturating_add(1);
                }
            }
            IncidentChange::Resolved { key, how } => {
                if let Some(open) = self.open(&key) {
                    open.end = Some((at, how));
                    done.resolved.push(key);
                }
            }
        }
    }

    fn seen(&mut self, incident: Incident, at: Timestamp, done: &mut Committed) {
        if let Some(open) = self.open(&incident.key) {
            if open.incident.severity != incident.severity {
                done.updated.push(incident.key.clone());
            }
            let opened_at = open.incident.opened_at;
            open.incident = Incident { opened_at, good_looks: 0, ..incident };
            open.seen_at = at;
            return;
        }
        done.opened.push(incident.key.clone());
        self.number = self.number.saturating_add(1);
        self.standing.push(Standing {
            id: self.number,
            incident: Incident { opened_at: at, ..incident },
            seen_at: at,
            end: None,
            acknowledged: None,
            snoozed_until: None,
            told: None,
            end_told: false,
            untold: None,
        });
    }

    fn tell(&mut self, change: TellingChange, at: Timestamp) {
        let id = match change {
            TellingChange::Acknowledged(id)
            | TellingChange::Snoozed(id, _)
            | TellingChange::Told(id, _)
            | TellingChange::EndTold(id)
            | TellingChange::Unpromised(id)
            | TellingChange::Untold { incident: id, .. } => id,
        };
        let Some(one) = self.of(id) else { return };
        match change {
            TellingChange::Acknowledged(_) => {
                let severity: Severity = one.incident.severity;
                one.acknowledged = Some((severity, at));
            }
            TellingChange::Snoozed(_, until) => one.snoozed_until = until,
            TellingChange::Told(_, severity) => {
                one.told = Some((at, severity));
                one.untold = None;
            }
            TellingChange::EndTold(_) => {
                one.end_told = true;
                one.untold = None;
            }
            TellingChange::Unpromised(_) => one.told = one.told.filter(|_| one.end_told),
            TellingChange::Untold { why, until, cause, .. } => {
                let cause = cause.or_else(|| one.untold.as_ref().and_then(|known| known.cause));
                one.untold = Some(Untold { why: why.to_owned(), until, cause });
            }
        }
    }

    fn promise(&mut self, new: &NewAlert, at: Timestamp) {
        for sink in &new.sinks {
            self.number = self.number.saturating_add(1);
            self.deliveries.push(Delivery {
                id: self.number,
                sink: sink.clone(),
                incident: new.incident,
                thread: new.thread.clone(),
                alert: new.alert.clone(),
                filed_at: at,
                tries: 0,
                deferred_until: None,
                alone: false,
                remark: None,
                settled: None,
            });
        }
    }

    fn tried(&mut self, tried: &Tried, at: Timestamp) {
        for one in self.deliveries.iter_mut().filter(|one| tried.ids.contains(&one.id)) {
            one.tries = one.tries.saturating_add(u32::from(tried.begins));
            one.deferred_until = tried.deferred_until;
            one.alone |= tried.alone;
            one.remark = tried.remark.clone().or_else(|| one.remark.take());
            one.settled = tried.settled.map(|how| (at, how));
            if tried.anew {
                (one.filed_at, one.tries, one.alone) = (at, 0, false);
            }
        }
    }

    fn file(&mut self, filing: Filing) -> Committed {
        let at = filing.at;
        let mut done = Committed::default();
        for change in filing.incidents {
            self.change(change, at, &mut done);
        }
        for change in filing.telling {
            self.tell(change, at);
        }
        for alert in &filing.alerts {
            self.promise(alert, at);
        }
        for tried in &filing.tried {
            self.tried(tried, at);
        }
        for sink in filing.sinks {
            let known = self.sinks.iter().position(|known| known.name == sink.name);
            let known = known.map(|at| self.sinks.swap_remove(at));
            let known = |of: fn(&SinkRecord) -> Option<Timestamp>| known.as_ref().and_then(of);
            let greeted_at = known(|one| one.greeted_at).or(sink.greeted_at);
            let digested_at = known(|one| one.digested_at).or(sink.digested_at);
            self.sinks.push(SinkRecord { greeted_at, digested_at, ..sink });
        }
        for noted in filing.noted {
            if let Some(known) = self.sinks.iter_mut().find(|known| known.name == noted.name) {
                known.greeted_at = noted.greeted.then_some(at).or(known.greeted_at);
                known.digested_at = noted.digested.then_some(at).or(known.digested_at);
            }
        }
        for new in filing.places {
            self.places.retain(|(sink, thread, _)| (sink, thread) != (&new.0, &new.1));
            self.places.push(new);
        }
        forget(&mut self.standing, |one| one.end.is_some() && (one.end_told || one.told.is_none()));
        forget(&mut self.deliveries, |one| one.settled.is_some());
        done
    }
}

/// Forgets the oldest of those that are over, once they are too many.
fn forget<T>(all: &mut Vec<T>, over: impl Fn(&T) -> bool) {
    let mut many = all.iter().filter(|one| over(one)).count().saturating_sub(KEPT);
    all.retain(|one| {
        let goes = many > 0 && over(one);
        many -= usize::from(goes);
        !goes
    });
}

impl Outbox for MemoryOutbox {
    fn standing(&self, since: Timestamp) -> Doing<'_, Result<Vec<Standing>, PortError>> {
        Box::pin(async move {
            let kept = self.kept();
            let unfinished = |one: &Standing| one.told.is_some() && !one.end_told;
            let counts = |one: &&Standing| {
                one.end.as_ref().is_none_or(|(at, _)| *at >= since) || unfinished(one)
            };
            Ok(kept.standing.iter().filter(counts).cloned().collect())
        })
    }

    fn openings<'a>(&'a self, key: &'a str, since: Timestamp) -> Doing<'a, Result<u32, PortError>> {
        Box::pin(async move {
            let kept = self.kept();
            let of = |one: &&Standing| one.incident.key == key && one.incident.opened_at >= since;
            Ok(u32::try_from(kept.standing.iter().filter(of).count()).unwrap_or(u32::MAX))
        })
    }

    fn past<'a>(
        &'a self,
        _agent: &'a AgentId,
        _since: Timestamp,
    ) -> Doing<'a, Result<Vec<PastEvent>, PortError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn agent<'a>(
        &'a self,
        _agent: &'a AgentId,
    ) -> Doing<'a, Result<Option<AgentRecord>, PortError>> {
        Box::pin(async { Ok(None) })
    }

    fn deliveries<'a>(&'a self, which: Which<'a>) -> Doing<'a, Result<Vec<Delivery>, PortError>> {
        Box::pin(async move {
            let kept = self.kept();
            let wanted = |one: &&Delivery| match which {
                Which::HeadsFor(sink) => one.settled.is_none() && one.sink == sink,
                Which::Waiting => one.settled.is_none(),
                Which::GivenUp => one.settled.is_some_and(|(_, how)| how == Settled::GivenUp),
                Which::Of(incident) => one.incident == Some(incident),
            };
            let mut found: Vec<Delivery> = kept.deliveries.iter().filter(wanted).cloned().collect();
            if matches!(which, Which::HeadsFor(_)) {
                let mut threads = BTreeSet::new();
                found.retain(|one| threads.insert(one.thread.clone()));
                found.sort_by_key(|one| (one.deferred_until, one.id));
            }
            Ok(found)
        })
    }

    fn under_way(&self) -> Doing<'_, Result<Vec<(i64, String)>, PortError>> {
        Box::pin(async move {
            let kept = self.kept();
            let waiting = kept.deliveries.iter().filter(|one| one.settled.is_none());
            let of = waiting.filter_map(|one| Some((one.incident?, one.sink.clone())));
            Ok(of.collect::<BTreeSet<_>>().into_iter().collect())
        })
    }

    fn explained_by(&self, cause: i64) -> Doing<'_, Result<Vec<String>, PortError>> {
        Box::pin(async move {
            let kept = self.kept();
            let by = |one: &&Standing| one.untold.as_ref().and_then(|why| why.cause) == Some(cause);
            let untold = kept.standing.iter().filter(|one| one.told.is_none());
            Ok(untold.filter(by).map(|one| one.incident.key.clone()).collect())
        })
    }

    fn sinks(&self) -> Doing<'_, Result<Vec<SinkRecord>, PortError>> {
        Box::pin(async { Ok(self.kept().sinks.clone()) })
    }

    fn place<'a>(
        &'a self,
        sink: &'a str,
        thread: &'a str,
    ) -> Doing<'a, Result<Option<String>, PortError>> {
        Box::pin(async move {
            let kept = self.kept();
            let of = |new: &&(String, String, String)| new.0 == sink && new.1 == thread;
            Ok(kept.places.iter().find(of).map(|(_, _, place)| place.clone()))
        })
    }

    fn lasts(&self) -> bool {
        false
    }

    fn file(&self, filing: Filing) -> Doing<'_, Result<Committed, PortError>> {
        Box::pin(async move { Ok(self.kept().file(filing)) })
    }
}
