//! What runs the host's agents, and how they are started: entries in a map.

use std::collections::BTreeMap;
use std::time::Duration;

use sweepd_decide::{AgentId, Run, RunId, RunState, Timestamp};
use sweepd_sweep::ports::{
    Clock as _, Doing, ExitSeen, Inspection, PortError, Runtime, Seen, Stopped, WakeKind,
    WakeOrder, Waker, Woken,
};
use sweepd_sweep::{AGENT_LABEL, INSTALL_LABEL};

use super::diary::Entry;
use super::host::moment;
use super::office::{INSTALL, Office};

impl Office {
    /// The runtime answers nobody any more, or answers again.
    pub(super) fn set_silent(&self, silent: bool) {
        self.desks().silent = silent;
    }

    /// Stops that were begun wait, or go on.
    pub(super) fn shut_door(&self, shut: bool) {
        self.desks().door_shut = shut;
        self.door.notify_waiters();
    }

    pub(super) fn up(&self, agent: &AgentId) -> bool {
        let desks = self.desks();
        desks.runs.values().any(|(of, found)| of == agent && found.state.is_up())
    }

    async fn answer(&self) -> Result<(), PortError> {
        moment().await;
        if self.desks().silent {
            return Err(PortError::unreachable("ask the map", "it is silent"));
        }
        Ok(())
    }
}

impl Runtime for Office {
    fn kind(&self) -> &'static str {
        "map"
    }

    fn list(&self) -> Doing<'_, Result<Vec<Seen>, PortError>> {
        Box::pin(async move {
            self.answer().await?;
            let takes = self.desks().list_takes;
            if let Some(span) = takes {
                let at = self.clock.now().plus(span);
                self.clock.sleep_until(at).await;
            }
            if self.desks().list_fails {
                return Err(PortError::unreachable("list the map", "it is slow"));
            }
            let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
            let seen = |(run, (agent, found)): (&RunId, &(AgentId, Inspection))| Seen {
                run: run.clone(),
                name: run.to_string(),
                state: found.state,
                labels: BTreeMap::from([
                    label(INSTALL_LABEL, INSTALL),
                    label(AGENT_LABEL, agent.as_str()),
                ]),
                workspace: None,
                created: found.started_at,
            };
            Ok(self.desks().runs.iter().map(seen).collect())
        })
    }

    fn inspect<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Inspection, PortError>> {
        Box::pin(async move {
            self.answer().await?;
            let found = self.desks().runs.get(run).map(|(_, found)| found.clone());
            found.ok_or_else(|| PortError::Gone { doing: format!("inspect {run}") })
        })
    }

    fn stop<'a>(&'a self, run: &'a Run, _grace: Duration) -> Doing<'a, Result<Stopped, PortError>> {
        Box::pin(async move {
            self.answer().await?;
            self.desks().stops_begun += 1;
            loop {
                let opened = self.door.notified();
                if !self.desks().door_shut {
                    break;
                }
                opened.await;
            }
            let up = {
                let mut desks = self.desks();
                let Some((_, found)) = desks.runs.get_mut(&run.id) else {
                    return Ok(Stopped { exit_code: None, killed: false });
                };
                if found.started_at != run.started_at {
                    return Err(PortError::Superseded { doing: format!("stop {}", run.id) });
                }
                let up = found.state.is_up();
                (found.state, found.exit_code) = (RunState::Exited, Some(0));
                up
            };
            self.diary.note(Entry::Stopped(run.id.clone(), up));
            moment().await;
            Ok(Stopped { exit_code: Some(0), killed: false })
        })
    }

    /// It remembers no ends: they are asked for by id.
    fn exits(
        &self,
        _since: Timestamp,
        _until: Timestamp,
    ) -> Doing<'_, Result<Vec<ExitSeen>, PortError>> {
        Box::pin(async move { self.answer().await.map(|()| Vec::new()) })
    }

    fn logs<'a>(&'a self, _run: &'a RunId, _lines: usize) -> Doing<'a, Result<String, PortError>> {
        Box::pin(async move { self.answer().await.map(|()| "its last words".to_owned()) })
    }

    fn remove<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.answer().await?;
            self.desks().runs.remove(run);
            Ok(())
        })
    }
}

impl Waker for Office {
    fn kind(&self) -> WakeKind {
        WakeKind::Process
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        Box::pin(async move {
            self.answer().await?;
            loop {
                let opened = self.door.notified();
                if !self.desks().wakes_shut {
                    break;
                }
                opened.await;
            }
            let now = self.clock.now();
            let woken = self.start(&order.agent, now);
            if !woken.already {
                self.diary.note(Entry::Woken(order.agent.clone()));
            }
            moment().await;
            Ok(woken)
        })
    }
}

impl Office {
    fn start(&self, agent: &AgentId, now: Timestamp) -> Woken {
        let mut desks = self.desks();
        let mut all = desks.runs.iter();
        if let Some((run, (_, found))) = all.find(|(_, (of, run))| of == agent && run.state.is_up())
        {
            let (run, started_at) = (Some(run.clone()), found.started_at);
            return Woken { run, started_at, already: true, ended: None };
        }
        let number = desks.begin_work(agent, now);
        let run = RunId::new(format!("{agent}-{number}"));
        let begun = Inspection {
            state: RunState::Running,
            started_at: Some(now),
            exit_code: None,
            oom_killed: false,
            restarts: 0,
            revives: false,
            witnessed: true,
        };
        desks.runs.insert(run.clone(), (agent.clone(), begun));
        Woken { run: Some(run), started_at: Some(now), already: false, ended: None }
    }
}
