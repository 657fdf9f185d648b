//! What a person changes by hand that is no turn of an agent's: pauses, and the brake.

use serde_json::json;
use sweepd_decide::{AgentId, EventKind, Timestamp};

use crate::board;
use crate::engine::{Engine, EngineError};
use crate::ledger::LedgerError;
use crate::order::{Pause, Scope};
use crate::ports::{AgentRecord, Commit, NewEvent, PortError};

impl Engine {
    /// Leaves whoever is in `scope` alone from now on, until that is taken back or `until` comes:
    /// they are looked at, and nothing is done to them. Orders by hand are carried out all the same.
    ///
    /// # Errors
    /// The state cannot be written: nobody is paused.
    ///
    /// # Cancel safety
    /// It is written down or it is not.
    pub async fn pause(&self, scope: Scope, until: Option<Timestamp>) -> Result<(), EngineError> {
        let now = self.clock().now();
        let data = json!({ "scope": scope.to_string(), "until": until.map(|at| at.to_string()) });
        let pause = Pause { scope, since: now, until };
        let events = vec![event(EventKind::AgentPaused, &pause.scope, data)];
        self.write(Commit { paused: Some(pause.clone()), events, ..Commit::new(now) }).await?;
        self.pauses.begin(pause);
        Ok(())
    }

    /// Takes the pause of exactly `scope` back. Whether there was one.
    ///
    /// # Errors
    /// The state cannot be read or written: whoever was paused still is.
    ///
    /// # Cancel safety
    /// It is written down or it is not.
    pub async fn resume(&self, scope: Scope) -> Result<bool, EngineError> {
        if !self.pauses().await?.iter().any(|pause| pause.scope == scope) {
            return Ok(false);
        }
        let data = json!({ "scope": scope.to_string(), "until": null });
        let events = vec![event(EventKind::AgentResumed, &scope, data)];
        let now = self.clock().now();
        self.write(Commit { resumed: Some(scope.clone()), events, ..Commit::new(now) }).await?;
        self.pauses.end(&scope);
        Ok(true)
    }

    /// Whether an agent is on the roster of its source.
    ///
    /// # Errors
    /// The source cannot be read.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    pub async fn is_enlisted(&self, agent: &AgentId) -> Result<bool, PortError> {
        let setup = self.sources.iter().find(|setup| setup.source.name() == agent.source());
        let Some(setup) = setup else { return Ok(false) };
        let roster = setup.source.roster().await?;
        Ok(roster.agents.iter().any(|enlisted| enlisted.agent == *agent))
    }

    /// The pauses that last.
    ///
    /// # Errors
    /// The state cannot be read.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    pub async fn pauses(&self) -> Result<Vec<Pause>, EngineError> {
        let now = self.clock().now();
        let mut pauses = self.ledger.state().pauses().await.map_err(EngineError::State)?;
        pauses.retain(|pause| pause.until.is_none_or(|until| now < until));
        Ok(pauses)
    }

    /// Lets those go whom the brake holds now: their stops are neither held nor counted any more.
    /// Who they are. While [`Engine::run`] runs, its [`Handle`](crate::Handle) is asked instead.
    ///
    /// # Errors
    /// The state cannot be read or written: they are still held.
    ///
    /// # Cancel safety
    /// Some of them may have been let go; called again, it lets the others go.
    pub async fn release_brake(&self) -> Result<Vec<AgentId>, EngineError> {
        let _alone = self.alone()?;
        let call = self.begin(false).await?;
        self.recall_wishes(&call);
        let released = self.board.release();
        let state = self.ledger.state();
        let now = self.clock().now();
        for record in state.agents().await.map_err(EngineError::State)? {
            let Some(wish) = released.get(&record.agent) else { continue };
            let mut memory = record.memory;
            memory.wish = Some(wish.clone());
            let agent = Some(AgentRecord { memory, ..record });
            self.write(Commit { agent, ..Commit::new(now) }).await?;
        }
        let events = vec![board::event(None, "released", None)];
        self.write(Commit { events, ..Commit::new(now) }).await?;
        Ok(released.into_keys().collect())
    }

    async fn write(&self, commit: Commit) -> Result<(), EngineError> {
        let written = self.ledger.commit(commit).await;
        written.map(drop).map_err(|LedgerError(error)| EngineError::Unwritten(error))
    }
}

fn event(kind: EventKind, scope: &Scope, data: serde_json::Value) -> NewEvent {
    let (agent, source) = match scope {
        Scope::All => (None, None),
        Scope::Source(name) => (None, Some(name.clone())),
        Scope::Agent(agent) => (Some(agent.clone()), Some(agent.source().to_owned())),
    };
    NewEvent { kind, agent, source, run: None, data }
}
