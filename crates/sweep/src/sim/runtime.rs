//! A runtime whose runs are entries in a map.
//!
//! It answers as the real ones do: `tests/it/contract` asks all of them the same. No process is
//! started, and nothing takes any time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sweepd_decide::{Run, RunId, RunState, Timestamp};

use super::ManualClock;
use crate::ports::{Clock as _, Doing, ExitSeen, Inspection, PortError, Runtime, Seen, Stopped};

/// A run that is only an entry in a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimRun {
    /// Its name, where it has one of its own.
    pub name: Option<String>,
    /// Its directory mounted as `/workspace`, canonical.
    pub workspace: Option<PathBuf>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What it is doing.
    pub state: RunState,
    /// When it started.
    pub started_at: Timestamp,
    /// Its exit code, once it has ended.
    pub exit_code: Option<i64>,
    /// What it exits with when it is politely told to end; `None`: it does not listen, and has to
    /// be killed. 143.
    pub ends_with: Option<i64>,
    /// It has a restart policy, on which nothing acts here.
    pub revives: bool,
    /// It survives every signal.
    pub immortal: bool,
    /// The lines it has written.
    pub log: Vec<String>,
}

/// A runtime in memory.
#[derive(Debug, Clone)]
pub struct SimRuntime {
    clock: Arc<ManualClock>,
    world: Arc<Mutex<World>>,
}

#[derive(Debug, Clone, Default)]
struct World {
    runs: BTreeMap<RunId, SimRun>,
    exits: Vec<ExitSeen>,
    stops: Vec<RunId>,
    made: u64,
    down: bool,
}

impl SimRuntime {
    /// A runtime with nothing in it.
    pub fn new(clock: Arc<ManualClock>) -> Self {
        Self { clock, world: Arc::default() }
    }

    /// A runtime with the same runs and the same memory, which goes its own way from here on.
    #[must_use]
    pub fn fork(&self) -> Self {
        let world = Arc::new(Mutex::new(self.world().clone()));
        Self { clock: Arc::clone(&self.clock), world }
    }

    /// Starts a run with `workspace` mounted; its id.
    pub fn start(&self, workspace: &Path, labels: BTreeMap<String, String>) -> RunId {
        self.begin(Some(canonical(workspace)), None, labels)
    }

    /// Makes a container of this name and starts it; its id. `None`: another has the name.
    pub fn make(&self, name: &str, labels: BTreeMap<String, String>) -> Option<RunId> {
        if self.named(name).is_some() {
            return None;
        }
        Some(self.begin(None, Some(name.to_owned()), labels))
    }

    /// The container of this name.
    pub fn named(&self, name: &str) -> Option<RunId> {
        let world = self.world();
        let is = |run: &SimRun| run.name.as_deref() == Some(name);
        world.runs.iter().find(|(_, run)| is(run)).map(|(id, _)| id.clone())
    }

    /// A run as it is now.
    pub fn run(&self, id: &RunId) -> Option<SimRun> {
        self.world().runs.get(id).cloned()
    }

    fn begin(
        &self,
        workspace: Option<PathBuf>,
        name: Option<String>,
        labels: BTreeMap<String, String>,
    ) -> RunId {
        let started_at = self.clock.now();
        let mut world = self.world();
        world.made += 1;
        let id = RunId::new(format!("sim-{}", world.made));
        let run = SimRun {
            name,
            workspace,
            labels,
            state: RunState::Running,
            started_at,
            exit_code: None,
            ends_with: Some(TERM),
            revives: false,
            immortal: false,
            log: Vec::new(),
        };
        world.runs.insert(id.clone(), run);
        id
    }

    /// Changes a run by hand.
    pub fn change(&self, id: &RunId, change: impl FnOnce(&mut SimRun)) {
        if let Some(run) = self.world().runs.get_mut(id) {
            change(run);
        }
    }

    /// Ends a run by itself. It stays in the list.
    pub fn exit(&self, id: &RunId, code: i64) {
        let at = self.clock.now();
        self.world().end(id, code, at);
    }

    /// Runs a run once more, under the same id; one that is up is ended first.
    pub fn restart(&self, id: &RunId) {
        let at = self.clock.now();
        let mut world = self.world();
        world.end(id, TERM, at);
        if let Some(run) = world.runs.get_mut(id) {
            run.state = RunState::Running;
            run.started_at = at;
            run.exit_code = None;
        }
    }

    /// Takes a run out of the list, as `--rm` does.
    pub fn vanish(&self, id: &RunId) {
        self.world().runs.remove(id);
    }

    /// Forgets every end so far, as an engine does that is started anew.
    pub fn forget_ends(&self) {
        self.world().exits.clear();
    }

    /// The runs that are up, oldest first.
    pub fn up(&self) -> Vec<RunId> {
        let world = self.world();
        world.runs.iter().filter(|(_, run)| run.state.is_up()).map(|(id, _)| id.clone()).collect()
    }

    /// Every stop that was asked for, in order.
    pub fn stops(&self) -> Vec<RunId> {
        self.world().stops.clone()
    }

    /// Makes the runtime answer no more, or answer again.
    pub fn set_down(&self, down: bool) {
        self.world().down = down;
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer<T>(
        &self,
        work: impl FnOnce(&mut World) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let mut world = self.world();
        if world.down {
            return Err(PortError::unreachable("ask the simulated runtime", "it is down"));
        }
        work(&mut world)
    }
}

impl World {
    fn end(&mut self, id: &RunId, code: i64, at: Timestamp) {
        if let Some(run) = self.runs.get_mut(id).filter(|run| run.state.is_up()) {
            run.state = RunState::Exited;
            run.exit_code = Some(code);
            self.exits.push(ExitSeen {
                run: id.clone(),
                at,
                exit_code: Some(code),
                oom_killed: false,
            });
        }
    }

    fn find(&self, id: &RunId) -> Result<&SimRun, PortError> {
        self.runs.get(id).ok_or_else(|| PortError::Gone { doing: format!("inspect {id}") })
    }

    fn stop(&mut self, meant: &Run, at: Timestamp) -> Result<Stopped, PortError> {
        let refused = |why: String| Err(PortError::refused(format!("stop {}", meant.id), why));
        self.stops.push(meant.id.clone());
        let Some(found) = self.runs.get(&meant.id) else {
            return Ok(Stopped { exit_code: None, killed: false });
        };
        if !found.state.is_up() {
            return Ok(Stopped { exit_code: found.exit_code, killed: false });
        }
        if let Some(started_at) = meant.started_at.filter(|at| *at != found.started_at) {
            let found = found.started_at;
            let doing = format!("stop the run of {} started {started_at}, not {found}", meant.id);
            return Err(PortError::Superseded { doing });
        }
        if found.immortal {
            return refused("it still runs".to_owned());
        }
        let (code, killed) = found.ends_with.map_or((KILL, true), |code| (code, false));
        self.end(&meant.id, code, at);
        Ok(Stopped { exit_code: Some(code), killed })
    }
}

impl Runtime for SimRuntime {
    fn kind(&self) -> &'static str {
        "simulated"
    }

    fn list(&self) -> Doing<'_, Result<Vec<Seen>, PortError>> {
        Box::pin(async move {
            self.answer(|world| {
                let seen = |(id, run): (&RunId, &SimRun)| Seen {
                    run: id.clone(),
                    name: run.name.clone().unwrap_or_else(|| id.to_string()),
                    state: run.state,
                    labels: run.labels.clone(),
                    workspace: run.workspace.clone(),
                    created: Some(run.started_at),
                };
                Ok(world.runs.iter().map(seen).collect())
            })
        })
    }

    fn inspect<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Inspection, PortError>> {
        Box::pin(async move {
            self.answer(|world| {
                let run = world.find(run)?;
                Ok(Inspection {
                    state: run.state,
                    started_at: Some(run.started_at),
                    exit_code: run.exit_code,
                    oom_killed: false,
                    restarts: 0,
                    revives: run.revives,
                    witnessed: false,
                })
            })
        })
    }

    fn stop<'a>(&'a self, run: &'a Run, _grace: Duration) -> Doing<'a, Result<Stopped, PortError>> {
        Box::pin(async move {
            let at = self.clock.now();
            self.answer(|world| world.stop(run, at))
        })
    }

    fn exits(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Doing<'_, Result<Vec<ExitSeen>, PortError>> {
        Box::pin(async move {
            self.answer(|world| {
                let within = |exit: &&ExitSeen| since <= exit.at && exit.at <= until;
                Ok(world.exits.iter().filter(within).cloned().collect())
            })
        })
    }

    fn logs<'a>(&'a self, run: &'a RunId, lines: usize) -> Doing<'a, Result<String, PortError>> {
        Box::pin(async move {
            self.answer(|world| {
                let log = &world.find(run)?.log;
                let skipped = log.len().saturating_sub(lines);
                Ok(log.iter().skip(skipped).map(String::as_str).collect::<Vec<_>>().join("\n"))
            })
        })
    }

    fn remove<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.answer(|world| {
                if world.find(run).is_ok_and(|run| run.state.is_up()) {
                    return Err(PortError::refused(format!("remove {run}"), "it still runs"));
                }
                world.runs.remove(run);
                Ok(())
            })
        })
    }
}

/// What a process exits with that SIGTERM, or SIGKILL, has ended.
const TERM: i64 = 143;
const KILL: i64 = 137;

/// A directory as every runtime shows it.
pub(super) fn canonical(dir: &Path) -> PathBuf {
    dir.canonicalize().unwrap_or_else(|_| dir.to_owned())
}
