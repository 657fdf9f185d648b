//! What agents do, and what happens to their containers.

use std::collections::BTreeMap;

use agent_sim::fixture::{Ack, Output, Tool, sql_text};
use anyhow::{Context as _, Result};
use sweepd_decide::{RunId, RunState};
use sweepd_sweep::{AGENT_LABEL, INSTALL_LABEL};

use super::{PREFIX, World, sweepd};
use crate::scenario::act::{Deed, Label, Signals};

impl World {
    /// Does what an agent does, or what is done to it.
    pub(super) async fn deed(&mut self, agent: &str, deed: &Deed) -> Result<()> {
        match deed {
            Deed::Starts(label) => self.start(agent, *label)?,
            Deed::Restarts => {
                let run = self.newest(agent)?;
                self.runtime.restart(&run);
            }
            Deed::Exits { code, vanishes } => {
                let run = self.alive(agent)?;
                self.runtime.exit(&run, *code);
                if *vanishes {
                    self.runtime.vanish(&run);
                }
            }
            Deed::Pauses => self.set(agent, |run| run.state = RunState::Paused)?,
            Deed::Resumes => self.set(agent, |run| run.state = RunState::Running)?,
            Deed::Takes(signals) => self.set(agent, |run| {
                run.immortal = *signals == Signals::IgnoresAll;
                run.ends_with = (*signals == Signals::Obeys).then_some(143);
            })?,
            Deed::Gets(message) => self.get(agent, message)?,
            Deed::Row { message, status } => self.set_status(agent, message, status)?,
            Deed::Session { active } => {
                self.root.set_status(agent, if *active { "active" } else { "closed" })?;
            }
            Deed::Suffers(damage) => self.suffer(agent, *damage)?,
            Deed::Hangs
            | Deed::Beats { .. }
            | Deed::Claims { .. }
            | Deed::Acks { .. }
            | Deed::Answers { .. }
            | Deed::ClearsClaims
            | Deed::Tool { .. }
            | Deed::ToolEnds => {
                self.alive(agent)?;
                self.work(agent, deed)?;
            }
        }
        self.meet_runs().await
    }

    /// What only a running agent does: it writes into its directory.
    fn work(&self, agent: &str, deed: &Deed) -> Result<()> {
        let (session, now) = (self.session(agent)?, self.now());
        match deed {
            Deed::Beats { at } => {
                session.heartbeat(at.map_or(now, |at| self.origin.0.plus(at)))?;
            }
            Deed::Claims { message, written } => session.ack_raw(&Ack {
                message_id: self.names.message(message).to_owned(),
                status: "processing".to_owned(),
                status_changed: written.clone().unwrap_or_else(|| sql_text(now)),
            })?,
            Deed::Acks { message, status } => {
                session.ack(self.names.message(message), status, now)?;
            }
            Deed::Answers { message, kind } => {
                let number = session.outputs()?.len() + 1;
                let replies_to = self.names.message(message);
                let answer = Output::chat(&format!("out-{number}"), Some(replies_to), now);
                session.output(&Output { kind: kind.clone(), ..answer })?;
            }
            Deed::ClearsClaims => {
                let sql = "DELETE FROM processing_ack WHERE status = 'processing'";
                session.outbound()?.execute(sql, [])?;
            }
            Deed::Tool { name, declares } => {
                session.tool(&Tool::started(name, *declares, now), now)?;
            }
            Deed::ToolEnds => session.tool(&Tool::default(), now)?,
            Deed::Hangs
            | Deed::Starts(_)
            | Deed::Restarts
            | Deed::Exits { .. }
            | Deed::Pauses
            | Deed::Resumes
            | Deed::Takes(_)
            | Deed::Gets(_)
            | Deed::Row { .. }
            | Deed::Session { .. }
            | Deed::Suffers(_) => {}
        }
        Ok(())
    }

    fn start(&mut self, agent: &str, label: Label) -> Result<()> {
        let pair = |key: &str, value: String| (key.to_owned(), value);
        let labels = match label {
            Label::Nanoclaw => BTreeMap::from([pair("nanoclaw-install", "5f3a1c22".to_owned())]),
            Label::Ours => BTreeMap::from([
                pair(INSTALL_LABEL, sweepd::INSTALL.to_owned()),
                pair(AGENT_LABEL, format!("{PREFIX}{agent}")),
            ]),
            Label::None => BTreeMap::new(),
        };
        let run = self.runtime.start(self.session(agent)?.dir(), labels);
        self.names.meet(agent, &run);
        Ok(())
    }

    fn set(&self, agent: &str, change: impl FnOnce(&mut sweepd_sweep::sim::SimRun)) -> Result<()> {
        self.runtime.change(&self.alive(agent)?, change);
        Ok(())
    }

    /// The container that an agent has; the one started last, if there are several.
    fn alive(&self, agent: &str) -> Result<RunId> {
        let up = self.runtime.up();
        let mine = self.names.runs_of(agent).filter(|run| up.contains(run)).last();
        mine.cloned().with_context(|| format!("{agent} does not run"))
    }

    fn newest(&self, agent: &str) -> Result<RunId> {
        let mine = self.names.runs_of(agent).last();
        mine.cloned().with_context(|| format!("{agent} has never run"))
    }
}
