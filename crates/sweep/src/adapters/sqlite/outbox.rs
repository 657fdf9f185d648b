//! The outbox in SQLite: the same database as the state.

use sweepd_decide::{AgentId, EventKind, Timestamp};
use sweepd_store::state::{self, DeliveryFilter, StateDb};

use super::{SqliteState, change, event, incident, read, text};
use crate::ports::{
    AgentRecord, Committed, Delivery, Doing, Filing, NewAlert, Outbox, PastEvent, PortError,
    Settled, SinkNoted, SinkRecord, Standing, TellingChange, Tried, Untold, Which,
};

/// So many deliveries are read at once; the others come when these are settled.
const DELIVERIES: u32 = 2000;
/// So many that were given up.
const GIVEN_UP: u32 = 100_000;
/// So many events of an agent are read.
const EVENTS: u32 = 50;

impl Outbox for SqliteState {
    fn standing(&self, since: Timestamp) -> Doing<'_, Result<Vec<Standing>, PortError>> {
        Box::pin(async move {
            let list = move |db: &mut StateDb| db.standing(since);
            let rows = self.on("read what was told", Vec::new, list).await?;
            // One of a newer version is left to that.
            Ok(rows.into_iter().filter_map(|row| standing(row).ok()).collect())
        })
    }

    fn openings<'a>(&'a self, key: &'a str, since: Timestamp) -> Doing<'a, Result<u32, PortError>> {
        let key = key.to_owned();
        Box::pin(async move {
            self.on("count openings", || 0, move |db| db.openings(&key, since)).await
        })
    }

    fn past<'a>(
        &'a self,
        agent: &'a AgentId,
        since: Timestamp,
    ) -> Doing<'a, Result<Vec<PastEvent>, PortError>> {
        let agent = agent.clone();
        Box::pin(async move {
            let list = move |db: &mut StateDb| db.last_events(&agent, EVENTS);
            let rows = self.on("read events", Vec::new, list).await?;
            let known = |word: &str| EventKind::ALL.iter().find(|kind| kind.as_str() == word);
            let past = rows.into_iter().rev().filter(|row| row.at >= since).filter_map(|row| {
                let kind = *known(&row.kind)?;
                let data = read("an event", &row.data);
                Some(data.map(|data| PastEvent { at: row.at, kind, data }))
            });
            past.collect()
        })
    }

    fn agent<'a>(
        &'a self,
        agent: &'a AgentId,
    ) -> Doing<'a, Result<Option<AgentRecord>, PortError>> {
        let agent = agent.clone();
        Box::pin(async move {
            let one = move |db: &mut StateDb| db.agent(&agent);
            let row = self.on("read an agent", || None, one).await?;
            row.map(super::agent).transpose()
        })
    }

    fn deliveries<'a>(&'a self, which: Which<'a>) -> Doing<'a, Result<Vec<Delivery>, PortError>> {
        let sink = match which {
            Which::HeadsFor(sink) => sink.to_owned(),
            Which::Waiting | Which::GivenUp | Which::Of(_) => String::new(),
        };
        let of = match which {
            Which::Of(incident) => Some(incident),
            Which::HeadsFor(_) | Which::Waiting | Which::GivenUp => None,
        };
        let dead = which == Which::GivenUp;
        Box::pin(async move {
            let list = move |db: &mut StateDb| {
                let filter = match of {
                    Some(incident) => DeliveryFilter::Of(incident),
                    None if dead => DeliveryFilter::GivenUp,
                    None if sink.is_empty() => DeliveryFilter::Waiting,
                    None => DeliveryFilter::HeadsFor(&sink),
                };
                let most = if dead { GIVEN_UP } else { DELIVERIES };
                let rows = db.deliveries(filter, most)?;
                // What cannot be read cannot be told: it must not be in the way of the others.
                let (read, lost): (Vec<_>, Vec<_>) =
                    rows.into_iter().map(delivery).partition(Result::is_ok);
                let lost = lost.into_iter().filter_map(Result::err).filter(|lost| !lost.settled);
                for lost in lost.collect::<Vec<_>>() {
                    let at = lost.filed_at;
                    let tried = vec![lost.as_tried()];
                    // Where the state is only read it stays.
                    drop(db.commit(&state::Commit { tried, ..state::Commit::new(at) }));
                }
                Ok(read.into_iter().filter_map(Result::ok).collect())
            };
            self.on("read the outbox", Vec::new, list).await
        })
    }

    fn under_way(&self) -> Doing<'_, Result<Vec<(i64, String)>, PortError>> {
        Box::pin(self.on("read what is under way", Vec::new, |db| db.under_way()))
    }

    fn explained_by(&self, cause: i64) -> Doing<'_, Result<Vec<String>, PortError>> {
        let list = move |db: &mut StateDb| db.explained_by(cause);
        Box::pin(self.on("read what a cause explains", Vec::new, list))
    }

    fn sinks(&self) -> Doing<'_, Result<Vec<SinkRecord>, PortError>> {
        Box::pin(async move {
            let rows = self.on("read the sinks", Vec::new, |db| db.sinks()).await?;
            let sink = |row: state::SinkRecord| {
                Ok(SinkRecord {
                    state: read("how a sink stands", &row.standing)?,
                    name: row.name,
                    kind: row.kind,
                    fingerprint: row.fingerprint,
                    greeted_at: row.greeted_at,
                    digested_at: row.digested_at,
                    remark: row.remark,
                })
            };
            rows.into_iter().map(sink).collect()
        })
    }

    fn place<'a>(
        &'a self,
        sink: &'a str,
        thread: &'a str,
    ) -> Doing<'a, Result<Option<String>, PortError>> {
        let (sink, thread) = (sink.to_owned(), thread.to_owned());
        Box::pin(async move {
            self.on("read a place", || None, move |db| db.place(&sink, &thread)).await
        })
    }

    fn file(&self, filing: Filing) -> Doing<'_, Result<Committed, PortError>> {
        Box::pin(async move {
            let commit = to_store(filing)?;
            let none = || state::Committed::default();
            let done = self.on("write the outbox", none, move |db| db.commit(&commit)).await?;
            let state::Committed { intents, opened, resolved, updated, .. } = done;
            Ok(Committed { intents, opened, resolved, updated })
        })
    }
}

fn standing(row: state::Standing) -> Result<Standing, PortError> {
    let state::Standing { incident: row_of, acknowledged, snoozed_until, .. } = row;
    let (why, until, cause) = (row.why, row.until, row.cause);
    let end = row_of.resolved_at.zip(row_of.resolution.clone());
    Ok(Standing {
        id: row_of.id,
        seen_at: row_of.last_seen_at,
        incident: incident(row_of)?,
        end,
        acknowledged,
        snoozed_until,
        told: row.told,
        end_told: row.end_told_at.is_some(),
        untold: why.map(|why| Untold { why, until, cause }),
    })
}

/// A delivery that cannot be read.
struct Lost {
    id: i64,
    why: String,
    filed_at: Timestamp,
    settled: bool,
}

impl Lost {
    /// It is given up.
    fn as_tried(&self) -> state::Tried {
        state::Tried {
            ids: vec![self.id],
            tries: 0,
            deferred_until: None,
            alone: false,
            remark: Some(format!("it cannot be read: {}", self.why)),
            outcome: Some(Settled::GivenUp.as_str().to_owned()),
            anew: false,
        }
    }
}

fn delivery(row: state::Delivery) -> Result<Delivery, Lost> {
    let settled = row.settled_at.is_some();
    let (id, filed_at) = (row.id, row.filed_at);
    let lost = |why: String| Lost { id, why, filed_at, settled };
    let known = |word: &str| {
        let found = Settled::ALL.into_iter().find(|settled| settled.as_str() == word);
        found.ok_or_else(|| lost(format!("its outcome {word:?} is not known")))
    };
    let outcome = row.outcome.as_deref().map(known).transpose()?;
    let alert = serde_json::from_str(&row.alert).map_err(|error| lost(error.to_string()))?;
    Ok(Delivery {
        id: row.id,
        sink: row.sink,
        incident: row.incident,
        thread: row.thread,
        alert,
        filed_at: row.filed_at,
        tries: row.tries,
        deferred_until: row.deferred_until,
        alone: row.alone,
        remark: row.remark,
        settled: row.settled_at.zip(outcome),
    })
}

fn to_store(filing: Filing) -> Result<state::Commit, PortError> {
    let at = filing.at;
    let alerts = filing.alerts.into_iter().map(|new| {
        let NewAlert { incident, thread, alert, sinks } = new;
        let moment = crate::alerting::moment(&alert).to_owned();
        Ok::<_, PortError>(state::NewAlert {
            incident,
            thread,
            moment,
            alert: text(&alert)?,
            sinks,
        })
    });
    let sinks = filing.sinks.into_iter().map(|sink| {
        Ok::<_, PortError>(state::SinkRecord {
            standing: text(&sink.state)?,
            name: sink.name,
            kind: sink.kind,
            fingerprint: sink.fingerprint,
            greeted_at: sink.greeted_at,
            digested_at: sink.digested_at,
            remark: sink.remark,
            updated_at: at,
        })
    });
    let noted = filing.noted.into_iter().map(|noted| {
        let SinkNoted { name, kind, greeted, digested } = noted;
        state::SinkNoted { name, kind, greeted, digested }
    });
    let places = filing.places.into_iter();
    Ok(state::Commit {
        incidents: filing.incidents.into_iter().map(change).collect::<Result<_, _>>()?,
        events: filing.events.into_iter().map(event).collect::<Result<_, _>>()?,
        telling: filing.telling.into_iter().map(telling).collect(),
        alerts: alerts.collect::<Result<_, _>>()?,
        tried: filing.tried.into_iter().map(tried).collect(),
        sinks: sinks.collect::<Result<_, _>>()?,
        noted: noted.collect(),
        places: places.map(|(sink, thread, place)| state::Place { sink, thread, place }).collect(),
        expected: filing.expected,
        ..state::Commit::new(at)
    })
}

fn telling(change: TellingChange) -> state::TellingChange {
    match change {
        TellingChange::Acknowledged(incident) => state::TellingChange::Acknowledged { incident },
        TellingChange::Snoozed(incident, until) => {
            state::TellingChange::Snoozed { incident, until }
        }
        TellingChange::Told(incident, severity) => {
            state::TellingChange::Told { incident, severity }
        }
        TellingChange::EndTold(incident) => state::TellingChange::EndTold { incident },
        TellingChange::Unpromised(incident) => state::TellingChange::Unpromised { incident },
        TellingChange::Untold { incident, why, until, cause } => {
            state::TellingChange::Untold { incident, why: why.to_owned(), until, cause }
        }
    }
}

fn tried(tried: Tried) -> state::Tried {
    let Tried { ids, begins, deferred_until, alone, remark, settled, anew } = tried;
    let outcome = settled.map(|settled| settled.as_str().to_owned());
    state::Tried { ids, tries: u32::from(begins), deferred_until, alone, remark, outcome, anew }
}
