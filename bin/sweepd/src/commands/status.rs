//! `sweepd status`: what is known about everybody, also with the daemon and Docker down.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use serde_json::json;
use sweepd_decide::{AgentId, Severity, Timestamp};
use sweepd_sweep::ports::{AgentRecord, Clock as _, PortError, State as _};
use sweepd_sweep::{IncidentReport, Pause, SystemClock};

use crate::commands::unlooked;
use crate::commands::{load, on_a_runtime};
use crate::config::{Config, Surroundings, Wake};
use crate::exit::{Exit, Failure, answer};
use crate::known::{Doubt, Known, Seen, believed_for};
use crate::schema;
use crate::table::{self, Standing};
use crate::telling::queue::Queue;
use crate::wire::{Purpose, Wired, wire};

/// How to print it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Words {
    /// Print one JSON object, schema version 1
    #[arg(long)]
    json: bool,
}

/// Reads the state, and who there is; asks no runtime, and changes nothing.
pub(crate) fn run(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    let config = load(file, around)?.config;
    on_a_runtime(async {
        let wired = wire(std::sync::Arc::new(config.clone()), Purpose::Glance).await?;
        let blind = |error| Failure::new(Exit::Blind, error);
        let records = wired.state.agents().await.map_err(blind)?;
        let incidents = wired.engine.incidents().await.map_err(|e| Failure::new(Exit::Blind, e))?;
        let pauses = wired.engine.pauses().await.map_err(|e| Failure::new(Exit::Blind, e))?;
        let now = SystemClock::new().now();
        let lost = lost(&wired).await.map_err(blind)?;
        let queue = Queue::read(&wired.state, &config.alerts, now).await.map_err(blind)?;
        let believed = believed_for(config.sweep.interval);
        let judge = Judge { config: &config, lost: &lost, oldest: now.minus(believed) };
        let who = judge.who(&wired, records).await;
        if words.json {
            let reports: Vec<_> = incidents.iter().map(IncidentReport::from).collect();
            let agents = who.agents.iter().map(Known::json).collect();
            let mut all = schema::answer(config.mode.into(), false, agents, &reports);
            let lost: BTreeMap<_, _> =
                lost.iter().map(|(name, at)| (name, at.to_string())).collect();
            all.insert("not_watched".to_owned(), json!(who.unwatched));
            let shown: Vec<_> = pauses.iter().map(paused).collect();
            all.insert("paused".to_owned(), json!(shown));
            all.insert("runtime_lost".to_owned(), json!(lost));
            all.insert("alerts".to_owned(), queue.summary(now));
            answer(&format!("{}\n", json!(all)))?;
        } else {
            let Who { agents, unwatched, .. } = &who;
            let incidents = incidents.as_slice();
            answer(&table::status(&Standing {
                agents,
                incidents,
                unwatched,
                pauses: &pauses,
                lost: &lost,
                untold: &queue.trouble(now),
                believed,
                now,
            }))?;
        }
        let failing = incidents.iter().any(|open| open.severity > Severity::Notice);
        let old = who.agents.iter().any(Known::is_old);
        Ok(if who.blind || old || !lost.is_empty() {
            Exit::Blind
        } else if failing {
            Exit::Failing
        } else {
            Exit::Well
        })
    })
}

fn paused(pause: &Pause) -> serde_json::Value {
    json!({
        "scope": pause.scope.to_string(),
        "since": pause.since.to_string(),
        "until": pause.until.map(|until| until.to_string()),
    })
}

/// Sources whose runtime did not answer at the last call, and since when.
async fn lost(wired: &Wired) -> Result<BTreeMap<String, Timestamp>, PortError> {
    let mut lost = BTreeMap::new();
    for name in wired.rosters.keys() {
        if let Some(at) = wired.state.source(name).await?.runtime_lost_at {
            lost.insert(name.clone(), at);
        }
    }
    Ok(lost)
}

/// Who there is.
struct Who {
    agents: Vec<Known>,
    /// What is there but not watched, and why.
    unwatched: Vec<String>,
    /// A source could not be read.
    blind: bool,
}

/// What it takes to say whether a look still holds.
struct Judge<'a> {
    config: &'a Config,
    lost: &'a BTreeMap<String, Timestamp>,
    /// Looks from before this are not believed.
    oldest: Timestamp,
}

impl Judge<'_> {
    /// Everybody on a roster, with what is remembered.
    async fn who(&self, wired: &Wired, records: Vec<AgentRecord>) -> Who {
        let mut who = Who { agents: Vec::new(), unwatched: Vec::new(), blind: false };
        let mut records: BTreeMap<AgentId, AgentRecord> =
            records.into_iter().map(|record| (record.agent.clone(), record)).collect();
        for (name, source) in &wired.rosters {
            match source.roster().await {
                Ok(roster) => {
                    for enlisted in roster.agents {
                        let record = records.remove(&enlisted.agent);
                        who.agents.extend(self.known(name, enlisted.agent, record));
                    }
                    for resting in &roster.resting {
                        records.remove(resting);
                    }
                    let what =
                        if self.config.source(name).is_some() { "session" } else { "container" };
                    let refused = roster.refused.into_iter();
                    who.unwatched
                        .extend(refused.map(|(id, why)| format!("{what} {id:?} of {name}: {why}")));
                    if let Some(why) = roster.unread {
                        who.blind = true;
                        self.lose(&mut who, &mut records, name);
                        who.unwatched.push(format!("a part of source {name}: {why}"));
                    }
                }
                Err(error) => {
                    who.blind = true;
                    let why = error.chain();
                    // Who they are is remembered; how they are nobody knows.
                    self.lose(&mut who, &mut records, name);
                    who.unwatched.push(format!("all of source {name}: {why}"));
                }
            }
        }
        // What is remembered but on no roster any more is not watched either.
        let gone = records.keys().map(|agent| format!("{agent}: no active session any more"));
        who.unwatched.extend(gone);
        who.unwatched.extend(unlooked::for_all(self.config));
        who
    }

    /// Whoever is remembered of a source that cannot be read.
    fn lose(&self, who: &mut Who, records: &mut BTreeMap<AgentId, AgentRecord>, source: &str) {
        let own = records.extract_if(.., |agent, _| agent.source() == source);
        for (agent, record) in own.collect::<Vec<_>>() {
            let known = self.known(source, agent, Some(record));
            who.agents.extend(known.map(Known::of_a_lost_source));
        }
    }

    fn known(&self, source: &str, agent: AgentId, record: Option<AgentRecord>) -> Option<Known> {
        let mode = self.config.mode_for(self.config.source_mode(source)?, &agent).into();
        let wake = self.config.source(source).map(|source| &source.wake);
        let runtime = if matches!(wake, Some(Wake::Process(_))) { "process" } else { "docker" };
        let seen = record.map(|record| Seen {
            doubt: self.doubt(source, record.at),
            next_look: record.memory.next_look,
            report: record.report,
            at: record.at,
        });
        Some(Known { agent, mode, runtime, seen })
    }

    fn doubt(&self, source: &str, at: Timestamp) -> Option<Doubt> {
        if self.lost.contains_key(source) {
            Some(Doubt::RuntimeLost)
        } else {
            (at < self.oldest).then_some(Doubt::Old)
        }
    }
}
