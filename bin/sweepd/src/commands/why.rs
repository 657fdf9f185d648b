//! `sweepd why AGENT`: what is decided about it, from what, and when that changes; and what was.

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use sweepd_decide::AgentId;
use sweepd_store::state::StateDb;
use sweepd_sweep::AgentReport;

use crate::commands::{load, on_a_runtime};
use crate::config::Surroundings;
use crate::exit::{Exit, Failure, answer};
use crate::explain::{self, Past};
use crate::wire::{Purpose, no_such_agent, state_failure, wire};

/// How many past decisions and events are shown.
const PAST: u32 = 10;

/// About whom.
#[derive(Debug, Clone, Args)]
pub(crate) struct Words {
    /// The agent's id, e.g. nanoclaw/ag-1/sess-1
    agent: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Looks at the agent as a dry run does, and reads what was decided before.
pub(crate) fn run(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    let config = load(file, around)?.config;
    let agent = AgentId::new(words.agent.as_str());
    let past = past(&config.state_dir, &agent)?;
    on_a_runtime(async {
        let wired = wire(config, Purpose::Glance).await?;
        let report = wired.engine.sweep().await;
        let report = report.map_err(|error| Failure::new(Exit::Blind, error))?;
        let now: Option<&AgentReport> = report.agents.iter().find(|seen| seen.id == agent);
        if now.is_none() && past.is_empty() {
            return Err(no_such_agent(&words.agent));
        }
        if words.json {
            let all =
                json!({ "schema": 1, "now": now, "past": past.json(), "trouble": report.trouble });
            answer(&format!("{all}\n"))?;
        } else {
            answer(&explain::page(&agent, now, &past, &report))?;
        }
        Ok(crate::commands::sweep::exit(&report))
    })
}

fn past(state_dir: &Path, agent: &AgentId) -> Result<Past, Failure> {
    let blind = |error| Failure::new(Exit::Blind, error);
    let opened = StateDb::open_read_only(state_dir);
    let Some(db) = opened.map_err(|error| state_failure(error, state_dir))? else {
        return Ok(Past::default());
    };
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    let decisions = db.decisions(agent, PAST).map_err(blind)?;
    let bounds = db.event_bounds().map_err(blind)?;
    let from = bounds.oldest.map_or(0, |oldest| oldest - 1);
    let events = db.events(from, Some(agent), u32::MAX).map_err(blind)?;
    let keep = usize::try_from(PAST).unwrap_or(usize::MAX);
    let recent = events.len().saturating_sub(keep);
    Ok(Past {
        decisions: decisions
            .into_iter()
            .map(|record| (record.at, record.action, parse(&record.decision)))
            .collect(),
        events: events
            .into_iter()
            .skip(recent)
            .map(|event| (event.at, event.kind, parse(&event.data)))
            .collect(),
    })
}
