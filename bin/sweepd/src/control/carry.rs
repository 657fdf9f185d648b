//! Carrying out what is asked, with the engine at hand.

use std::sync::Arc;

use anyhow::anyhow;
use serde_json::json;
use sweepd_decide::{AgentId, FindingKind, MessageId, Span};
use sweepd_store::LockError;
use sweepd_store::state::lock::StateLock;
use sweepd_sweep::ports::Clock as _;
use sweepd_sweep::{Engine, Handle, NotRunning, Order, Outcome, Report, Scope, SystemClock};

use super::{Answer, Request, client};
use crate::commands::{patience, sweep};
use crate::config::{Config, nearest};
use crate::exit::{Exit, Failure};
use crate::ground::lock_failure;
use crate::schema;
use crate::table;
use crate::wire::{Purpose, no_such_agent, wire};

/// So long a daemon that is ending or reading its configuration again is waited for.
const PATIENCE: Span = Span::from_mins(1);
/// Between two attempts.
const AGAIN: Span = Span::from_millis(200);

/// Asks the daemon, if one has the state; else does it by hand, under the state's lock.
pub(crate) async fn ask(config: Arc<Config>, request: &Request) -> Result<Answer, Failure> {
    let clock = SystemClock::new();
    let until = clock.now().plus(PATIENCE);
    loop {
        match ask_once(&config, request).await {
            // The daemon is ending, or reading its configuration again.
            Ok(Asked::Again) if clock.now() < until => {
                clock.sleep_until(clock.now().plus(AGAIN)).await;
            }
            Ok(Asked::Again) => return Err(ended(NotRunning::default())),
            Ok(Asked::Answered(answer)) => return Ok(answer),
            Err(failure) => return Err(failure),
        }
    }
}

/// What came of asking once.
pub(crate) enum Asked {
    /// An answer.
    Answered(Answer),
    /// Nobody could answer at this moment, and nothing was done.
    Again,
}

async fn ask_once(config: &Arc<Config>, request: &Request) -> Result<Asked, Failure> {
    match patience::wait_for(|| StateLock::sweep(&config.state_dir)).await {
        Ok(_lock) => {
            let wired = wire(Arc::clone(config), Purpose::ByHand).await?;
            if let Some(damage) = wired.damage() {
                return Err(Failure::new(Exit::Blind, anyhow!(damage)));
            }
            carry_out(&wired.engine, None, config, request).await.map(Asked::Answered)
        }
        Err(error) if patience::is_a_daemons(&error) => {
            let asked = client::ask(&config.state_dir, request).await;
            asked.map_err(|why| {
                let why = why.context(format!("{error}, and it cannot be asked"));
                let hint = "nothing is known of whether it was done: ask again, or see `sweepd \
                            status`";
                Failure::new(Exit::Blind, why).with_hint(hint)
            })?
        }
        Err(error @ LockError::Held { .. }) => {
            let hint = "a sweep has had it for 20 s: call again when it is done";
            Err(Failure::new(Exit::Usage, error).with_hint(hint))
        }
        Err(error) => Err(lock_failure(error)),
    }
}

/// Carries it out; `handle`: the engine runs, and is asked through it.
pub(crate) async fn carry_out(
    engine: &Engine,
    handle: Option<&Handle>,
    config: &Config,
    request: &Request,
) -> Result<Answer, Failure> {
    let at = At { engine, handle, config };
    match request {
        Request::Pass => at.pass().await,
        Request::Wake { scope } => at.order(Order::Wake, at.scope(scope)?, "wake").await,
        Request::Stop { scope } => at.order(Order::Stop, at.scope(scope)?, "stop").await,
        Request::Requeue { id } => at.requeue(id).await,
        Request::Pause { scope, until } => {
            let scope = at.scope(scope)?;
            at.is_there(&scope).await?;
            engine.pause(scope.clone(), *until).await.map_err(blind)?;
            let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
            Ok(at.plain(&format!(
                "paused {}{until}: looked at, and left alone; `sweepd resume` takes that back",
                whom(&scope)
            )))
        }
        Request::Resume { scope } => at.resume(&at.scope(scope)?).await,
        Request::ReleaseBrake => at.release().await,
        Request::Attend { wish, incidents, until } => at.attend(*wish, incidents, *until).await,
        Request::TestAlerts { sink } => at.test_alerts(sink.as_deref()).await,
        Request::RetryAlerts { ids } => at.retry_alerts(ids).await,
        Request::DropAlerts { ids } => at.drop_alerts(ids).await,
    }
}

pub(super) struct At<'a> {
    pub(super) engine: &'a Engine,
    pub(super) handle: Option<&'a Handle>,
    pub(super) config: &'a Config,
}

impl At<'_> {
    async fn pass(&self) -> Result<Answer, Failure> {
        let report = self.round(Order::Look, Scope::All).await?;
        let exit = sweep::exit(&report).number();
        told(&report, table::call(&report), exit)
    }

    async fn round(&self, order: Order, scope: Scope) -> Result<Report, Failure> {
        match (self.handle, &order) {
            (Some(handle), _) => handle.order(order, scope).await.map_err(ended),
            (None, Order::Look) => self.engine.sweep().await.map_err(blind),
            (None, _) => self.engine.carry_out(order, scope).await.map_err(blind),
        }
    }

    /// An order, and what came of it for each agent in its scope.
    async fn order(
        &self,
        order: Order,
        scope: Scope,
        effect: &'static str,
    ) -> Result<Answer, Failure> {
        let report = self.round(order, scope.clone()).await?;
        if report.agents.is_empty() && report.trouble.is_empty() {
            return Err(match &scope {
                Scope::Agent(agent) => no_such_agent(agent.as_str()),
                Scope::All | Scope::Source(_) => {
                    Failure::new(Exit::Usage, anyhow!("{} has no agents", whom(&scope)))
                }
            });
        }
        let well = |outcome| matches!(outcome, Outcome::Done | Outcome::AlreadyDone);
        let done = report.agents.iter().all(|agent| {
            let own = agent.effects.iter().filter(|one| table::is_of(effect, one.effect));
            let mut own = own.peekable();
            own.peek().is_some() && own.all(|one| well(one.outcome))
        });
        let exit = match (report.trouble.is_empty(), done) {
            (false, _) => Exit::Blind,
            (true, false) => Exit::Failing,
            (true, true) => Exit::Well,
        };
        told(&report, table::ordered(&report, effect), exit.number())
    }

    async fn requeue(&self, id: &str) -> Result<Answer, Failure> {
        let open = self.engine.incidents().await.map_err(blind)?;
        let mut dead = open.iter().filter(|open| open.kind == FindingKind::DeadLetter);
        let found = dead.find_map(|open| {
            let message = open.evidence.get("message_id")?.as_str()?;
            let agent = open.agent.clone()?;
            (format!("{agent}/{message}") == id).then(|| (agent, MessageId::new(message)))
        });
        let Some((agent, message)) = found else {
            let failure = Failure::new(Exit::Usage, anyhow!("there is no dead letter {id:?}"));
            return Err(failure.with_hint("`sweepd dead-letters` lists them with their ids"));
        };
        self.order(Order::Requeue(message), Scope::Agent(agent), "requeue").await
    }

    async fn resume(&self, scope: &Scope) -> Result<Answer, Failure> {
        if !self.engine.resume(scope.clone()).await.map_err(blind)? {
            let pauses = self.engine.pauses().await.map_err(blind)?;
            let others: Vec<String> =
                pauses.iter().map(|pause| format!("`{}`", pause.scope)).collect();
            let failure =
                Failure::new(Exit::Usage, anyhow!("{} is not paused as such", whom(scope)));
            return Err(if others.is_empty() {
                failure.with_hint("nobody is paused")
            } else {
                failure.with_hint(format!("what is paused: {}", others.join(", ")))
            });
        }
        if let Some(handle) = self.handle {
            // A daemon that has just ended is followed by one that looks at everybody.
            let _ended = handle.nudge(scope.clone()).await;
        }
        let whom = whom(scope);
        Ok(self.plain(&format!("resumed {whom}: served as configured from the next look on")))
    }

    async fn release(&self) -> Result<Answer, Failure> {
        let released: Vec<AgentId> = match self.handle {
            Some(handle) => handle.release_brake().await.map_err(ended)?,
            None => self.engine.release_brake().await.map_err(blind)?,
        };
        Ok(self.plain(&if released.is_empty() {
            "the brake holds nobody".to_owned()
        } else {
            let names: Vec<&str> = released.iter().map(AgentId::as_str).collect();
            let names = names.join(", ");
            format!("let go: {names}; each is stopped at its next look, if that still calls for it")
        }))
    }

    /// An agent that is to be paused has to be there: a slip must not pass for safety.
    async fn is_there(&self, scope: &Scope) -> Result<(), Failure> {
        let Scope::Agent(agent) = scope else { return Ok(()) };
        let there = self.engine.is_enlisted(agent).await;
        if there.map_err(|error| Failure::new(Exit::Blind, error))? {
            return Ok(());
        }
        Err(no_such_agent(agent.as_str()))
    }

    /// The scope that a person named: everybody, a source that is configured, or an agent of one.
    fn scope(&self, text: &str) -> Result<Scope, Failure> {
        let scope = Scope::named(text);
        let name = match &scope {
            Scope::All => return Ok(scope),
            Scope::Source(name) => name.as_str(),
            Scope::Agent(agent) => agent.source(),
        };
        if self.config.source_mode(name).is_some() {
            return Ok(scope);
        }
        let known = self.config.names().into_iter();
        let failure = Failure::new(Exit::Usage, anyhow!("there is no source {name:?}"));
        Err(match nearest(name, known) {
            Some(meant) => failure.with_hint(format!("did you mean {meant:?}?")),
            None => failure.with_hint("an agent is named as `sweepd status` shows it"),
        })
    }

    /// An answer in one sentence.
    pub(super) fn plain(&self, text: &str) -> Answer {
        let mut json = schema::answer(self.config.mode.into(), false, Vec::new(), &[]);
        json.insert("said".to_owned(), json!(text));
        let text = format!("{text}\n");
        Answer { json: json!(json), text, trouble: Vec::new(), exit: Exit::Well.number() }
    }
}

fn told(report: &Report, text: String, exit: u8) -> Result<Answer, Failure> {
    let json = serde_json::to_value(report).map_err(|e| Failure::new(Exit::Blind, e))?;
    Ok(Answer { json, text, trouble: report.trouble.clone(), exit })
}

fn whom(scope: &Scope) -> String {
    match scope {
        Scope::All => "everybody".to_owned(),
        Scope::Source(name) => format!("source {name}"),
        Scope::Agent(agent) => agent.to_string(),
    }
}

fn blind(error: sweepd_sweep::EngineError) -> Failure {
    Failure::new(Exit::Blind, error)
}

/// Nobody could answer: whoever asked may do so again.
fn ended(error: NotRunning) -> Failure {
    let failure = Failure::new(Exit::Blind, error).again();
    failure.with_hint("the daemon is ending, or reading its configuration again: ask once more")
}
