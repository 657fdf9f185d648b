//! What came of it: the timeline that is the lower half of a scenario.
//!
//! One block for each call, or each pass of the daemon: what was decided about each agent and why,
//! what was done and how that went, what the world shows of it, what the journal says.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use serde_json::Value;
use sweepd_decide::{RunId, Timestamp};
use sweepd_sweep::{EngineError, Mode, Report};

use super::settings::Settings;
use super::world::{Rows, World};

mod agent;
mod block;
mod journal;
mod row;

use agent::Told;
use block::{Block, Line};
use journal::Journal;

/// Tells, and remembers what was told.
#[derive(Debug)]
pub(super) struct Teller {
    mode: Mode,
    dry_run: bool,
    blocks: Vec<Block>,
    /// What was told about each agent in this call.
    told: BTreeMap<String, Told>,
    rows: Rows,
    up: Vec<RunId>,
    stops: usize,
    journal: Journal,
}

impl Teller {
    pub(super) fn new(world: &World, settings: &Settings) -> Result<Self> {
        Ok(Self {
            mode: settings.mode,
            dry_run: settings.dry_run,
            blocks: Vec::new(),
            told: BTreeMap::new(),
            rows: world.rows()?,
            up: Vec::new(),
            stops: 0,
            journal: Journal::new(settings.decisions),
        })
    }

    /// Agents that are served in `mode` do so without a word about it.
    pub(super) const fn expect_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// A call, or a pass of the daemon, begins.
    pub(super) fn begin(&mut self) {
        self.told.clear();
        self.blocks.push(Block::default());
    }

    /// What the world does by itself is not told.
    pub(super) fn look_away(&mut self, world: &World) -> Result<()> {
        self.rows = world.rows()?;
        self.up = world.runtime.up();
        Ok(())
    }

    /// Tells what has come of it so far; `report`: the call is done.
    pub(super) async fn tell(&mut self, world: &mut World, report: Option<&Report>) -> Result<()> {
        for (original, clone) in world.faults.clones() {
            world.names.meet_clone(&original, &clone);
        }
        world.meet_runs().await?;
        let saved = world.faults.saved();
        ensure!(!self.dry_run || saved.is_empty(), "a dry run has written to the state");
        let mut last: BTreeMap<String, Value> = BTreeMap::new();
        for record in saved {
            last.insert(record.agent.to_string(), record.report);
        }
        for agent in report.iter().flat_map(|report| &report.agents) {
            last.insert(agent.id.to_string(), serde_json::to_value(agent)?);
        }
        let mut lines = Vec::new();
        for (agent, shown) in last {
            let told = self.told.entry(agent).or_default();
            lines.extend(told.lines(&shown, self.mode));
        }
        lines.extend(self.containers(world));
        let rows = world.rows()?;
        lines.extend(rows.changes(&self.rows).into_iter().map(|change| row::line(world, change)));
        self.rows = rows;
        lines.extend(self.journal.news(&world.state_dir())?);
        lines.extend(report.map(summary));
        self.push(world, lines);
        Ok(())
    }

    /// sweepd was killed at the point the scenario names.
    pub(super) fn killed(&mut self, world: &World) {
        self.push(world, vec![Line::new("sweepd", "killed", "")]);
    }

    /// A call could not be made at all.
    pub(super) fn failed(&mut self, world: &World, error: &EngineError) {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
        let why = format!("{error}{}", cause.unwrap_or_default());
        self.push(world, vec![Line::new("sweepd", "fails", why)]);
    }

    /// The lower half.
    pub(super) fn text(&self, world: &World) -> Result<String> {
        block::text(&self.blocks, world.origin)
    }

    /// Containers that sweepd has started, asked to stop, or stopped.
    fn containers(&mut self, world: &World) -> Vec<Line> {
        let name = |run: &RunId| world.names.run(run).unwrap_or("?").to_owned();
        let (stops, up) = (world.runtime.stops(), world.runtime.up());
        let mut lines = Vec::new();
        for run in stops.iter().skip(self.stops) {
            let how = if up.contains(run) { "still runs" } else { "ends" };
            lines.push(Line::new(name(run), "is stopped", how));
        }
        let new = up.iter().filter(|run| !self.up.contains(run));
        lines.extend(new.map(|run| Line::new(name(run), "is started", "")));
        (self.stops, self.up) = (stops.len(), up);
        lines
    }

    fn push(&mut self, world: &World, lines: Vec<Line>) {
        let now = world.now();
        let plain = |text: &str| world.origin.relative(&world.names.short(text));
        let lines = lines.into_iter().map(|line| line.at(now, plain));
        if self.blocks.is_empty() {
            self.blocks.push(Block::default());
        }
        if let Some(block) = self.blocks.last_mut() {
            block.lines.extend(lines);
        }
    }
}

/// How the whole call went.
fn summary(report: &Report) -> Line {
    let keys: Vec<&str> = report.incidents.iter().map(|incident| incident.key.as_str()).collect();
    let open = if keys.is_empty() { String::new() } else { format!("open: {}", keys.join(", ")) };
    let word = match (report.trouble.is_empty(), report.is_failing()) {
        (false, _) => "trouble",
        (true, true) => "failing",
        (true, false) => "well",
    };
    let trouble = report.trouble.join("; ");
    let parts = [trouble, open];
    let parts: Vec<&str> =
        parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    Line::new("sweep", word, parts.join("; "))
}

/// An instant that nothing has.
const NEVER: Timestamp = Timestamp::MIN;
