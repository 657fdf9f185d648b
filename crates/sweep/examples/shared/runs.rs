//! What runs the agents, and how they are started: entries in a map.

use std::collections::BTreeMap;
use std::time::Duration;

use sweepd_sweep::decide::{Run, RunId, RunState, Timestamp};
use sweepd_sweep::ports::{
    Clock as _, Doing, ExitSeen, Inspection, PortError, Runtime, Seen, Stopped, WakeKind,
    WakeOrder, Waker, Woken,
};
use sweepd_sweep::{AGENT_LABEL, INSTALL_LABEL};

use super::office::{AGENT, INSTALL, Office};

impl Runtime for Office {
    fn kind(&self) -> &'static str {
        "map"
    }

    fn list(&self) -> Doing<'_, Result<Vec<Seen>, PortError>> {
        let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let labels = BTreeMap::from([label(INSTALL_LABEL, INSTALL), label(AGENT_LABEL, AGENT)]);
        let seen = |(run, found): (&RunId, &Inspection)| Seen {
            run: run.clone(),
            name: run.to_string(),
            state: found.state,
            labels: labels.clone(),
            workspace: None,
            created: found.started_at,
        };
        let list = self.desk().runs.iter().map(seen).collect();
        Box::pin(async move { Ok(list) })
    }

    fn inspect<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Inspection, PortError>> {
        let gone = move || PortError::Gone { doing: format!("inspect {run}") };
        Box::pin(async move { self.desk().runs.get(run).cloned().ok_or_else(gone) })
    }

    fn stop<'a>(&'a self, run: &'a Run, _grace: Duration) -> Doing<'a, Result<Stopped, PortError>> {
        Box::pin(async move {
            if let Some(found) = self.desk().runs.get_mut(&run.id) {
                if found.started_at != run.started_at {
                    return Err(PortError::Superseded { doing: format!("stop {}", run.id) });
                }
                found.state = RunState::Exited;
                found.exit_code = Some(0);
            }
            Ok(Stopped { exit_code: Some(0), killed: false })
        })
    }

    fn exits(
        &self,
        _since: Timestamp,
        _until: Timestamp,
    ) -> Doing<'_, Result<Vec<ExitSeen>, PortError>> {
        // A runtime may remember no ends: then they are asked for by id.
        Box::pin(async { Ok(Vec::new()) })
    }

    fn logs<'a>(&'a self, run: &'a RunId, _lines: usize) -> Doing<'a, Result<String, PortError>> {
        Box::pin(async move { Err(PortError::Gone { doing: format!("read the log of {run}") }) })
    }

    fn remove<'a>(&'a self, _run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        // This host likes to keep them.
        Box::pin(async { Ok(()) })
    }
}

impl Waker for Office {
    fn kind(&self) -> WakeKind {
        WakeKind::Process
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        Box::pin(async move {
            let (now, mut desk) = (self.clock.now(), self.desk());
            let up = desk.runs.iter().find(|(_, found)| found.state.is_up());
            if let Some((run, found)) = up {
                let (run, started_at) = (Some(run.clone()), found.started_at);
                return Ok(Woken { run, started_at, already: true, ended: None });
            }
            let run = RunId::new(format!("{}-{}", order.agent, desk.runs.len() + 1));
            let begun = Inspection {
                state: RunState::Running,
                started_at: Some(now),
                exit_code: None,
                oom_killed: false,
                restarts: 0,
                revives: false,
                witnessed: false,
            };
            desk.runs.insert(run.clone(), begun);
            desk.begin_work(now);
            Ok(Woken { run: Some(run), started_at: Some(now), already: false, ended: None })
        })
    }
}
