//! Plays a scenario: lets its things happen, at their instants, around the real engine.
//!
//! Whatever waits for an instant wakes at that instant, after everything that the scenario has
//! happen then. What came of it is told whenever the engine waits or is done.

use std::pin::Pin;

use anyhow::{Context as _, Result, bail, ensure};
use sweepd_decide::Timestamp;
use sweepd_schedule::Zone;
use sweepd_sweep::{EngineError, Report};

use super::act::{Act, What};
use super::clock::StepClock;
use super::faults::Faults;
use super::settings::Settings;
use super::tell::Teller;
use super::world::{World, start};

/// A call or the daemon under way. A daemon that is told to end has no report.
type UnderWay = Pin<Box<dyn Future<Output = Result<Option<Report>, EngineError>>>>;

struct Player<'a> {
    settings: Settings,
    zone: &'a Zone,
    world: World,
    teller: Teller,
    doing: Option<UnderWay>,
    daemon: bool,
    over: bool,
}

/// Until sweepd waits for an instant and for nothing else.
async fn asleep(clock: &StepClock, faults: &Faults) {
    loop {
        clock.asleep().await;
        if !faults.is_busy() {
            return;
        }
    }
}

/// How far the engine got.
enum Step {
    /// It waits for an instant.
    Waits,
    /// It has looked, and something happens before it goes on.
    Looked,
    /// It is where the scenario has it killed.
    Crashed,
    /// It is done.
    Done(Result<Option<Report>, EngineError>),
}

/// Plays everything in one zone; the lower half.
pub(super) async fn play(settings: &Settings, acts: &[Act], zone: &Zone) -> Result<String> {
    let begin = acts.first().map(|act| act.at).unwrap_or_default();
    let world = World::new(settings, settings.start.plus(begin))?;
    let teller = Teller::new(&world, settings)?;
    let settings = settings.clone();
    let mut player =
        Player { settings, zone, world, teller, doing: None, daemon: false, over: false };
    for act in acts {
        player.happen(act).await.with_context(|| format!("line {}", act.line))?;
    }
    player.finish().await?;
    player.teller.text(&player.world)
}

impl Player<'_> {
    async fn happen(&mut self, act: &Act) -> Result<()> {
        ensure!(!self.over, "the scenario has ended before");
        let at = self.world.origin.0.plus(act.at);
        self.pass_until(at, false).await?;
        ensure!(self.world.now() <= at, "the host is suspended at that time");
        self.world.hands.set(at);
        match &act.what {
            What::Sweep => {
                self.pass_until(at, true).await?;
                ensure!(
                    self.doing.is_none(),
                    "another call is still under way, or the daemon runs"
                );
                let engine = start(&self.world, &self.settings, self.zone)?;
                self.teller.begin();
                self.doing = Some(Box::pin(async move { engine.sweep().await.map(Some) }));
                self.drive().await?;
            }
            What::Run => {
                ensure!(self.doing.is_none(), "a call is still under way, or the daemon runs");
                let engine = start(&self.world, &self.settings, self.zone)?;
                self.daemon = true;
                self.teller.begin();
                let forever = std::future::pending();
                self.doing =
                    Some(Box::pin(async move { engine.run(forever).await.map(|_last| None) }));
                self.drive().await?;
            }
            What::End => {
                self.pass_until(at, true).await?;
                self.kill();
                self.over = true;
            }
            What::Kill => {
                ensure!(self.doing.is_some(), "there is nothing to kill");
                self.kill();
            }
            What::Mode(mode) => {
                self.settings.mode = *mode;
                self.teller.expect_mode(*mode);
            }
            What::Crash(point) => self.world.faults.crash_at(*point),
            What::Amid(what) => self.world.faults.amid_a_look((**what).clone()),
            what @ (What::Suspend(_)
            | What::Stall(_)
            | What::Step(_)
            | What::State { .. }
            | What::Runtime { .. }
            | What::Silent(_)
            | What::Host { .. }
            | What::Wakes { .. }
            | What::Agent { .. }) => {
                self.world.act(what).await?;
                self.teller.look_away(&self.world)?;
            }
        }
        Ok(())
    }

    /// Lets a call end by itself. A daemon does not.
    async fn finish(&mut self) -> Result<()> {
        if self.doing.is_some() && self.daemon {
            bail!("the daemon runs, and the scenario has no `end`");
        }
        self.pass_until(Timestamp::MAX, true).await
    }

    /// Lets time pass until `at`: whoever waits for an instant before it, or for it, goes on then.
    async fn pass_until(&mut self, at: Timestamp, inclusive: bool) -> Result<()> {
        while self.doing.is_some() {
            let next = self.world.clock.waiting().context("sweepd waits for nothing")?;
            if next > at || (next == at && !inclusive) {
                break;
            }
            self.world.hands.set(next.max(self.world.now()));
            if self.daemon {
                self.teller.begin();
            }
            self.world.clock.moved();
            self.drive().await?;
        }
        Ok(())
    }

    /// Lets the engine go on until it waits, is done, or is killed; and tells what came of it.
    async fn drive(&mut self) -> Result<()> {
        loop {
            match self.step().await {
                Step::Waits => return self.teller.tell(&mut self.world, None).await,
                Step::Looked => {
                    self.teller.tell(&mut self.world, None).await?;
                    for what in self.world.faults.happening() {
                        self.world.act(&what).await?;
                    }
                    self.teller.look_away(&self.world)?;
                    self.world.faults.go_on();
                }
                Step::Crashed => {
                    self.kill();
                    self.teller.tell(&mut self.world, None).await?;
                    self.teller.killed(&self.world);
                    return Ok(());
                }
                Step::Done(Ok(report)) => {
                    self.kill();
                    return self.teller.tell(&mut self.world, report.as_ref()).await;
                }
                Step::Done(Err(error)) => {
                    self.kill();
                    self.teller.failed(&self.world, &error);
                    return Ok(());
                }
            }
        }
    }

    async fn step(&mut self) -> Step {
        let Some(doing) = &mut self.doing else { return Step::Done(Ok(None)) };
        let (clock, faults) = (self.world.clock.as_ref(), self.world.faults.as_ref());
        tokio::select! {
            biased;
            done = doing.as_mut() => Step::Done(done),
            () = faults.crashed() => Step::Crashed,
            () = faults.looked() => Step::Looked,
            () = asleep(clock, faults) => Step::Waits,
        }
    }

    fn kill(&mut self) {
        self.doing = None;
        self.daemon = false;
        self.world.faults.buried();
        self.world.clock.forget();
    }
}
