//! `sweepd status`: what is known about everybody, also with the daemon and Docker down.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use sweepd_decide::{AgentId, Timestamp};
use sweepd_sweep::SystemClock;
use sweepd_sweep::adapters::NanoclawSource;
use sweepd_sweep::ports::{AgentRecord, Clock as _, Source as _, State as _};

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
        let (agents, unwatched) = who(&wired, records).await;
        let now = SystemClock::new().now();
        let failing = incidents.iter().any(|open| open.severity > sweepd_decide::Severity::Notice);
        if words.json {
            let agents: Vec<Value> = agents.iter().map(Known::json).collect();
            let all = json!({
                "schema": 1,
                "agents": agents,
                "incidents": incidents,
                "not_watched": unwatched,
            });
            answer(&format!("{all}\n"))?;
        } else {
            answer(&table::status(&agents, &incidents, &unwatched, now))?;
        }
        Ok(if failing { Exit::Failing } else { Exit::Well })
    })
}

/// Everybody on a roster, with what is remembered; and what is there but not watched.
async fn who(wired: &Wired, records: Vec<AgentRecord>) -> (Vec<Known>, Vec<String>) {
    let mut seen: BTreeMap<AgentId, (Value, Timestamp)> =
        records.into_iter().map(|record| (record.agent, (record.report, record.at))).collect();
    let mut agents = Vec::new();
    let mut unwatched = Vec::new();
    for (name, root) in &wired.roots {
        match NanoclawSource::new(name, std::sync::Arc::clone(root)).roster().await {
            Ok(roster) => {
                for enlisted in roster.agents {
                    let report = seen.remove(&enlisted.agent);
                    agents.push(Known { agent: enlisted.agent, report });
                }
                let refused = roster.refused.into_iter();
                unwatched
                    .extend(refused.map(|(id, why)| format!("session {id:?} of {name}: {why}")));
            }
            Err(error) => unwatched.push(format!("all of source {name}: {}", error.chain())),
        }
    }
    // What is remembered but on no roster any more is not watched either.
    unwatched.extend(seen.keys().map(|agent| format!("{agent}: no active session any more")));
    (agents, unwatched)
}
