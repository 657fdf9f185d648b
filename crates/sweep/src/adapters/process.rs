//! Host processes as a runtime, and wake kind `process`.
//!
//! What runs is remembered with each agent in the state: a supervisor that starts anew is told,
//! see [`ProcessRuntime::new`]. What an adopted process exits with is not to be learned.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sweepd_decide::{AgentId, Memory, Run, RunId, RunState, Timestamp};
use sweepd_process::{Exit, Look, ProcessId, Spec, StopTimes, Supervisor, log, tagged};

use super::heartbeat;
use super::template::{fill, fill_all};
use crate::fleet::{AGENT_LABEL, INSTALL_LABEL};
use crate::ports::{
    Doing, ExitSeen, Inspection, PortError, Runtime, Seen, Stopped, WakeKind, WakeOrder, Waker,
    Woken,
};

/// Marks in the environment of every process that is started here.
const INSTALL_MARK: &str = "SWEEPD_INSTALL";
const WAKE_MARK: &str = "SWEEPD_WAKE";
/// The most that is kept of a log in memory.
const LOG_BYTES: u64 = 256 * 1024;
/// Beyond the grace: how long the end may take to show.
const EXIT_SLACK: Duration = Duration::from_secs(5);

/// Supervised host processes.
#[derive(Debug, Clone)]
pub struct ProcessRuntime {
    supervisor: Arc<Supervisor>,
    install: String,
    logs: PathBuf,
    log_cap: u64,
    known: Arc<Mutex<BTreeMap<RunId, Known>>>,
}

#[derive(Debug, Clone)]
struct Known {
    agent: AgentId,
    id: ProcessId,
    started_at: Option<Timestamp>,
}

impl ProcessRuntime {
    /// The same runtime with another cap for each log, in bytes.
    #[must_use]
    pub fn with_log_cap(self, log_cap: u64) -> Self {
        Self { log_cap, ..self }
    }

    /// A runtime that takes over the runs remembered in the state, and those whose wake was begun
    /// and never written down because sweepd was killed: they carry the mark of it. Logs are kept below `logs`, each up to `log_cap` bytes.
    ///
    /// # Errors
    /// This system cannot tell one boot from another.
    pub fn new(
        install: impl Into<String>,
        logs: impl Into<PathBuf>,
        log_cap: u64,
        remembered: impl IntoIterator<Item = (AgentId, Memory)>,
    ) -> Result<Self, PortError> {
        let failed = |error| PortError::refused("supervise processes", error);
        let supervisor = Supervisor::new().map_err(failed)?;
        let install = install.into();
        let mut known: BTreeMap<RunId, Known> = BTreeMap::new();
        let mut unanswered: BTreeMap<AgentId, String> = BTreeMap::new();
        for (agent, memory) in remembered {
            let attempt = memory.wakes.attempted_at.filter(|_| memory.wakes.under_way);
            if let Some(run) = memory.run
                && let Ok(id) = ProcessId::try_from(&run.id)
            {
                known.insert(run.id, Known { agent, id, started_at: run.started_at });
            } else if let Some(attempt) = attempt {
                let mark = mark(&agent, attempt);
                unanswered.insert(agent, mark);
            }
        }
        // A wake that was begun and never answered: the oldest process with that very mark.
        for found in tagged((INSTALL_MARK, &install), WAKE_MARK).map_err(failed)? {
            let agent = unanswered.iter().find(|(_, mark)| **mark == found.value);
            let Some(agent) = agent.map(|(agent, _)| agent.clone()) else { continue };
            unanswered.remove(&agent);
            let started_at = Some(found.started_at);
            known.insert(RunId::from(&found.id), Known { agent, id: found.id, started_at });
        }
        Ok(Self {
            supervisor: Arc::new(supervisor),
            install,
            logs: logs.into(),
            log_cap,
            known: Arc::new(Mutex::new(known)),
        })
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<RunId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, run: &RunId) -> Result<Known, PortError> {
        let known = self.known().get(run).cloned();
        known.ok_or_else(|| PortError::Gone { doing: format!("find {run}") })
    }

    fn look(&self, known: &Known) -> Result<(RunState, Option<i64>), PortError> {
        let look = self.supervisor.look(&known.id);
        let look =
            look.map_err(|error| PortError::unreachable(format!("look at {}", known.id), error))?;
        Ok(match look {
            Look::Running { paused: false } => (RunState::Running, None),
            Look::Running { paused: true } => (RunState::Paused, None),
            // What it has started lives on and may still write: it is over when its group is.
            Look::Exited { leftovers, .. } if leftovers > 0 => (RunState::Running, None),
            Look::Exited { exit, .. } => (RunState::Exited, code(exit)),
            Look::Gone => (RunState::Exited, None),
        })
    }

    fn log_of(&self, agent: &AgentId) -> PathBuf {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' };
        let name: String = agent.as_str().chars().map(plain).collect();
        self.logs.join(format!("{name}.log"))
    }

    fn seen(&self, run: &RunId, known: &Known) -> Result<Seen, PortError> {
        let (state, _) = self.look(known)?;
        Ok(Seen {
            run: run.clone(),
            name: known.agent.to_string(),
            state,
            labels: BTreeMap::from([
                (INSTALL_LABEL.to_owned(), self.install.clone()),
                (AGENT_LABEL.to_owned(), known.agent.to_string()),
            ]),
            workspace: None,
            created: known.started_at,
        })
    }
}

impl Runtime for ProcessRuntime {
    fn kind(&self) -> &'static str {
        "process"
    }

    fn list(&self) -> Doing<'_, Result<Vec<Seen>, PortError>> {
        Box::pin(async move {
            let known = self.known().clone();
            for known in known.values() {
                // A log that cannot be cut grows; that is no reason not to look.
                drop(log::cap(&self.log_of(&known.agent), self.log_cap));
            }
            known.iter().map(|(run, known)| self.seen(run, known)).collect()
        })
    }

    fn inspect<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Inspection, PortError>> {
        Box::pin(async move {
            let known = self.find(run)?;
            let (state, exit_code) = self.look(&known)?;
            let started_at = known.started_at;
            let witnessed = exit_code.is_some();
            Ok(Inspection {
                state,
                started_at,
                exit_code,
                oom_killed: false,
                restarts: 0,
                revives: false,
                witnessed,
            })
        })
    }

    fn stop<'a>(&'a self, run: &'a Run, grace: Duration) -> Doing<'a, Result<Stopped, PortError>> {
        Box::pin(async move {
            let Ok(known) = self.find(&run.id) else {
                return Ok(Stopped { exit_code: None, killed: false });
            };
            let times = StopTimes { grace, exit_within: grace.saturating_add(EXIT_SLACK) };
            let stopped = self.supervisor.stop(&known.id, times).await;
            let stopped =
                stopped.map_err(|error| PortError::refused(format!("stop {}", run.id), error))?;
            let killed = stopped.by == sweepd_process::StoppedBy::Sigkill;
            Ok(Stopped { exit_code: code(stopped.exit), killed })
        })
    }

    fn exits(
        &self,
        _since: Timestamp,
        _until: Timestamp,
    ) -> Doing<'_, Result<Vec<ExitSeen>, PortError>> {
        // What it knows of an end, `inspect` tells: processes do not vanish from its list.
        Box::pin(async move { Ok(Vec::new()) })
    }

    fn logs<'a>(&'a self, run: &'a RunId, lines: usize) -> Doing<'a, Result<String, PortError>> {
        Box::pin(async move {
            let path = self.log_of(&self.find(run)?.agent);
            let tail = log::tail(&path, lines, LOG_BYTES);
            let tail =
                tail.map_err(|error| PortError::refused(format!("read the log of {run}"), error))?;
            Ok(tail.lines.join("\n"))
        })
    }

    fn remove<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        Box::pin(async move {
            let Ok(known) = self.find(run) else { return Ok(()) };
            if self.look(&known)?.0.is_up() {
                return Err(PortError::refused(format!("remove {run}"), "it still runs"));
            }
            self.known().remove(run);
            self.supervisor.forget(&known.id);
            Ok(())
        })
    }
}

/// What a woken process is made of. Texts may hold placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ProcessWake {
    /// Program and arguments, no shell.
    pub argv: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// Where it runs; its own directory if not said.
    pub cwd: Option<String>,
}

/// Wakes agents as host processes.
#[derive(Debug, Clone)]
pub struct ProcessWaker {
    runtime: ProcessRuntime,
    wake: ProcessWake,
}

impl ProcessWaker {
    /// Wakes in `runtime`.
    pub const fn new(runtime: ProcessRuntime, wake: ProcessWake) -> Self {
        Self { runtime, wake }
    }

    fn spec(&self, order: &WakeOrder) -> Result<Spec, PortError> {
        let bad = |error| PortError::refused(format!("make a spec for {}", order.agent), error);
        let places = &order.places;
        let env = self.wake.env.iter().map(|(key, value)| Ok((key.clone(), fill(value, places)?)));
        let marks = [
            (INSTALL_MARK.to_owned(), self.runtime.install.clone()),
            (WAKE_MARK.to_owned(), mark(&order.agent, order.now)),
        ];
        let marks = marks.into_iter().map(Ok);
        let cwd = self.wake.cwd.as_deref().map(|cwd| fill(cwd, places)).transpose().map_err(bad)?;
        Ok(Spec {
            argv: fill_all(&self.wake.argv, places).map_err(bad)?,
            env: env.chain(marks).collect::<Result<_, _>>().map_err(bad)?,
            cwd: cwd.map(PathBuf::from).or_else(|| order.workspace.clone()),
            log: self.runtime.log_of(&order.agent),
        })
    }

    /// The run of an agent that is still up.
    fn up(&self, agent: &AgentId) -> Result<Option<Run>, PortError> {
        let known = self.runtime.known().clone();
        for (run, known) in known.iter().filter(|(_, known)| known.agent == *agent) {
            if self.runtime.look(known)?.0.is_up() {
                return Ok(Some(Run { id: run.clone(), started_at: known.started_at }));
            }
        }
        Ok(None)
    }
}

impl Waker for ProcessWaker {
    fn kind(&self) -> WakeKind {
        WakeKind::Process
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        Box::pin(async move {
            if let Some(run) = self.up(&order.agent)? {
                let Run { id, started_at } = run;
                return Ok(Woken { run: Some(id), started_at, already: true, ended: None });
            }
            let doing = || format!("wake {}", order.agent);
            let spec = self.spec(order)?;
            heartbeat::remove_stale(order.workspace.as_deref()).await;
            // A log that cannot be cut grows; that is no reason not to start.
            drop(log::cap(&spec.log, self.runtime.log_cap));
            make_parent(&spec.log).map_err(|error| PortError::refused(doing(), error))?;
            let started = self.runtime.supervisor.start(&spec, order.now).await;
            let started = started.map_err(|error| PortError::refused(doing(), error))?;
            let run = RunId::from(&started.id);
            let known = Known {
                agent: order.agent.clone(),
                id: started.id,
                started_at: Some(started.started_at),
            };
            self.runtime.known().insert(run.clone(), known);
            Ok(Woken {
                run: Some(run),
                started_at: Some(started.started_at),
                already: false,
                ended: None,
            })
        })
    }
}

/// What a wake puts into the environment of what it starts.
fn mark(agent: &AgentId, attempt: Timestamp) -> String {
    format!("{agent}@{}", attempt.as_millis())
}

fn make_parent(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)
}

fn code(exit: Exit) -> Option<i64> {
    exit.code().map(i64::from)
}
