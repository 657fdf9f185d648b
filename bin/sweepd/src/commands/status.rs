//! `sweepd status`: what is known about everybody, also with the daemon and Docker down.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use sweepd_decide::{AgentId, Timestamp};
use sweepd_sweep::adapters::NanoclawSource;
use sweepd_sweep::ports::{AgentRecord, Clock as _, PortError, Source as _, State as _};
use sweepd_sweep::{IncidentReport, SystemClock};

use crate::commands::{load, on_a_runtime};
use crate::config::Surroundings;
use crate::exit::{Exit, Failure, answer};
use crate::table::{self, Known};
use crate::wire::{Purpose, Wired, wire};

/// How to print it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Words {
    /// Print one JSON object
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
        let wired = wire(config, Purpose::Glance).await?;
        let blind = |error| Failure::new(Exit::Blind, error);
        let records = wired.state.agents().await.map_err(blind)?;
        let incidents = wired.engine.incidents().await.map_err(|e| Failure::new(Exit::Blind, e))?;
        let (mut agents, unwatched, blind_for) = who(&wired, records).await;
        let lost = lost(&wired).await.map_err(blind)?;
        for known in &mut agents {
            known.lost_since = lost.get(known.agent.source()).copied();
        }
        let now = SystemClock::new().now();
        let failing = incidents.iter().any(|open| open.severity > sweepd_decide::Severity::Notice);
        if words.json {
            let agents: Vec<Value> = agents.iter().map(Known::json).collect();
            let all = json!({
                "schema": 1,
                "agents": agents,
                "incidents": incidents.iter().map(IncidentReport::from).collect::<Vec<_>>(),
                "not_watched": unwatched,
                "runtime_lost": lost.iter().map(|(source, at)| (source, at.to_string()))
                    .collect::<BTreeMap<_, _>>(),
            });
            answer(&format!("{all}\n"))?;
        } else {
            answer(&table::status(&agents, &incidents, &unwatched, now))?;
        }
        Ok(if blind_for > 0 {
            Exit::Blind
        } else if failing {
            Exit::Failing
        } else {
            Exit::Well
        })
    })
}

/// Sources whose runtime did not answer at the last call, and since when.
async fn lost(wired: &Wired) -> Result<BTreeMap<String, Timestamp>, PortError> {
    let mut lost = BTreeMap::new();
    for (name, _) in &wired.roots {
        if let Some(at) = wired.state.source(name).await?.runtime_lost_at {
            lost.insert(name.clone(), at);
        }
    }
    Ok(lost)
}

/// Everybody on a roster, with what is remembered; what is there but not watched; and how many
/// sources could not be read.
async fn who(wired: &Wired, records: Vec<AgentRecord>) -> (Vec<Known>, Vec<String>, usize) {
    let mut blind_for = 0;
    let mut seen: BTreeMap<AgentId, (Value, Timestamp)> =
        records.into_iter().map(|record| (record.agent, (record.report, record.at))).collect();
    let mut agents = Vec::new();
    let mut unwatched = Vec::new();
    for (name, root) in &wired.roots {
        match NanoclawSource::new(name, std::sync::Arc::clone(root)).roster().await {
            Ok(roster) => {
                for enlisted in roster.agents {
                    let report = seen.remove(&enlisted.agent);
                    agents.push(Known { agent: enlisted.agent, report, lost_since: None });
                }
                let refused = roster.refused.into_iter();
                unwatched
                    .extend(refused.map(|(id, why)| format!("session {id:?} of {name}: {why}")));
            }
            Err(error) => {
                blind_for += 1;
                unwatched.push(format!("all of source {name}: {}", error.chain()));
            }
        }
    }
    // What is remembered but on no roster any more is not watched either.
    unwatched.extend(seen.keys().map(|agent| format!("{agent}: no active session any more")));
    (agents, unwatched, blind_for)
}
