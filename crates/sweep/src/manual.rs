//! The manual for whoever embeds sweepd in a program of his own.
//!
//! | page | answers |
//! |---|---|
//! | [`levels`] | what does a host call, and how much does it get for that? |
//! | [`ports`] | what does each part of the host promise the engine? |
//! | [`cancel_safety`] | what if a future is dropped, or the process killed? |
//! | [`absence`] | what does the engine never do? |
//! | [`versions`] | what may change under a host's feet? |
//!
//! Three programs that run, without Docker and without files, are in `crates/sweep/examples`:
//! `cargo run -p sweepd-sweep --example level1_pass`.

pub mod levels {
    //! Three levels of embedding: the rules, one pass, a run.
    //!
    //! | level | a host calls | and gets |
    //! |---|---|---|
    //! | 0, rules | [`decide_stuck`](crate::decide::stuck::decide_stuck) | an answer; synchronous, `no_std` |
    //! | 1, pass | [`Engine::sweep`](crate::Engine::sweep) in its own loop | everything done that is due now, a report, when to look next |
    //! | 2, run | [`Engine::run`](crate::Engine::run), and a [`Handle`](crate::Handle) | all of it, at the very instant; nudges, orders, a polite end |
    //!
    //! # Level 0: the rules
    //!
    //! Facts and the time go in; an answer, its evidence and its expiry come out. A fact that a host
    //! does not know stays [`Unknown`](crate::decide::Observed::Unknown), and no rule acts on it.
    //! A stop needs looks that agree: what one look has left is handed in with the next.
    //!
    //! ```
    //! use sweepd_decide::stuck::{Action, decide_stuck};
    //! use sweepd_decide::{Observed, Policy, Recheck, Snapshot, Span, Timestamp};
    //!
    //! let start = Timestamp::from_millis(1_790_000_000_000);
    //! let mut seen = Snapshot::unknown();
    //! seen.start = Observed::Known(start);
    //! seen.heartbeat = Observed::Absent;
    //! seen.tool = Observed::Absent;
    //! seen.last_ack = Observed::Absent;
    //! seen.claims = Observed::Known(vec![]);
    //! seen.due = Observed::Known(vec![]);
    //!
    //! let mut policy = Policy::default();
    //! policy.never_beat = Some(Span::from_mins(30));
    //! let mut now = start;
    //! let action = loop {
    //!     let judgment = decide_stuck(&policy, &seen, now);
    //!     match (judgment.decision.action, judgment.decision.recheck) {
    //!         (Action::Ok | Action::Hold, Recheck::At(next)) => now = next,
    //!         (action, _) => break action,
    //!     }
    //!     seen.previous = judgment.record;
    //! };
    //! assert_eq!(action, Action::KillCeiling);
    //! assert_eq!(now, start.plus(Span::from_mins(30)).plus(Span::from_millis(5001)));
    //! ```
    //!
    //! # An engine
    //!
    //! Levels 1 and 2 need an engine over the host's own parts (see [`ports`](super::ports)). A
    //! source is served in [`Mode::Observe`](crate::Mode::Observe) unless it says otherwise: looked
    //! at, reported on, not touched.
    //!
    //! ```
    //! use std::sync::Arc;
    //! use sweepd_sweep::ports::{Clock, Runtime, Source, State, Waker};
    //! use sweepd_sweep::{Engine, Mode, Options, SourceSetup};
    //!
    //! fn engine(
    //!     clock: Arc<dyn Clock>,
    //!     state: Arc<dyn State>,
    //!     source: Arc<dyn Source>,
    //!     runtime: Arc<dyn Runtime>,
    //!     waker: Arc<dyn Waker>,
    //! ) -> Engine {
    //!     let mut setup = SourceSetup::new(source, runtime, waker);
    //!     setup.mode = Mode::Enforce;
    //!     let mut options = Options::default();
    //!     options.mode = Mode::Enforce;
    //!     Engine::new(clock, state, "my-installation", vec![setup], options)
    //! }
    //! ```
    //!
    //! It needs a Tokio runtime whose timer is on, of any flavor: the budget of a look is measured by
    //! it. One engine at a time acts on a state, and one call at a time on an engine: a `sweep` beside
    //! a `run` would judge and stop an agent whose turn is under way. The host sees to that.
    //!
    //! # Level 1: a pass
    //!
    //! [`Report::next_look`](crate::Report::next_look) says when time alone will change an answer. It
    //! cannot say when the world will, and names nothing for whom nobody could look at or write
    //! down: so a loop has a longest wait of its own.
    //!
    //! ```
    //! use sweepd_sweep::decide::Span;
    //! use sweepd_sweep::ports::Clock;
    //! use sweepd_sweep::{Engine, EngineError};
    //!
    //! async fn serve(engine: &Engine, clock: &dyn Clock) -> Result<(), EngineError> {
    //!     loop {
    //!         let report = engine.sweep().await?;
    //!         for agent in &report.agents {
    //!             // agent.state, agent.decision, agent.effects …
    //!         }
    //!         let latest = clock.now().plus(Span::from_mins(1));
    //!         clock.sleep_until(report.next_look().map_or(latest, |at| at.min(latest))).await;
    //!     }
    //! }
    //! ```
    //!
    //! [`Options::patience`](crate::Options::patience) is how long one call may wait for the look that
    //! confirms a stop, and how late in it a stop may begin. A loop like this one can do with a second;
    //! with none at all no stop would ever begin.
    //!
    //! # Level 2: a run
    //!
    //! [`Engine::run`](crate::Engine::run) looks when a limit falls due, when it is nudged, when a
    //! hint comes, and at everybody each [`Options::resync`](crate::Options::resync). When `shutdown`
    //! resolves nothing is begun any more, and whatever is under way is finished.
    //!
    //! ```
    //! use sweepd_sweep::{Engine, EngineError, Order, Report, Scope};
    //! use tokio::sync::oneshot;
    //!
    //! async fn serve(engine: &Engine, end: oneshot::Receiver<()>) -> Result<Report, EngineError> {
    //!     let handle = engine.handle();
    //!     let ask = async {
    //!         let ada = || Scope::Agent("office/ada".into());
    //!         engine.pause(ada(), None).await?;
    //!         // Whoever is paused is left alone, but a person's order is carried out.
    //!         if let Ok(report) = handle.order(Order::Stop, ada()).await {
    //!             assert!(report.agents.len() <= 1);
    //!         }
    //!         engine.resume(ada()).await?;
    //!         // Something has changed that the engine cannot know of.
    //!         drop(handle.nudge(ada()).await);
    //!         // What is known of her, and what is open about her: no look, no waiting.
    //!         if let Ok(known) = handle.status(ada()).await {
    //!             assert!(known.agents.len() <= 1);
    //!         }
    //!         Ok::<_, EngineError>(())
    //!     };
    //!     let (report, asked) = tokio::join!(engine.run(async { drop(end.await) }), ask);
    //!     asked.and(report)
    //! }
    //! ```
    //!
    //! [`Handle::subscribe`](crate::Handle::subscribe) hears everything that is written down from then
    //! on, once it is written down: events, and incidents that open and end. Whoever is slow holds up
    //! nobody, and is told how much he missed.
    //!
    //! ```
    //! use sweepd_sweep::{Handle, Happened};
    //!
    //! async fn tell(handle: &Handle) {
    //!     let mut ear = handle.subscribe();
    //!     while let Some(happened) = ear.next().await {
    //!         match happened {
    //!             Happened::Opened { incident, .. } => println!("{}", incident.summary),
    //!             Happened::Resolved { key, how, .. } => println!("{key}: {how}"),
    //!             Happened::Missed(some) => println!("{some} more, which the state knows"),
    //!             _ => {}
    //!         }
    //!     }
    //! }
    //! ```
    //!
    //! While its engine does not run, before and after, a handle answers
    //! [`NotRunning`](crate::NotRunning). While it does, another `run`, a `sweep` and a `carry_out` of
    //! the same engine answer [`EngineError::Running`](crate::EngineError::Running).
}

pub mod ports {
    //! What each part of a host promises the engine.
    //!
    //! The traits are in [`ports`](crate::ports). No port retries, decides, or waits for longer than a
    //! deadline of its own: the engine bounds a look by
    //! [`Options::agent_budget`](crate::Options::agent_budget), and nothing else. A port that never
    //! answers holds up whoever asked it.
    //!
    //! | port | promises |
    //! |---|---|
    //! | [`Clock`](crate::ports::Clock) | UTC; all clocks of one host and boot at one instant, so that a suspend and a step can be told from time passing; waiting that is not late: more than 5 s is doubt, and nobody is stopped for a minute |
    //! | [`State`](crate::ports::State) | a commit is taken whole and for good, or not at all; what it held is found by the next read, and by the next process; one writer |
    //! | [`Source`](crate::ports::Source) | agents called `<name>/…` by its own name; a change is applied only to a row that still looks as it did *before*, and twice is as good as once |
    //! | [`Runtime`](crate::ports::Runtime) | a whole list or an error; ids that no successor takes over; a stop that leaves a run alone that was started anew, and succeeds when the end was *seen* |
    //! | [`Waker`](crate::ports::Waker) | a run that was seen up, or one joined that was up already |
    //! | [`Keeper`](crate::ports::Keeper) | an always-on container made under its own name or not at all: never another, and never one of that name that somebody else has made |
    //! | [`Learner`](crate::ports::Learner) | what a run was made of, enough for its keeper or waker to make the next |
    //! | [`Hints`](crate::ports::Hints) | nothing: a hint says *look*, and what is not hinted is found at the resync |
    //!
    //! # Which runs are whose
    //!
    //! A run is an agent's if it carries [`INSTALL_LABEL`](crate::INSTALL_LABEL) with the engine's
    //! installation and [`AGENT_LABEL`](crate::AGENT_LABEL) with the agent's id, or has the agent's
    //! directory as its workspace. One with our label is removed once it has ended and is settled.
    //! An agent that is an always-on container ([`Enlisted::container`](crate::ports::Enlisted)) is
    //! the run of exactly that name.
    //!
    //! # Errors
    //!
    //! [`PortError::Unreachable`](crate::ports::PortError::Unreachable) is *don't know*: nothing is
    //! done to whom it concerns. Any other error is an answer. A state that cannot be read ends the
    //! call or the run with an [`EngineError`](crate::EngineError); one that cannot be written means
    //! that nothing is done, and is among the report's troubles and incidents.
    //!
    //! # A host of its own
    //!
    //! [`Source::host`](crate::ports::Source::host) is about *another* program that sweeps the same
    //! agents. Where the engine is part of the only one, it answers
    //! [`Absent`](crate::ports::HostState::Absent); `Alive` would keep the engine from waking and
    //! writing.
    //!
    //! # A state in memory, or elsewhere
    //!
    //! All that the engine ever writes is a [`Commit`](crate::ports::Commit), and a state takes every
    //! field of it:
    //!
    //! * `agent`, `source`, `clock` replace what was there of the same name;
    //! * `intents` get numbers, told in their order, and stay until `settled` names them;
    //! * an incident that is *seen* opens, or stays open since when it did, its good looks begun anew;
    //!   *good* counts one; *resolved* ends it;
    //! * `spec` replaces what was learned under the same name; it may hold secrets;
    //! * `paused` replaces the pause of the same scope, `resumed` takes exactly that one back;
    //! * `events` and `decision` are for people: nothing reads them back.
    //!
    //! A clock, as the smallest of the ports:
    //!
    //! ```
    //! use std::sync::atomic::{AtomicI64, Ordering};
    //! use sweepd_sweep::decide::Timestamp;
    //! use sweepd_sweep::ports::{Clock, ClockReading, Doing};
    //!
    //! /// Leaps to whatever is waited for.
    //! struct Leaping(AtomicI64);
    //!
    //! impl Clock for Leaping {
    //!     fn now(&self) -> Timestamp {
    //!         Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    //!     }
    //!
    //!     fn reading(&self) -> ClockReading {
    //!         let ms = self.now().as_millis();
    //!         ClockReading { boot_id: "b".into(), realtime: ms, boottime: ms, monotonic: ms }
    //!     }
    //!
    //!     fn sleep_until(&self, at: Timestamp) -> Doing<'_, ()> {
    //!         Box::pin(async move {
    //!             tokio::task::yield_now().await;
    //!             self.0.fetch_max(at.as_millis(), Ordering::SeqCst);
    //!         })
    //!     }
    //! }
    //! ```
}

pub mod cancel_safety {
    //! What if a future is dropped, or the process killed? The same.
    //!
    //! Whatever is going to be done to anybody is committed first: a wake as begun, a stop with its
    //! run and the claims it will charge, a row change with the row before and after. Then it is
    //! done; then it is committed how it went. So a call or a run may be dropped at every await:
    //!
    //! * what was not begun is decided afresh by the next look;
    //! * what was begun is found by the next call over the same state: the run is up or has ended, the
    //!   row is as before or as after. Nothing is done or charged twice;
    //! * what had not been written down of it yet is made good then.
    //!
    //! Dropping is safe, and a polite end is better: when `shutdown` resolves, [`Engine::run`]
    //! finishes what is under way. An order through a [`Handle`](crate::Handle) is carried out also
    //! if nobody waits for its answer any more.
    //!
    //! Futures of ports are dropped with the call that awaits them, amid whatever they do: each
    //! method of a port says what may be left then.
    //!
    //! [`Engine::run`]: crate::Engine::run
}

pub mod absence {
    //! What the engine never does.
    //!
    //! * It installs no `tracing` subscriber and no panic hook; its events go to the host's own.
    //! * It installs no signal handler, and never ends the process.
    //! * It reads no environment, and no file but the boot id ([`SystemClock`](crate::SystemClock))
    //!   and, where a host names a zone, the time zone data where the system keeps them (`TZDIR`).
    //! * It prints nothing.
    //! * It starts no runtime and spawns no task that it does not await. Work that blocks is done on
    //!   Tokio's threads for that, by the adapters only.
    //! * It does nothing on ignorance: what could not be looked at is neither stopped, woken nor
    //!   charged.
    //! * It retries nothing by itself: when to try again is a decision, with an instant.
    //! * Without its default features it brings no database, no container client and no file watcher.
}

pub mod versions {
    //! What may change under a host's feet.
    //!
    //! * Facts may be added. [`Snapshot`](crate::decide::Snapshot) begins with every fact unknown and
    //!   is `#[non_exhaustive]`: a fact that is added later is unknown to an old host, and ignorance
    //!   never destroys.
    //! * Limits, options and what a report tells may be added: [`Policy`](crate::decide::Policy),
    //!   [`Options`](crate::Options), [`SourceSetup`](crate::SourceSetup) and the
    //!   [`Report`](crate::Report) with its parts are `#[non_exhaustive]` too. Begin with a default and
    //!   set what differs. So is [`Memory`](crate::decide::Memory), which a state keeps as it is.
    //! * Errors may be added: [`EngineError`](crate::EngineError),
    //!   [`PortError`](crate::ports::PortError).
    //! * What a port takes and returns is written out in full by both sides, and an enum of which every
    //!   case must be handled can be matched in full. A field or a case that is added there breaks a
    //!   host's build, and is a new major version: a field of a commit that a state overlooks would be
    //!   lost.
    //! * No type of rusqlite, bollard, hyper or notify is in a public signature: their versions are not
    //!   the host's affair.
    //! * A feature adds API. It never changes a decision, a default or an event.
}
