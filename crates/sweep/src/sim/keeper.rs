//! A keeper that makes simulated containers, as a script says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use sweepd_decide::{RunId, RunState, Timestamp};

use super::SimRuntime;
use crate::fleet::{AGENT_LABEL, INSTALL_LABEL};
use crate::ports::{
    Doing, Happening, Keeper, Learned, Learner, PortError, Recreated, Recreation, Runtime as _,
};

/// What becomes of attempts to make a container anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "a script says what it says")]
pub enum KeepScript {
    /// They make one.
    #[default]
    Works,
    /// The engine says no.
    Refuses,
    /// Something that it would take is not there.
    Lacks,
    /// No answer comes, and nothing was made.
    Hangs,
    /// One is made, and the answer is lost.
    MadeUnheard,
    /// One is made, with other mounts than it should have.
    Differs,
    /// One is made, and ends at once.
    Ends,
}

/// Makes simulated containers.
#[derive(Debug, Clone)]
pub struct SimKeeper {
    runtime: SimRuntime,
    install: String,
    told: Arc<Mutex<Told>>,
}

#[derive(Debug, Default)]
struct Told {
    script: KeepScript,
    scripts: BTreeMap<String, KeepScript>,
    projects: BTreeMap<String, String>,
    recreations: Vec<Recreation>,
    starts: Vec<RunId>,
    before: Option<Meanwhile>,
}

/// Something that happens just before an attempt.
struct Meanwhile(Box<dyn FnOnce() + Send>);

impl std::fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meanwhile")
    }
}

impl SimKeeper {
    /// Makes containers of this runtime with the labels of an installation.
    pub fn new(runtime: SimRuntime, install: impl Into<String>) -> Self {
        Self { runtime, install: install.into(), told: Arc::default() }
    }

    /// From now on attempts go like this.
    pub fn script(&self, script: KeepScript) {
        self.told().script = script;
    }

    /// From now on those for this name go like this, whatever the others do.
    pub fn script_for(&self, name: &str, script: KeepScript) {
        self.told().scripts.insert(name.to_owned(), script);
    }

    /// The container of this name belongs to a compose project.
    pub fn set_project(&self, name: &str, project: &str) {
        self.told().projects.insert(name.to_owned(), project.to_owned());
    }

    /// Something happens just before the next attempt, when it was decided already.
    pub fn before_next(&self, deed: impl FnOnce() + Send + 'static) {
        self.told().before = Some(Meanwhile(Box::new(deed)));
    }

    /// Every attempt to make one anew, in order.
    pub fn recreations(&self) -> Vec<Recreation> {
        self.told().recreations.clone()
    }

    /// Every start that was asked for, in order.
    pub fn starts(&self) -> Vec<RunId> {
        self.told().starts.clone()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, order: &Recreation) -> Result<Recreated, PortError> {
        let doing = || format!("make {} anew", order.name);
        let mut told = self.told();
        told.recreations.push(order.clone());
        let script = told.scripts.get(&order.name).copied().unwrap_or(told.script);
        let before = told.before.take();
        drop(told);
        if let Some(Meanwhile(deed)) = before {
            deed();
        }
        match script {
            KeepScript::Refuses => return Err(PortError::refused(doing(), "the script says so")),
            KeepScript::Lacks => return Err(PortError::lacking(doing(), "there is no /srv/gone")),
            KeepScript::Hangs => return Err(PortError::unreachable(doing(), "no answer")),
            KeepScript::Works
            | KeepScript::MadeUnheard
            | KeepScript::Differs
            | KeepScript::Ends => {}
        }
        let labels = BTreeMap::from([
            (INSTALL_LABEL.to_owned(), self.install.clone()),
            (AGENT_LABEL.to_owned(), order.agent.to_string()),
        ]);
        let made = self.runtime.make(&order.name, labels);
        let run = made.ok_or_else(|| PortError::Superseded { doing: doing() })?;
        if script == KeepScript::MadeUnheard {
            return Err(PortError::unreachable(doing(), "the answer is lost"));
        }
        let ends = script == KeepScript::Ends;
        if ends {
            self.runtime.exit(&run, 3);
        }
        let differs = script == KeepScript::Differs;
        Ok(Recreated {
            started_at: self.runtime.run(&run).map(|run| run.started_at),
            run,
            ended: ends.then(|| "it ended at once with exit code 3".to_owned()),
            notes: Vec::new(),
            mounts_differ: differs
                .then(|| "/state is not mounted".to_owned())
                .into_iter()
                .collect(),
        })
    }
}

impl Learner for SimKeeper {
    fn learn<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Learned, PortError>> {
        Box::pin(async move {
            // A runtime that is down answers nobody.
            self.runtime.inspect(run).await?;
            let gone = || PortError::Gone { doing: format!("learn {run}") };
            let name = self.runtime.run(run).ok_or_else(gone)?.name.unwrap_or_default();
            let project = self.told().projects.get(&name).cloned();
            Ok(Learned { spec: json!({ "name": name }), project })
        })
    }
}

impl Keeper for SimKeeper {
    fn recreate<'a>(&'a self, order: &'a Recreation) -> Doing<'a, Result<Recreated, PortError>> {
        Box::pin(async move {
            self.runtime.list().await?;
            self.make(order)
        })
    }

    fn start<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.told().starts.push(run.clone());
            self.runtime.inspect(run).await?;
            if self.told().script == KeepScript::Refuses {
                return Err(PortError::refused(format!("start {run}"), "the script says so"));
            }
            self.runtime.change(run, |run| {
                run.state = RunState::Running;
                run.exit_code = None;
            });
            Ok(())
        })
    }

    fn history<'a>(
        &'a self,
        run: &'a RunId,
        since: Timestamp,
        until: Timestamp,
    ) -> Doing<'a, Result<Vec<Happening>, PortError>> {
        Box::pin(async move {
            let exits = self.runtime.exits(since, until).await?;
            let own = exits.into_iter().filter(|exit| exit.run == *run);
            let died = |exit: crate::ports::ExitSeen| Happening {
                at: exit.at,
                what: "die".to_owned(),
                exit_code: exit.exit_code,
                signal: None,
            };
            Ok(own.map(died).collect())
        })
    }
}
