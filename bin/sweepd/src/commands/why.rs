//! `sweepd why AGENT`: what is decided about it, from what, and when that changes; and what was.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use sweepd_decide::{AgentId, Span, Timestamp};
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::shown_spec;
use sweepd_sweep::ports::Clock as _;
use sweepd_sweep::{AgentReport, SystemClock};

use crate::commands::{load, on_a_runtime};
use crate::config::{Config, Surroundings};
use crate::exit::{Exit, Failure, answer};
use crate::explain::{self, Alerts, Made, Past};
use crate::ground::{check_ground, state_failure};
use crate::schema;
use crate::telling::{self, Told};
use crate::wire::{Purpose, no_such_agent, remembered_state, wire};

/// How many past decisions and events are shown.
const PAST: u32 = 10;
/// So far back goes what was told of it.
const DAY: Span = Span::from_mins(24 * 60);

/// About whom.
#[derive(Debug, Clone, Args)]
pub(crate) struct Words {
    /// The agent's id, e.g. nanoclaw/ag-1/sess-1
    agent: String,
    /// Print one JSON object, schema version 1
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
    check_ground(&config)?;
    let agent = AgentId::new(words.agent.as_str());
    let past = past(&config.state_dir, &agent)?;
    on_a_runtime(async {
        let mode = config.mode.into();
        let has_sinks = !config.alerts.sinks.is_empty();
        let now_at = SystemClock::new().now();
        let told = told(&config, &agent, now_at).await?;
        let wired = wire(Arc::new(config), Purpose::Glance).await?;
        let report = wired.engine.sweep().await;
        let report = report.map_err(|error| Failure::new(Exit::Blind, error))?;
        let now: Option<&AgentReport> = report.agents.iter().find(|seen| seen.id == agent);
        if now.is_none() && past.is_empty() {
            return Err(no_such_agent(&words.agent));
        }
        if words.json {
            let mut own = report.incidents.clone();
            own.retain(|open| open.agent.as_ref() == Some(&agent));
            let agents = now.into_iter().map(|now| json!(now)).collect();
            let mut all = schema::answer(mode, true, agents, &own);
            all.insert("past".to_owned(), past.json());
            let told: Vec<Value> = told.iter().map(|one| one.json(has_sinks, now_at)).collect();
            all.insert("alerts".to_owned(), Value::Array(told));
            if !report.trouble.is_empty() {
                all.insert("trouble".to_owned(), json!(report.trouble));
            }
            answer(&format!("{}\n", json!(all)))?;
        } else {
            let alerts = Alerts { told: &told, has_sinks, now: now_at };
            answer(&explain::page(&agent, now, &past, &report, &alerts))?;
        }
        Ok(crate::commands::sweep::exit(&report))
    })
}

/// Its incidents that are open, and those of the last day.
async fn told(config: &Config, agent: &AgentId, now: Timestamp) -> Result<Vec<Told>, Failure> {
    let state = remembered_state(config)?;
    let told = telling::read_about(&state, now.minus(DAY), agent).await;
    told.map_err(|error| Failure::new(Exit::Blind, error))
}

fn past(state_dir: &Path, agent: &AgentId) -> Result<Past, Failure> {
    let blind = |error| state_failure(error, state_dir);
    let Some(db) = StateDb::open_read_only(state_dir).map_err(blind)? else {
        return Ok(Past::default());
    };
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    let decisions = db.decisions(agent, PAST).map_err(blind)?;
    let events = db.last_events(agent, PAST).map_err(blind)?;
    // What those of a group share is written down under the group.
    let group = agent.as_str().rsplit_once('/').map(|(group, _)| AgentId::new(group));
    let shelves = [Some(agent.clone()), group];
    let spec = shelves
        .iter()
        .flatten()
        .map(|shelf| db.spec(shelf))
        .find(|found| !matches!(found, Ok(None)));
    let made = spec.transpose().map_err(blind)?.flatten().map(|row| Made {
        at: row.learned_at,
        run: row.run,
        shown: shown_spec(&parse(&row.spec)),
    });
    Ok(Past {
        decisions: decisions
            .into_iter()
            .map(|record| (record.at, record.action, parse(&record.decision)))
            .collect(),
        events: events
            .into_iter()
            .rev()
            .map(|event| (event.at, event.kind, parse(&event.data)))
            .collect(),
        made,
    })
}
