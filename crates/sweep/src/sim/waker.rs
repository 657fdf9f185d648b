//! A waker that does what a script says.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sweepd_decide::AgentId;

use super::SimRuntime;
use super::runtime::canonical;
use crate::fleet::{AGENT_LABEL, INSTALL_LABEL};
use crate::ports::{Doing, PortError, Runtime as _, WakeKind, WakeOrder, Waker, Woken};

/// What becomes of wakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WakeScript {
    /// They start a run.
    pub succeeds: bool,
    /// They remove the stale heartbeat first.
    pub clears_heartbeat: bool,
}

impl Default for WakeScript {
    fn default() -> Self {
        Self { succeeds: true, clears_heartbeat: true }
    }
}

/// Starts simulated runs.
#[derive(Debug, Clone)]
pub struct SimWaker {
    runtime: SimRuntime,
    homes: Arc<BTreeMap<AgentId, PathBuf>>,
    install: Option<String>,
    told: Arc<Mutex<Told>>,
}

#[derive(Debug, Default)]
struct Told {
    script: WakeScript,
    scripts: BTreeMap<AgentId, WakeScript>,
    wakes: Vec<(AgentId, bool)>,
}

impl SimWaker {
    /// Wakes agents in the directories that are theirs.
    pub fn new(runtime: SimRuntime, homes: BTreeMap<AgentId, PathBuf>) -> Self {
        Self { runtime, homes: Arc::new(homes), install: None, told: Arc::default() }
    }

    /// The same, as the waker of this installation: its runs carry our labels.
    #[must_use]
    pub fn labeled(self, install: impl Into<String>) -> Self {
        Self { install: Some(install.into()), ..self }
    }

    /// From now on wakes go like this.
    pub fn script(&self, script: WakeScript) {
        self.told().script = script;
    }

    /// From now on wakes of this agent go like this, whatever the others' do.
    pub fn script_for(&self, agent: &AgentId, script: WakeScript) {
        self.told().scripts.insert(agent.clone(), script);
    }

    /// Every wake that was asked for, in order, and whether it worked.
    pub fn wakes(&self) -> Vec<(AgentId, bool)> {
        self.told().wakes.clone()
    }

    fn labels(&self, agent: &AgentId) -> BTreeMap<String, String> {
        let install = self.install.iter().map(|id| (INSTALL_LABEL.to_owned(), id.clone()));
        let agent = self.install.iter().map(|_| (AGENT_LABEL.to_owned(), agent.to_string()));
        install.chain(agent).collect()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    fn take_down(&mut self, agent: &AgentId) -> WakeScript {
        let script = self.scripts.get(agent).copied().unwrap_or(self.script);
        self.wakes.push((agent.clone(), script.succeeds));
        script
    }
}

impl Waker for SimWaker {
    fn kind(&self) -> WakeKind {
        WakeKind::Docker
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        Box::pin(async move {
            let script = self.told().take_down(&order.agent);
            let doing = || format!("wake {}", order.agent);
            let home = self.homes.get(&order.agent).ok_or(PortError::Gone { doing: doing() })?;
            if !script.succeeds {
                return Err(PortError::refused(doing(), "the script says so"));
            }
            let listed = self.runtime.list().await?;
            let here = Some(canonical(home));
            if let Some(up) = listed.iter().find(|run| run.state.is_up() && run.workspace == here) {
                let run = Some(up.run.clone());
                return Ok(Woken { run, started_at: None, already: true, ended: None });
            }
            if script.clears_heartbeat {
                let removed = std::fs::remove_file(home.join(".heartbeat"));
                drop(removed);
            }
            let run = self.runtime.start(home, self.labels(&order.agent));
            Ok(Woken { run: Some(run), started_at: None, already: false, ended: None })
        })
    }
}
